//! What runs where: a release, or a revision, put into an environment.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// How a deployment ended; `scheduled` is one that is still to come.
    pub enum DeploymentState {
        Succeeded "succeeded", Failed "failed", RolledBack "rolled_back", Scheduled "scheduled",
    }
}

crate::domain::names! {
    /// Why a deployment did not bring a release to customers although it looks like it: nobody has shipped the release,
    /// or its name fits several releases.
    pub enum DeploymentHeld { NotShipped "not_shipped", Ambiguous "ambiguous" }
}

/// A deployment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Deployment {
    pub id: Id,
    pub product_id: Id,
    /// The release it brought there, if it was one of ours.
    pub release_id: Option<Id>,
    #[schema(example = "production")]
    pub environment: String,
    /// Whether customers get it there: by the environment's name, or because whoever reported it says so.
    pub production: bool,
    /// Which part of the product, where it has several.
    pub service: Option<String>,
    pub state: DeploymentState,
    /// Why it did not bring the release to customers, where it did not: see the product's `unshipped_release`.
    pub held: Option<DeploymentHeld>,
    /// The commit that was deployed.
    pub revision: Option<String>,
    pub url: Option<String>,
    /// Who reported it: `api`, `github`, `gitlab` or `cdevents`.
    #[schema(example = "api")]
    pub source: String,
    pub external_id: Option<String>,
    /// When it was done, or is to be done.
    pub deployed_at: Time,
    pub created_at: Time,
}

/// A deployment as it is reported; the same `external_id` of one source again changes its state.
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
    /// The product's production environment where absent.
    #[schema(min_length = 1, max_length = 100)]
    pub environment: Option<String>,
    /// Whether customers get it there, whatever the environment is called; where absent, by its name.
    pub production: Option<bool>,
    #[schema(min_length = 1, max_length = 200)]
    pub service: Option<String>,
    /// `succeeded` where absent. One that is `scheduled` takes effect at `deployed_at`.
    pub state: Option<DeploymentState>,
    #[schema(min_length = 1, max_length = 200)]
    pub revision: Option<String>,
    #[schema(format = "uri", max_length = 2000)]
    pub url: Option<String>,
    #[schema(min_length = 1, max_length = 300)]
    pub external_id: Option<String>,
    pub deployed_at: Option<Time>,
}

/// Which deployments a list shows.
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
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
