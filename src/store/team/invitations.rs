//! Links that let a person set a password: random secrets, stored only as SHA-256.

use crate::domain::base::{Id, Time};
use crate::domain::team::session::{Invitation, InvitationKind};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::invitations;

#[derive(Queryable, Insertable)]
#[diesel(table_name = invitations)]
struct Row {
    id: DbId,
    kind: String,
    member_id: Option<DbId>,
    hash: Vec<u8>,
    created_at: DbTime,
    expires_at: DbTime,
}

/// Adds an invitation by the hash of its secret, and deletes earlier ones of the same kind for the same member.
pub fn replace(tx: &mut Tx<'_>, invitation: &Invitation, hash: &[u8]) -> Result<()> {
    forget(tx, invitation.kind, invitation.member_id)?;
    let row = Row {
        id: invitation.id.into(),
        kind: invitation.kind.as_str().to_owned(),
        member_id: invitation.member_id.map(DbId),
        hash: hash.to_vec(),
        created_at: invitation.created_at.into(),
        expires_at: invitation.expires_at.into(),
    };
    diesel::insert_into(invitations::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The invitation whose secret has this hash, if it can still be used.
pub fn find(conn: &mut Conn, hash: &[u8], now: Time) -> Result<Option<Invitation>> {
    let valid = invitations::table.filter(invitations::hash.eq(hash)).filter(invitations::expires_at.gt(DbTime(now)));
    let row: Option<Row> = valid.first(conn).optional()?;
    row.map(|row| {
        Ok(Invitation {
            id: row.id.into(),
            kind: name::<InvitationKind>(&row.kind)?,
            member_id: row.member_id.map(Id::from),
            created_at: row.created_at.into(),
            expires_at: row.expires_at.into(),
        })
    })
    .transpose()
}

/// Deletes an invitation, because it is used; false where somebody else has used it.
pub fn take(tx: &mut Tx<'_>, id: Id) -> Result<bool> {
    Ok(diesel::delete(invitations::table.find(DbId(id))).execute(tx.conn)? > 0)
}

/// Deletes the invitations of this kind for a member, or those for nobody in particular.
pub fn forget(tx: &mut Tx<'_>, kind: InvitationKind, member: Option<Id>) -> Result<()> {
    let of_kind = invitations::table.filter(invitations::kind.eq(kind.as_str()));
    match member {
        Some(member) => {
            diesel::delete(of_kind.filter(invitations::member_id.eq(DbId(member)))).execute(tx.conn)?;
        }
        None => {
            diesel::delete(of_kind.filter(invitations::member_id.is_null())).execute(tx.conn)?;
        }
    }
    Ok(())
}

/// Deletes the invitations that have expired.
pub fn sweep(tx: &mut Tx<'_>) -> Result<()> {
    diesel::delete(invitations::table.filter(invitations::expires_at.le(DbTime(tx.now)))).execute(tx.conn)?;
    Ok(())
}
