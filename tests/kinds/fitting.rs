//! Writes the features that `tools/fit_kinds.py` fits the model of kinds to.

use std::fmt::Write;

use hearback::engine::kinds::features::{Features, features};

const TEXTS: &str = include_str!("../../tools/kinds/texts.tsv");

/// Kind and text, of everything that the model is fitted to.
pub fn fitted_to() -> Vec<(String, String)> {
    let mut texts: Vec<(String, String)> = Vec::new();
    for list in [super::LABELLED_EN, super::LABELLED_KO, super::TRADES_EN, super::TRADES_KO] {
        for line in list.lines().skip(1) {
            let columns: Vec<&str> = line.split('\t').collect();
            if columns[0] == "build" {
                texts.push((columns[1].to_owned(), columns[columns.len() - 1].to_owned()));
            }
        }
    }
    let more = TEXTS.lines().skip(1).filter_map(|line| line.split_once('\t'));
    texts.extend(more.map(|(kind, text)| (kind.to_owned(), text.to_owned())));
    texts
}

/// Numbers with four decimals, so that the fitted weights do not depend on the last bits of a sum.
fn joined(numbers: impl Iterator<Item = f32>) -> String {
    numbers.map(|n| format!("{n:.4}")).collect::<Vec<_>>().join(" ")
}

fn cells(words: &[u16]) -> String {
    words.iter().map(u16::to_string).collect::<Vec<_>>().join(" ")
}

#[test]
fn features_for_fitting() {
    let mut lines = String::new();
    for (kind, text) in fitted_to() {
        let Features { signs, meaning, words } = features(&text);
        let language = if text.chars().any(|c| ('가'..='힣').contains(&c)) { "ko" } else { "en" };
        let (signs, meaning, words) = (joined(signs.into_iter()), joined(meaning.into_iter()), cells(&words));
        writeln!(lines, "{kind}\t{language}\t{signs}\t{meaning}\t{words}").unwrap();
    }
    assert!(lines.lines().count() > 1_000);
    if let Ok(path) = std::env::var("HEARBACK_KIND_FEATURES") {
        std::fs::write(path, lines).unwrap();
    }
}
