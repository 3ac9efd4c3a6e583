//! The clauses of a text as tokens that may stand in a title: content words, function words, and breaks where a name,
//! an address or a number stood. Those of Korean texts are in `korean_tokens.rs`.

use super::predicates::Predicate;
use super::stop_words::ENGLISH_STOP_WORDS;
use super::tagging::base_of_irregular;
use crate::engine::wording::label::clauses;

/// Whether a word, in lower case, is the name of a known customer or of another person who must not be named.
pub type IsName<'a> = dyn Fn(&str) -> bool + 'a;

/// The role of a word in a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Kind {
    /// A content word: it may stand in a title only if enough customers share it.
    Content,
    /// "not", "cannot", `안`: it reverses the meaning, so it counts as content.
    Negation,
    /// A function word, which connects others.
    Function,
    /// A break: no phrase continues across it.
    Break,
    /// A Korean predicate: its noun phrase is the text, its stem the key.
    Predicate(Predicate),
}

/// A word of a clause.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Token {
    /// The form that may be shown.
    pub text: String,
    /// The form that is counted: its stem, in lower case.
    pub key: String,
    pub kind: Kind,
    /// Whether a hyphen joins it to the previous word.
    pub glued: bool,
}

impl Token {
    pub fn cut() -> Self {
        Token { text: String::new(), key: String::new(), kind: Kind::Break, glued: false }
    }
}

/// Splits a text further at commas, colons, brackets and dashes.
pub(in crate::engine) fn parts(text: &str) -> Vec<String> {
    let ends =
        |word: &str| word.ends_with([',', ':', ';', '，', '、']) || matches!(word, "-" | "–" | "—" | "/" | "|" | "…");
    let mut found = Vec::new();
    for clause in clauses(text) {
        let mut part = String::new();
        for word in clause.split(' ') {
            let opens = word.starts_with(['(', '"', '“', '‘', '\'']);
            if opens && !part.is_empty() {
                found.push(std::mem::take(&mut part));
            }
            if !part.is_empty() {
                part.push(' ');
            }
            part.push_str(word);
            if ends(word) || word.trim_end_matches(['.', ',', '!', '?']).ends_with([')', '"', '”', '’']) {
                found.push(std::mem::take(&mut part));
            }
        }
        found.push(part);
    }
    found.retain(|part| !part.trim().is_empty());
    found
}

/// The clauses of a text in English, or in another script with spaces.
pub(in crate::engine) fn english_clauses(text: &str, is_name: &IsName<'_>) -> Vec<Vec<Token>> {
    parts(text).iter().map(|part| english_tokens(part, is_name)).collect()
}

fn english_tokens(clause: &str, is_name: &IsName<'_>) -> Vec<Token> {
    let is_shouted =
        clause.chars().filter(|c| c.is_uppercase()).count() * 2 > clause.chars().filter(|c| c.is_alphabetic()).count();
    let mut tokens = Vec::new();
    for (n, word) in clause.split(' ').enumerate() {
        let plain = word.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '[' | ']'));
        if plain.contains(['[', ']']) || plain.is_empty() {
            tokens.push(Token::cut());
            continue;
        }
        for (part, piece) in plain.split('-').enumerate() {
            let is_first = n == 0 && part == 0;
            tokens.push(Token { glued: part > 0, ..english_token(piece, is_first, is_shouted, is_name) });
        }
    }
    tokens
}

fn english_token(word: &str, is_first: bool, is_shouted: bool, is_name: &IsName<'_>) -> Token {
    let lower: String = word.to_lowercase().replace('’', "'");
    let letters: String = lower.chars().filter(|c| *c != '\'').collect();
    let has_digit = lower.contains(|c: char| c.is_numeric());
    let is_plain = letters.chars().all(|c| c.is_alphabetic() || (has_digit && (c.is_ascii_digit() || c == '.')));
    let named = is_name(&letters) || is_name(lower.strip_suffix("'s").unwrap_or(&lower));
    if !is_plain
        || letters.is_empty()
        || named
        || BREAKS.contains(&letters.as_str())
        || (has_digit && letters.len() > 5)
    {
        return Token::cut();
    }
    // Capitals at the beginning of a clause, or of a whole word, say nothing about the word.
    let shown = match () {
        () if is_shouted => lower.clone(),
        () if is_first && word.chars().skip(1).all(char::is_lowercase) => lower.clone(),
        () => word.replace('’', "'"),
    };
    let kind = match () {
        () if NEGATIONS.contains(&letters.as_str()) => Kind::Negation,
        () if is_function(&letters) => Kind::Function,
        () => Kind::Content,
    };
    let key =
        if kind == Kind::Negation { "not".to_owned() } else { stem(lower.strip_suffix("'s").unwrap_or(&letters)) };
    Token { text: shown, key, kind, glued: false }
}

/// Function words.
pub(in crate::engine) fn is_function(word: &str) -> bool {
    ENGLISH_STOP_WORDS.binary_search(&word).is_ok() || SHORT_FUNCTION_WORDS.contains(&word)
}

#[rustfmt::skip]
const SHORT_FUNCTION_WORDS: &[&str] = &[
    "a", "an", "of", "to", "in", "on", "at", "by", "is", "my", "i", "or", "if", "it", "as", "be", "do", "go", "so", "we",
    "he", "us", "up", "am", "me", "im", "id", "u", "ur", "lot", "bit", "another", "without", "next", "whenever", "per",
];
#[rustfmt::skip]
pub(in crate::engine) const NEGATIONS: &[&str] = &[
    "not", "no", "never", "cannot", "cant", "dont", "doesnt", "didnt", "wont", "isnt", "arent", "wasnt", "werent", "hasnt",
    "havent", "hadnt", "couldnt", "wouldnt", "unable", "neither", "nor",
];
/// Greetings, days and polite words. They are breaks, because phrases around them are not about the subject.
#[rustfmt::skip]
const BREAKS: &[&str] = &[
    "hi", "hello", "hey", "dear", "greetings", "sir", "madam", "guys", "folks", "thanks", "thank", "please", "pls", "plz",
    "lol", "omg", "ugh", "wow", "sorry", "regards", "cheers", "today", "yesterday", "tomorrow", "tonight", "monday",
    "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march", "april", "june",
    "july", "august", "september", "october", "november", "december", "morning", "evening", "afternoon", "yay", "haha",
];

/// A word without plural and past-tense endings, so that "crash", "crashes" and "crashed" are the same, and "send" and
/// "sent".
pub(in crate::engine) fn stem(word: &str) -> String {
    let word = base_of_irregular(word).unwrap_or(word);
    if !word.is_ascii() || word.len() < 4 {
        return word.to_owned();
    }
    let without = |ending: &str, least: usize| word.strip_suffix(ending).filter(|rest| rest.len() >= least);
    let base = match () {
        () if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") => word.to_owned(),
        () if without("ies", 3).is_some() => without("ies", 3).unwrap_or(word).to_owned() + "y",
        () if without("ied", 3).is_some() => without("ied", 3).unwrap_or(word).to_owned() + "y",
        () => match without("ing", 3).or_else(|| without("ed", 3)) {
            Some(rest) => undoubled(rest),
            None => match without("es", 3)
                .filter(|rest| rest.ends_with(['s', 'x', 'z']) || rest.ends_with("ch") || rest.ends_with("sh"))
            {
                Some(rest) => rest.to_owned(),
                None => without("s", 3).unwrap_or(word).to_owned(),
            },
        },
    };
    base.strip_suffix('e').filter(|rest| rest.len() >= 3).unwrap_or(&base).to_owned()
}

/// Removes a doubled consonant: `stopp` becomes `stop`; `miss` and `fill` stay.
fn undoubled(word: &str) -> String {
    let mut last = word.chars().rev();
    match (last.next(), last.next()) {
        (Some(a), Some(b)) if a == b && !matches!(a, 's' | 'z') && (a != 'l' || word.len() > 5) => {
            word[..word.len() - 1].to_owned()
        }
        _ => word.to_owned(),
    }
}
