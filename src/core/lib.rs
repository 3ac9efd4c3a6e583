//! The core of Hearback: the rules of the feedback loop, and the engine that groups what customers say.
//!
//! A package of its own, because it alone is worth optimising as a whole: nothing here knows HTTP, a database or a clock, and
//! all else mostly waits for one of them. The modules lie beside the other layers, in `src/`.

#[path = "../domain/mod.rs"]
pub mod domain;
#[path = "../engine/mod.rs"]
pub mod engine;
#[path = "../refusal.rs"]
pub mod refusal;
