//! Accuracy of what is derived from texts, compared with labels assigned by people: kinds, sentiments and severities.
//!
//! `labelled_*.tsv` were written for the phrases; `trades_*.tsv` (many trades, with sentiment and severity) before the
//! model. Phrases and model were developed on the halves `build`; the halves `check` measure them on new texts.

mod derived;
mod fitting;
mod intake;
mod lessons;

use std::collections::BTreeMap;

use hearback::domain::feedback::own_words::own_words;
use hearback::domain::feedback::recognition::{Read, recognise};
use hearback::domain::feedback::{Kind, Severity};
use hearback::engine::kinds::telling::{Telling, tell};

pub const LABELLED_EN: &str = include_str!("labelled_en.tsv");
pub const LABELLED_KO: &str = include_str!("labelled_ko.tsv");
pub const TRADES_EN: &str = include_str!("trades_en.tsv");
pub const TRADES_KO: &str = include_str!("trades_ko.tsv");

const LISTS: [(&str, &str); 4] = [
    ("English", LABELLED_EN),
    ("Korean", LABELLED_KO),
    ("English, many trades", TRADES_EN),
    ("Korean, many trades", TRADES_KO),
];
/// The required accuracy.
const ENOUGH: f64 = 0.8;

fn told(title: Option<&str>, text: &str, rating: Option<i32>, nps: Option<i32>) -> Telling {
    tell(&Read { words: &own_words(title, text), rating, nps })
}

fn kind_of(title: Option<&str>, text: &str, rating: Option<i32>, nps: Option<i32>) -> &'static str {
    told(title, text, rating, nps).kind(&[]).as_str()
}

/// Correct answers, all answers, and the confusions.
#[derive(Default)]
struct Score {
    right: usize,
    all: usize,
    wrong: BTreeMap<(String, String), usize>,
}

impl Score {
    fn add(&mut self, wanted: &str, got: &str) {
        self.all += 1;
        if wanted == got {
            self.right += 1;
        } else {
            *self.wrong.entry((wanted.to_owned(), got.to_owned())).or_default() += 1;
        }
    }

    fn assert_enough(&self, what: &str) {
        let share = self.right as f64 / self.all as f64;
        println!("{what}: {} of {} right ({share:.3}), wrong {:?}", self.right, self.all, self.wrong);
        assert!(share >= ENOUGH, "{what}: {share:.3}");
    }
}

#[test]
fn a_derived_kind_is_mostly_the_one_a_person_gives() {
    for (language, list) in LISTS {
        let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
        for line in list.lines().skip(1) {
            let columns: Vec<&str> = line.split('\t').collect();
            let (half, kind, text) = (columns[0], columns[1], columns[columns.len() - 1]);
            scores.entry(half).or_default().add(kind, kind_of(None, text, None, None));
        }
        assert_eq!(scores.keys().copied().collect::<Vec<_>>(), ["build", "check"]);
        for (half, score) in scores {
            assert!(score.all >= 150);
            score.assert_enough(&format!("{language}, {half}"));
        }
    }
}

/// The columns of the texts of many trades.
struct Labelled {
    half: &'static str,
    kind: Kind,
    severity: Option<Severity>,
    sentiment: &'static str,
    text: &'static str,
}

fn trades() -> impl Iterator<Item = (&'static str, Labelled)> {
    LISTS[2..].iter().flat_map(|(language, list)| {
        list.lines().skip(1).map(|line| {
            let [half, kind, severity, sentiment, text] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            (
                *language,
                Labelled { half, kind: kind.parse().unwrap(), severity: severity.parse().ok(), sentiment, text },
            )
        })
    })
}

#[test]
fn a_derived_sentiment_is_mostly_the_one_a_person_gives() {
    let mut scores: BTreeMap<(&str, &str), Score> = BTreeMap::new();
    for (language, labelled) in trades() {
        let got = told(None, labelled.text, None, None).sentiment(None, &[]);
        scores.entry((language, labelled.half)).or_default().add(labelled.sentiment, got.as_str());
    }
    scores.into_iter().for_each(|((language, half), score)| score.assert_enough(&format!("{language}, {half}")));
}

#[test]
fn a_derived_severity_is_mostly_the_one_a_person_gives() {
    let mut scores: BTreeMap<(&str, &str), Score> = BTreeMap::new();
    let mut extreme = Score::default();
    for (language, labelled) in trades() {
        let Some(wanted) = labelled.severity else { continue };
        let got = told(None, labelled.text, None, None).severity(Some(labelled.kind), &[]).unwrap();
        scores.entry((language, labelled.half)).or_default().add(wanted.as_str(), got.as_str());
        // Medium is the most frequent one, so finding the others is what counts.
        if labelled.half == "check" && wanted != Severity::Medium {
            extreme.add(wanted.as_str(), got.as_str());
        }
    }
    scores.into_iter().for_each(|((language, half), score)| score.assert_enough(&format!("{language}, {half}")));
    println!("other than medium: {} of {}, wrong {:?}", extreme.right, extreme.all, extreme.wrong);
    assert!(extreme.right as f64 >= 0.6 * extreme.all as f64, "other than medium");
}

#[test]
fn the_kinds_of_the_sample_are_found_again() {
    let mut score = Score::default();
    for row in intake::sample() {
        if let Some(kind) = row.kind {
            score.add(kind.as_str(), kind_of(row.title.as_deref(), &row.text, row.rating, row.nps));
        }
    }
    assert!(score.all > 200);
    score.assert_enough("examples/feedback.csv");
}

#[test]
fn almost_nothing_of_the_sample_is_taken_for_noise() {
    let aside: Vec<String> = intake::sample()
        .into_iter()
        .filter(|row| {
            let words = own_words(row.title.as_deref(), &row.text);
            recognise(&Read { words: &words, ..Read::default() }).set_aside.is_some()
        })
        .map(|row| row.text)
        .collect();
    // Two pieces of advertising, two greetings, four tests; all else speaks of something.
    assert_eq!(aside.len(), 8, "{aside:#?}");
}
