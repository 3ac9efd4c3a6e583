//! Feedback as it is stored, with its tags and search index entries.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::bulk_insert;
pub(in crate::store) use super::feedback_row::FeedbackRow;
use super::feedback_row::records;
use crate::domain::base::{Id, Time};
use crate::domain::feedback::{AccountRef, CustomerRef, Feedback, FeedbackRecord, State, ThemeLink};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{About, Conn, insert_rows, load_each, lock_row, on_each};
use crate::store::base::events;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::{accounts, customers, feedback, feedback_tags, themes};
use crate::store::search::index::{self, IndexedText};

/// A feedback row with the joined columns that are shown beside it.
pub(in crate::store) type JoinedFeedback = (FeedbackRow, Option<Speaker>, Option<(DbId, String)>, Option<String>);

/// Id, name and e-mail address of the customer.
type Speaker = (DbId, Option<String>, Option<String>);

/// `feedback` with its customer, account and theme label. All reads of feedback, single or lists, use this join.
macro_rules! joined {
    () => {
        // Joined one after the other: SQLite would materialise a nested join for every query.
        feedback::table
            .left_join(customers::table)
            .left_join(accounts::table.on(customers::account_id.eq(accounts::id.nullable())))
            .left_join(themes::table)
            .select((
                FeedbackRow::as_select(),
                (customers::id, customers::name, customers::email).nullable(),
                (accounts::id, accounts::name).nullable(),
                themes::label.nullable(),
            ))
    };
}
pub(in crate::store) use joined;

/// A feedback in the form of the API.
///
/// # Errors
/// 500 where this version does not know a stored name.
pub(in crate::store) fn show((row, customer, account, label): JoinedFeedback) -> Result<Feedback> {
    let account = account.map(|(id, name)| AccountRef { id: id.into(), name });
    let customer = customer.map(|(id, name, email)| CustomerRef { id: id.into(), name, email, account });
    let row = FeedbackRecord::try_from(row)?;
    let theme = row.theme_id.zip(label).map(|(id, label)| ThemeLink {
        id,
        label,
        similarity: row.similarity,
        pinned: row.pinned,
    });
    Ok(Feedback { customer, theme, ..Feedback::from(row) })
}

/// A feedback.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Feedback> {
    get_each(conn, &[id])?.pop().unwrap_or(Ok(None))?.ok_or_else(|| Error::not_found("feedback"))
}

/// These feedbacks in the order of `ids`: `None` for one that does not exist, an error for one that can't be shown.
pub fn get_each(conn: &mut Conn, ids: &[Id]) -> Result<Vec<Result<Option<Feedback>>>> {
    // PostgreSQL's generic plan assumes ten ids. A shorter list looks cheaper, so it would be planned again each time;
    // padding it with repeated ids costs nothing.
    let least = if matches!(conn, Conn::Postgres(_)) { 10 } else { 0 };
    let wanted = ids.iter().cycle().take(if ids.is_empty() { 0 } else { ids.len().max(least) }).map(|id| DbId(*id));
    let rows: Vec<JoinedFeedback> = load_each!(conn, joined!(), feedback::id, wanted);
    let shown: HashMap<Id, Result<Feedback>> = rows.into_iter().map(|j| (j.0.id.into(), show(j))).collect();
    Ok(ids.iter().map(|id| shown.get(id).cloned().transpose()).collect())
}

/// These feedbacks in the order of `ids`; missing ones are left out.
pub fn get_many(conn: &mut Conn, ids: &[Id]) -> Result<Vec<Feedback>> {
    let found: Result<Vec<Option<Feedback>>> = get_each(conn, ids)?.into_iter().collect();
    Ok(found?.into_iter().flatten().collect())
}

/// A feedback as it is stored.
///
/// # Errors
/// 404.
pub fn row(conn: &mut Conn, id: Id) -> Result<FeedbackRecord> {
    let row = feedback::table.select(FeedbackRow::as_select()).filter(feedback::id.eq(DbId(id)));
    row.first(conn).optional()?.ok_or_else(|| Error::not_found("feedback"))?.try_into()
}

/// A feedback as it is stored, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<FeedbackRecord> {
    lock_row!(tx, feedback, id);
    row(tx.conn, id)
}

/// These feedbacks as they are stored.
pub fn rows(conn: &mut Conn, ids: &[Id]) -> Result<Vec<FeedbackRecord>> {
    let wanted = ids.iter().map(|id| DbId(*id));
    records(feedback::table.select(FeedbackRow::as_select()).filter(feedback::id.eq_any(wanted)).load(conn)?)
}

/// The feedback with these `(origin, external_id)`.
pub fn by_external(conn: &mut Conn, keys: &[(String, String)]) -> Result<HashMap<(String, String), FeedbackRecord>> {
    let mut by_origin: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (origin, external) in keys {
        by_origin.entry(origin).or_default().insert(external);
    }
    let mut found = HashMap::new();
    for (origin, external) in by_origin {
        let rows: Vec<FeedbackRow> = load_each!(
            conn,
            feedback::table.select(FeedbackRow::as_select()).filter(feedback::origin.eq(origin)),
            feedback::external_id,
            external
        );
        for row in records(rows)? {
            found.insert((row.origin.clone(), row.external_id.clone().unwrap_or_default()), row);
        }
    }
    Ok(found)
}

/// The most rows that one statement inserts on PostgreSQL.
pub const TOGETHER: usize = 1_000;

/// Adds feedback with its tags and search index entries; on PostgreSQL the pending events are part of the same
/// statement.
///
/// # Errors
/// 409 where an id or an `(origin, external_id)` is taken.
pub fn add(tx: &mut Tx<'_>, new: Vec<(FeedbackRecord, IndexedText)>) -> Result<()> {
    let (records, words): (Vec<FeedbackRecord>, Vec<IndexedText>) = new.into_iter().unzip();
    insert_with(tx, &records.into_iter().map(FeedbackRow::from).collect::<Vec<_>>(), &words)
}

/// Like [`add`], for rows.
///
/// # Errors
/// As for [`add`].
pub(in crate::store) fn insert(tx: &mut Tx<'_>, rows: &[FeedbackRow]) -> Result<()> {
    let words: Vec<IndexedText> = rows.iter().map(|row| IndexedText::for_conn(&row.words(), tx.conn)).collect();
    insert_with(tx, rows, &words)
}

fn insert_with(tx: &mut Tx<'_>, rows: &[FeedbackRow], words: &[IndexedText]) -> Result<()> {
    match tx.conn {
        Conn::Sqlite(c) => {
            for row in rows {
                diesel::insert_into(feedback::table).values(row).execute(c)?;
            }
        }
        Conn::Postgres(_) => {
            for (rows, words) in rows.chunks(TOGETHER).zip(words.chunks(TOGETHER)) {
                let events = events::take(tx)?;
                if let Conn::Postgres(c) = tx.conn {
                    bulk_insert::insert(c, rows, words, &events)?;
                }
            }
            return Ok(());
        }
    }
    let words: Vec<(Id, IndexedText)> = rows.iter().map(|row| row.id.into()).zip(words.iter().cloned()).collect();
    index::add_indexed(tx.conn, &words)?;
    insert_tags(tx, rows)
}

#[derive(Insertable)]
#[diesel(table_name = feedback_tags)]
struct TagRow {
    tag: String,
    feedback_id: DbId,
}

fn insert_tags(tx: &mut Tx<'_>, rows: &[FeedbackRow]) -> Result<()> {
    let mut tags = Vec::new();
    for row in rows {
        tags.extend(row.tag_keys().into_iter().map(|tag| TagRow { tag, feedback_id: row.id }));
    }
    for tags in tags.chunks(10_000) {
        insert_rows!(tx.conn, feedback_tags::table, tags);
    }
    Ok(())
}

/// Writes the current state of a feedback. `before` is its earlier state; only what differs is indexed again.
pub fn update(tx: &mut Tx<'_>, before: &FeedbackRecord, feedback: FeedbackRecord) -> Result<()> {
    let has_other_tags = before.tags != feedback.tags;
    let row = FeedbackRow::from(feedback);
    diesel::update(feedback::table.filter(feedback::id.eq(row.id))).set(&row).execute(tx.conn)?;
    let words = row.words();
    if before.words() != words {
        index::remove(tx.conn, &[(before.id, before.words())])?;
        index::add(tx.conn, &[(before.id, words)])?;
        crate::store::themes::embeddings::remove(tx, &[before.id])?;
    }
    if has_other_tags {
        diesel::delete(feedback_tags::table.filter(feedback_tags::feedback_id.eq(row.id))).execute(tx.conn)?;
        insert_tags(tx, std::slice::from_ref(&row))?;
    }
    Ok(())
}

/// The ids of all feedback of a customer, oldest first.
pub fn ids_of_customer(conn: &mut Conn, customer: Id) -> Result<Vec<Id>> {
    let ids = feedback::table.filter(feedback::customer_id.eq(DbId(customer))).select(feedback::id);
    let ids: Vec<DbId> = ids.order(feedback::id.asc()).load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// Moves one customer's feedback to another.
pub fn move_to_customer(tx: &mut Tx<'_>, from: Id, to: Id) -> Result<()> {
    diesel::update(feedback::table.filter(feedback::customer_id.eq(DbId(from))))
        .set(feedback::customer_id.eq(DbId(to)))
        .execute(tx.conn)?;
    Ok(())
}

/// Whether there is any feedback.
pub fn any(conn: &mut Conn) -> Result<bool> {
    Ok(feedback::table.select(feedback::id).first::<DbId>(conn).optional()?.is_some())
}

/// The times (`occurred_at`) of a theme's current feedback, for its timeline.
pub fn times_of_theme(conn: &mut Conn, theme: Id) -> Result<Vec<Time>> {
    let times = feedback::table.filter(feedback::theme_id.eq(DbId(theme)));
    let times: Vec<DbTime> = times.select(feedback::occurred_at).load(conn)?;
    Ok(times.into_iter().map(Time::from).collect())
}

/// The time of a product's latest feedback: the end of the window in which reach is counted. Feedback dated later than
/// a day after `now` is ignored, because a wrong date must not move the window; the day allows for clock differences
/// and unknown time zones. The answer is never later than `now`.
pub fn latest(conn: &mut Conn, product: Id, now: Time) -> Result<Option<Time>> {
    let said = || {
        let said = feedback::table.filter(feedback::product_id.eq(DbId(product)));
        // Not max(): with a filter it would read every row.
        said.filter(feedback::state.ne_all([State::Dismissed, State::SetAside].map(State::as_str)))
            .select(feedback::occurred_at)
            .order(feedback::occurred_at.desc())
    };
    let so_far = said().filter(feedback::occurred_at.le(DbTime(now.plus(Time::DAY))));
    let mut latest: Vec<DbTime> = on_each!(conn, c => About::rows(1, so_far).load(c))?;
    if latest.is_empty() {
        latest = on_each!(conn, c => About::rows(1, said()).load(c))?;
    }
    Ok(latest.first().map(|latest| Time::from(*latest).min(now)))
}
