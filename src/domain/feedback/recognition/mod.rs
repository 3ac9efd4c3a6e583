//! Recognition of a feedback's kind from its text, and of noise: texts that are not feedback about the product.
//!
//! Phrases from three lists (`kinds.tsv`, `noise.tsv`, `impact.tsv`) are searched in one pass, which takes microseconds. `tests/kinds`
//! measures the accuracy on labelled texts. `engine/kinds` tells the kind better, by words and meaning too.

mod noise;
mod signs;

use signs::{Class, Counted, Reading};

use super::{Kind, SetAside, Severity};

/// The input of recognition.
#[derive(Clone, Copy, Debug, Default)]
pub struct Read<'a> {
    /// The customer's own words, with the title.
    pub words: &'a str,
    /// Rating of 1 to 5 stars.
    pub rating: Option<i32>,
    /// Net promoter score, 0 to 10.
    pub nps: Option<i32>,
}

/// The result of recognition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// The kind; `other` where the words do not show one.
    pub kind: Kind,
    /// Why it is not feedback about the product; `None` where it may be.
    pub set_aside: Option<SetAside>,
    /// How severe the words make a problem; medium where they say nothing about its impact.
    pub impact: Severity,
    /// The total weight of the phrases found, per class of phrases.
    pub signs: [i32; SIGNS],
}

/// The kinds in order of precedence, for equal weights.
const KINDS: [(Class, Kind); 6] = [
    (Class::Bug, Kind::Bug),
    (Class::Complaint, Kind::Complaint),
    (Class::Request, Kind::Request),
    (Class::Question, Kind::Question),
    (Class::Praise, Kind::Praise),
    (Class::Other, Kind::Other),
];
/// The least total weight that decides a kind.
const LEAST: i32 = 2;
/// The weight of an ordinary phrase. Below it, a negated phrase is a sign of trouble.
const PLAIN: i32 = 3;

/// Recognises a feedback.
pub fn recognise(read: &Read<'_>) -> Recognised {
    let reading = Reading::new(read.words);
    let counted = reading.count();
    let set_aside = noise::reason(read.words, &counted);
    let kind = if set_aside.is_some() { Kind::Other } else { kind_of(&reading, counted, read) };
    Recognised { kind, set_aside, impact: impact(&counted), signs: counted.weights() }
}

/// The worst severity that has a sign; a sign of little impact counts only where there is none of a large one.
fn impact(counted: &Counted) -> Severity {
    match () {
        () if counted[Class::Critical] > 0 => Severity::Critical,
        () if counted[Class::High] > 0 => Severity::High,
        () if counted[Class::Low] > 0 => Severity::Low,
        () => Severity::Medium,
    }
}

/// The number of classes of phrases.
pub const SIGNS: usize = Class::ALL.len();

/// The total weight of the phrases found in a text, per class of phrases.
pub fn signs(words: &str) -> [i32; SIGNS] {
    Reading::new(words).count().weights()
}

fn kind_of(reading: &Reading, mut counted: Counted, read: &Read<'_>) -> Kind {
    match (read.rating, read.nps) {
        (Some(4..), _) | (None, Some(9..)) => counted[Class::Praise] += 2,
        (Some(..=2), _) | (None, Some(..=4)) => counted[Class::Complaint] += 2,
        _ => {}
    }
    // A middle rating with very few words, such as "ok", asks for nothing.
    let silent = KINDS.iter().all(|(class, _)| counted[*class] == 0);
    if silent && read.rating == Some(3) && read.words.split_whitespace().count() <= 3 {
        counted[Class::Praise] += 2;
    }
    let trouble = counted[Class::Bug].max(counted[Class::Complaint]);
    // Descriptions of a problem often end with a question or a request to fix it.
    if reading.sentences() > 1 && trouble >= PLAIN {
        counted[Class::Question] = counted[Class::Question].min(4);
    }
    if counted[Class::Bug] >= 2 * PLAIN {
        counted[Class::Request] -= 3;
    }
    let plainest = KINDS.iter().map(|(class, _)| counted[*class]).max().unwrap_or_default();
    if plainest < PLAIN && counted[Class::Deny] > 0 {
        let trouble = if counted[Class::Tech] > 0 { Class::Bug } else { Class::Complaint };
        counted[trouble] += PLAIN;
    }
    // The order is reversed because `max_by_key` returns the last of equal elements.
    let best = KINDS.iter().rev().max_by_key(|(class, _)| counted[*class]);
    best.filter(|(class, _)| counted[*class] >= LEAST).map_or(Kind::Other, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests;
