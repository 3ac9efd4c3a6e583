//! Close: who is told of a story, how, and what they answer.

pub(in crate::http) mod closures;
pub(in crate::http) mod previews;
