//! Postmortems: drafted from their incidents, reviewed, published, and followed by actions that are stories.

pub mod actions;
pub mod drafting;
pub mod facts;
pub mod markdown;
pub mod public;
pub mod repeats;
pub mod writing;
