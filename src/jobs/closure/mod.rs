//! Close: who is told of a story, how, and what they answer.

pub mod reminders;
