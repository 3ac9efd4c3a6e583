//! Schema migrations.

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::conn::{self, Conn, Location};
use super::error::in_words;
use super::work::advisory::{self, Lock};
use crate::error::Result;
use crate::store::base::query::*;
use crate::store::health::private;
use crate::store::search::index;

const SQLITE: Migrations = Migrations(embed_migrations!("migrations/sqlite"));
const POSTGRES: Migrations = Migrations(embed_migrations!("migrations/postgres"));
/// Those that both databases read alike. They write PostgreSQL's types: SQLite keeps blobs and integers as they are in
/// columns of the types `UUID`, `BYTEA` and `TIMESTAMPTZ`.
const COMMON: EmbeddedMigrations = embed_migrations!("migrations/common");

/// The migrations of one database: its own, and the common ones, by version.
struct Migrations(EmbeddedMigrations);

impl<DB: Backend> MigrationSource<DB> for Migrations {
    fn migrations(&self) -> diesel::migration::Result<Vec<Box<dyn Migration<DB>>>> {
        let mut all = MigrationSource::<DB>::migrations(&COMMON)?;
        all.extend(self.0.migrations()?);
        all.sort_by(|one, other| one.name().version().cmp(&other.name().version()));
        Ok(all)
    }
}

/// Runs the pending migrations and answers their names. On PostgreSQL a lock makes sure that one instance runs them.
///
/// # Errors
/// The error of the migration that fails; it is rolled back.
pub fn run(conn: &mut Conn) -> Result<Vec<String>> {
    let [take, give_back] = advisory::of_session(Lock::Migrations);
    if let Conn::Postgres(c) = conn {
        // A migration of many rows takes longer than the usual timeouts.
        c.batch_execute(&format!("SET statement_timeout = 0; SET lock_timeout = 0; {take}"))?;
    }
    let done = match conn {
        Conn::Sqlite(c) => c.run_pending_migrations(SQLITE).map(names),
        Conn::Postgres(c) => c.run_pending_migrations(POSTGRES).map(names),
    };
    let done = done.map_err(in_words).and_then(|done| finish(conn, done));
    if let Conn::Postgres(c) = conn {
        c.batch_execute(&give_back)?;
    }
    done
}

/// Brings the index of words up to date, unless a newer version has been here: its index is right for it, and this version
/// would make the old one again.
fn finish(conn: &mut Conn, done: Vec<String>) -> Result<Vec<String>> {
    let newer = newer(conn)?;
    if newer.is_empty() {
        index::bring_up_to_date(conn)?;
    } else {
        tracing::warn!(migrations = newer.join(", "), "{NEWER}");
    }
    Ok(done)
}

/// What to know about a database that a newer version has migrated.
pub const NEWER: &str = "this database was migrated by a newer version of Hearback. The version before it goes on with such \
     a database, for the time of an update; start the newer version here soon, and none that is older still";

/// The versions of migrations that ran here and that this program does not know: those of a newer one.
pub fn newer(conn: &mut Conn) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Ran {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    if !began(conn)? {
        return Ok(Vec::new());
    }
    let query = diesel::sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version");
    let ran: Vec<Ran> = conn::on_each!(conn, c => query.load(c))?;
    // A version is the digits of the date and the number.
    let digits = |name: &str| name.split('_').next().unwrap_or_default().replace('-', "");
    let known: Vec<String> = all(conn).map_err(in_words)?.iter().map(|name| digits(name)).collect();
    Ok(ran.into_iter().map(|ran| ran.version).filter(|version| !known.contains(version)).collect())
}

/// Opens the database and runs the pending migrations; see [`run`]. On SQLite a lock on the folder makes sure that one
/// process runs them: several may start at once on an empty file.
///
/// # Errors
/// As for [`run`], and 503 where the database can't be opened.
pub(in crate::store) fn open_and_run(location: &Location) -> Result<Vec<String>> {
    let _turn = match location {
        Location::Sqlite(path) => {
            let path = std::path::Path::new(path);
            let turn = wait_for_turn(path);
            // Created here, because SQLite would make it readable for everyone. If that fails, opening it reports why.
            let _ = private::create(path);
            turn
        }
        Location::Postgres(_) => None,
    };
    run(&mut conn::reach(location, true)?)
}

/// The lock lasts as long as the returned file is open; `None` on a file system without locks.
fn wait_for_turn(database: &std::path::Path) -> Option<std::fs::File> {
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = std::fs::File::open(folder.unwrap_or(std::path::Path::new("."))).ok()?;
    folder.lock().ok()?;
    Some(folder)
}

/// The migrations that have not run yet.
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

/// Whether any migration has run here. Diesel would create its table if it is missing, but this check must not write.
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

#[cfg(test)]
mod tests {
    use diesel::sql_types::{Binary, Text};

    use super::*;
    use crate::domain::base::Id;
    use crate::store::base::types::{DbId, DbTime, TimeSql, UuidSql};

    fn versions<DB: Backend>(source: &Migrations) -> Vec<String> {
        let all = MigrationSource::<DB>::migrations(source).expect("migrations");
        all.iter().map(|migration| migration.name().version().to_string()).collect()
    }

    #[test]
    fn the_migrations_of_both_databases_stand_among_the_own_ones_by_version() {
        let (sqlite, postgres) = (versions::<Sqlite>(&SQLITE), versions::<Pg>(&POSTGRES));
        assert_eq!(sqlite, postgres);
        let common = MigrationSource::<Sqlite>::migrations(&COMMON).expect("migrations");
        assert!(common.iter().all(|migration| sqlite.contains(&migration.name().version().to_string())));
        assert!(sqlite.is_sorted());
    }

    #[derive(Debug, PartialEq, QueryableByName)]
    struct Stored {
        #[diesel(sql_type = UuidSql)]
        id: DbId,
        #[diesel(sql_type = TimeSql)]
        at: DbTime,
        #[diesel(sql_type = Binary)]
        bytes: Vec<u8>,
        #[diesel(sql_type = Text)]
        types: String,
    }

    #[test]
    fn sqlite_keeps_what_it_is_given_in_columns_of_the_types_of_postgresql() {
        let mut conn = SqliteConnection::establish(":memory:").expect("a database");
        conn.batch_execute(
            "CREATE TABLE t (id UUID PRIMARY KEY NOT NULL, at TIMESTAMPTZ NOT NULL, bytes BYTEA NOT NULL)",
        )
        .expect("a table");
        let (id, at, bytes) =
            (DbId(Id::next()), DbTime(crate::domain::base::Time(1_764_000_000_123_456)), b"12".to_vec());
        diesel::sql_query("INSERT INTO t (id, at, bytes) VALUES (?, ?, ?)")
            .bind::<UuidSql, _>(id)
            .bind::<TimeSql, _>(at)
            .bind::<Binary, _>(&bytes)
            .execute(&mut conn)
            .expect("a row");
        let query = "SELECT *, typeof(id) || ' ' || typeof(at) || ' ' || typeof(bytes) AS types FROM t";
        let stored: Stored = diesel::sql_query(query).get_result(&mut conn).expect("a row");
        assert_eq!(stored, Stored { id, at, bytes, types: "blob integer blob".to_owned() });
    }
}
