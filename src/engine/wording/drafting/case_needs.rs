//! Needs of customers who each say in other words what the table of general matters knows: in place of the main matter, where
//! the theme's title says only what it is about.

use std::collections::BTreeMap;

use super::draft_of::DraftOf;
use super::need::{Main, Need, customers_of};
use crate::engine::text::likeness::{Meaning, meaning_of};
use crate::engine::wording::compose::Composer;
use crate::engine::wording::general::case_table::{CASES, Case};
use crate::engine::wording::general::cases::{COMPARED, closest, like, nearest_centres};
use crate::engine::wording::wish::Wish;

/// How many items are read.
const READ: usize = 100;
/// The least likeness of one item to a matter, and how much nearer it must be to it than to the next one.
const LIKE: f32 = 0.52;
const AHEAD: f32 = 0.03;
/// The same without what the product's feedback has in common; and how much less like than its most like matter an item may be
/// to a matter that it speaks of.
const STANDS_OUT: f32 = 0.26;
const ABOUT_AS_LIKE: f32 = 0.03;
/// The share of the customers that a need must have.
const SHARE: f32 = 0.15;
/// An item less like the matter of the theme's title is not about it.
const ABOUT: f32 = 0.2;

/// The needs among these items that the table knows, the most frequent first.
pub(in crate::engine) fn case_needs(
    of: &DraftOf<'_>,
    about: &[usize],
    composer: &Composer<'_>,
    main: &Main<'_>,
    least: usize,
) -> Vec<Need> {
    if !main.is_vague() {
        return Vec::new();
    }
    let mut by_case: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for item in about.iter().copied().take(READ) {
        let member = &composer.members[item];
        let meaning = meaning_of(&member.text);
        let Some(found) = closest(&meaning, LIKE, AHEAD) else { continue };
        if suits(&CASES.all[found], member.wish, main) {
            by_case.entry(found).or_default().push(item);
        }
    }
    let least = least.max((SHARE * customers_of(of, about) as f32).ceil() as usize);
    if !by_case.values().any(|items| customers_of(of, items) >= least) {
        by_case = standing_out(of, about, composer, main, least);
    }
    let needs = by_case.into_iter().filter(|(_, items)| customers_of(of, items) >= least);
    let need = |(case, items): (usize, Vec<usize>)| {
        let case = &CASES.all[case];
        Need { items, title: case.title(main.korean).to_owned(), statement: case.statement(main.korean) }
    };
    let mut needs: Vec<Need> = needs.map(need).collect();
    needs.sort_by_key(|need| std::cmp::Reverse(customers_of(of, &need.items)));
    needs
}

/// The matters that enough customers of the theme speak of, more than the product's other feedback does, with their items.
///
/// Each item counts for one matter only. The matter with the most customers gets all items that speak of it; then the same is done
/// with the items that are left, until no matter has enough customers.
fn standing_out(
    of: &DraftOf<'_>,
    about: &[usize],
    composer: &Composer<'_>,
    main: &Main<'_>,
    least: usize,
) -> BTreeMap<usize, Vec<usize>> {
    let read = about.iter().copied().take(READ);
    let meaning = |item: usize| Some((item, of.background.meaning(&composer.members[item].text)?));
    let (items, meanings): (Vec<usize>, Vec<Meaning>) = read.filter_map(meaning).unzip();
    let compared = nearest_centres(&meanings, COMPARED);
    // The matters that each item may speak of.
    let speaks_of = |(item, meaning): (&usize, &Meaning)| -> (usize, Vec<usize>) {
        let likeness: Vec<f32> = compared.iter().map(|case| like(meaning, &CASES.all[*case])).collect();
        let bar = STANDS_OUT.max(likeness.iter().copied().fold(0.0, f32::max) - ABOUT_AS_LIKE);
        let suiting = |case: &usize| suits(&CASES.all[*case], composer.members[*item].wish, main);
        let like = compared.iter().zip(&likeness).filter(|(_, like)| **like >= bar).map(|(case, _)| *case);
        (*item, like.filter(suiting).collect())
    };
    let mut left: Vec<(usize, Vec<usize>)> = items.iter().zip(&meanings).map(speaks_of).collect();
    let mut found = BTreeMap::new();
    loop {
        let speaking = |case: usize| -> Vec<usize> {
            left.iter().filter(|(_, cases)| cases.contains(&case)).map(|(item, _)| *item).collect()
        };
        let most = compared.iter().map(|case| (*case, speaking(*case)));
        let most = most.max_by_key(|(case, items)| (customers_of(of, items), std::cmp::Reverse(*case)));
        let Some((case, items)) = most.filter(|(_, items)| customers_of(of, items) >= least) else { return found };
        left.retain(|(item, _)| !items.contains(item));
        found.insert(case, items);
    }
}

/// Whether a matter can stand beside the main one, and is what an item with this wish asks for.
fn suits(case: &Case, wish: Option<Wish>, main: &Main<'_>) -> bool {
    match case.wish {
        Wish::Fix => main.wish != Wish::Keep && !matches!(wish, Some(Wish::Build | Wish::Keep)),
        Wish::Build => main.wish != Wish::Keep && !matches!(wish, Some(Wish::Fix | Wish::Keep)),
        Wish::Answer => main.wish == Wish::Answer && wish == Some(Wish::Answer),
        Wish::Keep => false,
    }
}

/// Whether an item may be about the matter of the table that the title names; items of other themes may be anything.
pub(in crate::engine) fn is_about(case: &Case, text: &str) -> bool {
    let meaning: Meaning = meaning_of(text);
    like(&meaning, case) >= ABOUT
}
