//! Acceptance criteria: the theme's main matter, the circumstances in which it recurs, and its further needs, each with
//! the customers behind it.

use std::collections::{BTreeMap, HashSet};

use uuid::Uuid;

use super::circumstances::{Circumstance, CircumstanceKind, is_circumstance};
use super::draft_of::{Criterion, DraftOf};
use super::facts::shortened;
use super::need::{Counted, Main, Need, customers_of};
use super::purpose::keys as content_keys;
use crate::domain::words;
use crate::engine::text::words::is_korean;
use crate::engine::wording::compose::{Composer, capitalised};
use crate::engine::wording::label::language;
use crate::engine::wording::said::Said;
use crate::engine::wording::wish::Wish;

/// The most criteria, the most of them for circumstances, and the most quotes of each.
const MOST: usize = 5;
const CIRCUMSTANCES: usize = 2;
const QUOTES: usize = 3;

/// The criteria of a theme, those of most customers first.
pub(in crate::engine) fn criteria(
    of: &DraftOf<'_>,
    about: &[usize],
    needs: &[Need],
    told: &Told<'_>,
    main: &Main<'_>,
) -> Vec<Criterion> {
    if about.is_empty() {
        return Vec::new();
    }
    let apart: HashSet<usize> = needs.iter().flat_map(|need| need.items.iter().copied()).collect();
    let rest: Vec<usize> = about.iter().copied().filter(|item| !apart.contains(item)).collect();
    let own = if rest.is_empty() { about } else { &rest };
    let then = main.statement.map_or_else(|| untitled(main), |statement| statement.then(main.korean));
    // "The problem with exports no longer occurs" says nothing beside what exactly must be true.
    let main_first = usize::from(needs.is_empty() || !main.is_vague());
    let mut found = vec![criterion(of, own, Condition::default(), then.clone(), main.korean)];
    found.truncate(main_first);
    let mut conditions = conditions(of, about, told.circumstances, main);
    conditions.extend(steps(of, about, told, main));
    conditions.truncate(if main.is_vague() { 0 } else { CIRCUMSTANCES });
    found.extend(
        conditions.into_iter().map(|(condition, items)| criterion(of, &items, condition, then.clone(), main.korean)),
    );
    let needs = needs
        .iter()
        .map(|need| criterion(of, &need.items, Condition::default(), need.statement.then(main.korean), main.korean));
    found.extend(needs);
    found[main_first..].sort_by_key(|criterion| std::cmp::Reverse((criterion.customers, criterion.feedback_ids.len())));
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
    conditions
}

/// What the items say beside the matter.
pub(in crate::engine) struct Told<'a> {
    pub circumstances: &'a [Vec<Circumstance>],
    pub said: &'a [(Uuid, Said)],
    pub composer: &'a Composer<'a>,
}

/// The steps at which customers say that it occurs ("when I tap pay"), of words that enough of them share, with their items.
fn steps(of: &DraftOf<'_>, about: &[usize], told: &Told<'_>, main: &Main<'_>) -> Vec<(Condition, Vec<usize>)> {
    if main.wish != Wish::Fix {
        return Vec::new();
    }
    let title: Vec<String> = content_keys(main.title, told.composer, main.korean);
    let mut by: BTreeMap<Vec<String>, Vec<(String, usize)>> = BTreeMap::new();
    for item in about.iter().filter(|item| is_korean(of.items[**item].feedback.text) == main.korean) {
        let Some(step) = &told.said[*item].1.step else { continue };
        let mut keys = content_keys(step, told.composer, main.korean);
        keys.sort_unstable();
        let is_new = keys.iter().any(|key| !title.contains(key) && !is_circumstance(key));
        if is_new && keys.iter().all(|key| told.composer.is_shared(key)) {
            by.entry(keys).or_default().push((step.to_lowercase(), *item));
        }
    }
    let found = by.into_values().filter_map(|mut said| {
        let items: Vec<usize> = said.iter().map(|(_, item)| *item).collect();
        said.sort_by(|a, b| a.0.len().cmp(&b.0.len()).then_with(|| a.0.cmp(&b.0)));
        let when = said.into_iter().next().map(|(step, _)| step);
        (customers_of(of, &items) > 1).then_some((Condition { given: None, when }, items))
    });
    let mut found: Vec<(Condition, Vec<usize>)> = found.collect();
    found.sort_by_key(|(_, items)| std::cmp::Reverse(customers_of(of, items)));
    found
}

fn criterion(of: &DraftOf<'_>, items: &[usize], condition: Condition, then: String, korean: bool) -> Criterion {
    let language = language(korean);
    let counted = Counted::of(of, items);
    let Condition { given, when } = condition;
    let text = match (&given, &when) {
        (Some(given), None) => words::criterion_given(language, given, &then),
        (None, Some(when)) => words::criterion_when(language, when, &then),
        (Some(given), Some(when)) => words::criterion_both(language, given, when, &then),
        (None, None) => then.clone(),
    };
    let text = capitalised(&text);
    let text = match counted {
        Counted::Customers(customers) => words::criterion_counted(language, text, number(customers)),
        Counted::Times(times) => words::criterion_said(language, text, number(times)),
    };
    let mut seen = HashSet::new();
    let quote = |item: &usize| {
        let feedback = &of.items[*item].feedback;
        seen.insert(feedback.by).then(|| (feedback.id, shortened(feedback.text)))
    };
    let quotes = items.iter().filter_map(quote).take(QUOTES).collect();
    let feedback_ids = items.iter().map(|item| of.items[*item].feedback.id).collect();
    Criterion { text, given, when, then, customers: counted.customers(), feedback_ids, quotes }
}

pub(super) fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
