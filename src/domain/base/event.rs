//! The event log: every change is appended once, in the transaction that makes the change.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::event_kinds::names_kind;
use super::{Id, Time};

/// Who caused an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// `member`, `service` (a token without a member), `command` (the command line), `engine`, `automation` (a commit,
    /// a deployment, a job) or `customer` (through the link they were sent).
    pub kind: &'static str,
    /// Id of the member or of the token.
    pub id: Option<Id>,
}

impl Actor {
    /// The grouping engine.
    pub const ENGINE: Actor = Actor { kind: "engine", id: None };
    /// An automatic change: by a commit, a deployment or a deadline.
    pub const AUTOMATION: Actor = Actor { kind: "automation", id: None };
    /// A customer who answers through the link they were sent. The subject of the event identifies the customer.
    pub const CUSTOMER: Actor = Actor { kind: "customer", id: None };
    /// A person at the command line.
    pub const COMMAND: Actor = Actor { kind: "command", id: None };

    /// Whether a person or a service acted, not a part of this program.
    pub fn is_person(&self) -> bool {
        matches!(self.kind, "member" | "service" | "command")
    }
}

/// One entry of the event log. An entry never holds customers' text or personal data, so erasing a person never
/// rewrites the log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Event {
    /// Position in the log: send it as `after` or `Last-Event-ID` to continue from here.
    #[schema(example = "0-1742")]
    pub id: String,
    /// Sequence number. It grows with every event of the instance.
    pub seq: i64,
    pub at: Time,
    /// `member`, `service`, `command`, `engine`, `automation` or `customer`.
    #[schema(example = "member")]
    pub actor: String,
    pub actor_id: Option<Id>,
    /// Name of the event: `<noun>.<past participle>`.
    #[schema(example = "story.moved")]
    pub kind: String,
    /// The resource that changed.
    pub subject_id: Id,
    /// The product that the resource belongs to, if any.
    pub product_id: Option<Id>,
    /// Ids, names of changed fields, and old and new values of fields without personal data.
    #[schema(value_type = Object, example = json!({"from": "draft", "to": "accepted"}))]
    pub data: Value,
}

/// A filter of events. An event must match every criterion that is given.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// The name of an event, or a pattern like `story.*`.
    pub kind: Option<String>,
    /// The resource that changed.
    pub subject: Option<Id>,
    /// The product that the resource belongs to.
    pub product: Option<Id>,
}

impl EventFilter {
    /// Whether an event matches the filter.
    pub fn wants(&self, kind: &str, subject: Id, product: Option<Id>) -> bool {
        self.kind.as_deref().is_none_or(|wanted| names_kind(wanted, kind))
            && self.subject.is_none_or(|wanted| wanted == subject)
            && self.product.is_none_or(|wanted| Some(wanted) == product)
    }
}

/// The query parameters of the event feed. An event must match every filter that is given.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventQuery {
    /// The name of an event, or `story.*` for all events of a noun.
    #[param(max_length = 100, pattern = "^[a-z_]+\\.([a-z_]+|\\*)$", example = "story.*")]
    pub kind: Option<String>,
    /// The resource that changed.
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
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
