//! Close: the messages to customers about a story, and their answers.

pub(in crate::store) mod closure_row;
pub mod closures;
pub mod tell_choices;
