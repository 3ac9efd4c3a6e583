//! The copy of one person's data: what a person gets who asks for access, or to take their data elsewhere.
//!
//! It holds nothing of others: no internal notes, no names of members, no themes, and of stories only their numbers.

use serde::Serialize;
use serde_json::Value;

use crate::domain::base::{Id, Time};
use crate::domain::feedback::{Identity, Source};
use crate::domain::privacy::consent::ConsentLine;

/// The copy of one person's data.
#[derive(Clone, Debug, Serialize)]
pub struct PersonCopy {
    /// The version of this format.
    pub format: &'static str,
    pub made_at: Time,
    pub person: PersonLine,
    /// What they said, oldest first.
    pub feedback: Vec<SaidLine>,
    /// What they were told about what they asked for; absent in a copy to take elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<MessageLine>>,
    /// For which purposes they are contacted, and on which basis.
    pub purposes: Vec<ConsentLine>,
    /// Their earlier requests; absent in a copy to take elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<Vec<RequestLine>>,
    /// What is known and not part of the copy, and why.
    pub left_out: &'static str,
}

/// Who the person is.
#[derive(Clone, Debug, Serialize)]
pub struct PersonLine {
    pub ids: Vec<Id>,
    pub names: Vec<String>,
    pub emails: Vec<String>,
    /// The company for which they use the product.
    pub account: Option<String>,
    /// Their ids in other systems.
    pub identities: Vec<Identity>,
    pub known_since: Time,
    pub unsubscribed_at: Option<Time>,
}

/// One thing that they said.
#[derive(Clone, Debug, Serialize)]
pub struct SaidLine {
    pub id: Id,
    pub product: String,
    pub said_at: Time,
    pub stored_at: Time,
    pub source: Source,
    pub origin: String,
    pub external_id: Option<String>,
    pub url: Option<String>,
    pub title: Option<String>,
    pub text: String,
    pub tags: Vec<String>,
    pub fields: Value,
    pub rating: Option<i32>,
    pub nps: Option<i32>,
    pub language: Option<String>,
}

/// A message to them.
#[derive(Clone, Debug, Serialize)]
pub struct MessageLine {
    /// The number of the story or the incident.
    pub about: String,
    pub channel: &'static str,
    pub state: &'static str,
    pub told_at: Option<Time>,
    pub answered_at: Option<Time>,
    /// The text, where a member wrote it for them.
    pub text: Option<String>,
}

/// A request of theirs.
#[derive(Clone, Debug, Serialize)]
pub struct RequestLine {
    pub kind: &'static str,
    pub state: &'static str,
    pub received_at: Time,
    pub ended_at: Option<Time>,
}
