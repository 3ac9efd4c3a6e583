//! How much a reader has before them: files a folder, lines a file and a function, meanings a name.

use std::collections::BTreeMap;

use super::source::{sources, texts};
use super::{report, shrinking};

const MOST_FILES: usize = 16;
const MOST_LINES: usize = 400;
const MOST_LINES_OF_A_FUNCTION: usize = 60;

/// Functions that are longer for now, with their lines.
const LONG_FUNCTIONS: [(&str, usize); 0] = [];

/// Names of types that mean more than one thing in the domain for now, with how many.
const SHARED_NAMES: [(&str, usize); 0] = [];

/// A folder must be readable at a glance: with more files nothing is found, and a file with its folder's name says
/// nothing.
#[test]
fn no_folder_is_too_full_to_find_something_in() {
    let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, _) in texts("src") {
        let (folder, file) = path.rsplit_once('/').expect("a folder");
        folders.entry(folder.to_owned()).or_default().push(file.trim_end_matches(".rs").to_owned());
    }
    let mut wrong = Vec::new();
    for (folder, files) in folders {
        if files.len() > MOST_FILES {
            wrong.push(format!("{folder}: {} files", files.len()));
        }
        let own = folder.rsplit('/').next().expect("a name");
        wrong.extend(files.iter().filter(|file| *file == own).map(|file| format!("{folder}/{file}.rs")));
    }
    report(&wrong, "at most 16 files a folder, none of the folder's name:");
}

#[test]
fn no_file_is_too_long_to_read() {
    let files = texts("src").into_iter().chain(texts("tests"));
    let long = files.filter(|(_, text)| text.lines().count() > MOST_LINES);
    let wrong: Vec<String> = long.map(|(path, text)| format!("{path}: {} lines", text.lines().count())).collect();
    report(&wrong, "at most 400 lines a file; split it by what a reader looks for:");
}

#[test]
fn no_function_is_too_long_to_read() {
    let mut long = Vec::new();
    for source in sources() {
        let functions = source.functions.iter().filter(|function| function.lines > MOST_LINES_OF_A_FUNCTION);
        long.extend(functions.map(|function| (format!("{}::{}", source.path, function.name), function.lines)));
    }
    shrinking(
        &long,
        &LONG_FUNCTIONS,
        "at most 60 lines a function; give its steps names, so that it reads top to bottom:",
    );
}

#[test]
fn a_type_of_the_domain_has_a_name_of_its_own() {
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for source in sources().iter().filter(|source| source.layer() == "domain") {
        for (name, line) in &source.types {
            places.entry(name).or_default().push(format!("{}:{line}", source.path));
        }
    }
    let shared: Vec<(String, usize)> =
        places.iter().filter(|(_, at)| at.len() > 1).map(|(name, at)| ((*name).to_owned(), at.len())).collect();
    let all: Vec<String> =
        shared.iter().map(|(name, _)| format!("{name}: {}", places[name.as_str()].join(", "))).collect();
    let rule = format!("a name means one thing in the domain (all that are shared: {})", all.join("; "));
    shrinking(&shared, &SHARED_NAMES, &rule);
}
