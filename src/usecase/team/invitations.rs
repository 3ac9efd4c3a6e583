//! Links that let a person set a name and a password: for members who are invited, for the first admin of an instance,
//! and for members who have lost their password.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::members;
use super::sessions::end_all;
use super::sign_in::account;
use super::tokens::hash;
use crate::domain::base::{Actor, Id, Time};
use crate::domain::team::session::{Invitation, InvitationKind};
use crate::domain::team::{Member, NewMember, Role};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::team::{attempts, invitations, members as stored, passwords};
use crate::store::{Conn, Tx};

/// How long an invitation can be used.
const VALID: i64 = 7 * Time::DAY;
/// How long the link of the demo opens the console.
const DEMO: i64 = 60 * 60 * Time::SECOND;
/// The member of the demo.
const DEMO_EMAIL: &str = "demo@hearback.example";

/// A fresh secret for a link.
///
/// # Errors
/// 500 where the system has no randomness.
pub fn new_secret() -> Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(format!("hbi_{}", URL_SAFE_NO_PAD.encode(bytes)))
}

fn issue(tx: &mut Tx<'_>, kind: InvitationKind, member: Option<Id>, secret: &str) -> Result<Invitation> {
    let valid = if kind == InvitationKind::Demo { DEMO } else { VALID };
    let (id, created_at) = (Id::next(), tx.now);
    let invitation = Invitation { id, kind, member_id: member, created_at, expires_at: tx.now.plus(valid) };
    invitations::replace(tx, &invitation, &hash(secret))?;
    Ok(invitation)
}

/// Invites a member: a link that lets them set a new password. An earlier link of the member no longer works.
///
/// # Errors
/// 404, 409 where the member is not active.
pub fn invite(tx: &mut Tx<'_>, id: Id, secret: &str) -> Result<(Member, Invitation)> {
    let member = stored::lock(tx, id)?;
    if !member.active {
        return Err(Error::new(Code::Conflict, "The member is not active."));
    }
    let invitation = issue(tx, InvitationKind::Password, Some(id), secret)?;
    tx.event("member.invited", id, None, json!({ "role": member.role }));
    Ok((member, invitation))
}

/// Invites the person with this e-mail address, with this role. Creates a member if no member has the address; otherwise
/// the member gets the role and is activated.
///
/// # Errors
/// 422 where nobody has the address and no role is given.
pub fn invite_by_email(tx: &mut Tx<'_>, email: &str, role: Option<Role>, secret: &str) -> Result<(Member, Invitation)> {
    let member = match (stored::by_email(tx.conn, email)?, role) {
        (Some(member), None) => member,
        (Some(member), Some(role)) => members::edit(tx, member.id, None, &json!({ "role": role, "active": true }))?,
        (None, Some(role)) => {
            let name = email.split('@').next().filter(|name| !name.trim().is_empty()).unwrap_or(email).to_owned();
            let input = NewMember { name, email: email.to_owned(), role, language: "en".to_owned() };
            members::create(tx, &input)?
        }
        (None, None) => {
            return Err(Error::field(
                "/email",
                "unknown",
                "is not the address of a member; name a role to invite them",
            ));
        }
    };
    invite(tx, member.id, secret)
}

/// A link that makes the first admin, for an instance without members.
pub fn first_admin(tx: &mut Tx<'_>, secret: &str) -> Result<Option<Invitation>> {
    if stored::any(tx.conn)? {
        return Ok(None);
    }
    issue(tx, InvitationKind::Password, None, secret).map(Some)
}

/// A link that opens the console of the demo for an hour, signed in as an admin who has no password.
pub fn demo(tx: &mut Tx<'_>, secret: &str) -> Result<Invitation> {
    let member = match stored::by_email(tx.conn, DEMO_EMAIL)? {
        Some(member) => member,
        None => {
            let (name, email, language) = ("Demo".to_owned(), DEMO_EMAIL.to_owned(), "en".to_owned());
            members::create(tx, &NewMember { name, email, role: Role::Admin, language })?
        }
    };
    issue(tx, InvitationKind::Demo, Some(member.id), secret)
}

/// 410 for a link that no longer works.
pub fn gone() -> Error {
    Error::new(
        Code::Gone,
        "This link was used already, or has expired. Ask an admin for a new one, or run `hearback invite` on the server.",
    )
}

/// The invitation with this secret, and its member.
///
/// # Errors
/// 410 where it is unknown, used or expired.
pub fn find(conn: &mut Conn, secret: &str, now: Time) -> Result<(Invitation, Option<Member>)> {
    let invitation = invitations::find(conn, &hash(secret), now)?.ok_or_else(gone)?;
    let member = match invitation.member_id {
        Some(id) => Some(stored::find_active(conn, id)?.ok_or_else(gone)?),
        // Once somebody has joined, an admin invites the others.
        None if stored::any(conn)? => return Err(gone()),
        None => None,
    };
    Ok((invitation, member))
}

/// What a person fills in.
#[derive(Clone, Debug)]
pub struct Accepted {
    pub name: String,
    /// For the first admin; a member keeps their address.
    pub email: String,
    pub language: String,
    /// The hash of the password.
    pub hash: String,
}

/// Uses an invitation: sets name and password, and signs the member out elsewhere.
///
/// # Errors
/// 410, 422 with every wrong field.
pub fn accept(tx: &mut Tx<'_>, secret: &str, input: &Accepted) -> Result<Member> {
    let (invitation, member) = find(tx.conn, secret, tx.now)?;
    if invitation.kind != InvitationKind::Password || !invitations::take(tx, invitation.id)? {
        return Err(gone());
    }
    let member = match member {
        Some(member) => {
            let changed = json!({ "name": input.name, "language": input.language });
            members::edit(tx, member.id, None, &changed)?
        }
        None => {
            let (name, email) = (input.name.clone(), input.email.trim().to_owned());
            members::create(tx, &NewMember { name, email, role: Role::Admin, language: input.language.clone() })?
        }
    };
    // From here on the person acts.
    tx.actor = Actor { kind: "member", id: Some(member.id) };
    set_password(tx, &member, &input.hash, None)?;
    Ok(member)
}

/// Sets the password of a member by its hash, and signs them out on all devices but this one.
pub fn set_password(tx: &mut Tx<'_>, member: &Member, hash: &str, this_device: Option<Id>) -> Result<()> {
    passwords::set(tx, member.id, hash)?;
    attempts::forget(tx, &account(&member.email))?;
    invitations::forget(tx, InvitationKind::Password, Some(member.id))?;
    end_all(tx, member.id, this_device)?;
    tx.event("member.password_set", member.id, None, json!({}));
    Ok(())
}

/// What is wrong with the text of a field that must not be empty.
pub fn wrong_text(pointer: &str, text: &str, most: usize) -> Option<FieldError> {
    match text.trim() {
        "" => Some(FieldError::new(pointer, "required", "is required")),
        text if text.chars().count() > most => {
            Some(FieldError::new(pointer, "too_long", format!("must have at most {most} characters")))
        }
        _ => None,
    }
}
