//! Acceptance criteria: the theme's main matter, the circumstances in which it recurs, and its further needs, each with
//! the customers behind it.

use std::collections::{BTreeMap, HashSet};

use super::circumstances::{Circumstance, CircumstanceKind};
use super::compose::{capitalised, language};
use super::draft::{Criterion, DraftOf};
use super::facts::shortened;
use super::needs::{Main, Need, customers_of};
use super::wish::Wish;
use crate::domain::words;

/// The most criteria, the most of them for circumstances, and the most quotes of each.
const MOST: usize = 5;
const CIRCUMSTANCES: usize = 2;
const QUOTES: usize = 3;

/// The criteria of a theme, those of most customers first.
pub(super) fn criteria(
    of: &DraftOf<'_>,
    about: &[usize],
    needs: &[Need],
    circumstances: &[Vec<Circumstance>],
    main: &Main<'_>,
) -> Vec<Criterion> {
    if about.is_empty() {
        return Vec::new();
    }
    let apart: HashSet<usize> = needs.iter().flat_map(|need| need.items.iter().copied()).collect();
    let rest: Vec<usize> = about.iter().copied().filter(|item| !apart.contains(item)).collect();
    let own = if rest.is_empty() { about } else { &rest };
    let then = main.statement.map_or_else(|| untitled(main), |statement| statement.then(main.korean));
    let mut found = vec![criterion(of, own, Condition::default(), then.clone(), main.korean)];
    found.extend(
        conditions(of, about, circumstances, main)
            .into_iter()
            .map(|(condition, items)| criterion(of, &items, condition, then.clone(), main.korean)),
    );
    let needs = needs
        .iter()
        .map(|need| criterion(of, &need.items, Condition::default(), need.statement.then(main.korean), main.korean));
    found.extend(needs);
    found[1..].sort_by_key(|criterion| std::cmp::Reverse(criterion.customers));
    found.truncate(MOST);
    found
}

fn untitled(main: &Main<'_>) -> String {
    let language = language(main.korean);
    match main.wish {
        Wish::Fix => words::then_fixed(language),
        Wish::Build => words::then_built(language),
        Wish::Answer => words::then_answered(language),
        Wish::Keep => words::then_kept(language),
    }
}

/// Under which circumstances a criterion holds.
#[derive(Clone, Default)]
struct Condition {
    given: Option<String>,
    when: Option<String>,
}

/// The circumstances that recur, with their items, the most frequent first.
fn conditions(
    of: &DraftOf<'_>,
    about: &[usize],
    circumstances: &[Vec<Circumstance>],
    main: &Main<'_>,
) -> Vec<(Condition, Vec<usize>)> {
    if matches!(main.wish, Wish::Answer | Wish::Keep) {
        return Vec::new();
    }
    let language = language(main.korean);
    let mut by: BTreeMap<&Circumstance, Vec<usize>> = BTreeMap::new();
    for item in about {
        for circumstance in circumstances[*item].iter().filter(|found| !found.is_in(main.title)) {
            by.entry(circumstance).or_default().push(*item);
        }
    }
    let all = customers_of(of, about);
    let recurs = |items: &Vec<usize>| customers_of(of, items) >= 2.max(all.div_ceil(20));
    let mut found: Vec<(&Circumstance, Vec<usize>)> = by.into_iter().filter(|(_, items)| recurs(items)).collect();
    found.sort_by_key(|(_, items)| std::cmp::Reverse(customers_of(of, items)));
    let update = found.iter().find(|(found, _)| found.kind == CircumstanceKind::Step).map(|(_, items)| items.clone());
    let mut conditions = Vec::new();
    let mut has_version = false;
    for (circumstance, items) in found {
        let after_update = || {
            update
                .as_ref()
                .is_some_and(|update| 2 * items.iter().filter(|item| update.contains(item)).count() >= items.len())
        };
        let condition = match circumstance.kind {
            CircumstanceKind::Step if !has_version => {
                Condition { given: None, when: Some(words::circumstance_after_update(language)) }
            }
            CircumstanceKind::Step => continue,
            _ => match circumstance.condition(language) {
                Some(given) => {
                    let is_version = circumstance.kind == CircumstanceKind::Version && after_update();
                    has_version |= is_version;
                    Condition { given: Some(given), when: None }
                }
                None => continue,
            },
        };
        conditions.push((condition, items));
    }
    conditions.truncate(CIRCUMSTANCES);
    conditions
}

fn criterion(of: &DraftOf<'_>, items: &[usize], condition: Condition, then: String, korean: bool) -> Criterion {
    let language = language(korean);
    let customers = customers_of(of, items);
    let Condition { given, when } = condition;
    let text = match (&given, &when) {
        (Some(given), None) => words::criterion_given(language, given, &then),
        (None, Some(when)) => words::criterion_when(language, when, &then),
        (Some(given), Some(when)) => words::criterion_both(language, given, when, &then),
        (None, None) => then.clone(),
    };
    let text = words::criterion_counted(language, capitalised(&text), i32::try_from(customers).unwrap_or(i32::MAX));
    let mut seen = HashSet::new();
    let quote = |item: &usize| {
        let feedback = &of.items[*item].feedback;
        seen.insert(feedback.by).then(|| (feedback.id, shortened(feedback.text)))
    };
    let quotes = items.iter().filter_map(quote).take(QUOTES).collect();
    let feedback_ids = items.iter().map(|item| of.items[*item].feedback.id).collect();
    Criterion { text, given, when, then, customers, feedback_ids, quotes }
}
