//! Gates: items that named people must sign before a story can be `ready` or `released`. Open items block the stage.

use std::collections::HashMap;

use serde_json::json;

use crate::domain::base::Id;
use crate::domain::evaluations::licences::{LicenceVerdict, judge};
use crate::domain::stories::dependency::{DependencyState, OpenNeed};
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{Decision, GateItem, GateState, Signoff, Story};
use crate::domain::team::{Gate, GateStage, Product, ProductSettings};
use crate::error::Result;
use crate::store::stories::depending::{blockers, edges};
use crate::store::stories::gates;
use crate::store::team::products;
use crate::store::{Conn, Tx, evaluations, stories};

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

/// What keeps a story from a stage.
pub(in crate::usecase) struct Closed {
    /// The item, or what stands for something that the story needs: overriding it is recorded under its key.
    gate: Gate,
    /// Whether it is an item that somebody can sign.
    signable: bool,
}

/// What blocks a stage: items that are neither signed nor overridden, and what the story needs and is not there yet.
pub(in crate::usecase) fn open(conn: &mut Conn, story: &Story, to: Stage) -> Result<Vec<Closed>> {
    if !to.is_gated() {
        return Ok(Vec::new());
    }
    let settings = products::get(conn, story.product_id)?.settings;
    let items = of_gates(conn, story, settings.gates.clone())?.into_iter();
    let open = items.filter(|(gate, item)| gate.keeps_from(to) && item.state == GateState::Open);
    let mut open: Vec<Closed> = open.map(|(gate, _)| Closed { gate, signable: true }).collect();
    let mut needs = needs(conn, story)?;
    needs.extend(licences(conn, story, &settings)?);
    if !needs.is_empty() {
        let signoffs = gates::of_story(conn, story.id)?;
        let last = |key: &str| signoffs.iter().rfind(|signoff| signoff.gate == key).map(|signoff| signoff.decision);
        let is_closed = |gate: &Gate| last(&gate.key) != Some(Decision::Overridden);
        open.extend(needs.into_iter().filter(is_closed).map(|gate| Closed { gate, signable: false }));
    }
    Ok(open)
}

/// A gate for each thing that a story needs and that is not there yet.
fn needs(conn: &mut Conn, story: &Story) -> Result<Vec<Gate>> {
    let needs = blockers::of_story(conn, story.id)?;
    if needs.is_empty() {
        return Ok(Vec::new());
    }
    let blockers: Vec<Id> = needs.iter().filter_map(|need| need.blocker_id).collect();
    let briefs = edges::briefs(conn, &blockers)?;
    let ids: Vec<Id> = needs.iter().map(|need| need.dependency_id).collect();
    let externals: HashMap<Id, String> =
        edges::get_many(conn, &ids)?.into_iter().filter_map(|one| Some((one.id, one.external?.title))).collect();
    let gate = |need: &OpenNeed| {
        // Who may not see the other product learns only that something of it blocks.
        let other = need.blocker_id.and_then(|id| briefs.get(&id)).filter(|other| other.product_id == story.product_id);
        let title = match (other, externals.get(&need.dependency_id), need.state) {
            (Some(other), _, DependencyState::Declined) => format!("{} (declined)", other.number),
            (Some(other), ..) => other.number.clone(),
            (None, Some(title), _) => title.clone(),
            (None, None, _) => "a story of another product".to_owned(),
        };
        Gate { key: format!("dependency_{}", need.dependency_id.0.simple()), title, stage: GateStage::Ready }
    };
    Ok(needs.iter().map(gate).collect())
}

/// A gate for each accepted evaluation of the story that chose an option whose licence the product refuses.
fn licences(conn: &mut Conn, story: &Story, settings: &ProductSettings) -> Result<Vec<Gate>> {
    if settings.allowed_licences.is_empty() && settings.denied_licences.is_empty() {
        return Ok(Vec::new());
    }
    let accepted = evaluations::rows::accepted_of(conn, story.id)?;
    let refused = accepted.iter().filter_map(|evaluation| {
        let chosen = evaluation.chosen()?;
        let licence = chosen.licence.as_deref()?;
        let verdict = judge(licence, &settings.allowed_licences, &settings.denied_licences);
        let title = match verdict {
            LicenceVerdict::Allowed => return None,
            LicenceVerdict::Denied => format!("the licence {licence} of {}, which is denied", chosen.name),
            LicenceVerdict::NotListed => format!("the licence {licence} of {}, which is not allowed", chosen.name),
        };
        Some(Gate { key: format!("licence_{}", evaluation.id.0.simple()), title, stage: GateStage::Ready })
    });
    Ok(refused.collect())
}

/// What is missing: the keys of the items to be signed, and what is needed.
pub(in crate::usecase) fn missing(open: &[Closed]) -> (Vec<&str>, Vec<&str>) {
    let (signable, needed): (Vec<&Closed>, Vec<&Closed>) = open.iter().partition(|closed| closed.signable);
    let keys = signable.into_iter().map(|closed| closed.gate.key.as_str()).collect();
    (keys, needed.into_iter().map(|closed| closed.gate.title.as_str()).collect())
}

/// A sentence that says why a stage is blocked and names the open items.
pub(in crate::usecase) fn closed(to: Stage, open: &[Closed]) -> String {
    let (keys, needed) = missing(open);
    let mut sentence = format!("The gate of `{to}` is closed.");
    if !keys.is_empty() {
        sentence.push_str(&format!(" To be signed: {}.", keys.join(", ")));
    }
    if !needed.is_empty() {
        sentence.push_str(&format!(" Blocked by: {}.", needed.join(", ")));
    }
    sentence
}

/// Overrides the open items, with a reason.
pub(in crate::usecase) fn override_open(
    tx: &mut Tx<'_>,
    story: &Story,
    to: Stage,
    open: &[Closed],
    reason: &str,
) -> Result<()> {
    for Closed { gate, .. } in open {
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
