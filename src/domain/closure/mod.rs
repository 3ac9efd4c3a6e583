//! Close: who is told of a story, how, and what they answer.

pub(in crate::domain) mod audience;
pub(in crate::domain) mod case;
