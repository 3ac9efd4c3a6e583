//! Themes: groups of feedback with the same meaning.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Money, Time};
use crate::domain::feedback::Feedback;
use crate::domain::search::several::Several;

/// A theme: grouped by the engine, corrected by people. Its id never changes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Theme {
    pub id: Id,
    pub product_id: Id,
    #[schema(example = "Refund has not arrived")]
    pub label: String,
    /// Its label by language (`en`, `ko`), for each in which enough of its customers write. The one in its main language is
    /// `label`.
    #[schema(example = json!({"en": "Refund has not arrived", "ko": "환불 지연"}))]
    pub labels: BTreeMap<String, String>,
    /// Words that distinguish it from the other themes.
    pub keywords: Vec<String>,
    /// How many items are in it, without dismissed ones.
    pub size: i32,
    /// How many distinct customers are behind them.
    pub customers: i32,
    /// How many items are in each language, by its BCP 47 code; `und` where the language is not known.
    #[schema(example = json!({"en": 12, "ko": 5}))]
    pub languages: BTreeMap<String, i64>,
    /// The annual value of these customers' accounts, in the product's currency.
    pub value: Money,
    /// How many items date from the last 28 days before the product's latest feedback.
    pub recent: i32,
    /// `(recent - before) / max(before, 1)`, where `before` is the number of items in the preceding 28 days.
    pub growth: f64,
    /// When its oldest feedback was said.
    pub first_seen_at: Option<Time>,
    /// When its newest feedback was said.
    pub last_seen_at: Option<Time>,
    /// Whether it is muted. Muted themes get no draft story and are omitted from lists and searches unless requested.
    pub muted: bool,
    /// The theme this one was merged into.
    pub merged_into: Option<Id>,
    /// The oldest story of this theme that is neither declined nor a duplicate.
    pub story_id: Option<Id>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

impl Theme {
    /// The label for readers of a language (`en`, `ko`): the one in it, or else the theme's own.
    pub fn label_in(&self, language: &str) -> &str {
        self.labels.get(language).unwrap_or(&self.label)
    }
}

/// A theme with its timeline and its typical feedback.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ThemeDetail {
    #[serde(flatten)]
    pub theme: Theme,
    /// Items per week, oldest first, without gaps; at most the last 53 weeks.
    pub timeline: Vec<Week>,
    #[schema(inline)]
    pub trend: Trend,
    /// The most central feedback, then the most different feedback that still belongs to the theme.
    pub quotes: Vec<Feedback>,
}

/// The number of items in one week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Week {
    /// Monday 00:00 UTC.
    pub starts_at: Time,
    pub items: i64,
}

/// The weeks from the first of these times to the last, including weeks without items; at most the last 53.
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
    /// The trend of a theme: `growth` above .25, below -.25, or between.
    pub enum Trend { Rising "rising", Steady "steady", Falling "falling" }
}

impl Trend {
    /// Growth beyond which a theme rises, or falls.
    pub const CLEAR: f64 = 0.25;

    /// The trend of a growth (see [`Theme::growth`]).
    pub fn of(growth: f64) -> Self {
        match growth {
            g if g > Self::CLEAR => Trend::Rising,
            g if g < -Self::CLEAR => Trend::Falling,
            _ => Trend::Steady,
        }
    }
}

crate::domain::names! {
    /// The order of themes, highest first. With every order but `arrival`, themes may change their position between two
    /// pages.
    pub enum ThemeSort {
        Arrival "arrival", Size "size", Customers "customers", Value "value", Recent "recent", Growth "growth",
    }
}

/// The query parameters of the list of themes. Empty and merged themes are never listed.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ThemeQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// `true`: only muted themes; `false` or absent: only others.
    pub muted: Option<bool>,
    /// `true`: only themes of archived products; `false`: only those of the others.
    pub archived: Option<bool>,
    /// `true`: only themes with a story; `false`: only those without.
    pub has_story: Option<bool>,
    /// The least number of items.
    #[param(minimum = 0, maximum = 1_000_000_000)]
    pub min_size: Option<i32>,
    /// The least number of customers.
    #[param(minimum = 0, maximum = 1_000_000_000)]
    pub min_customers: Option<i32>,
    /// One trend, or several separated by commas.
    #[param(value_type = Option<String>, example = "rising,steady", pattern = "^(rising|steady|falling)(,(rising|steady|falling))*$")]
    pub trend: Option<Several<Trend>>,
    /// Codes of languages, separated by commas: themes with feedback in at least one of them.
    #[param(value_type = Option<String>, max_length = 200, example = "ko,en",
        pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*(,[a-z]{2,3}(-[A-Za-z0-9]{2,8})*)*$")]
    pub language: Option<Several<String>>,
    /// `arrival` by default.
    #[param(inline)]
    pub sort: Option<ThemeSort>,
    /// Words, or parts of words, that must all occur in the label or the keywords; case is ignored.
    #[param(min_length = 1, max_length = 200, pattern = "\\S")]
    pub q: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// The editable fields of a theme (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThemeEdit {
    /// The label. Once a person sets it, the engine no longer changes it; it is also the label of its language in `labels`.
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
    /// A change that a person made to the grouping. `change_product`: a feedback left its theme for another product.
    pub enum CorrectionKind {
        Rename "rename", Mute "mute", Unmute "unmute", Merge "merge", Split "split", Move "move",
        Dismiss "dismiss", Restore "restore", MarkDuplicate "mark_duplicate", ChangeProduct "change_product",
    }
}

impl CorrectionKind {
    /// Whether an act of this kind depends on an earlier one on the same theme, so that the earlier one cannot be
    /// undone alone. Moves of single feedback and changes of a label are independent of each other; merges and splits
    /// depend on everything.
    pub fn stands_on(self, earlier: CorrectionKind) -> bool {
        use CorrectionKind::*;
        let single = |kind| matches!(kind, Move | Dismiss | Restore | ChangeProduct);
        let name = |kind| matches!(kind, Rename | Mute | Unmute);
        !(single(self) && (single(earlier) || name(earlier)) || name(self) && single(earlier))
    }
}

/// The query parameters of the list of corrections.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CorrectionQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// `me` or the id of a member: the corrections of this member.
    #[param(pattern = "^(me|[0-9a-fA-F-]{36})$")]
    pub member: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// A resource after a person's correction.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Corrected<T> {
    #[serde(flatten)]
    pub resource: T,
    /// The correction that was recorded and can be undone; `null` where nothing had to change.
    pub correction_id: Option<Id>,
}

/// A person's change of the grouping. It is recorded, can be undone, and is never reversed by the engine.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Correction {
    pub id: Id,
    pub product_id: Id,
    pub kind: CorrectionKind,
    /// Id of the member or of the service's token that made it.
    pub actor_id: Option<Id>,
    /// The theme that was renamed, muted, merged away or split, or that feedback was moved from.
    pub theme_id: Option<Id>,
    /// The theme that was merged into, created by the split, or moved to.
    pub other_theme_id: Option<Id>,
    /// The story that was changed.
    pub story_id: Option<Id>,
    /// The story that it was marked, or proposed, as a duplicate of.
    pub other_story_id: Option<Id>,
    /// How many items of feedback it changed.
    pub feedback_count: i64,
    pub undone_at: Option<Time>,
    pub created_at: Time,
}

/// A request to merge another theme into this one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// The theme that is merged into the one in the URL; it is empty afterwards.
    pub theme_id: Id,
}

/// A request to split feedback off a theme into a new one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// The feedback that moves to the new theme: some of the theme's feedback, but not all.
    #[schema(min_items = 1, max_items = 1000)]
    pub feedback_ids: Vec<Id>,
    /// The new theme's label; the engine makes one where absent.
    #[schema(min_length = 1, max_length = 200)]
    pub label: Option<String>,
}

/// A request to mute a theme, or to unmute it.
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

/// A request to move a feedback to a theme.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveTo {
    /// An existing theme of the same product; where absent, a new theme is created.
    pub theme_id: Option<Id>,
}

/// A reason for a change.
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
