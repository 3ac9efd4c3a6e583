//! The dictionary and the rules of the fitted model.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Tag;

const MODEL: &str = include_str!("english.txt");

/// The dictionary: the most frequent tag of each word.
static WORDS: LazyLock<HashMap<&'static str, Tag>> = LazyLock::new(|| {
    let lines = MODEL.lines().filter_map(|line| line.split_once(' '));
    let words =
        |(name, words): (&str, &'static str)| tag_named(name).map(|tag| words.split(' ').map(move |w| (w, tag)));
    lines.filter_map(words).flatten().collect()
});

/// The rules, in the order in which they are applied.
static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| MODEL.lines().filter_map(rule).collect());

/// A rule: where all conditions hold, the tag changes.
struct Rule {
    from: Tag,
    to: Tag,
    conditions: Vec<Condition>,
}

/// A condition on the words around; distances are in words, negative to the left.
enum Condition {
    Tag(isize, Tag),
    Any(isize, Tag),
    Between(Tag, Tag),
    Word(isize, &'static str),
}

/// The most frequent tag of a word in lower case.
pub(super) fn known(word: &str) -> Option<Tag> {
    WORDS.get(word).copied()
}

/// Applies the rules, each to the whole row of words.
pub(super) fn correct(words: &[&str], tags: &mut [Tag]) {
    for rule in RULES.iter() {
        for at in 0..tags.len() {
            if tags[at] == rule.from && rule.conditions.iter().all(|condition| condition.holds(words, tags, at)) {
                tags[at] = rule.to;
            }
        }
    }
}

impl Condition {
    fn holds(&self, words: &[&str], tags: &[Tag], at: usize) -> bool {
        let tagged = |distance, tag: &Tag| at.checked_add_signed(distance).and_then(|n| tags.get(n)) == Some(tag);
        match self {
            Condition::Tag(distance, tag) => tagged(*distance, tag),
            Condition::Between(before, after) => tagged(-1, before) && tagged(1, after),
            Condition::Any(distance, tag) => at.checked_add_signed(*distance).is_some_and(|end| {
                let range = end.min(at)..end.max(at).min(tags.len());
                tags.get(range).is_some_and(|found| found.contains(tag))
            }),
            Condition::Word(distance, word) => {
                let found = at.checked_add_signed(*distance).and_then(|n| words.get(n));
                found.is_some_and(|found| found.starts_with(word) || word.starts_with(found))
            }
        }
    }
}

fn rule(line: &'static str) -> Option<Rule> {
    let (change, conditions) = line.split_once(' ')?;
    let (from, to) = change.split_once('>')?;
    let conditions: Option<Vec<Condition>> = conditions.split(" & ").map(condition).collect();
    Some(Rule { from: tag_named(from)?, to: tag_named(to)?, conditions: conditions? })
}

fn condition(text: &'static str) -> Option<Condition> {
    let mut parts = text.split(' ');
    let (kind, a, b) = (parts.next()?, parts.next()?, parts.next()?);
    Some(match kind {
        "tag" => Condition::Tag(a.parse().ok()?, tag_named(b)?),
        "any" => Condition::Any(a.parse().ok()?, tag_named(b)?),
        "between" => Condition::Between(tag_named(a)?, tag_named(b)?),
        "word" => Condition::Word(a.parse().ok()?, b),
        _ => return None,
    })
}

fn tag_named(name: &str) -> Option<Tag> {
    Some(match name {
        "ADJ" => Tag::Adjective,
        "ADP" => Tag::Adposition,
        "ADV" => Tag::Adverb,
        "AUX" => Tag::Auxiliary,
        "CCONJ" => Tag::Conjunction,
        "DET" => Tag::Determiner,
        "INTJ" => Tag::Interjection,
        "NOUN" => Tag::Noun,
        "NUM" => Tag::Number,
        "PART" => Tag::Particle,
        "PRON" => Tag::Pronoun,
        "PROPN" => Tag::ProperNoun,
        "PUNCT" => Tag::Punctuation,
        "SCONJ" => Tag::Subordinator,
        "SYM" => Tag::Symbol,
        "VERB" => Tag::Verb,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_model_is_understood() {
        let (rules, words): (Vec<&str>, Vec<&str>) =
            MODEL.lines().partition(|line| line.split(' ').next().is_some_and(|first| first.contains('>')));
        assert_eq!(RULES.len(), rules.len());
        assert!(RULES.len() > 150 && WORDS.len() > 20_000);
        assert!(words.iter().all(|line| line.split_once(' ').is_some_and(|(name, _)| tag_named(name).is_some())));
    }
}
