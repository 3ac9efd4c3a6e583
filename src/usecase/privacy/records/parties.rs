//! The controller, processors and recipients of the record of processing.

use serde_json::{Value, json};

use crate::domain::base::calendar::parse_date;
use crate::domain::base::{Id, check_version, decode};
use crate::domain::privacy::records::data_party::{DataParty, DataPartyEdit, NewDataParty};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::privacy::records::data_parties as stored;

/// The most parties of a record.
const MOST: i64 = 500;

/// Adds a party.
///
/// # Errors
/// 409 where there are too many, 422 with every wrong field.
pub fn create(tx: &mut Tx<'_>, input: &NewDataParty) -> Result<DataParty> {
    if stored::count(tx.conn)? >= MOST {
        return Err(Error::new(Code::Conflict, format!("A record has at most {MOST} parties.")));
    }
    check_since(input.since.as_deref())?;
    let party = DataParty {
        id: Id::next(),
        role: input.role,
        name: input.name.trim().to_owned(),
        contact: input.contact.trim().to_owned(),
        purpose: input.purpose.trim().to_owned(),
        data: input.data.trim().to_owned(),
        country: input.country.clone(),
        transfer: input.transfer.trim().to_owned(),
        since: input.since.clone(),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    stored::insert(tx, &party)?;
    tx.event("data_party.created", party.id, None, json!({ "role": party.role }));
    Ok(party)
}

fn check_since(since: Option<&str>) -> Result<()> {
    match since.map(parse_date) {
        Some(None) => Err(Error::field("/since", "format", "must be a date, such as 2026-01-01")),
        _ => Ok(()),
    }
}

/// Changes a party by a merge patch.
///
/// # Errors
/// 404, 412, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value) -> Result<DataParty> {
    let current = stored::get(tx.conn, id)?;
    check_version(if_match, current.version)?;
    let before = DataPartyEdit::from(&current);
    let edit: DataPartyEdit = decode::patched(&before, patch)?;
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(current);
    }
    check_since(edit.since.as_deref())?;
    let party = DataParty {
        role: edit.role,
        name: edit.name,
        contact: edit.contact,
        purpose: edit.purpose,
        data: edit.data,
        country: edit.country,
        transfer: edit.transfer,
        since: edit.since,
        version: current.version + 1,
        updated_at: tx.now,
        ..current
    };
    stored::update(tx, &party)?;
    tx.event("data_party.updated", id, None, json!({ "fields": fields }));
    Ok(party)
}

/// Removes a party.
///
/// # Errors
/// 404, 412.
pub fn delete(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<()> {
    let current = stored::get(tx.conn, id)?;
    check_version(if_match, current.version)?;
    stored::delete(tx, id)?;
    tx.event("data_party.deleted", id, None, json!({ "role": current.role }));
    Ok(())
}
