//! Postmortems: drafted, reviewed, published, followed by actions that are stories, and found again when it happens again.

mod actions;
mod life;
mod public;
mod repeats;

use hearback::domain::base::{Id, Time};
use hearback::domain::operations::incident::{Incident, IncidentState};
use hearback::domain::operations::link::{IncidentLinkKind, IncidentTarget};
use hearback::domain::team::Role;
use hearback::store::operations::incidents;
use serde_json::{Value, json};

use crate::support::World;

/// Opens an incident; an admin who can own it is added first.
fn incident(world: &World, title: &str, severity: i32) -> Value {
    let email = format!("admin-{}@team.example", Id::next().0.simple());
    world.person("Ada Admin", &email, Role::Admin, "en");
    let new = json!({ "product": world.product.key, "title": title, "severity": severity, "services": ["checkout"] });
    world.done("/v1/incidents", new)
}

fn id(resource: &Value) -> Id {
    resource["id"].as_str().expect("an id").parse().expect("an id")
}

/// Changes an incident in the database.
fn change(world: &World, incident: &Value, change: impl Fn(Incident) -> Incident + Send + 'static) {
    let id = id(incident);
    world
        .write(move |tx| {
            let changed = change(incidents::lock(tx, id)?);
            incidents::update(tx, &changed)
        })
        .unwrap();
}

/// The incident is mitigated now.
fn mitigate(world: &World, incident: &Value) -> Time {
    let now = world.now();
    change(world, incident, move |incident| Incident {
        state: IncidentState::Mitigated,
        mitigated_at: Some(now),
        ..incident
    });
    now
}

/// Links an incident to something.
fn link(world: &World, incident: &Value, target: IncidentTarget, to: Id, kind: IncidentLinkKind) {
    let body = json!({ "target_kind": target, "target_id": to, "kind": kind });
    world.done(&format!("/v1/incidents/{}/links", id(incident)), body);
}

/// Drafts the postmortem of an incident.
fn postmortem(world: &World, incident: &Value) -> Value {
    world.done("/v1/postmortems", json!({ "incident": incident["number"] }))
}
