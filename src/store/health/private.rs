//! Files and folders of a SQLite database are for their owner alone: they hold customers' words, and the keys of webhooks
//! and customers' links as they are.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The rights of anybody but the owner.
const OTHERS: u32 = 0o077;

/// What SQLite keeps beside a database, and the lock of the server.
pub(in crate::store) const BESIDE: [&str; 4] = ["-wal", "-shm", "-journal", ".lock"];

/// A database's file with something added to its name.
pub(in crate::store) fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Makes the database's folder where it is missing, and takes others' rights to what is there already.
///
/// # Errors
/// Where the folder can't be made.
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

/// Makes an empty file for its owner alone, where none is there; SQLite gives what it makes beside it the same rights.
///
/// # Errors
/// Where it can't be made.
pub(in crate::store) fn create(file: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// Whether a folder holds nothing but this database: then its rights are ours to set.
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
        Ok(()) => tracing::info!(path = %path.display(), "others could read it: now its owner alone can"),
        Err(e) => tracing::warn!(path = %path.display(), error = %e, "others can read it, and it holds personal data"),
    }
}

/// Takes others' rights to the file that standard output goes to, if it goes to one; answers whether there were any.
///
/// # Errors
/// Where the rights can't be changed.
pub fn tighten_output(output: &impl AsFd) -> io::Result<bool> {
    let file = File::from(output.as_fd().try_clone_to_owned()?);
    let found = file.metadata()?;
    let wide = found.is_file() && found.permissions().mode() & OTHERS != 0;
    if wide {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(wide)
}

/// From now on every file this process makes is for its owner alone.
pub fn keep_new_files_private() {
    // SAFETY: sets a number of this process; other threads do not run yet.
    unsafe { libc::umask(OTHERS as libc::mode_t) };
}
