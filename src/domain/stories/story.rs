//! Stories: what should be built, and for which customers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::acceptance::Criterion;
use super::facts::Facts;
use super::priority::{Priority, SetFactors};
use super::stage::Stage;
use super::texts::{StoryText, StoryTextOrNothing};
use crate::domain::base::text::cut;
use crate::domain::base::{Id, Time};
use crate::domain::search::several::Several;

/// A story.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Story {
    pub id: Id,
    pub product_id: Id,
    /// Key of the product and a number; the numbers have no gaps.
    #[schema(example = "HB-17")]
    pub number: String,
    #[schema(example = "Refund has not arrived")]
    pub title: String,
    pub as_a: String,
    pub i_want: String,
    /// The purpose; empty where no customers named one.
    pub so_that: String,
    pub acceptance_criteria: Vec<Criterion>,
    pub in_scope: Vec<String>,
    pub out_of_scope: Vec<String>,
    /// The texts for customers who read other languages, by language.
    pub texts: BTreeMap<String, StoryText>,
    /// What its customers mentioned: versions, devices, segments, workarounds and more, each with its feedback. They
    /// follow the feedback of its theme, also after a person edited the texts.
    pub facts: Facts,
    /// Effort in person-months; `null` until it is set.
    pub effort: Option<f64>,
    /// How many working days it takes; `null` until it is set. Plans compute dates from it, or from `effort` without it.
    pub days: Option<i32>,
    /// Whether something that it needs is not there yet. It is computed from its dependencies.
    pub blocked: bool,
    /// The member who owns it.
    pub owner_id: Option<Id>,
    pub stage: Stage,
    /// The reason for the last change of stage, if one was given. The reason of a decline is sent to the customers who
    /// asked.
    pub stage_reason: Option<String>,
    pub theme_ids: Vec<Id>,
    /// The number of its evidence: the current feedback of its themes and the attached feedback, without detached or
    /// dismissed items.
    pub feedback_count: i32,
    /// Distinct customers behind the evidence.
    pub customer_count: i32,
    /// `builtin` for the extractive draft, `llm:` and the name of a language model, `member` for a story written by hand.
    #[schema(example = "builtin")]
    pub drafted_by: String,
    pub priority: Priority,
    /// The story this one is a duplicate of.
    pub duplicate_of: Option<Id>,
    /// The story that this one seems to duplicate, since two themes were merged; a person decides.
    pub proposed_duplicate_of: Option<Id>,
    /// When it should be done.
    pub due_at: Option<Time>,
    /// The deadline of the product's response promise, by which a draft should be accepted or declined.
    pub respond_by: Option<Time>,
    /// When the program noticed that `respond_by` or `due_at` was missed.
    pub overdue_at: Option<Time>,
    /// When customers last received it.
    pub released_at: Option<Time>,
    /// The number of rounds of closures: each release, decline or roll-back of which customers are told is one.
    pub round: i32,
    /// The round whose customers were told of a release that was rolled back since. A member decides whether they are
    /// told of the roll-back: `POST /v1/stories/{id}/roll_back_notice`.
    pub roll_back_to_tell: Option<i32>,
    /// How many items of new feedback on its themes came after its release.
    pub recurrences: i32,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
    /// The factors that people set.
    #[serde(skip)]
    pub set: SetFactors,
    /// Whether a person wrote its texts. The built-in draft follows its theme only until then.
    #[serde(skip)]
    pub edited: bool,
}

impl Story {
    /// Whether it is a draft that no person has changed or moved.
    pub fn is_untouched(&self) -> bool {
        self.stage == Stage::Draft && !self.edited && self.version == 1
    }

    /// Whether its texts still follow its theme: it is a built-in draft with exactly one theme. A story with several
    /// themes was put together by a person, and a proposed duplicate waits for one.
    pub fn follows_theme(&self) -> bool {
        self.stage == Stage::Draft && !self.edited && self.theme_ids.len() == 1 && self.proposed_duplicate_of.is_none()
    }
}

/// A missed deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed {
    /// `response` (a draft was not answered in time) or `due` (it is not released on time).
    pub promise: &'static str,
    /// The deadline.
    pub since: Time,
}

impl Story {
    /// The deadline that the story has missed at this time, if any.
    pub fn missed(&self, now: Time) -> Option<Missed> {
        let passed = |promise, at: Option<Time>| at.filter(|at| *at < now).map(|since| Missed { promise, since });
        match self.stage {
            Stage::Draft => passed("response", self.respond_by).or(passed("due", self.due_at)),
            stage if stage < Stage::Released => passed("due", self.due_at),
            _ => None,
        }
    }
}

/// The texts of a story, as drafted by the engine from a theme.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DraftWords {
    /// Empty where the customers' texts share too few words for a title.
    pub title: String,
    /// The beginning of the title where `title` is empty; the story's number follows it.
    pub untitled: Option<String>,
    /// The same texts for customers who read other languages.
    pub texts: BTreeMap<String, StoryText>,
    pub as_a: String,
    pub i_want: String,
    pub so_that: String,
    pub acceptance_criteria: Vec<Criterion>,
    /// Proposals for the scope.
    pub in_scope: Vec<String>,
    pub out_of_scope: Vec<String>,
    /// What the customers mentioned; `None` leaves those of the story as they are.
    pub facts: Option<Facts>,
}

impl DraftWords {
    /// The draft with a title. Where it has none, the title is `untitled` with the story's number in its product.
    #[must_use]
    pub fn titled(mut self, number: i32) -> Self {
        if let Some(untitled) = self.untitled.take().filter(|_| self.title.is_empty()) {
            self.title = format!("{untitled} {number}");
        }
        self
    }

    /// The draft with its texts cut to the lengths that a story may have, so that a person can edit it afterwards.
    #[must_use]
    pub fn fitted(self) -> Self {
        let lines = |lines: Vec<String>| lines.into_iter().take(50).map(|line| cut(line, 2000)).collect();
        Self {
            untitled: self.untitled,
            texts: self.texts,
            title: cut(self.title, 300),
            as_a: cut(self.as_a, 1000),
            i_want: cut(self.i_want, 1000),
            so_that: cut(self.so_that, 1000),
            acceptance_criteria: self.acceptance_criteria.into_iter().take(50).map(Criterion::fitted).collect(),
            in_scope: lines(self.in_scope),
            out_of_scope: lines(self.out_of_scope),
            facts: self.facts,
        }
    }
}

/// A line of a story's scope.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 2000)]
#[allow(dead_code, reason = "states the schema only")]
pub struct ScopeLine(String);

/// A story to create: from a theme (`theme_id`), or by hand (at least with a title).
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Refunds show when they will arrive"}))]
pub struct NewStory {
    /// Key or id of the product; where absent, that of the theme or the default product.
    #[schema(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// The theme to draft from. Other fields that are given replace those of the draft.
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
    /// The texts for customers who read other languages, by language: `ko`, `en`, `pt-BR`.
    pub texts: Option<BTreeMap<String, StoryText>>,
    /// Effort in person-months.
    #[schema(minimum = 0.5, maximum = 1000)]
    pub effort: Option<f64>,
    /// How many working days it takes.
    #[schema(minimum = 0, maximum = 2000)]
    pub days: Option<i32>,
    /// Id of an active member, or `me`.
    pub owner_id: Option<Id>,
    /// When it should be done.
    pub due_at: Option<Time>,
}

/// The editable fields of a story (merge patch).
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
    /// The texts for customers who read other languages, by language: `ko`, `en`, `pt-BR`; `null` removes a language.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, StoryTextOrNothing>)]
    pub texts: BTreeMap<String, Option<StoryText>>,
    /// Effort in person-months; the same as `priority.effort`.
    #[serde(default)]
    #[schema(minimum = 0.5, maximum = 1000)]
    pub effort: Option<f64>,
    /// How many working days it takes.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 2000)]
    pub days: Option<i32>,
    /// Id of an active member, or `me`.
    #[serde(default)]
    pub owner_id: Option<Id>,
    /// When it should be done.
    #[serde(default)]
    pub due_at: Option<Time>,
    /// `null` rejects the proposal. A transition to `duplicate` accepts it.
    #[serde(default)]
    pub proposed_duplicate_of: Option<Id>,
    /// Factors set by a person; `null` makes a factor derived again.
    #[serde(default)]
    #[schema(value_type = FactorsEdit)]
    pub priority: FactorsEdit,
}

/// The factors of a story's priority that a person can set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FactorsEdit {
    /// People per quarter.
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
            days: story.days,
            owner_id: story.owner_id,
            due_at: story.due_at,
            proposed_duplicate_of: story.proposed_duplicate_of,
            priority: FactorsEdit { reach, impact, confidence },
        }
    }
}

impl StoryEdit {
    /// The factors that the edit leaves set.
    pub fn set_factors(&self) -> SetFactors {
        let FactorsEdit { reach, impact, confidence } = self.priority;
        SetFactors { reach, impact, confidence, effort: self.effort }
    }
}

/// Feedback to attach to a story.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachFeedback {
    /// Feedback of the story's product, of any theme.
    #[schema(min_items = 1, max_items = 200)]
    pub feedback_ids: Vec<Id>,
}

/// Themes to attach to a story.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachThemes {
    /// Themes of the story's product. A merged theme stands for the one it was merged into.
    #[schema(min_items = 1, max_items = 50)]
    pub theme_ids: Vec<Id>,
}

/// A transition of a story to a stage.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    #[schema(inline)]
    pub to: Stage,
    /// The reason; required for going back, declining, reconsidering and overriding gates.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
    /// For `to: duplicate`: the story that this one duplicates.
    pub duplicate_of: Option<Id>,
    /// For `to: ready` and `to: released`: passes closed gates. Only for an admin, with a reason.
    #[serde(default)]
    pub override_gates: bool,
    /// For `to: closed` with waiting customers: why they cannot be told. Their closures become `unreachable`.
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub unreachable_reason: Option<String>,
    /// For `to: declined`: whether the customers behind the story are told the reason (default `true`). From a released
    /// stage back to `ready`: whether customers who were told of the release are told of the roll-back; the product's
    /// `tell_roll_back` decides where absent.
    pub tell_customers: Option<bool>,
}

crate::domain::names! {
    /// The order of stories, highest first. With `priority`, stories may change their position between two pages.
    pub enum StorySort { Arrival "arrival", Priority "priority" }
}

/// The query parameters of the list of stories.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StoryQuery {
    /// Key or id of the product, or several separated by commas.
    #[param(value_type = Option<String>, min_length = 1, max_length = 2000)]
    pub product: Option<Several<String>>,
    /// One stage, or several separated by commas.
    #[param(value_type = Option<String>, example = "draft,accepted",
        pattern = "^(draft|accepted|scoped|designing|building|testing|ready|released|closing|closed|declined|duplicate)(,(draft|accepted|scoped|designing|building|testing|ready|released|closing|closed|declined|duplicate))*$")]
    pub stage: Option<Several<Stage>>,
    /// Id of a member, or `me`, or several separated by commas.
    #[param(value_type = Option<String>, max_length = 2000,
        pattern = "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(,[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})*$")]
    pub owner: Option<Several<Id>>,
    /// Id of a theme.
    #[param(inline)]
    pub theme: Option<Id>,
    /// `true`: drafts past their `respond_by`, and unreleased stories past their `due_at`; `false`: all other stories.
    pub overdue: Option<bool>,
    /// `true`: stories that need something that is not there yet; `false`: all others.
    pub blocked: Option<bool>,
    /// `true`: stories that need a story which was declined. Nothing satisfies them until a person decides.
    pub needs_decision: Option<bool>,
    /// `arrival` by default. With `priority`, the list omits stories of archived products unless `product` asks for them,
    /// and declined stories, duplicates, and untouched drafts whose feedback has moved elsewhere unless `stage` does.
    #[param(inline)]
    pub sort: Option<StorySort>,
    /// The number of a story, in upper or lower case.
    #[param(pattern = "^[A-Za-z][A-Za-z0-9]{0,9}-[1-9][0-9]{0,8}$", example = "HB-10")]
    pub number: Option<String>,
    /// Words, or parts of words, that must all occur in the title, the sentence or the number; case is ignored.
    #[param(min_length = 1, max_length = 200, pattern = "\\S")]
    pub q: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
