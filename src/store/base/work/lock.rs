//! Waiting for SQLite's lock while another process writes to the same file, such as a command beside the server.

use std::time::{Duration, Instant};

use diesel::SqliteConnection;
use diesel::connection::{AnsiTransactionManager as Transactions, SimpleConnection};

use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::error;

/// How long a write waits for another process that writes to the same file, and how often it looks.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
const LOCK_LOOK: Duration = Duration::from_micros(500);

/// [`begin_immediate`] waits for a lock, not SQLite.
pub(super) fn look_at_once(conn: &mut Conn) -> Result<()> {
    if let Conn::Sqlite(c) = conn {
        c.batch_execute("PRAGMA busy_timeout = 0")?;
    }
    Ok(())
}

/// Begins to write in SQLite. While another process writes, it asks again at short intervals: SQLite itself would wait up to
/// 100 ms between two looks, and rarely meet the moment between two transactions of a command.
pub(super) fn begin_immediate(conn: &mut SqliteConnection) -> Result<()> {
    let started = Instant::now();
    loop {
        match Transactions::begin_transaction_sql(conn, "BEGIN IMMEDIATE") {
            Err(e) if error::is_locked(&e) && started.elapsed() < LOCK_PATIENCE => std::thread::sleep(LOCK_LOOK),
            begun => return Ok(begun?),
        }
    }
}
