//! Intercom conversations, as the API gives them: what the customer wrote, first and later, is one feedback.

use serde_json::Value;

use super::super::mapping::{Draft, Rule};
use super::super::record::{Record, objects_at, pick, text_at};
use super::Spec;
use crate::domain::html;

/// The authors who are customers; others are the team and its robots.
const CUSTOMERS: &[&str] = &["user", "lead", "contact", "visitor"];

const SOURCES: &[(&str, &str)] = &[
    ("email", "email"),
    ("phone_call", "call"),
    ("phone_switch", "call"),
    ("facebook", "social"),
    ("instagram", "social"),
    ("twitter", "social"),
];

pub(super) const SPEC: Spec = Spec {
    signatures: &[&["source.author", "contacts"], &["source.author", "conversation_parts"]],
    rules: &[
        Rule::plain("external_id", "id"),
        Rule::html("title", "title"),
        Rule::html("title", "source.subject"),
        Rule::plain("occurred_at", "created_at"),
        Rule::words("source", "source.type", SOURCES),
        Rule::always("source", "chat"),
        Rule::words("severity", "priority", &[("priority", "high")]),
        Rule::plain("rating", "conversation_rating.rating"),
        Rule::plain("tags", "tags.tags"),
        Rule::plain("fields.state", "state"),
        Rule::plain("fields.page", "source.url"),
        Rule::plain("fields.rating_remark", "conversation_rating.remark"),
    ],
    finish,
};

fn finish(record: &Record, draft: &mut Draft) -> bool {
    let Some(source) = pick(record, "source").and_then(Value::as_object) else { return true };
    let parts = objects_at(record, "conversation_parts.conversation_parts");
    let said: Vec<_> = std::iter::once(source).chain(parts).filter(|part| is_customers(part)).collect();
    let words = said.iter().filter_map(|part| text_at(part, "body")).map(|body| html::text(&body));
    let words: Vec<_> = words.filter(|text| !text.is_empty()).collect();
    draft.set_text("text", Some(words.join("\n\n")));

    let author = said.iter().find_map(|part| pick(part, "author")?.as_object());
    let of_author = |key| author.and_then(|author| text_at(author, key));
    draft.set_text("customer.external_id", text_at(record, "contacts.contacts.0.id").or_else(|| of_author("id")));
    draft.set_text("customer.email", of_author("email"));
    draft.set_text("customer.name", of_author("name"));
    draft.has("text") // a message of ours that nobody answered is no feedback
}

/// Whether a part of the conversation is the customer's; a part that does not say is taken to be.
fn is_customers(part: &Record) -> bool {
    text_at(part, "author.type").is_none_or(|author| CUSTOMERS.contains(&author.as_str()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::Preset;
    use super::super::super::tests::rows;

    fn conversation(author: &str, parts: Value) -> Value {
        json!({
            "type": "conversation", "id": "1911", "title": null, "created_at": 1_710_236_460, "state": "closed",
            "priority": "priority", "contacts": {"contacts": [{"id": "6657a", "external_id": "70"}]},
            "tags": {"tags": [{"type": "tag", "id": "1", "name": "billing"}]},
            "conversation_rating": {"rating": 2, "remark": "meh"},
            "source": {"type": "email", "subject": "<p>Invoice</p>", "url": null,
                       "body": "<p>The invoice is <b>wrong</b>.</p><p>Twice &amp; again</p>",
                       "author": {"type": author, "id": "5310", "name": "Ana", "email": "ana@example.com"}},
            "conversation_parts": {"conversation_parts": parts},
        })
    }

    #[test]
    fn what_the_customer_wrote_first_and_later_is_one_feedback() {
        let part =
            |author: &str, body: Value| json!({"part_type": "comment", "body": body, "author": {"type": author}});
        let parts = json!([
            part("admin", json!("<p>Which one?</p>")),
            part("user", json!("<p>No. 7<br>of March</p>")),
            part("bot", json!("Rate us")),
            part("user", json!(null)),
            part("lead", json!("송장이 또 틀려요")),
        ]);
        let expected = json!({
            "text": "The invoice is wrong.\nTwice & again\n\nNo. 7\nof March\n\n송장이 또 틀려요", "title": "Invoice",
            "external_id": "1911", "occurred_at": "2024-03-12T09:41:00Z", "source": "email", "severity": "high",
            "rating": 2, "tags": ["billing"], "fields": {"state": "closed", "rating_remark": "meh"},
            "customer": {"external_id": "6657a", "email": "ana@example.com", "name": "Ana"},
        });
        let file = json!({"type": "conversation.list", "conversations": [conversation("user", parts)]}).to_string();
        assert_eq!(rows(file.as_bytes()), (Preset::Intercom, vec![expected]));
    }

    #[test]
    fn a_message_of_ours_without_an_answer_is_dropped() {
        let file = json!([conversation("admin", json!([])), conversation("lead", json!([]))]).to_string();
        assert_eq!(rows(file.as_bytes()).1.len(), 1);
    }
}
