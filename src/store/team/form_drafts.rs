//! Drafts of forms that nobody has sent yet.

use crate::domain::base::{Id, Time};
use crate::domain::team::form_draft::{FormDraft, FormPlace, MOST_DRAFTS};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json};
use crate::store::schema::{form_drafts, members};

#[derive(Queryable, Insertable)]
#[diesel(table_name = form_drafts)]
struct Row {
    id: DbId,
    member_id: DbId,
    page: String,
    action: String,
    form: String,
    fields: String,
    updated_at: DbTime,
}

impl From<Row> for FormDraft {
    fn from(row: Row) -> Self {
        FormDraft {
            id: row.id.into(),
            member_id: row.member_id.into(),
            place: FormPlace { page: row.page, action: row.action, form: row.form },
            fields: serde_json::from_str(&row.fields).unwrap_or_default(),
            updated_at: row.updated_at.into(),
        }
    }
}

/// Keeps a form as it is now, in the place of an earlier draft of it.
pub fn keep(tx: &mut Tx<'_>, member: Id, place: &FormPlace, fields: &[(String, String)]) -> Result<()> {
    // One draft a form, also where two devices write at once.
    lock_row!(tx, members, member);
    remove(tx, member, place)?;
    let row = Row {
        id: Id::next().into(),
        member_id: member.into(),
        page: place.page.clone(),
        action: place.action.clone(),
        form: place.form.clone(),
        fields: json(fields),
        updated_at: tx.now.into(),
    };
    diesel::insert_into(form_drafts::table).values(&row).execute(tx.conn)?;
    let own = form_drafts::table.filter(form_drafts::member_id.eq(DbId(member)));
    let newest = own.order((form_drafts::updated_at.desc(), form_drafts::id.desc())).select(form_drafts::id);
    let all: Vec<DbId> = newest.load(tx.conn)?;
    let too_many: Vec<DbId> = all.into_iter().skip(MOST_DRAFTS).collect();
    if !too_many.is_empty() {
        diesel::delete(form_drafts::table.filter(form_drafts::id.eq_any(too_many))).execute(tx.conn)?;
    }
    Ok(())
}

/// Deletes the draft of a form.
pub fn remove(tx: &mut Tx<'_>, member: Id, place: &FormPlace) -> Result<()> {
    let own = form_drafts::table.filter(form_drafts::member_id.eq(DbId(member)));
    let of_form = own
        .filter(form_drafts::page.eq(&place.page))
        .filter(form_drafts::action.eq(&place.action))
        .filter(form_drafts::form.eq(&place.form));
    diesel::delete(of_form).execute(tx.conn)?;
    Ok(())
}

/// The drafts of a member on a page that were changed since then.
pub fn on_page(conn: &mut Conn, member: Id, page: &str, since: Time) -> Result<Vec<FormDraft>> {
    let own = form_drafts::table.filter(form_drafts::member_id.eq(DbId(member)));
    let rows: Vec<Row> = own
        .filter(form_drafts::page.eq(page))
        .filter(form_drafts::updated_at.gt(DbTime(since)))
        .order(form_drafts::id.asc())
        .load(conn)?;
    Ok(rows.into_iter().map(FormDraft::from).collect())
}

/// The draft with this id, if it is the member's.
pub fn of_member(conn: &mut Conn, member: Id, id: Id) -> Result<Option<FormDraft>> {
    let own = form_drafts::table.find(DbId(id)).filter(form_drafts::member_id.eq(DbId(member)));
    let row: Option<Row> = own.first(conn).optional()?;
    Ok(row.map(FormDraft::from))
}

/// Deletes the drafts of forms that are sent to this path, once one of them was.
pub fn sent(tx: &mut Tx<'_>, member: Id, action: &str) -> Result<()> {
    let own = form_drafts::table.filter(form_drafts::member_id.eq(DbId(member)));
    diesel::delete(own.filter(form_drafts::action.eq(action))).execute(tx.conn)?;
    Ok(())
}

/// Whether a member has a draft of a form that is sent to this path.
pub fn has(conn: &mut Conn, member: Id, action: &str) -> Result<bool> {
    let own = form_drafts::table.filter(form_drafts::member_id.eq(DbId(member)));
    let found: Option<DbId> =
        own.filter(form_drafts::action.eq(action)).select(form_drafts::id).first(conn).optional()?;
    Ok(found.is_some())
}

/// Every draft.
pub fn all(conn: &mut Conn) -> Result<Vec<FormDraft>> {
    let rows: Vec<Row> = form_drafts::table.order(form_drafts::id.asc()).load(conn)?;
    Ok(rows.into_iter().map(FormDraft::from).collect())
}

/// Deletes a draft.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    diesel::delete(form_drafts::table.find(DbId(id))).execute(tx.conn)?;
    Ok(())
}

/// Deletes the drafts of a member.
pub fn delete_all_of(tx: &mut Tx<'_>, member: Id) -> Result<()> {
    diesel::delete(form_drafts::table.filter(form_drafts::member_id.eq(DbId(member)))).execute(tx.conn)?;
    Ok(())
}

/// Deletes the drafts that were not changed since then.
pub fn sweep(tx: &mut Tx<'_>, since: Time) -> Result<()> {
    diesel::delete(form_drafts::table.filter(form_drafts::updated_at.le(DbTime(since)))).execute(tx.conn)?;
    Ok(())
}
