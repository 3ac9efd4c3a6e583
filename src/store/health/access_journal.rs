//! The journal of the access log: accesses that were answered and are not yet in the database, in small files outside it. A
//! process that is killed leaves them there, and the next start writes them to the log.
//!
//! Each instance writes files of its own and holds a lock on them; the lock ends with the process. So a file without a lock
//! is of an instance that is gone. A file is written without a flush: that survives the end of the process, which costs a read
//! some microseconds, and not the end of the machine, which would cost it a flush of the disk.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use crate::domain::base::Id;
use crate::domain::privacy::access::log::Access;
use crate::store::health::ledger_file::try_writing;

/// The most files of one process. Once it has this many, it begins no new file and appends to the last one.
const MOST_FILES: usize = 8;
/// The ending of a file that is not locked yet.
const NEW: &str = ".new";
/// How old a file with that ending is when its maker is gone.
const ABANDONED: Duration = Duration::from_secs(60);

/// The file that an access stands in, if it stands in one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticket(Option<u64>);

/// The journal; clones share it. It is none until it is opened.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    files: Arc<Mutex<Option<Files>>>,
    is_open: Arc<AtomicBool>,
}

#[derive(Debug)]
struct Files {
    /// The beginning of the names of all its files.
    base: PathBuf,
    open: BTreeMap<u64, Segment>,
    /// The number of the file that grows.
    current: Option<u64>,
    next: u64,
    /// Whether the last access could not be written.
    fails: bool,
}

#[derive(Debug)]
struct Segment {
    path: PathBuf,
    file: File,
    /// Its accesses that are not in the database yet.
    waiting: usize,
}

impl Journal {
    /// Keeps the journal in files whose names begin so.
    ///
    /// # Errors
    /// If files can't be written or locked there; there is no journal then.
    pub fn open(&self, base: &Path) -> io::Result<()> {
        try_writing(base)?;
        let mut files = Files { base: base.to_owned(), open: BTreeMap::new(), current: None, next: 0, fails: false };
        files.begin()?;
        *self.files() = Some(files);
        self.is_open.store(true, Ordering::Release);
        Ok(())
    }

    fn files(&self) -> MutexGuard<'_, Option<Files>> {
        self.files.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Writes an access, before it is answered. Where that fails, the log says so once, and the access waits in memory alone.
    pub fn note(&self, access: &Access) -> Ticket {
        if !self.is_open.load(Ordering::Acquire) {
            return Ticket(None);
        }
        let Ok(mut line) = serde_json::to_vec(access) else { return Ticket(None) };
        line.push(b'\n');
        let mut files = self.files();
        let Some(files) = files.as_mut() else { return Ticket(None) };
        match files.append(&line) {
            Ok(number) => {
                files.fails = false;
                Ticket(Some(number))
            }
            Err(error) => {
                if !files.fails {
                    tracing::warn!(%error, "{}", WITHOUT);
                }
                files.fails = true;
                Ticket(None)
            }
        }
    }

    /// Ends the file that grows: what comes from now on stands in another one.
    pub fn seal(&self) {
        if let Some(files) = self.files().as_mut()
            && files.open.len() < MOST_FILES
            && files.growing().is_some_and(|segment| segment.waiting > 0)
        {
            files.current = None;
        }
    }

    /// Says that accesses are in the database. A file whose accesses all are there is removed.
    pub fn done(&self, tickets: impl Iterator<Item = Ticket>) {
        let mut files = self.files();
        let Some(files) = files.as_mut() else { return };
        for Ticket(number) in tickets {
            let Some(segment) = number.and_then(|number| files.open.get_mut(&number)) else { continue };
            segment.waiting -= 1;
        }
        let current = files.current;
        files.open.retain(|number, segment| {
            let keep = segment.waiting > 0 || Some(*number) == current;
            if !keep {
                let _ = std::fs::remove_file(&segment.path);
            }
            keep
        });
    }

    /// Removes what is empty at the end of the process.
    pub fn close(&self) {
        self.is_open.store(false, Ordering::Release);
        if let Some(files) = self.files().take() {
            for segment in files.open.values().filter(|segment| segment.waiting == 0) {
                let _ = std::fs::remove_file(&segment.path);
            }
        }
    }
}

/// What the log says while there is no journal.
pub const WITHOUT: &str = "the access log has no journal, because its files can't be written: entries of the last half second would be \
                           lost if this process were killed. It lies beside a SQLite database, and in the working folder with PostgreSQL";

impl Files {
    fn growing(&self) -> Option<&Segment> {
        self.current.and_then(|number| self.open.get(&number))
    }

    /// Begins a new file. It has its name only when it is locked, so that no other instance takes it for one that was left.
    fn begin(&mut self) -> io::Result<u64> {
        let named = |ending: &str| {
            let mut name = self.base.as_os_str().to_owned();
            name.push(format!("-{}{ending}", Id::next()));
            PathBuf::from(name)
        };
        let path = named("");
        let new = path.with_added(NEW);
        let mut options = OpenOptions::new();
        options.create_new(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&new)?;
        file.try_lock().map_err(io::Error::from)?;
        std::fs::rename(&new, &path)?;
        let number = self.next;
        self.next += 1;
        self.open.insert(number, Segment { path, file, waiting: 0 });
        self.current = Some(number);
        Ok(number)
    }

    fn append(&mut self, line: &[u8]) -> io::Result<u64> {
        let number = match self.current {
            Some(number) => number,
            None => self.begin()?,
        };
        let Some(segment) = self.open.get_mut(&number) else { return Err(io::Error::other("no file")) };
        if let Err(error) = segment.file.write_all(line) {
            // A part of a line may stand there: nothing may follow it in this file.
            self.current = None;
            return Err(error);
        }
        segment.waiting += 1;
        Ok(number)
    }
}

/// A file that an instance left which is gone.
#[derive(Debug)]
pub struct Leftover {
    path: PathBuf,
    /// Locked, so that no other instance writes its accesses too.
    _file: File,
    pub accesses: Vec<Access>,
}

impl Leftover {
    /// Removes it: its accesses are in the database.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn remove(&self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

/// The files whose names begin so, of instances that are gone. A last line without an end was never answered and is passed
/// over.
///
/// # Errors
/// Those of the file system.
pub fn leftovers(base: &Path) -> io::Result<Vec<Leftover>> {
    let folder = base.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let begins = base.file_name().map(|name| format!("{}-", name.to_string_lossy())).unwrap_or_default();
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(rest) = name.strip_prefix(&begins) else { continue };
        let id = rest.strip_suffix(NEW).unwrap_or(rest);
        if id.parse::<Id>().is_err() {
            continue;
        }
        if rest.ends_with(NEW) {
            let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
            if age > ABANDONED {
                std::fs::remove_file(entry.path())?;
            }
            continue;
        }
        found.extend(read(&entry.path())?);
    }
    Ok(found)
}

/// Reads a file, unless its instance still runs or another one has just removed it.
fn read(path: &Path) -> io::Result<Option<Leftover>> {
    let mut file = match OpenOptions::new().read(true).append(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    if !path.exists() {
        return Ok(None);
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text)?;
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(&text[..0], |end| &text[..end]);
    let mut accesses = Vec::new();
    for line in whole.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match serde_json::from_slice(line) {
            Ok(access) => accesses.push(access),
            Err(error) => {
                tracing::warn!(%error, file = %path.display(), "a line of the access log's journal is damaged")
            }
        }
    }
    Ok(Some(Leftover { path: path.to_owned(), _file: file, accesses }))
}

/// A path with a longer name.
trait WithAdded {
    fn with_added(&self, ending: &str) -> PathBuf;
}

impl WithAdded for PathBuf {
    fn with_added(&self, ending: &str) -> PathBuf {
        let mut name = self.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::base::Time;
    use crate::domain::privacy::access::log::AccessAct;

    fn access(at: i64) -> Access {
        Access {
            at: Time(at),
            actor: "member".to_owned(),
            who: Id::next(),
            token_id: None,
            address: "203.0.113.7".to_owned(),
            operation: "get_customer".to_owned(),
            act: AccessAct::Read,
            status: 200,
            ids: vec![Id::next()],
            query_hash: Some(vec![1, 2]),
            reason: None,
        }
    }

    fn times(leftovers: &[Leftover]) -> Vec<i64> {
        let mut times: Vec<i64> = leftovers.iter().flat_map(|left| &left.accesses).map(|access| access.at.0).collect();
        times.sort_unstable();
        times
    }

    #[test]
    fn what_is_not_in_the_database_is_left_and_a_running_instance_keeps_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("hearback.db.access");
        let (one, two) = (Journal::default(), Journal::default());
        one.open(&base).unwrap();
        two.open(&base).unwrap();
        let first = one.note(&access(1));
        one.seal();
        let second = one.note(&access(2));
        two.note(&access(3));
        assert_eq!(leftovers(&base).unwrap().len(), 0, "both run");
        one.done([first].into_iter());
        assert_ne!(first, second);
        // The end of a process ends its locks, as dropping the files does.
        drop(one);
        let left = leftovers(&base).unwrap();
        assert_eq!(times(&left), [2], "the first is in the database, the third is of an instance that runs");
        assert_eq!(leftovers(&base).unwrap().len(), 0, "who reads it holds its lock");
        left[0].remove().unwrap();
        drop((left, two));
        assert_eq!(times(&leftovers(&base).unwrap()), [3]);
    }

    #[test]
    fn a_torn_last_line_and_other_files_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("access");
        let line = serde_json::to_string(&access(7)).unwrap();
        let name = format!("access-{}", Id::next());
        std::fs::write(folder.path().join(&name), format!("{line}\nno json\n{line}\n{}", &line[..40])).unwrap();
        std::fs::write(folder.path().join("access-notes.txt"), format!("{line}\n")).unwrap();
        std::fs::write(folder.path().join(format!("{name}.new")), "").unwrap();
        assert_eq!(times(&leftovers(&base).unwrap()), [7, 7]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "reading removes nothing");
    }

    #[test]
    fn files_are_few_and_gone_once_all_is_in_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::default();
        journal.open(&folder.path().join("access")).unwrap();
        let mut tickets = Vec::new();
        for at in 0..50 {
            tickets.push(journal.note(&access(at)));
            journal.seal();
        }
        let files = || std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(files(), MOST_FILES, "while the database takes nothing, the last file grows");
        journal.done(tickets.into_iter());
        assert!(files() <= 1, "{} files", files());
        journal.close();
        assert_eq!(files(), 0);
        assert_eq!(journal.note(&access(1)), Ticket(None), "it is closed");
    }

    #[test]
    fn a_place_that_cannot_be_written_is_an_error_and_there_is_no_journal() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        let journal = Journal::default();
        assert!(journal.open(&folder.path().join("file/access")).is_err());
        assert_eq!(journal.note(&access(1)), Ticket(None));
        journal.done([Ticket(None)].into_iter());
    }
}
