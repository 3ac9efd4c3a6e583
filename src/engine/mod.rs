//! Groups short customer texts into themes as they arrive, and says in a few words what each theme is about.
//!
//! Pure and deterministic: no clock, no chance, no network, no database. The same texts in the same order give the
//! same themes, today and after a restart.
//!
//! ```text
//! text -> words -> embed (vector) -> items (search) -> grouper (vote) -> theme       on arrival
//!                                    items -> refine (graph, leiden) -> moves        now and then, away from the lock
//!                                    members of a theme -> say, label, draft         when a person looks
//! ```
//!
//! What is deliberately absent: approximate search on arrival (an arriving text is compared with every item), the
//! meaning part of a vector (see `embed.rs`), learning from people's corrections beyond pins.

mod central;
mod draft;
mod embed;
mod external;
mod grouper;
mod items;
mod label;
mod leiden;
mod lookup;
mod refine;
mod say;
mod sketch;
mod stop_words;
#[cfg(test)]
mod stream_tests;
mod vector;
mod words;

pub use draft::{Criterion, Draft, Voice, draft};
pub use external::fitted;
pub use grouper::{Assignment, Grouper, Placement, Settings, StoredItem};
pub use label::label;
pub use lookup::{LookUp, Neighbour};
pub use refine::{GraphSnapshot, Kind, Move, Refinement};
pub use say::{Background, Said, keywords};
pub use vector::DIMENSIONS;

/// How many characters of a text are read; the rest is ignored, so that one item costs a bounded time.
pub const READ_LIMIT: usize = 4_000;
