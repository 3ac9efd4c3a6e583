//! On which basis customers are contacted: recording, withdrawing, and whether messages may be sent.

use serde_json::json;

use crate::domain::base::{Id, Time};
use crate::domain::closure::ClosureState;
use crate::domain::feedback::CustomerRecord;
use crate::domain::privacy::consent::{
    ConsentLine, ConsentRecord, ConsentWithdrawal, Consents, ContactBasis, ContactPurpose, NewConsent,
};
use crate::error::{Code, Error, Result};
use crate::store::closure::closures;
use crate::store::feedback::customers;
use crate::store::operations::tellings;
use crate::store::privacy::consents;
use crate::store::{Conn, Tx};
use crate::usecase::closure::messages;

/// Why a closure ends whose customer objected.
const OBJECTED: &str = "The customer objected to messages.";

/// The bases of a customer. The id of a merged customer means the one they were merged into.
///
/// # Errors
/// 404.
pub fn of(conn: &mut Conn, id: Id) -> Result<Consents> {
    let person = customers::row(conn, id)?.person();
    let history = consents::of_customer(conn, person)?;
    let line =
        |purpose: &ContactPurpose| ConsentLine::of(*purpose, history.iter().find(|record| record.purpose == *purpose));
    Ok(Consents { data: ContactPurpose::ALL.iter().map(line).collect(), history })
}

/// A customer whose bases may change.
fn present(tx: &mut Tx<'_>, id: Id) -> Result<CustomerRecord> {
    let person = customers::row(tx.conn, id)?.person();
    let row = customers::lock(tx, person)?;
    match row.erased_at {
        Some(_) => Err(Code::Gone.into()),
        None => Ok(row),
    }
}

fn not_later(tx: &Tx<'_>, time: Option<Time>, pointer: &str) -> Result<Time> {
    match time {
        Some(time) if time > tx.now => Err(Error::field(pointer, "in_the_future", "must not be in the future")),
        time => Ok(time.unwrap_or(tx.now)),
    }
}

/// Records a basis; it takes the place of the earlier one, which stays in the history.
///
/// # Errors
/// 404, 410 once they are erased, 422 with every wrong field.
pub fn record(tx: &mut Tx<'_>, id: Id, input: &NewConsent) -> Result<Consents> {
    let customer = present(tx, id)?;
    if input.purpose.needs_consent() && input.basis != ContactBasis::Consent {
        let detail = "must be consent: the law asks for it for this purpose";
        return Err(Error::field("/basis", "not_allowed", detail));
    }
    let given_at = not_later(tx, input.given_at, "/given_at")?;
    let record = ConsentRecord {
        id: Id::next(),
        customer_id: customer.id,
        purpose: input.purpose,
        basis: input.basis,
        source: input.source.trim().to_owned(),
        given_at,
        withdrawn_at: None,
        withdrawn_how: None,
        recorded_by: tx.actor.id,
        recorded_at: tx.now,
    };
    consents::insert(tx, &record)?;
    let data = json!({ "purpose": input.purpose, "basis": input.basis });
    tx.event("customer.consent_given", customer.id, None, data);
    of(tx.conn, customer.id)
}

/// Withdraws the basis of a purpose. Messages of that purpose that have not left are stopped. Withdrawing again changes
/// nothing.
///
/// # Errors
/// 404, 410 once they are erased, 422 with every wrong field.
pub fn withdraw(tx: &mut Tx<'_>, id: Id, input: &ConsentWithdrawal) -> Result<Consents> {
    let customer = present(tx, id)?;
    let withdrawn_at = not_later(tx, input.withdrawn_at, "/withdrawn_at")?;
    let latest =
        consents::of_customer(tx.conn, customer.id)?.into_iter().find(|record| record.purpose == input.purpose);
    if latest.as_ref().is_some_and(|record| record.withdrawn_at.is_some()) {
        return of(tx.conn, customer.id);
    }
    let how = Some(input.how.trim().to_owned());
    match latest {
        Some(record) => {
            let given_at = record.given_at;
            if withdrawn_at < given_at {
                let detail = "must not be before it was given";
                return Err(Error::field("/withdrawn_at", "too_early", detail));
            }
            consents::update(tx, &ConsentRecord { withdrawn_at: Some(withdrawn_at), withdrawn_how: how, ..record })?;
        }
        // An objection to the usual basis, or to a consent that nobody recorded.
        None => consents::insert(tx, &objection(tx, customer.id, input.purpose, withdrawn_at, how))?,
    }
    if input.purpose == ContactPurpose::Closure {
        stop_messages(tx, customer.id)?;
    }
    tx.event("customer.consent_withdrawn", customer.id, None, json!({ "purpose": input.purpose }));
    of(tx.conn, customer.id)
}

fn objection(tx: &Tx<'_>, customer_id: Id, purpose: ContactPurpose, at: Time, how: Option<String>) -> ConsentRecord {
    ConsentRecord {
        id: Id::next(),
        customer_id,
        purpose,
        basis: if purpose.needs_consent() { ContactBasis::Consent } else { ContactBasis::LegitimateInterest },
        source: String::new(),
        given_at: at,
        withdrawn_at: Some(at),
        withdrawn_how: how,
        recorded_by: tx.actor.id,
        recorded_at: tx.now,
    }
}

/// Ends what the customer was still to be told.
fn stop_messages(tx: &mut Tx<'_>, customer: Id) -> Result<()> {
    for row in closures::of_customer(tx.conn, customer)? {
        if row.state == ClosureState::Waiting {
            messages::unreachable(tx, row.id, None, OBJECTED)?;
        }
    }
    tellings::stop(tx, customer)?;
    // Also no reminders of what they were told before.
    messages::unsubscribe(tx, customer)
}

/// Stops everything: withdraws each purpose, and ends mails.
///
/// # Errors
/// 404, 410 once they are erased.
pub fn stop(tx: &mut Tx<'_>, id: Id, how: &str) -> Result<()> {
    for purpose in ContactPurpose::ALL {
        let input = ConsentWithdrawal { purpose: *purpose, how: how.to_owned(), withdrawn_at: None };
        withdraw(tx, id, &input)?;
    }
    Ok(())
}
