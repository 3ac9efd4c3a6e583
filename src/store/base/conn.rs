//! The connection type over both databases, and the pool of connections.

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
    /// The embedded database, the default.
    Sqlite(SqliteConnection),
    /// The database server, for larger installations.
    Postgres(PgConnection),
}

/// Runs one expression on the connection of the concrete database. Needed for statements that diesel can't express over
/// both (upserts, multi-row inserts).
macro_rules! on_each {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            $crate::store::base::conn::Conn::Sqlite($c) => $body,
            $crate::store::base::conn::Conn::Postgres($c) => $body,
        }
    };
}
pub(in crate::store) use on_each;

/// Inserts a slice of rows. PostgreSQL: one statement for all, because each round trip is expensive. SQLite: one
/// statement per row, because a statement of fixed shape is prepared once and each further row is then very cheap.
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

/// Loads the rows whose column has one of these keys. PostgreSQL: one statement for all keys. SQLite: one statement per
/// key, because each list length would be another statement, and preparing it costs more than running it.
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

/// Locks a row until the commit, so that a read followed by a write overwrites no concurrent change. SQLite needs no
/// lock: it has one writer.
macro_rules! lock_row {
    ($tx:expr, $table:ident, $id:expr) => {
        if let $crate::store::base::conn::Conn::Postgres(c) = &mut *$tx.conn {
            let held = $table::table.filter($table::id.eq($crate::store::base::types::DbId($id))).select($table::id);
            held.for_no_key_update().load::<$crate::store::base::types::DbId>(c)?;
        }
    };
}
pub(in crate::store) use lock_row;

/// An update or SQL statement that runs often and always has the same shape. Diesel would prepare it again each time,
/// because it can't know that the shape stays; wrapped in this type, it is prepared once per connection. Works only on
/// the connection of the concrete database.
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

/// A PostgreSQL statement with many parameters; its Rust type does not grow with them.
pub(in crate::store) type Statement<'a> = BoxedSqlQuery<'a, diesel::pg::Pg, SqlQuery>;

impl Prepared<Statement<'_>> {
    /// Runs a statement that answers no rows. `execute` takes the statement by reference, and diesel then does not
    /// cache it: PostgreSQL would parse and plan it on each call.
    pub fn run(self, conn: &mut PgConnection) -> QueryResult<()> {
        self.load::<NoRow>(conn).map(drop)
    }
}

#[derive(diesel::QueryableByName)]
struct NoRow {
    #[diesel(sql_type = diesel::sql_types::Integer, column_name = "none")]
    _none: i32,
}

/// A query with its limit in the SQL text instead of a parameter. PostgreSQL plans a query with a limit parameter again
/// on each call, and for a page of joined rows that takes several times as long as running it. Works only on the
/// connection of the concrete database.
pub(in crate::store) struct About<Q> {
    limit: i64,
    query: Q,
}

impl<Q> About<Q> {
    /// Reads `limit` rows, or a few more, of a query without a limit of its own. The limit is rounded up, because every
    /// limit is another prepared statement that is kept.
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

/// The location of the database, parsed from `DATABASE_URL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// The path of a file.
    Sqlite(String),
    /// A `postgres://` URL.
    Postgres(String),
}

impl Location {
    /// Parses a `DATABASE_URL`.
    ///
    /// # Errors
    /// A sentence that describes a valid URL.
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

/// What a connection does before it serves a request.
pub type Prepare = fn(&mut Conn) -> Result<(), Error>;

/// Opens connections for a [`Pool`].
#[derive(Clone, Debug)]
pub struct Manager {
    /// The database to connect to.
    pub location: Location,
    /// Whether the connections may write (SQLite only; on PostgreSQL every connection may).
    pub writes: bool,
    /// What else is done with a new connection.
    pub prepare: Option<Prepare>,
}

/// WAL lets reads run beside the one writer. FULL makes every commit wait for the disk.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA secure_delete = FAST; PRAGMA cache_size = -4000; PRAGMA temp_store = MEMORY;";
/// `random_page_cost` is lowered because the default assumes spinning disks: for a page of twenty rows, the planner
/// would read and hash a whole table of some hundred rows instead of doing twenty index look-ups.
const POSTGRES_SETTINGS: &str = "SET TIME ZONE 'UTC'; SET synchronous_commit = on; SET lock_timeout = '5s'; \
     SET client_min_messages = warning; SET random_page_cost = 1.1; SET statement_timeout = '20s';";

/// Generic plans: writes address rows by key, so one plan is as good as another, and planning each row takes longer
/// than running it.
const POSTGRES_WRITER_SETTINGS: &str =
    "SET plan_cache_mode = force_generic_plan; SET idle_in_transaction_session_timeout = '60s';";

/// The timeouts of libpq: how long it tries to connect, and after how long without an answer it gives a connection up
/// (the network or the server may be gone without notice). In seconds; the last one in milliseconds.
const POSTGRES_LIMITS: [(&str, &str); 6] = [
    ("connect_timeout", "5"),
    ("keepalives", "1"),
    ("keepalives_idle", "15"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "20000"),
];

/// The URL with default timeouts and application name added where it does not set them.
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
        if let Some(prepare) = self.prepare {
            prepare(&mut conn).map_err(|e| ConnectionError::BadConnection(e.to_string()))?;
        }
        Ok(conn)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), ConnectionError> {
        conn.ping().map_err(ConnectionError::CouldntSetupConfiguration)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}

/// Connects once, without the retries of a pool, for callers who can fix the problem themselves (the command line).
///
/// # Errors
/// 503 with the database's own message: for a terminal, never for an API caller.
pub fn reach(location: &Location, writes: bool) -> Result<Conn, Error> {
    let manager = Manager { location: location.clone(), writes, prepare: None };
    manager.connect().map_err(|e| Error::new(Code::Unavailable, cant_open(location, &e)))
}

/// A sentence that says why the database can't be opened.
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

/// The operating system's reason why a file can't be opened for writing; SQLite does not report it.
pub(in crate::store) fn why_not(path: &std::path::Path) -> Option<String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder
        && !folder.is_dir()
    {
        return Some(format!("the folder {} does not exist", folder.display()));
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
    // SAFETY: the path ends with a NUL and is not kept. Opening the file instead would release SQLite's locks on it.
    unsafe { libc::access(path.as_ptr(), what) == 0 }
}

/// A pool of up to `size` connections, opened on demand.
pub fn pool(location: &Location, writes: bool, size: u32) -> Pool<Manager> {
    pool_of(Manager { location: location.clone(), writes, prepare: None }, size)
}

/// As [`pool`], of connections that are each prepared by this function.
pub fn prepared_pool(location: &Location, writes: bool, size: u32, prepare: Prepare) -> Pool<Manager> {
    pool_of(Manager { location: location.clone(), writes, prepare: Some(prepare) }, size)
}

fn pool_of(manager: Manager, size: u32) -> Pool<Manager> {
    Pool::builder()
        .max_size(size)
        .min_idle(Some(0))
        .test_on_check_out(false)
        .idle_timeout(Some(std::time::Duration::from_secs(600)))
        .connection_timeout(std::time::Duration::from_secs(3))
        .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
        .build_unchecked(manager)
}

#[cfg(test)]
mod tests {
    use crate::store::base::query::*;
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
