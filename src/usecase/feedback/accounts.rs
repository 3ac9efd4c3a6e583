//! Accounts: the companies customers belong to.

use serde_json::{Value, json};

use crate::domain::base::decode;
use crate::domain::base::text::fold;
use crate::domain::base::{Id, Money, check_version};
use crate::domain::feedback::{Account, AccountEdit, NewAccount};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::base::types::DbTime;
use crate::store::feedback::customers::{self as store, AccountRow};
use crate::store::themes::stale;

/// Creates an account.
///
/// # Errors
/// 409 where an account has this name; case and width are ignored.
pub fn create(tx: &mut Tx<'_>, input: &NewAccount) -> Result<Account> {
    let folded = fold(&input.name);
    refuse_taken(tx, &folded, None)?;
    let (id, now) = (Id::next(), DbTime(tx.now));
    let (minor, currency) = columns(input.annual_value.clone());
    let row = AccountRow {
        id: id.into(),
        name: input.name.trim().to_owned(),
        name_folded: folded,
        segment: input.segment.clone(),
        annual_value_minor: minor,
        annual_value_currency: currency,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    store::insert_accounts(tx, std::slice::from_ref(&row))?;
    tx.event("account.created", id, None, json!({}));
    Ok(row.into())
}

/// Changes an account by a merge patch.
///
/// # Errors
/// 404, 409 where another account has the name, 412, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value) -> Result<Account> {
    let row = store::lock_account(tx, id)?;
    check_version(if_match, row.version)?;
    let current = Account::from(row.clone());
    let before = AccountEdit::from(&current);
    let edit: AccountEdit = decode::patched(&before, patch)?;
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(current);
    }
    let folded = fold(&edit.name);
    refuse_taken(tx, &folded, Some(id))?;
    let (minor, currency) = columns(edit.annual_value);
    let row = AccountRow {
        name: edit.name.trim().to_owned(),
        name_folded: folded,
        segment: edit.segment,
        annual_value_minor: minor,
        annual_value_currency: currency,
        version: row.version + 1,
        updated_at: DbTime(tx.now),
        ..row
    };
    store::update_account(tx, &row)?;
    if fields.iter().any(|field| field == "annual_value") {
        stale::of_account(tx, id)?;
    }
    tx.event("account.updated", id, None, json!({ "fields": fields }));
    Ok(row.into())
}

fn refuse_taken(tx: &mut Tx<'_>, folded: &str, except: Option<Id>) -> Result<()> {
    let owner = store::accounts_by_name(tx.conn, &[folded.to_owned()])?.pop();
    match owner {
        Some(owner) if Some(Id::from(owner.id)) != except => {
            Err(Error::new(Code::Conflict, format!("Account {} has this name already.", Id::from(owner.id))))
        }
        _ => Ok(()),
    }
}

fn columns(value: Option<Money>) -> (Option<i64>, Option<String>) {
    value.map(|money| (money.amount_minor, money.currency)).unzip()
}
