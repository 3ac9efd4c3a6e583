//! The full-text index. Its terms are made in Rust (`domain/terms.rs`), so that both databases find the same.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Text};

use super::conn::{Conn, Prepared};
use super::schema::{feedback, feedback_search};
use super::types::{DbId, UuidSql};
use crate::domain::{Id, terms};
use crate::error::Result;

/// Adds these texts to the index.
///
/// # Errors
/// Those of the database.
pub(super) fn add(conn: &mut Conn, texts: &[(Id, String)]) -> Result<()> {
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

/// Takes texts out of the index. The FTS5 table keeps no text, so it must be told what stood there.
///
/// # Errors
/// Those of the database.
pub(super) fn remove(conn: &mut Conn, texts: &[(Id, String)]) -> Result<()> {
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
