//! Wording: labels, keywords, titles and drafts of themes, and detection of quotes.

pub(in crate::engine) mod circumstances;
pub(in crate::engine) mod compose;
#[cfg(test)]
pub(in crate::engine) mod compose_tests;
pub(in crate::engine) mod criteria;
pub(in crate::engine) mod descriptions;
pub(in crate::engine) mod draft;
#[cfg(test)]
mod draft_tests;
pub(in crate::engine) mod english;
pub(in crate::engine) mod exemplars;
pub(in crate::engine) mod facts;
pub(in crate::engine) mod keywords;
pub(in crate::engine) mod korean;
pub(in crate::engine) mod label;
pub(in crate::engine) mod needs;
pub(in crate::engine) mod purpose;
pub(in crate::engine) mod quoted;
pub(in crate::engine) mod roles;
pub(in crate::engine) mod said;
pub(in crate::engine) mod said_en;
pub(in crate::engine) mod scope;
pub(in crate::engine) mod statement;
pub(in crate::engine) mod statement_en;
pub(in crate::engine) mod statement_ko;
#[cfg(test)]
mod statement_tests;
pub(in crate::engine) mod theme_item;
pub(in crate::engine) mod title;
pub(in crate::engine) mod title_en;
pub(in crate::engine) mod usage;
pub(in crate::engine) mod wish;
