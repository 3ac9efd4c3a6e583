//! The connection type over both databases, and the pool of connections.

use std::time::Duration;

use diesel::backend::Backend;
use diesel::connection::{
    AnsiTransactionManager as Transactions, CacheSize, Connection, SimpleConnection, TransactionManager,
};
use diesel::query_builder::{AstPass, BoxedSqlQuery, Query, QueryFragment, QueryId, SqlQuery};
use diesel::r2d2::{ManageConnection, Pool, R2D2Connection};
use diesel::{ConnectionError, MultiConnection, PgConnection, QueryResult, RunQueryDsl, SqliteConnection};

use super::work::address::{Addresses, with_limits};
use crate::domain::base::passwords;
use crate::error::{Code, Error};
use crate::store::health::private;

pub use super::work::address::Location;

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

/// What a connection does before it serves a request.
pub type Prepare = fn(&mut Conn) -> Result<(), Error>;

/// Opens connections for a [`Pool`].
#[derive(Clone, Debug)]
pub struct Manager {
    /// The database to connect to.
    pub location: Location,
    /// Whether the connections may write (SQLite only; on PostgreSQL every connection may).
    pub writes: bool,
    /// Whether a pooler in transaction mode stands before the server: each transaction may then be on another connection
    /// to it, so nothing is left in a session; see [`begin_pooled`].
    pub pooled: bool,
    /// What else is done with a new connection.
    pub prepare: Option<Prepare>,
}

/// WAL lets reads run beside the one writer. FULL makes every commit wait for the disk.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA secure_delete = FAST; PRAGMA cache_size = -4000; PRAGMA temp_store = MEMORY;";
/// `random_page_cost` is lowered because the default assumes spinning disks: for a page of twenty rows, the planner
/// would read and hash a whole table of some hundred rows instead of doing twenty index look-ups. No statement runs on several
/// processors, which belong to other requests, and none is compiled (`jit`), which takes longer than most of them run.
const POSTGRES_SETTINGS: [(&str, &str); 8] = [
    ("timezone", "UTC"),
    ("synchronous_commit", "on"),
    ("lock_timeout", "5s"),
    ("client_min_messages", "warning"),
    ("random_page_cost", "1.1"),
    ("statement_timeout", "20s"),
    ("jit", "off"),
    ("max_parallel_workers_per_gather", "0"),
];

/// Generic plans: writes address rows by key, and planning each row takes longer than running it. A plan stays while the
/// tables grow a thousandfold, as in the first import, so it may not be one that is good for small tables only: it finds
/// rows by indexes, one by one.
const POSTGRES_WRITER_SETTINGS: [(&str, &str); 5] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("idle_in_transaction_session_timeout", "60s"),
];

/// The statements with our settings on PostgreSQL, for a session or for a transaction (`LOCAL`).
fn postgres_settings(writes: bool, set: &str) -> String {
    let more = if writes { &POSTGRES_WRITER_SETTINGS[..] } else { &[] };
    let all = POSTGRES_SETTINGS.iter().chain(more);
    all.map(|(name, value)| format!("{set} {name} = '{value}'; ")).collect()
}

/// The statement that begins a transaction through a pooler in transaction mode. The settings are those of the transaction:
/// a session's would stay on a connection that other programs use too.
pub(in crate::store) fn begin_pooled(writes: bool) -> &'static str {
    static BEGINNINGS: std::sync::LazyLock<[String; 2]> = std::sync::LazyLock::new(|| {
        [false, true].map(|writes| format!("BEGIN; {}", postgres_settings(writes, "SET LOCAL")))
    });
    &BEGINNINGS[usize::from(writes)]
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = ConnectionError;

    fn connect(&self) -> Result<Conn, ConnectionError> {
        let mut conn = match &self.location {
            Location::Sqlite(path) => Conn::Sqlite(SqliteConnection::establish(path)?),
            Location::Postgres(url) => {
                let hidden = |e: ConnectionError| ConnectionError::BadConnection(passwords::hide(&e.to_string(), url));
                let mut conn = PgConnection::establish(&with_limits(url)).map_err(hidden)?;
                if self.pooled {
                    // A named statement would be on one connection of the pooler, and be asked for on another.
                    conn.set_prepared_statement_cache_size(CacheSize::Disabled);
                }
                Conn::Postgres(conn)
            }
        };
        let settings = match (&conn, self.writes) {
            (Conn::Postgres(_), _) if self.pooled => String::new(),
            (Conn::Postgres(_), writes) => postgres_settings(writes, "SET"),
            (Conn::Sqlite(_), true) => SQLITE_SETTINGS.to_owned(),
            (Conn::Sqlite(_), false) => format!("{SQLITE_SETTINGS} PRAGMA query_only = ON;"),
        };
        if !settings.is_empty() {
            conn.batch_execute(&settings).map_err(ConnectionError::CouldntSetupConfiguration)?;
        }
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
    let manager = Manager { location: location.clone(), writes, pooled: false, prepare: None };
    manager.connect().map_err(|e| not_opened(location, &e))
}

/// The error of a connection that could not be opened, for a terminal.
pub(in crate::store) fn not_opened(location: &Location, error: &ConnectionError) -> Error {
    Error::new(Code::Unavailable, cant_open(location, error))
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
    Manager { location: location.clone(), writes, pooled: false, prepare: None }.pool(size, PATIENCE)
}

/// As [`pool`], of connections that read, each prepared by this function.
pub fn prepared_pool(location: &Location, size: u32, prepare: fn(&mut Conn) -> Result<(), Error>) -> Pool<Manager> {
    Manager { location: location.clone(), writes: false, pooled: false, prepare: Some(prepare) }.pool(size, PATIENCE)
}

/// As [`pool`], for requests and jobs: through the pooler, where there is one.
pub(in crate::store) fn serving_pool(
    addresses: &Addresses,
    writes: bool,
    size: u32,
    prepare: Option<Prepare>,
) -> Pool<Manager> {
    let (location, pooled) = (addresses.serving().clone(), addresses.pooler.is_some());
    Manager { location, writes, pooled, prepare }.pool(size, PATIENCE)
}

/// How long a caller waits for a free connection.
const PATIENCE: Duration = Duration::from_secs(3);

impl Manager {
    /// A pool of up to `size` such connections; callers wait for one at most `patience`.
    pub(in crate::store) fn pool(self, size: u32, patience: Duration) -> Pool<Manager> {
        Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .idle_timeout(Some(Duration::from_secs(600)))
            .connection_timeout(patience)
            .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
            .build_unchecked(self)
    }
}

/// Runs a read. Through a pooler in transaction mode it is a transaction, which has our settings.
pub(in crate::store) fn run_read<T>(
    conn: &mut Conn,
    pooled: bool,
    work: impl FnOnce(&mut Conn) -> Result<T, Error>,
) -> Result<T, Error> {
    if !pooled {
        return work(conn);
    }
    on_each!(conn, c => Transactions::begin_transaction_sql(c, begin_pooled(false)))?;
    let found = work(conn);
    let ended = match &found {
        Ok(_) => on_each!(conn, c => Transactions::commit_transaction(c)),
        // It fails where the connection is gone; the error of the work says so.
        Err(_) => on_each!(conn, c => Transactions::rollback_transaction(c)).or(Ok(())),
    };
    ended.map_err(Error::from).and(found)
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
    fn sqlite_is_compiled_as_the_cargo_configuration_says() {
        let mut conn = SqliteConnection::establish(":memory:").expect("a database");
        let options: Vec<CompileOption> = diesel::sql_query("PRAGMA compile_options").load(&mut conn).expect("options");
        let has = |name: &str| options.iter().any(|option| option.compile_options == name);
        assert!(has("ENABLE_QPSG") && has("ENABLE_FTS5") && !has("ENABLE_STAT4"), "see .cargo/config.toml");
    }
}
