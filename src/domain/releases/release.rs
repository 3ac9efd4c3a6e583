//! Releases: versions of a product, and the stories in them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};
use crate::domain::stories::ReleaseText;
use crate::domain::stories::stage::Stage;
use crate::domain::stories::texts::ReleaseTextOrNothing;

crate::domain::names! {
    /// The state of a release.
    pub enum ReleaseState {
        Planned "planned", Frozen "frozen", Shipped "shipped", RolledBack "rolled_back", Yanked "yanked",
    }
}

impl ReleaseState {
    /// Whether the release is not shipped yet, so that its content may change.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Frozen)
    }
}

crate::domain::names! {
    /// A section of a changelog, in the order of Keep a Changelog.
    pub enum Section {
        Added "added", Changed "changed", Deprecated "deprecated", Removed "removed", Fixed "fixed",
        Security "security",
    }
}

/// A release.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Release {
    pub id: Id,
    pub product_id: Id,
    #[schema(example = "1.4.0")]
    pub name: String,
    pub state: ReleaseState,
    pub planned_for: Option<Time>,
    /// The departure time of its train, if it belongs to one.
    pub train_at: Option<Time>,
    /// The text above the entries in its changelog.
    pub notes: Option<String>,
    /// The texts for readers of other languages, by language.
    pub texts: BTreeMap<String, ReleaseText>,
    /// The reason for the last unfreeze, roll-back or yank.
    pub reason: Option<String>,
    pub frozen_at: Option<Time>,
    /// When it was shipped.
    pub shipped_at: Option<Time>,
    /// When it reached production. Its stories are `released` from then on.
    pub deployed_at: Option<Time>,
    /// When it was rolled back or yanked.
    pub ended_at: Option<Time>,
    /// A deployment to production that came before the release was shipped. The release then reaches customers as soon
    /// as somebody ships it. See the product's `unshipped_release`.
    pub held_deployment_id: Option<Id>,
    /// The stories in it, in the order in which they were added.
    pub stories: Vec<ReleaseStory>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

impl Release {
    /// The stories in it, without those that were moved to another release.
    pub fn aboard(&self) -> impl Iterator<Item = &ReleaseStory> {
        self.stories.iter().filter(|story| story.moved_to.is_none())
    }
}

/// A story of a release.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReleaseStory {
    pub story_id: Id,
    #[schema(example = "HB-17")]
    pub number: String,
    #[schema(example = "Refunds show when they will arrive")]
    pub title: String,
    pub stage: Stage,
    pub section: Section,
    /// The text of the changelog entry; the story's title where absent.
    pub entry: Option<String>,
    /// The release it was moved to, because it was not ready when the train left.
    pub moved_to: Option<Id>,
    pub added_at: Time,
}

impl ReleaseStory {
    /// The text of the changelog entry.
    pub fn line(&self) -> &str {
        self.entry.as_deref().unwrap_or(&self.title)
    }
}

/// A release to plan.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "1.4.0"}))]
pub struct NewRelease {
    /// Key or id of the product; the default product where absent.
    #[schema(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// The name; unique in the product.
    #[schema(min_length = 1, max_length = 100, pattern = "\\S")]
    pub name: String,
    /// When the release is planned; the departure of its train where absent.
    pub planned_for: Option<Time>,
    /// A departure of the product's train: see `/v1/products/{id}/trains`.
    pub train_at: Option<Time>,
    #[schema(min_length = 1, max_length = 10_000)]
    pub notes: Option<String>,
}

/// The editable fields of a release (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseEdit {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100, pattern = "\\S")]
    pub name: String,
    #[serde(default)]
    pub planned_for: Option<Time>,
    /// Cannot be changed once the release is shipped.
    #[serde(default)]
    pub train_at: Option<Time>,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 10_000)]
    pub notes: Option<String>,
    /// The texts for readers of other languages, by language: `ko`, `en`, `pt-BR`; `null` removes a language.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, ReleaseTextOrNothing>)]
    pub texts: BTreeMap<String, Option<ReleaseText>>,
}

impl From<&Release> for ReleaseEdit {
    fn from(release: &Release) -> Self {
        Self {
            name: release.name.clone(),
            planned_for: release.planned_for,
            train_at: release.train_at,
            notes: release.notes.clone(),
            texts: release.texts.clone().into_iter().map(|(language, text)| (language, Some(text))).collect(),
        }
    }
}

/// The number of a story.
#[derive(ToSchema)]
#[schema(min_length = 3, max_length = 30, pattern = "^[A-Z][A-Z0-9]{0,9}-[1-9][0-9]{0,9}$")]
#[allow(dead_code, reason = "states the schema only")]
pub struct StoryNumber(String);

/// Stories to add to a release. For stories that are in it already, their changelog entries change.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"numbers": ["HB-17"], "section": "fixed"}))]
pub struct NewReleaseStories {
    #[serde(default)]
    #[schema(max_items = 200)]
    pub story_ids: Vec<Id>,
    #[serde(default)]
    #[schema(max_items = 200, value_type = Vec<StoryNumber>)]
    pub numbers: Vec<String>,
    /// The section; where absent, it follows the kind of feedback: `fixed` for bugs, `changed` for complaints, `added`
    /// for the rest.
    pub section: Option<Section>,
    /// The text of the changelog entry, for a single story; its title where absent.
    #[schema(min_length = 1, max_length = 500, pattern = "\\S")]
    pub entry: Option<String>,
}

/// A request to ship a release.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ship {
    /// Whether the release is in production from now on. `true` records a deployment to the product's production
    /// environment, for teams that do not report deployments. Where absent, the release is in production if a
    /// deployment of it was reported already.
    pub deployed: Option<bool>,
    /// Whether stories that are not ready move to the next train, or out of the release where there is none. Otherwise
    /// they are a reason to refuse.
    pub move_unready: bool,
}

/// A request to roll a release back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Payments failed on old phones.", "tell_customers": true}))]
pub struct RollBack {
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub reason: String,
    /// Whether customers who were told of its stories are told of the roll-back; the product's `tell_roll_back` decides
    /// where absent.
    pub tell_customers: Option<bool>,
}

/// The query parameters of the list of releases.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReleaseQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[param(inline)]
    pub state: Option<ReleaseState>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
