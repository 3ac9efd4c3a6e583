//! Draft stories: a title, a sentence, acceptance criteria that can be tested, proposals for the scope, and facts.
//!
//! Title, sentence, criteria and scope are worded from words that several customers share and from fixed phrases, so that
//! they quote nobody; customers' own words are beside them, as quotes of the criteria and as facts.

use std::collections::HashSet;

use uuid::Uuid;

use super::case_needs::is_about;
use super::circumstances::{Circumstance, circumstances};
use super::criteria::{Told, criteria};
use super::draft_of::{Draft, DraftOf};
use super::facts::{Read, facts};
use super::need::Main;
use super::needs::needs;
use super::other_title::other_title;
use super::purpose::purpose;
use super::roles::{role_of, segment_of};
use super::scope::scope;
use super::usage::WordsOf;
use crate::domain::words as catalogue;
use crate::engine::text::tagging::{Tag, can_be_verb, tags};
use crate::engine::text::tokens::stem;
use crate::engine::text::words::is_korean;
use crate::engine::wording::compose::{Composer, READ_OF_EACH};
use crate::engine::wording::general::case_table::CASES;
use crate::engine::wording::label::language;
use crate::engine::wording::label::mostly_korean;
use crate::engine::wording::said::{Said, said};
use crate::engine::wording::statements::reading::statement_of;
use crate::engine::wording::statements::statement::Statement;
use crate::engine::wording::theme_item::ThemeItem;
use crate::engine::wording::wish::{Wish, shown_wish, wish_of_most};

/// The most items that are read for a draft.
const READ_MEMBERS: usize = 200;
/// An item whose cosine to the theme's mean is below this share of the median's is about something else.
const ABOUT: f32 = 0.6;
/// The same for an item that is quoted among the facts.
const QUOTED: f32 = 0.8;
/// The least words of such an item.
const QUOTED_WORDS: usize = 4;
/// Items that no criterion covers and that are quoted among the facts.
const APART: usize = 3;
/// Drafts a story from a theme. The draft is in the language of its title; without one, in that of most items.
pub fn draft(of: &DraftOf<'_>) -> Draft {
    let items: Vec<ThemeItem<'_>> =
        of.items.iter().take(READ_MEMBERS).map(|item| item.beginning(READ_OF_EACH)).collect();
    let of = &DraftOf { items: &items, ..*of };
    let korean = match of.title.is_empty() {
        true => mostly_korean(of.items.iter().map(|item| item.feedback.text)),
        false => is_korean(of.title),
    };
    let composer = Composer::new(of.items, of.items.len() < READ_MEMBERS, of.background, of.is_name);
    let wish = CASES.of_title(of.title).map_or_else(|| wish_of_most(of.items), |case| case.wish);
    let usage = WordsOf::new(of.items, &composer);
    let statement = statement_of(of.title, wish, &usage).or_else(|| around_keyword(of, wish, korean));
    let medians = Medians::of(of.items);
    let about = about(of, wish, &medians);
    let said: Vec<(Uuid, Said)> = of.items.iter().map(|item| (item.feedback.by, said(item.feedback.text))).collect();
    let circumstances: Vec<Vec<Circumstance>> = of.items.iter().map(|item| circumstances(item.feedback.text)).collect();
    let main = Main { title: of.title, statement: statement.as_ref(), korean, wish, usage: &usage };
    let needs = needs(of, &about, &composer, &main);
    let (in_scope, out_of_scope) = scope(of, &about, &needs, &main);
    let told = Told { circumstances: &circumstances, said: &said, composer: &composer };
    let read = Read { items: of.items, circumstances: &circumstances, said: &said };
    Draft {
        title: of.title.to_owned(),
        as_a: as_a(of.items, korean),
        i_want: i_want(statement.as_ref(), wish, korean),
        so_that: purpose(&said, &composer, korean).unwrap_or_default(),
        acceptance_criteria: criteria(of, &about, &needs, &told, &main),
        in_scope,
        out_of_scope,
        facts: facts(&read, &apart(of, &composer, &about, &medians), korean),
        other_title: other_title(of.items, of.background, of.is_name, korean),
        wish,
        korean,
    }
}

/// A statement about the theme's first keyword, where the grammar of its title is not understood.
fn around_keyword(of: &DraftOf<'_>, wish: Wish, korean: bool) -> Option<Statement> {
    if wish == Wish::Answer && !korean && !of.title.is_empty() {
        return Some(Statement::Know { matter: format!("about {}", of.title.to_lowercase()) });
    }
    let is_noun = |keyword: &str| korean || tags(&[keyword])[0] == Tag::Noun && !can_be_verb(keyword);
    let title: Vec<String> = of.title.split_whitespace().map(|word| stem(&word.to_lowercase())).collect();
    let in_title =
        |keyword: &str| title.iter().any(|word| *word == stem(keyword) || korean && word.starts_with(keyword));
    let fits = |keyword: &&String| is_korean(keyword) == korean && is_noun(keyword) && in_title(keyword);
    let mut keywords = of.keywords.iter().filter(fits);
    let keyword = keywords.next().filter(|_| !of.title.is_empty())?;
    let matter = keyword.clone();
    Some(match wish {
        Wish::Fix => Statement::Without { matter },
        Wish::Build => Statement::Asked { matter },
        Wish::Answer => Statement::Know { matter },
        Wish::Keep => Statement::Stay { matter },
    })
}

/// The items about the theme's matter: no praise in a theme of complaints, and none that is far from its centre. Items of
/// a language are compared with those of the same language, because similarity across languages is lower.
fn about(of: &DraftOf<'_>, wish: Wish, medians: &Medians) -> Vec<usize> {
    let case = CASES.of_title(of.title);
    let fits = |item: &ThemeItem<'_>| {
        let asks = wish == Wish::Keep || shown_wish(item) != Some(Wish::Keep);
        let said = case.is_none_or(|case| is_about(case, item.feedback.text));
        asks && said && item.kind != Some("other") && item.feedback.similarity >= ABOUT * medians.of_language(item)
    };
    (0..of.items.len()).filter(|n| fits(&of.items[*n])).collect()
}

/// The median centrality of a theme's items, by language.
struct Medians {
    korean: f32,
    other: f32,
}

impl Medians {
    fn of(items: &[ThemeItem<'_>]) -> Self {
        let (korean, other): (Vec<_>, Vec<_>) = items.iter().partition(|item| is_korean(item.feedback.text));
        let median = |items: Vec<&ThemeItem<'_>>| {
            let mut cosines: Vec<f32> = items.iter().map(|item| item.feedback.similarity).collect();
            cosines.sort_by(f32::total_cmp);
            cosines.get(cosines.len() / 2).copied().unwrap_or_default()
        };
        Medians { korean: median(korean), other: median(other) }
    }

    fn of_language(&self, item: &ThemeItem<'_>) -> f32 {
        if is_korean(item.feedback.text) { self.korean } else { self.other }
    }
}

fn as_a(items: &[ThemeItem<'_>], korean: bool) -> String {
    match (role_of(items, korean), segment_of(items)) {
        (Some(role), _) => role,
        (None, Some(segment)) => catalogue::draft_customer_of(language(korean), segment),
        (None, None) => catalogue::draft_customer(language(korean)),
    }
}

fn i_want(statement: Option<&Statement>, wish: Wish, korean: bool) -> String {
    let language = language(korean);
    match (statement, wish) {
        (Some(statement), _) => statement.want(korean),
        (None, Wish::Fix) => catalogue::draft_fix_untitled(language),
        (None, Wish::Build) => catalogue::draft_build_untitled(language),
        (None, Wish::Answer) => catalogue::draft_answer_untitled(language),
        (None, Wish::Keep) => catalogue::draft_keep_untitled(language),
    }
}

/// Items about the matter that share no word with its title.
fn apart(of: &DraftOf<'_>, composer: &Composer<'_>, about: &[usize], medians: &Medians) -> Vec<usize> {
    let keys: HashSet<String> = of.title.split_whitespace().map(|word| stem(&word.to_lowercase())).collect();
    let korean = is_korean(of.title);
    let is_apart = |item: &&usize| {
        let member = &composer.members[**item];
        let near = of.items[**item].feedback.similarity >= QUOTED * medians.of_language(&of.items[**item]);
        let says_something = member.text.split_whitespace().count() >= QUOTED_WORDS && member.wish != Some(Wish::Keep);
        near && says_something && member.korean == korean && !member.keys.iter().any(|key| keys.contains(key))
    };
    about.iter().filter(is_apart).copied().take(APART).collect()
}
