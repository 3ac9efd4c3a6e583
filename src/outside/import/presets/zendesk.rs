//! Zendesk tickets: JSON of the API (single, in pages, or one per line), and the CSV of a view, whose only text is the
//! subject.

use serde_json::{Map, Value};

use super::Spec;
use crate::outside::import::draft::FeedbackDraft;
use crate::outside::import::formats::record::{Record, objects_at, pick, text};
use crate::outside::import::mapping::Rule;

const KINDS: &[(&str, &str)] =
    &[("problem", "bug"), ("incident", "bug"), ("question", "question"), ("task", "request")];

const SEVERITIES: &[(&str, &str)] = &[("urgent", "critical"), ("high", "high"), ("normal", "medium"), ("low", "low")];

const RATINGS: &[(&str, &str)] = &[("good", "5"), ("good_with_comment", "5"), ("bad", "1"), ("bad_with_comment", "1")];

/// The channel names of the API, and those of a view's "Via" column.
const SOURCES: &[(&str, &str)] = &[
    ("email", "email"),
    ("mail", "email"),
    ("chat", "chat"),
    ("chat_transcript", "chat"),
    ("messaging", "chat"),
    ("native_messaging", "chat"),
    ("sms", "chat"),
    ("text_message", "chat"),
    ("text message", "chat"),
    ("whatsapp", "chat"),
    ("line", "chat"),
    ("voice", "call"),
    ("phone", "call"),
    ("voicemail", "call"),
    ("phone call (incoming)", "call"),
    ("phone call (inbound)", "call"),
    ("phone call (outbound)", "call"),
    ("twitter", "social"),
    ("twitter_dm", "social"),
    ("facebook", "social"),
    ("facebook post", "social"),
    ("facebook message", "social"),
    ("facebook_messenger", "social"),
    ("instagram_dm", "social"),
    ("x_corp", "social"),
];

/// A feedback has at most 100 free-form fields, some of which we use ourselves.
const MAX_CUSTOM_FIELDS: usize = 90;

pub(super) const SPEC: Spec = Spec {
    signatures: &[
        &["description", "requester_id", "via"],
        &["subject", "requester_id", "via"],
        &["Requester", "Subject", "Ticket type"],
    ],
    rules: &[
        Rule::plain("text", "description"),
        Rule::plain("text", "subject"),
        Rule::plain("title", "subject"),
        Rule::plain("external_id", "id"),
        Rule::plain("occurred_at", "created_at"),
        Rule::plain("occurred_at", "Created at"),
        Rule::words("kind", "type", KINDS),
        Rule::words("kind", "Ticket type", KINDS),
        Rule::words("severity", "priority", SEVERITIES),
        Rule::words("rating", "satisfaction_rating.score", RATINGS),
        Rule::words("rating", "Satisfaction Score", RATINGS),
        Rule::words("source", "via.channel", SOURCES),
        Rule::words("source", "via", SOURCES),
        Rule::always("source", "ticket"),
        Rule::spaced("tags", "tags"),
        Rule::plain("customer.external_id", "requester_id"),
        Rule::plain("customer.external_id", "requester.id"),
        Rule::plain("customer.external_id", "Requester id"),
        Rule::plain("customer.email", "requester.email"),
        Rule::plain("customer.email", "Requester email"),
        Rule::plain("customer.name", "requester.name"),
        Rule::plain("customer.name", "Requester"),
        Rule::plain("customer.account.name", "organization.name"),
        Rule::plain("customer.account.name", "Organization"),
        Rule::plain("fields.status", "status"),
        Rule::plain("fields.organization_id", "organization_id"),
        Rule::plain("fields.satisfaction_comment", "satisfaction_rating.comment"),
        Rule::plain("fields.reference", "external_id"),
        Rule::plain("fields.group", "Group"),
    ],
    finish,
};

/// Turns custom fields into free-form fields by their ids, and removes the `-` that a view writes for missing values.
fn finish(record: &Record, draft: &mut FeedbackDraft) -> bool {
    let custom = objects_at(record, "custom_fields");
    let given = custom.filter_map(|field| Some((text(field.get("id")?)?, pick(field, "value")?)));
    for (id, value) in given.take(MAX_CUSTOM_FIELDS) {
        draft.set(&format!("fields.{id}"), value.clone());
    }
    drop_dashes(draft.object());
    true
}

fn drop_dashes(object: &mut Map<String, Value>) {
    object.retain(|_, value| match value {
        Value::Object(inner) => {
            drop_dashes(inner);
            !inner.is_empty()
        }
        value => value.as_str() != Some("-"),
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::outside::import::Preset;
    use crate::outside::import::tests::rows;

    #[test]
    fn tickets_of_the_api_are_read_alone_in_pages_and_line_by_line() {
        let ticket = json!({
            "url": "https://acme.zendesk.com/api/v2/tickets/35436.json", "id": 35436, "external_id": "crm-9",
            "via": {"channel": "voice", "source": {"from": {}, "rel": null}}, "created_at": "2024-03-12T09:41:00Z",
            "type": "incident", "subject": "환불 문의", "description": "환불이 2주째 안 들어와요.", "priority": "urgent",
            "status": "open", "requester_id": 20978392, "organization_id": 509974, "tags": ["refund", "vip"],
            "custom_fields": [{"id": 27642, "value": "745"}, {"id": 27648, "value": null}],
            "satisfaction_rating": {"id": 1234, "score": "bad", "comment": "Too slow"},
        });
        let expected = json!({
            "text": "환불이 2주째 안 들어와요.", "title": "환불 문의", "external_id": "35436", "source": "call",
            "occurred_at": "2024-03-12T09:41:00Z", "kind": "bug", "severity": "critical", "rating": 1,
            "tags": ["refund", "vip"], "customer": {"external_id": "20978392"},
            "fields": {"status": "open", "organization_id": 509974, "satisfaction_comment": "Too slow",
                       "reference": "crm-9", "27642": "745"},
        });
        let files = [
            format!("[{ticket}]"),
            format!("{ticket}\n"),
            json!({"tickets": [ticket], "next_page": null, "count": 1}).to_string(),
        ];
        for file in files {
            assert_eq!(rows(file.as_bytes()), (Preset::Zendesk, vec![expected.clone()]));
        }
    }

    #[test]
    fn the_csv_of_a_view_has_a_subject_for_a_text() {
        let csv = "Summation column,Id,Requester,Requester id,Requester external id,Requester email,Requester domain,\
                   Submitter,Assignee,Group,Subject,Tags,Status,Priority,Via,Ticket type,Created at,Updated at,\
                   Organization,Satisfaction Score\n\
                   1,42,Kim Min-ji,208,-,kim@example.com,example.com,Kim Min-ji,-,Support,Can't log in,login app,Open,\
                   Normal,Mail,Problem,2024-03-12 09:41,2024-03-13 10:00,-,Good\n";
        let expected = json!({
            "text": "Can't log in", "external_id": "42", "source": "email", "occurred_at": "2024-03-12T09:41:00Z",
            "kind": "bug", "severity": "medium", "rating": 5, "tags": ["login", "app"],
            "customer": {"external_id": "208", "email": "kim@example.com", "name": "Kim Min-ji"},
            "fields": {"status": "Open", "group": "Support"},
        });
        assert_eq!(rows(csv.as_bytes()), (Preset::Zendesk, vec![expected]));
    }
}
