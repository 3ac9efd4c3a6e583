//! The event log: every change, by whomever, appended once, in the change's own transaction.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Id, Time};

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// `member`, `service` (a token without a member), `command` (the command line), `engine`, `automation` (a commit,
    /// a deployment, a job) or `customer` (by the link they were sent).
    pub kind: &'static str,
    /// The member, or the token.
    pub id: Option<Id>,
}

impl Actor {
    /// The grouping engine.
    pub const ENGINE: Actor = Actor { kind: "engine", id: None };
    /// A commit, a deployment, a deadline.
    pub const AUTOMATION: Actor = Actor { kind: "automation", id: None };
    /// A customer who answers by the link they were sent; which one is the event's subject.
    pub const CUSTOMER: Actor = Actor { kind: "customer", id: None };
    /// Someone at the command line.
    pub const COMMAND: Actor = Actor { kind: "command", id: None };

    /// Whether a person or a service of theirs did it, not a machine of ours.
    pub fn is_person(&self) -> bool {
        matches!(self.kind, "member" | "service" | "command")
    }
}

/// One entry of the log. It never holds text or personal data, so that erasing a person never rewrites history.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Event {
    /// Grows with every event of the instance.
    pub seq: i64,
    pub at: Time,
    /// `member`, `service`, `command`, `engine`, `automation` or `customer`.
    #[schema(example = "member")]
    pub actor: String,
    pub actor_id: Option<Id>,
    /// What happened: `<noun>.<past participle>`.
    #[schema(example = "story.moved")]
    pub kind: String,
    /// The resource it happened to.
    pub subject_id: Id,
    /// Ids, names of changed fields, and old and new values of impersonal fields.
    #[schema(value_type = Object, example = json!({"from": "draft", "to": "accepted"}))]
    pub data: Value,
}
