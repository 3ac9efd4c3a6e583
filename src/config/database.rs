//! Settings of a pooler before the database and of read replicas beside it.

use std::time::Duration;

use clap::Args;

use crate::store::{Addresses, Location};

/// The longest wait for a replica, in milliseconds.
const LONGEST_WAIT: u64 = 10_000;

/// Where else connections go than to `DATABASE_URL`.
#[derive(Args, Clone, Debug, Default)]
pub struct DatabaseConfig {
    /// Addresses of read replicas of the PostgreSQL in DATABASE_URL, separated by commas; not through a pooler in
    /// transaction mode
    #[arg(long = "database-read-url", env = "DATABASE_READ_URL", hide_env_values = true)]
    pub read_url: Option<String>,

    /// Milliseconds that a read waits until a replica has everything that was acknowledged before; then the primary answers
    #[arg(long = "database-read-wait-ms", env = "DATABASE_READ_WAIT_MS", default_value_t = 100)]
    pub read_wait_ms: u64,

    /// Address of the PostgreSQL itself, where DATABASE_URL leads to a pooler in transaction mode
    #[arg(long = "database-direct-url", env = "DATABASE_DIRECT_URL", hide_env_values = true)]
    pub direct_url: Option<String>,
}

impl DatabaseConfig {
    /// The addresses that the store connects to. With SQLite there is only the file.
    ///
    /// # Errors
    /// A sentence that names the wrong setting.
    pub fn addresses(&self, database_url: &str) -> Result<Addresses, String> {
        let location = Location::parse(database_url).map_err(|e| format!("DATABASE_URL {e}."))?;
        if let Location::Sqlite(_) = location {
            return Ok(Addresses::of(location));
        }
        let direct = match filled(&self.direct_url) {
            None => None,
            Some(url) => Some(postgres(url).ok_or("DATABASE_DIRECT_URL must be postgres://USER@HOST/DATABASE.")?),
        };
        let replicas: Option<Vec<Location>> = self.read_urls().into_iter().map(postgres).collect();
        let replicas = replicas.ok_or(
            "DATABASE_READ_URL must be addresses postgres://USER@HOST/DATABASE, separated by commas.".to_owned(),
        )?;
        let (direct, pooler) = match direct {
            Some(direct) => (direct, Some(location)),
            None => (location, None),
        };
        Ok(Addresses { direct, pooler, replicas, patience: Duration::from_millis(self.read_wait_ms) })
    }

    /// Errors in these settings, one sentence each.
    pub fn problems(&self, database_url: &str) -> Vec<String> {
        let mut problems = Vec::new();
        match self.addresses(database_url) {
            Err(problem) => problems.push(problem),
            Ok(Addresses { direct: Location::Sqlite(_), .. }) => {
                for (name, url) in [("DATABASE_READ_URL", &self.read_url), ("DATABASE_DIRECT_URL", &self.direct_url)] {
                    if filled(url).is_some() {
                        problems.push(format!("{name} needs PostgreSQL: DATABASE_URL is a SQLite file."));
                    }
                }
            }
            Ok(_) => {}
        }
        if self.read_wait_ms > LONGEST_WAIT {
            problems.push(format!("DATABASE_READ_WAIT_MS must be at most {LONGEST_WAIT}."));
        }
        problems
    }

    /// The addresses of the replicas. An address of several hosts has commas too: the next address begins with its scheme.
    fn read_urls(&self) -> Vec<&str> {
        let Some(all) = filled(&self.read_url) else { return Vec::new() };
        let mut begins: Vec<usize> = all.match_indices(",postgres").map(|(at, _)| at + 1).collect();
        begins.insert(0, 0);
        let ends = begins.iter().skip(1).map(|next| next - 1).chain([all.len()]);
        begins.iter().zip(ends).map(|(begin, end)| all[*begin..end].trim()).collect()
    }
}

fn filled(setting: &Option<String>) -> Option<&str> {
    setting.as_deref().map(str::trim).filter(|value| !value.is_empty())
}

fn postgres(url: &str) -> Option<Location> {
    Location::parse(url).ok().filter(|location| matches!(location, Location::Postgres(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(read: &str, direct: &str) -> DatabaseConfig {
        let some = |url: &str| Some(url.to_owned());
        DatabaseConfig { read_url: some(read), read_wait_ms: 100, direct_url: some(direct) }
    }

    #[test]
    fn several_replicas_are_separated_by_commas_and_may_have_several_hosts() {
        let config = config("postgres://a/x,postgres://b,c/x", "");
        assert_eq!(config.read_urls(), ["postgres://a/x", "postgres://b,c/x"]);
        let found = config.addresses("postgres://db/x").expect("addresses");
        assert_eq!((found.replicas.len(), found.pooler), (2, None));
        assert!(config.problems("postgres://db/x").is_empty());
    }

    #[test]
    fn a_direct_address_says_that_the_other_one_is_a_pooler() {
        let found = config("", "postgres://db/x").addresses("postgres://pooler/x").expect("addresses");
        assert_eq!(found.direct, Location::Postgres("postgres://db/x".to_owned()));
        assert_eq!(found.serving(), &Location::Postgres("postgres://pooler/x".to_owned()));
    }

    #[test]
    fn each_wrong_setting_is_named() {
        let sqlite = config("postgres://a/x", "postgres://b/x").problems("sqlite://data/hearback.db");
        assert_eq!(sqlite.len(), 2, "{sqlite:?}");
        assert!(sqlite[0].starts_with("DATABASE_READ_URL needs PostgreSQL"), "{sqlite:?}");
        let read = config("mysql://a", "").problems("postgres://db/x");
        assert!(read[0].starts_with("DATABASE_READ_URL must be"), "{read:?}");
        let direct = config("", "sqlite://a").problems("postgres://db/x");
        assert!(direct[0].starts_with("DATABASE_DIRECT_URL must be"), "{direct:?}");
        let wait = DatabaseConfig { read_wait_ms: 10_001, ..DatabaseConfig::default() }.problems("postgres://db/x");
        assert_eq!(wait, ["DATABASE_READ_WAIT_MS must be at most 10000."]);
    }
}
