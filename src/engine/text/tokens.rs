//! The clauses of a text as tokens that may stand in a title: content words, function words, and breaks where a name,
//! an address or a number stood.

use std::collections::{HashMap, HashSet};

use super::predicates::{self, Predicate};
use super::stop_words::{ENGLISH_STOP_WORDS, KOREAN_STOP_WORDS, PARTICLES, PREDICATE_ENDINGS};
use super::tagging::base_of_irregular;
use super::words::is_hangul;
use crate::engine::wording::keywords::Background;
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
    /// A Korean predicate from the table.
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
fn parts(text: &str) -> Vec<String> {
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

/// Korean nouns that occur without a particle somewhere. They are the evidence by which particles are distinguished
/// from the last syllable of a noun.
pub(in crate::engine) struct Bare<'a> {
    words: HashSet<String>,
    /// Beginnings of words, and what follows them.
    followed: HashMap<String, HashSet<String>>,
    background: Background<'a>,
}

impl<'a> Bare<'a> {
    pub fn of<'t>(texts: impl Iterator<Item = &'t str>, background: Background<'a>) -> Self {
        let mut bare = Bare { words: HashSet::new(), followed: HashMap::new(), background };
        for word in texts.flat_map(str::split_whitespace).map(trimmed).filter(|word| word.contains(is_hangul)) {
            for rest in PARTICLES.cut(word) {
                bare.followed.entry(rest.to_owned()).or_default().insert(word[rest.len()..].to_owned());
            }
            bare.words.insert(word.to_owned());
        }
        bare
    }

    /// The noun before its particles; the word itself where there is no evidence that its end is a particle.
    fn noun<'w>(&self, word: &'w str) -> &'w str {
        let cuts: Vec<&str> = PARTICLES.cut(word).filter(|rest| self.is_noun(rest, &word[rest.len()..])).collect();
        // Particles can be combined (앱에서는): take the shortest rest that occurs alone.
        cuts.into_iter().last().unwrap_or(word)
    }

    fn is_noun(&self, rest: &str, particle: &str) -> bool {
        let long_enough = rest.chars().count() >= 2 || SHORT_NOUNS.contains(&rest) || rest.is_ascii();
        let here = || self.words.contains(rest) || self.followed.get(rest).is_some_and(|found| found.len() > 1);
        let elsewhere = || {
            let least = (self.background.written(&format!("{rest}{particle}")) as f32 * 0.15).max(1.0);
            let often = |ending: &&&str| self.background.written(&format!("{rest}{ending}")) as f32 >= least;
            let others = COMMON_PARTICLES.iter().filter(|other| **other != particle).filter(often).take(2).count();
            self.background.written(rest) as f32 >= least.max(2.0) || others == 2
        };
        // An ending of two or more syllables is hardly ever part of a noun.
        let sure = particle.chars().count() >= 2 && rest.chars().count() >= 2;
        long_enough && !rest.is_empty() && (sure || !rest.contains(is_hangul) || here() || elsewhere())
    }
}

/// The particles that follow nearly every noun.
const COMMON_PARTICLES: [&str; 12] = ["이", "가", "을", "를", "은", "는", "에", "의", "도", "로", "으로", "만"];

const SHORT_NOUNS: &[&str] =
    &["앱", "돈", "폰", "글", "칩", "맛", "짐", "옷", "방", "문", "차", "물", "약", "빵", "컵", "맵"];

fn trimmed(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric() || matches!(c, 'ㄱ'..='ㅣ'))
}

/// The clauses of a Korean text: nouns as content, the predicates of the table, and nothing else.
pub(in crate::engine) fn korean_clauses(text: &str, bare: &Bare<'_>, is_name: &IsName<'_>) -> Vec<Vec<Token>> {
    parts(text).iter().map(|part| korean_tokens(part, bare, is_name)).collect()
}

fn korean_tokens(clause: &str, bare: &Bare<'_>, is_name: &IsName<'_>) -> Vec<Token> {
    let words: Vec<&str> = clause.split(' ').filter(|word| !word.is_empty()).collect();
    let mut tokens = Vec::new();
    for (n, word) in words.iter().enumerate() {
        if word.contains(['[', ']']) {
            tokens.push(Token::cut());
            continue;
        }
        let plain = trimmed(word);
        if matches!(plain, "안" | "못") {
            continue; // Part of the predicate that follows.
        }
        let before = n.checked_sub(1).and_then(|n| words.get(n)).map_or("", |word| trimmed(word));
        let after = words.get(n + 1).map_or("", |word| trimmed(word));
        tokens.extend(korean_token(plain, before, after, bare, is_name));
    }
    tokens
}

fn korean_token(word: &str, before: &str, after: &str, bare: &Bare<'_>, is_name: &IsName<'_>) -> Vec<Token> {
    let nothing = Token { text: String::new(), key: String::new(), kind: Kind::Function, glued: false };
    let predicate = |found| Token { kind: Kind::Predicate(found), ..nothing.clone() };
    if word.is_empty() || word.contains(|c: char| c.is_numeric()) {
        return vec![if word.is_empty() { nothing } else { Token::cut() }];
    }
    if let Some(found) = predicates::of(word, before, after) {
        return vec![predicate(found)];
    }
    let (noun, verbal) = match predicates::verbal_noun(word) {
        Some(noun) => (noun, true),
        None => (bare.noun(word), false),
    };
    let lower = noun.to_lowercase();
    let person = lower.trim_end_matches("고객님").trim_end_matches(['님', '씨']);
    if is_name(&lower) || is_name(person) {
        return vec![Token::cut()];
    }
    let long_enough = noun.chars().count() >= 2 || SHORT_NOUNS.contains(&noun);
    let is_filler = KOREAN_STOP_WORDS.begin(noun) || KOREAN_FILLERS.contains(&noun);
    let is_predicate = !verbal && (PREDICATE_ENDINGS.end(noun) || predicates::is_inflected(noun));
    let clean = noun.chars().all(|c| matches!(c, '가'..='힣') || c.is_ascii_alphabetic());
    if !long_enough || is_filler || is_predicate || !clean {
        return vec![nothing];
    }
    let mut found = vec![Token { text: noun.to_owned(), key: lower, kind: Kind::Content, glued: false }];
    found.extend(verbal.then(|| predicates::denied(word, before, after)).flatten().map(predicate));
    found
}

/// Korean nouns and adverbs that say nothing about a subject.
#[rustfmt::skip]
const KOREAN_FILLERS: &[&str] = &[
    "오늘", "어제", "내일", "매일", "매번", "이번", "저번", "지난", "요즘", "최근", "아침", "저녁", "하루", "이틀", "일주일", "며칠",
    "한달", "올해", "작년", "갑자기", "항상", "가끔", "자주", "정말", "제대로", "확인", "부분", "상태", "생각", "사람", "사용자",
    "저도", "제발", "혹시", "그거", "이상", "이후", "이전", "전에", "후에", "처음", "마지막", "나중", "바로", "먼저", "일단", "분들",
    "고객", "고객님", "손님", "함", "됨", "말씀", "요청하심", "문의함", "우리", "저희", "본인", "때", "때마다", "내가", "제가", "나한테", "저한테", "중에", "누가", "뭐가", "무엇", "누구", "중", "것", "거",
];
