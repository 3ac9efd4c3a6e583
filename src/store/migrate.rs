//! The schema, brought up to date.

use diesel::connection::SimpleConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::conn::Conn;
use crate::error::{Error, Result};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Runs what is pending and says which migrations that were. On PostgreSQL a lock lets one instance do it.
///
/// # Errors
/// Where a migration fails; it is rolled back.
pub fn run(conn: &mut Conn) -> Result<Vec<String>> {
    let done = match conn {
        Conn::Sqlite(c) => c.run_pending_migrations(SQLITE).map(names),
        Conn::Postgres(c) => {
            c.batch_execute("SELECT pg_advisory_lock(7203711)")?;
            let done = c.run_pending_migrations(POSTGRES).map(names);
            c.batch_execute("SELECT pg_advisory_unlock(7203711)")?;
            done
        }
    };
    done.map_err(|e| Error::internal(format!("a migration failed: {e}")))
}

/// The migrations that have not run yet.
///
/// # Errors
/// Where the database can't be read.
pub fn pending(conn: &mut Conn) -> Result<Vec<String>> {
    let pending = match conn {
        Conn::Sqlite(c) => c.pending_migrations(SQLITE).map(|m| m.iter().map(|m| m.name().to_string()).collect()),
        Conn::Postgres(c) => c.pending_migrations(POSTGRES).map(|m| m.iter().map(|m| m.name().to_string()).collect()),
    };
    pending.map_err(|e| Error::internal(format!("migrations can't be read: {e}")))
}

fn names(versions: Vec<diesel::migration::MigrationVersion<'_>>) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}
