//! Close: who is told of a story, how, and what they answer.

pub mod closures;
pub mod tell_choices;
