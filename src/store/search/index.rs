//! The full-text index. Its terms are computed in Rust (`domain/search/terms.rs`), so that both databases find the
//! same.

use diesel::connection::{AnsiTransactionManager as Transactions, TransactionManager};
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Text};

use crate::domain::base::Id;
use crate::domain::feedback::words_of;
use crate::domain::search::terms;
use crate::error::Result;
use crate::store::base::conn::{Conn, Location, Prepared, on_each};
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

/// A text in the form in which the index takes it. It can be made before a transaction begins, since it depends on nothing
/// but the text and the kind of database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedText(String);

impl IndexedText {
    /// The form of a text for the database at a location.
    pub fn of(text: &str, location: &Location) -> Self {
        Self::made(text, matches!(location, Location::Postgres(_)))
    }

    /// The form of a text for the database of a connection.
    pub fn for_conn(text: &str, conn: &Conn) -> Self {
        Self::made(text, matches!(conn, Conn::Postgres(_)))
    }

    fn made(text: &str, is_postgres: bool) -> Self {
        let terms = terms::document_terms(text);
        Self(if is_postgres { terms::tsvector_literal(&terms) } else { terms::fts5_document(&terms) })
    }

    pub(in crate::store) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Adds texts to the index.
pub(in crate::store) fn add(conn: &mut Conn, texts: &[(Id, String)]) -> Result<()> {
    let texts: Vec<(Id, IndexedText)> =
        texts.iter().map(|(id, text)| (*id, IndexedText::for_conn(text, conn))).collect();
    add_indexed(conn, &texts)
}

/// Like [`add`], for texts whose form was made before.
pub(in crate::store) fn add_indexed(conn: &mut Conn, texts: &[(Id, IndexedText)]) -> Result<()> {
    if texts.is_empty() {
        return Ok(());
    }
    match conn {
        Conn::Sqlite(c) => {
            for (id, text) in texts {
                let row = feedback::table.filter(feedback::id.eq(DbId(*id))).select(feedback::seq);
                let row: i64 = row.first(c)?;
                diesel::insert_into(feedback_search::table)
                    .values((feedback_search::rowid.eq(row), feedback_search::terms.eq(text.as_str())))
                    .execute(c)?;
            }
        }
        Conn::Postgres(c) => {
            let ids: Vec<DbId> = texts.iter().map(|t| DbId(t.0)).collect();
            let vectors: Vec<&str> = texts.iter().map(|t| t.1.as_str()).collect();
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
