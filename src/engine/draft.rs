//! A draft story in the customers' own words: nothing in it that nobody said, except the sentence around the quotes.

use std::collections::HashSet;

use uuid::Uuid;

use super::label::{best_phrase, clauses, mostly_korean};
use super::say::{Said, keyword_forms};
use super::words::{is_korean, words};

/// At most so many acceptance criteria, from at most so many feedback.
const CRITERIA: usize = 5;
const READ_MEMBERS: usize = 200;
/// Two phrases ask for the same where they share at least this part of their words.
const SAME: f32 = 0.5;

/// One feedback of a theme, with what is known about who said it and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Voice<'a> {
    /// Who said what, and how central it is.
    pub said: Said<'a>,
    /// `bug request question complaint praise`, where known.
    pub kind: Option<&'a str>,
    /// The segment of the customer's account, where known.
    pub segment: Option<&'a str>,
}

/// One acceptance criterion and the feedback it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// A sentence with a quote.
    pub text: String,
    /// Who it came from; never empty.
    pub feedback_ids: Vec<Uuid>,
}

/// A draft of a story: "as a ... I want ... so that ...", each without its introducing words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The theme's label.
    pub title: String,
    /// Who wants it.
    pub as_a: String,
    /// What is wanted.
    pub i_want: String,
    /// What for.
    pub so_that: String,
    /// How to tell that it is done: what most customers said comes first.
    pub acceptance_criteria: Vec<Criterion>,
}

/// What a customer wants of us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Fix,
    Build,
    Answer,
    Keep,
}

/// Drafts a story from a theme: its label, its keywords, and its members, most central first. In Korean when most members
/// are, else in English.
pub fn draft(label: &str, keywords: &[String], members: &[Voice<'_>]) -> Draft {
    let members = &members[..members.len().min(READ_MEMBERS)];
    let korean = mostly_korean(members.iter().map(|m| m.said.text));
    let wish = most_common(members.iter().map(wish_of)).unwrap_or(Wish::Fix);
    Draft {
        title: label.to_owned(),
        as_a: as_a(members, korean),
        i_want: i_want(label, wish, korean),
        so_that: purpose(members, korean).unwrap_or_else(|| so_that(keywords, wish, korean)),
        acceptance_criteria: criteria(keywords, members, korean),
    }
}

fn as_a(members: &[Voice<'_>], korean: bool) -> String {
    let segments = members.iter().filter_map(|m| m.segment).filter(|s| !s.trim().is_empty());
    let segment = most_common(segments.clone());
    let speaks_for_most = |s: &&str| segments.clone().filter(|other| other == s).count() * 2 > members.len();
    match (segment.filter(speaks_for_most), korean) {
        (Some(segment), true) => format!("{segment} 고객"),
        (Some(segment), false) => format!("{segment} customer"),
        (None, true) => "고객".into(),
        (None, false) => "customer".into(),
    }
}

fn i_want(label: &str, wish: Wish, korean: bool) -> String {
    match (wish, korean) {
        (Wish::Fix, false) => format!("this to be solved: “{label}”"),
        (Wish::Build, false) => format!("what I asked for: “{label}”"),
        (Wish::Answer, false) => format!("a clear answer to “{label}”"),
        (Wish::Keep, false) => format!("this to stay as good as it is: “{label}”"),
        (Wish::Fix, true) => format!("“{label}” 문제가 해결되기를 원합니다"),
        (Wish::Build, true) => format!("“{label}” 요청이 반영되기를 원합니다"),
        (Wish::Answer, true) => format!("“{label}” 질문에 대한 명확한 답을 원합니다"),
        (Wish::Keep, true) => format!("“{label}” 같은 좋은 점이 유지되기를 원합니다"),
    }
}

/// What for, in a customer's own words, where one said it.
fn purpose(members: &[Voice<'_>], korean: bool) -> Option<String> {
    if korean {
        return None; // Korean purposes are verb endings, not words to look for.
    }
    for clause in members.iter().flat_map(|m| clauses(m.said.text)) {
        let lower = clause.to_ascii_lowercase(); // same byte positions as the clause
        for marker in [" so that i ", " so i can ", " in order to "] {
            let Some(at) = lower.find(marker) else { continue };
            let said =
                clause[at + marker.len()..].trim_end_matches(|c: char| c.is_ascii_punctuation() || c.is_whitespace());
            if (8..=100).contains(&said.chars().count()) {
                return Some(format!("I {}{said}", if marker == " so that i " { "" } else { "can " }));
            }
        }
    }
    None
}

fn so_that(keywords: &[String], wish: Wish, korean: bool) -> String {
    let subject = keywords.first().map(String::as_str);
    match (wish, korean, subject) {
        (Wish::Fix | Wish::Keep, false, Some(word)) => format!("I can rely on it when it comes to “{word}”"),
        (Wish::Fix | Wish::Keep, false, None) => "I can rely on it".into(),
        (Wish::Build, false, _) => "I get done what I came for".into(),
        (Wish::Answer, false, _) => "I can go on without having to ask".into(),
        (Wish::Fix | Wish::Keep, true, Some(word)) => format!("“{word}” 관련 기능을 믿고 쓸 수 있도록"),
        (Wish::Fix | Wish::Keep, true, None) => "서비스를 믿고 쓸 수 있도록".into(),
        (Wish::Build, true, _) => "하려던 일을 끝까지 할 수 있도록".into(),
        (Wish::Answer, true, _) => "따로 문의하지 않고도 계속 이용할 수 있도록".into(),
    }
}

/// What the members ask for, each thing once with everybody who said it, the most frequent first.
fn criteria(keywords: &[String], members: &[Voice<'_>], korean: bool) -> Vec<Criterion> {
    struct Asked {
        phrase: String,
        words: HashSet<String>,
        wish: Wish,
        by: Vec<Uuid>,
    }
    let mut asked: Vec<Asked> = Vec::new();
    for member in members {
        let phrase = best_phrase(member.said.text, keywords);
        let words: HashSet<String> = keyword_forms(&words(&phrase)).collect();
        match asked.iter_mut().find(|a| a.phrase == phrase || overlap(&a.words, &words) >= SAME) {
            Some(known) => known.by.push(member.said.id),
            None if !phrase.is_empty() => {
                asked.push(Asked { phrase, words, wish: wish_of(member), by: vec![member.said.id] });
            }
            None => {}
        }
    }
    asked.sort_by_key(|a| std::cmp::Reverse(a.by.len())); // stable: the more central stays ahead among equals
    let to_criterion = |a: Asked| Criterion { text: criterion_text(&a.phrase, a.wish, korean), feedback_ids: a.by };
    asked.into_iter().take(CRITERIA).map(to_criterion).collect()
}

fn criterion_text(phrase: &str, wish: Wish, korean: bool) -> String {
    match (wish, korean) {
        (Wish::Fix, false) => format!("Whoever said “{phrase}” no longer has this problem."),
        (Wish::Build, false) => format!("Whoever asked “{phrase}” can do so."),
        (Wish::Answer, false) => format!("Whoever asked “{phrase}” finds the answer without asking."),
        (Wish::Keep, false) => format!("“{phrase}” stays true."),
        (Wish::Fix, true) => format!("“{phrase}” 문제가 더 이상 발생하지 않는다."),
        (Wish::Build, true) => format!("“{phrase}” 요청대로 할 수 있다."),
        (Wish::Answer, true) => format!("“{phrase}” 질문의 답을 따로 문의하지 않고도 찾을 수 있다."),
        (Wish::Keep, true) => format!("“{phrase}” 의견처럼 좋은 점이 유지된다."),
    }
}

/// Shared part of two sets of words (Jaccard); wordless phrases share nothing.
fn overlap(a: &HashSet<String>, b: &HashSet<String>) -> f32 {
    let shared = a.intersection(b).count();
    shared as f32 / (a.len() + b.len() - shared).max(1) as f32
}

fn wish_of(member: &Voice<'_>) -> Wish {
    match member.kind {
        Some("bug" | "complaint") => Wish::Fix,
        Some("request") => Wish::Build,
        Some("question") => Wish::Answer,
        Some("praise") => Wish::Keep,
        _ => guess_wish(member.said.text),
    }
}

/// What a text without a kind asks for, by its plainest signs.
fn guess_wish(text: &str) -> Wish {
    let text: String = text.chars().take(400).collect::<String>().to_lowercase().replace('’', "'");
    let has = |signs: &[&str]| signs.iter().any(|sign| text.contains(sign));
    let (trouble, request, question) = match is_korean(&text) {
        true => (KOREAN_TROUBLE, KOREAN_REQUEST, KOREAN_QUESTION),
        false => (ENGLISH_TROUBLE, ENGLISH_REQUEST, ENGLISH_QUESTION),
    };
    match () {
        () if has(trouble) => Wish::Fix,
        () if has(request) => Wish::Build,
        () if has(question) || text.trim_end().ends_with(['?', '？']) => Wish::Answer,
        () if has(&["love", "great", "awesome", "thank you for", "최고", "너무 좋", "만족", "편해요", "잘 쓰고"]) => {
            Wish::Keep
        }
        () => Wish::Fix,
    }
}

const ENGLISH_TROUBLE: &[&str] = &[
    "not work",
    "n't work",
    "not able",
    "unable",
    "fail",
    "error",
    "crash",
    "broken",
    "bug",
    "freez",
    "stuck",
    "wrong",
    "can't",
    "cannot",
    "cant ",
    "missing",
    "slow",
    "problem",
    "issue",
    "never ",
    "declin",
    "charged twice",
    "didn't",
    "doesn't",
    "won't",
];
const ENGLISH_REQUEST: &[&str] = &[
    "please add",
    "would like",
    "would be nice",
    "would be great",
    "i wish",
    "i want",
    "could you add",
    "feature",
    "should be able",
    "need a ",
    "need an ",
    "support for",
    "add ",
    "option to",
    "allow ",
];
const ENGLISH_QUESTION: &[&str] =
    &["how do", "how can", "how to", "what is", "where ", "when ", "can i ", "is it possible", "is there"];
const KOREAN_TROUBLE: &[&str] = &[
    "안돼",
    "안되",
    "안 돼",
    "안 되",
    "안됩",
    "안 됩",
    "오류",
    "에러",
    "실패",
    "버그",
    "튕",
    "멈",
    "느려",
    "느리",
    "문제",
    "못 ",
    "못해",
    "안 열",
    "안열",
    "안 나",
    "안 와",
    "안와",
    "이상해",
    "불편",
    "깨져",
    "사라",
    "중복",
];
const KOREAN_REQUEST: &[&str] =
    &["해주세요", "해 주세요", "추가", "있었으면", "면 좋겠", "원해요", "만들어", "지원해", "바랍니다"];
const KOREAN_QUESTION: &[&str] =
    &["어떻게", "언제", "어디", "가능한가", "되나요", "인가요", "있나요", "할까요", "뭐예요", "무엇"];

/// The most frequent value; among equals the one met first.
fn most_common<T: Copy + PartialEq>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: Vec<(T, usize)> = Vec::new();
    for value in values {
        match counts.iter_mut().find(|(known, _)| *known == value) {
            Some((_, count)) => *count += 1,
            None => counts.push((value, 1)),
        }
    }
    counts.into_iter().reduce(|a, b| if b.1 > a.1 { b } else { a }).map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn voice(id: u128, text: &'static str) -> Voice<'static> {
        Voice { said: Said { id: Uuid::from_u128(id), text, similarity: 0.6 }, kind: None, segment: None }
    }

    #[test]
    fn every_criterion_quotes_and_cites_who_said_it() {
        let members = [
            voice(1, "Hi, the invoice export crashes"),
            voice(2, "export of the invoice crashes every time!"),
            voice(3, "Please add csv to the invoice export"),
        ];
        let draft = draft("The invoice export crashes", &["invoice".into(), "export".into()], &members);
        assert_eq!(draft.acceptance_criteria[0].feedback_ids, [Uuid::from_u128(1), Uuid::from_u128(2)]);
        assert!(draft.acceptance_criteria[0].text.contains("the invoice export crashes"));
        assert!(draft.i_want.contains("The invoice export crashes"));
        assert_eq!(draft.as_a, "customer");
    }

    #[test]
    fn the_segment_that_most_belong_to_and_the_purpose_that_one_said_are_used() {
        let mut members = [voice(1, "I want dark mode so that I can read at night"), voice(2, "dark mode please")];
        members.iter_mut().for_each(|m| (m.segment, m.kind) = (Some("enterprise"), Some("request")));
        let draft = draft("Dark mode", &["dark".into()], &members);
        assert_eq!((draft.as_a.as_str(), draft.so_that.as_str()), ("enterprise customer", "I can read at night"));
    }

    #[test]
    fn korean_feedback_gives_a_korean_story() {
        let members = [voice(1, "결제가 자꾸 실패해요"), voice(2, "결제 오류 나요")];
        let draft = draft("결제가 자꾸 실패해요", &["결제".into()], &members);
        assert_eq!(draft.as_a, "고객");
        assert_eq!(draft.i_want, "“결제가 자꾸 실패해요” 문제가 해결되기를 원합니다");
        assert!(draft.acceptance_criteria.iter().all(|c| is_korean(&c.text)));
    }

    proptest! {
        #[test]
        fn any_text_can_be_drafted(text in "\\PC{0,120}|[\\x00-\\x{10ffff}]{0,60}") {
            let member = Voice { said: Said { id: Uuid::nil(), text: &text, similarity: 0.5 }, kind: None, segment: None };
            let draft = draft("Label", &[], &[member, member]);
            prop_assert!(draft.acceptance_criteria.iter().all(|c| c.feedback_ids.len() == 2));
        }
    }
}
