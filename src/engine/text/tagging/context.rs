//! Our own rules for words that may be a noun or a verb, which the model decides by edited prose: "transfer the money",
//! "cant login", "the charge".

use super::Tag;
use super::unknown::can_be_verb;

/// Corrects nouns and verbs by their neighbours.
pub(super) fn correct(words: &[&str], tags: &mut [Tag]) {
    for at in 0..words.len() {
        if let Some(tag) = corrected(words, tags, at) {
            tags[at] = tag;
        }
    }
}

fn corrected(words: &[&str], tags: &[Tag], at: usize) -> Option<Tag> {
    let steps = if at > 1 && words[at - 1] == "not" { 2 } else { 1 }; // "would not dispense"
    let before = at.checked_sub(steps).map(|n| (words[n], tags[n]));
    let after = words.get(at + 1).copied().zip(tags.get(at + 1).copied());
    let (word, tag) = (words[at], tags[at]);
    match tag {
        Tag::Noun | Tag::ProperNoun | Tag::Adjective | Tag::Adverb | Tag::Adposition => {
            verb_instead(word, tag, before, after)
        }
        Tag::Verb => noun_instead(word, before, after),
        Tag::Auxiliary => auxiliary_as_verb(word, before, after),
        Tag::Subordinator if PREPOSITIONS.contains(&word) => Some(Tag::Adposition),
        _ => None,
    }
}

type Neighbour<'a> = Option<(&'a str, Tag)>;

fn verb_instead(word: &str, tag: Tag, before: Neighbour<'_>, after: Neighbour<'_>) -> Option<Tag> {
    let noun = matches!(tag, Tag::Noun | Tag::ProperNoun);
    let names_object = |(word, tag): (&str, Tag)| {
        matches!(tag, Tag::Determiner)
            || POSSESSIVES.contains(&word)
            || (tag == Tag::Pronoun && OBJECTS.contains(&word))
    };
    let verb = match before {
        // "to transfer", "cant login", "didnt work".
        Some((word_before, _)) if needs_base(word_before) => {
            let plain = !word.ends_with("ing") && !word.ends_with("ly");
            plain && (can_be_verb(word) || (noun && word_before != "to" && !word.ends_with('s')))
        }
        // "i transfer money"; "do i order": not "my order".
        Some((word_before, _)) if SUBJECTS.contains(&word_before) => noun && can_be_verb(word),
        // "it logs me out".
        Some(("it" | "he" | "she", _)) => noun && word.ends_with('s') && can_be_verb(word),
        // "and update my address".
        Some((_, Tag::Conjunction | Tag::Interjection | Tag::Punctuation)) | None => {
            noun && can_be_verb(word) && after.is_some_and(names_object)
        }
        _ => false,
    };
    verb.then_some(Tag::Verb)
}

fn noun_instead(word: &str, before: Neighbour<'_>, after: Neighbour<'_>) -> Option<Tag> {
    let (word_before, tag_before) = before?;
    let participle = word.ends_with("ing") || word.ends_with("ed");
    let followed_by = |tags: &[Tag]| after.is_some_and(|(_, tag)| tags.contains(&tag));
    let determined = (tag_before == Tag::Determiner && word_before != "all") || POSSESSIVES.contains(&word_before);
    if determined {
        let names = followed_by(&[Tag::Noun, Tag::ProperNoun]);
        return match (participle && names, word.ends_with("ed")) {
            (true, _) => Some(Tag::Adjective),
            (false, true) => None,
            (false, false) => Some(Tag::Noun),
        };
    }
    match tag_before {
        // "double charge", "for export".
        Tag::Adjective | Tag::Adposition if !participle && word_before != "unable" => Some(Tag::Noun),
        // "refund request is pending".
        Tag::Noun if !participle && !word.ends_with('s') && followed_by(&[Tag::Auxiliary]) => Some(Tag::Noun),
        _ => None,
    }
}

/// "have" is a verb before what somebody has.
fn auxiliary_as_verb(word: &str, before: Neighbour<'_>, after: Neighbour<'_>) -> Option<Tag> {
    let has = ["have", "has", "had"].contains(&word);
    let object = after.is_some_and(|(word, tag)| {
        matches!(tag, Tag::Determiner | Tag::Noun | Tag::ProperNoun | Tag::Number) || POSSESSIVES.contains(&word)
    });
    (has && object && before.is_some()).then_some(Tag::Verb)
}

/// Whether the base of a verb follows.
fn needs_base(word: &str) -> bool {
    let letters: String = word.chars().filter(|c| *c != '\'').collect();
    BEFORE_BASE.contains(&letters.as_str())
}

#[rustfmt::skip]
const BEFORE_BASE: &[&str] = &[
    "to", "can", "cant", "cannot", "could", "couldnt", "will", "wont", "would", "wouldnt", "should", "shouldnt", "may",
    "might", "must", "dont", "doesnt", "didnt", "please", "pls", "plz", "lets",
];
/// Prepositions that begin no clause.
const PREPOSITIONS: &[&str] = &["at", "of", "with", "from", "in", "on", "by", "without", "into", "via", "during"];
const SUBJECTS: &[&str] = &["i", "we", "you", "they", "u"];
const POSSESSIVES: &[&str] = &["my", "your", "our", "his", "her", "its", "their", "ur"];
const OBJECTS: &[&str] = &["me", "us", "it", "them", "this", "that"];
