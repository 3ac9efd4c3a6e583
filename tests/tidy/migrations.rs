//! Two versions run side by side on one database during an update, so migrations expand first and contract later.

use std::fs;
use std::path::Path;

use super::report;

/// Migrations up to this one were written before the rule.
const BEFORE: &str = "2026-11-30-999999";

/// Statements that take away what the version before still uses.
const TAKES_AWAY: [&str; 6] = ["DROP TABLE", "DROP COLUMN", "DROP VIEW", "RENAME TO", "RENAME COLUMN", "SET NOT NULL"];

/// The line that says since which version nothing uses what a migration takes away.
const CONTRACT: &str = "-- contract:";

/// What is wrong with the SQL of a migration.
fn problems(sql: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let says_why = sql.lines().filter_map(|line| line.trim().strip_prefix(CONTRACT)).any(|words| {
        // Such as: "-- contract: customers.fax, which nothing uses since 0.3.0".
        words.split_whitespace().any(|word| {
            let parts: Vec<&str> = word.trim_end_matches(['.', ',']).split('.').collect();
            parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
        })
    });
    let code: Vec<&str> = sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
    for statement in code.join(" ").split(';') {
        let words = statement.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase();
        if !says_why && let Some(act) = TAKES_AWAY.iter().find(|act| words.contains(**act)) {
            wrong.push(format!("{act} without a line `{CONTRACT} WHAT, which nothing uses since X.Y.Z`"));
        }
        // The version before inserts rows without the column.
        if words.contains("ADD COLUMN") && words.contains("NOT NULL") && !words.contains("DEFAULT") {
            wrong.push("ADD COLUMN ... NOT NULL without a DEFAULT".to_owned());
        }
    }
    wrong
}

#[test]
fn migrations_expand_first_and_contract_in_a_later_version() {
    let mut wrong = Vec::new();
    for database in ["common", "sqlite", "postgres"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
        for entry in fs::read_dir(folder).expect("migrations") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.as_str() > BEFORE {
                let sql = fs::read_to_string(path.join("up.sql")).expect("up.sql");
                wrong.extend(problems(&sql).into_iter().map(|problem| format!("{database}/{name}: {problem}")));
            }
        }
    }
    report(&wrong, "CONTRIBUTING.md, \"Change a table\": the version before must work with the new schema:");
}

#[test]
fn the_rule_sees_what_takes_away_and_what_an_old_insert_would_miss() {
    assert!(problems("ALTER TABLE a ADD COLUMN b TEXT; CREATE INDEX c ON a (b); -- DROP TABLE x").is_empty());
    assert!(problems("ALTER TABLE a ADD COLUMN b TEXT NOT NULL DEFAULT ''").is_empty());
    assert_eq!(problems("ALTER TABLE a ADD COLUMN b TEXT NOT NULL").len(), 1);
    assert_eq!(problems("ALTER TABLE a\n  DROP COLUMN b;\nALTER TABLE c RENAME TO d").len(), 2);
    assert_eq!(problems("-- contract: a.b\nALTER TABLE a DROP COLUMN b").len(), 1, "it names no version");
    assert!(problems("-- contract: a.b, which nothing uses since 0.3.0.\nALTER TABLE a DROP COLUMN b").is_empty());
}
