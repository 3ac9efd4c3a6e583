//! English titles: the phrase inside a clause that covers best what the customers of a theme share.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::compose::{Composer, READ_FOR_TITLE, capitalised};
use crate::engine::text::tokens::{Kind, Token};

/// The most words of a title.
const MOST_WORDS: usize = 8;
/// The most characters of a title.
const LONGEST: usize = 60;

/// The most phrases whose coverage is computed, which needs a pass over all items. They are the ones with the highest
/// score without coverage.
const MOST_SCORED: usize = 1_000;

/// A phrase, with its statistics.
struct Candidate {
    shown: String,
    words: usize,
    content: Vec<String>,
    pronouns: usize,
    by: HashSet<Uuid>,
}

/// The best phrase that is not in `taken`.
pub(in crate::engine) fn title(theme: &Composer<'_>, taken: &HashSet<String>) -> Option<String> {
    let mut found: HashMap<String, Candidate> = HashMap::new();
    for member in theme.members.iter().filter(|member| !member.korean).take(READ_FOR_TITLE) {
        for run in member.clauses.iter().flat_map(|clause| runs(theme, clause)) {
            if let Some(candidate) = candidate(theme, run) {
                let signature = candidate.content.join(" ");
                found.entry(signature).or_insert(candidate).by.insert(member.by);
            }
        }
    }
    let mut candidates: Vec<(f32, &Candidate)> = found.values().map(|found| (uncovered(theme, found), found)).collect();
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.shown.cmp(&b.1.shown)));
    let scored = candidates.into_iter().take(MOST_SCORED).map(|(score, found)| (score * coverage(theme, found), found));
    let mut ranked: Vec<(f32, &Candidate)> = scored.collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.shown.cmp(&b.1.shown)));
    let titles = ranked.into_iter().map(|(_, found)| capitalised(&found.shown));
    titles.take(12).find(|title| !taken.contains(&title.to_lowercase()))
}

/// The phrases of a clause in which every word is allowed in a title and none is repeated. Each word is checked once.
fn runs<'t>(theme: &Composer<'_>, clause: &'t [Token]) -> Vec<&'t [Token]> {
    let fits: Vec<bool> = clause.iter().map(|token| fits(theme, token)).collect();
    let mut found = Vec::new();
    for start in (0..clause.len()).filter(|&start| begins(&clause[start])) {
        let mut used: Vec<&str> = Vec::new();
        for end in start..clause.len().min(start + MOST_WORDS) {
            let token = &clause[end];
            if !fits[end] || used.contains(&token.key.as_str()) {
                break;
            }
            if token.kind != Kind::Function {
                used.push(&token.key);
            }
            found.push(&clause[start..=end]);
        }
    }
    found
}

/// Whether a word may stand in a title: it is shared, or it is a function word that does not begin another sentence.
fn fits(theme: &Composer<'_>, token: &Token) -> bool {
    match token.kind {
        Kind::Content | Kind::Negation => shared(theme, token),
        Kind::Function => !ELSEWHERE.contains(&token.text.to_lowercase().as_str()),
        _ => false,
    }
}

fn begins(first: &Token) -> bool {
    !first.glued
        && match first.kind {
            Kind::Content => true,
            Kind::Negation => first.key == "not" && BEGINS.contains(&first.text.to_lowercase().as_str()),
            _ => false,
        }
}

/// The phrase as a candidate, if it can be a title: it ends with a content word and has at least two.
fn candidate(theme: &Composer<'_>, run: &[Token]) -> Option<Candidate> {
    if run.last()?.kind != Kind::Content && !is_particle(run) {
        return None;
    }
    let content: Vec<String> =
        run.iter().filter(|token| token.kind != Kind::Function).map(|token| token.key.clone()).collect();
    if content.len() < 2 || content.iter().all(|key| key == "not") {
        return None;
    }
    let is_pronoun = |token: &&Token| PRONOUNS.contains(&token.text.to_lowercase().as_str());
    let shown = shown(theme, run);
    let words = shown.split(' ').count();
    (shown.chars().count() <= LONGEST).then(|| Candidate {
        shown,
        words,
        content,
        pronouns: run.iter().filter(is_pronoun).count(),
        by: HashSet::new(),
    })
}

/// Whether enough customers used a word, and more than one wrote it in this form.
fn shared(theme: &Composer<'_>, token: &Token) -> bool {
    theme.is_shared(&token.key) && (token.kind == Kind::Negation || theme.writers(token) >= 2)
}

/// Whether the last word is the particle of a verb: "Log in", "turn off".
fn is_particle(run: &[Token]) -> bool {
    let [.., verb, last] = run else { return false };
    let little = ["in", "out", "up", "off", "on", "down"].contains(&last.text.to_lowercase().as_str());
    little && verb.kind == Kind::Content && VERBS.contains(&verb.key.as_str())
}

const VERBS: &[&str] =
    &["log", "sign", "check", "turn", "shut", "set", "opt", "top", "lock", "back", "cash", "run", "switch"];
const BEGINS: &[&str] = &["cannot", "can't", "no", "not", "unable", "doesn't", "won't", "didn't", "cant", "never"];
const PRONOUNS: &[&str] = &["my", "our", "your", "it", "its", "their", "this", "these", "there"];
/// Words that begin another clause or refer to the speaker. A title does not continue across them.
#[rustfmt::skip]
const ELSEWHERE: &[&str] = &[
    "i", "me", "we", "us", "you", "he", "she", "they", "i'm", "i've", "im", "ive", "u", "because", "since", "but", "which",
    "who", "that", "than", "whether", "though", "until", "if", "what", "why", "how", "where", "ever", "then", "some",
];
/// Words for times and people, which say little about a subject.
#[rustfmt::skip]
const WEAK: &[&str] = &[
    "day", "week", "month", "year", "hour", "minute", "second", "tim", "long", "peopl", "custom", "last", "first", "sam",
    "still", "back", "person",
];
/// Words that are omitted from titles.
const LEFT_OUT: &[&str] = &[
    "my", "our", "your", "his", "her", "their", "just", "really", "very", "even", "please", "being", "so", "one", "now",
];

fn shown(theme: &Composer<'_>, run: &[Token]) -> String {
    let mut shown = String::new();
    for token in run.iter().filter(|token| !LEFT_OUT.contains(&token.text.to_lowercase().as_str())) {
        if !shown.is_empty() {
            shown.push(if token.glued { '-' } else { ' ' });
        }
        shown.push_str(&written(theme, token));
    }
    shown
}

/// The word with the capitals that most customers use.
fn written(theme: &Composer<'_>, token: &Token) -> String {
    let lower = token.text.to_lowercase();
    if token.kind == Kind::Function {
        return lower;
    }
    let forms = theme.counts.get(&token.key).map(|count| &count.forms);
    let same = forms.into_iter().flatten().filter(|(form, _)| form.to_lowercase() == lower);
    let most = same.max_by(|a, b| a.1.len().cmp(&b.1.len()).then(b.0.cmp(a.0)));
    most.map_or(lower, |(form, _)| form.clone())
}

/// The score without the factor [`coverage`].
fn uncovered(theme: &Composer<'_>, found: &Candidate) -> f32 {
    let length = match found.words {
        1 => 0.35,
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
    let weight: f32 = found.content.iter().map(weight_of).sum();
    let rare = |key: &&String| {
        theme.counts.get(*key).is_some_and(|count| (count.members as f32) < 0.12 * theme.english as f32)
    };
    let rare = found.content.iter().filter(rare).count() as i32;
    let pronouns = (1.0 - 0.2 * found.pronouns as f32).max(0.2);
    weight * length * (1.0 + 0.25 * (found.by.len() as f32).ln()) * pronouns * 0.7_f32.powi(rare)
}

/// .4 plus the share of the items that contain most of the words.
fn coverage(theme: &Composer<'_>, found: &Candidate) -> f32 {
    let holding = theme.members.iter().filter(|member| !member.korean && member.holds_most(&found.content)).count();
    0.4 + holding as f32 / theme.english.max(1) as f32
}
