//! Members: the people of the team.

use serde_json::{Value, json};

use super::sessions;
use super::tokens::revoke_token;
use crate::domain::base::decode;
use crate::domain::base::{Id, check_version};
use crate::domain::team::{Member, MemberEdit, NewMember, Role};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::team::{access, form_drafts, members, presences, tokens};
use crate::usecase::operations::ownership;

/// Creates a member.
///
/// # Errors
/// 409 where a member has this e-mail address.
pub fn create(tx: &mut Tx<'_>, input: &NewMember) -> Result<Member> {
    refuse_taken(tx, &input.email, None)?;
    let member = Member {
        id: Id::next(),
        name: input.name.clone(),
        email: input.email.trim().to_owned(),
        role: input.role,
        language: input.language.clone(),
        time_zone: None,
        shortcuts: true,
        team: None,
        active: true,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    members::insert(tx, &member)?;
    tx.event("member.created", member.id, None, json!({ "role": member.role }));
    Ok(member)
}

/// Changes a member by a merge patch. Tokens of an inactive member don't work, and their unsent forms are deleted; a member with a lower role loses the
/// tokens with higher rights.
///
/// # Errors
/// 404, 409 where another member has the e-mail address, 412, 422 with every wrong field.
pub fn edit(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, patch: &Value) -> Result<Member> {
    let current = members::lock(tx, id)?;
    check_version(if_match, current.version)?;
    let before = MemberEdit::from(&current);
    let edit: MemberEdit = decode::patched(&before, patch)?;
    let fields = decode::changed_fields(&before, &edit);
    if fields.is_empty() {
        return Ok(current);
    }
    refuse_taken(tx, &edit.email, Some(id))?;
    if edit.time_zone.as_deref().is_some_and(|zone| zone.parse::<chrono_tz::Tz>().is_err()) {
        return Err(Error::field("/time_zone", "format", "must be the name of a time zone, such as Asia/Seoul"));
    }
    let member = Member {
        name: edit.name,
        email: edit.email.trim().to_owned(),
        role: edit.role,
        language: edit.language,
        time_zone: edit.time_zone,
        shortcuts: edit.shortcuts,
        team: edit.team.map(|team| team.trim().to_owned()),
        active: edit.active,
        version: current.version + 1,
        updated_at: tx.now,
        ..current
    };
    members::update(tx, &member)?;
    if !member.active {
        sessions::end_all(tx, id, None)?;
        form_drafts::delete_all_of(tx, id)?;
        presences::leave_all(tx, id)?;
        ownership::owner_left(tx, id)?;
    }
    let mut roles: Vec<Role> = access::set_for(tx.conn, id)?.into_values().collect();
    roles.push(member.role);
    for token in tokens::of_member(tx.conn, id)? {
        if !roles.iter().any(|role| role.may_hand_out(token.role)) {
            revoke_token(tx, token.id)?;
        }
    }
    tx.event("member.updated", id, None, json!({ "fields": fields, "role": member.role, "active": member.active }));
    Ok(member)
}

fn refuse_taken(tx: &mut Tx<'_>, email: &str, except: Option<Id>) -> Result<()> {
    match members::by_email(tx.conn, email)? {
        Some(owner) if Some(owner.id) != except => {
            Err(Error::new(Code::Conflict, format!("Member {} has this e-mail address already.", owner.id)))
        }
        _ => Ok(()),
    }
}
