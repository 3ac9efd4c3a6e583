//! The house rules as tests: direction of imports, length of files, where SQL may be, what may panic, and settings and
//! migrations that agree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use clap::{CommandFactory, Parser};
use hearback::config::Config;

const MOST_LINES: usize = 400;
const MOST_FILES: usize = 16;

/// What each layer may import from the crate. `app`, `config`, `clock`, `meter` and `error` are outside the layers.
const MAY_IMPORT: [(&str, &[&str]); 10] = [
    ("error", &[]),
    ("meter", &["error"]),
    ("domain", &["error"]),
    ("clock", &["domain"]),
    ("engine", &["domain", "error"]),
    ("outside", &["domain", "error"]),
    ("store", &["clock", "domain", "error"]),
    ("usecase", &["store", "engine", "outside", "clock", "domain", "error"]),
    ("jobs", &["app", "usecase", "store", "engine", "outside", "meter", "clock", "domain", "error"]),
    ("http", &["app", "usecase", "store", "outside", "meter", "clock", "domain", "error"]),
];

/// Lines that may panic, and the reasons.
const MAY_PANIC: [(&str, &str, &str); 1] = [(
    "src/domain/base/decode.rs",
    "a schema of this program is wrong",
    "a schema is code; every test that decodes builds it",
)];

/// Every Rust file under a folder of the repository, with its text.
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    walk(&root.join(folder), &mut files);
    files.sort();
    let relative = |path: &PathBuf| path.strip_prefix(root).expect("inside").to_string_lossy().into_owned();
    files.iter().map(|path| (relative(path), fs::read_to_string(path).expect("text"))).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

/// The code of a file without comments and without its tests, line by line with line numbers.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let tests = text.find("\n#[cfg(test)]\nmod ").unwrap_or(text.len());
    let lines = text[..tests].lines().enumerate().map(|(n, line)| (n + 1, line));
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn layer(path: &str) -> &str {
    path.trim_start_matches("src/").split(['/', '.']).next().unwrap_or_default()
}

/// The modules of the crate that a line names: `crate::x`, or `crate::{x, y::z}` on one line.
fn imports(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        // `$crate::` of a macro is the macro's own business, as is another crate's `some_crate::`.
        if line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &line[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => found.extend(top_level(list)),
            None => found.extend(first_name(rest)),
        }
    }
    found
}

fn first_name(text: &str) -> Option<String> {
    let name: String = text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

fn top_level(list: &str) -> Vec<String> {
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in list.chars() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => parts.push(String::new()),
            c => parts.last_mut().expect("one").push(c),
        }
    }
    parts.iter().filter_map(|part| first_name(part)).collect()
}

fn report(wrong: &[String], rule: &str) {
    assert!(wrong.is_empty(), "{rule}\n{}", wrong.join("\n"));
}

#[test]
fn imports_go_one_way_only() {
    let rules: BTreeMap<&str, &[&str]> = MAY_IMPORT.into_iter().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let Some(allowed) = rules.get(layer(&path)) else { continue };
        for (n, line) in code(&text) {
            for module in imports(line) {
                if module != layer(&path) && !allowed.contains(&module.as_str()) && module != "Result" {
                    wrong.push(format!("{path}:{n}: {} must not import {module}", layer(&path)));
                }
            }
        }
    }
    report(&wrong, "http | cli | jobs -> usecase -> store -> domain, usecase -> engine -> domain:");
}

/// `outside::import` turns bytes into rows of our fields and asks nobody; all else of `outside` speaks to other systems,
/// for which no transaction may wait.
#[test]
fn usecases_know_of_the_outside_only_how_files_are_read() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src").into_iter().filter(|(path, _)| layer(path) == "usecase") {
        let strays = code(&text).filter(|(_, line)| {
            let parts = line.split("outside").skip(1);
            line.contains("crate::") && parts.into_iter().any(|rest| !rest.starts_with("::import"))
        });
        wrong.extend(strays.map(|(n, line)| format!("{path}:{n}: {}", line.trim())));
    }
    report(&wrong, "of `outside` a usecase may import `import` only:");
}

/// What the app holds is known to `http`: with a job in it `http` would know the jobs.
#[test]
fn the_app_holds_no_jobs() {
    let files = sources("src");
    let (_, text) = files.iter().find(|(path, _)| path == "src/app.rs").expect("app.rs");
    let strays = code(text).filter(|(_, line)| imports(line).iter().any(|module| module == "jobs"));
    let wrong: Vec<String> = strays.map(|(n, line)| format!("src/app.rs:{n}: {}", line.trim())).collect();
    report(&wrong, "jobs -> app, never the other way:");
}

#[test]
fn every_layer_has_a_rule() {
    let beside = ["app", "cli", "config", "lib", "main"];
    let known: BTreeSet<&str> = MAY_IMPORT.iter().map(|(name, _)| *name).chain(beside).collect();
    let files = sources("src");
    let unknown: BTreeSet<&str> = files.iter().map(|(path, _)| layer(path)).filter(|l| !known.contains(l)).collect();
    assert!(unknown.is_empty(), "add to MAY_IMPORT what these may import: {unknown:?}");
}

/// A folder must be readable at a glance: with more files nothing is found, and a file with its folder's name says
/// nothing.
#[test]
fn no_folder_is_too_full_to_find_something_in() {
    let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, _) in sources("src") {
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
    let files = sources("src").into_iter().chain(sources("tests"));
    let long = files.filter(|(_, text)| text.lines().count() > MOST_LINES);
    let wrong: Vec<String> = long.map(|(path, text)| format!("{path}: {} lines", text.lines().count())).collect();
    report(&wrong, "at most 400 lines a file; split it by what a reader looks for:");
}

/// Cargo gets the list of test programs explicitly, so that a file that no program includes would never run.
#[test]
fn every_file_of_tests_is_part_of_a_program() {
    let files: BTreeMap<String, String> = sources("tests").into_iter().collect();
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
    for (path, text) in sources("src") {
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

#[test]
fn only_the_store_knows_the_database_and_only_http_knows_the_web_framework() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        for (n, line) in code(&text) {
            if layer(&path) != "store" && line.contains("diesel") {
                wrong.push(format!("{path}:{n}: diesel outside src/store"));
            }
            if layer(&path) != "store" && is_sql(line) {
                wrong.push(format!("{path}:{n}: SQL outside src/store"));
            }
            // The command line starts the server's runtime.
            if !matches!(layer(&path), "http" | "cli") && line.contains("actix") {
                wrong.push(format!("{path}:{n}: actix outside src/http"));
            }
        }
    }
    report(&wrong, "one layer knows each outside world:");
}

/// `at` in `src/http/mod.rs` checks the roles: a path that is registered in another way would be open to everybody.
#[test]
fn every_address_is_registered_where_roles_are_checked() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        for (n, line) in code(&text) {
            let registers = ["web::resource(", "web::scope(", "Resource::new(", "Scope::new("];
            if path != "src/http/mod.rs" && registers.iter().any(|call| line.contains(call)) {
                wrong.push(format!("{path}:{n}: use `at`"));
            }
            if path != "src/http/base/docs.rs" && path != "src/http/mod.rs" && line.contains("open_at(") {
                wrong.push(format!("{path}:{n}: only the documentation's files are open"));
            }
        }
    }
    report(&wrong, "an address is registered by `at`:");
}

fn is_sql(line: &str) -> bool {
    let statements =
        ["SELECT ", "INSERT INTO ", "DELETE FROM ", "UPDATE ", "PRAGMA ", "CREATE TABLE ", "BEGIN IMMEDIATE"];
    statements.iter().any(|start| line.contains(&format!("\"{start}")))
}

#[test]
fn nothing_panics_once_it_runs() {
    let words = [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "unreachable!("];
    let mut wrong = Vec::new();
    for (path, text) in sources("src").into_iter().filter(|(path, _)| !path.ends_with("tests.rs")) {
        for (n, line) in code(&text) {
            let excused = MAY_PANIC.iter().any(|(file, part, _)| *file == path && line.contains(part));
            if !excused && words.iter().any(|word| line.contains(word)) {
                wrong.push(format!("{path}:{n}: {}", line.trim()));
            }
        }
    }
    report(&wrong, "answer with an error instead, or state the reason in MAY_PANIC:");
}

#[test]
fn what_may_panic_is_still_there() {
    for (file, part, _) in MAY_PANIC {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect(file);
        assert!(text.contains(part), "{file} no longer has {part:?}: take it out of MAY_PANIC");
    }
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
        let entries = fs::read_dir(folder).expect("migrations");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    _config: Config,
}

/// The settings in `.env.example`, each with its default; `None` if it is commented out.
fn example() -> BTreeMap<String, Option<String>> {
    let setting = |line: &str| {
        let (name, value) = line.trim_start_matches("# ").split_once('=')?;
        let is_name = name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        let value = (!line.starts_with('#')).then(|| value.to_owned());
        (is_name && !name.is_empty()).then(|| (name.to_owned(), value))
    };
    include_str!("../.env.example").lines().filter_map(setting).collect()
}

#[test]
fn the_example_settings_are_the_settings_with_their_defaults() {
    let command = Settings::command();
    let setting = |arg: &clap::Arg| {
        let name = arg.get_env()?.to_string_lossy().into_owned();
        let default = arg.get_default_values().first().map(|value| value.to_string_lossy().into_owned());
        Some((name, default))
    };
    let settings: BTreeMap<String, Option<String>> = command.get_arguments().filter_map(setting).collect();
    assert_eq!(example(), settings, ".env.example (left) and src/config.rs (right) differ");
}

#[test]
fn the_containers_get_every_setting() {
    let compose = include_str!("../compose.yaml");
    // The image's own, and the one that is made of the database's password.
    let own = ["HEARBACK_LISTEN", "DATABASE_URL"];
    let names = example().into_keys().filter(|name| !own.contains(&name.as_str()));
    let lost: Vec<String> = names.filter(|name| !compose.contains(&format!("\n      {name}:\n"))).collect();
    assert!(lost.is_empty(), "compose.yaml does not hand through {lost:?}");
}

#[test]
fn every_setting_is_explained() {
    let text = include_str!("../.env.example");
    for name in example().keys() {
        let line = text.lines().position(|line| line.trim_start_matches("# ").starts_with(&format!("{name}=")));
        let above = line.and_then(|n| text.lines().nth(n.checked_sub(1)?)).unwrap_or_default();
        assert!(above.starts_with("# "), "{name} has no comment above it");
    }
}

/// Templates escape each text that they show; askama's `safe` and `escape` would take that away.
#[test]
fn no_template_shows_a_text_as_markup() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut folders = vec![root];
    let mut wrong = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).expect("text").replace(' ', "");
            if ["|safe", "|escape", "|e("].iter().any(|filter| text.contains(filter)) {
                wrong.push(path.display().to_string());
            }
        }
    }
    report(&wrong, "a template escapes what it shows:");
}
