//! The members behind the accounts of OpenID Connect providers.

use crate::domain::base::Id;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::member_identities;

/// The member of an account at a provider.
pub fn member_of(conn: &mut Conn, issuer: &str, subject: &str) -> Result<Option<Id>> {
    let found = member_identities::table.find((issuer, subject)).select(member_identities::member_id);
    Ok(found.first::<DbId>(conn).optional()?.map(Id::from))
}

/// Whether a member has an account at a provider.
pub fn has_account(conn: &mut Conn, issuer: &str, member: Id) -> Result<bool> {
    let own = member_identities::table
        .filter(member_identities::issuer.eq(issuer))
        .filter(member_identities::member_id.eq(DbId(member)));
    Ok(own.select(member_identities::subject).first::<String>(conn).optional()?.is_some())
}

/// Links an account at a provider to a member.
pub fn link(tx: &mut Tx<'_>, issuer: &str, subject: &str, member: Id) -> Result<()> {
    let row = (
        member_identities::issuer.eq(issuer),
        member_identities::subject.eq(subject),
        member_identities::member_id.eq(DbId(member)),
        member_identities::linked_at.eq(DbTime(tx.now)),
    );
    diesel::insert_into(member_identities::table).values(row).execute(tx.conn)?;
    Ok(())
}
