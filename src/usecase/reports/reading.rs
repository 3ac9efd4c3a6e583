//! Reading a report: what it said when it was made, with the names of its customers for readers who may see them.

use std::collections::HashMap;

use crate::domain::base::Id;
use crate::domain::feedback::CustomerRecord;
use crate::domain::reports::document::Document;
use crate::domain::reports::report::{ReportScope, ReportedCustomer, ShownReport, StatusReport};
use crate::domain::reports::wording;
use crate::error::Result;
use crate::store::Conn;
use crate::store::feedback::customers;
use crate::store::reports::rows;

/// A report as a reader of this scope sees it.
///
/// # Errors
/// 404.
pub fn shown(conn: &mut Conn, id: Id, scope: ReportScope) -> Result<ShownReport> {
    let report = rows::get(conn, id)?;
    of(conn, report, scope)
}

/// As [`shown`], of a report that is read already.
pub fn of(conn: &mut Conn, report: StatusReport, scope: ReportScope) -> Result<ShownReport> {
    let content = rows::content(conn, report.id)?;
    if scope == ReportScope::Summary {
        return Ok(ShownReport { report, content: content.without_customers(), customers: Vec::new() });
    }
    let customers = named(conn, &content.customer_ids())?;
    Ok(ShownReport { report, content, customers })
}

/// The names of customers. Erased people are left out; a merged customer has the name of the one they were merged into.
fn named(conn: &mut Conn, ids: &[Id]) -> Result<Vec<ReportedCustomer>> {
    let found = customers::by_id(conn, ids)?;
    let into: Vec<Id> = found.iter().filter_map(|row| row.merged_into).collect();
    let persons: HashMap<Id, CustomerRecord> =
        customers::by_id(conn, &into)?.into_iter().map(|row| (row.id, row)).collect();
    let accounts: Vec<Id> = found.iter().chain(persons.values()).filter_map(|row| row.account_id).collect();
    let accounts: HashMap<Id, String> =
        customers::accounts_by_id(conn, &accounts)?.into_iter().map(|account| (account.id, account.name)).collect();
    let name = |row: CustomerRecord| {
        let person = row.merged_into.and_then(|into| persons.get(&into)).unwrap_or(&row);
        let account = person.account_id.and_then(|id| accounts.get(&id).cloned());
        (person.erased_at.is_none()).then(|| ReportedCustomer { id: row.id, name: person.name.clone(), account })
    };
    Ok(found.into_iter().filter_map(name).collect())
}

/// The report in words.
pub fn document(shown: &ShownReport) -> Document {
    wording::written(&shown.report, &shown.content, &shown.customers)
}
