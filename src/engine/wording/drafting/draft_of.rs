//! What a draft is made from, and its parts.

use uuid::Uuid;

use super::facts::Fact;
use crate::engine::text::tokens::IsName;
use crate::engine::wording::keywords::Background;
use crate::engine::wording::theme_item::ThemeItem;
use crate::engine::wording::wish::Wish;

/// A theme to draft a story from.
#[derive(Clone, Copy)]
pub struct DraftOf<'a> {
    /// Its title; empty where its customers share too few words.
    pub title: &'a str,
    /// Its keywords, best first.
    pub keywords: &'a [String],
    /// Its items, most central first.
    pub items: &'a [ThemeItem<'a>],
    /// The words of all feedback.
    pub background: Background<'a>,
    /// Whether a word is a person's name.
    pub is_name: &'a IsName<'a>,
    /// The cosine of two items by their ids, where the vectors are at hand.
    pub likeness: Option<&'a dyn Fn(Uuid, Uuid) -> f32>,
}

/// One acceptance criterion, and the feedback that it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Criterion {
    /// The whole criterion as a sentence.
    pub text: String,
    pub given: Option<String>,
    pub when: Option<String>,
    pub then: String,
    /// The number of customers of the cited feedback.
    pub customers: usize,
    /// Ids of the feedback that it comes from; never empty.
    pub feedback_ids: Vec<Uuid>,
    /// Words of some of these customers, with the id of their feedback.
    pub quotes: Vec<(Uuid, String)>,
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
    /// The purpose; empty where no customers named one.
    pub so_that: String,
    /// The acceptance criteria, the most frequent need first.
    pub acceptance_criteria: Vec<Criterion>,
    /// What most ask for, and what few ask for beside it.
    pub in_scope: Vec<String>,
    pub out_of_scope: Vec<String>,
    /// What the customers mentioned.
    pub facts: Vec<Fact>,
    /// The title in the other language, where enough customers write in it.
    pub other_title: Option<String>,
    /// What most of the customers want.
    pub wish: Wish,
    /// Whether the draft is in Korean.
    pub korean: bool,
}
