//! Which phrase is the best title: what it says of the theme, how many customers say it, whether it suits what they want,
//! and how near it is to the centre of the theme.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::phrase::Form;
use crate::engine::text::vector::Vector;
use crate::engine::wording::compose::Composer;
use crate::engine::wording::wish::Wish;

/// The most phrases whose coverage is computed, which needs a pass over all items. They are the ones with the highest
/// score without coverage.
const MOST_SCORED: usize = 400;
/// How many of the best are compared with the centre of the theme.
const MOST_COMPARED: usize = 24;

/// A phrase, with its statistics.
pub(in crate::engine::wording) struct Candidate {
    pub form: Form,
    pub keys: Vec<String>,
    pub trouble: bool,
    /// The customers by the wording that follows from what they wrote.
    pub wordings: HashMap<String, HashSet<Uuid>>,
    pub by: HashSet<Uuid>,
}

impl Candidate {
    /// Its keys in a fixed order: the same for the same words in another order.
    pub fn sorted(&self) -> Vec<String> {
        let mut keys = self.keys.clone();
        keys.sort_unstable();
        keys
    }

    /// The wording of most customers; ties go to the shortest.
    pub fn shown(&self) -> &str {
        let rank =
            |(shown, by): &(&String, &HashSet<Uuid>)| (by.len(), std::cmp::Reverse((shown.len(), (*shown).clone())));
        self.wordings.iter().max_by_key(rank).map_or("", |(shown, _)| shown.as_str())
    }
}

/// The candidates, best first.
pub(in crate::engine::wording) fn ranked<'c>(
    theme: &Composer<'_>,
    wish: Option<Wish>,
    found: &'c HashMap<String, Candidate>,
) -> Vec<&'c Candidate> {
    let mut support: HashMap<Vec<String>, HashSet<Uuid>> = HashMap::new();
    for candidate in found.values() {
        support.entry(candidate.sorted()).or_default().extend(&candidate.by);
    }
    let said = |candidate: &Candidate| support.get(&candidate.sorted()).map_or(0, HashSet::len);
    let scored =
        |candidate: &'c Candidate| (uncovered(theme, candidate, said(candidate)) * suits(wish, candidate), candidate);
    let mut candidates: Vec<(f32, &Candidate)> = found.values().map(scored).collect();
    let order =
        |a: &(f32, &Candidate), b: &(f32, &Candidate)| b.0.total_cmp(&a.0).then_with(|| a.1.shown().cmp(b.1.shown()));
    candidates.sort_by(order);
    candidates.truncate(MOST_SCORED);
    candidates.iter_mut().for_each(|(score, found)| *score *= coverage(theme, found));
    candidates.sort_by(order);
    candidates.truncate(MOST_COMPARED);
    candidates.iter_mut().for_each(|(score, found)| *score *= likeness(theme, found));
    candidates.sort_by(order);
    candidates.into_iter().map(|(_, candidate)| candidate).collect()
}

/// The score without the factor [`coverage`].
fn uncovered(theme: &Composer<'_>, found: &Candidate, said: usize) -> f32 {
    let length = match found.shown().split(' ').count() {
        2 => 1.0,
        3 | 4 => 1.25,
        5 => 1.15,
        6 => 1.0,
        _ => 0.8,
    };
    let weight_of = |key: &String| match key.as_str() {
        "not" => 0.3,
        weak if WEAK.contains(&weak) => 0.3 * theme.weight(weak),
        key => theme.weight(key),
    };
    let weight: f32 = found.keys.iter().map(weight_of).sum();
    let rare = |key: &&String| {
        theme.counts.get(*key).is_some_and(|count| (count.members as f32) < 0.12 * theme.english as f32)
    };
    let rare = found.keys.iter().filter(rare).count() as i32;
    weight * length * usual(theme, found, said) * 0.7_f32.powi(rare)
}

/// How usual the phrase is: how many customers say it, or the same words in another order.
fn usual(theme: &Composer<'_>, found: &Candidate, said: usize) -> f32 {
    let denied_name = found.form == Form::Name && found.keys.first().is_some_and(|key| key == "not");
    let single = match (said, denied_name) {
        // That there is none of it must be what many say.
        (said, true) if said < theme.needed => 0.3,
        (1, false) if theme.english >= 8 => 0.8,
        _ => 1.0,
    };
    let in_this_order = (found.by.len() as f32 / said.max(1) as f32).powf(0.3);
    single * in_this_order * (1.0 + 0.25 * (said.max(1) as f32).ln())
}

/// How well a form suits what the customers want: a fix names the trouble, a request the thing, a question the subject.
fn suits(wish: Option<Wish>, found: &Candidate) -> f32 {
    match (wish, found.form, found.trouble) {
        (Some(Wish::Fix), Form::Event | Form::State, true) => 1.3,
        (Some(Wish::Fix), Form::Name, true) => 1.15,
        (Some(Wish::Fix), Form::Name, false) => 0.8,
        (Some(Wish::Fix), _, false) => 0.6,
        (Some(Wish::Build), Form::Name | Form::Act, _) => 1.1,
        (Some(Wish::Build), _, _) => 0.8,
        (Some(Wish::Answer), Form::Act, _) => 1.1,
        (Some(Wish::Keep), Form::Act, _) => 0.8,
        (_, Form::Event | Form::State, true) => 1.1,
        (_, Form::Event, false) => 0.8,
        _ => 1.0,
    }
}

/// .4 plus the share of the items that contain most of the words.
fn coverage(theme: &Composer<'_>, found: &Candidate) -> f32 {
    let holding = theme.members.iter().filter(|member| !member.korean && member.holds_most(&found.keys)).count();
    0.4 + holding as f32 / theme.english.max(1) as f32
}

/// The cosine of a phrase to the centre of the theme, at least .05: among good phrases the most general one is nearest.
fn likeness(theme: &Composer<'_>, found: &Candidate) -> f32 {
    let cosine = |centre: &Vector| {
        let vector = theme.background.vector(found.shown())?;
        Some(vector.iter().zip(centre).map(|(a, b)| a * b).sum::<f32>().max(0.05))
    };
    theme.centre.as_ref().and_then(cosine).unwrap_or(1.0)
}

/// Words for times and people, which say little about a subject.
#[rustfmt::skip]
pub(in crate::engine::wording) const WEAK: &[&str] = &[
    "day", "week", "month", "year", "hour", "minute", "second", "tim", "long", "peopl", "custom", "last", "first", "sam",
    "still", "back", "person", "new", "old", "current", "different", "own", "latest", "recent", "whol", "main", "certain",
];
