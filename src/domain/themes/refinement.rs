//! The runs that look at all themes of a product at once.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// How thorough a refinement is: `warm` runs, at each tenth more items, move single items to where they fit better;
    /// `cold` ones, at 200, 400, 800, ... items, after imports and where someone asks, start from nothing.
    pub enum RefinementKind { Warm "warm", Cold "cold" }
}

/// A refinement that was asked for and will run.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RefinementDue {
    pub product_id: Id,
    pub kind: RefinementKind,
    /// Whether it is still to run; then `refinement_due` of `GET /v1/products/{id}/granularity` says so as well.
    pub due: bool,
}

/// One refinement: how it left the themes, next to how the run before it and the arrivals since had left them.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Refinement {
    pub id: Id,
    pub product_id: Id,
    pub kind: RefinementKind,
    /// How many items it looked at.
    #[schema(example = 1_600)]
    pub items: i32,
    /// Themes with items before it.
    #[schema(example = 81)]
    pub themes_before: i32,
    /// Themes with items after it.
    #[schema(example = 74)]
    pub themes_after: i32,
    /// Items it moved.
    #[schema(example = 112)]
    pub moved: i32,
    /// Items it would have moved from or to themes that people decided about: they stay where they are, and cold runs
    /// open proposals for them.
    #[schema(example = 9)]
    pub held_back: i32,
    /// How fine the themes were to be.
    #[schema(example = 8.0)]
    pub granularity: f64,
    /// How like the themes are to those that the run before left, with what came since: the adjusted Rand index, 1 where
    /// nothing moved.
    #[schema(example = 0.9312)]
    pub agreement: f64,
    pub created_at: Time,
}

/// Which refinements of a product a list shows.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RefinementQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
