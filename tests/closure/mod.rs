//! Closing the loop: everyone who asked is told, once, in their language, and says whether it is solved.

mod bench;
mod languages;
mod leaks;
mod mails;
mod moved;
mod pages;
mod replayed;
mod rounds;
