//! What may stand in the code of which layer: the database, the web framework, events, routes, panics.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::report;
use super::source::{Source, sources, texts};

/// Lines that may panic, and the reasons.
const MAY_PANIC: [(&str, &str, &str); 1] = [(
    "src/domain/base/decode.rs",
    "a schema of this program is wrong",
    "a schema is code; every test that decodes builds it",
)];

/// The code of a file without comments and without its tests, line by line with line numbers.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let tests = text.find("\n#[cfg(test)]\nmod ").unwrap_or(text.len());
    let lines = text[..tests].lines().enumerate().map(|(n, line)| (n + 1, line));
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn layer_of(path: &str) -> &str {
    path.trim_start_matches("src/").split(['/', '.']).next().unwrap_or_default()
}

/// How the tables look, and how the database writes ids and times, may change without any other layer knowing. The
/// compiler holds it too, where a row is `pub(in crate::store)`; this also finds a row that was left public.
#[test]
fn rows_and_the_types_of_columns_stay_in_the_store() {
    let (store, others): (Vec<&Source>, Vec<&Source>) = sources().iter().partition(|source| source.layer() == "store");
    let words = store.iter().flat_map(|source| &source.words).map(|(word, _)| word.as_str());
    let mut private: BTreeSet<&str> = words.filter(|word| word.ends_with("Row") && *word != "Row").collect();
    assert!(private.contains("FeedbackRow"), "the store has rows");
    private.extend(["DbId", "DbTime"]);
    let mut wrong = Vec::new();
    for source in others {
        let named = source.words.iter().filter(|(word, _)| private.contains(word.as_str()));
        wrong.extend(named.map(|(word, line)| format!("{}:{line}: {word}", source.path)));
        let imports = source.imports.iter().filter(|import| import.path.starts_with(&["crate".into(), "store".into()]));
        let rows = imports.filter(|import| import.path.last().is_some_and(|name| name.ends_with("Row")));
        wrong.extend(rows.map(|import| format!("{}:{}: {}", source.path, import.line, import.path.join("::"))));
    }
    report(&wrong, "outside the store deal in structs of the domain, with `Id`, `Time` and enumerations:");
}

#[test]
fn events_are_written_in_usecases_and_the_store_only() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !matches!(source.layer(), "usecase" | "store")) {
        let events = source.methods.iter().filter(|(name, _)| name == "event");
        wrong.extend(events.map(|(_, line)| format!("{}:{line}", source.path)));
    }
    report(&wrong, "who changes something writes its event; that is a usecase, or the store:");
}

#[test]
fn only_the_store_knows_the_database_and_only_http_knows_the_web_framework() {
    let mut wrong = Vec::new();
    for (path, text) in texts("src") {
        for (n, line) in code(&text) {
            if layer_of(&path) != "store" && line.contains("diesel") {
                wrong.push(format!("{path}:{n}: diesel outside src/store"));
            }
            if layer_of(&path) != "store" && is_sql(line) {
                wrong.push(format!("{path}:{n}: SQL outside src/store"));
            }
            // The command line starts the server's runtime.
            if !matches!(layer_of(&path), "http" | "cli") && line.contains("actix") {
                wrong.push(format!("{path}:{n}: actix outside src/http"));
            }
        }
    }
    report(&wrong, "one layer knows each outside world:");
}

/// `Run` in `src/store/base/query.rs` stands in place of diesel's `RunQueryDsl`: less is compiled for each query.
#[test]
fn queries_are_run_in_one_way() {
    let mut wrong = Vec::new();
    for (path, text) in texts("src").into_iter().filter(|(path, _)| path != "src/store/base/query.rs") {
        for (n, line) in text.lines().enumerate().filter(|(_, line)| line.contains("diesel::prelude")) {
            wrong.push(format!("{path}:{}: {}", n + 1, line.trim()));
        }
    }
    report(&wrong, "import `crate::store::base::query::*`:");
}

/// `at` in `src/http/mod.rs` checks the roles: a path that is registered in another way would be open to everybody.
#[test]
fn every_address_is_registered_where_roles_are_checked() {
    let mut wrong = Vec::new();
    for (path, text) in texts("src") {
        for (n, line) in code(&text) {
            let registers = ["web::resource(", "web::scope(", "Resource::new(", "Scope::new("];
            if path != "src/http/mod.rs"
                && path != "src/http/base/routing.rs"
                && registers.iter().any(|call| line.contains(call))
            {
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
    for (path, text) in texts("src").into_iter().filter(|(path, _)| !path.ends_with("tests.rs")) {
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

/// A field that names nothing is refused in the same words everywhere: those of `domain/base/reference.rs`.
#[test]
fn look_ups_refuse_in_the_words_of_one_table() {
    let (table, others): (Vec<_>, Vec<_>) =
        texts("src").into_iter().partition(|(path, _)| path == "src/domain/base/reference.rs");
    let refusals: Vec<&str> = table[0]
        .1
        .lines()
        .filter_map(|line| line.split('"').nth(1))
        .filter(|text| text.starts_with("is not "))
        .collect();
    assert!(refusals.len() >= 7, "{refusals:?}");
    let mut wrong = Vec::new();
    for (path, text) in &others {
        for refusal in refusals.iter().filter(|refusal| text.contains(&format!("\"{refusal}\""))) {
            wrong.push(format!("{path}: {refusal:?}"));
        }
    }
    report(&wrong, "use `Reference`:");
}
