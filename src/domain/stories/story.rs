//! What should be built, and for whom.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::StoryText;
use super::priority::{Priority, SetFactors};
use super::stage::Stage;
use super::texts::StoryTextOrNothing;
use crate::domain::base::{Id, Time};

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
    /// What it says to customers who read other languages, by language.
    pub texts: BTreeMap<String, StoryText>,
    /// Person-months; `null` until someone sets it.
    pub effort: Option<f64>,
    /// The member who owns it.
    pub owner_id: Option<Id>,
    pub stage: Stage,
    /// Why it was moved there last, where a reason was given: a decline's reason reaches whoever asked.
    pub stage_reason: Option<String>,
    pub theme_ids: Vec<Id>,
    /// Its evidence: the current feedback of its themes and what was attached, without what was taken off or dismissed.
    pub feedback_count: i32,
    /// Distinct customers behind the evidence.
    pub customer_count: i32,
    /// `builtin` for the extractive draft, `llm:` and the model's name for one that a language model wrote, `member` for
    /// one written by hand.
    #[schema(example = "builtin")]
    pub drafted_by: String,
    pub priority: Priority,
    /// The story this one is a duplicate of.
    pub duplicate_of: Option<Id>,
    /// The story this one seems to be a duplicate of since two themes were merged; a person decides.
    pub proposed_duplicate_of: Option<Id>,
    /// When it should be done.
    pub due_at: Option<Time>,
    /// Until when a draft should be accepted or declined: the product's response promise; `null` once it was.
    pub respond_by: Option<Time>,
    /// When it was noticed that the promise, or `due_at`, was missed.
    pub overdue_at: Option<Time>,
    /// When customers got it, last.
    pub released_at: Option<Time>,
    /// How often customers were to be told of it: each release, decline and roll-back is a round of closures.
    pub round: i32,
    /// The round whose customers were told of a release that was rolled back since. Somebody decides whether they hear
    /// of that too: `POST /v1/stories/{id}/roll_back_notice`.
    pub roll_back_to_tell: Option<i32>,
    /// New feedback on its themes that was said after its release.
    pub recurrences: i32,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
    /// The factors people set.
    #[serde(skip)]
    pub set: SetFactors,
    /// Whether its words are a person's; the built-in draft follows its theme only until then.
    #[serde(skip)]
    pub edited: bool,
}

impl Story {
    /// A draft that no person has changed or moved: the engine may still change it.
    pub fn is_untouched(&self) -> bool {
        self.stage == Stage::Draft && !self.edited && self.version == 1
    }

    /// Whether its words still follow its theme: a draft in the engine's words that stands on one theme alone. What
    /// stands on several was put together by a person, and what seems to be a duplicate waits for one.
    pub fn follows_theme(&self) -> bool {
        self.stage == Stage::Draft && !self.edited && self.theme_ids.len() == 1 && self.proposed_duplicate_of.is_none()
    }
}

/// A promise that was missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed {
    /// `response` (a draft was not answered in time) or `due` (it is not released when it should be).
    pub promise: &'static str,
    /// When it was to be kept.
    pub since: Time,
}

impl Story {
    /// The promise it has missed at this time, if it has missed one.
    pub fn missed(&self, now: Time) -> Option<Missed> {
        let passed = |promise, at: Option<Time>| at.filter(|at| *at < now).map(|since| Missed { promise, since });
        match self.stage {
            Stage::Draft => passed("response", self.respond_by).or(passed("due", self.due_at)),
            stage if stage < Stage::Released => passed("due", self.due_at),
            _ => None,
        }
    }
}

/// The words of a story as the engine drafts them from a theme.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DraftWords {
    /// Empty where its customers share too few words for one:
    pub title: String,
    /// then this and the story's number is the title.
    pub untitled: Option<String>,
    /// The same for customers who read other languages.
    pub texts: BTreeMap<String, StoryText>,
    pub as_a: String,
    pub i_want: String,
    pub so_that: String,
    pub acceptance_criteria: Vec<Criterion>,
}

impl DraftWords {
    /// With a title: where there is none, what the story is and the number it has in its product.
    #[must_use]
    pub fn titled(mut self, number: i32) -> Self {
        if let Some(untitled) = self.untitled.take().filter(|_| self.title.is_empty()) {
            self.title = format!("{untitled} {number}");
        }
        self
    }

    /// Cut to what a story may hold, so that a person can edit it afterwards.
    #[must_use]
    pub fn fitted(self) -> Self {
        let criterion = |c: Criterion| Criterion {
            text: cut(c.text, 2000),
            feedback_ids: c.feedback_ids.into_iter().take(100).collect(),
        };
        Self {
            untitled: self.untitled,
            texts: self.texts,
            title: cut(self.title, 300),
            as_a: cut(self.as_a, 1000),
            i_want: cut(self.i_want, 1000),
            so_that: cut(self.so_that, 1000),
            acceptance_criteria: self.acceptance_criteria.into_iter().take(50).map(criterion).collect(),
        }
    }
}

fn cut(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => text[..at].to_owned(),
        None => text,
    }
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
    /// What it says to customers who read other languages, by language: `ko`, `en`, `pt-BR`.
    pub texts: Option<BTreeMap<String, StoryText>>,
    /// Person-months.
    #[schema(minimum = 0.5, maximum = 1000)]
    pub effort: Option<f64>,
    /// Id of an active member, or `me`.
    pub owner_id: Option<Id>,
    /// When it should be done.
    pub due_at: Option<Time>,
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
    /// What it says to customers who read other languages, by language: `ko`, `en`, `pt-BR`; `null` takes one away.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, StoryTextOrNothing>)]
    pub texts: BTreeMap<String, Option<StoryText>>,
    /// Person-months; the same as `priority.effort`.
    #[serde(default)]
    #[schema(minimum = 0.5, maximum = 1000)]
    pub effort: Option<f64>,
    /// Id of an active member, or `me`.
    #[serde(default)]
    pub owner_id: Option<Id>,
    /// When it should be done.
    #[serde(default)]
    pub due_at: Option<Time>,
    /// `null` turns the proposal down; it is accepted by a transition to `duplicate`.
    #[serde(default)]
    pub proposed_duplicate_of: Option<Id>,
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

impl From<&Story> for StoryEdit {
    fn from(story: &Story) -> Self {
        let SetFactors { reach, impact, confidence, effort } = story.set;
        Self {
            title: story.title.clone(),
            as_a: story.as_a.clone(),
            i_want: story.i_want.clone(),
            so_that: story.so_that.clone(),
            acceptance_criteria: story.acceptance_criteria.clone(),
            in_scope: story.in_scope.clone(),
            out_of_scope: story.out_of_scope.clone(),
            texts: story.texts.clone().into_iter().map(|(language, text)| (language, Some(text))).collect(),
            effort,
            owner_id: story.owner_id,
            due_at: story.due_at,
            proposed_duplicate_of: story.proposed_duplicate_of,
            priority: FactorsEdit { reach, impact, confidence },
        }
    }
}

impl StoryEdit {
    /// The factors a person sets by it.
    pub fn set_factors(&self) -> SetFactors {
        let FactorsEdit { reach, impact, confidence } = self.priority;
        SetFactors { reach, impact, confidence, effort: self.effort }
    }
}

/// Feedback to attach to a story.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachFeedback {
    /// Feedback of the story's product, whatever its theme.
    #[schema(min_items = 1, max_items = 200)]
    pub feedback_ids: Vec<Id>,
}

/// Themes to attach to a story.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachThemes {
    /// Themes of the story's product; one that was merged stands for what it was merged into.
    #[schema(min_items = 1, max_items = 50)]
    pub theme_ids: Vec<Id>,
}

/// Move a story to a stage.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    #[schema(inline)]
    pub to: Stage,
    /// Needed for going back, declining, reconsidering and overriding gates.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
    /// For `to: duplicate`: the story this one is a duplicate of.
    pub duplicate_of: Option<Id>,
    /// For `to: ready` and `to: released`, by an admin with a reason: go past what the gates still ask for.
    #[serde(default)]
    pub override_gates: bool,
    /// For `to: closed` while customers wait: why they can't be told. Their cases end as `unreachable`.
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub unreachable_reason: Option<String>,
    /// For `to: declined`: whether the customers behind it hear the reason; they do unless this is false. From a released
    /// stage back to `ready`: whether those who were told of it hear that it was taken back; where absent, the
    /// product's `tell_roll_back` says so.
    pub tell_customers: Option<bool>,
}

crate::domain::names! {
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
    /// Id of a member, or `me`.
    #[param(inline)]
    pub owner: Option<Id>,
    /// Id of a theme.
    #[param(inline)]
    pub theme: Option<Id>,
    /// `true`: drafts whose `respond_by` has passed, and unreleased stories whose `due_at` has; `false`: the others.
    pub overdue: Option<bool>,
    /// `arrival` where absent. Sorted by `priority`, declined stories, duplicates, and untouched drafts whose feedback has
    /// gone elsewhere are left out unless `stage` asks for them.
    #[param(inline)]
    pub sort: Option<StorySort>,
    /// The number of a story, in any case.
    #[param(pattern = "^[A-Za-z][A-Za-z0-9]{0,9}-[1-9][0-9]{0,8}$", example = "HB-10")]
    pub number: Option<String>,
    /// Words, or parts of words, that its title, its sentence or its number must all contain; case does not count.
    #[param(min_length = 1, max_length = 200, pattern = "\\S")]
    pub q: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
