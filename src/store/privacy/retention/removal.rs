//! Removing what is old, a piece at a time. Words of feedback and customers are removed by usecases.

use crate::domain::base::Id;
use crate::domain::feedback::ERASED;
use crate::domain::privacy::retention::RetentionKind;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::privacy::person_requests;
use crate::store::schema::{
    audit_log, deliveries, delivery_attempts, erased_people, import_chunks, import_errors, import_warnings, imports,
    incident_entries,
};

/// Removes these rows of a kind, or their texts; answers how many. Other kinds are left alone.
pub fn remove(tx: &mut Tx<'_>, kind: RetentionKind, ids: &[Id]) -> Result<usize> {
    let ids: Vec<DbId> = ids.iter().map(|id| DbId(*id)).collect();
    match kind {
        RetentionKind::IncidentNotes => {
            let rows = incident_entries::table.filter(incident_entries::id.eq_any(&ids));
            diesel::update(rows).set(incident_entries::text.eq(Some(ERASED))).execute(tx.conn)?;
        }
        RetentionKind::HookBodies => {
            let rows = deliveries::table.filter(deliveries::id.eq_any(&ids));
            let empty = (deliveries::body.eq("{}"), deliveries::last_error.eq(None::<String>));
            diesel::update(rows).set(empty).execute(tx.conn)?;
            let attempts = delivery_attempts::table.filter(delivery_attempts::delivery_id.eq_any(&ids));
            diesel::update(attempts).set(delivery_attempts::error.eq(None::<String>)).execute(tx.conn)?;
        }
        RetentionKind::Deliveries => {
            diesel::delete(delivery_attempts::table.filter(delivery_attempts::delivery_id.eq_any(&ids)))
                .execute(tx.conn)?;
            diesel::delete(deliveries::table.filter(deliveries::id.eq_any(&ids))).execute(tx.conn)?;
        }
        RetentionKind::Imports => imports_with_rows(tx, &ids)?,
        RetentionKind::AuditLog => {
            diesel::delete(audit_log::table.filter(audit_log::id.eq_any(&ids))).execute(tx.conn)?;
        }
        RetentionKind::Requests => person_requests::clear(tx, &ids)?,
        RetentionKind::FeedbackWords | RetentionKind::InactiveCustomers => return Ok(0),
    }
    Ok(ids.len())
}

fn imports_with_rows(tx: &mut Tx<'_>, ids: &[DbId]) -> Result<()> {
    diesel::delete(import_errors::table.filter(import_errors::import_id.eq_any(ids))).execute(tx.conn)?;
    diesel::delete(import_warnings::table.filter(import_warnings::import_id.eq_any(ids))).execute(tx.conn)?;
    diesel::delete(import_chunks::table.filter(import_chunks::import_id.eq_any(ids))).execute(tx.conn)?;
    diesel::delete(erased_people::table.filter(erased_people::import_id.eq_any(ids))).execute(tx.conn)?;
    diesel::delete(imports::table.filter(imports::id.eq_any(ids))).execute(tx.conn)?;
    Ok(())
}
