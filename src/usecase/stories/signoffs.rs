//! Signing an item of a story's gates, and withdrawing that.

use serde_json::json;

use super::gates::{decided, items};
use super::progress::catch_up;
use super::stages::lock;
use crate::domain::base::Id;
use crate::domain::stories::{Decision, GateItem, GateState, SignGate, Signoff, Story};
use crate::domain::team::{Caller, Role};
use crate::error::{Code, Error, Result};
use crate::store::stories::gates;
use crate::store::team::members;
use crate::store::{Conn, Tx};

/// Signs an item for a named member. A story that only waited for this item when its release went to production is
/// released now.
///
/// # Errors
/// 403 where a caller who is not an admin signs for someone else, 404, 409 where it is already signed, 422 where no
/// member is named or the member is unknown.
pub fn sign(tx: &mut Tx<'_>, story: Id, key: &str, caller: &Caller, input: &SignGate) -> Result<GateItem> {
    let story = lock(tx, story)?;
    let item = item(tx, &story, key)?;
    let member = signer(tx.conn, caller, input.member_id)?;
    if item.state == GateState::Signed {
        return Err(Error::new(Code::Conflict, "It is signed already; withdraw the signature first."));
    }
    let signoff = Signoff {
        member_id: Some(member),
        evidence: Some(input.evidence.trim().to_owned()),
        ..decided(tx, &story, key, Decision::Signed)
    };
    gates::insert(tx, &signoff)?;
    let data = json!({ "story_id": story.id, "gate": key, "member_id": member });
    tx.event("gate.signed", story.id, Some(story.product_id), data);
    // Its release may already be in production and have waited only for this.
    catch_up(tx, story.id)?;
    self::item(tx, &story, key)
}

fn item(tx: &mut Tx<'_>, story: &Story, key: &str) -> Result<GateItem> {
    let found = items(tx.conn, story)?.into_iter().map(|(_, item)| item).find(|item| item.key == key);
    found.ok_or_else(|| Error::new(Code::NotFound, "The product has no gate with this key."))
}

fn signer(conn: &mut Conn, caller: &Caller, named: Option<Id>) -> Result<Id> {
    let detail = "is required: the token belongs to no member, and a gate is signed by a person";
    let required = || Error::field("/member_id", "required", detail);
    if named.is_some() && named != caller.member_id && caller.role != Role::Admin {
        return Err(Error::new(Code::Forbidden, "Only an admin may sign for another member."));
    }
    let member = named.or(caller.member_id).ok_or_else(required)?;
    Ok(members::known_active(conn, member, "/member_id")?.id)
}

/// Withdraws a signature or an override, with a reason. A story that has passed the gate stays in its stage.
///
/// # Errors
/// 404, 409 where the item is not signed or overridden.
pub fn withdraw(tx: &mut Tx<'_>, story: Id, key: &str, reason: &str) -> Result<GateItem> {
    let story = lock(tx, story)?;
    if item(tx, &story, key)?.state == GateState::Open {
        return Err(Error::new(Code::Conflict, "Nobody has signed it."));
    }
    let signoff = Signoff { reason: Some(reason.to_owned()), ..decided(tx, &story, key, Decision::Withdrawn) };
    gates::insert(tx, &signoff)?;
    let data = json!({ "story_id": story.id, "gate": key });
    tx.event("gate.withdrawn", story.id, Some(story.product_id), data);
    item(tx, &story, key)
}
