//! How much customers say of a product, and how they rate it, by week.

use diesel::sql_query;
use diesel::sql_types::BigInt;

use crate::domain::base::{Id, Time};
use crate::domain::closure::ClosureState;
use crate::domain::measures::voice::VoiceWeek;
use crate::error::Result;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, TimeSql, UuidSql};
use crate::store::schema::closures;

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    week: i64,
    #[diesel(sql_type = BigInt)]
    items: i64,
    #[diesel(sql_type = BigInt)]
    rated: i64,
    #[diesel(sql_type = BigInt)]
    sum: i64,
}

/// The feedback of a product in the weeks between these times.
pub fn weeks(conn: &mut Conn, product: Id, starts: &[Time]) -> Result<Vec<VoiceWeek>> {
    let (Some(first), Some(end)) = (starts.first(), starts.last()) else { return Ok(Vec::new()) };
    // The weeks of a product begin at local midnight, so that one may have an hour more or less than another.
    let ends = |conn: &Conn| -> String {
        let literal = |time: &Time| match conn {
            Conn::Sqlite(_) => time.0.to_string(),
            Conn::Postgres(_) => format!("TIMESTAMPTZ '{time}'"),
        };
        let case = |(n, end): (usize, &Time)| format!("WHEN occurred_at < {} THEN {n} ", literal(end));
        starts.iter().skip(1).enumerate().map(case).collect()
    };
    let statement = format!(
        "SELECT week, COUNT(*) AS items, COUNT(rating) AS rated, CAST(COALESCE(SUM(rating), 0) AS BIGINT) AS sum FROM ( \
             SELECT CAST(CASE {} END AS BIGINT) AS week, rating FROM feedback \
             WHERE product_id = $1 AND occurred_at >= $2 AND occurred_at < $3 \
         ) AS said GROUP BY week",
        ends(conn)
    );
    let rows: Vec<Counted> = on_each!(conn, c => sql_query(statement)
        .bind::<UuidSql, _>(DbId(product))
        .bind::<TimeSql, _>(DbTime(*first))
        .bind::<TimeSql, _>(DbTime(*end))
        .load(c))?;
    let week = |(n, start): (usize, &Time)| {
        let found = rows.iter().find(|row| row.week == n as i64);
        let (items, rated, sum) = found.map_or((0, 0, 0), |row| (row.items, row.rated, row.sum));
        let mean_rating = (rated > 0).then(|| sum as f64 / rated as f64);
        VoiceWeek { start: *start, items, rated, mean_rating }
    };
    Ok(starts.iter().take(starts.len() - 1).enumerate().map(week).collect())
}

/// Customers of a product who wait to hear what became of their feedback.
pub fn waiting(conn: &mut Conn, product: Id) -> Result<i64> {
    let own = closures::table
        .filter(closures::product_id.eq(DbId(product)))
        .filter(closures::state.eq(ClosureState::Waiting.as_str()));
    Ok(own.count().get_result(conn)?)
}
