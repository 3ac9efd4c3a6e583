//! Secure vacuum: overwrites the remains of deleted rows in SQLite's files.
//!
//! `secure_delete` clears the space of a deleted row, but copies may remain where pages were split or merged before, in
//! free pages, behind the end of long values and in the write-ahead log. `VACUUM` would rewrite the whole file while
//! all writes wait. So this goes through the pages, some in each transaction, and overwrites with zeros everything that
//! no row uses; then it truncates the write-ahead log. The file format is <https://www.sqlite.org/fileformat2.html>.

use std::collections::HashSet;

use diesel::sql_types::{BigInt, Binary, Integer};

use super::conn;
use super::conn::Conn;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::query::*;

/// The number of pages per transaction: some milliseconds of work.
pub const CHUNK: u32 = 500;

/// The largest file in pages (64 GB): beyond it, the first byte of an overflow page could look like that of a b-tree
/// page.
const MOST_PAGES: i64 = 1 << 24;

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

#[derive(QueryableByName)]
struct PageData {
    #[diesel(sql_type = Binary)]
    data: Vec<u8>,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Clears the unused parts of [`CHUNK`] pages from `first` on; answers the next page, or `None` at the end of the file.
/// Does nothing on PostgreSQL.
pub fn pages(tx: &mut Tx<'_>, first: u32) -> Result<Option<u32>> {
    let Conn::Sqlite(c) = &mut *tx.conn else { return Ok(None) };
    let count = number(c, "SELECT page_count AS number FROM pragma_page_count")?;
    if count >= MOST_PAGES {
        return Err(Error::internal("the database is too large to be cleared page by page; VACUUM it"));
    }
    let mut file = File { conn: c, count: count as u32 };
    let free = file.free_pages()?;
    let last = first.saturating_add(CHUNK - 1).min(file.count);
    for page in first..=last {
        file.clear(page, &free)?;
    }
    Ok((last < file.count).then_some(last + 1))
}

fn number(conn: &mut SqliteConnection, query: &str) -> Result<i64> {
    Ok(diesel::sql_query(query).get_result::<Number>(conn)?.number)
}

/// The size of the database's file in bytes; 0 on PostgreSQL.
pub fn size(conn: &mut Conn) -> Result<i64> {
    let Conn::Sqlite(c) = conn else { return Ok(0) };
    number(c, "SELECT page_count * page_size AS number FROM pragma_page_count, pragma_page_size")
}

/// Truncates the write-ahead log; false where a reader still uses it. Blocks others only for a moment.
pub(in crate::store) fn empty_log(location: &conn::Location) -> Result<bool> {
    let mut conn = conn::reach(location, true)?;
    let Conn::Sqlite(c) = &mut conn else { return Ok(true) };
    // First the part that needs no lock; then the small rest, for which writers wait.
    for (patience, mode) in [(0, "PASSIVE"), (200, "TRUNCATE")] {
        diesel::sql_query(format!("PRAGMA busy_timeout = {patience}")).execute(c)?;
        let done: Checkpoint = diesel::sql_query(format!("PRAGMA wal_checkpoint({mode})")).get_result(c)?;
        if mode == "TRUNCATE" {
            return Ok(done.busy == 0);
        }
    }
    Ok(false)
}

/// The pages of the file, as this transaction sees them.
struct File<'a> {
    conn: &'a mut SqliteConnection,
    count: u32,
}

/// Pages without rows.
struct Free {
    /// Trunk pages of the free list: each lists further free pages.
    trunks: HashSet<u32>,
    leaves: HashSet<u32>,
}

impl File<'_> {
    fn read(&mut self, page: u32) -> Result<Vec<u8>> {
        let query = diesel::sql_query("SELECT data FROM sqlite_dbpage WHERE pgno = ?");
        let found = conn::Prepared(query.bind::<BigInt, _>(i64::from(page))).get_result::<PageData>(self.conn)?;
        Ok(found.data)
    }

    fn write(&mut self, page: u32, data: &[u8]) -> Result<()> {
        let query = diesel::sql_query("UPDATE sqlite_dbpage SET data = ? WHERE pgno = ?");
        conn::Prepared(query.bind::<Binary, _>(data).bind::<BigInt, _>(i64::from(page))).execute(self.conn)?;
        Ok(())
    }

    fn free_pages(&mut self) -> Result<Free> {
        let mut free = Free { trunks: HashSet::new(), leaves: HashSet::new() };
        let mut next = be32(&self.read(1)?, 32);
        while next != 0 && next <= self.count && free.trunks.insert(next) {
            let trunk = self.read(next)?;
            free.leaves.extend((0..leaves_of(&trunk)).map(|n| be32(&trunk, 8 + 4 * n)));
            next = be32(&trunk, 0);
        }
        Ok(free)
    }

    fn clear(&mut self, page: u32, free: &Free) -> Result<()> {
        // The page with the lock bytes is never used.
        let data = self.read(page)?;
        let mut cleared = data.clone();
        if free.leaves.contains(&page) {
            cleared.fill(0);
        } else if free.trunks.contains(&page) {
            cleared[8 + 4 * leaves_of(&data)..].fill(0);
        } else if let Some(tree) = Tree::of(&data, page) {
            tree.clear(&mut cleared);
            for (first, rest) in tree.overflows(&data) {
                self.clear_overflow(first, rest)?;
            }
        }
        if cleared != data {
            self.write(page, &cleared)?;
        }
        Ok(())
    }

    /// Clears the rest of the last overflow page of a value.
    fn clear_overflow(&mut self, first: u32, mut rest: usize) -> Result<()> {
        let (mut page, mut steps) = (first, 0);
        while page != 0 && page <= self.count && steps <= self.count {
            let mut data = self.read(page)?;
            let room = data.len() - 4;
            if rest <= room {
                if data[4 + rest..].iter().any(|byte| *byte != 0) {
                    data[4 + rest..].fill(0);
                    self.write(page, &data)?;
                }
                return Ok(());
            }
            (page, rest, steps) = (be32(&data, 0), rest - room, steps + 1);
        }
        Ok(())
    }
}

fn leaves_of(trunk: &[u8]) -> usize {
    (be32(trunk, 4) as usize).min(trunk.len() / 4 - 2)
}

/// A b-tree page: its header and the position of its cell pointers.
struct Tree {
    header: usize,
    kind: u8,
    cells: usize,
    pointers: usize,
    content: usize,
}

impl Tree {
    fn of(data: &[u8], page: u32) -> Option<Self> {
        let header = if page == 1 { 100 } else { 0 };
        let kind = data[header];
        if ![2, 5, 10, 13].contains(&kind) {
            return None;
        }
        let pointers = header + if kind & 8 == 0 { 12 } else { 8 };
        let cells = be16(data, header + 3);
        // 0 means 65,536.
        let content = match be16(data, header + 5) {
            0 => 65_536,
            content => content,
        };
        let fits = pointers + 2 * cells <= content && content <= data.len();
        fits.then_some(Self { header, kind, cells, pointers, content })
    }

    /// Clears the gap between the cell pointers and the cells, and the free blocks of deleted cells.
    fn clear(&self, data: &mut [u8]) {
        data[self.pointers + 2 * self.cells..self.content].fill(0);
        let mut block = be16(data, self.header + 1);
        while block >= self.content && block + 4 <= data.len() {
            let (next, size) = (be16(data, block), be16(data, block + 2));
            let end = (block + size).min(data.len());
            if block + 4 < end {
                data[block + 4..end].fill(0);
            }
            // The list is in ascending order; anything else is a damaged list.
            if next <= block {
                break;
            }
            block = next;
        }
    }

    /// The first overflow page of each value that does not fit into its cell, and the length stored there.
    fn overflows(&self, data: &[u8]) -> Vec<(u32, usize)> {
        (0..self.cells).filter_map(|n| self.overflow(data, be16(data, self.pointers + 2 * n))).collect()
    }

    fn overflow(&self, data: &[u8], cell: usize) -> Option<(u32, usize)> {
        // Interior pages of tables have keys only; cells of interior index pages begin with a child pointer.
        let at = match self.kind {
            5 => return None,
            2 => cell + 4,
            _ => cell,
        };
        let (length, mut at) = varint(data, at)?;
        if self.kind == 13 {
            at = varint(data, at)?.1;
        }
        let local = local_part(length, data.len(), self.kind == 13);
        let first = data.get(at + local..at + local + 4)?;
        (local < length).then(|| (be32(first, 0), length - local))
    }
}

/// The length of the part of a value that is stored in its cell.
fn local_part(length: usize, page: usize, is_table: bool) -> usize {
    let most = if is_table { page - 35 } else { (page - 12) * 64 / 255 - 23 };
    if length <= most {
        return length;
    }
    let least = (page - 12) * 32 / 255 - 23;
    let fitting = least + (length - least) % (page - 4);
    if fitting <= most { fitting } else { least }
}

/// Reads a variable-length integer of 1 to 9 bytes; answers its value and where it ends.
fn varint(data: &[u8], at: usize) -> Option<(usize, usize)> {
    let mut value: u64 = 0;
    for n in 0..8 {
        let byte = *data.get(at + n)?;
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value as usize, at + n + 1));
        }
    }
    Some(((value << 8 | u64::from(*data.get(at + 8)?)) as usize, at + 9))
}

fn be16(data: &[u8], at: usize) -> usize {
    data.get(at..at + 2).map_or(0, |b| usize::from(b[0]) << 8 | usize::from(b[1]))
}

fn be32(data: &[u8], at: usize) -> u32 {
    data.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_be_bytes)
}
