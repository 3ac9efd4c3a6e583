//! Internal notes: members write about a feedback, a story, a customer or a closure, and mention members. A note's text
//! stays internal: events and webhooks have only ids, and customers never see it.

use serde_json::{Value, json};

use super::access;
use crate::domain::base::decode;
use crate::domain::base::{Id, Reference, check_version};
use crate::domain::team::mentions::{self, Mentions};
use crate::domain::team::note::{
    NewNote, Note, NoteAuthor, NoteEdit, NoteMention, NoteSubject, NoteWarning, WrittenNote,
};
use crate::domain::team::rights::allowed;
use crate::domain::team::{Caller, Role};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::closure::closures;
use crate::store::feedback::customers;
use crate::store::team::members;
use crate::store::team::note_mentions::{self, Mentioned};
use crate::store::team::notes::{self, NoteToAdd};
use crate::store::{Conn, Tx, feedback, stories};

/// The most members that one note may mention.
const MOST_MENTIONS: usize = 50;

/// Checks the subject of a note: the resource must exist. A merged customer means the remaining one.
///
/// # Errors
/// 404.
pub fn subject(conn: &mut Conn, kind: NoteSubject, id: Id) -> Result<Id> {
    match kind {
        NoteSubject::Feedback => feedback::rows::row(conn, id).map(|row| row.id),
        NoteSubject::Story => stories::rows::get(conn, id).map(|story| story.id),
        NoteSubject::Closure => closures::row(conn, id).map(|row| row.id),
        NoteSubject::Customer => customers::row(conn, id).map(|row| row.person()),
    }
}

/// Creates a note.
///
/// # Errors
/// 404, 410 where it is about an erased person, 422 for members who can't be mentioned.
pub fn create(tx: &mut Tx<'_>, kind: NoteSubject, id: Id, input: &NewNote) -> Result<WrittenNote> {
    let subject_id = subject(tx.conn, kind, id)?;
    refuse_erased(tx, kind, subject_id)?;
    let author_kind: NoteAuthor = tx.actor.kind.parse().map_err(|()| Error::internal("notes are written by people"))?;
    let author_id = tx.actor.id;
    let new =
        NoteToAdd { id: Id::next(), subject_kind: kind, subject_id, author_kind, author_id, text: input.text.clone() };
    let product = product_of(tx.conn, kind, subject_id)?;
    let found = in_text(tx, product, &input.text)?;
    let wanted = wanted(tx, product, Named { in_text: &found.members, listed: &input.mentions, there: &[] })?;
    notes::insert(tx, &new)?;
    note_mentions::put(tx, new.id, &wanted, author_of(author_kind, author_id))?;
    let note = notes::get(tx.conn, new.id)?;
    tell(tx, "note.created", &note, json!({ "mentions": note.mentions }));
    Ok(WrittenNote { note, warnings: found.warnings })
}

/// Changes a note by a merge patch. Mentions are parsed again only if the text changed; newly mentioned members are
/// notified.
///
/// # Errors
/// 403 unless the caller is its author or an admin, 404, 412, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, caller: &Caller, if_match: Option<i32>, patch: &Value) -> Result<WrittenNote> {
    let note = held(tx, id, caller, if_match)?;
    let product = note.product_id;
    let there = note_mentions::of_note(tx.conn, id)?;
    let of = |is: fn(&&Mentioned) -> bool| there.iter().filter(is).map(|one| one.member).collect::<Vec<Id>>();
    let before = NoteEdit { text: note.text.clone(), mentions: of(|one| one.listed) };
    let edit: NoteEdit = decode::patched(&before, patch)?;
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(WrittenNote { note, warnings: Vec::new() });
    }
    let found = if edit.text == note.text { unread(of(|one| one.in_text)) } else { in_text(tx, product, &edit.text)? };
    let named = Named { in_text: &found.members, listed: &edit.mentions, there: &note.mentions };
    let wanted = wanted(tx, product, named)?;
    notes::rewrite(tx, id, &edit.text)?;
    note_mentions::put(tx, id, &wanted, author_of(note.author_kind, note.author_id))?;
    let edited = notes::get(tx.conn, id)?;
    let new: Vec<Id> = edited.mentions.iter().filter(|member| !note.mentions.contains(member)).copied().collect();
    tell(tx, "note.edited", &edited, json!({ "fields": fields, "mentions": new }));
    Ok(WrittenNote { note: edited, warnings: found.warnings })
}

/// Deletes a note for good; an unsent mail about it is cancelled.
///
/// # Errors
/// 403 unless the caller is its author or an admin, 404, 412.
pub fn delete(tx: &mut Tx<'_>, id: Id, caller: &Caller, if_match: Option<i32>) -> Result<()> {
    let note = held(tx, id, caller, if_match)?;
    remove(tx, &note)
}

fn remove(tx: &mut Tx<'_>, note: &Note) -> Result<()> {
    notes::delete(tx, note.id)?;
    tell(tx, "note.deleted", note, json!({}));
    Ok(())
}

/// Marks a note that mentions the caller as read.
///
/// # Errors
/// 404 where the note does not exist or does not mention them.
pub fn read(tx: &mut Tx<'_>, id: Id, caller: &Caller) -> Result<NoteMention> {
    notes::get(tx.conn, id)?;
    let not_mentioned =
        || Error::new(Code::NotFound, "A note mentions members, and this token does not belong to a member.");
    note_mentions::read(tx, id, caller.member_id.ok_or_else(not_mentioned)?)
}

/// Deletes the notes about erased customers, their feedback and their closures; answers these notes.
pub(in crate::usecase) fn forget(tx: &mut Tx<'_>, people: &[Id], items: &[Id]) -> Result<Vec<Id>> {
    let mut cases = Vec::new();
    for person in people {
        cases.extend(closures::of_customer(tx.conn, *person)?.into_iter().map(|row| row.id));
    }
    let mut found = notes::about_any(tx.conn, NoteSubject::Customer, people)?;
    found.extend(notes::about_any(tx.conn, NoteSubject::Feedback, items)?);
    found.extend(notes::about_any(tx.conn, NoteSubject::Closure, &cases)?);
    for note in &found {
        remove(tx, note)?;
    }
    Ok(found.iter().map(|note| note.id).collect())
}

/// The roles that may read notes; only members with one of them can be mentioned.
pub fn readers() -> Vec<Role> {
    Role::ALL.iter().copied().filter(|role| allowed("get_note", *role)).collect()
}

/// Refuses a note about an erased person: a second erasure does nothing, so the note would stay.
fn refuse_erased(tx: &mut Tx<'_>, kind: NoteSubject, id: Id) -> Result<()> {
    let person = match kind {
        NoteSubject::Story => None,
        NoteSubject::Customer => Some(id),
        NoteSubject::Feedback => feedback::rows::row(tx.conn, id)?.customer_id,
        NoteSubject::Closure => Some(closures::row(tx.conn, id)?.customer_id),
    };
    let Some(person) = person else { return Ok(()) };
    // Locked against a concurrent erasure.
    if customers::lock(tx, person)?.erased_at.is_some() {
        return Err(Error::new(Code::Gone, "The customer was erased: no notes can be written about them."));
    }
    Ok(())
}

/// Locks a note for its author or an admin; checks the version that they read.
fn held(tx: &mut Tx<'_>, id: Id, caller: &Caller, if_match: Option<i32>) -> Result<Note> {
    let note = notes::lock(tx, id)?;
    let is_author =
        note.author_kind.as_str() == tx.actor.kind && note.author_id.is_some() && note.author_id == tx.actor.id;
    if caller.role != Role::Admin && !is_author {
        return Err(Error::new(Code::Forbidden, "Only its author or an admin may change or delete a note."));
    }
    check_version(if_match, note.version)?;
    Ok(note)
}

/// The member who wrote it; a service can't be mentioned.
fn author_of(kind: NoteAuthor, id: Option<Id>) -> Option<Id> {
    id.filter(|_| kind == NoteAuthor::Member)
}

/// The mentions of an unchanged text, resolved when it was written.
fn unread(members: Vec<Id>) -> Mentions {
    Mentions { members, warnings: Vec::<NoteWarning>::new() }
}

/// The product of the subject of a note; a customer belongs to none.
fn product_of(conn: &mut Conn, kind: NoteSubject, id: Id) -> Result<Option<Id>> {
    Ok(match kind {
        NoteSubject::Feedback => Some(feedback::rows::row(conn, id)?.product_id),
        NoteSubject::Story => Some(stories::rows::get(conn, id)?.product_id),
        NoteSubject::Closure => Some(closures::row(conn, id)?.product_id),
        NoteSubject::Customer => None,
    })
}

/// The members mentioned in a text, among those who may read the note: a mail would tell others what it is about.
fn in_text(tx: &mut Tx<'_>, product: Option<Id>, text: &str) -> Result<Mentions> {
    if !text.contains(['@', '＠']) {
        return Ok(Mentions::default());
    }
    let mut all = members::mentionable(tx.conn, &readers())?;
    let ids = all.iter().map(|member| member.id).collect();
    let may_read = access::readers(tx.conn, product, ids, "get_note")?;
    all.retain(|member| may_read.contains(&member.id));
    Ok(mentions::find(text, &all))
}

/// Whom a note mentions: in its text, in the list that came with it, and before it was edited.
struct Named<'a> {
    in_text: &'a [Id],
    listed: &'a [Id],
    there: &'a [Id],
}

/// The mentions of a note, from its text and its list. Members already mentioned may stay, even if they can't be
/// mentioned now.
fn wanted(tx: &mut Tx<'_>, product: Option<Id>, named: Named<'_>) -> Result<Vec<Mentioned>> {
    let Named { in_text, listed, there } = named;
    let mut wrong = Vec::new();
    for (n, id) in listed.iter().enumerate().filter(|(_, id)| !there.contains(id)) {
        wrong.extend(unmentionable(tx, *id, product, format!("/mentions/{n}"))?);
    }
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    let mut wanted: Vec<Mentioned> = Vec::new();
    for member in in_text.iter().chain(listed).copied() {
        if !wanted.iter().any(|one| one.member == member) {
            wanted.push(Mentioned { member, in_text: in_text.contains(&member), listed: listed.contains(&member) });
        }
    }
    if wanted.len() > MOST_MENTIONS {
        let detail = format!("must not mention more than {MOST_MENTIONS} members, those in `mentions` included");
        return Err(Error::field("/text", "too_many_mentions", detail));
    }
    Ok(wanted)
}

/// The reason why a member can't be mentioned.
fn unmentionable(tx: &mut Tx<'_>, id: Id, product: Option<Id>, pointer: String) -> Result<Option<FieldError>> {
    Ok(match members::find_active(tx.conn, id)? {
        None => Some(Reference::ActiveMember.unknown(pointer)),
        Some(member) if !readers().contains(&member.role) => {
            Some(FieldError::new(pointer, "not_allowed", "is a member whose role may not read notes"))
        }
        Some(_) if access::readers(tx.conn, product, vec![id], "get_note")?.is_empty() => {
            Some(FieldError::new(pointer, "not_allowed", "is a member without access to this product"))
        }
        Some(_) => None,
    })
}

/// Writes an event about the subject of a note, so that the subject's history includes the note.
fn tell(tx: &mut Tx<'_>, event: &'static str, note: &Note, more: Value) {
    let mut data = json!({ "note_id": note.id, "subject_kind": note.subject_kind });
    if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
        data.extend(more);
    }
    tx.event(event, note.subject_id, note.product_id, data);
}
