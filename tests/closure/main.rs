//! Closing the loop: everyone who asked is told, once, in their language, and says whether it is solved.

mod bench;
mod pages;
mod receiver;
mod rounds;
#[path = "../support/mod.rs"]
mod support;

mod mails;
