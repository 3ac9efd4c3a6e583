//! The customer's intent: a fix, something new, an answer, or that something stays as it is.

use super::statement_en::INTRANSITIVE;
use super::theme_item::ThemeItem;
use crate::engine::text::tagging::{Tag, lemma, tags};
use crate::engine::text::words::is_korean;

/// What a customer wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wish {
    Fix,
    Build,
    Answer,
    Keep,
}

/// What most of these customers want; a fix where there is no sign.
pub(in crate::engine) fn wish_of_most(items: &[ThemeItem<'_>]) -> Wish {
    most_common(items.iter().filter_map(shown_wish)).unwrap_or(Wish::Fix)
}

/// What most of these customers clearly want; `None` where most give no sign of it.
pub(in crate::engine) fn plain_wish(items: &[ThemeItem<'_>]) -> Option<Wish> {
    let plain: Vec<Wish> = items.iter().filter_map(shown_wish).collect();
    if plain.len() * 2 >= items.len() { most_common(plain.into_iter()) } else { None }
}

/// What one customer wants, by the feedback's kind or by its text; `None` where there is no sign.
pub(in crate::engine) fn shown_wish(item: &ThemeItem<'_>) -> Option<Wish> {
    match item.kind {
        Some("bug" | "complaint") => Some(Wish::Fix),
        Some("request") => Some(Wish::Build),
        Some("question") => Some(Wish::Answer),
        Some("praise") => Some(Wish::Keep),
        _ => guessed(item.feedback.text),
    }
}

/// The intent of a text without a kind, by its clearest signs.
fn guessed(text: &str) -> Option<Wish> {
    let text: String = text.chars().take(400).collect::<String>().to_lowercase().replace('’', "'");
    if is_korean(&text) { korean(&text) } else { english(&text) }
}

/// An order ("change my address"), a failure, a request, a lack, a question, praise, or a bare noun phrase, which asks
/// about the noun.
fn english(text: &str) -> Option<Wish> {
    let has = |signs: &[&str]| signs.iter().any(|sign| text.contains(sign));
    let words: Vec<&str> = text.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric())).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).take(40).collect();
    let start = words.iter().position(|word| !OPENERS.contains(word)).unwrap_or(0);
    let words = &words[start..];
    let tags = tags(words);
    let is_question = text.trim_end().ends_with(['?', '？']) || words.first().is_some_and(|first| QUESTION_STARTS.contains(first));
    match () {
        () if is_order(words, &tags) => Some(Wish::Build),
        () if has(ENGLISH_FAILURE) => Some(Wish::Fix),
        () if has(ENGLISH_REQUEST) => Some(Wish::Build),
        () if has(ENGLISH_TROUBLE) => Some(Wish::Fix),
        () if is_question || has(ENGLISH_QUESTION) => Some(Wish::Answer),
        () if has(PRAISE) => Some(Wish::Keep),
        () if has(&["please", "pls ", "plz"]) => Some(Wish::Build),
        () if words.len() <= 8 && !has_verb(words, &tags) => Some(Wish::Answer),
        () => None,
    }
}

fn has_verb(words: &[&str], tags: &[Tag]) -> bool {
    // The tagger takes "app closes" for two nouns.
    let happens = |word: &&str| word.ends_with('s') && INTRANSITIVE.contains(&lemma(word, Tag::Verb).as_str());
    tags.iter().any(|tag| matches!(tag, Tag::Verb | Tag::Auxiliary)) || words.iter().any(happens)
}

/// Whether a text begins with the base of a verb, as an order does.
fn is_order(words: &[&str], tags: &[Tag]) -> bool {
    let (Some(word), Some(Tag::Verb)) = (words.first(), tags.first()) else { return false };
    let is_base = lemma(word, Tag::Verb) == **word;
    let object = tags.get(1).is_some_and(|tag| !matches!(tag, Tag::Verb | Tag::Auxiliary | Tag::Punctuation));
    is_base && object && !NO_ORDERS.contains(word)
}

fn korean(text: &str) -> Option<Wish> {
    let has = |signs: &[&str]| signs.iter().any(|sign| text.contains(sign));
    let end = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    let asks = text.trim_end().ends_with(['?', '？']) || KOREAN_QUESTION_ENDS.iter().any(|sign| end.ends_with(sign));
    let is_noun = !["다", "요", "죠", "음", "함", "임", "네"].iter().any(|ending| end.ends_with(ending));
    match () {
        () if has(KOREAN_TROUBLE) => Some(Wish::Fix),
        () if has(KOREAN_QUESTION) || asks => Some(Wish::Answer),
        () if has(KOREAN_REQUEST) => Some(Wish::Build),
        () if has(PRAISE) => Some(Wish::Keep),
        () if is_noun && text.split_whitespace().count() <= 6 => Some(Wish::Answer),
        () => None,
    }
}

#[rustfmt::skip]
const PRAISE: &[&str] = &[
    "love", "great", "awesome", "excellent", "amazing", "thank you for", "최고", "너무 좋", "만족", "편해요", "잘 쓰고", "감사해요",
];
/// Words before an order.
const OPENERS: &[&str] = &["hi", "hello", "hey", "please", "pls", "plz", "kindly", "just", "so", "ok", "okay", "and", "also"];
/// Verbs that begin a report, praise, or a call for a repair.
#[rustfmt::skip]
const NO_ORDERS: &[&str] = &[
    "fix", "stop", "solve", "resolve", "repair", "get", "keep", "have", "see", "wait", "love", "like", "thank", "hate", "feel",
    "need", "want", "wish", "seem", "look", "guess", "think", "try", "hope", "lost", "cost", "take", "fail", "crash",
];
#[rustfmt::skip]
const ENGLISH_FAILURE: &[&str] = &[
    "not work", "n't work", "not able", "unable", "fail", "error", "crash", "broken", "bug", "freez", "stuck", "declin",
    "charged twice", "reject", "won't", "wont ",
];
#[rustfmt::skip]
const ENGLISH_REQUEST: &[&str] = &[
    "please add", "would like", "i'd like", "id like", "would love", "would be nice", "would be great", "would be good", "would be helpful",
    "i wish", "wish i", "i want", "we want", "i need", "we need", "looking to", "looking for", "could you add", "can you add", "feature",
    "should be able", "need a ", "need an ", "need to ", "want to ", "support for", "add ", "option to", "allow ", "any plans", "help me ",
    "please support", "please let", "it should",
];
#[rustfmt::skip]
const ENGLISH_TROUBLE: &[&str] = &[
    "can't", "cannot", "cant ", "missing", "slow", "problem", "issue", "never ", "didn't", "didnt", "doesn't", "doesnt", "hasn't",
    "hasnt", "wrong", "still not", "not receiv", "not arriv", "no longer", "too small", "too long", "too high", "haven't", "late ",
];
#[rustfmt::skip]
const ENGLISH_QUESTION: &[&str] = &["how do", "how can", "how to", "how long", "how much", "what is", "where is", "can i ", "is it possible", "is there", "do you", "tell me", "wondering"];
#[rustfmt::skip]
const QUESTION_STARTS: &[&str] = &[
    "how", "what", "what's", "whats", "where", "when", "why", "who", "which", "can", "could", "do", "does", "did", "is", "are",
    "will", "should", "am", "any", "has",
];
#[rustfmt::skip]
const KOREAN_TROUBLE: &[&str] = &[
    "안돼", "안되", "안 돼", "안 되", "안됩", "안 됩", "안됨", "안 됨", "오류", "에러", "실패", "버그", "튕", "멈추", "멈춰", "멈췄", "느려", "느리", "못 ",
    "못해", "안 열", "안열", "안 나", "안 와", "안와", "안 옴", "안옴", "이상해", "불편", "깨져", "사라", "중복", "거절", "반려", "끊겨", "끊기",
];
#[rustfmt::skip]
const KOREAN_REQUEST: &[&str] = &[
    "해주세요", "해 주세요", "추가", "있었으면", "면 좋겠", "원해요", "만들어", "지원해", "바랍니다", "해줘", "해 줘", "줘", "주세요", "주라",
    "부탁", "싶어", "싶다", "싶습니다", "필요해", "필요합니다", "기원",
];
#[rustfmt::skip]
const KOREAN_QUESTION: &[&str] = &[
    "어떻게", "언제", "어디", "가능한가", "되나요", "인가요", "있나요", "할까요", "뭐예요", "무엇", "알려줘", "알려 줘", "알려주", "뭐야", "얼마",
    "알려 주", "궁금", "나요", "가요?", "까요",
];
const KOREAN_QUESTION_ENDS: &[&str] = &["는요", "여부", "은요", "니", "냐", "까", "뭐지", "몇", "문의"];

/// The most frequent value; ties go to the first.
pub(in crate::engine) fn most_common<T: Copy + PartialEq>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: Vec<(T, usize)> = Vec::new();
    for value in values {
        match counts.iter_mut().find(|(known, _)| *known == value) {
            Some((_, count)) => *count += 1,
            None => counts.push((value, 1)),
        }
    }
    counts.into_iter().reduce(|a, b| if b.1 > a.1 { b } else { a }).map(|(value, _)| value)
}
