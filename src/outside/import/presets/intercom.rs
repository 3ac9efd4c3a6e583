//! Intercom conversations from the API. All messages of a customer in a conversation become one feedback.

use serde_json::Value;

use super::Spec;
use crate::domain::base::html;
use crate::outside::import::draft::FeedbackDraft;
use crate::outside::import::formats::record::{Record, objects_at, pick, text_at};
use crate::outside::import::mapping::Rule;

/// The author types of customers; the others are the team and bots.
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

/// Splits a conversation by customer. The first customer who writes gets the conversation's id; for each other
/// customer, the customer's id is appended to it.
fn finish(record: &Record, draft: &mut FeedbackDraft) -> bool {
    let Some(source) = pick(record, "source").and_then(Value::as_object) else { return true };
    let parts = objects_at(record, "conversation_parts.conversation_parts");
    let messages = std::iter::once(source).chain(parts).filter(|part| is_customers(part));
    let mut speakers: Vec<ConversationCustomer> = Vec::new();
    for part in messages {
        let Some(words) = text_at(part, "body").map(|body| html::text(&body)).filter(|words| !words.is_empty()) else {
            continue;
        };
        let author = pick(part, "author").and_then(Value::as_object);
        let id = author.and_then(|author| text_at(author, "id"));
        match speakers.iter_mut().find(|speaker| speaker.id == id || id.is_none()) {
            Some(speaker) => speaker.words.push(words),
            None => speakers.push(ConversationCustomer { id, author, words: vec![words] }),
        }
    }
    let contacts: Vec<&Record> = objects_at(record, "contacts.contacts").collect();
    // With a single contact, all customer messages are from that contact, whatever author the parts name.
    if contacts.len() == 1 && speakers.len() > 1 && speakers.iter().all(|speaker| !is_known(&contacts, speaker)) {
        let more: Vec<String> = speakers.drain(1..).flat_map(|speaker| speaker.words).collect();
        speakers[0].words.extend(more);
    }
    let mut speakers = speakers.into_iter();
    let Some(first) = speakers.next() else {
        return false; // A message of ours that nobody answered is not feedback.
    };
    let shared = draft.object().clone();
    for speaker in speakers {
        let mut other = FeedbackDraft::of(shared.clone());
        let id = format!("{}#{}", text_at(record, "id").unwrap_or_default(), speaker.id.as_deref().unwrap_or_default());
        other.object().insert("external_id".to_owned(), id.into());
        speaker.tell(&contacts, &mut other);
        draft.others.push(other.into_object());
    }
    first.tell(&contacts, draft);
    true
}

/// A customer who writes in a conversation.
struct ConversationCustomer<'r> {
    id: Option<String>,
    author: Option<&'r Record>,
    words: Vec<String>,
}

fn is_known(contacts: &[&Record], speaker: &ConversationCustomer<'_>) -> bool {
    speaker.id.is_some() && contacts.iter().any(|contact| text_at(contact, "id") == speaker.id)
}

impl ConversationCustomer<'_> {
    /// Adds the customer's text and identity. The identity is the author of the part; in a conversation with one
    /// contact it is that contact, whose id is permanent.
    fn tell(&self, contacts: &[&Record], draft: &mut FeedbackDraft) {
        draft.set_text("text", Some(self.words.join("\n\n")));
        let contact = match contacts {
            [only] => Some(*only),
            _ => contacts.iter().copied().find(|contact| text_at(contact, "id") == self.id),
        };
        let of = |who: Option<&Record>, key| who.and_then(|who| text_at(who, key));
        draft.set_text("customer.external_id", of(contact, "id").or_else(|| self.id.clone()));
        draft.set_text("customer.email", of(self.author, "email").or_else(|| of(contact, "email")));
        draft.set_text("customer.name", of(self.author, "name").or_else(|| of(contact, "name")));
    }
}

/// Whether a part of the conversation is the customer's; this is assumed where the part does not say.
fn is_customers(part: &Record) -> bool {
    text_at(part, "author.type").is_none_or(|author| CUSTOMERS.contains(&author.as_str()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::outside::import::Preset;
    use crate::outside::import::tests::rows;

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
    fn first_and_later_messages_of_a_customer_are_one_feedback() {
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
        assert_eq!(rows(file.as_bytes()).1[0], json!("not_feedback"));
        assert_eq!(rows(file.as_bytes()).1.len(), 2);
    }

    #[test]
    fn in_a_group_each_customer_said_their_own_words() {
        let author = |id: &str, name: &str| json!({"type": "user", "id": id, "name": name, "email": format!("{name}@example.com")});
        let conversation = json!({
            "id": "1", "created_at": 1_710_236_460, "contacts": {"contacts": [{"id": "A"}, {"id": "B"}]},
            "source": {"type": "email", "body": "<p>My statement is wrong</p>", "author": author("B", "bob")},
            "conversation_parts": {"conversation_parts": [
                {"body": "<p>Mine too</p>", "author": author("A", "ann")},
                {"body": "<p>Since May</p>", "author": author("B", "bob")},
            ]},
        });
        let rows = rows(json!([conversation]).to_string().as_bytes()).1;
        let told: Vec<_> = rows
            .iter()
            .map(|row| [&row["external_id"], &row["customer"]["external_id"], &row["customer"]["email"], &row["text"]])
            .map(|told| told.map(|value| value.as_str().unwrap()))
            .collect();
        assert_eq!(
            told,
            [
                ["1", "B", "bob@example.com", "My statement is wrong\n\nSince May"],
                ["1#A", "A", "ann@example.com", "Mine too"],
            ]
        );
    }
}
