//! Overwriting what deleted rows left behind in SQLite's files.
//!
//! `secure_delete = FAST` clears the space of a row inside its page, but leaves whole pages that were freed as they
//! are, and the write-ahead log still holds what was written last. Here the free pages are taken up by a table of
//! zeroes, which is dropped again, and the log is emptied. In steps, so that other writes get their turn.

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::conn::Conn;
use crate::error::Result;

/// Pages a step: 16 MB where a page has 4 KB.
const STEP: i64 = 4096;

/// Overwrites every free page and empties the write-ahead log; nothing to do on PostgreSQL.
///
/// # Errors
/// Those of the database.
pub(super) fn run(conn: &mut Conn) -> Result<()> {
    let Conn::Sqlite(c) = conn else { return Ok(()) };
    c.batch_execute("CREATE TABLE IF NOT EXISTS scrubbing (zeroes BLOB)")?;
    let page_size = number(c, "page_size FROM pragma_page_size()")?;
    let mut free = number(c, "freelist_count FROM pragma_freelist_count()")?;
    // Others may free pages meanwhile, which are clean: so many steps and no more.
    for _ in 0..free / STEP + 16 {
        if free == 0 {
            break;
        }
        let bytes = free.min(STEP) * page_size;
        diesel::sql_query("INSERT INTO scrubbing VALUES (zeroblob(?))").bind::<BigInt, _>(bytes).execute(c)?;
        free = number(c, "freelist_count FROM pragma_freelist_count()")?;
    }
    c.batch_execute("DROP TABLE scrubbing")?;
    empty_log(c)
}

/// Fails to while a reader still stands on an old page; then once more, and for good when the log is next reused.
fn empty_log(c: &mut SqliteConnection) -> Result<()> {
    for _ in 0..3 {
        let busy = number(c, "busy FROM pragma_wal_checkpoint('TRUNCATE')")?;
        if busy == 0 {
            return Ok(());
        }
    }
    tracing::warn!("the write-ahead log could not be emptied: something reads for long");
    Ok(())
}

fn number(c: &mut SqliteConnection, expression: &str) -> Result<i64> {
    Ok(diesel::select(sql::<BigInt>(expression)).get_result(c)?)
}
