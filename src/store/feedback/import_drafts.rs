//! Files that were uploaded in the console and are not imported yet: imports whose body has arrived, but that nobody has
//! queued. They are kept like an upload that pauses (`UPLOAD`), from the last step on.

use super::imports::{RECEIVING, UPLOAD};
use crate::domain::base::{Actor, Id, Time};
use crate::domain::feedback::ImportJob;
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json};
use crate::store::schema::{import_chunks, imports};

/// The chunks that are copied in one transaction.
const AT_ONCE: i64 = 32;

/// An uploaded file.
#[derive(Clone, Debug)]
pub struct Draft {
    pub id: Id,
    pub job: ImportJob,
    pub bytes: i64,
}

/// The draft with this id, of this member.
///
/// # Errors
/// 410 where there is none: it was imported, or its time is over.
pub fn get(conn: &mut Conn, id: Id, owner: &Actor, now: Time) -> Result<Draft> {
    let row: Option<(String, i64)> = imports::table
        .find(DbId(id))
        .filter(imports::state.eq(RECEIVING))
        .filter(imports::actor.eq(owner.kind))
        .filter(imports::actor_id.eq(owner.id.map(DbId)))
        .filter(imports::claimed_until.gt(DbTime(now)))
        .select((imports::options, imports::bytes))
        .first(conn)
        .optional()?;
    let gone = || Error::new(Code::Gone, "This file was imported already, or was not imported within an hour.");
    let (options, bytes) = row.ok_or_else(gone)?;
    Ok(Draft { id, job: serde_json::from_str(&options).map_err(Error::internal)?, bytes })
}

/// Keeps the draft for another term, with these options.
pub fn keep(tx: &mut Tx<'_>, id: Id, job: &ImportJob) -> Result<()> {
    diesel::update(imports::table.find(DbId(id)).filter(imports::state.eq(RECEIVING)))
        .set((imports::options.eq(json(job)), imports::claimed_until.eq(Some(DbTime(tx.now.plus(UPLOAD))))))
        .execute(tx.conn)?;
    Ok(())
}

/// The first bytes of the file, up to about `most`; and whether these are all.
pub fn head(conn: &mut Conn, id: Id, most: usize) -> Result<(Vec<u8>, bool)> {
    let (mut head, mut number) = (Vec::new(), 0);
    while head.len() < most {
        let chunk: Option<Vec<u8>> =
            import_chunks::table.find((DbId(id), number)).select(import_chunks::bytes).first(conn).optional()?;
        let Some(chunk) = chunk else { return Ok((head, true)) };
        head.extend_from_slice(&chunk);
        number += 1;
    }
    Ok((head, false))
}

/// Copies the next chunks of a file to another upload, beginning with the chunk of this number; returns the number to go
/// on with, `None` after the last.
///
/// # Errors
/// 408 where the other upload was given up meanwhile.
pub fn copy(tx: &mut Tx<'_>, from: Id, to: Id, first: i32) -> Result<Option<i32>> {
    let chunks: Vec<(i32, Vec<u8>)> = import_chunks::table
        .filter(import_chunks::import_id.eq(DbId(from)).and(import_chunks::number.ge(first)))
        .select((import_chunks::number, import_chunks::bytes))
        .order(import_chunks::number.asc())
        .limit(AT_ONCE)
        .load(tx.conn)?;
    for (number, bytes) in &chunks {
        super::imports::add_chunk(tx, to, *number, bytes)?;
    }
    let next = chunks.last().map(|(number, _)| number + 1);
    Ok(next.filter(|_| chunks.len() as i64 == AT_ONCE))
}
