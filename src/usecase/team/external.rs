//! Sign-in of people whom an OpenID Connect provider or a proxy has identified.

use serde_json::json;

use super::members as team;
use super::sessions::{self, Device};
use crate::domain::base::Actor;
use crate::domain::team::external_sign_in::{EntryRefusal, ExternalIdentity, GroupRules};
use crate::domain::team::session::SessionLifetime;
use crate::domain::team::{Member, NewMember, Role};
use crate::error::Result;
use crate::store::Tx;
use crate::store::team::{identities, members, passwords};

/// Where a session begins, and how long it lasts.
#[derive(Clone, Debug)]
pub struct Entry {
    pub device: Device,
    /// The secret of the session, for the cookie.
    pub secret: String,
    pub lifetime: SessionLifetime,
}

/// Signs a person in. Their member is found by the account at the provider, or at the first sign-in by a verified e-mail
/// address. Nobody is known with either: a member is made where one of their groups has a role here.
pub fn enter(
    tx: &mut Tx<'_>,
    person: &ExternalIdentity,
    rules: &GroupRules,
    entry: &Entry,
) -> Result<std::result::Result<Member, EntryRefusal>> {
    let role = rules.role_of(&person.groups);
    let found = match find(tx, person, role)? {
        Ok(found) => found,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !found.active || (rules.required && role.is_none()) {
        tx.event("member.sign_in_failed", found.id, None, json!({}));
        return Ok(Err(if found.active { EntryRefusal::NoGroup } else { EntryRefusal::Inactive }));
    }
    tx.actor = Actor { kind: "member", id: Some(found.id) };
    let member = with_role(tx, found, role)?;
    sessions::begin(tx, &member, &entry.device, &entry.secret, entry.lifetime)?;
    Ok(Ok(member))
}

/// Signs in a member whom a trusted proxy names by their e-mail address.
pub fn enter_by_address(
    tx: &mut Tx<'_>,
    email: &str,
    entry: &Entry,
) -> Result<std::result::Result<Member, EntryRefusal>> {
    let Some(member) = members::by_email(tx.conn, email)? else { return Ok(Err(EntryRefusal::Unknown)) };
    if !member.active {
        tx.event("member.sign_in_failed", member.id, None, json!({}));
        return Ok(Err(EntryRefusal::Inactive));
    }
    tx.actor = Actor { kind: "member", id: Some(member.id) };
    sessions::begin(tx, &member, &entry.device, &entry.secret, entry.lifetime)?;
    Ok(Ok(member))
}

/// The member of an account at a provider; the account is linked at its first sign-in.
fn find(
    tx: &mut Tx<'_>,
    person: &ExternalIdentity,
    role: Option<Role>,
) -> Result<std::result::Result<Member, EntryRefusal>> {
    if let Some(id) = identities::member_of(tx.conn, &person.issuer, &person.subject)? {
        return members::get(tx.conn, id).map(Ok);
    }
    let Some(email) = person.email.as_deref().filter(|_| person.email_verified) else {
        // Anybody could claim the address of an admin.
        return Ok(Err(EntryRefusal::Unverified));
    };
    let member = match (members::by_email(tx.conn, email)?, role) {
        // A provider may give the address of somebody who left to somebody else, with an account of their own.
        (Some(member), _) if identities::has_account(tx.conn, &person.issuer, member.id)? => {
            return Ok(Err(EntryRefusal::OtherAccount));
        }
        (Some(member), _) => member,
        (None, None) => return Ok(Err(EntryRefusal::Unknown)),
        (None, Some(role)) => {
            let name = person.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).unwrap_or(email);
            let name = name.chars().take(200).collect();
            team::create(tx, &NewMember { name, email: email.to_owned(), role, language: "en".to_owned() })?
        }
    };
    identities::link(tx, &person.issuer, &person.subject, member.id)?;
    tx.event("member.account_linked", member.id, None, json!({}));
    Ok(Ok(member))
}

/// Gives a member the role of their groups. An admin with a password of their own stays one, so that the instance can be
/// reached when the provider can't, or its groups are wrong.
fn with_role(tx: &mut Tx<'_>, member: Member, role: Option<Role>) -> Result<Member> {
    let Some(role) = role.filter(|role| *role != member.role) else { return Ok(member) };
    if member.role == Role::Admin && passwords::of_member(tx.conn, member.id)?.is_some() {
        return Ok(member);
    }
    team::edit(tx, member.id, None, &json!({ "role": role }))
}
