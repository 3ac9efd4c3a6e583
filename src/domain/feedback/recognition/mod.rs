//! What can be told of a feedback from its words alone: its kind, and whether it is feedback about the product at all.
//!
//! Signs are phrases in lists (`kinds.tsv`, `noise.tsv`), found in one pass over the text, so that it costs microseconds.
//! `tests/kinds` measures both on labelled texts.

mod noise;
mod signs;

use signs::{Class, Counted, Reading};

use super::{Kind, SetAside};

/// What is read of a feedback.
#[derive(Clone, Copy, Debug, Default)]
pub struct Read<'a> {
    /// The customer's own words, with the title.
    pub words: &'a str,
    /// 1 to 5 stars.
    pub rating: Option<i32>,
    /// 0 to 10.
    pub nps: Option<i32>,
}

/// What was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// What kind of thing is said; `other` where the words don't tell.
    pub kind: Kind,
    /// Why it is no feedback about the product; `None` where it may be.
    pub set_aside: Option<SetAside>,
}

/// Kinds in the order in which they go before each other where the signs are equal.
const KINDS: [(Class, Kind); 6] = [
    (Class::Bug, Kind::Bug),
    (Class::Complaint, Kind::Complaint),
    (Class::Request, Kind::Request),
    (Class::Question, Kind::Question),
    (Class::Praise, Kind::Praise),
    (Class::Other, Kind::Other),
];
/// Signs that weigh less together say nothing.
const LEAST: i32 = 2;
/// A plain sign; below it, that something is denied tells of trouble.
const PLAIN: i32 = 3;

/// Recognises a feedback.
pub fn recognise(read: &Read<'_>) -> Recognised {
    let reading = Reading::new(read.words);
    let counted = reading.count();
    let set_aside = noise::reason(read.words, &counted);
    let kind = if set_aside.is_some() { Kind::Other } else { kind_of(&reading, counted, read) };
    Recognised { kind, set_aside }
}

fn kind_of(reading: &Reading, mut counted: Counted, read: &Read<'_>) -> Kind {
    match (read.rating, read.nps) {
        (Some(4..), _) | (None, Some(9..)) => counted[Class::Praise] += 2,
        (Some(..=2), _) | (None, Some(..=4)) => counted[Class::Complaint] += 2,
        _ => {}
    }
    // A middling rating with a word or two, as "ok", asks for nothing.
    let silent = KINDS.iter().all(|(class, _)| counted[*class] == 0);
    if silent && read.rating == Some(3) && read.words.split_whitespace().count() <= 3 {
        counted[Class::Praise] += 2;
    }
    let trouble = counted[Class::Bug].max(counted[Class::Complaint]);
    // Who describes what went wrong often ends with a question, or asks for it to be put right.
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
    // The first of equals.
    let best = KINDS.iter().rev().max_by_key(|(class, _)| counted[*class]);
    best.filter(|(class, _)| counted[*class] >= LEAST).map_or(Kind::Other, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests;
