//! What a release carries, beside how earlier deployments fared: plain numbers, and no score.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::base::{Id, Time};
use crate::domain::team::Weekday;

/// What a release carries, and how earlier releases fared.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReleaseRisk {
    pub release_id: Id,
    /// Stories on board.
    pub stories: usize,
    /// Commits and pull requests that its stories are linked to, as far as they are known.
    pub changes: usize,
    /// Authors of these changes; `null` where no authors are known.
    pub authors: Option<usize>,
    /// Those of whom nothing was deployed before, as far as the commits are kept.
    pub new_authors: Option<usize>,
    /// When it was or would be deployed: its deployment, its train, its planned day, or now.
    pub at: Time,
    #[schema(example = "Asia/Seoul")]
    pub time_zone: String,
    /// The local hour, 0 to 23.
    pub local_hour: u32,
    #[schema(inline)]
    pub weekday: Weekday,
    /// Whether the team works on that day.
    pub working_day: bool,
    /// Days since the deployment before it; `null` where there was none.
    pub days_since_last: Option<f64>,
    /// Incidents of the product that are not over.
    pub open_incidents: usize,
    /// How the deployments of the last 180 days fared.
    pub earlier: Vec<EarlierDeployments>,
}

crate::domain::names! {
    /// Which earlier deployments are counted: all, those on the same weekday, within two hours of the same time of day,
    /// with about as many changes (at least half and at most twice), or on days that are no working days.
    pub enum EarlierKind {
        All "all", SameWeekday "same_weekday", SameHour "same_hour", SameSize "same_size", DayOff "day_off",
    }
}

/// Earlier deployments of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EarlierDeployments {
    pub kind: EarlierKind,
    pub deployments: usize,
    /// Those that were rolled back or caused an incident.
    pub failed: usize,
}
