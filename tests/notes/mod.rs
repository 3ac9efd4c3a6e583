//! Internal notes: written, read and mentioned within the team, and never shown to anybody else.

mod erasing;
mod hidden;
mod life;
mod mails;
mod mentions;
mod subjects;
