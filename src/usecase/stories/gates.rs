//! Gates: items that named people must sign before a story can be `ready` or `released`. Open items block the stage.

use std::collections::HashMap;

use serde_json::json;

use crate::domain::base::Id;
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{Decision, GateItem, GateState, Signoff, Story};
use crate::domain::team::{Gate, Product, ProductSettings};
use crate::error::Result;
use crate::store::stories::gates;
use crate::store::team::products;
use crate::store::{Conn, Tx, stories};

/// The items of a story's gates, in the order of the product's settings.
///
/// # Errors
/// 404.
pub fn list(conn: &mut Conn, story: Id) -> Result<Vec<GateItem>> {
    let story = stories::rows::get(conn, story)?;
    Ok(items(conn, &story)?.into_iter().map(|(_, item)| item).collect())
}

/// The items of a story that is already read, with its product.
pub fn of(conn: &mut Conn, story: &Story, product: &Product) -> Result<Vec<GateItem>> {
    Ok(of_gates(conn, story, product.settings.gates.clone())?.into_iter().map(|(_, item)| item).collect())
}

/// The items of a story's gates with the gates they are of.
pub(in crate::usecase) fn items(conn: &mut Conn, story: &Story) -> Result<Vec<(Gate, GateItem)>> {
    let gates = products::get(conn, story.product_id)?.settings.gates;
    of_gates(conn, story, gates)
}

fn of_gates(conn: &mut Conn, story: &Story, wanted: Vec<Gate>) -> Result<Vec<(Gate, GateItem)>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let signoffs = gates::of_story(conn, story.id)?;
    // The latest signoff of each item counts.
    let last: HashMap<&str, &Signoff> = signoffs.iter().map(|signoff| (signoff.gate.as_str(), signoff)).collect();
    let item = |gate: Gate| {
        let item = GateItem::new(&gate, last.get(gate.key.as_str()).copied());
        (gate, item)
    };
    Ok(wanted.into_iter().map(item).collect())
}

/// The items of these stories' gates, by story, with a bounded number of statements. All are stories of the product with
/// these settings.
pub fn of_stories(conn: &mut Conn, settings: &ProductSettings, stories: &[Id]) -> Result<HashMap<Id, Vec<GateItem>>> {
    if settings.gates.is_empty() {
        return Ok(HashMap::new());
    }
    let signoffs = gates::of_stories(conn, stories)?;
    // The latest signoff of each item counts.
    let last: HashMap<(Id, &str), &Signoff> =
        signoffs.iter().map(|signoff| ((signoff.story_id, signoff.gate.as_str()), signoff)).collect();
    let items = |story: Id| {
        let item = |gate: &Gate| GateItem::new(gate, last.get(&(story, gate.key.as_str())).copied());
        (story, settings.gates.iter().map(item).collect())
    };
    Ok(stories.iter().map(|story| items(*story)).collect())
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
pub(in crate::usecase) fn decided(tx: &Tx<'_>, story: &Story, gate: &str, decision: Decision) -> Signoff {
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
