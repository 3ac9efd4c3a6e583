//! Groups short customer texts into themes as they arrive, and says in a few words what each theme is about.
//!
//! Pure and deterministic: no clock, no chance, no network, no database. The same texts in the same order give the
//! same themes, today and after a restart.
//!
//! ```text
//! text -> words, meaning -> embed (vector) -> search -> grouper (vote) -> theme       on arrival
//!                                    items -> refine (graph, leiden) -> moves        now and then, away from the lock
//!                                    members of a theme -> compose (title), draft    when a person looks
//! ```
//!
//! The fitted rows of the meaning part (`vectors.bin`) are made by `tools/fit_vectors.py`.

mod bank;
mod carry;
mod central;
mod company;
mod compare;
mod compose;
#[cfg(test)]
mod compose_tests;
mod copies;
#[cfg(test)]
mod copies_tests;
mod draft;
mod embed;
mod external;
mod granularity;
mod grouper;
mod items;
mod label;
mod leiden;
mod levels;
mod lookup;
mod meaning;
pub mod metrics;
mod predicates;
mod quoted;
mod refine;
mod restore;
mod say;
mod schedule;
mod search;
mod sketch;
mod spread;
mod stop_words;
mod strays;
#[cfg(test)]
mod stream_tests;
mod title_en;
mod title_ko;
mod tokens;
pub mod trial;
mod vector;
mod wish;
mod words;

pub use compare::agreement;
pub use compose::{Composer, IsName, around, is_numbered, numbered};
pub use draft::{Criterion, Draft, Voice, draft};
pub use embed::{Reading, read};
pub use external::fitted;
pub use granularity::{CANDIDATES, Candidate, Choice};
pub use grouper::{Assignment, Granularity, Grouper, Placement, Settings};
pub use levels::Preview;
pub use lookup::{LookUp, Neighbour};
pub use quoted::{AtRisk, Outgoing, Quoted};
pub use refine::{GraphSnapshot, Move, Refinement};
pub use restore::StoredItem;
pub use say::{Background, Said};
pub use schedule::Kind;
pub use strays::Stray;
pub use vector::DIMENSIONS;
pub use wish::Wish;

/// How many characters of a text are read; the rest is ignored, so that one item costs a bounded time.
pub const READ_LIMIT: usize = 4_000;
