//! Deployments: a release, or a revision, installed in an environment.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ledger::NewChange;
use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// The state of a deployment; `scheduled` is in the future.
    pub enum DeploymentState {
        Succeeded "succeeded", Failed "failed", RolledBack "rolled_back", Scheduled "scheduled",
    }
}

crate::domain::names! {
    /// Why a successful deployment did not bring a release to customers: the release has not been shipped, or its name
    /// fits several releases.
    pub enum DeploymentHeld { NotShipped "not_shipped", Ambiguous "ambiguous" }
}

/// A deployment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Deployment {
    pub id: Id,
    pub product_id: Id,
    /// The release that was deployed, if it is one of ours.
    pub release_id: Option<Id>,
    #[schema(example = "production")]
    pub environment: String,
    /// Whether customers use this environment: by its name, or because the reporting system says so.
    pub production: bool,
    /// The part of the product, where it has several.
    pub service: Option<String>,
    pub state: DeploymentState,
    /// Why it did not bring the release to customers, if it did not: see the product's `unshipped_release`.
    pub held: Option<DeploymentHeld>,
    /// The commit that was deployed.
    pub revision: Option<String>,
    /// The version that was deployed, as its tag or name is written.
    #[schema(example = "v1.4.0")]
    pub version: Option<String>,
    pub url: Option<String>,
    /// The source of the report: `api`, `github`, `gitlab` or `cdevents`.
    #[schema(example = "api")]
    pub source: String,
    pub external_id: Option<String>,
    /// When it took place, or will take place. A later failure or roll-back does not change it: see `transitions`.
    pub deployed_at: Time,
    /// The states it has had, in the order in which they were reported.
    pub transitions: Vec<DeploymentTransition>,
    pub created_at: Time,
}

/// A state that a deployment has had.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DeploymentTransition {
    pub state: DeploymentState,
    /// When the deployment entered the state.
    pub at: Time,
    /// Whether it was inferred from another fact, such as a published release; otherwise a deployment was reported.
    pub inferred: bool,
    /// When it was reported.
    pub reported_at: Time,
}

/// A deployment to report. A further report with the same `external_id` from the same source changes its state.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"release": "1.4.0", "environment": "production"}))]
pub struct NewDeployment {
    /// Key or id of the product; the default product where absent.
    #[schema(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// Name or id of the release that was deployed.
    #[schema(min_length = 1, max_length = 100)]
    pub release: Option<String>,
    /// The environment; the product's production environment where absent.
    #[schema(min_length = 1, max_length = 100)]
    pub environment: Option<String>,
    /// Whether customers use this environment, whatever its name; decided by the name where absent.
    pub production: Option<bool>,
    #[schema(min_length = 1, max_length = 200)]
    pub service: Option<String>,
    /// `succeeded` where absent. A `scheduled` deployment takes effect at `deployed_at`.
    pub state: Option<DeploymentState>,
    #[schema(min_length = 1, max_length = 200)]
    pub revision: Option<String>,
    /// The version that was deployed.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub version: Option<String>,
    #[schema(format = "uri", max_length = 2000)]
    pub url: Option<String>,
    #[schema(min_length = 1, max_length = 300)]
    pub external_id: Option<String>,
    pub deployed_at: Option<Time>,
    /// The changes that it carries since the deployment before it, for their lead time. Where absent, they are the commits
    /// that hooks reported between the two revisions. A further report adds to them.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub changes: Vec<NewChange>,
    /// Number or id of the incident that it fixes. Such a deployment is not planned, and counts as rework.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 36, example = "HB-INC-1")]
    pub fixes: Option<String>,
}

/// The query parameters of the list of deployments.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeploymentQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[param(min_length = 1, max_length = 100)]
    pub environment: Option<String>,
    /// Id of a release.
    #[param(inline)]
    pub release: Option<Id>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
