//! Noun phrases: "the new exchange rate", "roles and permissions", "no sms code".

use super::words::Word;
use crate::engine::text::tagging::{self, Tag};

/// A noun phrase: the words that may stand in a title, without articles and possessives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine::wording) struct NounPhrase {
    /// The first word, with articles.
    pub start: usize,
    /// The first word that is shown.
    pub first: usize,
    /// The word after the last.
    pub end: usize,
    /// The main noun.
    pub head: usize,
    /// Whether it begins with "no".
    pub denied: bool,
}

impl NounPhrase {
    /// Whether its verb stands in the plural.
    pub fn is_plural(&self, words: &[Word<'_>]) -> bool {
        let head = &words[self.head];
        let joined = (self.first..self.head).any(|at| words[at].tag == Tag::Conjunction);
        joined
            || (head.tag == Tag::Noun
                && head.lower.ends_with('s')
                && tagging::lemma(&head.lower, head.tag) != head.lower)
    }
}

/// All noun phrases of a clause whose main noun is shared, in order. Words before the main noun that few use are left out.
pub(in crate::engine::wording) fn noun_phrases(words: &[Word<'_>]) -> Vec<NounPhrase> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        match extent(words, at) {
            Some((start, end)) => {
                found.extend(phrase(words, at, start, end));
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// The first word after articles and the word after the last, if a noun phrase begins here.
fn extent(words: &[Word<'_>], begin: usize) -> Option<(usize, usize)> {
    let start = (begin..words.len()).find(|at| !is_determiner(&words[*at]))?;
    let mut end = start;
    let mut last_noun = None;
    while end < words.len() {
        let (word, next) = (&words[end], words.get(end + 1));
        let before_noun = next.is_some_and(|next| next.is_noun() || (next.tag == Tag::Adjective && next.is_content()));
        let takes = match word.tag {
            _ if word.is_negation() || word.token.key.is_empty() => false,
            Tag::Noun | Tag::ProperNoun => word.is_content(),
            Tag::Adjective => word.is_content() && (last_noun.is_none() || before_noun),
            Tag::Number => {
                let numbers =
                    last_noun == Some(end.wrapping_sub(1)) && (word.lower.len() <= 2 || word.lower.contains('.'));
                word.is_content() && (before_noun || numbers)
            }
            Tag::Verb => {
                word.is_content()
                    && (word.is_gerund() || word.lower.ends_with("ed"))
                    && before_noun
                    && is_name_part(words, begin, end)
            }
            Tag::Conjunction => word.lower == "and" && last_noun == Some(end.wrapping_sub(1)) && joins(words, end),
            Tag::Adposition | Tag::Adverb => last_noun == Some(end.wrapping_sub(1)) && is_compound(words, end),
            _ => false,
        };
        if !takes {
            break;
        }
        if word.is_noun() || word.tag == Tag::Number || (matches!(word.tag, Tag::Adposition | Tag::Adverb)) {
            last_noun = Some(end);
        }
        end += 1;
    }
    last_noun.map(|last| (start, last + 1))
}

/// Whether a participle names a kind of the next noun ("pending payment", "a recurring transfer") and is not a verb with
/// its object ("changing address").
fn is_name_part(words: &[Word<'_>], begin: usize, at: usize) -> bool {
    at > begin || (at > 0 && words[at - 1].tag == Tag::Adposition && words[at].lower.ends_with("ed"))
}

/// "roles and permissions", not "update the app and transfers fail".
fn joins(words: &[Word<'_>], at: usize) -> bool {
    let next = words.get(at + 1).is_some_and(|next| next.is_noun() && next.shared);
    next && words.get(at + 2).is_none_or(|after| !matches!(after.tag, Tag::Verb | Tag::Auxiliary))
        && words[at - 1].shared
}

/// The particle of a noun of two words: "top up was declined", "log in page".
fn is_compound(words: &[Word<'_>], at: usize) -> bool {
    let ends = words.get(at + 1).is_none_or(|next| {
        matches!(next.tag, Tag::Auxiliary | Tag::Verb | Tag::Noun | Tag::Adposition) || next.is_negation()
    });
    words[at].is(&["up", "in", "out", "off"])
        && ends
        && at > 0
        && words[at - 1].is(&["top", "log", "sign", "check", "opt", "pay"])
}

fn phrase(words: &[Word<'_>], begin: usize, start: usize, end: usize) -> Option<NounPhrase> {
    let head = (start..end).rev().find(|at| words[*at].is_noun())?;
    // "the app logs me out": a verb, whatever the tagger says.
    let acts = words.get(end).is_some_and(|next| next.is(&["me", "us", "him", "them", "itself"]));
    if !words[head].shared || (acts && head + 1 == end && words[head].lower.ends_with('s')) {
        return None;
    }
    let fits = |at: &usize| words[*at].shared || !words[*at].is_content();
    let mut first = (start..head).rev().take_while(fits).last().unwrap_or(head);
    // Not "and permissions" after a word that is not shared, "factor login" of "two-factor login", "5 days".
    let opens = |word: &Word<'_>| word.is_content() && !word.token.glued && !is_count(word);
    while first < head && !opens(&words[first]) {
        first += 1;
    }
    if words[first].token.glued {
        return None;
    }
    let end = (head + 1..end).find(|at| !fits(at)).unwrap_or(end);
    let denied = words[begin..start].iter().any(|word| word.lower == "no");
    // "no human support" is not "no support".
    (!denied || first == start).then_some(NounPhrase { start: begin, first, end, head, denied })
}

/// Whether a word is a plain number, which says little without its context; "4.2" is a version.
pub(in crate::engine::wording) fn is_count(word: &Word<'_>) -> bool {
    word.lower.chars().all(|c| c.is_ascii_digit())
}

fn is_determiner(word: &Word<'_>) -> bool {
    word.lower == "no"
        || (word.tag == Tag::Determiner && !word.is_content())
        || word.is(&[
            "my", "our", "your", "his", "her", "its", "their", "ur", "any", "some", "another", "more", "other", "same",
        ])
}
