//! Nearest-neighbour search over the texts of the items.

pub(in crate::engine) mod across;
pub(in crate::engine) mod blocks;
pub(in crate::engine) mod copies;
pub(in crate::engine) mod items;
pub(in crate::engine) mod lookup;
pub(in crate::engine) mod nearest;
pub(in crate::engine) mod neighbours;
pub mod room;
pub(in crate::engine) mod script;
pub mod similar;
pub(in crate::engine) mod sketch;
