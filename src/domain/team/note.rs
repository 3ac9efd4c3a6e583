//! Internal notes of the team about a feedback, a story, a customer or a closure. Customers never see them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// The kind of resource that a note is about.
    pub enum NoteSubject { Feedback "feedback", Story "story", Customer "customer", Closure "closure" }
}

impl NoteSubject {
    /// The path segment of the API for such resources.
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
    /// The kind of author: a member, a service (a token without a member), or the command line.
    pub enum NoteAuthor { Member "member", Service "service", Command "command" }
}

/// A note that only the team can read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Note {
    pub id: Id,
    /// The kind of resource that the note is about.
    pub subject_kind: NoteSubject,
    pub subject_id: Id,
    /// The product of the resource; `null` for a note about a customer.
    pub product_id: Option<Id>,
    #[schema(inline)]
    pub author_kind: NoteAuthor,
    /// Id of the member or of the service's token.
    pub author_id: Option<Id>,
    #[schema(example = "@Jin Lee she called again, can you look?")]
    pub text: String,
    /// The mentioned members: from the text, and from the request's list.
    pub mentions: Vec<Id>,
    pub version: i32,
    pub created_at: Time,
    /// When its text or mentions were last changed; `null` if never.
    pub edited_at: Option<Time>,
}

/// A note to write.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "@Jin Lee she called again, can you look?"}))]
pub struct NewNote {
    /// The text. `@` before the full name or the e-mail address of an active member mentions them.
    #[schema(min_length = 1, max_length = 10_000, pattern = "\\S")]
    pub text: String,
    /// Members to mention in addition to those in the text: ids, or `me`.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub mentions: Vec<Id>,
}

/// The editable fields of a note (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteEdit {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 10_000, pattern = "\\S")]
    pub text: String,
    /// Members to mention in addition to those in the text, replacing the previous list: ids, or `me`.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub mentions: Vec<Id>,
}

crate::domain::names! {
    /// Why a mention in a text identifies no member.
    pub enum NoteWarningCode { Unknown "unknown", Ambiguous "ambiguous" }
}

/// A mention in the text that identifies no member. The note is stored, and nobody is notified of this mention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoteWarning {
    /// `unknown`: no active member who may read notes has this name. `ambiguous`: the words fit no member, or more than
    /// one.
    pub code: NoteWarningCode,
    /// The mention as written in the text.
    #[schema(example = "@Kim")]
    pub mention: String,
    pub detail: String,
    /// The members that an ambiguous mention may mean.
    pub member_ids: Vec<Id>,
}

/// A note that was just written, with warnings about its mentions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WrittenNote {
    #[serde(flatten)]
    pub note: Note,
    /// Mentions in the text that identify no member; at most 50.
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

/// The query parameters of the list of the caller's mentions.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MentionQuery {
    /// `true`: only unread mentions. `false`: only read ones.
    pub unread: Option<bool>,
    /// Key or id of the product of the resources that the notes are about.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
