//! Changes of customers by people: create, edit, merge.

use serde_json::{Value, json};

use super::filing::customer_resolver::Resolver;
use crate::domain::base::decode;
use crate::domain::base::text::email_fold;
use crate::domain::base::{Id, Reference, check_version};
use crate::domain::feedback::{Customer, CustomerEdit, CustomerInput, CustomerRecord, MailAddress, NewCustomer};
use crate::domain::team::FilingRights;
use crate::error::{Code, Error, FieldError, Result};
use crate::store::feedback::customers as store;
use crate::store::operations::tellings;
use crate::store::privacy::retention::holds;
use crate::store::privacy::{consents, person_requests};
use crate::store::team::{access, notes};
use crate::store::themes::stale;
use crate::store::{Tx, feedback};
use crate::usecase::closure::settling;

/// Finds or creates a customer, by the same rules as one named inline with a feedback; answers whether it is new.
///
/// # Errors
/// 409 where identity and e-mail address belong to two customers, 422 where nothing identifies the customer.
pub fn create(tx: &mut Tx<'_>, input: &CustomerInput) -> Result<(bool, Customer)> {
    let origin = input.origin.as_deref().unwrap_or_default();
    let named = NewCustomer {
        external_id: input.external_id.clone(),
        email: input.email.clone(),
        name: input.name.clone(),
        account: input.account.clone(),
    };
    let mut known = Resolver::load(tx, std::iter::once((origin, &named)), FilingRights::ALL)?;
    let id = known.resolve(tx, origin, &named, None).ok_or_else(|| {
        Error::field("", "required", "must have at least one of external_id, email, name and account")
    })?;
    if !known.take_left_out().is_empty() {
        let detail =
            "The external_id belongs to one customer, the e-mail address to another. Merge them, or send one of both.";
        return Err(Error {
            fields: vec![FieldError::new("/email", "taken", "belongs to another customer")],
            ..Error::new(Code::Conflict, detail)
        });
    }
    let new = known.is_new(id);
    if !new && access::hides_customer(tx, id)? {
        let detail =
            "A customer with this external_id or e-mail address is known in a product that you have no access to.";
        return Err(Error::new(Code::Conflict, detail));
    }
    known.save(tx)?;
    Ok((new, store::get(tx.conn, id)?))
}

/// Changes a customer by a merge patch.
///
/// # Errors
/// 404, 409 where another customer has the e-mail address or this one was merged away, 410 once erased, 412, 422 with
/// every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value) -> Result<Customer> {
    let row = present(tx, id)?;
    check_version(if_match, row.version)?;
    let current = store::get(tx.conn, id)?;
    let before = CustomerEdit::from(&current);
    let edit: CustomerEdit = decode::patched(&before, patch)?;
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(current);
    }
    if let Some(email) = &edit.email {
        claim_address(tx, id, email)?;
    }
    if let Some(account) = edit.account_id {
        Reference::Account.found(store::account(tx.conn, account), "/account_id")?;
    }
    let account_changes = row.account_id != edit.account_id;
    let email = edit.email.as_deref().map(MailAddress::new);
    let row = CustomerRecord {
        account_id: edit.account_id,
        name: edit.name,
        // A new mailbox may accept mail.
        bounced_at: row.bounced_at.filter(|_| folded(&row.email) == folded(&email)),
        email,
        version: row.version + 1,
        updated_at: tx.now,
        ..row
    };
    store::update(tx, row)?;
    if account_changes {
        stale::of_customer(tx, id)?;
    }
    tx.event("customer.updated", id, None, json!({ "fields": fields }));
    store::get(tx.conn, id)
}

/// Merges another customer into this one: the other's feedback and identities move here, and its values fill empty
/// fields. An address that can't move still leads here. A repeated call changes nothing.
///
/// # Errors
/// 404, 409 where either was merged into a third, 410 once erased, 412, 422 for an `other` that can't be merged.
pub fn merge(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, other: Id) -> Result<Customer> {
    let row = present(tx, id)?;
    check_version(if_match, row.version)?;
    if other == id {
        return Err(Error::field("/customer_id", "same", "must be another customer"));
    }
    let gone = Reference::Customer.found(store::row(tx.conn, other), "/customer_id")?;
    if gone.merged_into == Some(id) {
        return store::get(tx.conn, id);
    }
    let gone = still_present(gone)?;
    stale::of_customer(tx, id)?;
    stale::of_customer(tx, other)?;
    feedback::rows::move_to_customer(tx, other, id)?;
    settling::follow_merge(tx, other, id)?;
    store::move_identities(tx, other, id)?;

    let now = tx.now;
    for earlier in store::merged_into(tx.conn, other)? {
        store::update(tx, CustomerRecord { merged_into: Some(id), ..earlier })?;
    }
    let takes_address = row.email.is_none();
    let email = gone.email.clone();
    // Unsubscribing counts for the person, whichever of the two customers did it.
    let unsubscribed_at = row.unsubscribed_at.or(gone.unsubscribed_at);
    let bounced_at = if takes_address { gone.bounced_at } else { row.bounced_at };
    let (account_id, name) = (row.account_id.or(gone.account_id), row.name.clone().or(gone.name.clone()));
    let left = CustomerRecord { name: None, merged_into: Some(id), version: gone.version + 1, updated_at: now, ..gone };
    // First the customer that gives the address up, then the one that gets it, because addresses are unique.
    store::update(tx, if takes_address { CustomerRecord { email: None, ..left } } else { left })?;
    let version = row.version + 1;
    let kept = CustomerRecord { account_id, name, unsubscribed_at, bounced_at, version, updated_at: now, ..row };
    store::update(tx, if takes_address { CustomerRecord { email, ..kept } } else { kept })?;
    notes::move_to_customer(tx, other, id)?;
    tellings::move_to_customer(tx, other, id)?;
    consents::move_to_customer(tx, other, id)?;
    person_requests::move_to_customer(tx, other, id)?;
    holds::move_to_customer(tx, other, id)?;
    tx.event("customer.merged", other, None, json!({ "into": id }));
    tx.event("customer.updated", id, None, json!({ "merged": other }));
    store::get(tx.conn, id)
}

fn folded(address: &Option<MailAddress>) -> Option<&str> {
    address.as_ref().map(|address| address.folded.as_str())
}

/// A customer that can be edited.
fn present(tx: &mut Tx<'_>, id: Id) -> Result<CustomerRecord> {
    still_present(store::lock(tx, id)?)
}

fn still_present(row: CustomerRecord) -> Result<CustomerRecord> {
    if row.erased_at.is_some() {
        return Err(Code::Gone.into());
    }
    match row.merged_into {
        Some(into) => Err(Error::new(Code::Conflict, format!("This customer was merged into {into}."))),
        None => Ok(row),
    }
}

/// Frees an address for this customer: one that was merged into it gives it up.
fn claim_address(tx: &mut Tx<'_>, id: Id, email: &str) -> Result<()> {
    match store::by_email(tx.conn, &[email_fold(email)])?.pop() {
        Some(owner) if owner.merged_into == Some(id) => store::update(tx, CustomerRecord { email: None, ..owner }),
        Some(owner) if owner.id != id => {
            let owner = owner.person();
            let detail = format!("Customer {owner} has this e-mail address; merge the two where they are one person.");
            Err(Error::new(Code::Conflict, detail))
        }
        _ => Ok(()),
    }
}
