//! Privacy: who saw whose data, what is kept and why, whom a restored backup may not bring back, and what is masked.

mod access_log;
mod access_walk;
mod data_map;
mod ledger;
mod masking;
mod masking_sentences;
mod pages;
