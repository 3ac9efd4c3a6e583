//! Close: the messages to customers about a story, and their answers.

pub mod closures;
pub mod tell_choices;
