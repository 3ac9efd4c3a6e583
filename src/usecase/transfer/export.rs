//! Export: all data in one file, for import into another instance with the same ids.

use std::io::Write;

use serde_json::json;

use crate::error::{Code, Error, Result};
use crate::store::Store;
use crate::store::transfer::export;

/// The version of the format, in the first line of an export.
pub const VERSION: u64 = 1;

/// Writes an export: a header line, one line per row, and a last line with the number of rows; answers that number.
///
/// # Errors
/// 507 where `out` can't be written.
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
    // An export without this line was cut off.
    writeln!(out, "{}", json!({ "hearback": "end", "rows": rows })).map_err(failed)?;
    out.flush().map_err(failed)?;
    Ok(rows)
}
