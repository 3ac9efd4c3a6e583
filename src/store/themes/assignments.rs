//! Assignment of feedback to themes.

use std::collections::HashSet;

use diesel::SqliteExpressionMethods;
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::sql_types::{Array, Bool, Double, Nullable};

use crate::domain::base::Id;
use crate::domain::feedback::State;
use crate::domain::feedback::own_words::own_words;
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, Prepared};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, UuidSql};
use crate::store::schema::{feedback, products, themes};

/// The data of waiting feedback that the engine needs.
#[derive(Clone, Debug, Queryable)]
pub struct WaitingItem {
    pub id: Id,
    pub product_id: Id,
    pub text: String,
    pub title: Option<String>,
}

impl WaitingItem {
    /// The text that the engine reads.
    pub fn own_words(&self) -> String {
        own_words(self.title.as_deref(), &self.text)
    }
}

/// Whether feedback waits to be read. Not a bound value, so that SQLite too takes the index that holds only such feedback.
pub(in crate::store) fn is_waiting() -> SqlLiteral<Bool> {
    sql("feedback.state = 'pending'")
}

/// The oldest feedback of a product that waits to be read, after the id `after`.
pub fn pending(conn: &mut Conn, product: Id, after: Id, limit: i64) -> Result<Vec<WaitingItem>> {
    let pending = feedback::table.filter(is_waiting()).filter(feedback::product_id.eq(DbId(product)));
    Ok(pending
        .filter(feedback::id.gt(DbId(after)))
        .select((feedback::id, feedback::product_id, feedback::text, feedback::title))
        .order(feedback::id.asc())
        .limit(limit)
        .load(conn)?)
}

/// Those of these products in which feedback waits to be read.
pub fn products_waiting(conn: &mut Conn, among: &[Id]) -> Result<Vec<Id>> {
    // The first in the order of the index of waiting feedback. With `EXISTS`, PostgreSQL takes another index where it believes
    // that much feedback waits, and reads all that no longer does.
    let waiting = feedback::table.filter(is_waiting()).filter(feedback::product_id.eq(products::id));
    let first = waiting.select(feedback::id).order(feedback::id.asc()).limit(1).single_value();
    let found: Vec<DbId> = products::table
        .filter(products::id.eq_any(among.iter().map(|id| DbId(*id))))
        .filter(first.is_not_null())
        .select(products::id)
        .load(conn)?;
    Ok(found.into_iter().map(Id::from).collect())
}

/// The number of feedback that waits to be read.
pub fn count_pending(conn: &mut Conn) -> Result<i64> {
    count_in(conn, State::Pending)
}

/// The number of feedback in this state.
pub fn count_in(conn: &mut Conn, state: State) -> Result<i64> {
    Ok(feedback::table.filter(feedback::state.eq(state.as_str())).count().get_result(conn)?)
}

/// A row that a multi-row update has changed.
#[derive(QueryableByName)]
struct Updated {
    #[diesel(sql_type = UuidSql)]
    id: DbId,
}

/// Assigns waiting items to themes: (item, theme, similarity). Answers the items that were still waiting and belong to
/// the theme's product.
pub fn place(tx: &mut Tx<'_>, items: &[(Id, Id, f64)]) -> Result<Vec<Id>> {
    match tx.conn {
        Conn::Sqlite(c) => {
            let mut placed = Vec::with_capacity(items.len());
            for (id, theme, similarity) in items {
                let waiting = feedback::id.eq(DbId(*id)).and(feedback::state.eq(State::Pending.as_str()));
                let product = themes::table.filter(themes::id.eq(DbId(*theme))).select(themes::product_id);
                let waiting = waiting.and(feedback::product_id.eq_any(product));
                let place = diesel::update(feedback::table.filter(waiting)).set((
                    feedback::state.eq(State::Grouped.as_str()),
                    feedback::theme_id.eq(DbId(*theme)),
                    feedback::similarity.eq(similarity),
                ));
                placed.extend((Prepared(place).execute(c)? > 0).then_some(*id));
            }
            Ok(placed)
        }
        // One statement for all items, because a round trip costs more than the update.
        Conn::Postgres(c) => {
            let (ids, themes): (Vec<DbId>, Vec<DbId>) = items.iter().map(|i| (DbId(i.0), DbId(i.1))).unzip();
            let similarities: Vec<f64> = items.iter().map(|i| i.2).collect();
            // IS TRUE: so that only the index of ids is taken. The plan may be made while the table is nearly empty, and any
            // index seems as good then; later, those of waiting feedback and of products are read as a whole for each item.
            let place = diesel::sql_query(
                "UPDATE feedback SET state = 'grouped', theme_id = new.theme, similarity = new.similarity \
                 FROM unnest($1, $2, $3) AS new (id, theme, similarity) JOIN themes ON themes.id = new.theme \
                 WHERE feedback.id = new.id AND (feedback.state = 'pending') IS TRUE \
                   AND (feedback.product_id = themes.product_id) IS TRUE RETURNING feedback.id",
            );
            let place = place.bind::<Array<UuidSql>, _>(ids).bind::<Array<UuidSql>, _>(themes);
            let placed: Vec<Updated> = Prepared(place.bind::<Array<Double>, _>(similarities)).load(c)?;
            Ok(placed.into_iter().map(|p| p.id.into()).collect())
        }
    }
}

/// Records that the engine found nothing like these waiting items; answers those that were still waiting.
pub fn leave_alone(tx: &mut Tx<'_>, items: &[Id]) -> Result<Vec<Id>> {
    let mut left = Vec::with_capacity(items.len());
    for id in items {
        let waiting = feedback::id.eq(DbId(*id)).and(feedback::state.eq(State::Pending.as_str()));
        let alone = diesel::update(feedback::table.filter(waiting)).set(feedback::state.eq(State::Ungrouped.as_str()));
        left.extend((alone.execute(tx.conn)? > 0).then_some(*id));
    }
    Ok(left)
}

/// A move of an item: the theme that it leaves and the one that it goes to. No theme stands for an item that is alone.
pub type Moved = (Id, Option<Id>, Option<Id>);

/// Moves items from one theme to another, or to none. Skips items that a person placed or that have left the former place;
/// answers the moved ones.
pub fn regroup(tx: &mut Tx<'_>, moves: &[Moved]) -> Result<HashSet<Id>> {
    match tx.conn {
        Conn::Sqlite(c) => {
            let mut moved = HashSet::new();
            for (id, from, to) in moves {
                let state =
                    |theme: &Option<Id>| if theme.is_some() { State::Grouped } else { State::Ungrouped }.as_str();
                let here = feedback::id.eq(DbId(*id)).and(feedback::theme_id.is(from.map(DbId)));
                let free = here.and(feedback::state.eq(state(from))).and(feedback::pinned.eq(false));
                let there = (feedback::theme_id.eq(to.map(DbId)), feedback::state.eq(state(to)));
                let count = diesel::update(feedback::table.filter(free)).set(there).execute(c)?;
                if to.is_none() && count > 0 {
                    let left = feedback::table.filter(feedback::id.eq(DbId(*id)));
                    diesel::update(left).set(feedback::similarity.eq(None::<f64>)).execute(c)?;
                }
                moved.extend((count > 0).then_some(*id));
            }
            Ok(moved)
        }
        // One statement for all items, as above.
        Conn::Postgres(c) => {
            let items: Vec<DbId> = moves.iter().map(|m| DbId(m.0)).collect();
            let ids = |id: fn(&Moved) -> Option<Id>| moves.iter().map(|m| id(m).map(DbId)).collect::<Vec<_>>();
            let moved: Vec<Updated> = diesel::sql_query(
                "UPDATE feedback SET theme_id = new.theme, \
                   state = CASE WHEN new.theme IS NULL THEN 'ungrouped' ELSE 'grouped' END, \
                   similarity = CASE WHEN new.theme IS NULL THEN NULL ELSE feedback.similarity END \
                 FROM unnest($1, $2, $3) AS new (id, old, theme) \
                 WHERE feedback.id = new.id AND feedback.theme_id IS NOT DISTINCT FROM new.old \
                   AND feedback.state = CASE WHEN new.old IS NULL THEN 'ungrouped' ELSE 'grouped' END \
                   AND NOT feedback.pinned \
                 RETURNING feedback.id",
            )
            .bind::<Array<UuidSql>, _>(items)
            .bind::<Array<Nullable<UuidSql>>, _>(ids(|m| m.1))
            .bind::<Array<Nullable<UuidSql>>, _>(ids(|m| m.2))
            .load(c)?;
            Ok(moved.into_iter().map(|row| row.id.into()).collect())
        }
    }
}
