//! Presence: which members look at a resource in the console just now, or write about it. It is a hint and never a lock.

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// The kind of resource that members look at.
    pub enum PresenceKind { Feedback "feedback", Story "story", Theme "theme", Customer "customer" }
}

impl PresenceKind {
    /// The folder of such pages in the console.
    pub fn folder(self) -> &'static str {
        match self {
            PresenceKind::Feedback => "feedback",
            PresenceKind::Story => "stories",
            PresenceKind::Theme => "themes",
            PresenceKind::Customer => "customers",
        }
    }

    /// The operation of the API that such a page stands for.
    pub fn operation(self) -> &'static str {
        match self {
            PresenceKind::Feedback => "get_feedback",
            PresenceKind::Story => "get_story",
            PresenceKind::Theme => "get_theme",
            PresenceKind::Customer => "get_customer",
        }
    }
}

/// How long a member counts as looking after the last sign of it.
pub const LOOKING: i64 = 45 * Time::SECOND;
/// How long a member counts as writing after the last sign of it.
pub const WRITING: i64 = 20 * Time::SECOND;

/// A resource that a page of the console is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookedAt {
    pub kind: PresenceKind,
    pub id: Id,
    /// The path of its page.
    pub place: String,
}

/// A member who looks at a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Onlooker {
    pub name: String,
    pub member_id: Id,
    /// The path of the resource's page.
    pub place: String,
    pub is_writing: bool,
}
