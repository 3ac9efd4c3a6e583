//! Closure: every customer who asked is told once, in their language, and answers whether the problem is solved.

mod audience;
mod bench;
mod bulk;
mod corrected;
mod declines;
mod desk;
mod languages;
mod late;
mod leaks;
mod mails;
mod moved;
mod pages;
mod recalls;
mod replayed;
mod roll_backs;
mod rounds;

pub use bench::{Bench, with_mail, without_mail};
