//! Annotations: what happened, for dashboards of others.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// What happened.
    pub enum AnnotationKind { Release "release", Deployment "deployment", Incident "incident" }
}

/// Something that happened. `time` and `timeEnd` are in milliseconds, as Grafana reads them.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Annotation {
    pub id: Id,
    pub product_id: Id,
    pub kind: AnnotationKind,
    pub at: Time,
    /// Milliseconds since 1970.
    #[schema(example = 1769851800000i64)]
    pub time: i64,
    /// When it ended, if it lasted.
    #[serde(rename = "timeEnd")]
    pub time_end: Option<i64>,
    #[schema(example = "Release 1.4.0")]
    pub title: String,
    pub text: String,
    #[schema(example = json!(["release"]))]
    pub tags: Vec<String>,
}

/// The query parameters of annotations.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AnnotationQuery {
    /// Key or id of the product; all visible ones where absent.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// The first moment; 28 days before `to` where absent.
    #[param(inline)]
    pub from: Option<Time>,
    /// The first moment after; now where absent.
    #[param(inline)]
    pub to: Option<Time>,
}
