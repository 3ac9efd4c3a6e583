//! Feedback that means the same thing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Money, Time};
use crate::domain::feedback::Feedback;

/// A theme: grouped by the engine, corrected by people; its id is stable for life.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Theme {
    pub id: Id,
    pub product_id: Id,
    #[schema(example = "Refund has not arrived")]
    pub label: String,
    /// Words that set it apart from the other themes.
    pub keywords: Vec<String>,
    /// Items now in it, dismissed ones not counted.
    pub size: i32,
    /// Distinct customers behind them.
    pub customers: i32,
    /// What the accounts of these customers pay in a year, in the product's currency.
    pub value: Money,
    /// Items of the last 28 days up to the product's latest feedback.
    pub recent: i32,
    /// `(recent - before) / max(before, 1)`, `before` being the items of the 28 days before those.
    pub growth: f64,
    /// When the oldest of its feedback was said.
    pub first_seen_at: Option<Time>,
    /// When the newest of its feedback was said.
    pub last_seen_at: Option<Time>,
    /// Muted themes get no draft story and are left out of lists and look-ups unless asked for.
    pub muted: bool,
    /// The theme this one was merged into.
    pub merged_into: Option<Id>,
    /// The oldest story that stands on it and is neither declined nor a duplicate.
    pub story_id: Option<Id>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// A theme with its timeline and the words behind it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ThemeDetail {
    #[serde(flatten)]
    pub theme: Theme,
    /// Items a week, oldest first, without gaps, at most the last 53 weeks.
    pub timeline: Vec<Week>,
    #[schema(inline)]
    pub trend: Trend,
    /// The most central feedback, then the most different ones that still belong.
    pub quotes: Vec<Feedback>,
}

/// The items of one week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Week {
    /// Monday 00:00 UTC.
    pub starts_at: Time,
    pub items: i64,
}

/// The weeks from the first of these times to the last, those without items too; at most the last 53.
pub fn timeline(times: &[Time]) -> Vec<Week> {
    const WEEK: i64 = 7 * Time::DAY;
    /// 1970-01-05, the first Monday.
    const MONDAY: i64 = 4 * Time::DAY;
    let mut items: BTreeMap<i64, i64> = BTreeMap::new();
    for time in times {
        *items.entry((time.0 - MONDAY).div_euclid(WEEK)).or_default() += 1;
    }
    let (Some((&first, _)), Some((&last, _))) = (items.first_key_value(), items.last_key_value()) else {
        return Vec::new();
    };
    let week = |n: i64| Week { starts_at: Time(n * WEEK + MONDAY), items: items.get(&n).copied().unwrap_or_default() };
    (first.max(last - 52)..=last).map(week).collect()
}

crate::domain::names! {
    /// Where a theme is going: `growth` over .25, under -.25, or between.
    pub enum Trend { Rising "rising", Steady "steady", Falling "falling" }
}

impl Trend {
    /// The trend of a growth (see [`Theme::growth`]).
    pub fn of(growth: f64) -> Self {
        match growth {
            g if g > 0.25 => Trend::Rising,
            g if g < -0.25 => Trend::Falling,
            _ => Trend::Steady,
        }
    }
}

crate::domain::names! {
    /// How themes are sorted, highest first. Every sort but `arrival` may move under the reader.
    pub enum ThemeSort {
        Arrival "arrival", Size "size", Customers "customers", Value "value", Recent "recent", Growth "growth",
    }
}

/// Which themes a list shows; emptied and merged ones never.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ThemeQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// `true`: muted ones only; `false` or absent: the others only.
    pub muted: Option<bool>,
    /// `true`: only themes with a story; `false`: only those without.
    pub has_story: Option<bool>,
    /// At least so many items.
    #[param(minimum = 0, maximum = 1_000_000_000)]
    pub min_size: Option<i32>,
    /// At least so many customers.
    #[param(minimum = 0, maximum = 1_000_000_000)]
    pub min_customers: Option<i32>,
    /// `arrival` where absent.
    #[param(inline)]
    pub sort: Option<ThemeSort>,
    /// Words, or parts of words, that its label or its keywords must all contain; case does not count.
    #[param(min_length = 1, max_length = 200, pattern = "\\S")]
    pub q: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// What a person may change of a theme (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThemeEdit {
    /// From then on the label is the person's; the engine no longer changes it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub label: String,
}

impl From<&Theme> for ThemeEdit {
    fn from(theme: &Theme) -> Self {
        Self { label: theme.label.clone() }
    }
}

crate::domain::names! {
    /// What a person did to the grouping. `change_product`: a feedback left its theme for another product.
    pub enum CorrectionKind {
        Rename "rename", Mute "mute", Unmute "unmute", Merge "merge", Split "split", Move "move",
        Dismiss "dismiss", Restore "restore", MarkDuplicate "mark_duplicate", ChangeProduct "change_product",
    }
}

impl CorrectionKind {
    /// Whether an act of this kind stands on an earlier one of the same theme, so that the earlier one can't be undone
    /// alone. What happens to single feedback and what a theme is called don't depend on each other; merges and splits
    /// depend on everything.
    pub fn stands_on(self, earlier: CorrectionKind) -> bool {
        use CorrectionKind::*;
        let single = |kind| matches!(kind, Move | Dismiss | Restore | ChangeProduct);
        let name = |kind| matches!(kind, Rename | Mute | Unmute);
        !(single(self) && (single(earlier) || name(earlier)) || name(self) && single(earlier))
    }
}

/// Which corrections a list shows.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CorrectionQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// A resource after an act of a person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Corrected<T> {
    #[serde(flatten)]
    pub resource: T,
    /// The correction that remembers the act, by which it can be undone; `null` where nothing had to change.
    pub correction_id: Option<Id>,
}

/// An act of a person on the grouping: remembered, never reversed by the engine, and undone on request.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Correction {
    pub id: Id,
    pub product_id: Id,
    pub kind: CorrectionKind,
    /// The member or the token of the service that did it.
    pub actor_id: Option<Id>,
    /// The theme acted on: renamed, muted, merged away, split, or moved from.
    pub theme_id: Option<Id>,
    /// The theme merged into, made by the split, or moved to.
    pub other_theme_id: Option<Id>,
    /// The story acted on.
    pub story_id: Option<Id>,
    /// The story it was marked, or proposed, as a duplicate of.
    pub other_story_id: Option<Id>,
    /// Feedback it touched.
    pub feedback_count: i64,
    pub undone_at: Option<Time>,
    pub created_at: Time,
}

/// Merge other themes into this one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// The theme that is merged into the one in the address; it is empty afterwards.
    pub theme_id: Id,
}

/// Split feedback off a theme into a new one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// The feedback that moves to the new theme: some of the theme's, not all.
    #[schema(min_items = 1, max_items = 1000)]
    pub feedback_ids: Vec<Id>,
    /// The new theme's label; one of the engine's where absent.
    #[schema(min_length = 1, max_length = 200)]
    pub label: Option<String>,
}

/// Mute a theme, or unmute it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mute {
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub muted: bool,
}

fn yes() -> bool {
    true
}

/// Move a feedback to a theme.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveTo {
    /// An existing theme of the same product; absent: a new theme of its own.
    pub theme_id: Option<Id>,
}

/// Why it is done.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    #[schema(min_length = 1, max_length = 2000, example = "Spam")]
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    #[test]
    fn a_timeline_has_no_gaps_and_begins_on_mondays() {
        // A Sunday, the Monday after it, and a day three weeks on.
        let times = ["2026-03-01T23:59:59Z", "2026-03-02T00:00:00Z", "2026-03-19T12:00:00Z"].map(at);
        let weeks: Vec<(String, i64)> =
            timeline(&times).iter().map(|w| (w.starts_at.to_string()[..10].to_owned(), w.items)).collect();
        let expected = [("2026-02-23", 1), ("2026-03-02", 1), ("2026-03-09", 0), ("2026-03-16", 1)];
        assert_eq!(weeks, expected.map(|(day, items)| (day.to_owned(), items)));
    }

    #[test]
    fn a_timeline_ends_after_a_year() {
        let weeks = timeline(&[at("1950-01-01T00:00:00Z"), at("2026-03-19T12:00:00Z")]);
        assert_eq!((weeks.len(), weeks[0].items, weeks[52].items), (53, 0, 1));
        assert!(timeline(&[]).is_empty());
    }
}
