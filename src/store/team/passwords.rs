//! The passwords of members, as argon2id hashes.

use crate::domain::base::Id;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::passwords;

/// The hash of a member's password, if they have set one.
pub fn of_member(conn: &mut Conn, member: Id) -> Result<Option<String>> {
    Ok(passwords::table.find(DbId(member)).select(passwords::hash).first(conn).optional()?)
}

/// Sets the password of a member by its hash.
pub fn set(tx: &mut Tx<'_>, member: Id, hash: &str) -> Result<()> {
    let changed = (passwords::hash.eq(hash), passwords::changed_at.eq(DbTime(tx.now)));
    if diesel::update(passwords::table.find(DbId(member))).set(changed).execute(tx.conn)? == 0 {
        let row = (passwords::member_id.eq(DbId(member)), changed.0, changed.1);
        diesel::insert_into(passwords::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}
