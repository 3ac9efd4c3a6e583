//! The escalation policies of products, and the escalations of incidents.

use crate::domain::base::{Id, Time};
use crate::domain::operations::escalation::{Escalation, EscalationPolicy, EscalationReason};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json, name};
use crate::store::schema::{escalation_policies as policies, incident_escalations as escalations};

#[derive(Queryable, Insertable)]
#[diesel(table_name = policies)]
struct PolicyRow {
    product_id: DbId,
    steps: String,
    repeats: i32,
    repeat_after_minutes: i32,
    acknowledged_minutes: i32,
    version: i32,
    updated_at: DbTime,
}

/// The policy of a product: the default one where nobody has changed it.
pub fn policy(conn: &mut Conn, product: Id) -> Result<EscalationPolicy> {
    let row: Option<PolicyRow> = policies::table.find(DbId(product)).first(conn).optional()?;
    let Some(row) = row else { return Ok(EscalationPolicy::of_nobody(product)) };
    Ok(EscalationPolicy {
        product_id: row.product_id.into(),
        is_default: false,
        steps: serde_json::from_str(&row.steps).map_err(Error::internal)?,
        repeats: row.repeats,
        repeat_after_minutes: row.repeat_after_minutes,
        acknowledged_minutes: row.acknowledged_minutes,
        version: row.version,
    })
}

/// Writes the policy of a product.
pub fn put_policy(tx: &mut Tx<'_>, policy: &EscalationPolicy) -> Result<()> {
    let row = PolicyRow {
        product_id: policy.product_id.into(),
        steps: json(&policy.steps),
        repeats: policy.repeats,
        repeat_after_minutes: policy.repeat_after_minutes,
        acknowledged_minutes: policy.acknowledged_minutes,
        version: policy.version,
        updated_at: tx.now.into(),
    };
    diesel::delete(policies::table.find(row.product_id)).execute(tx.conn)?;
    diesel::insert_into(policies::table).values(&row).execute(tx.conn)?;
    Ok(())
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = escalations)]
struct Row {
    id: DbId,
    incident_id: DbId,
    number: i32,
    because: String,
    begun_at: DbTime,
}

/// The latest escalation of an incident.
pub fn latest(conn: &mut Conn, incident: Id) -> Result<Option<Escalation>> {
    let row: Option<Row> = escalations::table
        .filter(escalations::incident_id.eq(DbId(incident)))
        .order(escalations::number.desc())
        .first(conn)
        .optional()?;
    let shown = |row: Row| {
        Ok(Escalation {
            id: row.id.into(),
            incident_id: row.incident_id.into(),
            number: row.number,
            because: name(&row.because)?,
            begun_at: row.begun_at.into(),
        })
    };
    row.map(shown).transpose()
}

/// Begins the next escalation of an incident.
pub fn begin(tx: &mut Tx<'_>, incident: Id, because: EscalationReason, begun_at: Time) -> Result<Escalation> {
    let number = latest(tx.conn, incident)?.map_or(1, |last| last.number + 1);
    let new = Escalation { id: Id::next(), incident_id: incident, number, because, begun_at };
    let row = Row {
        id: new.id.into(),
        incident_id: incident.into(),
        number,
        because: because.as_str().to_owned(),
        begun_at: begun_at.into(),
    };
    diesel::insert_into(escalations::table).values(&row).execute(tx.conn)?;
    Ok(new)
}
