//! English phrases that may become titles: noun phrases and short clauses, found by the tags of the words.
//!
//! ```text
//! clause -> words with tags -> noun phrases -> predicates -> phrases in the wording of a title
//! ```

pub(super) mod noun_phrase;
pub(super) mod phrase;
pub(super) mod predicate;
pub(super) mod wording;
pub(super) mod words;
