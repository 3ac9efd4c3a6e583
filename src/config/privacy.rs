//! Settings of the access log and of the ledger of erasures.

use std::path::PathBuf;

use clap::Args;
use sha2::{Digest, Sha256};

use crate::domain::privacy::access::log::hex;
use crate::store::Location;

/// Where the ledger of erasures is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerPlace {
    pub path: PathBuf,
    /// Whether the name of the database alone gave the file its name. So it is with PostgreSQL unless a file is set. The program
    /// does without it where it can't be written, since the working folder may be read-only; and a database of the same name on
    /// another server may share it.
    pub by_name: bool,
}

/// The database that an address names, for the name of a file: letters, digits, `-` and `_` only.
fn database_name(url: &str) -> String {
    let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
    let parameter = parameters.split('&').find_map(|one| one.strip_prefix("dbname="));
    let in_path = address.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, name)| name);
    let name = parameter.or(in_path).filter(|name| !name.is_empty()).unwrap_or("hearback");
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect()
}

/// A short hash of the server that an address names: hosts and ports, without people, passwords and other parameters.
fn server_mark(url: &str) -> String {
    let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
    let authority = address.split_once("://").map_or(address, |(_, rest)| rest.split('/').next().unwrap_or_default());
    let mut server = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts).to_owned();
    let names_server = |one: &&str| ["host=", "hostaddr=", "port="].iter().any(|name| one.starts_with(name));
    parameters.split('&').filter(names_server).for_each(|one| server.push_str(one));
    hex(&Sha256::digest(server.as_bytes())[..4])
}

/// Settings of the access log and of the ledger of erasures.
#[derive(Args, Clone, Debug)]
pub struct PrivacyConfig {
    /// Days for which the access log is kept; 0 keeps none
    #[arg(long, env = "HEARBACK_ACCESS_DAYS", default_value_t = 730)]
    pub access_days: u32,

    /// Days for which changes of permissions are kept in the access log
    #[arg(long, env = "HEARBACK_PERMISSION_DAYS", default_value_t = 1095)]
    pub permission_days: u32,

    /// Whether a download needs a reason: optional or required
    #[arg(long, env = "HEARBACK_ACCESS_REASON", default_value = "optional")]
    pub access_reason: String,

    /// The file with the ledger of erasures; where absent, beside a SQLite database, and DATABASE.erasures in the working folder
    /// with PostgreSQL; - for none
    #[arg(long, env = "HEARBACK_ERASURE_LEDGER")]
    pub erasure_ledger: Option<String>,
}

impl PrivacyConfig {
    /// Whether a download without a reason is refused.
    pub fn asks_for_reasons(&self) -> bool {
        self.access_reason == "required"
    }

    /// The file of the ledger of erasures, if there is to be one.
    pub fn ledger(&self, location: &Location) -> Option<LedgerPlace> {
        match self.erasure_ledger.as_deref().map(str::trim).filter(|set| !set.is_empty()) {
            Some("-") => None,
            Some(set) => Some(LedgerPlace { path: PathBuf::from(set), by_name: false }),
            None => Some(match location {
                Location::Sqlite(path) => {
                    LedgerPlace { path: PathBuf::from(format!("{path}.erasures")), by_name: false }
                }
                Location::Postgres(url) => {
                    LedgerPlace { path: PathBuf::from(format!("{}.erasures", database_name(url))), by_name: true }
                }
            }),
        }
    }

    /// How the names of the files begin in which the access log's journal is: beside a SQLite database; with PostgreSQL in the
    /// working folder, by the database and its server, because a start takes over what was left there.
    pub fn journal(&self, location: &Location) -> PathBuf {
        match location {
            Location::Sqlite(path) => PathBuf::from(format!("{path}.access")),
            Location::Postgres(url) => PathBuf::from(format!("{}-{}.access", database_name(url), server_mark(url))),
        }
    }

    /// Errors in the settings, one sentence each.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.access_days > 10_000 {
            problems.push("HEARBACK_ACCESS_DAYS must be from 0 to 10000.".to_owned());
        }
        if !(1..=10_000).contains(&self.permission_days) {
            problems.push("HEARBACK_PERMISSION_DAYS must be from 1 to 10000.".to_owned());
        }
        if !["optional", "required"].contains(&self.access_reason.as_str()) {
            problems.push("HEARBACK_ACCESS_REASON must be optional or required.".to_owned());
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(set: Option<&str>, location: Location) -> Option<LedgerPlace> {
        let config = PrivacyConfig {
            access_days: 1,
            permission_days: 1,
            access_reason: String::new(),
            erasure_ledger: set.map(str::to_owned),
        };
        config.ledger(&location)
    }

    #[test]
    fn journals_of_databases_of_one_name_are_apart_and_a_new_password_changes_nothing() {
        let mark = |url: &str| server_mark(url);
        let one = mark("postgres://kim:pass@db.example:5432/voices");
        assert_eq!(one, mark("postgres://lee:n%40w@db.example:5432/voices?sslmode=require"));
        assert_ne!(one, mark("postgres://kim:pass@staging.example:5432/voices"));
        assert_ne!(mark("postgres:///voices?host=/run/a"), mark("postgres:///voices?host=/run/b"));
        assert_eq!(one.len(), 8);
    }

    #[test]
    fn the_ledger_has_a_place_with_each_database_unless_it_is_switched_off() {
        let at = |path: &str, by_name| Some(LedgerPlace { path: PathBuf::from(path), by_name });
        let sqlite = || Location::Sqlite("data/hearback.db".to_owned());
        let postgres = |url: &str| Location::Postgres(url.to_owned());
        assert_eq!(place(None, sqlite()), at("data/hearback.db.erasures", false));
        for (url, name) in [
            ("postgres://kim:pass@db.example:5432/voices", "voices.erasures"),
            ("postgres://a.example:1,b.example:2/voices?target_session_attrs=read-write", "voices.erasures"),
            ("postgresql:///?host=/run/pg&dbname=team-voices", "team-voices.erasures"),
            ("postgres://localhost", "hearback.erasures"),
            ("postgres://localhost/..%2Fetc", "___2Fetc.erasures"),
        ] {
            assert_eq!(place(None, postgres(url)), at(name, true), "{url}");
        }
        assert_eq!(place(Some("/erasures/all"), postgres("postgres://localhost/x")), at("/erasures/all", false));
        assert_eq!(place(Some(" "), sqlite()), at("data/hearback.db.erasures", false), "empty is not set");
        assert_eq!(place(Some("-"), postgres("postgres://localhost/x")), None);
        assert_eq!(place(Some("-"), sqlite()), None);
    }
}
