//! One connection type over both databases, and the pool of them.

use diesel::backend::Backend;
use diesel::connection::{Connection, SimpleConnection};
use diesel::query_builder::{AstPass, BoxedSqlQuery, Query, QueryFragment, QueryId, SqlQuery};
use diesel::r2d2::{ManageConnection, Pool, R2D2Connection};
use diesel::{ConnectionError, MultiConnection, PgConnection, QueryResult, RunQueryDsl, SqliteConnection};

use crate::domain::base::passwords;
use crate::error::{Code, Error};
use crate::store::health::private;

/// A connection to SQLite or PostgreSQL.
#[derive(MultiConnection)]
pub enum Conn {
    /// The embedded default.
    Sqlite(SqliteConnection),
    /// The way up.
    Postgres(PgConnection),
}

/// Runs one expression on the connection underneath: for what diesel can't express over both (upserts, multi-row
/// inserts).
macro_rules! on_each {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            $crate::store::base::conn::Conn::Sqlite($c) => $body,
            $crate::store::base::conn::Conn::Postgres($c) => $body,
        }
    };
}
pub(in crate::store) use on_each;

/// Inserts a slice of rows: one statement for all on PostgreSQL, where each round trip costs; one by one on SQLite, where
/// a statement of a fixed shape is prepared once and the next row costs next to nothing.
macro_rules! insert_rows {
    ($conn:expr, $table:expr, $rows:expr) => {
        match $conn {
            $crate::store::base::conn::Conn::Sqlite(c) => {
                for row in $rows {
                    diesel::insert_into($table).values(row).execute(c)?;
                }
            }
            $crate::store::base::conn::Conn::Postgres(c) => {
                diesel::insert_into($table).values($rows).execute(c)?;
            }
        }
    };
}
pub(in crate::store) use insert_rows;

/// The rows whose column has one of these keys: one statement for all on PostgreSQL; key by key on SQLite, where a
/// list of another length is another statement, and preparing it costs more than running it.
macro_rules! load_each {
    ($conn:expr, $query:expr, $column:expr, $keys:expr) => {
        match $conn {
            $crate::store::base::conn::Conn::Sqlite(c) => {
                let mut found = Vec::new();
                for key in $keys {
                    found.extend($query.filter($column.eq(key)).load(c)?);
                }
                found
            }
            $crate::store::base::conn::Conn::Postgres(c) => $query.filter($column.eq_any($keys)).load(c)?,
        }
    };
}
pub(in crate::store) use load_each;

/// Keeps a row from other writers until the commit, so that what is read after it and written back overwrites nobody's
/// change. SQLite has one writer anyway.
macro_rules! lock_row {
    ($tx:expr, $table:ident, $id:expr) => {
        if let $crate::store::base::conn::Conn::Postgres(c) = &mut *$tx.conn {
            let held = $table::table.filter($table::id.eq($crate::store::base::types::DbId($id))).select($table::id);
            held.for_no_key_update().load::<$crate::store::base::types::DbId>(c)?;
        }
    };
}
pub(in crate::store) use lock_row;

/// An update or a statement in SQL that runs often: diesel prepares every such anew, because its shape may differ from
/// time to time; what is wrapped in this always has the same, and is prepared once a connection. Only on the connection
/// underneath.
pub(in crate::store) struct Prepared<Q>(pub Q);

impl<Q: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Prepared<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q> QueryId for Prepared<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Prepared<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C> RunQueryDsl<C> for Prepared<Q> {}

/// A statement of PostgreSQL with many parameters, whose type does not grow with them.
pub(in crate::store) type Statement<'a> = BoxedSqlQuery<'a, diesel::pg::Pg, SqlQuery>;

impl Prepared<Statement<'_>> {
    /// Runs what answers no rows. Not by `execute`: it takes the statement by reference, and through one diesel does not
    /// see that it is to be kept, so that it would be parsed and planned anew each time.
    pub fn run(self, conn: &mut PgConnection) -> QueryResult<()> {
        self.load::<NoRow>(conn).map(drop)
    }
}

#[derive(diesel::QueryableByName)]
struct NoRow {
    #[diesel(sql_type = diesel::sql_types::Integer, column_name = "none")]
    _none: i32,
}

/// A query with its limit in its text: PostgreSQL plans one whose limit is a parameter anew each time, and for a page of
/// joined rows that takes several times as long as running it. Only on the connection underneath.
pub(in crate::store) struct About<Q> {
    limit: i64,
    query: Q,
}

impl<Q> About<Q> {
    /// `limit` rows, or a few more, of a query that has no limit of its own: each limit is another statement, and every
    /// statement is kept, so that there are few limits.
    pub fn rows(limit: i64, query: Q) -> Self {
        Self { limit: [1, 21, 51, 101].into_iter().find(|few| *few >= limit).unwrap_or(limit), query }
    }
}

impl<Q: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for About<Q> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.query.walk_ast(pass.reborrow())?;
        pass.push_sql(" LIMIT ");
        pass.push_sql(&self.limit.to_string());
        Ok(())
    }
}

impl<Q> QueryId for About<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for About<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C> RunQueryDsl<C> for About<Q> {}

/// Where the data is: what `DATABASE_URL` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A file.
    Sqlite(String),
    /// A `postgres://` URL.
    Postgres(String),
}

impl Location {
    /// Reads a `DATABASE_URL`.
    ///
    /// # Errors
    /// A sentence that says what a URL looks like.
    pub fn parse(url: &str) -> Result<Self, String> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        match url.strip_prefix("sqlite://") {
            Some(path) if !path.is_empty() => Ok(Self::Sqlite(path.to_owned())),
            _ => Err("must be sqlite://PATH or postgres://USER@HOST/DATABASE".to_owned()),
        }
    }
}

/// Opens connections for a [`Pool`].
#[derive(Clone, Debug)]
pub struct Manager {
    /// Where to.
    pub location: Location,
    /// Whether they may write (SQLite; on PostgreSQL every connection may).
    pub writes: bool,
}

/// WAL lets reads go on beside the one writer; FULL makes every commit wait for the disk.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA secure_delete = FAST; PRAGMA cache_size = -4000; PRAGMA temp_store = MEMORY;";
/// By its default the planner thinks of disks that turn: for a page of twenty it would read a table of some hundreds of
/// rows whole, and hash it, rather than look twenty of them up.
const POSTGRES_SETTINGS: &str = "SET TIME ZONE 'UTC'; SET synchronous_commit = on; SET lock_timeout = '5s'; \
     SET client_min_messages = warning; SET random_page_cost = 1.1; SET statement_timeout = '20s';";

/// What is written goes by keys, for which one plan is as good as another; making one for each row takes longer than
/// running it.
const POSTGRES_WRITER_SETTINGS: &str =
    "SET plan_cache_mode = force_generic_plan; SET idle_in_transaction_session_timeout = '60s';";

/// How long libpq tries to connect, and when it takes a connection for dead: the way to the server, or its machine, may be
/// gone without a word. In seconds, but the last, which is in milliseconds.
const POSTGRES_LIMITS: [(&str, &str); 6] = [
    ("connect_timeout", "5"),
    ("keepalives", "1"),
    ("keepalives_idle", "15"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "20000"),
];

/// The URL with what it does not say itself of limits, and the name that the server's views show.
fn with_limits(url: &str) -> String {
    let mut url = url.to_owned();
    for (name, value) in POSTGRES_LIMITS.into_iter().chain([("application_name", "hearback")]) {
        let query = url.split_once('?').map(|(_, query)| query);
        if !query.unwrap_or_default().split('&').any(|pair| pair.split('=').next() == Some(name)) {
            url.push(if query.is_some() { '&' } else { '?' });
            url.push_str(&format!("{name}={value}"));
        }
    }
    url
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = ConnectionError;

    fn connect(&self) -> Result<Conn, ConnectionError> {
        let mut conn = match &self.location {
            Location::Sqlite(path) => Conn::Sqlite(SqliteConnection::establish(path)?),
            Location::Postgres(url) => {
                let hidden = |e: ConnectionError| ConnectionError::BadConnection(passwords::hide(&e.to_string(), url));
                Conn::Postgres(PgConnection::establish(&with_limits(url)).map_err(hidden)?)
            }
        };
        let settings = match (&conn, self.writes) {
            (Conn::Postgres(_), true) => format!("{POSTGRES_SETTINGS} {POSTGRES_WRITER_SETTINGS}"),
            (Conn::Postgres(_), false) => POSTGRES_SETTINGS.to_owned(),
            (Conn::Sqlite(_), true) => SQLITE_SETTINGS.to_owned(),
            (Conn::Sqlite(_), false) => format!("{SQLITE_SETTINGS} PRAGMA query_only = ON;"),
        };
        conn.batch_execute(&settings).map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(conn)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), ConnectionError> {
        conn.ping().map_err(ConnectionError::CouldntSetupConfiguration)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}

/// Connects once, without a pool that would try again; for who can do something about it.
///
/// # Errors
/// 503 with the database's own words: for a terminal, never for a caller of the API.
pub fn reach(location: &Location, writes: bool) -> Result<Conn, Error> {
    let manager = Manager { location: location.clone(), writes };
    manager.connect().map_err(|e| Error::new(Code::Unavailable, cant_open(location, &e)))
}

/// Why a database can't be opened, in a sentence.
fn cant_open(location: &Location, error: &ConnectionError) -> String {
    let words: Vec<String> = error.to_string().split_whitespace().map(str::to_owned).collect();
    let words = words.join(" ");
    match location {
        Location::Sqlite(path) => {
            let why = why_not(std::path::Path::new(path)).unwrap_or_else(|| words.trim_end_matches('.').to_owned());
            format!("The database {path} can't be opened: {why}.")
        }
        Location::Postgres(_) => format!("The database can't be opened: {}.", words.trim_end_matches('.')),
    }
}

/// What the system says of a file that SQLite can't open for writing; SQLite itself does not say.
pub(in crate::store) fn why_not(path: &std::path::Path) -> Option<String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder
        && !folder.is_dir()
    {
        return Some(format!("the folder {} is not there", folder.display()));
    }
    if path.is_dir() {
        return Some("it is a folder".to_owned());
    }
    for file in [path.to_owned(), private::beside(path, "-wal"), private::beside(path, "-shm")] {
        if file.exists() && !may(&file, libc::W_OK) {
            return Some(format!("{} may not be written by this user", file.display()));
        }
    }
    let folder = folder.unwrap_or(std::path::Path::new("."));
    (!may(folder, libc::W_OK)).then(|| format!("this user may not create files in {}", folder.display()))
}

fn may(path: &std::path::Path, what: libc::c_int) -> bool {
    use std::os::unix::ffi::OsStrExt;
    let Ok(path) = std::ffi::CString::new(path.as_os_str().as_bytes()) else { return true };
    // SAFETY: a path that ends with a zero; nothing is kept. Opening the file instead would end SQLite's locks on it.
    unsafe { libc::access(path.as_ptr(), what) == 0 }
}

/// A pool of `size` connections that opens them as they are needed.
pub fn pool(location: &Location, writes: bool, size: u32) -> Pool<Manager> {
    Pool::builder()
        .max_size(size)
        .min_idle(Some(0))
        .test_on_check_out(false)
        .idle_timeout(Some(std::time::Duration::from_secs(600)))
        .connection_timeout(std::time::Duration::from_secs(3))
        .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
        .build_unchecked(Manager { location: location.clone(), writes })
}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;
    use diesel::sql_types::Text;

    #[derive(QueryableByName)]
    struct CompileOption {
        #[diesel(sql_type = Text)]
        compile_options: String,
    }

    #[test]
    fn a_url_keeps_what_it_says_itself_and_gets_the_other_limits() {
        let bare = super::with_limits("postgres://kim@db/hearback");
        assert!(bare.starts_with("postgres://kim@db/hearback?connect_timeout=5&keepalives=1&"), "{bare}");
        let own = super::with_limits("postgres://kim@db/hearback?connect_timeout=9&sslmode=require");
        assert!(own.contains("connect_timeout=9&") && !own.contains("connect_timeout=5"), "{own}");
        assert!(own.ends_with("&application_name=hearback"), "{own}");
    }

    #[test]
    fn sqlite_is_compiled_as_the_cargo_configuration_says() {
        let mut conn = SqliteConnection::establish(":memory:").expect("a database");
        let options: Vec<CompileOption> = diesel::sql_query("PRAGMA compile_options").load(&mut conn).expect("options");
        let has = |name: &str| options.iter().any(|option| option.compile_options == name);
        assert!(has("ENABLE_QPSG") && has("ENABLE_FTS5") && !has("ENABLE_STAT4"), "see .cargo/config.toml");
    }
}
