//! Internal notes: written, read and mentioned within the team, and shown to nobody else.

mod bench;
mod erasing;
mod hidden;
mod life;
mod mails;
mod mentions;
