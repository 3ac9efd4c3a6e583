//! A new database for each test.

use diesel::connection::{Connection, SimpleConnection};
use diesel::{PgConnection, SqliteConnection};
use tempfile::TempDir;

use super::postgres;

/// The kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// SQLite always; PostgreSQL if it is available.
    pub fn available() -> Vec<Kind> {
        let postgres = postgres::shared().map(|_| Kind::Postgres);
        [Kind::Sqlite].into_iter().chain(postgres).collect()
    }
}

/// A separate database, empty at first, and a folder; both are removed when it is dropped.
pub struct Database {
    pub kind: Kind,
    /// Its `DATABASE_URL`.
    pub url: String,
    /// A connection to the maintenance database of a PostgreSQL server.
    server: Option<String>,
    folder: TempDir,
}

impl Database {
    /// Creates a new database.
    pub fn new(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let folder = tempfile::tempdir().expect("a folder");
                let url = format!("sqlite://{}", folder.path().join("hearback.db").display());
                Self { kind, url, server: None, folder }
            }
            Kind::Postgres => Self::on(postgres::shared().expect("asked only where there is one")),
        }
    }

    /// A SQLite database in another place; its folder is for the other files.
    pub fn sqlite_at(file: &std::path::Path) -> Self {
        let url = format!("sqlite://{}", file.display());
        Self { kind: Kind::Sqlite, url, server: None, folder: tempfile::tempdir().expect("a folder") }
    }

    /// Creates a new database on this PostgreSQL server.
    pub fn on(server: &str) -> Self {
        let name = format!("hearback_test_{}", hearback::domain::base::Id::next().0.simple());
        let mut conn = PgConnection::establish(server).expect("PostgreSQL answers");
        conn.batch_execute(&format!("CREATE DATABASE {name}")).expect("may create a database");
        let (address, options) = server.split_once('?').unwrap_or((server, ""));
        let (host, _) = address.rsplit_once('/').expect("postgres://HOST/DATABASE");
        let url = format!("{host}/{name}?{options}");
        let folder = tempfile::tempdir().expect("a folder");
        Self { kind: Kind::Postgres, url, server: Some(server.to_owned()), folder }
    }

    /// The test's folder; it contains the SQLite database.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Runs SQL from outside, as another program would, and keeps the connection open.
    pub fn run(&self, sql: &str) -> Open {
        let mut open = match self.kind {
            Kind::Sqlite => {
                let mut file = SqliteConnection::establish(self.path()).expect("the file opens");
                file.batch_execute("PRAGMA busy_timeout = 5000").expect("it waits for the server's own writes");
                Open::Sqlite(file)
            }
            Kind::Postgres => Open::Postgres(PgConnection::establish(&self.url).expect("PostgreSQL answers")),
        };
        open.run(sql);
        open
    }

    /// The path of a SQLite database.
    pub fn path(&self) -> &str {
        self.url.strip_prefix("sqlite://").expect("a SQLite database")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(server) = &self.server else { return };
        let (address, _) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let (_, name) = address.rsplit_once('/').unwrap_or_default();
        // The server may be stopped on purpose; its folder goes with it then.
        if let Ok(mut conn) = PgConnection::establish(server) {
            let _ = conn.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// A connection of another program.
pub enum Open {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Open {
    /// Runs SQL on this connection.
    pub fn run(&mut self, sql: &str) {
        match self {
            Open::Sqlite(c) => c.batch_execute(sql),
            Open::Postgres(c) => c.batch_execute(sql),
        }
        .unwrap_or_else(|e| panic!("{sql}: {e}"));
    }
}
