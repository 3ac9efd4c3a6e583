//! The schema, brought up to date.

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::conn::Conn;
use super::error::in_words;
use super::search;
use crate::error::Result;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Runs what is pending and says which migrations that were. On PostgreSQL a lock lets one instance do it.
///
/// # Errors
/// Where a migration fails; it is rolled back.
pub fn run(conn: &mut Conn) -> Result<Vec<String>> {
    if let Conn::Postgres(c) = conn {
        c.batch_execute("SELECT pg_advisory_lock(7203711)")?;
    }
    let done = match conn {
        Conn::Sqlite(c) => c.run_pending_migrations(SQLITE).map(names),
        Conn::Postgres(c) => c.run_pending_migrations(POSTGRES).map(names),
    };
    let done = done.map_err(in_words).and_then(|done| search::bring_up_to_date(conn).map(|()| done));
    if let Conn::Postgres(c) = conn {
        c.batch_execute("SELECT pg_advisory_unlock(7203711)")?;
    }
    done
}

/// The migrations that have not run yet.
///
/// # Errors
/// Where the database can't be read.
pub fn pending(conn: &mut Conn) -> Result<Vec<String>> {
    if !began(conn)? {
        return all(conn).map_err(in_words);
    }
    let pending = match conn {
        Conn::Sqlite(c) => c.pending_migrations(SQLITE).map(|m| m.iter().map(|m| m.name().to_string()).collect()),
        Conn::Postgres(c) => c.pending_migrations(POSTGRES).map(|m| m.iter().map(|m| m.name().to_string()).collect()),
    };
    pending.map_err(in_words)
}

/// Whether any migration ever ran here. Diesel would make its table where it is missing, and a look must not write.
fn began(conn: &mut Conn) -> Result<bool> {
    match diesel::sql_query("SELECT version FROM __diesel_schema_migrations LIMIT 1").execute(conn) {
        Ok(_) => Ok(true),
        Err(diesel::result::Error::DatabaseError(_, info))
            if ["no such table", "does not exist"].iter().any(|words| info.message().contains(words)) =>
        {
            Ok(false)
        }
        Err(e) => Err(e.into()),
    }
}

fn all(conn: &Conn) -> diesel::migration::Result<Vec<String>> {
    Ok(match conn {
        Conn::Sqlite(_) => {
            MigrationSource::<Sqlite>::migrations(&SQLITE)?.iter().map(|m| m.name().to_string()).collect()
        }
        Conn::Postgres(_) => {
            MigrationSource::<Pg>::migrations(&POSTGRES)?.iter().map(|m| m.name().to_string()).collect()
        }
    })
}

fn names(versions: Vec<diesel::migration::MigrationVersion<'_>>) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}
