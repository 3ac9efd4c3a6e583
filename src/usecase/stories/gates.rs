//! Gates: items that named people must sign before a story can be `ready` or `released`. Open items block the stage.

use std::collections::HashMap;

use serde_json::json;

use super::stages::{catch_up, lock};
use crate::domain::base::Id;
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{Decision, GateItem, GateState, SignGate, Signoff, Story};
use crate::domain::team::{Caller, Gate, Role};
use crate::error::{Code, Error, Result};
use crate::store::stories::gates;
use crate::store::team::{members, products};
use crate::store::{Conn, Tx, stories};

/// The items of a story's gates, in the order of the product's settings.
///
/// # Errors
/// 404.
pub fn list(conn: &mut Conn, story: Id) -> Result<Vec<GateItem>> {
    let story = stories::rows::get(conn, story)?;
    Ok(items(conn, &story)?.into_iter().map(|(_, item)| item).collect())
}

fn items(conn: &mut Conn, story: &Story) -> Result<Vec<(Gate, GateItem)>> {
    let settings = products::get(conn, story.product_id)?.settings;
    if settings.gates.is_empty() {
        return Ok(Vec::new());
    }
    let signoffs = gates::of_story(conn, story.id)?;
    // The latest signoff of each item counts.
    let last: HashMap<&str, &Signoff> = signoffs.iter().map(|signoff| (signoff.gate.as_str(), signoff)).collect();
    let item = |gate: Gate| {
        let item = GateItem::new(&gate, last.get(gate.key.as_str()).copied());
        (gate, item)
    };
    Ok(settings.gates.into_iter().map(item).collect())
}

/// The items that block a stage: neither signed nor overridden.
pub(in crate::usecase) fn open(conn: &mut Conn, story: &Story, to: Stage) -> Result<Vec<Gate>> {
    if !to.is_gated() {
        return Ok(Vec::new());
    }
    let items = items(conn, story)?.into_iter();
    let open = items.filter(|(gate, item)| gate.keeps_from(to) && item.state == GateState::Open);
    Ok(open.map(|(gate, _)| gate).collect())
}

/// A sentence that says why a stage is blocked and names the open items.
pub(in crate::usecase) fn closed(to: Stage, open: &[Gate]) -> String {
    let names: Vec<&str> = open.iter().map(|gate| gate.key.as_str()).collect();
    format!("The gate of `{to}` is closed. To be signed: {}.", names.join(", "))
}

/// Overrides the open items, with a reason.
pub(in crate::usecase) fn override_open(
    tx: &mut Tx<'_>,
    story: &Story,
    to: Stage,
    open: &[Gate],
    reason: &str,
) -> Result<()> {
    for gate in open {
        let signoff =
            Signoff { reason: Some(reason.to_owned()), ..decided(tx, story, &gate.key, Decision::Overridden) };
        gates::insert(tx, &signoff)?;
        let data = json!({ "story_id": story.id, "gate": gate.key, "stage": to });
        tx.event("gate.overridden", story.id, Some(story.product_id), data);
    }
    Ok(())
}

/// A signoff by the actor of this transaction.
fn decided(tx: &Tx<'_>, story: &Story, gate: &str, decision: Decision) -> Signoff {
    Signoff {
        id: Id::next(),
        story_id: story.id,
        gate: gate.to_owned(),
        decision,
        member_id: tx.actor.id.filter(|_| tx.actor.kind == "member"),
        evidence: None,
        reason: None,
        created_at: tx.now,
    }
}

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
    let refusal = |code: &str, detail: &str| Error::field("/member_id", code, detail);
    let required =
        || refusal("required", "is required: the token belongs to no member, and a gate is signed by a person");
    if named.is_some() && named != caller.member_id && caller.role != Role::Admin {
        return Err(Error::new(Code::Forbidden, "Only an admin may sign for another member."));
    }
    let member = named.or(caller.member_id).ok_or_else(required)?;
    match members::get(conn, member) {
        Ok(found) if found.active => Ok(member),
        Ok(_) => Err(refusal("unknown", "is not the id of an active member")),
        Err(e) if e.code == Code::NotFound => Err(refusal("unknown", "is not the id of an active member")),
        Err(e) => Err(e),
    }
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
