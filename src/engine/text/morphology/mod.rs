//! Korean morphology: texts as morphemes with their parts of speech, and the noun form of a predicate.
//!
//! The words and costs come from a part of the dictionary mecab-ko-dic, see `tools/fit_korean_lexicon.py`.

pub(in crate::engine) mod lattice;
pub(in crate::engine) mod lexicon;
pub(in crate::engine) mod nominal;
pub(in crate::engine) mod tag;

pub(in crate::engine) use lattice::{Morpheme, analyse};
pub(in crate::engine) use tag::Tag;
