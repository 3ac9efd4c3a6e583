//! What a customer tried, and how the customer manages meanwhile.

use super::sentence::{SHORTEST, SPEAKERS, Sentence};
use crate::engine::text::tagging::Tag;

/// "I reinstalled the app", "tried a reset", "restarting did not help".
pub(in crate::engine::wording) fn tried(sentence: &Sentence<'_>) -> Option<String> {
    (0..sentence.words.len()).find_map(|at| {
        let end = sentence.end(at);
        let subject = sentence.is(at, SPEAKERS);
        let first = if subject { skip_helpers(sentence, at + 1) } else { at };
        let begins = sentence.begins(at);
        let attempts = sentence.is(first, &["tried"]) && names_attempt(sentence, first + 1);
        let complete = first + 1 == end
            || sentence.is(
                first + 1,
                &["twice", "again", "my", "our", "it", "and", "several", "multiple", "everything", "three"],
            )
            || matches!(sentence.tag(first + 1), Some(Tag::Determiner | Tag::Noun | Tag::ProperNoun | Tag::Adverb));
        // "reset email never comes": a name of something that does not come.
        let is_name = !subject
            && matches!(sentence.tag(first + 1), Some(Tag::Noun | Tag::ProperNoun))
            && sentence.has_verb(first + 2, end);
        let repairs = sentence.is(first, REPAIRED) && complete && (subject || begins) && !is_name;
        let useless = begins
            && sentence.is(at, REPAIRING)
            && (at..end).any(|n| sentence.says(n, "help") || sentence.is(n, &["helps", "helped"]));
        let negated = (at..first).any(|n| sentence.words[n].lemma.ends_with("not") || sentence.is(n, &["never"]));
        let found = (begins || subject) && (attempts || repairs) || useless;
        (found && !negated && !sentence.asks() && !is_plan(sentence, at)).then(|| sentence.part(at, end, 2)).flatten()
    })
}

/// "tried a reset", "tried safe mode", "tried restarting"; not "tried to pay", "tried 5 times".
fn names_attempt(sentence: &Sentence<'_>, at: usize) -> bool {
    let named = matches!(sentence.tag(at), Some(Tag::Determiner | Tag::Noun | Tag::ProperNoun | Tag::Adjective));
    let doing = sentence.tag(at) == Some(Tag::Verb) && sentence.word(at).ends_with("ing");
    (named || doing || sentence.is(at, &["another", "different", "both"]))
        && !sentence.is(at, &["it", "your", "this", "that", "so", "many", "several", "all"])
}

fn skip_helpers(sentence: &Sentence<'_>, from: usize) -> usize {
    let helps = |at: usize| {
        matches!(sentence.tag(at), Some(Tag::Adverb))
            || sentence.is(at, &["have", "had", "even", "already", "then", "also", "both"])
    };
    (from..sentence.words.len()).find(|at| !helps(*at)).unwrap_or(sentence.words.len())
}

/// "if I reinstalled": nobody did it.
fn is_plan(sentence: &Sentence<'_>, at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| {
        sentence.is(before, &["if", "unless", "when", "whenever", "until", "after", "since", "that", "before"])
    })
}

/// What people do when something fails, in the past tense.
#[rustfmt::skip]
const REPAIRED: &[&str] = &[
    "reinstalled", "restarted", "rebooted", "reset", "resetted", "uninstalled", "cleared", "refreshed", "relaunched", "reconnected",
    "unplugged", "re-installed", "replugged", "redownloaded", "reloaded",
];
#[rustfmt::skip]
const REPAIRING: &[&str] = &[
    "reinstalling", "restarting", "rebooting", "resetting", "uninstalling", "clearing", "refreshing", "relaunching", "reconnecting",
    "updating", "reloading",
];

/// "for now I pay by card", "instead we poll", "at the moment we do it by hand", "as a workaround we ...".
pub(in crate::engine::wording) fn workaround(sentence: &Sentence<'_>) -> Option<String> {
    if sentence.asks() {
        return None;
    }
    let marks = [
        "for now",
        "instead",
        "meanwhile",
        "in the meantime",
        "at the moment",
        "as a workaround",
        "my workaround is to",
        "the workaround is to",
        "our workaround is to",
        "until then",
        "until it is fixed",
        "until this is fixed",
    ];
    (0..sentence.words.len()).find_map(|at| {
        let words = marks.iter().find(|words| sentence.says(at, words))?;
        let mut start = at + words.split(' ').count();
        if sentence.is(start, &[","]) {
            start += 1;
        }
        let named = words.ends_with("is to");
        let does = sentence.is(start, SPEAKERS) && manages(sentence, start);
        if (named || (sentence.begins(at) && does)) && start < sentence.words.len() {
            return sentence.part(start, sentence.end(start), SHORTEST);
        }
        // "we poll the api for now": the clause before.
        let ends =
            at + words.split(' ').count() >= sentence.words.len() || sentence.is_sign(at + words.split(' ').count());
        let begin = (0..at).rev().find(|n| sentence.is(*n, SPEAKERS) && sentence.begins(*n))?;
        let whole =
            ends && !(begin..at).any(|n| sentence.is_sign(n)) && manages(sentence, begin) && *words != "at the moment";
        let wants = (begin..at).any(|n| sentence.is(n, &["want", "like", "prefer", "mind", "would", "need"]));
        (whole && !wants).then(|| sentence.part(begin, at, SHORTEST)).flatten()
    })
}

/// Whether the speaker does something, and does not lack or want it.
fn manages(sentence: &Sentence<'_>, speaker: usize) -> bool {
    let verb = skip_helpers(sentence, speaker + 1);
    let lacks = sentence.words.get(verb).is_none_or(|word| {
        word.lemma.ends_with("not")
            || [
                "want", "need", "like", "get", "be", "can", "could", "would", "will", "love", "hope", "see", "wait",
                "receive", "got", "think", "should",
            ]
            .contains(&word.lemma.as_str())
    });
    let have_to = sentence.is(speaker + 1, &["have", "had"]) && sentence.is(speaker + 2, &["to"]);
    have_to || (!lacks && matches!(sentence.tag(verb), Some(Tag::Verb)))
}
