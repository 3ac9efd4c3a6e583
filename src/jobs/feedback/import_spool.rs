//! The spooled file of an import, read chunk by chunk from the database; it can be read several times.

use std::io::{self, Read};

use crate::domain::base::Id;
use crate::outside::import::Input;
use crate::store::Store;
use crate::store::feedback::imports;

/// The file of an import.
#[derive(Clone, Copy)]
pub(in crate::jobs) struct Spool<'a> {
    /// The database.
    pub store: &'a Store,
    /// The import.
    pub id: Id,
}

impl<'a> Input<'a> for Spool<'a> {
    fn open(&self) -> io::Result<Box<dyn Read + 'a>> {
        Ok(Box::new(Chunks { spool: *self, next: 0, bytes: Vec::new(), at: 0 }))
    }
}

struct Chunks<'a> {
    spool: Spool<'a>,
    next: i32,
    bytes: Vec<u8>,
    at: usize,
}

impl Read for Chunks<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.bytes.len() {
            let Spool { store, id } = self.spool;
            let chunk = store.read_now(|conn| imports::chunk(conn, id, self.next)).map_err(io::Error::other)?;
            self.bytes = chunk.unwrap_or_default();
            self.at = 0;
            self.next += 1;
        }
        let count = out.len().min(self.bytes.len() - self.at);
        out[..count].copy_from_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
