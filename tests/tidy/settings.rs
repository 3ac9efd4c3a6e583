//! Settings and migrations that agree with each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use clap::{CommandFactory, Parser};
use hearback::config::Config;

use super::report;

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
        let entries = fs::read_dir(folder).expect("migrations");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    // One name is one migration: of two with a version, diesel would run one.
    let version = |name: &String| name.split('_').next().map(str::to_owned);
    let common: BTreeSet<Option<String>> = names("common").iter().map(version).collect();
    let twice: Vec<String> = names("sqlite").into_iter().filter(|name| common.contains(&version(name))).collect();
    assert!(twice.is_empty() && !common.is_empty(), "in `common` too: {twice:?}");
}

/// Nothing runs a `down.sql`: a database goes back by its backup, since what a migration dropped can't be made up.
#[test]
fn migrations_go_one_way() {
    let mut wrong = Vec::new();
    for database in ["common", "sqlite", "postgres"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
        let migrations = fs::read_dir(folder).expect("migrations").map(|entry| entry.expect("an entry").path());
        let files = migrations.flat_map(|migration| fs::read_dir(migration).expect("a migration"));
        let files = files.map(|file| file.expect("a file").path());
        wrong.extend(files.filter(|file| !file.ends_with("up.sql")).map(|file| file.display().to_string()));
    }
    report(&wrong, "a migration is its `up.sql`:");
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
    include_str!("../../.env.example").lines().filter_map(setting).collect()
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
    let compose = include_str!("../../compose.yaml");
    // The image's own, and the one that is made of the database's password.
    let own = ["HEARBACK_LISTEN", "DATABASE_URL"];
    let names = example().into_keys().filter(|name| !own.contains(&name.as_str()));
    let lost: Vec<String> = names.filter(|name| !compose.contains(&format!("\n      {name}:\n"))).collect();
    assert!(lost.is_empty(), "compose.yaml does not hand through {lost:?}");
}

#[test]
fn every_setting_is_explained() {
    let text = include_str!("../../.env.example");
    for name in example().keys() {
        let line = text.lines().position(|line| line.trim_start_matches("# ").starts_with(&format!("{name}=")));
        let above = line.and_then(|n| text.lines().nth(n.checked_sub(1)?)).unwrap_or_default();
        assert!(above.starts_with("# "), "{name} has no comment above it");
    }
}
