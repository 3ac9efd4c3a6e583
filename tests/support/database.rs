//! A fresh database a test.

use diesel::connection::{Connection, SimpleConnection};
use diesel::{PgConnection, SqliteConnection};
use tempfile::TempDir;

use super::postgres;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// SQLite always; PostgreSQL where there is one.
    pub fn available() -> Vec<Kind> {
        let postgres = postgres::shared().map(|_| Kind::Postgres);
        [Kind::Sqlite].into_iter().chain(postgres).collect()
    }
}

/// A database of a test's own, empty at first, and a folder; both go with it.
pub struct Database {
    pub kind: Kind,
    /// Its `DATABASE_URL`.
    pub url: String,
    /// The server on a PostgreSQL database's maintenance database.
    server: Option<String>,
    folder: TempDir,
}

impl Database {
    /// A fresh one.
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

    /// A SQLite database somewhere else; its folder is for the rest.
    pub fn sqlite_at(file: &std::path::Path) -> Self {
        let url = format!("sqlite://{}", file.display());
        Self { kind: Kind::Sqlite, url, server: None, folder: tempfile::tempdir().expect("a folder") }
    }

    /// A fresh database on this PostgreSQL.
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

    /// A folder of this test's own; a SQLite database is in it.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Runs SQL beside the server, as another program would, and keeps the connection open.
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

/// Another program's connection.
pub enum Open {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Open {
    /// Runs SQL on it.
    pub fn run(&mut self, sql: &str) {
        match self {
            Open::Sqlite(c) => c.batch_execute(sql),
            Open::Postgres(c) => c.batch_execute(sql),
        }
        .unwrap_or_else(|e| panic!("{sql}: {e}"));
    }
}
