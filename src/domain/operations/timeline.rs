//! The timeline of an incident: one list of everything that happened, in the order in which it happened.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// The kind of an entry of a timeline.
    pub enum EntryKind {
        Alert "alert", Page "page", Ack "ack", HandOff "hand_off", Deployment "deployment", Feedback "feedback",
        Note "note", Diagnosis "diagnosis", Status "status", CustomerTold "customer_told", Swarm "swarm",
    }
}

crate::domain::names! {
    /// The kinds of entries that people write.
    pub enum WrittenEntryKind { Note "note", Diagnosis "diagnosis", Status "status" }
}

impl From<WrittenEntryKind> for EntryKind {
    fn from(kind: WrittenEntryKind) -> Self {
        match kind {
            WrittenEntryKind::Note => EntryKind::Note,
            WrittenEntryKind::Diagnosis => EntryKind::Diagnosis,
            WrittenEntryKind::Status => EntryKind::Status,
        }
    }
}

/// An entry that was made this much later than it happened is late.
pub const LATE: i64 = 300 * Time::SECOND;

/// An entry of a timeline.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TimelineEntry {
    pub id: Id,
    pub incident_id: Id,
    pub kind: EntryKind,
    /// When it happened: the timeline has this order.
    pub happened_at: Time,
    /// When it was entered.
    pub entered_at: Time,
    /// Whether it was entered more than 5 minutes after it happened.
    pub late: bool,
    /// Whether it happened before the incident was detected.
    pub before_start: bool,
    /// `member`, `service`, `command` or `automation`.
    #[schema(example = "member")]
    pub actor: String,
    pub actor_id: Option<Id>,
    /// What a person wrote, or an alert said.
    pub text: Option<String>,
    /// Ids, names and numbers of what happened.
    #[schema(value_type = Object)]
    pub data: Value,
}

/// An entry to write.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "note", "text": "The database has no free connections."}))]
pub struct NewTimelineEntry {
    /// `note` where absent.
    #[serde(default = "note")]
    #[schema(required = false)]
    pub kind: WrittenEntryKind,
    #[schema(min_length = 1, max_length = 20_000, pattern = "\\S")]
    pub text: String,
    /// When it happened; now where absent. Not in the future.
    pub happened_at: Option<Time>,
    /// Whether a diagnosis is the confirmed cause. The first one ends the time to diagnose.
    #[serde(default)]
    #[schema(required = false)]
    pub confirmed: bool,
}

const fn note() -> WrittenEntryKind {
    WrittenEntryKind::Note
}

/// The query parameters of a timeline.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TimelineQuery {
    #[param(inline)]
    pub kind: Option<EntryKind>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// Something that happened, to put in a timeline.
#[derive(Clone, Debug)]
pub struct Happening {
    pub kind: EntryKind,
    pub happened_at: Time,
    pub text: Option<String>,
    /// Ids, names of this program and numbers only.
    pub data: Value,
}
