//! Feedback, customers and accounts as they are stored, without what the API joins to them.

use serde_json::{Map, Value};

use super::own_words::own_words;
use super::{AccountRef, CustomerRef, Feedback, Fields, Kind, KindSource, SetAside, Severity, Source, State};
use crate::domain::base::text::email_fold;
use crate::domain::base::{Id, Time};

/// The stored fields of a feedback. [`Feedback`] is a feedback in the form of the API.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedbackRecord {
    pub id: Id,
    pub product_id: Id,
    pub customer_id: Option<Id>,
    pub theme_id: Option<Id>,
    /// Cosine to the nearest earlier item when it arrived; `None` where a person assigned the theme.
    pub similarity: Option<f64>,
    /// Whether a person assigned the theme.
    pub pinned: bool,
    pub state: State,
    pub text: String,
    pub title: Option<String>,
    pub source: Source,
    pub origin: String,
    pub external_id: Option<String>,
    pub url: Option<String>,
    pub occurred_at: Time,
    pub rating: Option<i32>,
    pub nps: Option<i32>,
    pub votes: Option<i32>,
    pub severity: Option<Severity>,
    pub kind: Option<Kind>,
    /// `None` for feedback of an earlier version whose kind has not been recognised yet.
    pub kind_source: Option<KindSource>,
    pub set_aside: Option<SetAside>,
    pub language: Option<String>,
    pub tags: Vec<String>,
    pub fields: FieldsText,
    pub submitted_by: Option<Id>,
    pub dismissed_reason: Option<String>,
    /// The names of the fields that people edited; filing again leaves them alone.
    pub edited: Vec<String>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// The account of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belonging {
    /// The account's name.
    pub account: String,
    pub segment: Option<String>,
}

impl FeedbackRecord {
    /// The text for the search index: the title, then the text.
    pub fn words(&self) -> String {
        words_of(self.title.as_deref(), &self.text)
    }

    /// The text for the engine, labels, keywords and drafts: the title, then the customer's own words in the text
    /// (without quotations of others).
    pub fn own_words(&self) -> String {
        own_words(self.title.as_deref(), &self.text)
    }

    /// Whether a person edited this field.
    pub fn is_edited(&self, field: &str) -> bool {
        self.edited.iter().any(|name| name == field)
    }
}

impl From<FeedbackRecord> for Feedback {
    /// The feedback in the form of the API, without its customer and theme.
    fn from(record: FeedbackRecord) -> Self {
        Feedback {
            id: record.id,
            product_id: record.product_id,
            state: record.state,
            text: record.text,
            title: record.title,
            source: record.source,
            origin: record.origin,
            external_id: record.external_id,
            url: record.url,
            occurred_at: record.occurred_at,
            customer: None,
            rating: record.rating,
            nps: record.nps,
            votes: record.votes,
            severity: record.severity,
            kind: record.kind,
            kind_source: record.kind_source,
            set_aside: record.set_aside,
            language: record.language,
            tags: record.tags,
            fields: record.fields.read(),
            theme: None,
            submitted_by: record.submitted_by,
            dismissed_reason: record.dismissed_reason,
            version: record.version,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}

/// The title, then the text.
pub fn words_of(title: Option<&str>, text: &str) -> String {
    match title {
        Some(title) => format!("{title}\n{text}"),
        None => text.to_owned(),
    }
}

/// The free-form fields of a feedback as JSON text, as they are stored. Most readers of feedback never look at them, so
/// they are parsed on demand only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldsText(String);

impl FieldsText {
    /// The fields; none where the text is no JSON object.
    pub fn read(&self) -> Fields {
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// Fields from their stored text.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text to store.
    pub fn into_text(self) -> String {
        self.0
    }
}

impl Default for FieldsText {
    fn default() -> Self {
        Self("{}".to_owned())
    }
}

impl From<&Fields> for FieldsText {
    fn from(fields: &Fields) -> Self {
        let text: &Map<String, Value> = &fields.0;
        Self(serde_json::to_string(text).unwrap_or_default())
    }
}

/// An e-mail address, with the form in which addresses are compared. No two customers have the same folded address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailAddress {
    /// As it was written.
    pub text: String,
    pub folded: String,
}

impl MailAddress {
    /// An address, without the spaces around it.
    pub fn new(text: &str) -> Self {
        Self { text: text.trim().to_owned(), folded: email_fold(text) }
    }
}

/// The stored fields of a customer. [`super::Customer`] is a customer in the form of the API.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerRecord {
    pub id: Id,
    pub account_id: Option<Id>,
    pub name: Option<String>,
    pub email: Option<MailAddress>,
    /// The customer that this one was merged into.
    pub merged_into: Option<Id>,
    pub erased_at: Option<Time>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
    /// When they unsubscribed from mail.
    pub unsubscribed_at: Option<Time>,
    /// When a mail to their address bounced.
    pub bounced_at: Option<Time>,
}

impl CustomerRecord {
    /// A new customer, of whom only the id is known.
    pub fn new(id: Id, now: Time) -> Self {
        Self {
            id,
            account_id: None,
            name: None,
            email: None,
            merged_into: None,
            erased_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
            unsubscribed_at: None,
            bounced_at: None,
        }
    }

    /// The reference to the customer in other resources.
    pub fn mention(&self, account: Option<AccountRef>) -> CustomerRef {
        let email = self.email.as_ref().map(|email| email.text.clone());
        CustomerRef { id: self.id, name: self.name.clone(), email, account }
    }

    /// The id of the person: of the customer that this one was merged into, where it was.
    pub fn person(&self) -> Id {
        self.merged_into.unwrap_or(self.id)
    }
}
