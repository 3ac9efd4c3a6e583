//! A new database for each test.

use diesel::connection::{Connection, SimpleConnection};
use diesel::sql_types::Text;
use diesel::{PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
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

/// A separate database, and a folder; both are removed when it is dropped.
pub struct Database {
    pub kind: Kind,
    /// Its `DATABASE_URL`.
    pub url: String,
    /// A connection to the maintenance database of a PostgreSQL server.
    server: Option<String>,
    folder: TempDir,
}

impl Database {
    /// Creates a new database. On PostgreSQL it has the present schema already, which saves half a second.
    pub fn new(kind: Kind) -> Self {
        match (kind, postgres::shared()) {
            (Kind::Postgres, Some(server)) => Self::created(server, postgres::as_a_copy()),
            _ => Self::empty(kind),
        }
    }

    /// Creates a new database without a schema.
    pub fn empty(kind: Kind) -> Self {
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

    /// Creates a new database without a schema on this PostgreSQL server.
    pub fn on(server: &str) -> Self {
        Self::created(server, "")
    }

    fn created(server: &str, how: &str) -> Self {
        let name = format!("hearback_test_{}", hearback::domain::base::Id::next().0.simple());
        let mut conn = PgConnection::establish(server).expect("PostgreSQL answers");
        conn.batch_execute(&format!("CREATE DATABASE {name}{how}")).expect("may create a database");
        let url = postgres::of_server(server, &name);
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

    /// Where these words stand, in upper or lower case: in the files of a SQLite database, deleted rows included; in the
    /// rows of a PostgreSQL database, whose own vacuum clears its files.
    pub fn places_of(&self, words: &[&str]) -> Vec<String> {
        // PostgreSQL shows columns of bytes in hexadecimal.
        let hex = |word: &&str| word.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).chain(words.iter().map(hex)).collect();
        let texts = match self.kind {
            Kind::Sqlite => self.files(),
            Kind::Postgres => self.rows(),
        };
        let mut found = Vec::new();
        for (place, text) in texts {
            for word in &words {
                for (at, _) in text.match_indices(word.as_str()) {
                    let around = text.as_bytes()[at.saturating_sub(60)..text.len().min(at + 60)].to_owned();
                    found.push(format!("{place}: {:?}", String::from_utf8_lossy(&around)));
                }
            }
        }
        found
    }

    /// The bytes of each file as text in lower case.
    fn files(&self) -> Vec<(String, String)> {
        let files = std::fs::read_dir(self.folder()).expect("a folder").map(|entry| entry.expect("a file").path());
        files
            .map(|path| {
                let bytes = std::fs::read(&path).expect("a file").to_ascii_lowercase();
                (path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned())
            })
            .collect()
    }

    /// Every row of every table as text in lower case.
    fn rows(&self) -> Vec<(String, String)> {
        let mut conn = PgConnection::establish(&self.url).expect("PostgreSQL answers");
        let tables = "SELECT tablename::text AS text FROM pg_tables WHERE schemaname = 'public'";
        let tables: Vec<Line> = sql_query(tables).load(&mut conn).expect("the tables");
        assert!(tables.len() > 20, "{} tables", tables.len());
        let mut found = Vec::new();
        for Line { text: table } in tables {
            let rows = format!("SELECT lower(t::text) AS text FROM \"{table}\" t");
            let rows: Vec<Line> = sql_query(rows).load(&mut conn).expect("the rows");
            found.extend(rows.into_iter().map(|row| (table.clone(), row.text)));
        }
        found
    }

    /// Copies a PostgreSQL database to which nobody is connected, as a backup would.
    pub fn back_up(&self) {
        let name = self.name();
        self.on_server(&format!("CREATE DATABASE {name}_copy TEMPLATE {name}"));
    }

    /// Puts the copy of [`Database::back_up`] in the place of the database, to which nobody is connected.
    pub fn put_back(&self) {
        let name = self.name();
        self.on_server(&format!("DROP DATABASE {name}"));
        self.on_server(&format!("ALTER DATABASE {name}_copy RENAME TO {name}"));
    }

    fn name(&self) -> &str {
        let address = self.url.split('?').next().unwrap_or_default();
        address.rsplit('/').next().expect("postgres://HOST/DATABASE")
    }

    fn on_server(&self, sql: &str) {
        let server = self.server.as_deref().expect("a PostgreSQL database");
        let mut conn = PgConnection::establish(server).expect("PostgreSQL answers");
        conn.batch_execute(sql).expect("the statement");
    }

    /// The file of the ledger of erasures of a program that works in the folder.
    pub fn ledger(&self) -> std::path::PathBuf {
        match self.kind {
            Kind::Sqlite => format!("{}.erasures", self.path()).into(),
            Kind::Postgres => self.folder().join(format!("{}.erasures", self.name())),
        }
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

/// A column of text.
#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    text: String,
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
