//! The file of the ledger of erasures. It lies outside the database, so that a restored backup of the database does not take
//! it back.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use crate::domain::privacy::ledger::LedgerEntry;
use crate::error::{Code, Error, Result};

/// Tries whether lines can be appended to this file. A missing folder is created; a missing file is not.
///
/// # Errors
/// Those of the file system.
pub fn try_writing(path: &Path) -> io::Result<()> {
    if path.exists() {
        return OpenOptions::new().append(true).open(path).map(drop);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)?;
    }
    let mut probe = path.as_os_str().to_owned();
    probe.push(format!(".{}", std::process::id()));
    OpenOptions::new().create(true).truncate(false).write(true).open(&probe)?;
    std::fs::remove_file(&probe)
}

/// The ledger's file, if there is one; clones share it.
#[derive(Clone, Debug, Default)]
pub struct LedgerFile {
    place: Arc<OnceLock<(PathBuf, bool)>>,
    /// One append at a time, so that an unfinished line is mended once.
    appending: Arc<Mutex<()>>,
}

impl LedgerFile {
    /// Says where the file is, and whether a database of the same name may share it. Only the first call has an effect.
    pub fn set(&self, path: PathBuf, by_name: bool) {
        let _ = self.place.set((path, by_name));
    }

    /// Whether the file may hold erasures of another database of the same name.
    pub fn is_by_name(&self) -> bool {
        self.place.get().is_some_and(|(_, by_name)| *by_name)
    }

    /// Where the file is.
    pub fn path(&self) -> Option<&Path> {
        self.place.get().map(|(path, _)| path.as_path())
    }

    /// Appends lines, and answers when they are on the disk.
    ///
    /// # Errors
    /// 507 where the file can't be written.
    pub fn append(&self, lines: &[String]) -> Result<()> {
        let Some(path) = self.path().filter(|_| !lines.is_empty()) else { return Ok(()) };
        let _one = self.appending.lock().unwrap_or_else(|e| e.into_inner());
        append(path, lines).map_err(|e| {
            let detail = format!(
                "The ledger of erasures can't be written ({}: {e}), so nothing was erased. See HEARBACK_ERASURE_LEDGER.",
                path.display()
            );
            Error::new(Code::StorageFull, detail)
        })
    }

    /// Reads all entries. A last line without an end was never acknowledged and is passed over.
    ///
    /// # Errors
    /// 422 where the file can't be read, or a line of it is damaged.
    pub fn read(&self) -> Result<Vec<LedgerEntry>> {
        let Some(path) = self.path() else { return Ok(Vec::new()) };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(wrong(path, &e.to_string())),
        };
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let mut entries = Vec::new();
        for (number, line) in whole.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let entry = serde_json::from_str(line).map_err(|e| wrong(path, &format!("line {}: {e}", number + 1)))?;
            entries.push(entry);
        }
        Ok(entries)
    }
}

fn wrong(path: &Path, what: &str) -> Error {
    let detail = format!(
        "The ledger of erasures {} can't be read ({what}). Without it, nobody knows whether a restored backup brought \
         erased people back. Restore the file, or set HEARBACK_ERASURE_LEDGER to another one.",
        path.display()
    );
    Error::new(Code::Invalid, detail)
}

fn append(path: &Path, lines: &[String]) -> io::Result<()> {
    let is_new = !path.exists();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = open(path)?;
    // Other instances may share the file: one appends at a time. Closing the file ends the lock.
    file.lock()?;
    let mut text = String::new();
    if !ends_whole(&mut file)? {
        // A power cut left a part of a line, which was never acknowledged.
        let whole = whole_length(&mut file)?;
        file.set_len(whole)?;
    }
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    file.seek(SeekFrom::End(0))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    if is_new {
        // The name of a new file is durable with its folder.
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn ends_whole(file: &mut File) -> io::Result<bool> {
    let length = file.metadata()?.len();
    if length == 0 {
        return Ok(true);
    }
    let mut last = [0_u8; 1];
    file.seek(SeekFrom::Start(length - 1))?;
    file.read_exact(&mut last)?;
    Ok(last[0] == b'\n')
}

/// The length up to the end of the last whole line.
fn whole_length(file: &mut File) -> io::Result<u64> {
    let mut all = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut all)?;
    Ok(all.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end as u64 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::base::{Id, Time};

    #[test]
    fn trying_to_write_leaves_nothing_behind_and_says_why_it_fails() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/ledger");
        try_writing(&path).unwrap();
        assert_eq!(std::fs::read_dir(folder.path().join("new")).unwrap().count(), 0);
        std::fs::write(&path, "").unwrap();
        try_writing(&path).unwrap();
        assert!(try_writing(folder.path()).is_err(), "a folder");
        std::fs::write(folder.path().join("file"), "").unwrap();
        assert!(try_writing(&folder.path().join("file/ledger")).is_err(), "below a file");
    }

    fn entry(at: i64) -> LedgerEntry {
        LedgerEntry { id: Id::next(), at: Time(at), salt: "s".to_owned(), marks: Vec::new() }
    }

    fn ledger() -> (tempfile::TempDir, LedgerFile) {
        let folder = tempfile::tempdir().unwrap();
        let ledger = LedgerFile::default();
        ledger.set(folder.path().join("new/ledger"), false);
        (folder, ledger)
    }

    #[test]
    fn lines_are_read_back_in_order_and_a_torn_last_line_is_mended() {
        let (_folder, ledger) = ledger();
        assert_eq!(ledger.read().unwrap(), []);
        let (one, two, three) = (entry(1), entry(2), entry(3));
        ledger.append(&[one.line(), two.line()]).unwrap();
        let path = ledger.path().unwrap();
        let mut text = std::fs::read_to_string(path).unwrap();
        text.push_str("{\"id\":\"0198");
        std::fs::write(path, text).unwrap();
        assert_eq!(ledger.read().unwrap(), [one.clone(), two.clone()]);
        ledger.append(&[three.line()]).unwrap();
        assert_eq!(ledger.read().unwrap(), [one, two, three]);
    }

    #[test]
    fn instances_that_share_the_file_do_not_write_over_each_other() {
        let folder = tempfile::tempdir().unwrap();
        // Each has a lock of its own within its process, as two programs would.
        let instances: Vec<LedgerFile> = (0..4).map(|_| LedgerFile::default()).collect();
        std::thread::scope(|scope| {
            for (n, ledger) in instances.iter().enumerate() {
                ledger.set(folder.path().join("ledger"), false);
                scope.spawn(move || {
                    for at in 0..50 {
                        ledger.append(&[entry(n as i64 * 100 + at).line()]).unwrap();
                    }
                });
            }
        });
        let mut times: Vec<i64> = instances[0].read().unwrap().into_iter().map(|entry| entry.at.0).collect();
        times.sort_unstable();
        let expected: Vec<i64> = (0..4).flat_map(|n| (0..50).map(move |at| n * 100 + at)).collect();
        assert_eq!(times, expected);
    }

    #[test]
    fn a_damaged_line_is_named_and_a_file_that_cannot_be_written_is_an_error() {
        let (folder, ledger) = ledger();
        ledger.append(&[entry(1).line(), entry(2).line()]).unwrap();
        let path = ledger.path().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap().replacen("\"salt\"", "\"sa", 1);
        std::fs::write(&path, text).unwrap();
        assert!(ledger.read().unwrap_err().detail.contains("line 1"));
        let elsewhere = LedgerFile::default();
        elsewhere.set(folder.path().to_owned(), false);
        assert_eq!(elsewhere.append(&["x".to_owned()]).unwrap_err().code, Code::StorageFull);
    }
}
