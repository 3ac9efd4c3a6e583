//! The file of `hearback import`, which is read several times: input that can be read only once is copied to a
//! temporary file first.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::rc::Rc;

use indicatif::ProgressBar;

use crate::domain::base::Id;
use crate::error::{Code, Error, Result};
use crate::outside::import::Input;

/// A file that can be read again from its start.
pub struct ImportFile {
    file: Rc<File>,
    bytes: u64,
}

impl ImportFile {
    /// Opens a file; `-` is standard input.
    ///
    /// # Errors
    /// If it can't be read, or is a folder.
    pub fn open(path: &str) -> Result<Self> {
        let unreadable = |e: io::Error| Error::new(Code::NotFound, format!("{path} can't be read: {e}."));
        if path == "-" {
            return Self::keep(&mut io::stdin().lock()).map_err(unreadable);
        }
        let mut file = File::open(path).map_err(unreadable)?;
        let about = file.metadata().map_err(unreadable)?;
        if about.is_dir() {
            return Err(Error::new(Code::Invalid, format!("{path} is a folder.")));
        }
        if !about.is_file() {
            return Self::keep(&mut file).map_err(unreadable);
        }
        Ok(Self { file: Rc::new(file), bytes: about.len() })
    }

    /// Copies input that can be read only once to a temporary file that only this process can read. The file is deleted
    /// already, so it disappears with the process.
    fn keep(input: &mut dyn Read) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("hearback-import-{}", Id::next()));
        let mut file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        std::fs::remove_file(&path)?;
        let bytes = io::copy(input, &mut file)?;
        Ok(Self { file: Rc::new(file), bytes })
    }

    /// Size in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The file with a progress bar.
    pub fn watched<'b>(&self, bar: &'b ProgressBar) -> WatchedFile<'b> {
        WatchedFile { file: self.file.clone(), bar }
    }
}

/// A file whose reads update a progress bar.
pub struct WatchedFile<'b> {
    file: Rc<File>,
    bar: &'b ProgressBar,
}

impl<'b> Input<'b> for WatchedFile<'b> {
    fn open(&self) -> io::Result<Box<dyn Read + 'b>> {
        self.bar.set_position(0);
        Ok(Box::new(self.bar.wrap_read(FromStart { file: self.file.clone(), at: 0 })))
    }
}

/// A reader with its own position: several can be open at once.
struct FromStart {
    file: Rc<File>,
    at: u64,
}

impl Read for FromStart {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read_at(into, self.at)?;
        self.at += length as u64;
        Ok(length)
    }
}
