//! What inbound hooks report, whoever sends them.

use serde::Serialize;
use utoipa::ToSchema;

use super::stage::Stage;
use super::{DeploymentState, Id, LinkState, LinkTarget, NewFeedback, Time};

/// One thing that happened elsewhere.
#[derive(Clone, Debug)]
pub enum Report {
    /// Work that may name stories.
    Work(Work),
    /// A customer said something.
    Feedback(Box<NewFeedback>),
    /// Something runs somewhere now.
    Deployment(DeploymentReport),
}

/// A branch, a commit, a pull request or an issue.
#[derive(Clone, Debug)]
pub struct Work {
    /// What it is.
    pub target: LinkTarget,
    /// Its address.
    pub url: Option<String>,
    /// How far it is.
    pub state: Option<LinkState>,
    /// The words that may name stories; never kept. Stories that are linked already are known without them.
    pub words: Vec<String>,
    /// How far it brings the stories it names.
    pub reaches: Option<Stage>,
}

/// A deployment as another system reports it.
#[derive(Clone, Debug)]
pub struct DeploymentReport {
    /// Key or id of the product; the default product where absent.
    pub product: Option<String>,
    /// What the release may be called, the likeliest first: a tag, a branch, a version.
    pub release_names: Vec<String>,
    /// The product's production environment where absent.
    pub environment: Option<String>,
    /// Which part of the product.
    pub service: Option<String>,
    /// How it ended.
    pub state: DeploymentState,
    /// The commit, or whatever else says what runs.
    pub revision: Option<String>,
    /// Its address.
    pub url: Option<String>,
    /// What the other system calls it: the same again changes its state.
    pub external_id: String,
    /// When it was done; now where absent.
    pub at: Option<Time>,
}

super::names! {
    /// What became of a hook's delivery: it had its effect, it was there before, or there is nothing here to do for it.
    pub enum HookOutcome { Handled "handled", Repeated "repeated", Ignored "ignored" }
}

/// What became of a hook's delivery.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HookAnswer {
    #[schema(inline)]
    pub outcome: HookOutcome,
    /// Stories it was linked to.
    pub story_ids: Vec<Id>,
    /// Feedback that was filed or updated.
    pub feedback_ids: Vec<Id>,
    /// Deployments that were recorded.
    pub deployment_ids: Vec<Id>,
}

impl HookAnswer {
    /// One without effects.
    pub fn of(outcome: HookOutcome) -> Self {
        Self { outcome, story_ids: Vec::new(), feedback_ids: Vec::new(), deployment_ids: Vec::new() }
    }
}
