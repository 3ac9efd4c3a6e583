//! The words of an English title for its statement: their parts of speech, forms and kinds.

use super::statement::Usage;
use super::verbs::{INTRANSITIVE, TROUBLES};
use crate::engine::text::tagging::{Tag, can_be_verb, lemma, participle, tags, third_person};

/// A word of a title.
#[derive(Clone)]
pub(in crate::engine) struct Word {
    /// As it stands in a sentence.
    pub shown: String,
    pub lower: String,
    pub tag: Tag,
}

impl Word {
    pub fn is(&self, words: &[&str]) -> bool {
        words.contains(&self.lower.as_str())
    }

    pub fn is_noun(&self) -> bool {
        matches!(self.tag, Tag::Noun | Tag::ProperNoun)
    }

    pub fn is_negation(&self) -> bool {
        self.is(&["not", "never", "cannot"]) || (self.tag == Tag::Auxiliary && letters(&self.lower).ends_with("nt"))
    }

    /// Whether it is a verb in a finite form, or the first word of one.
    pub fn is_verbal(&self) -> bool {
        matches!(self.tag, Tag::Verb | Tag::Auxiliary) || self.is_negation()
    }

    pub fn is_participle(&self) -> bool {
        let irregular =
            || participle(&lemma(&self.lower, Tag::Verb)) == self.lower && lemma(&self.lower, Tag::Verb) != self.lower;
        self.tag != Tag::Auxiliary && (self.lower.ends_with("ed") || irregular())
    }
}

pub(in crate::engine) fn letters(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphabetic).collect()
}

pub(in crate::engine) fn words_of(title: &str, usage: &dyn Usage) -> Vec<Word> {
    let written: Vec<&str> = title.split_whitespace().collect();
    let lower: Vec<String> = written.iter().map(|word| crate::engine::text::tagging::plain(word)).collect();
    let mut tags = tags(&lower.iter().map(String::as_str).collect::<Vec<_>>());
    // "app closes": a form of a verb that needs no object, after a noun.
    for n in 1..tags.len() {
        let is_form = lower[n].ends_with('s') && INTRANSITIVE.contains(&lemma(&lower[n], Tag::Verb).as_str());
        if is_form
            && tags[n] == Tag::Noun
            && matches!(tags[n - 1], Tag::Noun | Tag::ProperNoun)
            && !lower[n - 1].ends_with('s')
        {
            tags[n] = Tag::Verb;
        }
    }
    // "schedule payment": an order where the customers use the word as a verb.
    if tags.first() == Some(&Tag::Noun)
        && tags.get(1).is_some_and(|tag| matches!(tag, Tag::Noun | Tag::Adjective | Tag::Determiner | Tag::Adposition))
        && usage.is_verb(&lower[0])
    {
        tags[0] = Tag::Verb;
    }
    // "filter by price": what is done by something is no thing.
    if tags.first() == Some(&Tag::Noun) && lower.get(1).is_some_and(|word| word == "by") && can_be_verb(&lower[0]) {
        tags[0] = Tag::Verb;
    }
    let shown = |n: usize| {
        let capital_only = written[n].chars().skip(1).all(|c| !c.is_uppercase());
        if n == 0 && capital_only && !usage.is_proper(&lower[0]) { lower[0].clone() } else { written[n].to_owned() }
    };
    let word = |n: usize| Word {
        shown: shown(n),
        lower: lower[n].trim_matches(|c: char| !c.is_alphanumeric()).to_owned(),
        tag: tags[n],
    };
    (0..written.len()).map(word).collect()
}

pub(in crate::engine) fn joined(words: &[Word]) -> String {
    words.iter().map(|word| word.shown.as_str()).collect::<Vec<_>>().join(" ")
}

/// The verb in the present tense, with its subject in mind.
pub(in crate::engine) fn finite(base: &[String], plural: bool, negated: bool) -> String {
    let (verb, rest) = base.split_first().map_or(("", &[][..]), |(verb, rest)| (verb.as_str(), rest));
    let verb = match (verb, plural, negated) {
        ("be", true, false) => "are".to_owned(),
        ("be", true, true) => "are not".to_owned(),
        ("be", false, false) => "is".to_owned(),
        ("be", false, true) => "is not".to_owned(),
        (verb, true, false) => verb.to_owned(),
        (verb, true, true) => format!("do not {verb}"),
        (verb, false, false) => third_person(verb),
        (verb, false, true) => format!("does not {verb}"),
    };
    [vec![verb], rest.to_vec()].concat().join(" ")
}

/// Whether a verb can be the verb of a subject: "limit" is none of "transfer", and one of "transfers".
pub(in crate::engine) fn agrees(verb: &Word, subject: &[Word]) -> bool {
    let is_base = verb.tag == Tag::Auxiliary || (lemma(&verb.lower, Tag::Verb) == verb.lower && !verb.is_participle());
    let is_person = subject.last().is_some_and(|word| word.is(&["i", "we", "you", "they"]));
    !is_base || is_person || is_plural(subject)
}

pub(in crate::engine) fn is_trouble(word: &Word) -> bool {
    let base = lemma(&word.lower, Tag::Verb);
    word.is(TROUBLES) || INTRANSITIVE[..8].contains(&base.as_str())
}

pub(in crate::engine) fn is_plural(subject: &[Word]) -> bool {
    let head = subject.iter().position(|word| word.tag == Tag::Adposition).unwrap_or(subject.len());
    let last = subject[..head].iter().rev().find(|word| word.is_noun());
    let both = subject[..head].iter().any(|word| word.is(&["and"]));
    both || last.is_some_and(|noun| noun.lower.ends_with('s') && lemma(&noun.lower, Tag::Noun) != noun.lower)
}

/// The subject with an article, where it has no other word of its kind.
pub(in crate::engine) fn determined(subject: &[Word]) -> String {
    let shown = joined(subject);
    let own = |word: &Word| {
        matches!(word.tag, Tag::Determiner | Tag::Number | Tag::Pronoun | Tag::ProperNoun)
            || word.is(&["my", "our", "your", "their"])
            || word.shown.starts_with(char::is_uppercase)
    };
    // "SMS code" has an article, "API" has none.
    let is_acronym = |word: &Word| {
        word.shown.chars().count() > 1 && word.shown.chars().all(|c| c.is_uppercase() || c.is_ascii_digit())
    };
    let named_by_acronym =
        subject.len() > 1 && is_acronym(&subject[0]) && subject[1].shown.chars().all(char::is_lowercase);
    if subject.first().is_some_and(own) && !named_by_acronym { shown } else { format!("the {shown}") }
}
