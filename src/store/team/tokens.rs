//! API tokens: random secrets, stored only as SHA-256.

use std::collections::HashMap;
use std::sync::Arc;

use super::access;
use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::team::access::ProductAccess;
use crate::domain::team::{Caller, Role, Token};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{members, token_products, tokens};

#[derive(Queryable, Insertable)]
#[diesel(table_name = tokens)]
struct Row {
    id: DbId,
    name: String,
    role: String,
    member_id: Option<DbId>,
    hash: Vec<u8>,
    created_at: DbTime,
    expires_at: Option<DbTime>,
    last_used_at: Option<DbTime>,
    revoked_at: Option<DbTime>,
}

/// The tokens of these rows, each with the products that it is limited to.
fn show(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Token>> {
    let ids: Vec<DbId> = rows.iter().map(|row| row.id).collect();
    let named = token_products::table.filter(token_products::token_id.eq_any(ids));
    let products: Vec<(DbId, DbId)> = named.order(token_products::product_id.asc()).load(conn)?;
    let of = |token: DbId| products.iter().filter(|(id, _)| *id == token).map(|(_, product)| product.0).collect();
    rows.into_iter().map(|row| (of(row.id), row)).map(show_one).collect()
}

fn show_one((products, row): (Vec<Id>, Row)) -> Result<Token> {
    Ok(Token {
        products,
        id: row.id.into(),
        name: row.name,
        role: name(&row.role)?,
        member_id: row.member_id.map(Id::from),
        created_at: row.created_at.into(),
        expires_at: row.expires_at.map(Time::from),
        last_used_at: row.last_used_at.map(Time::from),
        revoked_at: row.revoked_at.map(Time::from),
    })
}

/// Adds a token by the hash of its secret; false where the id or the hash exists already.
pub fn insert_new(tx: &mut Tx<'_>, token: &Token, hash: &[u8]) -> Result<bool> {
    let row = Row {
        id: token.id.into(),
        name: token.name.clone(),
        role: token.role.as_str().to_owned(),
        member_id: token.member_id.map(DbId),
        hash: hash.to_vec(),
        created_at: token.created_at.into(),
        expires_at: token.expires_at.map(DbTime),
        last_used_at: None,
        revoked_at: None,
    };
    let count =
        on_each!(tx.conn, c => diesel::insert_into(tokens::table).values(&row).on_conflict_do_nothing().execute(c))?;
    if count > 0 {
        for product in &token.products {
            let limit = (token_products::token_id.eq(DbId(token.id)), token_products::product_id.eq(DbId(*product)));
            diesel::insert_into(token_products::table).values(limit).execute(tx.conn)?;
        }
    }
    Ok(count > 0)
}

/// The caller whose secret has this hash, and until when the token is valid. `None` where it is unknown, revoked or
/// expired, or its member is not active.
pub fn verify(conn: &mut Conn, hash: &[u8], now: Time) -> Result<Option<(Caller, Option<Time>)>> {
    let row = tokens::table
        .left_join(members::table)
        .filter(tokens::hash.eq(hash))
        .filter(tokens::revoked_at.is_null())
        .select((
            tokens::id,
            tokens::role,
            tokens::member_id,
            tokens::expires_at,
            (members::active, members::role).nullable(),
        ))
        .first::<(DbId, String, Option<DbId>, Option<DbTime>, Option<(bool, String)>)>(conn)
        .optional()?;
    let Some((id, token_role, member, expires, of_member)) = row else { return Ok(None) };
    let expired = expires.is_some_and(|at| at.0 <= now);
    if expired || of_member.as_ref().is_some_and(|(active, _)| !active) {
        return Ok(None);
    }
    let (token_id, member_id, role) = (id.into(), member.map(Id::from), name(&token_role)?);
    let of_member = of_member.map(|(_, role)| name(&role)).transpose()?;
    let access = access::facts(conn, member_id.zip(of_member), Some((token_id, role)))?;
    let caller = Caller { token_id, member_id, role, access: Arc::new(ProductAccess::of(&access)) };
    Ok(Some((caller, expires.map(Time::from))))
}

/// A token.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Token> {
    let row: Option<Row> = tokens::table.find(DbId(id)).first(conn).optional()?;
    show(conn, row.into_iter().collect())?.pop().ok_or_else(|| Error::not_found("token"))
}

/// Tokens, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, paging: &Paging) -> Result<Page<Token>> {
    let mut query = tokens::table.into_boxed();
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(tokens::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(tokens::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    Ok(paging.page(show(conn, rows)?, |t| vec![t.id.to_string()]))
}

/// Whether any token was ever created.
pub fn any(conn: &mut Conn) -> Result<bool> {
    Ok(tokens::table.select(tokens::id).first::<DbId>(conn).optional()?.is_some())
}

/// The valid service tokens with role admin of this name, without the one with this hash.
pub fn others_named(conn: &mut Conn, name: &str, hash: &[u8]) -> Result<Vec<Id>> {
    let others = tokens::table.filter(tokens::name.eq(name)).filter(tokens::hash.ne(hash));
    let others = others.filter(tokens::role.eq(Role::Admin.as_str())).filter(tokens::member_id.is_null());
    let ids: Vec<DbId> = others.filter(tokens::revoked_at.is_null()).select(tokens::id).load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// Revokes a token; false where it is revoked already.
///
/// # Errors
/// 404.
pub fn revoke(tx: &mut Tx<'_>, id: Id) -> Result<bool> {
    get(tx.conn, id)?;
    let token = tokens::table.filter(tokens::id.eq(DbId(id))).filter(tokens::revoked_at.is_null());
    Ok(diesel::update(token).set(tokens::revoked_at.eq(DbTime(tx.now))).execute(tx.conn)? > 0)
}

/// The valid tokens of a member.
pub fn of_member(conn: &mut Conn, member: Id) -> Result<Vec<Token>> {
    let own = tokens::table.filter(tokens::member_id.eq(DbId(member))).filter(tokens::revoked_at.is_null());
    let rows: Vec<Row> = own.order(tokens::id.asc()).load(conn)?;
    show(conn, rows)
}

/// Writes when tokens were last used.
pub fn note_use(tx: &mut Tx<'_>, uses: &HashMap<Id, Time>) -> Result<()> {
    for (id, at) in uses {
        diesel::update(tokens::table.find(DbId(*id))).set(tokens::last_used_at.eq(DbTime(*at))).execute(tx.conn)?;
    }
    Ok(())
}

/// Makes the token with this hash valid again, without expiry; answers whether it exists.
pub fn restore(tx: &mut Tx<'_>, hash: &[u8]) -> Result<bool> {
    let count = diesel::update(tokens::table.filter(tokens::hash.eq(hash)))
        .set((tokens::revoked_at.eq(None::<DbTime>), tokens::expires_at.eq(None::<DbTime>)))
        .execute(tx.conn)?;
    Ok(count > 0)
}

/// The names of these tokens. Ids of no token are left out.
pub fn names_of(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, String>> {
    let ids: Vec<DbId> = ids.iter().map(|id| DbId(*id)).collect();
    let rows: Vec<(DbId, String)> =
        tokens::table.filter(tokens::id.eq_any(ids)).select((tokens::id, tokens::name)).load(conn)?;
    Ok(rows.into_iter().map(|(id, name)| (id.into(), name)).collect())
}
