//! What should be built, and for whom.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::priority::{Priority, SetFactors};
use super::stage::Stage;
use super::{Id, Time};

/// A story.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Story {
    pub id: Id,
    pub product_id: Id,
    /// Key of the product and a number without gaps.
    #[schema(example = "HB-17")]
    pub number: String,
    #[schema(example = "Refund has not arrived")]
    pub title: String,
    pub as_a: String,
    pub i_want: String,
    pub so_that: String,
    pub acceptance_criteria: Vec<Criterion>,
    pub in_scope: Vec<String>,
    pub out_of_scope: Vec<String>,
    /// Person-months; `null` until someone sets it.
    pub effort: Option<f64>,
    /// The member who owns it.
    pub owner_id: Option<Id>,
    pub stage: Stage,
    /// Why it was moved there last, where a reason was given: a decline's reason reaches whoever asked.
    pub stage_reason: Option<String>,
    pub theme_ids: Vec<Id>,
    /// Its evidence: the current feedback of its themes, dismissed ones not counted.
    pub feedback_count: i32,
    /// Distinct customers behind the evidence.
    pub customer_count: i32,
    /// `builtin` for the extractive draft, `member` for one written by hand.
    #[schema(example = "builtin")]
    pub drafted_by: String,
    pub priority: Priority,
    /// The story this one is a duplicate of.
    pub duplicate_of: Option<Id>,
    /// The story this one seems to be a duplicate of since two themes were merged; a person decides.
    pub proposed_duplicate_of: Option<Id>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// When a story is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
    /// The feedback it comes from.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub feedback_ids: Vec<Id>,
}

/// A line of a story's scope.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 2000)]
#[allow(dead_code, reason = "states the schema only")]
pub struct ScopeLine(String);

/// A story to create: from a theme (`theme_id`), or by hand (at least a title).
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Refunds show when they will arrive"}))]
pub struct NewStory {
    /// Key or id of the product; the theme's, or the default product, where absent.
    #[schema(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// The theme to draft from; what else is given overrides the draft.
    pub theme_id: Option<Id>,
    #[schema(min_length = 1, max_length = 300)]
    pub title: Option<String>,
    #[schema(min_length = 1, max_length = 1000)]
    pub as_a: Option<String>,
    #[schema(min_length = 1, max_length = 1000)]
    pub i_want: Option<String>,
    #[schema(min_length = 1, max_length = 1000)]
    pub so_that: Option<String>,
    #[schema(max_items = 50)]
    pub acceptance_criteria: Option<Vec<Criterion>>,
    #[schema(max_items = 50, value_type = Option<Vec<ScopeLine>>)]
    pub in_scope: Option<Vec<String>>,
    #[schema(max_items = 50, value_type = Option<Vec<ScopeLine>>)]
    pub out_of_scope: Option<Vec<String>>,
    /// Person-months.
    #[schema(minimum = 0.5, maximum = 1000)]
    pub effort: Option<f64>,
    /// Id of an active member.
    pub owner_id: Option<Id>,
}

/// What a person may change of a story (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StoryEdit {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 300)]
    pub title: String,
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub as_a: String,
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub i_want: String,
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub so_that: String,
    #[serde(default)]
    #[schema(max_items = 50)]
    pub acceptance_criteria: Vec<Criterion>,
    #[serde(default)]
    #[schema(max_items = 50, value_type = Vec<ScopeLine>)]
    pub in_scope: Vec<String>,
    #[serde(default)]
    #[schema(max_items = 50, value_type = Vec<ScopeLine>)]
    pub out_of_scope: Vec<String>,
    /// Person-months; the same as `priority.effort`.
    #[serde(default)]
    #[schema(minimum = 0.5, maximum = 1000)]
    pub effort: Option<f64>,
    /// Id of an active member.
    #[serde(default)]
    pub owner_id: Option<Id>,
    /// Factors set by a person; `null` gives one back to the evidence.
    #[serde(default)]
    #[schema(value_type = FactorsEdit)]
    pub priority: FactorsEdit,
}

/// The factors of a story's priority that a person sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FactorsEdit {
    /// People a quarter.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub reach: Option<f64>,
    /// 3, 2, 1, 0.5 or 0.25.
    #[schema(minimum = 0.25, maximum = 3)]
    pub impact: Option<f64>,
    /// 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub confidence: Option<f64>,
}

impl StoryEdit {
    /// What a person may change, as it is now; `set` are the factors set so far.
    pub fn of(story: &Story, set: &SetFactors) -> Self {
        Self {
            title: story.title.clone(),
            as_a: story.as_a.clone(),
            i_want: story.i_want.clone(),
            so_that: story.so_that.clone(),
            acceptance_criteria: story.acceptance_criteria.clone(),
            in_scope: story.in_scope.clone(),
            out_of_scope: story.out_of_scope.clone(),
            effort: set.effort,
            owner_id: story.owner_id,
            priority: FactorsEdit { reach: set.reach, impact: set.impact, confidence: set.confidence },
        }
    }
}

/// Move a story to a stage.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    #[schema(inline)]
    pub to: Stage,
    /// Needed for going back, declining and reconsidering.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
    /// For `to: duplicate`: the story this one is a duplicate of.
    pub duplicate_of: Option<Id>,
}

super::names! {
    /// How stories are sorted, highest first. `priority` may move under the reader.
    pub enum StorySort { Arrival "arrival", Priority "priority" }
}

/// Which stories a list shows.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StoryQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[param(inline)]
    pub stage: Option<Stage>,
    /// Id of a member.
    #[param(inline)]
    pub owner: Option<Id>,
    /// Id of a theme.
    #[param(inline)]
    pub theme: Option<Id>,
    /// `arrival` where absent. Sorted by `priority`, declined stories and duplicates are left out unless `stage` asks for them.
    #[param(inline)]
    pub sort: Option<StorySort>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
