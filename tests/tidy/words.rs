//! What may stand in the code of which layer: the database, the web framework, events, routes, panics.

use std::fs;
use std::path::Path;

use super::source::{sources, texts};
use super::{report, shrinking};

/// Lines that may panic, and the reasons.
const MAY_PANIC: [(&str, &str, &str); 1] = [(
    "src/domain/base/decode.rs",
    "a schema of this program is wrong",
    "a schema is code; every test that decodes builds it",
)];

/// Usecases that still know how the database writes ids and times. Domain structs are to take the place of rows here.
const KNOW_ROWS: [(&str, usize); 17] = [
    ("src/usecase/closure/answers.rs", 5),
    ("src/usecase/closure/messages.rs", 8),
    ("src/usecase/closure/previews.rs", 3),
    ("src/usecase/closure/recalls.rs", 2),
    ("src/usecase/closure/rounds.rs", 8),
    ("src/usecase/closure/settling.rs", 3),
    ("src/usecase/feedback/accounts.rs", 3),
    ("src/usecase/feedback/customer_resolver.rs", 4),
    ("src/usecase/feedback/customers.rs", 9),
    ("src/usecase/feedback/edits.rs", 3),
    ("src/usecase/feedback/filing.rs", 5),
    ("src/usecase/feedback/transferring.rs", 4),
    ("src/usecase/feedback/versions.rs", 2),
    ("src/usecase/privacy/erasure.rs", 3),
    ("src/usecase/stories/late_attachments.rs", 6),
    ("src/usecase/team/known_names.rs", 2),
    ("src/usecase/themes/corrections.rs", 2),
];

/// The code of a file without comments and without its tests, line by line with line numbers.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let tests = text.find("\n#[cfg(test)]\nmod ").unwrap_or(text.len());
    let lines = text[..tests].lines().enumerate().map(|(n, line)| (n + 1, line));
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn layer_of(path: &str) -> &str {
    path.trim_start_matches("src/").split(['/', '.']).next().unwrap_or_default()
}

#[test]
fn usecases_do_not_know_how_the_database_writes_ids_and_times() {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| source.layer() == "usecase") {
        let times = source.words.iter().filter(|(word, _)| word == "DbId" || word == "DbTime").count();
        if times > 0 {
            found.push((source.path.clone(), times));
        }
    }
    shrinking(&found, &KNOW_ROWS, "a usecase deals in `Id` and `Time`; `DbId` and `DbTime` stay in the store:");
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
