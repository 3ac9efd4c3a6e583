//! The full-text index. Its terms are computed in Rust (`domain/search/terms.rs`), so that both databases find the
//! same.

use diesel::connection::{AnsiTransactionManager as Transactions, TransactionManager};
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Text};

use crate::domain::base::Id;
use crate::domain::feedback::words_of;
use crate::domain::search::terms;
use crate::error::Result;
use crate::store::base::conn::{Conn, Prepared, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, UuidSql};
use crate::store::schema::{engine_state, feedback, feedback_search};

/// The name in `engine_state` of the version of the terms in the index.
const VERSION: &str = "search_terms";
/// The number of rows per transaction of a rebuild.
const PIECE: i64 = 2_000;

/// Rebuilds the index where its terms are of another version. This happens once, at the first start of a new version,
/// before it serves requests, because a partial index would miss results. After a crash it starts again.
pub(in crate::store) fn bring_up_to_date(conn: &mut Conn) -> Result<()> {
    let made: Option<String> = engine_state::table.find(VERSION).select(engine_state::value).first(conn).optional()?;
    if made.as_deref() == Some(&terms::VERSION.to_string()) {
        return Ok(());
    }
    // FTS5 needs the old text to delete a single row, but not to delete all rows.
    match conn {
        Conn::Sqlite(c) => {
            sql_query("INSERT INTO feedback_search (feedback_search) VALUES ('delete-all')").execute(c)?
        }
        Conn::Postgres(c) => sql_query("TRUNCATE feedback_search").execute(c)?,
    };
    let mut after = 0_i64;
    loop {
        let rows: Vec<(i64, DbId, Option<String>, String)> = feedback::table
            .filter(feedback::seq.gt(after))
            .select((feedback::seq, feedback::id, feedback::title, feedback::text))
            .order(feedback::seq.asc())
            .limit(PIECE)
            .load(conn)?;
        let Some(last) = rows.last() else { break };
        after = last.0;
        let texts: Vec<(Id, String)> =
            rows.into_iter().map(|(_, id, title, text)| (id.into(), words_of(title.as_deref(), &text))).collect();
        on_each!(&mut *conn, c => Transactions::begin_transaction(c))?;
        add(conn, &texts)?;
        on_each!(&mut *conn, c => Transactions::commit_transaction(c))?;
    }
    diesel::delete(engine_state::table.find(VERSION)).execute(conn)?;
    diesel::insert_into(engine_state::table)
        .values((engine_state::name.eq(VERSION), engine_state::value.eq(terms::VERSION.to_string())))
        .execute(conn)?;
    Ok(())
}

/// Adds texts to the index.
pub(in crate::store) fn add(conn: &mut Conn, texts: &[(Id, String)]) -> Result<()> {
    if texts.is_empty() {
        return Ok(());
    }
    match conn {
        Conn::Sqlite(c) => {
            for (id, text) in texts {
                let terms = terms::fts5_document(&terms::document_terms(text));
                let row = feedback::table.filter(feedback::id.eq(DbId(*id))).select(feedback::seq);
                let row: i64 = row.first(c)?;
                diesel::insert_into(feedback_search::table)
                    .values((feedback_search::rowid.eq(row), feedback_search::terms.eq(terms)))
                    .execute(c)?;
            }
        }
        Conn::Postgres(c) => {
            let ids: Vec<DbId> = texts.iter().map(|t| DbId(t.0)).collect();
            let vectors: Vec<String> =
                texts.iter().map(|t| terms::tsvector_literal(&terms::document_terms(&t.1))).collect();
            let add = sql_query(
                "INSERT INTO feedback_search (feedback_id, terms) \
                 SELECT id, vector::tsvector FROM unnest($1, $2) AS new (id, vector)",
            );
            Prepared(add.bind::<Array<UuidSql>, _>(ids).bind::<Array<Text>, _>(vectors)).execute(c)?;
        }
    }
    Ok(())
}

/// Removes texts from the index. The FTS5 table stores no text, so it needs the old text.
pub(in crate::store) fn remove(conn: &mut Conn, texts: &[(Id, String)]) -> Result<()> {
    match conn {
        Conn::Sqlite(c) => {
            for (id, text) in texts {
                let row = feedback::table.filter(feedback::id.eq(DbId(*id))).select(feedback::seq);
                let row: i64 = row.first(c)?;
                sql_query("INSERT INTO feedback_search (feedback_search, rowid, terms) VALUES ('delete', ?, ?)")
                    .bind::<BigInt, _>(row)
                    .bind::<Text, _>(terms::fts5_document(&terms::document_terms(text)))
                    .execute(c)?;
            }
        }
        Conn::Postgres(c) => {
            let ids: Vec<DbId> = texts.iter().map(|t| DbId(t.0)).collect();
            sql_query("DELETE FROM feedback_search WHERE feedback_id = ANY($1)")
                .bind::<Array<UuidSql>, _>(ids)
                .execute(c)?;
        }
    }
    Ok(())
}
