//! Which tests run at all.

use std::collections::{BTreeMap, BTreeSet};

use super::report;
use super::source::texts;

/// Cargo gets the list of test programs explicitly, so that a file that no program includes would never run.
#[test]
fn every_file_of_tests_is_part_of_a_program() {
    let files: BTreeMap<String, String> = texts("tests").into_iter().collect();
    let mut reached = BTreeSet::new();
    let mut ahead: Vec<(String, String)> =
        ["tests/all.rs", "tests/load.rs"].map(|root| ("tests".to_owned(), root.to_owned())).into();
    while let Some((folder, path)) = ahead.pop() {
        let modules = files[&path].lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
        for name in modules {
            let inside = format!("{folder}/{name}");
            let found =
                [format!("{inside}.rs"), format!("{inside}/mod.rs")].into_iter().find(|f| files.contains_key(f));
            ahead.extend(found.map(|file| (inside, file)));
        }
        reached.insert(path);
    }
    let wrong: Vec<String> = files.into_keys().filter(|path| !reached.contains(path)).collect();
    report(&wrong, "name these in tests/all.rs, or in the file above them, or they never run:");
}

/// `Cargo.toml` turns both off, which saves time in every run.
#[test]
fn what_cargo_does_not_look_for_is_not_there() {
    let mut wrong = Vec::new();
    for (path, text) in texts("src") {
        let fences = text.lines().enumerate().filter_map(|(n, line)| {
            let line = line.trim_start();
            Some((n + 1, line.strip_prefix("//! ```").or_else(|| line.strip_prefix("/// ```"))?))
        });
        // Every second one ends a block.
        let examples = fences.step_by(2).filter(|(_, language)| *language != "text");
        wrong.extend(examples.map(|(n, _)| format!("{path}:{n}: an example in a comment is not run")));
        if path == "src/main.rs" && text.contains("#[test]") {
            wrong.push(format!("{path}: its tests are not run"));
        }
    }
    report(&wrong, "write it as a test of the crate, or turn `doctest` or `test` on again:");
}
