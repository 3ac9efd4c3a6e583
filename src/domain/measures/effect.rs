//! The effect of a release, as it is answered: each number before and after it, and what can be said.

use serde::Serialize;
use utoipa::ToSchema;

use super::comparing::comparison::EffectVerdict;
use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// What was measured: feedback of all themes of the release's stories, of one of them, recurrences on any story of the
    /// product, or a metric.
    pub enum EffectSubject {
        Complaints "complaints", Theme "theme", Recurrences "recurrences", Metric "metric",
    }
}

crate::domain::names! {
    /// Why nothing can be said.
    pub enum EffectReason {
        NotShipped "not_shipped", TooShort "too_short", TooFewValues "too_few_values", NoData "no_data",
        WithinChance "within_chance", Ordinary "ordinary",
    }
}

/// The effect of a release.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReleaseEffect {
    pub release_id: Id,
    /// What can be said of the complaints about what the release's stories are for: those of all their themes together.
    pub verdict: EffectVerdict,
    /// When it reached customers, or was shipped.
    pub at: Option<Time>,
    /// The time zone of days.
    #[schema(example = "UTC")]
    pub time_zone: String,
    /// The days compared; `null` where there are too few whole weeks on both sides.
    pub windows: Option<EffectWindows>,
    /// What made the windows shorter than four weeks.
    pub clipped_by: Vec<ClippedBy>,
    pub measures: Vec<MeasuredEffect>,
    /// How many numbers were looked at. Of twenty without any change, one is expected to seem changed.
    pub looked_at: usize,
    /// The version of these definitions.
    pub definition: i32,
}

/// The days compared: whole weeks, the last day included, the day of the release left out.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EffectWindows {
    pub weeks: i64,
    #[schema(example = "2026-01-03")]
    pub before_from: String,
    #[schema(example = "2026-01-30")]
    pub before_to: String,
    #[schema(example = "2026-02-01")]
    pub after_from: String,
    #[schema(example = "2026-02-28")]
    pub after_to: String,
}

crate::domain::names! {
    /// What ended a window early: another release, an incident, the begin of the records, or today.
    pub enum ClipKind { Release "release", Incident "incident", Records "records", Today "today" }
}

/// What ended a window early.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ClippedBy {
    pub kind: ClipKind,
    /// Id of the release or incident.
    pub id: Option<Id>,
    pub name: Option<String>,
    #[schema(example = "2026-01-10")]
    pub date: String,
}

/// A number before and after a release.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MeasuredEffect {
    pub subject: EffectSubject,
    /// Id of the theme or metric.
    pub id: Option<Id>,
    /// Its label or name.
    pub name: Option<String>,
    pub unit: Option<String>,
    pub verdict: EffectVerdict,
    /// Why nothing can be said.
    pub reason: Option<EffectReason>,
    /// Counts in the two windows, or medians of the daily values.
    pub before: Option<f64>,
    pub after: Option<f64>,
    /// Of counts: `after` / `before`; `null` where nothing was before.
    pub ratio: Option<f64>,
    /// Of values: `after` - `before`.
    pub difference: Option<f64>,
    /// The interval at 95%, of the ratio or of the difference. The upper end of a ratio is `null` where nothing was before.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// Of counts: how many there were in both windows. Of values: pairs of days.
    pub n: i64,
    /// Of counts: how likely a split at least as uneven is by chance alone.
    pub p: Option<f64>,
    /// Of counts: how much more the days scatter than chance does (at least 1); the interval is wider by its root.
    pub phi: Option<f64>,
    /// How the change compares with those at days without a release in the 180 days before.
    pub placebo: Option<PlaceboRank>,
}

/// How a change compares with those at days without a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlaceboRank {
    /// 1: no other day had as large a change.
    pub rank: usize,
    /// The days compared, the release among them. The rank decides where there are 25 or more.
    pub of: usize,
}
