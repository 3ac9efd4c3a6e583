//! Jobs of closure: reminders and deadlines for customers' answers.

pub mod reminders;
