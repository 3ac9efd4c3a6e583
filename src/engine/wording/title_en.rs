//! English titles: the noun phrase or short clause that covers best what the customers of a theme share.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::compose::{Composer, READ_FOR_TITLE, capitalised};
use super::english::noun_phrase::{NounPhrase, noun_phrases};
use super::english::phrase::{Form, Phrase};
use super::english::predicate::{Predicate, Subject, predicates};
use super::english::wording::{Name, Worded, name, place};
use super::english::words::{Word, parts};
use super::wish::Wish;
use crate::engine::text::vector::Vector;

/// The most words of a title.
const MOST_WORDS: usize = 8;
/// The most characters of a title.
const LONGEST: usize = 60;
/// The most phrases whose coverage is computed, which needs a pass over all items. They are the ones with the highest
/// score without coverage.
const MOST_SCORED: usize = 400;
/// How many of the best are compared with the centre of the theme.
const MOST_COMPARED: usize = 24;
/// How many names of customers a subject may be given instead of its own: "SMS code" for "code".
const MOST_NAMES: usize = 2;

/// A clause with its parts of speech.
struct Parsed<'t> {
    by: Uuid,
    words: Vec<Word<'t>>,
    nouns: Vec<NounPhrase>,
}

/// A phrase, with its statistics.
struct Candidate {
    form: Form,
    keys: Vec<String>,
    trouble: bool,
    /// The customers by the wording that follows from what they wrote.
    wordings: HashMap<String, HashSet<Uuid>>,
    by: HashSet<Uuid>,
}

/// The noun phrases that customers use, by their main noun.
type Names = HashMap<String, Vec<(Name, HashSet<Uuid>)>>;

/// The best phrase that is not in `taken`.
pub(in crate::engine) fn title(theme: &Composer<'_>, taken: &HashSet<String>) -> Option<String> {
    let clauses = parsed(theme);
    let shared = Shared { names: names(theme, &clauses), times: times(theme, &clauses) };
    let mut found: HashMap<String, Candidate> = HashMap::new();
    for clause in &clauses {
        for (form, phrase) in phrases(theme, clause, &shared) {
            add(&mut found, clause.by, form, phrase);
        }
    }
    let titles = ranked(theme, &found).into_iter().map(|candidate| capitalised(candidate.shown()));
    titles.take(12).find(|title| !taken.contains(&title.to_lowercase()))
}

/// The shared nouns, best first, for a title around a single word.
pub(in crate::engine) fn subjects(theme: &Composer<'_>) -> Vec<String> {
    let clauses = parsed(theme);
    let mut uses: HashMap<&str, (usize, usize)> = HashMap::new();
    for word in clauses.iter().flat_map(|clause| &clause.words).filter(|word| word.shared) {
        let (nouns, all) = uses.entry(word.token.key.as_str()).or_default();
        *nouns += usize::from(word.is_noun());
        *all += 1;
    }
    let is_noun = |key: &str| uses.get(key).is_some_and(|(nouns, all)| 2 * nouns >= *all);
    theme.ranked().into_iter().filter(|(key, _)| is_noun(key)).map(|(key, _)| theme.form(key).to_owned()).collect()
}

fn parsed<'t>(theme: &'t Composer<'_>) -> Vec<Parsed<'t>> {
    let mut found = Vec::new();
    for member in theme.members.iter().filter(|member| !member.korean).take(READ_FOR_TITLE) {
        for words in member.clauses.iter().flat_map(|clause| parts(theme, clause)) {
            let nouns = noun_phrases(&words);
            found.push(Parsed { by: member.by, words, nouns });
        }
    }
    found
}

fn names(theme: &Composer<'_>, clauses: &[Parsed<'_>]) -> Names {
    let mut names: Names = HashMap::new();
    for clause in clauses {
        for noun in clause.nouns.iter().filter(|noun| !noun.denied) {
            let name = name(theme, &clause.words, noun);
            let known = names.entry(name.head.clone()).or_default();
            match known.iter_mut().find(|(other, _)| other.phrase.keys == name.phrase.keys) {
                Some((_, by)) => _ = by.insert(clause.by),
                None => known.push((name, HashSet::from([clause.by]))),
            }
        }
    }
    for known in names.values_mut() {
        let users: usize = known.iter().map(|(_, by)| by.len()).sum();
        let usual = |by: &HashSet<Uuid>| by.len() >= 2 && by.len() * 4 >= users;
        known.retain(|(name, by)| usual(by) && name.phrase.keys.len() >= 2 && !name.phrase.trouble);
        known.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.phrase.shown.cmp(&b.0.phrase.shown)));
        known.truncate(MOST_NAMES);
    }
    names
}

/// What customers share beyond single clauses.
struct Shared {
    names: Names,
    /// When it happens: "after update".
    times: Vec<Phrase>,
}

/// The times that enough customers name: "after update", in the wording of most.
fn times(theme: &Composer<'_>, clauses: &[Parsed<'_>]) -> Vec<Phrase> {
    let mut found: HashMap<String, HashMap<String, (Phrase, HashSet<Uuid>)>> = HashMap::new();
    for clause in clauses {
        for noun in &clause.nouns {
            let Some(at) = noun.start.checked_sub(1).filter(|at| clause.words[*at].is(&["after", "since", "during"]))
            else {
                continue;
            };
            let name = name(theme, &clause.words, noun);
            let phrase = Phrase::default().plain(&clause.words[at].lower.replace("since", "after")).then(&name.phrase);
            let wording = found.entry(name.head).or_default().entry(phrase.shown.clone());
            wording.or_insert_with(|| (phrase, HashSet::new())).1.insert(clause.by);
        }
    }
    let customers = |wordings: &HashMap<String, (Phrase, HashSet<Uuid>)>| {
        wordings.values().flat_map(|(_, by)| by).collect::<HashSet<_>>().len()
    };
    let mut times: Vec<(String, Phrase)> = Vec::new();
    for (head, wordings) in found.into_iter().filter(|(_, wordings)| customers(wordings) >= theme.needed) {
        let most = wordings.into_values().max_by(|a, b| a.1.len().cmp(&b.1.len()).then(b.0.shown.cmp(&a.0.shown)));
        times.extend(most.map(|(phrase, _)| (head, phrase)));
    }
    times.sort_by(|a, b| a.0.cmp(&b.0));
    times.into_iter().map(|(_, phrase)| phrase).take(2).collect()
}

/// All phrases of a clause.
fn phrases(theme: &Composer<'_>, clause: &Parsed<'_>, shared: &Shared) -> Vec<(Form, Phrase)> {
    let mut found = Vec::new();
    for noun in &clause.nouns {
        named(theme, clause, noun, &mut found);
    }
    for predicate in predicates(&clause.words, &clause.nouns) {
        predicated(theme, clause, &predicate, shared, &mut found);
    }
    found
}

/// A noun phrase, its end, and with what follows: "CSV export of transactions".
fn named(theme: &Composer<'_>, clause: &Parsed<'_>, noun: &NounPhrase, found: &mut Vec<(Form, Phrase)>) {
    let places = places_after(theme, clause, noun.end);
    let start =
        if noun.denied || lacks(&clause.words, noun) { Phrase::default().denying("no") } else { Phrase::default() };
    for first in noun.first..=noun.head {
        if !clause.words[first].is_content() || clause.words[first].token.glued {
            continue;
        }
        let part = name(theme, &clause.words, &NounPhrase { first, ..noun.clone() });
        let phrase = start.clone().then(&part.phrase);
        let phrase = if start.keys.is_empty() { part.phrase } else { phrase };
        let mut longer = phrase.clone();
        for place in &places {
            longer = longer.then(place);
            found.push((Form::Name, longer.clone()));
        }
        found.push((Form::Name, phrase));
    }
}

/// Whether somebody says not to have it: "didnt get the code".
fn lacks(words: &[Word<'_>], noun: &NounPhrase) -> bool {
    let Some(at) =
        noun.start.checked_sub(1).filter(|at| words[*at].is(&["get", "gotten", "got", "have", "had", "see"]))
    else {
        return false;
    };
    at.checked_sub(1).is_some_and(|before| words[before].is_negation())
}

/// Up to two prepositions with their noun phrases from a word on: "of proof", "of insurance".
fn places_after(theme: &Composer<'_>, clause: &Parsed<'_>, mut at: usize) -> Vec<Phrase> {
    let mut found = Vec::new();
    while let Some(preposition) = clause.words.get(at).filter(|_| found.len() < 2) {
        let Some(noun) = clause.nouns.iter().find(|noun| noun.start == at + 1 && !noun.denied) else { break };
        let Some(phrase) = place(preposition, &name(theme, &clause.words, noun)) else { break };
        found.push(phrase);
        at = noun.end;
    }
    found
}

/// A predicate with its own noun phrases and with those that other customers use, with and without what follows.
fn predicated(
    theme: &Composer<'_>,
    clause: &Parsed<'_>,
    predicate: &Predicate,
    shared: &Shared,
    found: &mut Vec<(Form, Phrase)>,
) {
    let own = |noun: &NounPhrase| variants(theme, clause, noun, &shared.names);
    let subjects = match &predicate.subject {
        Subject::Named(noun) => own(noun).into_iter().map(Some).collect(),
        _ => vec![None],
    };
    let objects =
        predicate.object.as_ref().map_or_else(|| vec![None], |noun| own(noun).into_iter().map(Some).collect());
    let places: Vec<Phrase> = predicate
        .places
        .iter()
        .filter(|(at, _)| !clause.words[*at].is(&["of"]))
        .filter_map(|(at, noun)| place(&clause.words[*at], &name(theme, &clause.words, noun)))
        .collect();
    for subject in &subjects {
        for object in &objects {
            let worded = Worded { words: &clause.words, predicate, subject: subject.as_ref(), object: object.as_ref() };
            let Some((form, core)) = worded.core() else { continue };
            let adverbs = worded.adverbs();
            let timed = (form == Form::Event && predicate.places.is_empty()).then_some(&shared.times);
            for place in places.iter().chain(timed.into_iter().flatten()) {
                found.push((form, core.clone().then(place)));
            }
            if form == Form::Act && !worded.is_whole() {
                continue;
            }
            if !adverbs.keys.is_empty() && form != Form::Act {
                found.push((form, core.clone().then(&adverbs)));
            }
            found.push((form, core));
        }
    }
}

/// A noun phrase, its main noun alone, and the names that others use for it.
fn variants(theme: &Composer<'_>, clause: &Parsed<'_>, noun: &NounPhrase, names: &Names) -> Vec<Name> {
    let whole = name(theme, &clause.words, noun);
    let mut found: Vec<Name> = Vec::new();
    if whole.phrase.keys.len() > 1 && !clause.words[noun.head].token.glued {
        found.push(name(theme, &clause.words, &NounPhrase { first: noun.head, ..noun.clone() }));
    }
    if whole.phrase.keys.len() == 1 {
        found.extend(names.get(&whole.head).into_iter().flatten().map(|(name, _)| name.clone()));
    }
    found.push(whole);
    found
}

fn add(found: &mut HashMap<String, Candidate>, by: Uuid, form: Form, phrase: Phrase) {
    let mut distinct = phrase.keys.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let fits = phrase.words() <= MOST_WORDS && phrase.shown.chars().count() <= LONGEST;
    if !fits || distinct.len() < phrase.keys.len() || (phrase.words() < 2) {
        return;
    }
    let candidate = found.entry(format!("{form:?} {}", phrase.keys.join(" "))).or_insert_with(|| Candidate {
        form,
        keys: phrase.keys,
        trouble: phrase.trouble,
        wordings: HashMap::new(),
        by: HashSet::new(),
    });
    candidate.wordings.entry(phrase.shown).or_default().insert(by);
    candidate.by.insert(by);
}

impl Candidate {
    fn sorted(&self) -> Vec<&String> {
        let mut keys: Vec<&String> = self.keys.iter().collect();
        keys.sort_unstable();
        keys
    }

    /// The wording of most customers; ties go to the shortest.
    fn shown(&self) -> &str {
        let rank =
            |(shown, by): &(&String, &HashSet<Uuid>)| (by.len(), std::cmp::Reverse((shown.len(), (*shown).clone())));
        self.wordings.iter().max_by_key(rank).map_or("", |(shown, _)| shown.as_str())
    }
}

/// The candidates, best first.
fn ranked<'c>(theme: &Composer<'_>, found: &'c HashMap<String, Candidate>) -> Vec<&'c Candidate> {
    let mut support: HashMap<Vec<&String>, HashSet<Uuid>> = HashMap::new();
    for candidate in found.values() {
        support.entry(candidate.sorted()).or_default().extend(&candidate.by);
    }
    let said = |candidate: &Candidate| support.get(&candidate.sorted()).map_or(0, HashSet::len);
    let scored = |candidate: &'c Candidate| (uncovered(theme, candidate, said(candidate)), candidate);
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
    weight * length * suits(theme.wish(), found) * usual(theme, found, said) * 0.7_f32.powi(rare)
}

/// How usual the phrase is: how many customers say it, or the same words in another order.
fn usual(theme: &Composer<'_>, found: &Candidate, said: usize) -> f32 {
    let single = if said == 1 && theme.english >= 8 { 0.8 } else { 1.0 };
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
const WEAK: &[&str] = &[
    "day", "week", "month", "year", "hour", "minute", "second", "tim", "long", "peopl", "custom", "last", "first", "sam",
    "still", "back", "person", "new", "old", "current", "different", "own", "latest", "recent", "whol", "main", "certain",
];
