//! Operations: incidents and what belongs to them.

automod::dir!(pub "src/domain/operations");
pub mod postmortem;
