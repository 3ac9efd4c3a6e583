//! Refinements: runs that regroup all themes of a product at once.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// How thorough a refinement is. `warm` runs, after each tenth more items, move single items to better-fitting
    /// themes. `cold` runs, at 50, 100, 200, ... items, after imports and on request, group all items anew.
    pub enum RefinementKind { Warm "warm", Cold "cold" }
}

/// A refinement that was requested and will run.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RefinementDue {
    pub product_id: Id,
    pub kind: RefinementKind,
    /// Whether it has not run yet; `refinement_due` of `GET /v1/products/{id}/granularity` shows the same.
    pub due: bool,
}

/// A refinement, compared with the themes before it: those of the previous run and of the items that have arrived
/// since.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Refinement {
    pub id: Id,
    pub product_id: Id,
    pub kind: RefinementKind,
    /// How many items it examined.
    #[schema(example = 1_600)]
    pub items: i32,
    /// How many themes had items before it.
    #[schema(example = 81)]
    pub themes_before: i32,
    /// How many themes had items after it.
    #[schema(example = 74)]
    pub themes_after: i32,
    /// How many items it moved.
    #[schema(example = 112)]
    pub moved: i32,
    /// Items that it would have moved from or to themes that people have changed. They stay where they are; cold runs
    /// open proposals for them.
    #[schema(example = 9)]
    pub held_back: i32,
    /// The granularity that was used.
    #[schema(example = 8.0)]
    pub granularity: f64,
    /// Similarity of the themes before and after the run: the adjusted Rand index, 1 where nothing moved.
    #[schema(example = 0.9312)]
    pub agreement: f64,
    pub created_at: Time,
}

/// The query parameters of the list of a product's refinements.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RefinementQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
