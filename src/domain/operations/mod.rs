//! Operations: incidents and what belongs to them.

automod::dir!(pub "../domain/operations");
pub mod postmortem;
