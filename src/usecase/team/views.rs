//! Saved views of the console's lists. A member changes their own; admins change shared ones too.

use serde_json::{Value, json};

use crate::domain::base::decode;
use crate::domain::base::{Id, check_version};
use crate::domain::team::view::{ListFilters, MOST_VIEWS, NewSavedView, SavedView, SavedViewEdit, ViewPage};
use crate::domain::team::{Caller, Role};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::team::members;
use crate::store::team::views::{self, FilteredView};

/// Reads the query of a list's address as the list itself does.
///
/// # Errors
/// 422 for a query that the list refuses.
pub type ReadFilters = fn(ViewPage, &str) -> Result<ListFilters>;

/// The lists of which a caller may see views.
pub fn pages_of(caller: &Caller) -> Vec<ViewPage> {
    ViewPage::ALL.iter().copied().filter(|page| caller.access.may(page.operation())).collect()
}

/// Saves a view of a list.
///
/// # Errors
/// 403 for a token without a member and for a list that the role may not read, 409 where the member has a view of this
/// name or too many, 422 for a query that the list refuses.
pub fn create(tx: &mut Tx<'_>, caller: &Caller, input: &NewSavedView, read: ReadFilters) -> Result<SavedView> {
    let member = owner(caller)?;
    refuse_unreadable(caller, input.page)?;
    let filters = read(input.page, &input.query)?;
    members::lock(tx, member)?;
    if views::count_of(tx.conn, member)? >= MOST_VIEWS {
        let detail = format!("A member may keep {MOST_VIEWS} views: delete one that is not used any more.");
        return Err(Error::new(Code::Conflict, detail));
    }
    let name = input.name.trim().to_owned();
    refuse_taken(tx, member, input.page, &name, None)?;
    let view = SavedView {
        id: Id::next(),
        member_id: member,
        page: input.page,
        name,
        query: filters.to_query(),
        shared: input.shared,
        pinned: input.pinned,
        opens: false,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    views::insert(tx, &view, &filters)?;
    tx.event("view.created", view.id, None, json!({ "page": view.page, "shared": view.shared }));
    Ok(view)
}

/// Changes a view by a merge patch. A view that is no longer shared no longer opens the lists of others.
///
/// # Errors
/// 403 unless the caller owns it or is an admin, 404, 409 where its owner has a view of this name, 412, 422 with every
/// wrong field.
pub fn edit(
    tx: &mut Tx<'_>,
    id: Id,
    caller: &Caller,
    if_match: Option<i32>,
    patch: &Value,
    read: ReadFilters,
) -> Result<SavedView> {
    let FilteredView { view, filters } = held(tx, id, caller, if_match)?;
    let before = SavedViewEdit::from(&view);
    let mut edit: SavedViewEdit = decode::patched(&before, patch)?;
    edit.name = edit.name.trim().to_owned();
    let filters = if edit.query == before.query { filters } else { read(view.page, &edit.query)? };
    edit.query = filters.to_query();
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(view);
    }
    members::lock(tx, view.member_id)?;
    refuse_taken(tx, view.member_id, view.page, &edit.name, Some(id))?;
    let SavedViewEdit { name, query, shared, pinned } = edit;
    let version = view.version + 1;
    let view = SavedView { name, query, shared, pinned, version, updated_at: tx.now, ..view };
    views::update(tx, &view, &filters)?;
    if !view.shared {
        views::close_for_others(tx, &view)?;
    }
    let data = json!({ "fields": fields, "page": view.page, "shared": view.shared });
    tx.event("view.updated", id, None, data);
    Ok(view)
}

/// Deletes a view. Lists that opened with it are whole again.
///
/// # Errors
/// 403 unless the caller owns it or is an admin, 404, 412.
pub fn delete(tx: &mut Tx<'_>, id: Id, caller: &Caller, if_match: Option<i32>) -> Result<()> {
    let view = held(tx, id, caller, if_match)?.view;
    views::delete(tx, id)?;
    tx.event("view.deleted", id, None, json!({ "page": view.page, "shared": view.shared }));
    Ok(())
}

/// Sets whether the list of a view opens with it for the caller.
///
/// # Errors
/// 403 for a token without a member, 404.
pub fn open_with(tx: &mut Tx<'_>, id: Id, caller: &Caller, opens: bool) -> Result<SavedView> {
    let member = owner(caller)?;
    members::lock(tx, member)?;
    let view = seen(tx, id, caller)?.view;
    if view.opens != opens {
        views::set_opening(tx, member, view.page, opens.then_some(id))?;
    }
    Ok(SavedView { opens, ..view })
}

/// The member behind a token: views belong to members.
fn owner(caller: &Caller) -> Result<Id> {
    let detail = "Views belong to members, and this token belongs to none.";
    caller.member_id.ok_or_else(|| Error::new(Code::Forbidden, detail))
}

/// Refuses a list that the caller may not read.
fn refuse_unreadable(caller: &Caller, page: ViewPage) -> Result<()> {
    if caller.access.may(page.operation()) {
        return Ok(());
    }
    Err(Error::new(Code::Forbidden, "This role may not read the list of this view."))
}

/// A view that the caller may see.
fn seen(tx: &mut Tx<'_>, id: Id, caller: &Caller) -> Result<FilteredView> {
    let found = views::lock(tx, id, caller.member_id)?;
    if caller.access.may(found.view.page.operation()) { Ok(found) } else { Err(Error::not_found("view")) }
}

/// A view that the caller may change, at the version that they read.
fn held(tx: &mut Tx<'_>, id: Id, caller: &Caller, if_match: Option<i32>) -> Result<FilteredView> {
    let found = seen(tx, id, caller)?;
    if caller.role != Role::Admin && caller.member_id != Some(found.view.member_id) {
        return Err(Error::new(Code::Forbidden, "Only its owner or an admin may change or delete a view."));
    }
    check_version(if_match, found.view.version)?;
    Ok(found)
}

fn refuse_taken(tx: &mut Tx<'_>, member: Id, page: ViewPage, name: &str, except: Option<Id>) -> Result<()> {
    let own = views::own_names(tx.conn, member, page)?;
    match own.into_iter().find(|(id, taken)| taken == name && Some(*id) != except) {
        Some((id, _)) => Err(Error::new(Code::Conflict, format!("View {id} of this list has this name already."))),
        None => Ok(()),
    }
}
