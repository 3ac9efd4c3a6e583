//! What documents name is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::report;

/// What people read first.
const DOCUMENTS: [&str; 3] = ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"];

/// Endings of files that a document names by their path.
const ENDINGS: [&str; 12] =
    [".rs", ".md", ".csv", ".tsv", ".py", ".sh", ".c", ".toml", ".json", ".yaml", ".sql", ".example"];

/// Files that readers bring along.
const OF_READERS: [&str; 4] = ["tickets.json", "survey.csv", "export.csv", "STREAM.tsv"];

/// What stands in backticks, outside blocks of code.
fn quoted(text: &str) -> Vec<(usize, String)> {
    let (mut found, mut in_block) = (Vec::new(), false);
    for (n, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            found.extend(line.split('`').skip(1).step_by(2).map(|part| (n + 1, part.to_owned())));
        }
    }
    found
}

/// Every file of the repository, relative to it; build output and hidden folders aside.
fn files() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut found, mut ahead) = (BTreeSet::new(), vec![root.to_owned()]);
    while let Some(folder) = ahead.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(root).expect("inside").to_string_lossy().into_owned();
            if path.is_dir() {
                if !matches!(name.as_str(), "target" | "data" | ".git") {
                    ahead.push(path);
                }
            } else {
                found.insert(name);
            }
        }
    }
    found
}

/// A file is named from the root or from `src`, and by its name alone where the text says in which folder it is.
fn is_there(files: &BTreeSet<String>, name: &str) -> bool {
    let folder = name.strip_suffix('/');
    files.iter().any(|file| {
        let inside = file.strip_prefix("src/").unwrap_or(file);
        match folder {
            Some(folder) => {
                [file, inside].iter().any(|path| path.strip_prefix(folder).is_some_and(|r| r.starts_with('/')))
            }
            None if name.contains('/') => file == name || inside == name,
            None => file.rsplit('/').next() == Some(name),
        }
    })
}

#[test]
fn every_file_that_a_document_names_is_there() {
    let files = files();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for document in DOCUMENTS {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(document)).expect(document);
        for (line, name) in quoted(&text) {
            let is_path = !name.contains([' ', '{', '*', '<', ':']) && !name.starts_with(['/', '.', '-']);
            let is_file = ENDINGS.iter().any(|ending| name.ends_with(ending)) || name.ends_with('/');
            if is_path && is_file && !OF_READERS.contains(&name.as_str()) {
                seen += 1;
                if !is_there(&files, &name) {
                    wrong.push(format!("{document}:{line}: `{name}`"));
                }
            }
        }
    }
    report(&wrong, "a file or folder by this name is not there:");
    assert!(seen > 60, "only {seen} names were found: what reads the documents is broken");
}

/// The version of a migration is the number before its name. Of two with one version, only one would run.
#[test]
fn each_migration_has_a_version_of_its_own() {
    let mut wrong = Vec::new();
    for database in ["sqlite", "postgres"] {
        let mut versions = BTreeMap::new();
        for folder in ["common", database] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
            for entry in fs::read_dir(path).expect("the folder").flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                let version = name.split('_').next().unwrap_or_default().replace('-', "");
                if let Some(other) = versions.insert(version, name.clone()) {
                    wrong.push(format!("{database}: {other} and {name}"));
                }
            }
        }
    }
    report(&wrong, "give these migrations versions of their own:");
}
