//! `hearback doctor`.

use std::process::ExitCode;

use clap::Args;

use crate::config::Config;
use crate::store::{Location, conn, migrate};

/// Check the database, its schema and the settings.
#[derive(Args)]
pub struct Doctor {
    #[command(flatten)]
    config: Config,
}

impl Doctor {
    /// Prints a line a check; fails where one does.
    pub fn run(self) -> ExitCode {
        let mut healthy = true;
        let mut say = |what: &str, problem: Option<String>| {
            match &problem {
                None => println!("ok    {what}"),
                Some(problem) => println!("WRONG {what}: {problem}"),
            }
            healthy &= problem.is_none();
        };
        let problems = self.config.problems();
        if self.config.embeddings_folder.is_some() {
            say("embedder", self.config.embedder().err());
        }
        let location = Location::parse(&self.config.database_url);
        say("settings", (!problems.is_empty()).then(|| problems.join(" ")));
        if let Ok(location) = location {
            say("database", missing(&location).or_else(|| check(&location, &mut say_schema)));
        }
        if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn say_schema(line: &str) {
    println!("{line}");
}

/// A SQLite file that is not there yet: serving would make it, a check must not.
fn missing(location: &Location) -> Option<String> {
    match location {
        Location::Sqlite(path) if !std::path::Path::new(path).exists() => {
            Some(format!("{path} is not there yet; `hearback serve` or `hearback migrate` creates it."))
        }
        _ => None,
    }
}

fn check(location: &Location, say: &mut impl FnMut(&str)) -> Option<String> {
    match conn::reach(location, false).and_then(|mut conn| migrate::pending(&mut conn)) {
        Err(e) => Some(e.detail),
        Ok(pending) if pending.is_empty() => {
            say("ok    schema");
            None
        }
        Ok(pending) => Some(format!("its schema lacks {}; run `hearback migrate`.", pending.join(", "))),
    }
}
