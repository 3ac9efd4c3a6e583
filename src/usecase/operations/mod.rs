//! Operations: incidents and their owners.

automod::dir!(pub "src/usecase/operations");
pub mod postmortem;
pub mod telling;
