//! Wording: labels, keywords, titles and drafts of themes, and detection of quotes.

pub(in crate::engine) mod compose;
#[cfg(test)]
pub(in crate::engine) mod compose_tests;
pub(in crate::engine) mod descriptions;
pub(in crate::engine) mod drafting;
pub(in crate::engine) mod english;
pub(in crate::engine) mod exemplars;
pub(in crate::engine) mod found;
pub(in crate::engine) mod general;
pub(in crate::engine) mod keywords;
pub(in crate::engine) mod korean;
pub(in crate::engine) mod label;
pub(in crate::engine) mod quoted;
pub(in crate::engine) mod said;
pub(in crate::engine) mod said_en;
pub(in crate::engine) mod same_meaning;
pub(in crate::engine) mod statements;
pub(in crate::engine) mod theme_item;
pub(in crate::engine) mod title;
pub(in crate::engine) mod title_en;
pub(in crate::engine) mod wish;
