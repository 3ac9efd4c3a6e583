//! The newest feedback with some words, on PostgreSQL.

use diesel::sql_types::{BigInt, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::base::Id;
use crate::error::Result;
use crate::store::base::conn::Prepared;
use crate::store::base::types::{DbId, UuidSql};

#[derive(QueryableByName)]
struct FoundId {
    #[diesel(sql_type = UuidSql)]
    id: DbId,
}

/// The newest rows that a search reads first.
const FIRST_WINDOW: i64 = 3_000;

#[derive(QueryableByName)]
struct Rows {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// The newest feedback with these words that is older than `after`, found through the index alone; `wanted` is a `tsquery`.
///
/// PostgreSQL's planner assumes that words occur independently: for two frequent words that never occur together it
/// would read every row. So this first reads the newest rows, and stops when the page is full. If it does not become full, they
/// show how frequent the words are: either all matches are fetched by the index, or more of the newest rows are read, whichever
/// reads fewer rows. Each statement is prepared once, with the words in a subquery, because otherwise the words
/// would be parsed for every row.
pub(in crate::store) fn newest(
    conn: &mut PgConnection,
    wanted: &str,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<DbId>> {
    const NEWEST: &str = "SELECT feedback_id AS id FROM (SELECT feedback_id, terms FROM feedback_search \
         WHERE feedback_id < $2 ORDER BY feedback_id DESC LIMIT $4) AS newest \
         WHERE terms @@ (SELECT $1::tsquery) ORDER BY feedback_id DESC LIMIT $3";
    const ALL: &str = "WITH found AS MATERIALIZED (SELECT feedback_id FROM feedback_search \
         WHERE terms @@ (SELECT $1::tsquery)) \
         SELECT feedback_id AS id FROM found WHERE feedback_id < $2 ORDER BY feedback_id DESC LIMIT $3";
    const ROWS: &str = "SELECT reltuples::bigint AS rows FROM pg_class WHERE oid = 'feedback_search'::regclass";
    let before = DbId(after.unwrap_or(Id(Uuid::max())));
    let bound = |way| sql_query(way).bind::<Text, _>(wanted).bind::<UuidSql, _>(before).bind::<BigInt, _>(limit);
    let ids = |found: Vec<FoundId>| found.into_iter().map(|found| found.id).collect::<Vec<_>>();
    // A new table has no statistics yet.
    let rows = Prepared(sql_query(ROWS)).get_result::<Rows>(conn)?.rows.max(10_000);
    let mut window = FIRST_WINDOW;
    while window < rows {
        let newest = ids(Prepared(bound(NEWEST).bind::<BigInt, _>(window)).load(conn)?);
        if newest.len() as i64 >= limit {
            return Ok(newest);
        }
        let share = (newest.len() + 1) as f64 / window as f64;
        let (of_newest, of_all) = (limit as f64 / share, rows as f64 * share);
        if of_all <= of_newest {
            break;
        }
        // Twice what is to be expected: words come in bursts.
        window = (2.0 * of_newest) as i64;
    }
    Ok(ids(Prepared(bound(ALL)).load(conn)?))
}
