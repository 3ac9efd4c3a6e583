//! Distinct needs inside a theme: what several of its customers ask for beside its main matter.
//!
//! A word outside the title that several customers share marks a candidate; the items that are most like those with the
//! word, by their vectors, belong to it too, whatever their language. A need must have a title of its own, from the words
//! that its customers share.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::case_needs::case_needs;
use super::circumstances::is_circumstance;
use super::draft_of::DraftOf;
use super::need::{Main, Need, VAGUE_TROUBLE, customers, customers_of};
use crate::engine::text::tokens::{is_function, stem};
use crate::engine::text::words::is_korean;
use crate::engine::wording::compose::Composer;
use crate::engine::wording::general::case_table::CASES;
use crate::engine::wording::general::cases::matter_of;
use crate::engine::wording::statements::reading::statement_of;
use crate::engine::wording::statements::statement::Statement;
use crate::engine::wording::theme_item::ThemeItem;
use crate::engine::wording::wish::{Wish, wish_of_most};

/// The most needs beside the main matter.
const MOST: usize = 4;
/// A word that more of the customers use belongs to the main matter.
const COMMON: f32 = 0.6;
/// A group is a need of its own if its mean cosine to the others is below this share of that among the others.
const DISTINCT: f32 = 0.85;
/// The share of the customers that a need must have for a noun phrase alone.
const SHARE_OF_NOUNS: f32 = 0.15;
/// Words that name no need.
#[rustfmt::skip]
const VAGUE: &[&str] = &["help", "thank", "know", "need", "tell", "want", "call", "contact", "live", "guess", "make", "ask", "say", "like"];
/// The share of the customers that a need must have.
const SHARE: f32 = 0.1;

/// The needs among these items, which are those about the matter, the most frequent first.
pub(in crate::engine) fn needs(
    of: &DraftOf<'_>,
    about: &[usize],
    composer: &Composer<'_>,
    main: &Main<'_>,
) -> Vec<Need> {
    let customers = customers(of, about).len();
    let least = ((customers as f32 * SHARE).ceil() as usize).max(if customers < 8 { 2 } else { 3 });
    let title_keys: HashSet<String> = main.title.split_whitespace().map(|word| stem(&word.to_lowercase())).collect();
    let mut left: Vec<usize> = about.to_vec();
    let mut found: Vec<Need> = case_needs(of, about, composer, main, least);
    found.truncate(MOST);
    left.retain(|item| !found.iter().any(|need| need.items.contains(item)));
    let mut tried: HashSet<String> = title_keys;
    while found.len() < MOST {
        let Some(key) = best_word(of, &left, composer, &tried, least, customers) else { break };
        tried.insert(key.clone());
        let group = group(of, &left, composer, &key);
        if !is_distinct(of, &group, &left) {
            continue;
        }
        let Some(need) = worded(of, group, &key, main) else { continue };
        if found.iter().any(|other| other.title == need.title || other.statement == need.statement) {
            continue;
        }
        left.retain(|item| !need.items.contains(item));
        found.push(need);
    }
    found.sort_by_key(|need| std::cmp::Reverse(customers_of(of, &need.items)));
    found
}

/// The word with the highest weight in the theme that enough, but not most of the customers use.
fn best_word(
    of: &DraftOf<'_>,
    left: &[usize],
    composer: &Composer<'_>,
    tried: &HashSet<String>,
    least: usize,
    customers: usize,
) -> Option<String> {
    let mut users: HashMap<&str, HashSet<Uuid>> = HashMap::new();
    for item in left {
        for key in composer.members[*item].keys.iter().filter(|key| composer.counts.contains_key(key.as_str())) {
            users.entry(key).or_default().insert(of.items[*item].feedback.by);
        }
    }
    let fits = |(key, by): &(&str, HashSet<Uuid>)| {
        by.len() >= least
            && by.len() as f32 <= COMMON * customers as f32
            && !tried.contains(*key)
            && *key != "not"
            && !is_circumstance(key)
            && composer.is_in_language(key)
    };
    let weighed =
        users.into_iter().filter(fits).map(|(key, by)| (composer.weight(key) * (by.len() as f32).sqrt(), key));
    weighed.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1))).map(|(_, key)| key.to_owned())
}

/// The items with the word, and those that are as like them as they are like each other.
fn group(of: &DraftOf<'_>, left: &[usize], composer: &Composer<'_>, key: &str) -> Vec<usize> {
    let (mut with, without): (Vec<usize>, Vec<usize>) =
        left.iter().partition(|item| composer.members[**item].keys.contains(key));
    let Some(likeness) = of.likeness else { return with };
    let mean = |item: usize, others: &[usize]| {
        let found: Vec<f32> = others
            .iter()
            .filter(|other| **other != item)
            .map(|other| likeness(of.items[item].feedback.id, of.items[*other].feedback.id))
            .collect();
        found.iter().sum::<f32>() / found.len().max(1) as f32
    };
    let sample: Vec<usize> = with.iter().copied().take(20).collect();
    let own = sample.iter().map(|item| mean(*item, &sample)).sum::<f32>() / sample.len().max(1) as f32;
    let like: Vec<usize> = without
        .into_iter()
        .filter(|item| {
            // Texts in two languages are less alike.
            let other = is_korean(of.items[*item].feedback.text) != is_korean(of.items[sample[0]].feedback.text);
            mean(*item, &sample) >= if other { 0.75 * own } else { own }
        })
        .collect();
    with.extend(like);
    with
}

/// Whether the items of a group are less like the others than the others are like each other: words with the same
/// meaning, as "latest bill" and "last bill", part no needs.
fn is_distinct(of: &DraftOf<'_>, group: &[usize], left: &[usize]) -> bool {
    let Some(likeness) = of.likeness else { return true };
    let others: Vec<usize> = left.iter().copied().filter(|item| !group.contains(item)).take(20).collect();
    let mean = |from: &[usize]| {
        let pairs = from.iter().flat_map(|a| others.iter().filter(move |b| *b != a).map(move |b| (*a, *b)));
        let found: Vec<f32> = pairs.map(|(a, b)| likeness(of.items[a].feedback.id, of.items[b].feedback.id)).collect();
        found.iter().sum::<f32>() / found.len().max(1) as f32
    };
    let group: Vec<usize> = group.iter().copied().take(20).collect();
    others.len() < 2 || mean(&group) < DISTINCT * mean(&others)
}

/// The need in words; `None` where its customers share too few beside the main matter.
fn worded(of: &DraftOf<'_>, items: Vec<usize>, key: &str, main: &Main<'_>) -> Option<Need> {
    let own: Vec<ThemeItem<'_>> =
        items.iter().map(|item| of.items[*item]).filter(|item| is_korean(item.feedback.text) == main.korean).collect();
    let composer = Composer::new(&own, true, of.background, of.is_name);
    let taken = HashSet::from([main.title.to_lowercase()]);
    let title = composer.title(&taken)?;
    let words: Vec<String> = title.split_whitespace().map(|word| stem(&word.to_lowercase())).collect();
    let known = CASES.of_title(&title).is_none() || matter_of(&composer).is_some_and(|of| of.clear);
    let names_it = known && words.iter().any(|word| word == key || (main.korean && word.starts_with(key)));
    let enough = title.split_whitespace().count() > 1;
    let wish = match wish_of_most(&own) {
        Wish::Keep if main.wish != Wish::Keep => main.wish,
        wish => wish,
    };
    let statement = statement_of(&title, wish, main.usage)?;
    let main_words: Vec<String> = main.title.split_whitespace().map(|word| stem(&word.to_lowercase())).collect();
    let new = words
        .iter()
        .filter(|word| !main_words.contains(word) && !VAGUE.contains(&word.as_str()) && !is_function(word))
        .count();
    let shared = words.iter().filter(|word| main_words.contains(word)).count();
    let repeats = (shared > 0 && new < 2 && !main.korean)
        || !main_words.is_empty()
            && main_words.iter().filter(|word| words.contains(word)).count() + 1 > main_words.len();
    let is_new = Some(&statement) != main.statement && !repeats;
    let many = customers_of(of, &items) as f32
        >= SHARE_OF_NOUNS * customers_of(of, &(0..of.items.len()).collect::<Vec<_>>()) as f32;
    let clear = is_clear(&statement, &title, main) && (many || !matches!(statement, Statement::Have { .. }));
    (names_it && enough && is_new && clear).then_some(Need { items, title, statement })
}

/// Whether a need can stand beside the main matter: in a theme of troubles another trouble, in one of requests another
/// request, and nothing vague.
fn is_clear(statement: &Statement, title: &str, main: &Main<'_>) -> bool {
    let refused = ["cannot", "can't", "unable", "not"].iter().any(|word| title.to_lowercase().starts_with(word));
    match statement {
        Statement::Without { .. } | Statement::Asked { .. } | Statement::Stay { .. } => false,
        Statement::Know { .. } => main.wish == Wish::Answer,
        Statement::Able { .. } => main.wish != Wish::Fix || refused,
        Statement::Have { .. } => main.wish == Wish::Build,
        Statement::No { matter } => !matter.ends_with(VAGUE_TROUBLE),
        Statement::Observed { .. } | Statement::Customers { .. } => true,
    }
}
