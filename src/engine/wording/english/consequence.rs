//! The consequence that a sentence names for the customer.

use super::sentence::{SHORTEST, SPEAKERS, Sentence};
use crate::engine::text::tagging::Tag;

/// "so I can't pay my suppliers", "which means we lose bookings", "and now I have to", "because of this I missed".
pub(in crate::engine::wording) fn consequence(sentence: &Sentence<'_>) -> Option<String> {
    if sentence.asks() {
        return None;
    }
    (0..sentence.words.len()).find_map(|at| {
        let start = consequence_start(sentence, at)?;
        let end = sentence.end(start);
        let states = sentence.has_verb(start, end) && !asks_for(sentence, start);
        states.then(|| sentence.part(start, end, SHORTEST)).flatten()
    })
}

/// Where a consequence begins, if the word at `at` announces one.
fn consequence_start(sentence: &Sentence<'_>, at: usize) -> Option<usize> {
    let marked = [
        "which means that",
        "which means",
        "that means that",
        "that means",
        "this means that",
        "this means",
        "meaning that",
        "as a result",
        "because of this",
        "because of that",
        "due to this",
        "therefore",
        "and as a result",
    ];
    if let Some(words) = marked.iter().find(|words| sentence.says(at, words)) {
        let mut start = at + words.split(' ').count();
        if sentence.is(start, &[","]) {
            start += 1;
        }
        let stated = sentence.is_person(start)
            || matches!(sentence.tag(start), Some(Tag::Determiner | Tag::Noun | Tag::Pronoun | Tag::ProperNoun));
        return stated.then_some(start);
    }
    // "so" before a clause of its own; not "so far", "so slow", "so that".
    let so = sentence.is(at, &["so"]) && at > 0 && !sentence.is(at + 1, &["that"]);
    if so && !matches!(sentence.tag(at - 1), Some(Tag::Auxiliary)) {
        let start = if sentence.is(at + 1, &["now", "then", ","]) { at + 2 } else { at + 1 };
        let clause = sentence.is_person(start) && weighs(sentence, start) && !is_purpose(sentence, start);
        return clause.then_some(start);
    }
    // "and now I have to".
    let now = (sentence.says(at, "and now") || sentence.says(at, "now")) && (at > 0 || sentence.is(0, &["now"]));
    if now && sentence.begins(at) {
        let start = if sentence.is(at, &["and"]) { at + 2 } else { at + 1 };
        return (sentence.is(start, SPEAKERS) && weighs(sentence, start) && !needs(sentence, start)).then_some(start);
    }
    None
}

/// "so I can read at night": a purpose.
fn is_purpose(sentence: &Sentence<'_>, at: usize) -> bool {
    sentence
        .words
        .iter()
        .skip(at + 1)
        .take(2)
        .any(|word| matches!(word.lemma.as_str(), "can" | "could" | "may" | "might" | "will"))
}

/// Whether a clause names a hindrance, a duty or a loss: "I can't pay", "we have to wait", "customers leave".
fn weighs(sentence: &Sentence<'_>, at: usize) -> bool {
    let words = &sentence.words[at..sentence.end(at)];
    let mild = words.iter().any(|word| MILD.contains(&word.lemma.as_str()));
    let duty = words
        .windows(2)
        .any(|pair| matches!(pair[0].lemma.as_str(), "have" | "need" | "force") && pair[1].lemma == "to");
    let hindered = words
        .iter()
        .any(|word| word.lemma.ends_with(" not") || matches!(word.lemma.as_str(), "not" | "never" | "unable" | "must"));
    !mild
        && (duty || hindered || words.iter().any(|word| word.tag == Tag::Verb && LOSSES.contains(&word.lemma.as_str())))
}

/// What people do or suffer when something fails them.
#[rustfmt::skip]
const LOSSES: &[&str] = &[
    "lose", "miss", "pay", "wait", "cancel", "switch", "leave", "stop", "keep", "fail", "go", "starve", "spend", "waste", "refund", "owe",
    "cost", "uninstall", "quit", "call", "return", "skip", "walk", "drive", "suffer", "complain", "abandon", "forget", "give", "use",
    "copy", "send", "restart", "spread", "do",
];
/// Opinions and moods.
const MILD: &[&str] =
    &["sure", "care", "think", "mind", "damn", "darn", "appreciate", "know", "understand", "remember", "guess"];

/// "now I need a table": what somebody orders next.
fn needs(sentence: &Sentence<'_>, start: usize) -> bool {
    sentence.is(start + 1, &["need", "want"])
}

/// "so please add", "so I would like", "so I want to know": a request, no consequence.
fn asks_for(sentence: &Sentence<'_>, start: usize) -> bool {
    (start..start + 3).any(|at| {
        sentence.is(
            at,
            &[
                "please",
                "pls",
                "wonder",
                "wondering",
                "hope",
                "guess",
                "think",
                "thought",
                "tried",
                "want",
                "like",
                "wish",
                "know",
                "see",
                "said",
                "figured",
                "decided",
            ],
        )
    }) || sentence.is(start, &["i'd"])
}
