//! The first tag of a word: from the dictionary, from a list of forms that customers write, or guessed by its ending.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Tag;
use super::lemma::bases;
use super::model::known;

/// The tag of a word without regard to its neighbours.
pub(super) fn known_or_guessed(word: &str) -> Tag {
    let letters: String = word.chars().filter(|c| *c != '\'').collect();
    let listed = || LISTED.get(letters.as_str()).copied();
    listed().or_else(|| known(word)).or_else(|| known(&letters)).unwrap_or_else(|| guessed(&letters))
}

/// Whether a word, or its base, is in the dictionary, and not only as a name.
pub(super) fn is_known(word: &str) -> bool {
    let in_dictionary = |word: &str| known(word).is_some_and(|tag| tag != Tag::ProperNoun);
    let letters: String = word.chars().filter(|c| *c != '\'').collect();
    in_dictionary(&letters)
        || LISTED.contains_key(letters.as_str())
        || bases(&letters).iter().any(|base| in_dictionary(base))
        || word.starts_with(|c: char| c.is_ascii_digit())
}

/// [`FORMS`], by the word.
static LISTED: LazyLock<HashMap<&str, Tag>> =
    LazyLock::new(|| FORMS.iter().flat_map(|(tag, forms)| forms.iter().map(|form| (*form, *tag))).collect());

/// Function words as customers write them, without apostrophes. The dictionary lacks most of them, and takes some for nouns.
#[rustfmt::skip]
const FORMS: &[(Tag, &[&str])] = &[
    (Tag::Auxiliary, &[
        "dont", "doesnt", "didnt", "cant", "cannot", "couldnt", "wont", "wouldnt", "shouldnt", "isnt", "arent", "wasnt",
        "werent", "hasnt", "havent", "hadnt", "aint", "mustnt", "neednt", "do", "does", "did", "is", "are", "was", "were",
        "am", "be", "been", "being", "has", "have", "had", "can", "could", "will", "would", "should", "may", "might", "must",
        "shall",
    ]),
    (Tag::Pronoun, &[
        "im", "ive", "ill", "id", "youre", "youve", "youll", "theyre", "theyve", "weve", "its", "thats", "whats", "theres",
        "hes", "shes", "u", "ur", "i", "me", "we", "us", "you", "he", "she", "it", "they", "them", "my", "your", "our", "their",
        "whos", "anything", "nothing", "something", "what", "who",
    ]),
    (Tag::Adverb, &["how", "why", "where", "wheres", "hows", "anymore", "twice", "never", "again", "asap", "pls", "plz"]),
    (Tag::Subordinator, &["when", "whenever", "because", "bc", "cuz", "if", "while", "although"]),
    (Tag::Particle, &["not"]),
    (Tag::Interjection, &["please", "hi", "hello", "hey", "thanks", "thx", "ok", "okay", "lol"]),
    (Tag::Adjective, &["unable", "broken", "pending", "available", "wrong", "missing"]),
    (Tag::Noun, &["excel", "pin", "id", "sms", "app", "paypal", "google", "wifi"]),
];

fn guessed(word: &str) -> Tag {
    if word.chars().all(|c| !c.is_alphanumeric()) {
        return Tag::Punctuation;
    }
    if word.starts_with(|c: char| c.is_numeric()) {
        return Tag::Number;
    }
    // The dictionary may know another form of the word: "webhooks" by "webhook", "refunding" by "refunded".
    if let Some(tag) = by_inflection(word) {
        return tag;
    }
    let ends = |endings: &[&str]| endings.iter().any(|end| word.len() > end.len() + 2 && word.ends_with(end));
    match () {
        () if ends(&["ly"]) => Tag::Adverb,
        () if ends(&["tion", "sion", "ment", "ness", "ity", "ance", "ence", "ship", "ism", "ist"]) => Tag::Noun,
        () if ends(&["able", "ible", "ful", "ous", "less", "ive", "ical"]) => Tag::Adjective,
        () if ends(&["ing", "ed", "ize", "ise", "ify"]) => Tag::Verb,
        () => Tag::Noun,
    }
}

fn by_inflection(word: &str) -> Option<Tag> {
    let verbal = word.ends_with("ing") || word.ends_with("ed");
    let known_base = bases(word).into_iter().find_map(|base| known(&base));
    match known_base? {
        _ if verbal => Some(Tag::Verb),
        tag @ (Tag::Noun | Tag::ProperNoun | Tag::Verb) if word.ends_with('s') => Some(tag),
        _ => None,
    }
}

/// Whether a word is used as a verb in some form: "transfer", since "transferred" is known as one.
pub(in crate::engine) fn can_be_verb(word: &str) -> bool {
    if word.ends_with("ing") || word.ends_with("ed") {
        return known(word) == Some(Tag::Verb);
    }
    let verb = |form: String| known(&form) == Some(Tag::Verb);
    let of = |base: &str| {
        let short = base.strip_suffix('e').unwrap_or(base);
        let double = base.chars().last().map(|last| format!("{base}{last}ed"));
        verb(base.to_owned()) || verb(format!("{short}ed")) || verb(format!("{short}ing")) || double.is_some_and(verb)
    };
    of(word) || (word.ends_with('s') && bases(word).iter().any(|base| of(base)))
}

/// Whether a word is known as a noun, and in no form as a verb: "app".
pub(in crate::engine) fn is_only_noun(word: &str) -> bool {
    let listed = LISTED.get(word).copied().or_else(|| known(word));
    listed == Some(Tag::Noun) && !can_be_verb(word)
}
