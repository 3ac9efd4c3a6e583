//! Counts for weighted factors: the answers of customers behind stories, and the value of their accounts. They are read
//! only where the product gives them a weight in the score (see `domain/stories/priority/weights.rs`).

use std::collections::HashMap;

use diesel::sql_query;
use diesel::sql_types::{BigInt, Double, Text};

use super::evidence::{CountedEvidence, whole};
use crate::domain::base::Id;
use crate::domain::stories::priority::{AccountValue, Opinions};
use crate::domain::team::Product;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, UuidSql};
use crate::store::schema::stories;
use crate::store::themes::rows::literal;

/// Adds to the evidence of a product's stories the values that the product's weights need.
pub fn count(conn: &mut Conn, product: &Product, counted: &mut HashMap<Id, CountedEvidence>) -> Result<()> {
    let weights = &product.settings.score_weights;
    if counted.is_empty() || weights.are_zero() {
        return Ok(());
    }
    let ids: Vec<String> = counted.keys().map(|id| literal(conn, DbId(*id))).collect();
    let ids = ids.join(", ");
    if weights.detractors > 0.0 {
        for (story, opinions) in opinions(conn, &ids)? {
            counted.entry(story).or_default().evidence.opinions = opinions;
        }
    }
    if weights.account_value > 0.0 {
        let of_all_minor = of_all(conn, product)?;
        let of_stories = account_values(conn, &ids, &product.currency)?;
        for (story, one) in counted.iter_mut() {
            let known = of_stories.get(story).cloned().unwrap_or_default();
            one.evidence.account_value = AccountValue { currency: product.currency.clone(), of_all_minor, ..known };
        }
    }
    Ok(())
}

/// Has all stories of a product ranked again soon, because the inputs of their scores have changed.
pub fn rank_anew(tx: &mut Tx<'_>, product: Id) -> Result<()> {
    let ranked =
        stories::table.filter(stories::product_id.eq(DbId(product))).filter(stories::counted_until.is_not_null());
    diesel::update(ranked).set(stories::counted_until.eq(None::<DbTime>)).execute(tx.conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct OpinionsRow {
    #[diesel(sql_type = UuidSql)]
    story_id: DbId,
    #[diesel(sql_type = BigInt)]
    customers: i64,
    #[diesel(sql_type = BigInt)]
    known: i64,
    #[diesel(sql_type = BigInt)]
    detractors: i64,
}

/// One row per customer, and one per item without a customer: the latest NPS, else the latest rating, else neither.
fn opinions(conn: &mut Conn, ids: &str) -> Result<Vec<(Id, Opinions)>> {
    let statement = format!(
        "SELECT story_id, COUNT(*) AS customers, COUNT(COALESCE(nps, rating)) AS known, \
             COUNT(CASE WHEN nps <= 6 OR (nps IS NULL AND rating <= 2) THEN 1 END) AS detractors \
         FROM ( \
             SELECT i.story_id, f.nps, f.rating, ROW_NUMBER() OVER ( \
                 PARTITION BY i.story_id, COALESCE(f.customer_id, f.id) \
                 ORDER BY CASE WHEN f.nps IS NOT NULL THEN 0 WHEN f.rating IS NOT NULL THEN 1 ELSE 2 END, \
                     f.occurred_at DESC, f.id DESC \
             ) AS place \
             FROM story_items i JOIN feedback f ON f.id = i.feedback_id \
             WHERE i.story_id IN ({ids}) \
         ) AS answers WHERE place = 1 GROUP BY story_id"
    );
    let rows: Vec<OpinionsRow> = on_each!(conn, c => sql_query(statement).load(c))?;
    let opinions = |row: OpinionsRow| {
        let opinions =
            Opinions { customers: whole(row.customers), known: whole(row.known), detractors: whole(row.detractors) };
        (row.story_id.into(), opinions)
    };
    Ok(rows.into_iter().map(opinions).collect())
}

#[derive(QueryableByName)]
struct ValueRow {
    #[diesel(sql_type = UuidSql)]
    story_id: DbId,
    #[diesel(sql_type = BigInt)]
    accounts: i64,
    #[diesel(sql_type = Double)]
    minor: f64,
    #[diesel(sql_type = BigInt)]
    in_other_currency: i64,
    #[diesel(sql_type = BigInt)]
    without_value: i64,
}

/// The value of the accounts behind these stories, in a currency. Stories without accounts are left out.
pub fn values_of(conn: &mut Conn, stories: &[Id], currency: &str) -> Result<HashMap<Id, AccountValue>> {
    if stories.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<String> = stories.iter().map(|id| literal(conn, DbId(*id))).collect();
    account_values(conn, &ids.join(", "), currency)
}

/// The value of the accounts behind each story; each account counts once per story. Sums are floating point, so they
/// can't overflow.
fn account_values(conn: &mut Conn, ids: &str, currency: &str) -> Result<HashMap<Id, AccountValue>> {
    let statement = format!(
        "SELECT story_id, COUNT(CASE WHEN currency = $1 THEN 1 END) AS accounts, \
             COALESCE(SUM(CASE WHEN currency = $1 THEN CAST(value AS DOUBLE PRECISION) END), 0.0) AS minor, \
             COUNT(CASE WHEN currency <> $1 THEN 1 END) AS in_other_currency, \
             COUNT(CASE WHEN currency IS NULL THEN 1 END) AS without_value \
         FROM ( \
             SELECT DISTINCT i.story_id, a.id, a.annual_value_minor AS value, a.annual_value_currency AS currency \
             FROM story_items i JOIN feedback f ON f.id = i.feedback_id \
             JOIN customers p ON p.id = f.customer_id JOIN accounts a ON a.id = p.account_id \
             WHERE i.story_id IN ({ids}) \
         ) AS paying GROUP BY story_id"
    );
    let rows: Vec<ValueRow> = on_each!(conn, c => sql_query(statement).bind::<Text, _>(currency).load(c))?;
    let value = |row: ValueRow| {
        let value = AccountValue {
            accounts: whole(row.accounts),
            minor: row.minor,
            in_other_currency: whole(row.in_other_currency),
            without_value: whole(row.without_value),
            ..AccountValue::default()
        };
        (row.story_id.into(), value)
    };
    Ok(rows.into_iter().map(value).collect())
}

#[derive(QueryableByName)]
struct MinorSum {
    #[diesel(sql_type = Double)]
    minor: f64,
}

/// The total value of all accounts with feedback about the product, in the product's currency.
fn of_all(conn: &mut Conn, product: &Product) -> Result<f64> {
    let statement = "SELECT COALESCE(SUM(CAST(a.annual_value_minor AS DOUBLE PRECISION)), 0.0) AS minor FROM accounts a \
         WHERE a.annual_value_currency = $1 AND EXISTS ( \
             SELECT 1 FROM customers p JOIN feedback f ON f.customer_id = p.id \
             WHERE p.account_id = a.id AND f.product_id = $2 AND f.state <> 'dismissed' \
         )";
    let sum: MinorSum = on_each!(conn, c => sql_query(statement)
        .bind::<Text, _>(&product.currency)
        .bind::<UuidSql, _>(DbId(product.id))
        .get_result(c))?;
    Ok(sum.minor)
}
