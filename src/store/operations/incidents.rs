//! Incidents.

use crate::domain::base::language::Language;
use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::operations::incident::{Incident, IncidentNumber, IncidentQuery, IncidentSource, IncidentState};
use crate::domain::operations::ownership::Ownership;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json, name};
use crate::store::schema::{incidents, products};
use crate::store::team::products as stored_products;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = incidents, treat_none_as_null = true)]
struct Row {
    id: DbId,
    product_id: DbId,
    number: i32,
    title: String,
    summary: Option<String>,
    severity: i32,
    state: String,
    owner_id: DbId,
    owner_because: String,
    services: String,
    source: String,
    join_key: Option<String>,
    recurrence_of: Option<DbId>,
    merged_into: Option<DbId>,
    flaps: i32,
    alert_count: i32,
    detected_at: DbTime,
    opened_at: DbTime,
    acknowledged_at: Option<DbTime>,
    acknowledged_by: Option<DbId>,
    diagnosed_at: Option<DbTime>,
    mitigated_at: Option<DbTime>,
    resolved_at: Option<DbTime>,
    created_by: Option<DbId>,
    version: i32,
    created_at: DbTime,
    updated_at: DbTime,
}

impl Row {
    fn of(incident: &Incident, number: i32) -> Self {
        Row {
            id: incident.id.into(),
            product_id: incident.product_id.into(),
            number,
            title: incident.title.clone(),
            summary: incident.summary.clone(),
            severity: incident.severity,
            state: incident.state.as_str().to_owned(),
            owner_id: incident.owner_id.into(),
            owner_because: json(&incident.ownership),
            services: json(&incident.services),
            source: incident.source.as_str().to_owned(),
            join_key: incident.join_key.clone(),
            recurrence_of: incident.recurrence_of.map(DbId),
            merged_into: incident.merged_into.map(DbId),
            flaps: incident.flaps,
            alert_count: incident.alert_count,
            detected_at: incident.detected_at.into(),
            opened_at: incident.opened_at.into(),
            acknowledged_at: incident.acknowledged_at.map(DbTime),
            acknowledged_by: incident.acknowledged_by.map(DbId),
            diagnosed_at: incident.diagnosed_at.map(DbTime),
            mitigated_at: incident.mitigated_at.map(DbTime),
            resolved_at: incident.resolved_at.map(DbTime),
            created_by: incident.created_by.map(DbId),
            version: incident.version,
            created_at: incident.created_at.into(),
            updated_at: incident.updated_at.into(),
        }
    }

    fn show(self, key: &str) -> Result<Incident> {
        let ownership: Ownership = serde_json::from_str(&self.owner_because).map_err(Error::internal)?;
        Ok(Incident {
            id: self.id.into(),
            number: IncidentNumber { key: key.to_owned(), number: self.number }.to_string(),
            product_id: self.product_id.into(),
            title: self.title,
            summary: self.summary,
            severity: self.severity,
            state: name(&self.state)?,
            owner_id: self.owner_id.into(),
            owner_because: ownership.sentence(Language::English),
            ownership,
            services: serde_json::from_str(&self.services).unwrap_or_default(),
            source: name(&self.source)?,
            join_key: self.join_key,
            recurrence_of: self.recurrence_of.map(Id::from),
            merged_into: self.merged_into.map(Id::from),
            flaps: self.flaps,
            alert_count: self.alert_count,
            detected_at: self.detected_at.into(),
            opened_at: self.opened_at.into(),
            acknowledged_at: self.acknowledged_at.map(Time::from),
            acknowledged_by: self.acknowledged_by.map(Id::from),
            diagnosed_at: self.diagnosed_at.map(Time::from),
            mitigated_at: self.mitigated_at.map(Time::from),
            resolved_at: self.resolved_at.map(Time::from),
            created_by: self.created_by.map(Id::from),
            version: self.version,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}

/// The incidents of rows, in their order.
fn show_all(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Incident>> {
    let mut ids: Vec<DbId> = rows.iter().map(|row| row.product_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let keys: Vec<(DbId, String)> =
        products::table.filter(products::id.eq_any(ids)).select((products::id, products::key)).load(conn)?;
    let key = |product| keys.iter().find(|(id, _)| *id == product).map_or("", |(_, key)| key.as_str());
    rows.into_iter().map(|row| (key(row.product_id), row)).map(|(key, row)| row.show(key)).collect()
}

fn one(conn: &mut Conn, row: Option<Row>) -> Result<Option<Incident>> {
    Ok(show_all(conn, row.into_iter().collect())?.pop())
}

/// An incident.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Incident> {
    let row: Option<Row> = incidents::table.find(DbId(id)).first(conn).optional()?;
    one(conn, row)?.ok_or_else(|| Error::not_found("incident"))
}

/// An incident, or the one that it was merged into.
///
/// # Errors
/// 404.
pub fn lasting(conn: &mut Conn, id: Id) -> Result<Incident> {
    let mut found = get(conn, id)?;
    while let Some(into) = found.merged_into {
        found = get(conn, into)?;
    }
    Ok(found)
}

/// An incident, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<Incident> {
    lock_row!(tx, incidents, id);
    get(tx.conn, id)
}

/// The id of the incident with this number.
pub fn numbered(conn: &mut Conn, number: &IncidentNumber) -> Result<Option<Id>> {
    let found: Option<DbId> = incidents::table
        .inner_join(products::table.on(incidents::product_id.eq(products::id)))
        .filter(products::key.eq(&number.key))
        .filter(incidents::number.eq(number.number))
        .select(incidents::id)
        .first(conn)
        .optional()?;
    Ok(found.map(Id::from))
}

/// Incidents that pass every filter, newest first.
///
/// # Errors
/// 422 for a wrong cursor or an unknown product.
pub fn list(conn: &mut Conn, q: &IncidentQuery, paging: &Paging) -> Result<Page<Incident>> {
    let mut query = incidents::table.into_boxed();
    if let Some(product) = stored_products::named(conn, q.product.as_deref())? {
        query = query.filter(incidents::product_id.eq(DbId(product.id)));
    }
    if let Some(state) = q.state {
        query = query.filter(incidents::state.eq(state.as_str()));
    }
    query = match q.resolved {
        Some(true) => query.filter(incidents::state.eq(IncidentState::Resolved.as_str())),
        Some(false) => query.filter(incidents::state.ne(IncidentState::Resolved.as_str())),
        None => query,
    };
    if let Some(severity) = q.severity {
        query = query.filter(incidents::severity.eq(severity));
    }
    if let Some(owner) = q.owner {
        query = query.filter(incidents::owner_id.eq(DbId(owner)));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(incidents::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(incidents::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown = show_all(conn, rows)?;
    Ok(paging.page(shown, |incident| vec![incident.id.to_string()]))
}

/// The newest incident of a source with this key, if there is one.
pub fn of_key(conn: &mut Conn, product: Id, source: IncidentSource, join_key: &str) -> Result<Option<Incident>> {
    let row: Option<Row> = incidents::table
        .filter(incidents::product_id.eq(DbId(product)))
        .filter(incidents::source.eq(source.as_str()))
        .filter(incidents::join_key.eq(join_key.to_owned()))
        .order(incidents::id.desc())
        .first(conn)
        .optional()?;
    one(conn, row)
}

/// The next number of a product's incidents. The product stays locked until the commit, so numbers have no gaps and no
/// repeats.
pub fn next_number(tx: &mut Tx<'_>, product: Id) -> Result<i32> {
    stored_products::lock(tx, product)?;
    let last: Option<i32> = incidents::table
        .filter(incidents::product_id.eq(DbId(product)))
        .select(incidents::number)
        .order(incidents::number.desc())
        .first(tx.conn)
        .optional()?;
    Ok(last.unwrap_or_default() + 1)
}

/// Adds an incident with this number.
///
/// # Errors
/// 409 where an active incident of the source has its key; the writer then retries.
pub fn insert(tx: &mut Tx<'_>, incident: &Incident, number: i32) -> Result<()> {
    diesel::insert_into(incidents::table).values(Row::of(incident, number)).execute(tx.conn)?;
    Ok(())
}

/// Writes the current state of an incident.
pub fn update(tx: &mut Tx<'_>, incident: &Incident) -> Result<()> {
    let number = incident.number.parse::<IncidentNumber>();
    let number = number.map_err(|()| Error::internal("an incident has a number"))?.number;
    diesel::update(incidents::table.find(DbId(incident.id))).set(&Row::of(incident, number)).execute(tx.conn)?;
    Ok(())
}

/// The incidents of a product that are not resolved, oldest first.
pub fn unresolved(conn: &mut Conn, product: Id) -> Result<Vec<Incident>> {
    let own = incidents::table.filter(incidents::product_id.eq(DbId(product)));
    let open = own.filter(incidents::state.ne(IncidentState::Resolved.as_str()));
    let rows: Vec<Row> = open.order(incidents::id.asc()).limit(200).load(conn)?;
    show_all(conn, rows)
}

/// The incidents of a member that are not resolved, oldest first.
pub fn owned_by(conn: &mut Conn, member: Id) -> Result<Vec<Id>> {
    let own = incidents::table.filter(incidents::owner_id.eq(DbId(member)));
    let open = own.filter(incidents::state.ne(IncidentState::Resolved.as_str()));
    let ids: Vec<DbId> = open.select(incidents::id).order(incidents::id.asc()).load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// The incidents that a product opened in a period, without those merged into others, oldest first.
pub fn of_period(conn: &mut Conn, product: Id, from: Time, to: Time) -> Result<Vec<Incident>> {
    let rows: Vec<Row> = incidents::table
        .filter(incidents::product_id.eq(DbId(product)))
        .filter(incidents::merged_into.is_null())
        .filter(incidents::opened_at.ge(DbTime(from)))
        .filter(incidents::opened_at.lt(DbTime(to)))
        .order(incidents::id.asc())
        .load(conn)?;
    show_all(conn, rows)
}
