//! What is counted of a theme, from the feedback that is in it now.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::conn::on_each;
use super::schema::{products, themes};
use super::types::{DbId, DbTime, TimeSql, UuidSql};
use super::{Tx, feedback};
use crate::domain::{Id, Time};
use crate::error::Result;

/// Growth compares two spans of this length that end with the product's latest feedback.
const SPAN: i64 = 28 * Time::DAY;

#[derive(QueryableByName)]
struct Counts {
    #[diesel(sql_type = BigInt)]
    size: i64,
    #[diesel(sql_type = BigInt)]
    customers: i64,
    #[diesel(sql_type = BigInt)]
    recent: i64,
    #[diesel(sql_type = BigInt)]
    earlier: i64,
    #[diesel(sql_type = Nullable<TimeSql>)]
    first_seen: Option<DbTime>,
    #[diesel(sql_type = Nullable<TimeSql>)]
    last_seen: Option<DbTime>,
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

// `$1` is a parameter's number to PostgreSQL and its name to SQLite, which numbers names by first appearance.
const COUNTS: &str = "SELECT count(CASE WHEN occurred_at > $1 THEN 1 END) AS recent, \
     count(CASE WHEN occurred_at > $2 AND occurred_at <= $1 THEN 1 END) AS earlier, \
     count(*) AS size, count(DISTINCT customer_id) AS customers, \
     min(occurred_at) AS first_seen, max(occurred_at) AS last_seen \
     FROM feedback WHERE theme_id = $3 AND state = 'grouped'";
const VALUE: &str = "SELECT CAST(coalesce(sum(annual_value_minor), 0) AS BIGINT) AS value FROM \
     (SELECT DISTINCT accounts.id, annual_value_minor FROM feedback \
      JOIN customers ON customers.id = feedback.customer_id JOIN accounts ON accounts.id = customers.account_id \
      WHERE theme_id = $1 AND state = 'grouped' AND annual_value_currency = $2) AS paying";

/// Counts these themes anew: items, customers, value, growth, first and last seen.
///
/// # Errors
/// Those of the database.
pub fn refresh_counts(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    for id in ids {
        refresh(tx, *id)?;
    }
    Ok(())
}

fn refresh(tx: &mut Tx<'_>, theme: Id) -> Result<()> {
    let (product, currency): (DbId, String) = themes::table
        .inner_join(products::table.on(products::id.eq(themes::product_id)))
        .filter(themes::id.eq(DbId(theme)))
        .select((products::id, products::currency))
        .first(tx.conn)?;
    let latest = feedback::latest(tx.conn, product.into())?.unwrap_or(tx.now);
    let (recent, earlier) = (DbTime(latest.plus(-SPAN)), DbTime(latest.plus(-2 * SPAN)));
    let counts: Counts = on_each!(tx.conn, c => sql_query(COUNTS)
        .bind::<TimeSql, _>(recent)
        .bind::<TimeSql, _>(earlier)
        .bind::<UuidSql, _>(DbId(theme))
        .get_result(c))?;
    let value: Value = on_each!(tx.conn, c => sql_query(VALUE)
        .bind::<UuidSql, _>(DbId(theme))
        .bind::<Text, _>(&currency)
        .get_result(c))?;
    let whole = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    diesel::update(themes::table.find(DbId(theme)))
        .set((
            themes::size.eq(whole(counts.size)),
            themes::customers.eq(whole(counts.customers)),
            themes::value_minor.eq(value.value),
            themes::recent.eq(whole(counts.recent)),
            themes::growth.eq((counts.recent - counts.earlier) as f64 / counts.earlier.max(1) as f64),
            themes::first_seen_at.eq(counts.first_seen),
            themes::last_seen_at.eq(counts.last_seen),
        ))
        .execute(tx.conn)?;
    Ok(())
}
