//! Mentions of members in notes.

use diesel::dsl::{exists, select};

use super::notes::{self as note_rows, Row as NoteRow};
use super::products;
use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::team::note::{MentionQuery, NoteMention, NoteSubject};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::{closures, feedback, note_mentions as mentions, notes, stories};

#[derive(Queryable, Insertable)]
#[diesel(table_name = mentions)]
struct Row {
    id: DbId,
    note_id: DbId,
    member_id: DbId,
    in_text: bool,
    listed: bool,
    mentioned_at: DbTime,
    mailed_at: Option<DbTime>,
    read_at: Option<DbTime>,
}

/// A mention as it was written: the member, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mentioned {
    pub member: Id,
    /// In the text of the note.
    pub in_text: bool,
    /// In the list that was sent with the note.
    pub listed: bool,
}

/// Mentions that no edit has removed.
macro_rules! present {
    () => {
        mentions::in_text.eq(true).or(mentions::listed.eq(true))
    };
}

/// The mentions of a note.
pub fn of_note(conn: &mut Conn, note: Id) -> Result<Vec<Mentioned>> {
    let own = mentions::table.filter(mentions::note_id.eq(DbId(note))).filter(present!());
    let columns = (mentions::member_id, mentions::in_text, mentions::listed);
    let rows: Vec<(DbId, bool, bool)> = own.select(columns).order(mentions::id.asc()).load(conn)?;
    let mentioned =
        |(member, in_text, listed): (DbId, bool, bool)| Mentioned { member: member.into(), in_text, listed };
    Ok(rows.into_iter().map(mentioned).collect())
}

/// Sets the mentions of a note. A mention of the author counts as read.
pub fn put(tx: &mut Tx<'_>, note: Id, wanted: &[Mentioned], author: Option<Id>) -> Result<()> {
    let kept: Vec<DbId> = wanted.iter().map(|one| DbId(one.member)).collect();
    let own = mentions::table.filter(mentions::note_id.eq(DbId(note)));
    diesel::update(own.filter(mentions::member_id.ne_all(&kept)))
        .set((mentions::in_text.eq(false), mentions::listed.eq(false)))
        .execute(tx.conn)?;
    for Mentioned { member, in_text, listed } in wanted.iter().copied() {
        let there =
            mentions::table.filter(mentions::note_id.eq(DbId(note))).filter(mentions::member_id.eq(DbId(member)));
        let set = (mentions::in_text.eq(in_text), mentions::listed.eq(listed));
        if diesel::update(there).set(set).execute(tx.conn)? > 0 {
            continue;
        }
        let row = Row {
            id: Id::next().into(),
            note_id: note.into(),
            member_id: member.into(),
            in_text,
            listed,
            mentioned_at: tx.now.into(),
            mailed_at: None,
            read_at: (author == Some(member)).then_some(DbTime(tx.now)),
        };
        diesel::insert_into(mentions::table).values(&row).execute(tx.conn)?;
    }
    Ok(())
}

/// The mentions of a member, newest first.
///
/// # Errors
/// 422 for a wrong cursor or an unknown product.
pub fn of_member(conn: &mut Conn, member: Id, q: &MentionQuery, paging: &Paging) -> Result<Page<NoteMention>> {
    let mut query = mentions::table
        .inner_join(notes::table)
        .filter(mentions::member_id.eq(DbId(member)))
        .filter(present!())
        .select((mentions::all_columns, notes::all_columns))
        .into_boxed();
    match q.unread {
        Some(true) => query = query.filter(mentions::read_at.is_null()),
        Some(false) => query = query.filter(mentions::read_at.is_not_null()),
        None => {}
    }
    if let Some(product) = products::named(conn, q.product.as_deref())? {
        let id = DbId(product.id);
        let is = |kind: NoteSubject| notes::subject_kind.eq(kind.as_str());
        let said = feedback::table.filter(feedback::product_id.eq(id)).select(feedback::id);
        let planned = stories::table.filter(stories::product_id.eq(id)).select(stories::id);
        let cases = closures::table.filter(closures::product_id.eq(id)).select(closures::id);
        query = query.filter(
            (is(NoteSubject::Feedback).and(notes::subject_id.eq_any(said)))
                .or(is(NoteSubject::Story).and(notes::subject_id.eq_any(planned)))
                .or(is(NoteSubject::Closure).and(notes::subject_id.eq_any(cases))),
        );
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(mentions::id.lt(DbId(after)));
    }
    let rows: Vec<(Row, NoteRow)> = query.order(mentions::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown = show(conn, rows)?;
    Ok(paging.page(shown, |mention| vec![mention.id.to_string()]))
}

fn show(conn: &mut Conn, rows: Vec<(Row, NoteRow)>) -> Result<Vec<NoteMention>> {
    let (mentions, notes): (Vec<Row>, Vec<NoteRow>) = rows.into_iter().unzip();
    let notes = note_rows::show(conn, notes)?;
    let mention = |(row, note): (Row, _)| NoteMention {
        id: row.id.into(),
        note,
        mentioned_at: row.mentioned_at.into(),
        read_at: row.read_at.map(Time::from),
    };
    Ok(mentions.into_iter().zip(notes).map(mention).collect())
}

/// Marks a member's mention in a note as read; an earlier time stays.
///
/// # Errors
/// 404 where the note does not mention them.
pub fn read(tx: &mut Tx<'_>, note: Id, member: Id) -> Result<NoteMention> {
    let unread = mentions::table
        .filter(mentions::note_id.eq(DbId(note)))
        .filter(mentions::member_id.eq(DbId(member)))
        .filter(mentions::read_at.is_null());
    diesel::update(unread).set(mentions::read_at.eq(Some(DbTime(tx.now)))).execute(tx.conn)?;
    let rows: Vec<(Row, NoteRow)> = mentions::table
        .inner_join(notes::table)
        .filter(mentions::note_id.eq(DbId(note)))
        .filter(mentions::member_id.eq(DbId(member)))
        .filter(present!())
        .select((mentions::all_columns, notes::all_columns))
        .load(tx.conn)?;
    show(tx.conn, rows)?.pop().ok_or_else(|| Error::new(Code::NotFound, "This note does not mention you."))
}

/// Whether a note mentions a member who has not been mailed about it.
pub fn waits_for_mail(conn: &mut Conn, note: Id, member: Id) -> Result<bool> {
    let waiting = mentions::table
        .filter(mentions::note_id.eq(DbId(note)))
        .filter(mentions::member_id.eq(DbId(member)))
        .filter(present!())
        .filter(mentions::mailed_at.is_null());
    Ok(select(exists(waiting)).get_result(conn)?)
}

/// Marks that a member was mailed about a note.
pub fn mailed(tx: &mut Tx<'_>, note: Id, member: Id) -> Result<()> {
    let own = mentions::table.filter(mentions::note_id.eq(DbId(note))).filter(mentions::member_id.eq(DbId(member)));
    diesel::update(own).set(mentions::mailed_at.eq(Some(DbTime(tx.now)))).execute(tx.conn)?;
    Ok(())
}
