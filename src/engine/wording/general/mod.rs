//! Words of this program for general matters, so that something can be said of a theme whose customers say the same in
//! different words, without quoting any of them.

pub(in crate::engine) mod case_table;
pub(in crate::engine) mod cases;
#[cfg(test)]
mod cases_tests;
pub(in crate::engine) mod tables;
pub(in crate::engine) mod titles;
pub(in crate::engine) mod vocabulary;
