//! Accuracy of the derived kinds compared with kinds assigned by people. `labelled_*.tsv` contain texts written for
//! this: the rules were developed on the half `build`; the half `check` measures them on new texts.

mod intake;

use std::collections::BTreeMap;

use hearback::domain::feedback::own_words::own_words;
use hearback::domain::feedback::recognition::{Read, recognise};

const LISTS: [(&str, &str); 2] =
    [("English", include_str!("labelled_en.tsv")), ("Korean", include_str!("labelled_ko.tsv"))];
/// The required accuracy.
const ENOUGH: f64 = 0.8;

fn kind_of(title: Option<&str>, text: &str, rating: Option<i32>, nps: Option<i32>) -> &'static str {
    recognise(&Read { words: &own_words(title, text), rating, nps }).kind.as_str()
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
            let [half, kind, text] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
            scores.entry(half).or_default().add(kind, kind_of(None, text, None, None));
        }
        assert_eq!(scores.keys().copied().collect::<Vec<_>>(), ["build", "check"]);
        for (half, score) in scores {
            assert!(score.all >= 150);
            score.assert_enough(&format!("{language}, {half}"));
        }
    }
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
