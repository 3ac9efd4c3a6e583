//! Accounts: the companies customers belong to.

use serde_json::{Value, json};

use crate::domain::base::decode;
use crate::domain::base::text::fold;
use crate::domain::base::{Id, check_version};
use crate::domain::feedback::{Account, AccountEdit, NewAccount};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::feedback::customers as store;
use crate::store::themes::stale;

/// Creates an account.
///
/// # Errors
/// 409 where an account has this name; case and width are ignored.
pub fn create(tx: &mut Tx<'_>, input: &NewAccount) -> Result<Account> {
    refuse_taken(tx, &fold(&input.name), None)?;
    let (id, now) = (Id::next(), tx.now);
    let account = Account {
        id,
        name: input.name.trim().to_owned(),
        segment: input.segment.clone(),
        annual_value: input.annual_value.clone(),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    store::insert_accounts(tx, vec![account.clone()])?;
    tx.event("account.created", id, None, json!({}));
    Ok(account)
}

/// Changes an account by a merge patch.
///
/// # Errors
/// 404, 409 where another account has the name, 412, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value) -> Result<Account> {
    let current = store::lock_account(tx, id)?;
    check_version(if_match, current.version)?;
    let before = AccountEdit::from(&current);
    let edit: AccountEdit = decode::patched(&before, patch)?;
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(current);
    }
    refuse_taken(tx, &fold(&edit.name), Some(id))?;
    let account = Account {
        name: edit.name.trim().to_owned(),
        segment: edit.segment,
        annual_value: edit.annual_value,
        version: current.version + 1,
        updated_at: tx.now,
        ..current
    };
    store::update_account(tx, account.clone())?;
    if fields.iter().any(|field| field == "annual_value") {
        stale::of_account(tx, id)?;
    }
    tx.event("account.updated", id, None, json!({ "fields": fields }));
    Ok(account)
}

fn refuse_taken(tx: &mut Tx<'_>, folded: &str, except: Option<Id>) -> Result<()> {
    let owner = store::accounts_by_name(tx.conn, &[folded.to_owned()])?.pop();
    match owner {
        Some(owner) if Some(owner.id) != except => {
            Err(Error::new(Code::Conflict, format!("Account {} has this name already.", owner.id)))
        }
        _ => Ok(()),
    }
}
