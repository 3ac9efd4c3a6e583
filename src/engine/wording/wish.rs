//! The customer's intent: a fix, something new, an answer, or that something stays as it is.

use super::draft::ThemeItem;
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
    most_common(items.iter().map(wish_of)).unwrap_or(Wish::Fix)
}

/// What most of these customers clearly want; `None` where most give no sign of it.
pub(in crate::engine) fn plain_wish(items: &[ThemeItem<'_>]) -> Option<Wish> {
    let plain: Vec<Wish> = items.iter().filter_map(shown_wish).collect();
    if plain.len() * 2 >= items.len() { most_common(plain.into_iter()) } else { None }
}

/// What one customer wants, by the feedback's kind or by its text; a fix where there is no sign.
pub(in crate::engine) fn wish_of(item: &ThemeItem<'_>) -> Wish {
    shown_wish(item).unwrap_or(Wish::Fix)
}

fn shown_wish(item: &ThemeItem<'_>) -> Option<Wish> {
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
    let has = |signs: &[&str]| signs.iter().any(|sign| text.contains(sign));
    let (trouble, request, question) = match is_korean(&text) {
        true => (KOREAN_TROUBLE, KOREAN_REQUEST, KOREAN_QUESTION),
        false => (ENGLISH_TROUBLE, ENGLISH_REQUEST, ENGLISH_QUESTION),
    };
    if has(trouble) {
        Some(Wish::Fix)
    } else if has(request) {
        Some(Wish::Build)
    } else if has(question) || text.trim_end().ends_with(['?', '？']) {
        Some(Wish::Answer)
    } else if has(PRAISE) {
        Some(Wish::Keep)
    } else {
        None
    }
}

#[rustfmt::skip]
const PRAISE: &[&str] = &[
    "love", "great", "awesome", "thank you for", "최고", "너무 좋", "만족", "편해요", "잘 쓰고",
];
#[rustfmt::skip]
const ENGLISH_TROUBLE: &[&str] = &[
    "not work", "n't work", "not able", "unable", "fail", "error", "crash", "broken", "bug", "freez", "stuck", "wrong",
    "can't", "cannot", "cant ", "missing", "slow", "problem", "issue", "never ", "declin", "charged twice", "didn't",
    "doesn't", "won't",
];
#[rustfmt::skip]
const ENGLISH_REQUEST: &[&str] = &[
    "please add", "would like", "would love", "would be nice", "would be great", "i wish", "i want", "i need", "we need",
    "looking to", "could you add", "can you add", "feature", "should be able", "need a ", "need an ", "support for",
    "add ", "option to", "allow ",
];
#[rustfmt::skip]
const ENGLISH_QUESTION: &[&str] =
    &["how do", "how can", "how to", "what is", "where ", "when ", "can i ", "is it possible", "is there"];
#[rustfmt::skip]
const KOREAN_TROUBLE: &[&str] = &[
    "안돼", "안되", "안 돼", "안 되", "안됩", "안 됩", "오류", "에러", "실패", "버그", "튕", "멈", "느려", "느리", "문제", "못 ",
    "못해", "안 열", "안열", "안 나", "안 와", "안와", "이상해", "불편", "깨져", "사라", "중복",
];
#[rustfmt::skip]
const KOREAN_REQUEST: &[&str] =
    &["해주세요", "해 주세요", "추가", "있었으면", "면 좋겠", "원해요", "만들어", "지원해", "바랍니다"];
#[rustfmt::skip]
const KOREAN_QUESTION: &[&str] = &[
    "어떻게", "언제", "어디", "가능한가", "되나요", "인가요", "있나요", "할까요", "뭐예요", "무엇", "알려줘", "알려 줘", "알려주",
    "알려 주", "는요", "여부", "궁금",
];

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
