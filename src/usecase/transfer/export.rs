//! Exporting: everything written out, to be imported into another instance with the same ids.

use std::io::Write;

use serde_json::json;

use crate::error::{Code, Error, Result};
use crate::store::Store;
use crate::store::transfer::export;

/// What the first line of an export says of its form; another number is another form.
pub const VERSION: u64 = 1;

/// Writes an export: a line that names it, a line a row, and a line that says how many rows there are; answers that.
///
/// # Errors
/// Those of the database, and 507 where `out` can't be written.
pub fn export(store: &Store, out: &mut impl Write) -> Result<u64> {
    let failed = |e: std::io::Error| Error::new(Code::StorageFull, format!("The export can't be written: {e}."));
    let header = json!({
        "hearback": "export", "version": VERSION, "ends": true, "exported_at": store.clock.now(), "by": env!("CARGO_PKG_VERSION"),
    });
    writeln!(out, "{header}").map_err(failed)?;
    let mut rows = 0;
    store.read_now(|conn| {
        export::all(conn, &mut |line| {
            rows += 1;
            writeln!(out, "{line}").map_err(failed)
        })
    })?;
    // An export that was cut off at the end of a line shows by this line's absence.
    writeln!(out, "{}", json!({ "hearback": "end", "rows": rows })).map_err(failed)?;
    out.flush().map_err(failed)?;
    Ok(rows)
}
