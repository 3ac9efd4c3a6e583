//! Releases: versions of a product, and the stories they bring.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};
use crate::domain::stories::ReleaseText;
use crate::domain::stories::stage::Stage;
use crate::domain::stories::texts::ReleaseTextOrNothing;

crate::domain::names! {
    /// Where a release stands.
    pub enum ReleaseState {
        Planned "planned", Frozen "frozen", Shipped "shipped", RolledBack "rolled_back", Yanked "yanked",
    }
}

impl ReleaseState {
    /// Not out yet: what is in it may still change.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Frozen)
    }
}

crate::domain::names! {
    /// The section of a changelog, in the order of Keep a Changelog.
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
    /// The train it goes with, if it goes with one.
    pub train_at: Option<Time>,
    /// What its changelog says above the entries.
    pub notes: Option<String>,
    /// What it says to readers of other languages, by language.
    pub texts: BTreeMap<String, ReleaseText>,
    /// Why it was unfrozen, rolled back or yanked last.
    pub reason: Option<String>,
    pub frozen_at: Option<Time>,
    /// When it was sent on its way.
    pub shipped_at: Option<Time>,
    /// Since when it is in production; its stories are `released` from then on.
    pub deployed_at: Option<Time>,
    /// When it was rolled back or yanked.
    pub ended_at: Option<Time>,
    /// A deployment to production that came before anybody shipped the release: it waits for somebody to ship it, which
    /// then also brings it to customers. See the product's `unshipped_release`.
    pub held_deployment_id: Option<Id>,
    /// What it brings, in the order in which it was added.
    pub stories: Vec<ReleaseStory>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

impl Release {
    /// The stories it brings: those that missed it left out.
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
    /// What the changelog says; the story's title where absent.
    pub entry: Option<String>,
    /// The release it goes with instead, because it was not ready when the train left.
    pub moved_to: Option<Id>,
    pub added_at: Time,
}

impl ReleaseStory {
    /// What the changelog says.
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
    /// Unique in the product.
    #[schema(min_length = 1, max_length = 100, pattern = "\\S")]
    pub name: String,
    /// When its train leaves where absent.
    pub planned_for: Option<Time>,
    /// A departure of the product's train: see `/v1/products/{id}/trains`.
    pub train_at: Option<Time>,
    #[schema(min_length = 1, max_length = 10_000)]
    pub notes: Option<String>,
}

/// What a person may change of a release (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseEdit {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100, pattern = "\\S")]
    pub name: String,
    #[serde(default)]
    pub planned_for: Option<Time>,
    /// Not once it is shipped.
    #[serde(default)]
    pub train_at: Option<Time>,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 10_000)]
    pub notes: Option<String>,
    /// What it says to readers of other languages, by language: `ko`, `en`, `pt-BR`; `null` takes one away.
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

/// Put stories into a release; for those it has, change what the changelog says.
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
    /// Where absent, chosen by what customers said: `fixed` for bugs, `changed` for complaints, `added` for the rest.
    pub section: Option<Section>,
    /// What the changelog says, for one story; its title where absent.
    #[schema(min_length = 1, max_length = 500, pattern = "\\S")]
    pub entry: Option<String>,
}

/// Ship a release.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ship {
    /// It is in production with this: records a deployment to the product's production environment, for teams whose
    /// deployments nobody reports. Where absent, it is if a deployment of it was reported already.
    pub deployed: Option<bool>,
    /// Leave what is not ready behind, for the next train where there is one, instead of refusing.
    pub move_unready: bool,
}

/// Take a release back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Payments failed on old phones.", "tell_customers": true}))]
pub struct RollBack {
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub reason: String,
    /// Whether those who were told of its stories hear that they were taken back; where absent, the product's
    /// `tell_roll_back` says so.
    pub tell_customers: Option<bool>,
}

/// Which releases a list shows.
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
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
