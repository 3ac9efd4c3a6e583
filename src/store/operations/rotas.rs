//! Rotas with their members. Overrides are in `overrides.rs`.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::domain::base::{Id, Page, Paging};
use crate::domain::operations::rota::Rota;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json, name};
use crate::store::schema::{members, rota_members, rota_overrides, rotas};

#[derive(Queryable, Insertable)]
#[diesel(table_name = rotas)]
struct Row {
    id: DbId,
    product_id: DbId,
    name: String,
    time_zone: String,
    start_date: String,
    every: String,
    length: i32,
    hand_over: String,
    restrictions: String,
    layer: i32,
    version: i32,
    created_at: DbTime,
    updated_at: DbTime,
}

impl Row {
    fn of(rota: &Rota) -> Self {
        Self {
            id: rota.id.into(),
            product_id: rota.product_id.into(),
            name: rota.name.clone(),
            time_zone: rota.time_zone.clone(),
            start_date: rota.start.to_string(),
            every: rota.every.as_str().to_owned(),
            length: rota.length,
            hand_over: rota.hand_over.clone(),
            restrictions: json(&rota.restrictions),
            layer: rota.layer,
            version: rota.version,
            created_at: rota.created_at.into(),
            updated_at: rota.updated_at.into(),
        }
    }
}

/// Adds a rota.
pub fn insert(tx: &mut Tx<'_>, rota: &Rota) -> Result<()> {
    diesel::insert_into(rotas::table).values(&Row::of(rota)).execute(tx.conn)?;
    put_members(tx, rota)
}

/// Writes a rota's fields.
pub fn update(tx: &mut Tx<'_>, rota: &Rota) -> Result<()> {
    let row = Row::of(rota);
    diesel::update(rotas::table.find(row.id))
        .set((
            rotas::name.eq(row.name),
            rotas::time_zone.eq(row.time_zone),
            rotas::start_date.eq(row.start_date),
            rotas::every.eq(row.every),
            rotas::length.eq(row.length),
            rotas::hand_over.eq(row.hand_over),
            rotas::restrictions.eq(row.restrictions),
            rotas::layer.eq(row.layer),
            rotas::version.eq(row.version),
            rotas::updated_at.eq(row.updated_at),
        ))
        .execute(tx.conn)?;
    put_members(tx, rota)
}

fn put_members(tx: &mut Tx<'_>, rota: &Rota) -> Result<()> {
    diesel::delete(rota_members::table.filter(rota_members::rota_id.eq(DbId(rota.id)))).execute(tx.conn)?;
    for (place, member) in rota.members.iter().enumerate() {
        let row = (
            rota_members::rota_id.eq(DbId(rota.id)),
            rota_members::place.eq(place as i32),
            rota_members::member_id.eq(DbId(*member)),
        );
        diesel::insert_into(rota_members::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}

/// Deletes a rota with its members and overrides.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    diesel::delete(rota_overrides::table.filter(rota_overrides::rota_id.eq(DbId(id)))).execute(tx.conn)?;
    diesel::delete(rota_members::table.filter(rota_members::rota_id.eq(DbId(id)))).execute(tx.conn)?;
    diesel::delete(rotas::table.find(DbId(id))).execute(tx.conn)?;
    Ok(())
}

/// A rota.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Rota> {
    let row: Option<Row> = rotas::table.find(DbId(id)).first(conn).optional()?;
    show(conn, row.into_iter().collect())?.pop().ok_or_else(|| Error::not_found("rota"))
}

/// The rota with this id, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<Rota> {
    lock_row!(tx, rotas, id);
    get(tx.conn, id)
}

/// Rotas, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn list(conn: &mut Conn, product: Option<Id>, paging: &Paging) -> Result<Page<Rota>> {
    let mut query = rotas::table.into_boxed();
    if let Some(product) = product {
        query = query.filter(rotas::product_id.eq(DbId(product)));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(rotas::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(rotas::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown = show(conn, rows)?;
    Ok(paging.page(shown, |rota| vec![rota.id.to_string()]))
}

/// The rotas of these products, in the order in which they are asked.
pub fn in_order(conn: &mut Conn, products: &[Id]) -> Result<Vec<Rota>> {
    let ids = products.iter().map(|id| DbId(*id));
    let rows: Vec<Row> =
        rotas::table.filter(rotas::product_id.eq_any(ids)).order((rotas::layer.asc(), rotas::id.asc())).load(conn)?;
    show(conn, rows)
}

/// How many rotas a product has.
pub fn count_of(conn: &mut Conn, product: Id) -> Result<i64> {
    Ok(rotas::table.filter(rotas::product_id.eq(DbId(product))).count().get_result(conn)?)
}

/// Those of these members who are active.
pub fn active_among(conn: &mut Conn, among: &[Id]) -> Result<Vec<Id>> {
    let rows = members::table.filter(members::id.eq_any(among.iter().map(|id| DbId(*id))));
    let ids: Vec<DbId> = rows.filter(members::active.eq(true)).select(members::id).load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// Rotas with their members, in the order of the rows. Who is unavailable is not known here.
fn show(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Rota>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let members: Vec<(DbId, DbId)> = rota_members::table
        .filter(rota_members::rota_id.eq_any(rows.iter().map(|row| row.id)))
        .order((rota_members::rota_id.asc(), rota_members::place.asc()))
        .select((rota_members::rota_id, rota_members::member_id))
        .load(conn)?;
    let mut by_rota: HashMap<DbId, Vec<Id>> = HashMap::new();
    for (rota, member) in members {
        by_rota.entry(rota).or_default().push(member.into());
    }
    let shown = |row: Row| {
        Ok(Rota {
            id: row.id.into(),
            product_id: row.product_id.into(),
            name: row.name,
            time_zone: row.time_zone,
            start: row.start_date.parse::<NaiveDate>().map_err(Error::internal)?,
            every: name(&row.every)?,
            length: row.length,
            hand_over: row.hand_over,
            members: by_rota.remove(&row.id).unwrap_or_default(),
            restrictions: serde_json::from_str(&row.restrictions).map_err(Error::internal)?,
            layer: row.layer,
            unavailable: Vec::new(),
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    };
    rows.into_iter().map(shown).collect()
}
