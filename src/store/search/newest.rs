//! The newest feedback with some words, on PostgreSQL.

use std::collections::BTreeSet;

use diesel::pg::Pg;
use diesel::sql_types::{BigInt, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::base::Id;
use crate::error::Result;
use crate::store::base::conn::{Prepared, Statement};
use crate::store::base::types::{DbId, UuidSql};

/// The id of a match.
#[derive(QueryableByName)]
struct FoundId {
    #[diesel(sql_type = UuidSql)]
    id: DbId,
}

/// The newest rows that a search reads first.
const FIRST_WINDOW: i64 = 3_000;

/// How many times larger each further window is than the one before.
const GROWTH: i64 = 4;

/// The matches that are fetched by the index before it is known how many there are.
const FEW: i64 = 300;

/// What it costs to fetch a match by the index, in rows that are read in order: each match lies in another page of the table.
const COST_OF_MATCH: f64 = 7.0;

/// A match, and the page of the table in which it lies.
#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = UuidSql)]
    id: DbId,
    #[diesel(sql_type = BigInt)]
    page: i64,
}

/// How large the table is: its rows and its pages, as of its last `ANALYZE`.
#[derive(QueryableByName)]
struct Extent {
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = BigInt)]
    pages: i64,
}

/// The newest feedback with these words that is older than `after`, found through the index of words alone; `wanted` is a
/// `tsquery`.
///
/// PostgreSQL's planner assumes that words occur independently: for two frequent words that never occur together it
/// would read every row. So this first reads the newest rows, and stops when the page is full. If it does not become full, a
/// few matches are fetched by the index. If there are no more than these, they are the answer. Otherwise older and older
/// rows are read until the page is full, or until that has cost as much as to fetch all matches, which is then done: so a
/// search costs at most twice what the better of the two ways costs. How many matches there are, one word being frequent
/// among the old rows and another among the new ones, can't be known from a part of the rows.
///
/// Each statement is prepared once, with the words in a subquery, because otherwise the words would be parsed for every
/// row.
pub(in crate::store) fn newest(
    conn: &mut PgConnection,
    wanted: &str,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<DbId>> {
    let search = Search { wanted, before: DbId(after.unwrap_or(Id(Uuid::max()))) };
    let mut window = FIRST_WINDOW;
    let newest = search.in_newest(conn, window, limit)?;
    if newest.len() as i64 >= limit {
        return Ok(newest);
    }
    let few = search.by_index(conn, FEW)?;
    if (few.len() as i64) < FEW {
        let ids: BTreeSet<DbId> = few.iter().map(|found| found.id).collect();
        return Ok(ids.into_iter().rev().take(limit as usize).collect());
    }
    let mut affordable = COST_OF_MATCH * matches(conn, &few)?;
    while affordable > 0.0 {
        window *= GROWTH;
        affordable -= window as f64;
        let newest = search.in_newest(conn, window, limit)?;
        if newest.len() as i64 >= limit {
            return Ok(newest);
        }
    }
    search.among_all(conn, limit)
}

/// How many matches there are, by how much of the table lies before the last of the first few of them.
fn matches(conn: &mut PgConnection, few: &[Found]) -> Result<f64> {
    let sql = "SELECT reltuples::bigint AS rows, relpages::bigint AS pages FROM pg_class \
         WHERE oid = 'feedback_search'::regclass";
    // A new table has no statistics yet.
    let Extent { rows, pages } = Prepared(sql_query(sql)).get_result(conn)?;
    let last = few.iter().map(|found| found.page + 1).max().unwrap_or(1);
    Ok((few.len() as f64 * pages.max(last) as f64 / last as f64).min(rows.max(10_000) as f64))
}

/// Words, and the feedback before which matches are looked for.
struct Search<'a> {
    wanted: &'a str,
    before: DbId,
}

impl Search<'_> {
    fn bound(&self, sql: &'static str, limit: i64) -> Statement<'_> {
        sql_query(sql)
            .into_boxed::<Pg>()
            .bind::<Text, _>(self.wanted)
            .bind::<UuidSql, _>(self.before)
            .bind::<BigInt, _>(limit)
    }

    /// The newest matches among that many of the newest rows.
    fn in_newest(&self, conn: &mut PgConnection, rows: i64, limit: i64) -> Result<Vec<DbId>> {
        let sql = "SELECT feedback_id AS id FROM (SELECT feedback_id, terms FROM feedback_search \
             WHERE feedback_id < $2 ORDER BY feedback_id DESC LIMIT $4) AS newest \
             WHERE terms @@ (SELECT $1::tsquery) ORDER BY feedback_id DESC LIMIT $3";
        let found: Vec<FoundId> = Prepared(self.bound(sql, limit).bind::<BigInt, _>(rows)).load(conn)?;
        Ok(found.into_iter().map(|found| found.id).collect())
    }

    /// At most that many matches in the order of the table's pages, which is about the order of their arrival.
    fn by_index(&self, conn: &mut PgConnection, most: i64) -> Result<Vec<Found>> {
        let sql = "SELECT feedback_id AS id, (ctid::text::point)[0]::bigint AS page FROM feedback_search \
             WHERE terms @@ (SELECT $1::tsquery) AND feedback_id < $2 LIMIT $3";
        Ok(Prepared(self.bound(sql, most)).load(conn)?)
    }

    /// The newest matches, after all were fetched by the index.
    fn among_all(&self, conn: &mut PgConnection, limit: i64) -> Result<Vec<DbId>> {
        let sql = "WITH found AS MATERIALIZED (SELECT feedback_id FROM feedback_search \
             WHERE terms @@ (SELECT $1::tsquery)) \
             SELECT feedback_id AS id FROM found WHERE feedback_id < $2 ORDER BY feedback_id DESC LIMIT $3";
        let found: Vec<FoundId> = Prepared(self.bound(sql, limit)).load(conn)?;
        Ok(found.into_iter().map(|found| found.id).collect())
    }
}
