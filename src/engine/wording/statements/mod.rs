//! Statements: what must be true in the end, by the grammar of a title.

pub(in crate::engine) mod phrasing_en;
pub(in crate::engine) mod question_en;
pub(in crate::engine) mod reading;
pub(in crate::engine) mod statement;
pub(in crate::engine) mod statement_en;
pub(in crate::engine) mod statement_ko;
#[cfg(test)]
mod statement_tests;
pub(in crate::engine) mod statement_words;
pub(in crate::engine) mod verbs;
