//! Korean titles: nouns that customers share, in their usual order, and the most frequent predicate.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::compose::{Composer, Member, READ_FOR_TITLE};
use super::wish::Wish;
use crate::engine::text::predicates::Predicate;
use crate::engine::text::tokens::{Kind, Token};

/// The most nouns of a title.
const MOST_NOUNS: usize = 3;
/// The predicate must be used by at least this share of the customers who use the nouns.
const SAID: f32 = 0.25;

/// The best nouns with their predicate, not in `taken`.
pub(in crate::engine) fn title(theme: &Composer<'_>, taken: &HashSet<String>) -> Option<String> {
    let members: Vec<&Member> = theme.members.iter().filter(|member| member.korean).take(READ_FOR_TITLE).collect();
    let mut found: HashMap<Vec<String>, HashSet<Uuid>> = HashMap::new();
    for member in &members {
        for clause in &member.clauses {
            for run in runs(theme, clause) {
                found.entry(run).or_default().insert(member.by);
            }
        }
    }
    let mut ranked: Vec<(f32, Vec<String>)> =
        found.into_iter().map(|(nouns, by)| (score(theme, &members, &nouns, by.len()), nouns)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let titles = ranked.into_iter().filter_map(|(_, nouns)| worded(theme, &members, &nouns));
    titles.take(12).find(|title| !taken.contains(&title.to_lowercase()))
}

/// The runs of shared nouns in a clause; a break or a predicate ends a run.
fn runs(theme: &Composer<'_>, clause: &[Token]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for part in clause.split(|token| matches!(token.kind, Kind::Break | Kind::Predicate(_))) {
        let nouns: Vec<&Token> = part.iter().filter(|token| token.kind == Kind::Content).collect();
        for start in 0..nouns.len() {
            for end in start + 1..=nouns.len().min(start + MOST_NOUNS) {
                let run: Vec<String> = nouns[start..end].iter().map(|token| token.key.clone()).collect();
                let distinct = run.iter().collect::<HashSet<_>>().len() == run.len();
                if distinct && run.iter().all(|key| theme.is_shared(key)) {
                    found.push(run);
                }
            }
        }
    }
    found
}

fn score(theme: &Composer<'_>, members: &[&Member], nouns: &[String], by: usize) -> f32 {
    let covered = members.iter().filter(|member| member.holds_most(nouns)).count() as f32 / members.len().max(1) as f32;
    let length = match nouns.len() {
        1 => 0.7,
        2 => 1.2,
        _ => 1.1,
    };
    let rare = |key: &&String| {
        theme.counts.get(*key).is_some_and(|count| (count.members as f32) < 0.12 * members.len() as f32)
    };
    let rare = nouns.iter().filter(rare).count() as i32;
    let weight: f32 = nouns.iter().map(|key| theme.weight(key)).sum();
    weight * (0.4 + covered) * length * (1.0 + 0.25 * (by as f32).ln()) * 0.7_f32.powi(rare)
}

/// The nouns with the predicate that most customers use for them; `None` for a single noun without one.
fn worded(theme: &Composer<'_>, members: &[&Member], nouns: &[String]) -> Option<String> {
    let shown: Vec<&str> = nouns.iter().map(|key| theme.form(key)).collect();
    let nouns_shown = shown.join(" ");
    let predicates = predicate_of(theme, members, nouns);
    let wish = match theme.wish() {
        Some(Wish::Build) => Some("요청"),
        Some(Wish::Answer) => Some("문의"),
        Some(Wish::Fix | Wish::Keep) | None => None,
    };
    let says_it_already = |phrase: &str| shown.iter().any(|noun| noun.ends_with(phrase));
    match predicates.map(Predicate::shown).or(wish.map(str::to_owned)) {
        Some(phrase) if !says_it_already(&phrase) => Some(format!("{nouns_shown} {phrase}")),
        _ => (nouns.len() > 1).then_some(nouns_shown),
    }
}

/// The predicate that enough customers use in the clauses with one of the nouns; where there is none, in all clauses of
/// these customers.
fn predicate_of(theme: &Composer<'_>, members: &[&Member], nouns: &[String]) -> Option<Predicate> {
    predicate_in(theme, members, nouns, false).or_else(|| predicate_in(theme, members, nouns, true))
}

fn predicate_in(theme: &Composer<'_>, members: &[&Member], nouns: &[String], anywhere: bool) -> Option<Predicate> {
    let mut predicates: HashMap<Predicate, HashSet<Uuid>> = HashMap::new();
    let mut naming: HashSet<Uuid> = HashSet::new();
    let names = |clause: &Vec<Token>| clause.iter().any(|token| nouns.contains(&token.key));
    for member in members.iter().filter(|member| member.clauses.iter().any(names)) {
        for token in member.clauses.iter().filter(|clause| anywhere || names(clause)).flatten() {
            naming.insert(member.by);
            if let Kind::Predicate(found) = token.kind {
                predicates.entry(found).or_default().insert(member.by);
            }
        }
    }
    let enough = |by: &HashSet<Uuid>| by.len() >= theme.needed && by.len() as f32 >= SAID * naming.len() as f32;
    // An event is more informative than the customer's request or question.
    let rank = |found: &Predicate, by: &HashSet<Uuid>| (!found.is_act(), by.len(), std::cmp::Reverse(found.shown()));
    let most = predicates.iter().filter(|(_, by)| enough(by)).max_by_key(|(found, by)| rank(found, by));
    most.map(|(found, _)| *found)
}
