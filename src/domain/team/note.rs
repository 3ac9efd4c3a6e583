//! Internal notes: what the team writes to itself about a feedback, a story, a customer or a closure. No customer sees them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// What a note is about.
    pub enum NoteSubject { Feedback "feedback", Story "story", Customer "customer", Closure "closure" }
}

impl NoteSubject {
    /// The part of the API's address that holds such resources.
    pub fn collection(self) -> &'static str {
        match self {
            NoteSubject::Feedback => "feedback",
            NoteSubject::Story => "stories",
            NoteSubject::Customer => "customers",
            NoteSubject::Closure => "closures",
        }
    }
}

crate::domain::names! {
    /// What kind of author a note has: a member, or a service (a token without a member).
    pub enum NoteAuthor { Member "member", Service "service", Command "command" }
}

/// A note that only the team reads.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Note {
    pub id: Id,
    /// What it is about.
    #[schema(inline)]
    pub subject_kind: NoteSubject,
    pub subject_id: Id,
    /// The product of what it is about; `null` for a note about a customer.
    pub product_id: Option<Id>,
    #[schema(inline)]
    pub author_kind: NoteAuthor,
    /// The member, or the token of a service.
    pub author_id: Option<Id>,
    #[schema(example = "@Jin Lee she called again, can you look?")]
    pub text: String,
    /// The members who are mentioned: in the text, or in the list that came with it.
    pub mentions: Vec<Id>,
    pub version: i32,
    pub created_at: Time,
    /// When its text or mentions were changed last; `null` as long as they never were.
    pub edited_at: Option<Time>,
}

/// A note to write.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "@Jin Lee she called again, can you look?"}))]
pub struct NewNote {
    /// `@` before the whole name or the e-mail address of an active member mentions them.
    #[schema(min_length = 1, max_length = 10_000, pattern = "\\S")]
    pub text: String,
    /// Members to mention beside those in the text: ids, or `me`.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub mentions: Vec<Id>,
}

/// What may be changed of a note (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteEdit {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 10_000, pattern = "\\S")]
    pub text: String,
    /// Members to mention beside those in the text, in place of the list of before: ids, or `me`.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub mentions: Vec<Id>,
}

crate::domain::names! {
    /// Why a mention in a text mentions nobody.
    pub enum NoteWarningCode { Unknown "unknown", Ambiguous "ambiguous" }
}

/// A mention in the text that mentions nobody: the note is kept, and nobody is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoteWarning {
    /// `unknown`: no active member who may read notes is called so. `ambiguous`: the words name no single member.
    #[schema(inline)]
    pub code: NoteWarningCode,
    /// The mention as it stands in the text.
    #[schema(example = "@Kim")]
    pub mention: String,
    pub detail: String,
    /// Whom an ambiguous mention may mean.
    pub member_ids: Vec<Id>,
}

/// A note as it was written, with what its text mentions in vain.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WrittenNote {
    #[serde(flatten)]
    pub note: Note,
    /// Mentions in the text that mention nobody; at most 50.
    pub warnings: Vec<NoteWarning>,
}

/// A mention of a member in a note.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NoteMention {
    pub id: Id,
    pub note: Note,
    pub mentioned_at: Time,
    /// When the member marked it as read.
    pub read_at: Option<Time>,
}

/// Which mentions of the caller a list shows.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MentionQuery {
    /// Only those that are not read yet, or (`false`) only those that are.
    pub unread: Option<bool>,
    /// Key or id of the product of what the notes are about.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
