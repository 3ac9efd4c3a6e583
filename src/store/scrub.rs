//! Removing what deleted rows left behind in SQLite's files.
//!
//! `secure_delete` clears the space of a deleted row, but copies of it stay where pages were split or joined before,
//! in free pages and in the write-ahead log. Only writing the file anew from its rows leaves nothing: `VACUUM`.
//! It takes about as long as copying the file, and other writes wait for it.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Integer;

use super::conn::Conn;
use crate::error::Result;

/// The copy is made on disk: it must not take as much memory as the data.
const REWRITE: &str = "PRAGMA temp_store = FILE; VACUUM;";

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

/// Writes the file anew and empties the write-ahead log; nothing to do on PostgreSQL.
///
/// # Errors
/// Those of the database.
pub(super) fn run(conn: &mut Conn) -> Result<()> {
    let Conn::Sqlite(c) = conn else { return Ok(()) };
    c.batch_execute(REWRITE)?;
    // Fails to while a reader still stands on an old page; the busy timeout waits for it.
    for _ in 0..3 {
        let checkpoint: Checkpoint = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(c)?;
        if checkpoint.busy == 0 {
            return Ok(());
        }
    }
    tracing::warn!("the write-ahead log could not be emptied: something reads for long");
    Ok(())
}
