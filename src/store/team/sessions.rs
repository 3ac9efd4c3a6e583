//! Signed-in devices: random secrets, stored only as SHA-256.

use super::members::{Row as MemberRow, show as shown_member};
use crate::domain::base::{Id, Time};
use crate::domain::team::Member;
use crate::domain::team::session::{SESSIONS_SHOWN, Session};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::{members, sessions};

#[derive(Queryable, Insertable)]
#[diesel(table_name = sessions)]
struct Row {
    id: DbId,
    member_id: DbId,
    hash: Vec<u8>,
    agent: String,
    address: String,
    created_at: DbTime,
    last_used_at: DbTime,
    expires_at: DbTime,
}

impl From<Row> for Session {
    fn from(row: Row) -> Self {
        Session {
            id: row.id.into(),
            member_id: row.member_id.into(),
            agent: row.agent,
            address: row.address,
            created_at: row.created_at.into(),
            last_used_at: row.last_used_at.into(),
            expires_at: row.expires_at.into(),
        }
    }
}

/// Adds a session by the hash of its secret.
pub fn insert(tx: &mut Tx<'_>, session: &Session, hash: &[u8]) -> Result<()> {
    let row = Row {
        id: session.id.into(),
        member_id: session.member_id.into(),
        hash: hash.to_vec(),
        agent: session.agent.clone(),
        address: session.address.clone(),
        created_at: session.created_at.into(),
        last_used_at: session.last_used_at.into(),
        expires_at: session.expires_at.into(),
    };
    diesel::insert_into(sessions::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The session whose secret has this hash, and its member. `None` where it is unknown, has ended, was not used since
/// `idle_since`, or its member is not active.
pub fn verify(conn: &mut Conn, hash: &[u8], now: Time, idle_since: Time) -> Result<Option<(Session, Member)>> {
    let found: Option<(Row, MemberRow)> = sessions::table
        .inner_join(members::table)
        .filter(sessions::hash.eq(hash))
        .filter(sessions::expires_at.gt(DbTime(now)))
        .filter(sessions::last_used_at.gt(DbTime(idle_since)))
        .filter(members::active.eq(true))
        .first(conn)
        .optional()?;
    found.map(|(session, member)| Ok((session.into(), shown_member(member)?))).transpose()
}

/// The sessions of a member that have not ended, newest first.
pub fn of_member(conn: &mut Conn, member: Id, now: Time, idle_since: Time) -> Result<Vec<Session>> {
    let rows: Vec<Row> = sessions::table
        .filter(sessions::member_id.eq(DbId(member)))
        .filter(sessions::expires_at.gt(DbTime(now)))
        .filter(sessions::last_used_at.gt(DbTime(idle_since)))
        .order(sessions::id.desc())
        .limit(SESSIONS_SHOWN)
        .load(conn)?;
    Ok(rows.into_iter().map(Session::from).collect())
}

/// Writes that a session is used now.
pub fn touch(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    diesel::update(sessions::table.find(DbId(id))).set(sessions::last_used_at.eq(DbTime(tx.now))).execute(tx.conn)?;
    Ok(())
}

/// Ends a session of a member; false where they have none with this id.
pub fn end(tx: &mut Tx<'_>, member: Id, id: Id) -> Result<bool> {
    let own = sessions::table.find(DbId(id)).filter(sessions::member_id.eq(DbId(member)));
    Ok(diesel::delete(own).execute(tx.conn)? > 0)
}

/// Ends the sessions of a member, without this one; returns their ids.
pub fn end_all(tx: &mut Tx<'_>, member: Id, except: Option<Id>) -> Result<Vec<Id>> {
    let own = sessions::table.filter(sessions::member_id.eq(DbId(member)));
    let ids: Vec<DbId> = own.select(sessions::id).order(sessions::id.asc()).load(tx.conn)?;
    let ended: Vec<Id> = ids.into_iter().map(Id::from).filter(|id| Some(*id) != except).collect();
    for id in &ended {
        diesel::delete(sessions::table.find(DbId(*id))).execute(tx.conn)?;
    }
    Ok(ended)
}

/// Deletes the sessions that have ended.
pub fn sweep(tx: &mut Tx<'_>) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::expires_at.le(DbTime(tx.now)))).execute(tx.conn)?;
    Ok(())
}
