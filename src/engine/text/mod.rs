//! Text analysis: tokenisation, word lists, and embedding.

pub(in crate::engine) mod embed;
pub(in crate::engine) mod external;
pub(in crate::engine) mod keyword_forms;
pub(in crate::engine) mod korean_tokens;
pub(in crate::engine) mod likeness;
pub(in crate::engine) mod meaning;
pub(in crate::engine) mod morphology;
pub(in crate::engine) mod predicates;
pub(in crate::engine) mod stop_words;
pub(in crate::engine) mod tagging;
pub(in crate::engine) mod tokens;
pub(in crate::engine) mod vector;
pub(in crate::engine) mod words;
