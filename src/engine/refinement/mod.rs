//! Refinement of all themes of a product: the neighbour graph, its communities, and their granularity.

pub(in crate::engine) mod company;
pub(in crate::engine) mod compare;
pub(in crate::engine) mod cooccurrence;
pub(in crate::engine) mod granularity;
pub(in crate::engine) mod leiden;
pub(in crate::engine) mod likeness;
pub(in crate::engine) mod moving;
pub(in crate::engine) mod refine;
pub(in crate::engine) mod schedule;
pub(in crate::engine) mod scores;
pub(in crate::engine) mod sub_themes;
