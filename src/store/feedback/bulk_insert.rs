//! Bulk insert: many new rows in one round trip to PostgreSQL. The statement takes one array per column, so its shape
//! is the same for any number of rows and it is prepared once.

use std::sync::LazyLock;

use diesel::sql_query;
use diesel::sql_types::{Array, Binary, Bool, Double, Integer, Nullable, Text};

use super::feedback_row::FeedbackRow;
use crate::error::Result;
use crate::store::base::conn::{Conn, Prepared};
use crate::store::base::events;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, TimeSql, UuidSql};
use crate::store::privacy::erase;
use crate::store::search::index::IndexedText;

/// The columns of `feedback` with their types. The statement's text and its bound values are both made from this list.
macro_rules! with_columns {
    ($then:ident, $($given:expr),*) => {
        $then!($($given),*;
            id: UuidSql, product_id: UuidSql, customer_id: Nullable<UuidSql>, theme_id: Nullable<UuidSql>,
            similarity: Nullable<Double>, pinned: Bool, state: Text, text: Text, title: Nullable<Text>, source: Text,
            origin: Text, external_id: Nullable<Text>, url: Nullable<Text>, occurred_at: TimeSql,
            rating: Nullable<Integer>, nps: Nullable<Integer>, severity: Nullable<Text>, kind: Nullable<Text>,
            language: Nullable<Text>, tags: Text, fields: Text, submitted_by: Nullable<UuidSql>,
            dismissed_reason: Nullable<Text>, edited: Text, version: Integer, created_at: TimeSql, updated_at: TimeSql,
            kind_source: Nullable<Text>, set_aside: Nullable<Text>, votes: Nullable<Integer>,
            impression: Nullable<Text>)
    };
}

/// The column names, separated by commas.
macro_rules! names {
    (; $first:ident: $type:ty $(, $column:ident: $types:ty)*) => {
        concat!(stringify!($first) $(, ", ", stringify!($column))*)
    };
}

macro_rules! bind {
    ($query:expr, $rows:expr; $($column:ident: $type:ty),*) => {
        $query$(.bind::<Array<$type>, _>($rows.iter().map(|row| &row.$column).collect::<Vec<_>>()))*
    };
}

#[derive(QueryableByName)]
struct AnyKnown {
    #[diesel(sql_type = Bool)]
    known: bool,
}

/// Whether none of these `(origin, external_id)` was filed or erased before. On SQLite it answers false for any keys:
/// looking each of them up is cheap there.
pub fn all_new(conn: &mut Conn, keys: &[(String, String)]) -> Result<bool> {
    let Conn::Postgres(c) = conn else { return Ok(keys.is_empty()) };
    if keys.is_empty() {
        return Ok(true);
    }
    let known = sql_query(
        "SELECT EXISTS (SELECT FROM unnest($1, $2) AS sent (origin, external_id) JOIN feedback USING (origin, external_id)) \
         OR EXISTS (SELECT FROM erased_feedback WHERE key = ANY($3)) AS known",
    );
    let known = known.bind::<Array<Text>, _>(keys.iter().map(|key| &key.0).collect::<Vec<_>>());
    let known = known.bind::<Array<Text>, _>(keys.iter().map(|key| &key.1).collect::<Vec<_>>());
    let known =
        known.bind::<Array<Binary>, _>(keys.iter().map(|key| erase::key_of(&key.0, &key.1)).collect::<Vec<_>>());
    let known: AnyKnown = Prepared(known).get_result(c)?;
    Ok(!known.known)
}

/// Inserts feedback with its tags, its search index entries and these events, in one statement.
///
/// # Errors
/// 409 where an id or an `(origin, external_id)` is taken.
pub(in crate::store) fn insert(
    conn: &mut PgConnection,
    rows: &[FeedbackRow],
    words: &[IndexedText],
    events: &[events::Row],
) -> Result<()> {
    let vectors: Vec<&str> = words.iter().map(IndexedText::as_str).collect();
    let mut tagged: Vec<(String, DbId)> = Vec::new();
    for row in rows {
        tagged.extend(row.tag_keys().into_iter().map(|tag| (tag, row.id)));
    }
    let (tags, of): (Vec<String>, Vec<DbId>) = tagged.into_iter().unzip();
    let new = with_columns!(bind, sql_query(INSERTION.as_str()).into_boxed(), rows);
    let new = new.bind::<Array<Text>, _>(vectors).bind::<Array<Text>, _>(tags).bind::<Array<UuidSql>, _>(of);
    Ok(Prepared(events::bind(new, events)).run(conn)?)
}

static INSERTION: LazyLock<String> = LazyLock::new(|| {
    let columns: Vec<String> = (1..=31).map(|n| format!("${n}")).collect();
    format!(
        "WITH words AS (INSERT INTO feedback_search (feedback_id, terms) \
         SELECT id, vector::tsvector FROM unnest($1, $32) AS new (id, vector)), \
         tags AS (INSERT INTO feedback_tags (tag, feedback_id) SELECT * FROM unnest($33, $34)), \
         events AS ({}) \
         INSERT INTO feedback ({}) SELECT * FROM unnest({})",
        events::insertion(35),
        with_columns!(names,),
        columns.join(", ")
    )
});
