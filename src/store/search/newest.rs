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

#[derive(QueryableByName)]
struct FoundId {
    #[diesel(sql_type = UuidSql)]
    id: DbId,
}

/// The newest rows that a search reads first.
const FIRST_WINDOW: i64 = 3_000;

/// How many times larger each further window is than the one before.
const GROWTH: i64 = 4;

/// What it costs to fetch a match by the index, in rows that are read in order: each match lies in another page of the table.
/// Measured at 100,000 items: 2.5 us and .35 us.
const COST_OF_MATCH: i64 = 7;

/// The newest feedback with these words that is older than `after`, found through the index of words alone; `wanted` is a
/// `tsquery`.
///
/// There are two ways: to read the newest rows until the page is full, and to fetch all matches by the index and take the
/// newest. Which is better depends on how frequent the words are together, and whether the newest rows have them. That can't be
/// known before: PostgreSQL's planner assumes that words occur independently, and a burst of other feedback may lie before what
/// is found. So both ways are gone in turn, each time further and at equal cost, until one of them comes to its end: the search
/// costs a few times what the better way alone costs.
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
    loop {
        let newest = search.in_newest(conn, window, limit)?;
        if newest.len() as i64 >= limit {
            return Ok(newest);
        }
        let most = window / COST_OF_MATCH;
        let matches = search.by_index(conn, most)?;
        if (matches.len() as i64) < most {
            let all: BTreeSet<DbId> = matches.into_iter().collect();
            return Ok(all.into_iter().rev().take(limit as usize).collect());
        }
        window *= GROWTH;
    }
}

/// Words, and the feedback before which matches are looked for.
struct Search<'a> {
    wanted: &'a str,
    before: DbId,
}

impl Search<'_> {
    /// The newest matches among that many of the newest rows.
    fn in_newest(&self, conn: &mut PgConnection, rows: i64, limit: i64) -> Result<Vec<DbId>> {
        let sql = "SELECT feedback_id AS id FROM (SELECT feedback_id, terms FROM feedback_search \
             WHERE feedback_id < $2 ORDER BY feedback_id DESC LIMIT $4) AS newest \
             WHERE terms @@ (SELECT $1::tsquery) ORDER BY feedback_id DESC LIMIT $3";
        ids(conn, self.bound(sql, limit).bind::<BigInt, _>(rows))
    }

    /// At most that many matches, in any order.
    fn by_index(&self, conn: &mut PgConnection, most: i64) -> Result<Vec<DbId>> {
        let sql = "SELECT feedback_id AS id FROM feedback_search \
             WHERE terms @@ (SELECT $1::tsquery) AND feedback_id < $2 LIMIT $3";
        ids(conn, self.bound(sql, most))
    }

    fn bound(&self, sql: &'static str, limit: i64) -> Statement<'_> {
        sql_query(sql)
            .into_boxed::<Pg>()
            .bind::<Text, _>(self.wanted)
            .bind::<UuidSql, _>(self.before)
            .bind::<BigInt, _>(limit)
    }
}

fn ids(conn: &mut PgConnection, search: Statement<'_>) -> Result<Vec<DbId>> {
    let found: Vec<FoundId> = Prepared(search).load(conn)?;
    Ok(found.into_iter().map(|found| found.id).collect())
}
