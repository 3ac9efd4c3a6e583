//! Overviews of several themes: their last weeks, the themes nearest to one, and a map by meaning.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::theme::{Theme, Week};
use crate::domain::base::{Id, Time};
use crate::refusal::{Refusal, Result};

/// Weeks in the overview of a theme.
pub const LAST_WEEKS: i64 = 12;
/// The most themes of one request.
const MOST: usize = 100;
const WEEK: i64 = 7 * Time::DAY;
/// 1970-01-05, the first Monday.
const MONDAY: i64 = 4 * Time::DAY;

/// The last weeks of a theme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ThemeWeeks {
    pub theme_id: Id,
    /// Items per week, oldest first, without gaps: 12 weeks, up to the week of the product's latest feedback.
    pub weeks: Vec<Week>,
}

/// The number of the week in which a point in time lies.
pub fn week_of(time: Time) -> i64 {
    (time.0 - MONDAY).div_euclid(WEEK)
}

/// The beginning of a week, by its number.
pub fn begins(week: i64) -> Time {
    Time(week * WEEK + MONDAY)
}

/// The query parameters of the last weeks of themes.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ThemeWeeksQuery {
    /// Ids of themes, separated by commas: at most 100.
    #[param(max_length = 3700, pattern = "^[0-9a-fA-F-]{36}(,[0-9a-fA-F-]{36})*$")]
    pub theme_ids: String,
}

impl ThemeWeeksQuery {
    /// The ids.
    ///
    /// # Errors
    /// 422 where one is none, or where there are too many.
    pub fn ids(&self) -> Result<Vec<Id>> {
        let ids: std::result::Result<Vec<Id>, _> = self.theme_ids.split(',').map(|id| id.parse::<Id>()).collect();
        let ids = ids.map_err(|_| Refusal::field("/theme_ids", "format", "must be ids, separated by commas"))?;
        if ids.len() > MOST {
            return Err(Refusal::field("/theme_ids", "range", format!("must name at most {MOST} themes")));
        }
        Ok(ids)
    }
}

/// A theme that is near to another one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NearTheme {
    pub theme: Theme,
    /// How near it is: its share of the links that lead from the texts of the theme to their nearest texts in other
    /// themes, 0 to 1.
    #[schema(example = 0.41)]
    pub share: f64,
}

/// What the engine finds in its state, all of it on one page.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FoundInState<T> {
    pub data: Vec<T>,
    /// Always `null`.
    pub next_cursor: Option<String>,
    /// Whether all feedback of the product was considered. It is false for a while after a start, while the instance that
    /// answers still loads it, and after a change of embedder.
    pub complete: bool,
}

/// A map of the themes of a product: themes of like meaning are near to each other.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ThemeMap {
    pub product_id: Id,
    /// The largest themes, largest first: at most 150. Themes that the engine does not hold yet are left out.
    pub data: Vec<ThemePoint>,
    /// Whether all feedback of the product was considered. It is false for a while after a start, while the instance that
    /// answers still loads it, and after a change of embedder.
    pub complete: bool,
}

/// A theme on the map.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ThemePoint {
    pub theme: Theme,
    /// The position, from -1 to 1: the first principal component of the mean vectors of the themes. The axes have no
    /// meaning of their own, only distances have.
    #[schema(example = -0.35)]
    pub x: f64,
    /// The second principal component, on the same scale.
    #[schema(example = 0.12)]
    pub y: f64,
}

/// A request to move feedback from a theme to another.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveFeedback {
    /// The feedback that moves; it must be in the theme.
    #[schema(min_items = 1, max_items = 1000)]
    pub feedback_ids: Vec<Id>,
    /// The theme that it moves to: another theme of the same product. To move it to a new theme, split the theme.
    pub theme_id: Id,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday() {
        let at = |text: &str| Time::parse(text).unwrap();
        let sunday = at("2026-03-01T23:59:59Z");
        assert_eq!(begins(week_of(sunday)), at("2026-02-23T00:00:00Z"));
        assert_eq!(begins(week_of(at("2026-03-02T00:00:00Z"))), at("2026-03-02T00:00:00Z"));
    }

    #[test]
    fn wrong_ids_are_refused() {
        let of = |text: &str| ThemeWeeksQuery { theme_ids: text.to_owned() }.ids();
        let id = Id::next().to_string();
        assert_eq!(of(&format!("{id},{id}")).unwrap().len(), 2);
        assert!(of("-".repeat(36).as_str()).is_err() && of(&vec![id; 101].join(",")).is_err());
    }
}
