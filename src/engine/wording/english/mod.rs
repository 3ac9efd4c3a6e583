//! English grammar, as far as titles and drafts need it, found by the tags of the words.
//!
//! ```text
//! clause -> words with tags -> noun phrases -> predicates -> phrases in the wording of a title
//! text -> sentences -> consequence, step, effort (what was tried, and workarounds)
//! ```

pub(super) mod consequence;
pub(super) mod effort;
pub(super) mod noun_phrase;
pub(super) mod phrase;
pub(super) mod predicate;
pub(super) mod sentence;
pub(super) mod step;
pub(super) mod wording;
pub(super) mod words;
