//! The grouping engine: groups short customer texts into themes as they arrive, and describes each theme in a few
//! words.
//!
//! It is pure and deterministic: no clock, no random numbers, no network, no database. The same texts in the same order
//! give the same themes, also after a restart.
//!
//! ```text
//! text -> words, meaning -> embed (vector) -> search -> grouper (vote) -> theme       on arrival
//!                                    items -> refine (graph, leiden) -> moves        now and then, away from the lock
//!                                    members of a theme -> compose (title), draft    when a person looks
//! ```
//!
//! `tools/fit_vectors.py` and `tools/fit_matters.py` make the fitted vectors of the meaning part (`vectors.bin`).

#[cfg(test)]
mod alone_tests;
#[cfg(test)]
mod beginnings_tests;
#[cfg(test)]
mod copies_tests;
pub mod grouping;
pub mod kinds;
#[cfg(test)]
mod languages_tests;
pub mod measure;
pub mod refinement;
#[cfg(test)]
mod room_tests;
pub mod search;
#[cfg(test)]
mod stream_tests;
pub mod text;
pub mod wording;

pub use grouping::alike::Alike;
pub use grouping::grouper::{Assignment, Granularity, Grouper, Placement, Settings};
pub use grouping::restore::StoredItem;
pub use grouping::strays::Stray;
pub use refinement::compare::agreement;
pub use refinement::granularity::{CANDIDATES, Candidate, Choice};
pub use refinement::refine::{GraphSnapshot, Move, Refinement};
pub use refinement::schedule::Kind;
pub use refinement::sub_themes::Preview;
pub use search::lookup::{LookUp, Neighbour};
pub use search::room::Room;
pub use search::similar::{Documents, LikeDocument};
pub use text::embed::{Reading, read};
pub use text::external::fitted;
pub use text::tokens::IsName;
pub use text::vector::DIMENSIONS;
pub use wording::compose::{Composer, around, is_numbered, numbered};
pub use wording::descriptions::{Description, descriptions};
pub use wording::drafting::draft::draft;
pub use wording::drafting::draft_of::{Criterion, Draft, DraftOf};
pub use wording::drafting::facts::Fact;
pub use wording::drafting::other_title::other_title;
pub use wording::keywords::{Background, FeedbackText};
pub use wording::label::language_of;
pub use wording::quoted::{AtRisk, Outgoing, Quoted};
pub use wording::said::{Said, said};
pub use wording::theme_item::ThemeItem;
pub use wording::wish::Wish;

/// How many characters of a text are read. The rest is ignored, which bounds the time per item.
pub const READ_LIMIT: usize = 4_000;
