//! Draft stories: a title and a sentence from words that several customers share, and acceptance criteria that quote
//! single customers.

use std::collections::HashSet;

use uuid::Uuid;

use super::compose::language;
use super::label::{best_phrase, mostly_korean};
use super::theme_item::ThemeItem;
use super::wish::{Wish, most_common, wish_of, wish_of_most};
use crate::domain::words as catalogue;
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
        so_that: so_that(wish, korean),
        acceptance_criteria: criteria(keywords, members, wish, korean),
        wish,
        korean,
    }
}

fn as_a(members: &[ThemeItem<'_>], korean: bool) -> String {
    let segments = members.iter().filter_map(|m| m.segment).filter(|s| !s.trim().is_empty());
    let segment = most_common(segments.clone());
    let speaks_for_most = |s: &&str| segments.clone().filter(|other| other == s).count() * 2 > members.len();
    match segment.filter(speaks_for_most) {
        Some(segment) => catalogue::draft_customer_of(language(korean), segment),
        None => catalogue::draft_customer(language(korean)),
    }
}

fn i_want(title: &str, wish: Wish, korean: bool) -> String {
    let language = language(korean);
    match (wish, title.is_empty()) {
        (Wish::Fix, false) => catalogue::draft_fix(language, title),
        (Wish::Build, false) => catalogue::draft_build(language, title),
        (Wish::Answer, false) => catalogue::draft_answer(language, title),
        (Wish::Keep, false) => catalogue::draft_keep(language, title),
        (Wish::Fix, true) => catalogue::draft_fix_untitled(language),
        (Wish::Build, true) => catalogue::draft_build_untitled(language),
        (Wish::Answer, true) => catalogue::draft_answer_untitled(language),
        (Wish::Keep, true) => catalogue::draft_keep_untitled(language),
    }
}

/// The purpose in a fixed wording. A purpose that one customer stated would quote that customer.
fn so_that(wish: Wish, korean: bool) -> String {
    match wish {
        Wish::Fix | Wish::Keep => catalogue::draft_rely(language(korean)),
        Wish::Build => catalogue::draft_get_done(language(korean)),
        Wish::Answer => catalogue::draft_go_on(language(korean)),
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
    let language = language(korean);
    match wish {
        Wish::Fix => catalogue::criterion_fix(language, phrase),
        Wish::Build => catalogue::criterion_build(language, phrase),
        Wish::Answer => catalogue::criterion_answer(language, phrase),
        Wish::Keep => catalogue::criterion_keep(language, phrase),
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
    use crate::engine::wording::keywords::FeedbackText;

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
