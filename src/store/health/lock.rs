//! The lock that allows one server per SQLite file. Each server keeps state of the database in memory (the engine's
//! state, verified tokens, the identity of the files), and a second server would make it wrong. The lock ends with its
//! process, however the process ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use super::private;
use crate::error::{Code, Error, Result};

/// How long to wait for a server that is shutting down.
const PATIENCE: Duration = Duration::from_secs(3);
/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// Takes the lock of a database's file; the lock file is beside it.
///
/// # Errors
/// 409 where another server has it, 503 where the lock file can't be created.
pub(in crate::store) fn take(database: &Path) -> Result<File> {
    let path = private::beside(database, ".lock");
    let cant =
        |e: std::io::Error| Error::new(Code::Unavailable, format!("The lock {} can't be made: {e}.", path.display()));
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
    let mut file = open.map_err(cant)?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if began.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => return Err(taken(database, &mut file)),
            Err(TryLockError::Error(e)) if e.kind() == std::io::ErrorKind::Unsupported => {
                tracing::warn!(path = %path.display(), "this file system has no locks: let no second server use this file");
                break;
            }
            Err(TryLockError::Error(e)) => return Err(cant(e)),
        }
    }
    // Read by the next server that wants the lock, for its error message.
    let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(file)
}

fn taken(database: &Path, file: &mut File) -> Error {
    let mut pid = String::new();
    let _ = file.read_to_string(&mut pid);
    let by = pid.trim().parse::<u32>().map(|pid| format!(" (process {pid})")).unwrap_or_default();
    let detail = format!(
        "Another server{by} already serves {}. One SQLite file takes one server; for several, use PostgreSQL.",
        database.display()
    );
    Error::new(Code::Conflict, detail)
}
