//! Backup: a copy of the whole database in one file.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;

use crate::error::{Code, Error, Result};
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::health::private;

/// Writes the copy; see [`crate::store::Store::backup`]. The file gets its name only once it is complete and on disk.
///
/// # Errors
/// 409 where the file exists already, 422 on PostgreSQL.
pub(in crate::store) fn run(conn: &mut Conn, file: &Path) -> Result<()> {
    let Conn::Sqlite(conn) = conn else {
        let detail = "PostgreSQL has its own tool for this: pg_dump --format=custom --file=FILE \"$DATABASE_URL\".";
        return Err(Error::new(Code::Invalid, detail));
    };
    if file.exists() {
        return Err(Error::new(Code::Conflict, format!("{} exists already; name a new file.", file.display())));
    }
    let mut partial = file.as_os_str().to_owned();
    partial.push(".partial");
    let partial = Path::new(&partial);
    let failed = |e: std::io::Error| Error::new(Code::StorageFull, format!("The copy can't be written: {e}."));
    if partial.exists() {
        std::fs::remove_file(partial).map_err(failed)?;
    }
    private::create(partial).map_err(failed)?;
    let copied = diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(partial.to_string_lossy()).execute(conn);
    // Without the guard's stamp of the original, so that the guard notices when the copy is restored over it.
    let copied = copied.and_then(|_| unstamp(partial));
    if let Err(e) = copied {
        let _ = std::fs::remove_file(partial);
        return Err(Error::new(Code::Unavailable, format!("The copy can't be written: {e}.")));
    }
    std::fs::File::open(partial).and_then(|copy| copy.sync_all()).map_err(failed)?;
    std::fs::rename(partial, file).map_err(failed)
}

fn unstamp(copy: &Path) -> QueryResult<()> {
    let opened = SqliteConnection::establish(&copy.to_string_lossy());
    let mut copy = opened.map_err(|e| diesel::result::Error::QueryBuilderError(e.into()))?;
    copy.batch_execute("PRAGMA user_version = 0")
}
