//! The event log: every change, by whomever, appended once, in the change's own transaction.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::event_kinds::names_kind;
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
    /// Its place in the log: send it as `after` or `Last-Event-ID` to go on from here.
    #[schema(example = "0-1742")]
    pub id: String,
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
    /// The product it belongs to, if any.
    pub product_id: Option<Id>,
    /// Ids, names of changed fields, and old and new values of impersonal fields.
    #[schema(value_type = Object, example = json!({"from": "draft", "to": "accepted"}))]
    pub data: Value,
}

/// Which events a reader wants; every filter given must hold.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// A name, or `story.*`.
    pub kind: Option<String>,
    /// The resource it happened to.
    pub subject: Option<Id>,
    /// The product it belongs to.
    pub product: Option<Id>,
}

impl EventFilter {
    /// Whether an event is wanted.
    pub fn wants(&self, kind: &str, subject: Id, product: Option<Id>) -> bool {
        self.kind.as_deref().is_none_or(|wanted| names_kind(wanted, kind))
            && self.subject.is_none_or(|wanted| wanted == subject)
            && self.product.is_none_or(|wanted| Some(wanted) == product)
    }
}

/// Which events the feed shows; every filter given must hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventQuery {
    /// A name, or `story.*` for all of a noun.
    #[param(max_length = 100, pattern = "^[a-z_]+\\.([a-z_]+|\\*)$", example = "story.*")]
    pub kind: Option<String>,
    /// The resource it happened to.
    #[param(inline)]
    pub subject: Option<Id>,
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// Only events after the one with this id.
    #[param(max_length = 41, pattern = "^[0-9]+-[0-9]+$", example = "0-1742")]
    pub after: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
