//! Members of the team.

use std::collections::{HashMap, HashSet};

use crate::domain::base::text::email_fold;
use crate::domain::base::{Id, Page, Paging, Reference};
use crate::domain::team::mentions::Mentionable;
use crate::domain::team::{Member, Role};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::members;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = members, treat_none_as_null = true)]
pub(in crate::store::team) struct Row {
    id: DbId,
    name: String,
    email: String,
    email_folded: String,
    role: String,
    language: String,
    active: bool,
    version: i32,
    created_at: DbTime,
    updated_at: DbTime,
    time_zone: Option<String>,
    shortcuts: bool,
    team: Option<String>,
}

impl From<&Member> for Row {
    fn from(member: &Member) -> Self {
        Row {
            id: member.id.into(),
            name: member.name.clone(),
            email: member.email.clone(),
            email_folded: email_fold(&member.email),
            role: member.role.as_str().to_owned(),
            language: member.language.clone(),
            active: member.active,
            version: member.version,
            created_at: member.created_at.into(),
            updated_at: member.updated_at.into(),
            time_zone: member.time_zone.clone(),
            shortcuts: member.shortcuts,
            team: member.team.clone(),
        }
    }
}

pub(in crate::store::team) fn show(row: Row) -> Result<Member> {
    Ok(Member {
        id: row.id.into(),
        name: row.name,
        email: row.email,
        role: name(&row.role)?,
        language: row.language,
        active: row.active,
        version: row.version,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
        time_zone: row.time_zone,
        shortcuts: row.shortcuts,
        team: row.team,
    })
}

/// A member.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Member> {
    let row: Option<Row> = members::table.find(DbId(id)).first(conn).optional()?;
    show(row.ok_or_else(|| Error::not_found("member"))?)
}

/// The active member with this id, if there is one.
pub fn find_active(conn: &mut Conn, id: Id) -> Result<Option<Member>> {
    let row: Option<Row> = members::table.find(DbId(id)).filter(members::active.eq(true)).first(conn).optional()?;
    row.map(show).transpose()
}

/// The active member that a field names.
///
/// # Errors
/// 422 where there is none with this id.
pub fn known_active(conn: &mut Conn, id: Id, pointer: &str) -> Result<Member> {
    find_active(conn, id)?.ok_or_else(|| Reference::ActiveMember.refusal(pointer).into())
}

/// The member with this id, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<Member> {
    lock_row!(tx, members, id);
    get(tx.conn, id)
}

/// The member with this e-mail address, if there is one.
pub fn by_email(conn: &mut Conn, email: &str) -> Result<Option<Member>> {
    let row: Option<Row> = members::table.filter(members::email_folded.eq(email_fold(email))).first(conn).optional()?;
    row.map(show).transpose()
}

/// Whether there is any member.
pub fn any(conn: &mut Conn) -> Result<bool> {
    Ok(members::table.select(members::id).first::<DbId>(conn).optional()?.is_some())
}

/// The active admin who was added first, if there is one.
pub fn first_admin(conn: &mut Conn) -> Result<Option<Id>> {
    let admins = members::table.filter(members::active.eq(true)).filter(members::role.eq(Role::Admin.as_str()));
    let first: Option<DbId> = admins.select(members::id).order(members::id.asc()).first(conn).optional()?;
    Ok(first.map(Id::from))
}

/// The ids of the active members.
pub fn active(conn: &mut Conn) -> Result<HashSet<Id>> {
    let ids: Vec<DbId> = members::table.filter(members::active.eq(true)).select(members::id).load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// The active members with one of these roles, in the form that texts mention them.
pub fn mentionable(conn: &mut Conn, roles: &[Role]) -> Result<Vec<Mentionable>> {
    let roles = roles.iter().map(|role| role.as_str());
    let rows: Vec<(DbId, String, String)> = members::table
        .filter(members::active.eq(true))
        .filter(members::role.eq_any(roles))
        .select((members::id, members::name, members::email))
        .order(members::id.asc())
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, name, email)| Mentionable { id: id.into(), name, email }).collect())
}

/// Members, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, role: Option<Role>, active: Option<bool>, paging: &Paging) -> Result<Page<Member>> {
    let mut query = members::table.into_boxed();
    if let Some(role) = role {
        query = query.filter(members::role.eq(role.as_str()));
    }
    if let Some(active) = active {
        query = query.filter(members::active.eq(active));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(members::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(members::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown: Result<Vec<Member>> = rows.into_iter().map(show).collect();
    Ok(paging.page(shown?, |m| vec![m.id.to_string()]))
}

/// The names of these members.
pub fn names_of(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, String>> {
    let ids: Vec<DbId> = ids.iter().map(|id| DbId(*id)).collect();
    let rows: Vec<(DbId, String)> =
        members::table.filter(members::id.eq_any(ids)).select((members::id, members::name)).load(conn)?;
    Ok(rows.into_iter().map(|(id, name)| (id.into(), name)).collect())
}

/// The names and e-mail addresses of members.
pub fn names(conn: &mut Conn) -> Result<Vec<(String, String)>> {
    Ok(members::table.select((members::name, members::email)).load(conn)?)
}

/// Adds a member.
///
/// # Errors
/// 409 where the e-mail address is taken.
pub fn insert(tx: &mut Tx<'_>, member: &Member) -> Result<()> {
    diesel::insert_into(members::table).values(Row::from(member)).execute(tx.conn)?;
    Ok(())
}

/// Writes the current state of a member.
///
/// # Errors
/// 409 where the e-mail address is taken.
pub fn update(tx: &mut Tx<'_>, member: &Member) -> Result<()> {
    diesel::update(members::table.find(DbId(member.id))).set(Row::from(member)).execute(tx.conn)?;
    Ok(())
}
