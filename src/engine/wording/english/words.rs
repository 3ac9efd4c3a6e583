//! The words of a clause with their tags, and which of them may stand in a title.

use crate::engine::text::tagging::{self, Tag};
use crate::engine::text::tokens::{Kind, Token};
use crate::engine::wording::compose::Composer;

/// A word of a clause.
#[derive(Clone, Debug)]
pub(in crate::engine::wording) struct Word<'t> {
    pub token: &'t Token,
    pub tag: Tag,
    /// In lower case, with straight apostrophes.
    pub lower: String,
    /// Whether enough customers share it, so that it may stand in a title.
    pub shared: bool,
}

impl Word<'_> {
    pub fn is_noun(&self) -> bool {
        matches!(self.tag, Tag::Noun | Tag::ProperNoun) && self.token.kind == Kind::Content
    }

    pub fn is_content(&self) -> bool {
        self.token.kind == Kind::Content
    }

    pub fn is_negation(&self) -> bool {
        self.token.kind == Kind::Negation
    }

    pub fn is(&self, list: &[&str]) -> bool {
        list.contains(&self.letters().as_str())
    }

    /// Without apostrophes.
    pub fn letters(&self) -> String {
        self.lower.chars().filter(|c| *c != '\'').collect()
    }

    pub fn lemma(&self) -> String {
        tagging::lemma(&self.lower, self.tag)
    }

    /// Whether it is a past tense or a participle: "declined", "sent".
    pub fn is_past(&self) -> bool {
        self.tag == Tag::Verb
            && (self.lower.ends_with("ed") || tagging::base_of_irregular(&self.lower).is_some() || self.is(UNCHANGED))
    }

    pub fn is_gerund(&self) -> bool {
        self.tag == Tag::Verb && self.lower.ends_with("ing") && self.lower.len() > 4
    }
}

/// Verbs whose participle is their base.
const UNCHANGED: &[&str] = &["split", "cut", "set", "reset", "shut", "hit", "hurt", "put", "quit", "cost"];

/// The parts of a clause between breaks, tagged.
pub(in crate::engine::wording) fn parts<'t>(theme: &Composer<'_>, clause: &'t [Token]) -> Vec<Vec<Word<'t>>> {
    let lower: Vec<String> = clause.iter().map(|token| tagging::plain(&token.text)).collect();
    let texts: Vec<&str> = lower.iter().map(|word| if word.is_empty() { "." } else { word.as_str() }).collect();
    let tags = tagging::tags(&texts);
    let words = clause.iter().zip(&lower).zip(tags).map(|((token, lower), tag)| Word {
        token,
        tag,
        lower: lower.clone(),
        shared: token.kind == Kind::Content && theme.is_shared(&token.key),
    });
    let words: Vec<Word<'t>> = words.collect();
    words.split(|word| word.token.kind == Kind::Break).filter(|part| !part.is_empty()).map(<[_]>::to_vec).collect()
}
