//! Grouping on arrival by the vote of the nearest neighbours, and the use of people's decisions.

pub(in crate::engine) mod alike;
pub(in crate::engine) mod alone;
pub(in crate::engine) mod examples;
pub(in crate::engine) mod external_items;
pub(in crate::engine) mod grouper;
pub(in crate::engine) mod label_spreading;
pub(in crate::engine) mod restore;
pub(in crate::engine) mod strays;
pub(in crate::engine) mod theme_map;
pub(in crate::engine) mod theme_matching;
pub(in crate::engine) mod themes;
