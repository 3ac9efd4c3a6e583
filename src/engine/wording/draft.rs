//! Draft stories: a title and a sentence from words that several customers share, and acceptance criteria that quote
//! single customers.

use std::collections::HashSet;

use uuid::Uuid;

use super::label::{best_phrase, mostly_korean};
use super::theme_item::ThemeItem;
use super::wish::{Wish, most_common, wish_of, wish_of_most};
use crate::engine::text::keyword_forms::keyword_forms;
use crate::engine::text::words::words;

/// The most acceptance criteria, and the most items that are read for them.
const CRITERIA: usize = 5;
const READ_MEMBERS: usize = 200;
/// Two phrases count as the same request if their word overlap (Jaccard) is at least this.
const SAME: f32 = 0.5;

/// One acceptance criterion, and the feedback that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// A sentence with a quote.
    pub text: String,
    /// Ids of the feedback that it comes from; never empty.
    pub feedback_ids: Vec<Uuid>,
}

/// A draft of a story: "as a ... I want ... so that ...", each part without these introductory words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The title, from words that customers share; empty where they share too few.
    pub title: String,
    /// The role of the customers.
    pub as_a: String,
    /// The request.
    pub i_want: String,
    /// The purpose.
    pub so_that: String,
    /// The acceptance criteria, the most frequent request first.
    pub acceptance_criteria: Vec<Criterion>,
    /// What most of the customers want.
    pub wish: Wish,
    /// Whether the draft is in Korean.
    pub korean: bool,
}

/// Drafts a story from a theme: its title (empty where its customers share too few words), its keywords, and its items,
/// most central first. The draft is in Korean if most items are, else in English. Only the criteria quote single
/// customers, each with the feedback it comes from; they are not shown outside the team.
pub fn draft(title: &str, keywords: &[String], members: &[ThemeItem<'_>]) -> Draft {
    let members = &members[..members.len().min(READ_MEMBERS)];
    let korean = mostly_korean(members.iter().map(|m| m.feedback.text));
    let wish = wish_of_most(members);
    Draft {
        title: title.to_owned(),
        as_a: as_a(members, korean),
        i_want: i_want(title, wish, korean),
        so_that: so_that(wish, korean).to_owned(),
        acceptance_criteria: criteria(keywords, members, wish, korean),
        wish,
        korean,
    }
}

fn as_a(members: &[ThemeItem<'_>], korean: bool) -> String {
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

fn i_want(title: &str, wish: Wish, korean: bool) -> String {
    let named = !title.is_empty();
    match (wish, korean, named) {
        (Wish::Fix, false, true) => format!("this to be solved: “{title}”"),
        (Wish::Build, false, true) => format!("what I asked for: “{title}”"),
        (Wish::Answer, false, true) => format!("a clear answer to “{title}”"),
        (Wish::Keep, false, true) => format!("this to stay as good as it is: “{title}”"),
        (Wish::Fix, true, true) => format!("“{title}” 문제가 해결되기를 원합니다"),
        (Wish::Build, true, true) => format!("“{title}” 요청이 반영되기를 원합니다"),
        (Wish::Answer, true, true) => format!("“{title}” 질문에 대한 명확한 답을 원합니다"),
        (Wish::Keep, true, true) => format!("“{title}” 같은 좋은 점이 유지되기를 원합니다"),
        (Wish::Fix, false, false) => "what I reported to be solved".into(),
        (Wish::Build, false, false) => "what I asked for".into(),
        (Wish::Answer, false, false) => "a clear answer".into(),
        (Wish::Keep, false, false) => "this to stay as good as it is".into(),
        (Wish::Fix, true, false) => "알린 문제가 해결되기를 원합니다".into(),
        (Wish::Build, true, false) => "요청이 반영되기를 원합니다".into(),
        (Wish::Answer, true, false) => "명확한 답을 원합니다".into(),
        (Wish::Keep, true, false) => "좋은 점이 유지되기를 원합니다".into(),
    }
}

/// The purpose in a fixed wording. A purpose that one customer stated would quote that customer.
fn so_that(wish: Wish, korean: bool) -> &'static str {
    match (wish, korean) {
        (Wish::Fix | Wish::Keep, false) => "I can rely on it",
        (Wish::Build, false) => "I get done what I came for",
        (Wish::Answer, false) => "I can go on without having to ask",
        (Wish::Fix | Wish::Keep, true) => "서비스를 믿고 쓸 수 있도록",
        (Wish::Build, true) => "하려던 일을 끝까지 할 수 있도록",
        (Wish::Answer, true) => "따로 문의하지 않고도 계속 이용할 수 있도록",
    }
}

/// The requests of the items, merged where they are the same, the most frequent first.
fn criteria(keywords: &[String], members: &[ThemeItem<'_>], wish: Wish, korean: bool) -> Vec<Criterion> {
    struct Asked {
        phrase: String,
        words: HashSet<String>,
        wish: Wish,
        by: Vec<Uuid>,
    }
    let mut asked: Vec<Asked> = Vec::new();
    // Praise in a theme of complaints does not ask for anything.
    for member in members.iter().filter(|member| wish == Wish::Keep || wish_of(member) != Wish::Keep) {
        let phrase = best_phrase(member.feedback.text, keywords);
        let words: HashSet<String> = keyword_forms(&words(&phrase)).collect();
        match asked.iter_mut().find(|a| a.phrase == phrase || overlap(&a.words, &words) >= SAME) {
            Some(known) => known.by.push(member.feedback.id),
            None if !phrase.is_empty() => {
                asked.push(Asked { phrase, words, wish: wish_of(member), by: vec![member.feedback.id] });
            }
            None => {}
        }
    }
    asked.sort_by_key(|a| std::cmp::Reverse(a.by.len())); // Stable: among equals the more central one stays first.
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

/// The Jaccard index of two sets of words; 0 for phrases without words.
fn overlap(a: &HashSet<String>, b: &HashSet<String>) -> f32 {
    let shared = a.intersection(b).count();
    shared as f32 / (a.len() + b.len() - shared).max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use crate::engine::text::words::is_korean;

    fn item(id: u128, text: &'static str) -> ThemeItem<'static> {
        let id = Uuid::from_u128(id);
        ThemeItem { feedback: FeedbackText { id, by: id, text, similarity: 0.6 }, kind: None, segment: None }
    }

    #[test]
    fn every_criterion_quotes_and_cites_who_said_it() {
        let members = [
            item(1, "Hi, the invoice export crashes"),
            item(2, "export of the invoice crashes every time!"),
            item(3, "Please add csv to the invoice export"),
        ];
        let draft = draft("The invoice export crashes", &["invoice".into(), "export".into()], &members);
        assert_eq!(draft.acceptance_criteria[0].feedback_ids, [Uuid::from_u128(1), Uuid::from_u128(2)]);
        assert!(draft.acceptance_criteria[0].text.contains("the invoice export crashes"));
        assert!(draft.i_want.contains("The invoice export crashes"));
        assert_eq!(draft.as_a, "customer");
    }

    #[test]
    fn the_segment_that_most_belong_to_is_used_and_no_purpose_of_one_customer() {
        let mut members = [item(1, "I want dark mode so that I can read at night"), item(2, "dark mode please")];
        members.iter_mut().for_each(|m| (m.segment, m.kind) = (Some("enterprise"), Some("request")));
        let draft = draft("Dark mode", &["dark".into()], &members);
        assert_eq!(
            (draft.as_a.as_str(), draft.so_that.as_str()),
            ("enterprise customer", "I get done what I came for")
        );
    }

    #[test]
    fn korean_feedback_gives_a_korean_story() {
        let members = [item(1, "결제가 자꾸 실패해요"), item(2, "결제 오류 나요")];
        let draft = draft("결제가 자꾸 실패해요", &["결제".into()], &members);
        assert_eq!(draft.as_a, "고객");
        assert_eq!(draft.i_want, "“결제가 자꾸 실패해요” 문제가 해결되기를 원합니다");
        assert!(draft.acceptance_criteria.iter().all(|c| is_korean(&c.text)));
    }

    proptest! {
        #[test]
        fn any_text_can_be_drafted(text in "\\PC{0,120}|[\\x00-\\x{10ffff}]{0,60}") {
            let feedback = FeedbackText { id: Uuid::nil(), by: Uuid::nil(), text: &text, similarity: 0.5 };
            let member = ThemeItem { feedback, kind: None, segment: None };
            let draft = draft("Label", &[], &[member, member]);
            prop_assert!(draft.acceptance_criteria.iter().all(|c| c.feedback_ids.len() == 2));
        }
    }
}
