//! Mail to members who are mentioned in an internal note. A delivery contains the ids of the note, of the member and of
//! the author. The text is read when the mail is sent, so that nothing of a deleted note is sent.

use serde_json::json;

use super::AttemptOutcome;
use super::mail_outcome::{dead, outcome};
use crate::domain::base::Id;
use crate::domain::base::language::Language;
use crate::domain::integrations::{Delivery, NewDelivery};
use crate::domain::team::Member;
use crate::domain::team::note::{Note, NoteSubject};
use crate::error::{Code, Result};
use crate::outside::mail::{Envelope, Mailer, MentionWords};
use crate::store::base::events::Logged;
use crate::store::closure::closures;
use crate::store::integrations::deliveries;
use crate::store::team::{members, note_mentions, notes as stored_notes, products, tokens};
use crate::store::{Conn, Store, Tx, stories};
use crate::usecase::team::{access, notes};

/// The mail of a delivery: a note, and a member it mentions.
#[derive(Clone, Copy)]
pub(super) struct Mention {
    note: Id,
    member: Id,
    by: Option<Id>,
}

impl Mention {
    /// The mail of this delivery; `None` if it is not about a note.
    pub(super) fn of(delivery: &Delivery) -> Option<Self> {
        let id = |name: &str| delivery.body[name].as_str()?.parse::<Id>().ok();
        Some(Self { note: id("note_id")?, member: id("member_id")?, by: id("by") })
    }

    /// Its `Message-ID`, the same at every attempt.
    fn message_id(self, domain: &str) -> String {
        format!("{}.{}.mention@{domain}", self.note, self.member)
    }
}

/// Creates the mails of a note: one for each newly mentioned member except its author. A member gets only one mail
/// about a note.
pub fn fan_out(tx: &mut Tx<'_>, event: &Logged) -> Result<()> {
    if !matches!(event.kind.as_str(), "note.created" | "note.edited") {
        return Ok(());
    }
    let Some(note) = event.data["note_id"].as_str().and_then(|id| id.parse::<Id>().ok()) else { return Ok(()) };
    let named = event.data["mentions"].as_array().into_iter().flatten();
    let named: Vec<Id> = named.filter_map(|id| id.as_str()?.parse().ok()).collect();
    for member in named.into_iter().filter(|member| Some(*member) != event.actor_id) {
        if !note_mentions::waits_for_mail(tx.conn, note, member)? {
            continue;
        }
        let body = json!({ "note_id": note, "member_id": member, "by": event.actor_id });
        let new = NewDelivery { channel: "mail", target: member, subject: note, event: event.kind.clone(), body };
        deliveries::enqueue(tx, new)?;
    }
    Ok(())
}

/// Attempts a mail about a note.
pub(super) fn attempt(
    store: &Store,
    mailer: Option<&Mailer>,
    public_url: &str,
    mention: Mention,
) -> Result<AttemptOutcome> {
    let read = store.read_now(|conn| read(conn, mention, public_url))?;
    let Some((member, words)) = read else {
        // The note was deleted, reworded or mailed meanwhile, or the member was deactivated.
        return Ok(AttemptOutcome::Delivered { status: None });
    };
    let Some(mailer) = mailer else { return Ok(dead("No mail server is set (HEARBACK_SMTP_URL).")) };
    let sent = mailer.send(&Envelope {
        address: &member.email,
        name: Some(&member.name),
        letter: &words.letter(),
        message_id: &mention.message_id(mailer.domain()),
        in_reply_to: None,
        unsubscribe: None,
    });
    Ok(outcome(sent, &member.email))
}

/// Records that the member was mailed after the mail server accepted the mail.
pub(super) fn ended(tx: &mut Tx<'_>, mention: Mention, delivery: &Delivery, delivered: bool) -> Result<()> {
    let was_sent = delivered && deliveries::get(tx.conn, delivery.id)?.last_status.is_some();
    if was_sent { note_mentions::mailed(tx, mention.note, mention.member) } else { Ok(()) }
}

/// The recipient and the content of the mail; `None` if it is no longer needed.
fn read(conn: &mut Conn, mention: Mention, public_url: &str) -> Result<Option<(Member, MentionWords)>> {
    if !note_mentions::waits_for_mail(conn, mention.note, mention.member)? {
        return Ok(None);
    }
    let (note, member) = (stored_notes::get(conn, mention.note)?, members::get(conn, mention.member)?);
    if !member.active || !notes::readers().contains(&member.role) {
        return Ok(None);
    }
    // The product may have become private since the note was written.
    if access::readers(conn, note.product_id, vec![member.id], "get_note")?.is_empty() {
        return Ok(None);
    }
    let story = match note.subject_kind {
        NoteSubject::Story => Some(stories::rows::get(conn, note.subject_id)?),
        NoteSubject::Closure => {
            let story = closures::row(conn, note.subject_id)?.story_id;
            Some(stories::rows::get(conn, story)?)
        }
        NoteSubject::Feedback | NoteSubject::Customer => None,
    };
    let product = note.product_id.map(|id| products::get(conn, id)).transpose()?;
    let words = MentionWords {
        language: Language::of(Some(&member.language)),
        by: name_of(conn, mention.by)?,
        subject: note.subject_kind,
        story: story.map(|story| (story.number, story.title)),
        product: product.map(|product| product.name),
        link: link(public_url, &note),
        note: note.text,
    };
    Ok(Some((member, words)))
}

fn link(public_url: &str, note: &Note) -> String {
    format!("{}/v1/{}/{}", public_url.trim_end_matches('/'), note.subject_kind.collection(), note.subject_id)
}

/// The name of a member or a service.
fn name_of(conn: &mut Conn, id: Option<Id>) -> Result<Option<String>> {
    let Some(id) = id else { return Ok(None) };
    let name = match members::get(conn, id) {
        Err(e) if e.code == Code::NotFound => tokens::get(conn, id).map(|token| token.name),
        found => found.map(|member| member.name),
    };
    match name {
        Err(e) if e.code == Code::NotFound => Ok(None),
        name => name.map(Some),
    }
}
