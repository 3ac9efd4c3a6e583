//! Internal notes. Their mentions are in `note_mentions.rs`.

use std::collections::HashMap;

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::team::note::{Note, NoteAuthor, NoteSubject};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{closures, feedback, note_mentions as mentions, notes, stories};

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = notes)]
pub(in crate::store) struct Row {
    pub id: DbId,
    subject_kind: String,
    subject_id: DbId,
    author_kind: String,
    author_id: Option<DbId>,
    text: String,
    version: i32,
    created_at: DbTime,
    edited_at: Option<DbTime>,
}

/// A note to add.
#[derive(Clone, Debug)]
pub struct NoteToAdd {
    pub id: Id,
    /// The kind of its subject.
    pub subject_kind: NoteSubject,
    pub subject_id: Id,
    /// The kind of its author.
    pub author_kind: NoteAuthor,
    pub author_id: Option<Id>,
    pub text: String,
}

/// Adds a note.
pub fn insert(tx: &mut Tx<'_>, new: &NoteToAdd) -> Result<()> {
    let row = Row {
        id: new.id.into(),
        subject_kind: new.subject_kind.as_str().to_owned(),
        subject_id: new.subject_id.into(),
        author_kind: new.author_kind.as_str().to_owned(),
        author_id: new.author_id.map(DbId),
        text: new.text.clone(),
        version: 1,
        created_at: tx.now.into(),
        edited_at: None,
    };
    diesel::insert_into(notes::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// A note.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Note> {
    let row: Option<Row> = notes::table.find(DbId(id)).first(conn).optional()?;
    let row = row.ok_or_else(|| Error::not_found("note"))?;
    Ok(show(conn, vec![row])?.remove(0))
}

/// The note with this id, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<Note> {
    lock_row!(tx, notes, id);
    get(tx.conn, id)
}

/// Writes a note's text, as a new version edited now.
pub fn rewrite(tx: &mut Tx<'_>, id: Id, text: &str) -> Result<()> {
    diesel::update(notes::table.find(DbId(id)))
        .set((notes::text.eq(text), notes::version.eq(notes::version + 1), notes::edited_at.eq(Some(DbTime(tx.now)))))
        .execute(tx.conn)?;
    Ok(())
}

/// Deletes a note with its mentions.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    diesel::delete(mentions::table.filter(mentions::note_id.eq(DbId(id)))).execute(tx.conn)?;
    diesel::delete(notes::table.find(DbId(id))).execute(tx.conn)?;
    Ok(())
}

/// The notes about a resource, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn about(conn: &mut Conn, kind: NoteSubject, subject: Id, paging: &Paging) -> Result<Page<Note>> {
    let own = notes::table.filter(notes::subject_id.eq(DbId(subject)));
    let mut query = own.filter(notes::subject_kind.eq(kind.as_str())).into_boxed();
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(notes::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(notes::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    let shown = show(conn, rows)?;
    Ok(paging.page(shown, |note| vec![note.id.to_string()]))
}

/// The notes about any of these resources, in the form of the API.
pub fn about_any(conn: &mut Conn, kind: NoteSubject, subjects: &[Id]) -> Result<Vec<Note>> {
    let mut found = Vec::new();
    for subjects in subjects.chunks(500) {
        let own = notes::table.filter(notes::subject_id.eq_any(subjects.iter().map(|id| DbId(*id))));
        let rows: Vec<Row> = own.filter(notes::subject_kind.eq(kind.as_str())).order(notes::id.asc()).load(conn)?;
        found.extend(show(conn, rows)?);
    }
    Ok(found)
}

/// Moves the notes about one customer to another.
pub fn move_to_customer(tx: &mut Tx<'_>, from: Id, to: Id) -> Result<()> {
    let theirs = notes::table.filter(notes::subject_id.eq(DbId(from)));
    diesel::update(theirs.filter(notes::subject_kind.eq(NoteSubject::Customer.as_str())))
        .set(notes::subject_id.eq(DbId(to)))
        .execute(tx.conn)?;
    Ok(())
}

/// Notes in the form of the API, in the order of the rows.
pub(in crate::store) fn show(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Note>> {
    let ids: Vec<DbId> = rows.iter().map(|row| row.id).collect();
    let mut mentioned = mentioned_in(conn, &ids)?;
    let products = products_of(conn, &rows)?;
    let note = |row: Row| {
        Ok(Note {
            id: row.id.into(),
            subject_kind: name::<NoteSubject>(&row.subject_kind)?,
            subject_id: row.subject_id.into(),
            product_id: products.get(&row.subject_id).map(|product| Id::from(*product)),
            author_kind: name(&row.author_kind)?,
            author_id: row.author_id.map(Id::from),
            text: row.text,
            mentions: mentioned.remove(&row.id).unwrap_or_default(),
            version: row.version,
            created_at: row.created_at.into(),
            edited_at: row.edited_at.map(Time::from),
        })
    };
    rows.into_iter().map(note).collect()
}

/// The members that each of these notes mentions, in the order of their mention.
fn mentioned_in(conn: &mut Conn, ids: &[DbId]) -> Result<HashMap<DbId, Vec<Id>>> {
    let mut found: HashMap<DbId, Vec<Id>> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let present = mentions::table
        .filter(mentions::note_id.eq_any(ids))
        .filter(mentions::in_text.eq(true).or(mentions::listed.eq(true)));
    let rows: Vec<(DbId, DbId)> =
        present.select((mentions::note_id, mentions::member_id)).order(mentions::id.asc()).load(conn)?;
    for (note, member) in rows {
        found.entry(note).or_default().push(member.into());
    }
    Ok(found)
}

/// The products of the notes' subjects. They are looked up, because feedback may move to another product.
fn products_of(conn: &mut Conn, rows: &[Row]) -> Result<HashMap<DbId, DbId>> {
    let of = |kind: NoteSubject| -> Vec<DbId> {
        rows.iter().filter(|row| row.subject_kind == kind.as_str()).map(|row| row.subject_id).collect()
    };
    let mut found: Vec<(DbId, DbId)> = Vec::new();
    let [said, planned, cases] = [NoteSubject::Feedback, NoteSubject::Story, NoteSubject::Closure].map(of);
    if !said.is_empty() {
        let rows = feedback::table.filter(feedback::id.eq_any(said));
        found.extend(rows.select((feedback::id, feedback::product_id)).load::<(DbId, DbId)>(conn)?);
    }
    if !planned.is_empty() {
        let rows = stories::table.filter(stories::id.eq_any(planned));
        found.extend(rows.select((stories::id, stories::product_id)).load::<(DbId, DbId)>(conn)?);
    }
    if !cases.is_empty() {
        let rows = closures::table.filter(closures::id.eq_any(cases));
        found.extend(rows.select((closures::id, closures::product_id)).load::<(DbId, DbId)>(conn)?);
    }
    Ok(found.into_iter().collect())
}
