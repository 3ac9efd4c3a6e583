//! Saved views, and the view that a list opens with.

use std::collections::HashSet;

use crate::domain::base::{Id, Page, Paging};
use crate::domain::team::view::{ListFilters, SavedView, ViewPage};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json, name};
use crate::store::schema::{opening_views, saved_views};

#[derive(Queryable, Insertable)]
#[diesel(table_name = saved_views)]
struct Row {
    id: DbId,
    member_id: DbId,
    page: String,
    name: String,
    query: String,
    shared: bool,
    pinned: bool,
    version: i32,
    created_at: DbTime,
    updated_at: DbTime,
}

/// A view with its filters.
#[derive(Clone, Debug)]
pub struct FilteredView {
    pub view: SavedView,
    pub filters: ListFilters,
}

impl Row {
    fn of(view: &SavedView, filters: &ListFilters) -> Self {
        Self {
            id: view.id.into(),
            member_id: view.member_id.into(),
            page: view.page.as_str().to_owned(),
            name: view.name.clone(),
            query: json(filters),
            shared: view.shared,
            pinned: view.pinned,
            version: view.version,
            created_at: view.created_at.into(),
            updated_at: view.updated_at.into(),
        }
    }

    fn show(self, opening: &HashSet<DbId>) -> Result<FilteredView> {
        let filters: ListFilters = serde_json::from_str(&self.query).map_err(Error::internal)?;
        let view = SavedView {
            id: self.id.into(),
            member_id: self.member_id.into(),
            page: name(&self.page)?,
            name: self.name,
            query: filters.to_query(),
            shared: self.shared,
            pinned: self.pinned,
            opens: opening.contains(&self.id),
            version: self.version,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        };
        Ok(FilteredView { view, filters })
    }
}

/// Adds a view.
pub fn insert(tx: &mut Tx<'_>, view: &SavedView, filters: &ListFilters) -> Result<()> {
    diesel::insert_into(saved_views::table).values(&Row::of(view, filters)).execute(tx.conn)?;
    Ok(())
}

/// Writes a view's fields.
pub fn update(tx: &mut Tx<'_>, view: &SavedView, filters: &ListFilters) -> Result<()> {
    let row = Row::of(view, filters);
    diesel::update(saved_views::table.find(row.id))
        .set((
            saved_views::name.eq(row.name),
            saved_views::query.eq(row.query),
            saved_views::shared.eq(row.shared),
            saved_views::pinned.eq(row.pinned),
            saved_views::version.eq(row.version),
            saved_views::updated_at.eq(row.updated_at),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Deletes a view. Lists that opened with it are whole again.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    diesel::delete(opening_views::table.filter(opening_views::view_id.eq(DbId(id)))).execute(tx.conn)?;
    diesel::delete(saved_views::table.find(DbId(id))).execute(tx.conn)?;
    Ok(())
}

/// Takes a view that is no longer shared from the lists of all others than its owner.
pub fn close_for_others(tx: &mut Tx<'_>, view: &SavedView) -> Result<()> {
    let rows = opening_views::table.filter(opening_views::view_id.eq(DbId(view.id)));
    diesel::delete(rows.filter(opening_views::member_id.ne(DbId(view.member_id)))).execute(tx.conn)?;
    Ok(())
}

/// A view that this member may see: their own, or a shared one.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id, member: Option<Id>) -> Result<FilteredView> {
    let own = saved_views::member_id.nullable().eq(member.map(DbId)).assume_not_null();
    let row: Option<Row> =
        saved_views::table.find(DbId(id)).filter(saved_views::shared.eq(true).or(own)).first(conn).optional()?;
    let opening = opening_of(conn, member)?;
    row.ok_or_else(|| Error::not_found("view"))?.show(&opening)
}

/// As [`get`], locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id, member: Option<Id>) -> Result<FilteredView> {
    lock_row!(tx, saved_views, id);
    get(tx.conn, id, member)
}

/// The views that a member may see of these lists, pinned ones first, then the oldest.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn visible(conn: &mut Conn, member: Option<Id>, pages: &[ViewPage], paging: &Paging) -> Result<Page<FilteredView>> {
    let own = saved_views::member_id.nullable().eq(member.map(DbId)).assume_not_null();
    let names: Vec<&str> = pages.iter().map(|page| page.as_str()).collect();
    let mut query = saved_views::table
        .filter(saved_views::page.eq_any(names))
        .filter(saved_views::shared.eq(true).or(own))
        .into_boxed();
    if let (Some(pinned), Some(after)) = (paging.key::<bool>(0)?, paging.key::<Id>(1)?) {
        let later = saved_views::pinned.eq(pinned).and(saved_views::id.gt(DbId(after)));
        query = query.filter(later.or(saved_views::pinned.lt(pinned)));
    }
    let rows: Vec<Row> =
        query.order((saved_views::pinned.desc(), saved_views::id.asc())).limit(paging.limit as i64 + 1).load(conn)?;
    let opening = if rows.is_empty() { HashSet::new() } else { opening_of(conn, member)? };
    let shown: Result<Vec<FilteredView>> = rows.into_iter().map(|row| row.show(&opening)).collect();
    let found = shown?;
    let page = paging.page(found.iter().map(|one| one.view.clone()).collect(), |view: &SavedView| {
        vec![view.pinned.to_string(), view.id.to_string()]
    });
    let data = found.into_iter().take(page.data.len()).collect();
    Ok(Page { data, next_cursor: page.next_cursor })
}

/// The views with which lists open for a member.
fn opening_of(conn: &mut Conn, member: Option<Id>) -> Result<HashSet<DbId>> {
    let Some(member) = member else { return Ok(HashSet::new()) };
    let own = opening_views::table.filter(opening_views::member_id.eq(DbId(member)));
    let rows: Vec<DbId> = own.select(opening_views::view_id).load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The names of a member's own views of a list, with their ids.
pub fn own_names(conn: &mut Conn, member: Id, page: ViewPage) -> Result<Vec<(Id, String)>> {
    let own = saved_views::table.filter(saved_views::member_id.eq(DbId(member)));
    let rows: Vec<(DbId, String)> =
        own.filter(saved_views::page.eq(page.as_str())).select((saved_views::id, saved_views::name)).load(conn)?;
    Ok(rows.into_iter().map(|(id, name)| (id.into(), name)).collect())
}

/// How many views a member keeps.
pub fn count_of(conn: &mut Conn, member: Id) -> Result<usize> {
    let count: i64 = saved_views::table.filter(saved_views::member_id.eq(DbId(member))).count().get_result(conn)?;
    Ok(count as usize)
}

/// Sets the view that a list opens with for a member; `None`: the whole list.
pub fn set_opening(tx: &mut Tx<'_>, member: Id, page: ViewPage, view: Option<Id>) -> Result<()> {
    let row = opening_views::table.find((DbId(member), page.as_str()));
    diesel::delete(row).execute(tx.conn)?;
    if let Some(view) = view {
        let row = (
            opening_views::member_id.eq(DbId(member)),
            opening_views::page.eq(page.as_str()),
            opening_views::view_id.eq(DbId(view)),
        );
        diesel::insert_into(opening_views::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}
