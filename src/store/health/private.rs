//! File permissions: the files and folders of a SQLite database are for their owner alone. They contain customers'
//! feedback and, unencrypted, the keys of webhooks and customer links.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The permission bits of everyone but the owner.
const OTHERS: u32 = 0o077;

/// The endings of the files that SQLite keeps beside a database, and of the server's lock file.
pub(in crate::store) const BESIDE: [&str; 4] = ["-wal", "-shm", "-journal", ".lock"];

/// The path of a database's file with an ending added to its name.
pub(in crate::store) fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Creates the database's folder where it is missing, and removes others' permissions from files that exist already.
///
/// # Errors
/// An I/O error where the folder can't be created.
pub(in crate::store) fn prepare(database: &Path) -> io::Result<()> {
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        if holds_only(folder, database) {
            tighten(folder, 0o700);
        }
    }
    tighten(database, 0o600);
    BESIDE.iter().for_each(|ending| tighten(&beside(database, ending), 0o600));
    Ok(())
}

/// Creates an empty file for its owner alone, where there is none; SQLite gives the files beside it the same
/// permissions.
///
/// # Errors
/// An I/O error where it can't be created.
pub(in crate::store) fn create(file: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// Whether a folder contains only this database; then its permissions may be changed.
fn holds_only(folder: &Path, database: &Path) -> bool {
    let (Some(name), Ok(entries)) = (database.file_name(), fs::read_dir(folder)) else { return false };
    let name = name.as_encoded_bytes();
    entries.flatten().all(|entry| entry.file_name().as_encoded_bytes().starts_with(name))
}

fn tighten(path: &Path, mode: u32) {
    let Ok(found) = fs::metadata(path) else { return };
    if found.permissions().mode() & OTHERS == 0 {
        return;
    }
    match fs::set_permissions(path, Permissions::from_mode(mode)) {
        Ok(()) => tracing::info!(path = %path.display(), "other users could read this file: now only its owner can"),
        Err(e) => {
            tracing::warn!(path = %path.display(), error = %e, "other users can read this file, which contains personal data")
        }
    }
}

/// Removes others' permissions from the file that standard output is redirected to, if any; answers whether they had
/// any.
///
/// # Errors
/// An I/O error where the permissions can't be changed.
pub fn tighten_output(output: &impl AsFd) -> io::Result<bool> {
    let file = File::from(output.as_fd().try_clone_to_owned()?);
    let found = file.metadata()?;
    let wide = found.is_file() && found.permissions().mode() & OTHERS != 0;
    if wide {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(wide)
}

/// Makes every file that this process creates from now on private to its owner.
pub fn keep_new_files_private() {
    // SAFETY: sets a number of this process; no other thread runs yet.
    unsafe { libc::umask(OTHERS as libc::mode_t) };
}
