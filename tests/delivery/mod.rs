//! The five delivery figures: a vector computed by hand, the pitfalls of other tools, and their test data.

mod calendar;
mod dora;
mod ledger;
mod pages;
mod pitfalls;
mod vector;

use hearback::domain::team::Role;
use serde_json::{Value, json};

use crate::support::World;

/// Reports a deployment of the product; returns its id.
fn deploy(world: &World, at: &str, more: Value) -> String {
    let mut body = json!({ "deployed_at": at, "external_id": at });
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    let answer = world.post("/v1/deployments", body);
    assert!(answer.status < 300, "{}", answer.body);
    answer.id()
}

/// Opens an incident; returns its id.
fn incident(world: &World, detected_at: &str, services: &[&str]) -> String {
    let members = world.read("/v1/members?role=admin")["data"].clone();
    if members.as_array().expect("a list").is_empty() {
        world.person("Ada", "owner@example.com", Role::Admin, "en");
    }
    let body = json!({ "title": "Payments fail", "detected_at": detected_at, "services": services });
    world.done("/v1/incidents", body)["id"].as_str().expect("an id").to_owned()
}

/// The figures of the default product; `query` begins with `from=`.
fn figures(world: &World, query: &str) -> Value {
    world.read(&format!("/v1/products/{PRODUCT}/delivery?{query}"))
}

/// The id of the product that every instance starts with.
const PRODUCT: &str = "01980000-0000-7000-8000-000000000001";

/// A change as the reporter of a deployment names it.
fn change(sha: &str, committed_at: &str) -> Value {
    json!({ "changes": [{ "sha": sha, "committed_at": committed_at }] })
}
