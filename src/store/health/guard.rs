//! A guard that notices when the files of a SQLite database are no longer the open ones: removed, moved, or overwritten
//! by a restore. Writes would then be lost at the next start, so no more writes are accepted.
//!
//! Device and inode identify the files. An overwritten file keeps both, so the database also carries a stamp, SQLite's
//! `user_version`, which changes with the first transaction after each checkpoint. The file itself then holds the stamp
//! of the last checkpoint: an older copy has an older stamp, and a copy with the same stamp has the same content.

use std::fs::{File, Metadata};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::lock;
use super::private::beside;
use crate::error::{Code, Error, Result};
use crate::store::base::conn::{self, Conn, Location};
use crate::store::base::migrate;
use crate::store::{Store, unavailable};

/// The position of the stamp in the header of the file.
const STAMP: std::ops::Range<usize> = 60..64;
/// The first bytes of a SQLite file.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// The guard of a database's files; inactive until it is told to watch. Clones share the state.
#[derive(Clone, Default)]
pub(in crate::store) struct Guard(Arc<Mutex<GuardState>>);

#[derive(Default)]
struct GuardState {
    watched: Option<DatabaseFile>,
    /// What is wrong with the files.
    trouble: Option<String>,
}

struct DatabaseFile {
    path: PathBuf,
    /// Kept open until the process ends: closing any handle on a file releases SQLite's own locks on it.
    file: &'static File,
    /// The database, its write-ahead log and the log's index: path and identity of each.
    ids: [(PathBuf, FileId); 3],
    /// The last stamp seen in the file.
    stamp: u32,
    /// The stamps given out since then; the next checkpoint may write any of them to the file.
    next: std::ops::RangeInclusive<u32>,
    /// The modification time of the file; it changes only at checkpoints.
    written: ModifiedAt,
    /// Whether the file was overwritten. Then the current content may look valid, but the earlier content is lost.
    overwritten: bool,
    /// A connection that stays open: when the last connection closes, SQLite removes the log.
    _keeper: Arc<Mutex<Conn>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct FileId(u64, u64);

/// The modification time of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
struct ModifiedAt(i64, i64);

/// The stamp of a transaction, and what was known of the file when it was given out.
#[derive(Clone, Copy)]
pub(in crate::store) struct Stamp {
    pub(in crate::store) number: u32,
    written: ModifiedAt,
}

impl FileId {
    fn of(found: &Metadata) -> Self {
        Self(found.dev(), found.ino())
    }
}

impl Guard {
    /// Starts to watch. `keeper` must have read from the database, so that its log exists.
    pub(in crate::store) fn watch(&self, path: &Path, keeper: Conn, first: u32) -> std::io::Result<()> {
        let paths = [path.to_owned(), beside(path, "-wal"), beside(path, "-shm")];
        let id = |path: PathBuf| std::fs::metadata(&path).map(|found| (path, FileId::of(&found)));
        let [main, log, index] = paths;
        let ids = [id(main)?, id(log)?, id(index)?];
        let file: &'static File = Box::leak(Box::new(File::open(path)?));
        let stamp = stamp_in(file).unwrap_or_default();
        let watched = DatabaseFile {
            path: path.to_owned(),
            file,
            ids,
            stamp,
            next: first..=first - 1,
            // No time seen yet: the first transaction sets a stamp.
            written: ModifiedAt(0, 0),
            overwritten: false,
            _keeper: Arc::new(Mutex::new(keeper)),
        };
        self.state().watched = Some(watched);
        Ok(())
    }

    /// Stops watching: the connections that close next may remove the log.
    pub(in crate::store) fn rest(&self) {
        self.state().watched = None;
    }

    /// The stamp that the transaction about to begin must set, if it must set one.
    pub(in crate::store) fn due(&self) -> Option<Stamp> {
        let mut state = self.state();
        let watched = state.watched.as_mut()?;
        let found = watched.file.metadata().ok()?;
        // Read before the commit, which may end with a checkpoint.
        let written = ModifiedAt(found.mtime(), found.mtime_nsec());
        if written == watched.written {
            return None;
        }
        // The file may hold this stamp from now on: a checkpoint may be seen before the commit has answered.
        let number = watched.next.end() + 1;
        watched.next = *watched.next.start()..=number;
        Some(Stamp { number, written })
    }

    /// Notes that a transaction with this stamp is committed.
    pub(in crate::store) fn stamped(&self, stamp: Stamp) {
        if let Some(watched) = &mut self.state().watched {
            watched.written = stamp.written;
        }
    }

    /// Checks the files. A problem stays known until the files are right again.
    ///
    /// # Errors
    /// 503 where they are not the open files.
    pub(in crate::store) fn check(&self) -> Result<()> {
        let mut state = self.state();
        let Some(watched) = &mut state.watched else { return Ok(()) };
        let (path, found) = (watched.path.clone(), watched.look());
        if let Some(trouble) = &found
            && state.trouble.is_none()
        {
            tracing::error!(path = %path.display(), trouble, "the database's files have changed: nothing is written any more");
        } else if found.is_none() && state.trouble.is_some() {
            tracing::info!(path = %path.display(), "the database's files are the open ones again");
        }
        state.trouble = found;
        state.trouble.as_deref().map_or(Ok(()), |trouble| Err(refused(trouble)))
    }

    /// The result of the last check.
    ///
    /// # Errors
    /// As for [`Guard::check`].
    pub(in crate::store) fn known(&self) -> Result<()> {
        self.state().trouble.as_deref().map_or(Ok(()), |trouble| Err(refused(trouble)))
    }

    fn state(&self) -> MutexGuard<'_, GuardState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DatabaseFile {
    fn look(&mut self) -> Option<String> {
        let names = ["the database's file", "the database's write-ahead log", "the index of the write-ahead log"];
        for (name, (path, id)) in names.iter().zip(&self.ids) {
            match std::fs::metadata(path) {
                Err(_) => return Some(format!("{name} was removed or moved")),
                Ok(found) if FileId::of(&found) != *id => return Some(format!("{name} was replaced by another")),
                Ok(_) => {}
            }
        }
        match stamp_in(self.file) {
            Some(stamp) if stamp == self.stamp => {}
            Some(stamp) if self.next.contains(&stamp) => {
                self.stamp = stamp;
                self.next = stamp..=*self.next.end();
            }
            _ => self.overwritten = true,
        }
        self.overwritten.then(|| "the database's file was written over by another program".to_owned())
    }
}

impl Store {
    /// Makes sure that no other server uses a SQLite file, until this process ends. On PostgreSQL there may be several
    /// servers.
    ///
    /// # Errors
    /// 409 where another server uses it.
    pub fn serve_alone(&self) -> Result<()> {
        if let Location::Sqlite(path) = &self.location {
            *self.lock.lock().unwrap_or_else(|e| e.into_inner()) = Some(lock::take(Path::new(path))?);
        }
        Ok(())
    }

    /// Starts the guard: when the files of a SQLite database are removed or replaced, writes are refused.
    ///
    /// # Errors
    /// 503 where the database is not reachable.
    pub fn watch_files(&self) -> Result<()> {
        let Location::Sqlite(path) = &self.location else { return Ok(()) };
        let mut keeper = conn::reach(&self.location, true)?;
        // Reads something, so that the log exists.
        migrate::pending(&mut keeper)?;
        let mut random = [0; 4];
        getrandom::fill(&mut random).map_err(Error::internal)?;
        // Far below the maximum, so that it can grow.
        let first = (u32::from_be_bytes(random) >> 2) + 1;
        self.guard.watch(Path::new(path), keeper, first).map_err(unavailable)
    }

    /// Checks that the database's files are still the open ones.
    ///
    /// # Errors
    /// 503 where they are not.
    pub fn check_files(&self) -> Result<()> {
        self.guard.check()
    }
}

fn stamp_in(file: &File) -> Option<u32> {
    let mut header = [0; 100];
    file.read_exact_at(&mut header, 0).ok()?;
    let stamp: [u8; 4] = header[STAMP].try_into().ok()?;
    header.starts_with(MAGIC).then(|| u32::from_be_bytes(stamp))
}

fn refused(trouble: &str) -> Error {
    let detail = format!(
        "While the server runs, {trouble}: nothing is read or written any more, so that nothing is lost unnoticed. Stop \
         the server, put the right file in place, and start it again."
    );
    Error::new(Code::Unavailable, detail)
}
