//! Drafts of forms: kept while a member writes, and deleted when the form is sent.

use crate::domain::base::{Id, Time};
use crate::domain::privacy::quoting::Traces;
use crate::domain::team::form_draft::{DRAFT_BYTES, DRAFT_KEPT, FormDraft, FormPlace};
use crate::error::{Code, Error, Result};
use crate::store::team::{form_drafts, presences};
use crate::store::{Conn, Tx};

/// Fields whose values are never kept.
const SECRETS: [&str; 3] = ["password", "repeated", "current"];
/// Fields in which nobody writes.
const UNWRITTEN: [&str; 5] = ["version", "form_id", "product", "back", "to"];

/// Keeps a form as it is now. A form in which nothing is written has no draft.
///
/// # Errors
/// 413 for a form that is too large.
pub fn keep(tx: &mut Tx<'_>, member: Id, place: &FormPlace, fields: &[(String, String)]) -> Result<()> {
    let kept: Vec<(String, String)> =
        fields.iter().filter(|(name, _)| !SECRETS.contains(&name.as_str())).cloned().collect();
    let is_empty = kept.iter().all(|(name, value)| UNWRITTEN.contains(&name.as_str()) || value.trim().is_empty());
    if is_empty {
        return form_drafts::remove(tx, member, place);
    }
    if kept.iter().map(|(name, value)| name.len() + value.len() + 6).sum::<usize>() > DRAFT_BYTES {
        return Err(Error::new(Code::TooLarge, format!("A draft may have {DRAFT_BYTES} bytes.")));
    }
    form_drafts::keep(tx, member, place, &kept)
}

/// The drafts of a member on a page.
pub fn on_page(conn: &mut Conn, member: Id, page: &str, now: Time) -> Result<Vec<FormDraft>> {
    form_drafts::on_page(conn, member, page, now.plus(-DRAFT_KEPT))
}

/// Deletes a draft that its member does not want; answers the page that it was on.
pub fn discard(tx: &mut Tx<'_>, member: Id, id: Id) -> Result<Option<String>> {
    let Some(draft) = form_drafts::of_member(tx.conn, member, id)? else { return Ok(None) };
    form_drafts::delete(tx, id)?;
    presences::stop_writing(tx, member)?;
    Ok(Some(draft.place.page))
}

/// Deletes the drafts of a form that was sent.
pub fn sent(tx: &mut Tx<'_>, member: Id, action: &str) -> Result<()> {
    presences::stop_writing(tx, member)?;
    form_drafts::sent(tx, member, action)
}

/// Deletes the drafts on pages about these resources, and those that name or quote an erased person.
pub(in crate::usecase) fn forget(tx: &mut Tx<'_>, traces: &Traces, mentioned: &[Id]) -> Result<()> {
    let ids: Vec<String> = mentioned.iter().map(Id::to_string).collect();
    let tells = |text: &str| ids.iter().any(|id| text.contains(id)) || traces.in_text(text);
    for draft in form_drafts::all(tx.conn)? {
        let place = [&draft.place.page, &draft.place.action, &draft.place.form];
        let texts = place.into_iter().chain(draft.fields.iter().flat_map(|(name, value)| [name, value]));
        if texts.into_iter().any(|text| tells(text)) {
            form_drafts::delete(tx, draft.id)?;
        }
    }
    Ok(())
}

/// Deletes the drafts that were not changed for too long.
pub fn sweep(tx: &mut Tx<'_>) -> Result<()> {
    let since = tx.now.plus(-DRAFT_KEPT);
    form_drafts::sweep(tx, since)
}
