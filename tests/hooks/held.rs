//! Deployments of releases that nobody has shipped are held.

use std::time::Duration;

use serde_json::{Value, json};

use super::github::release_of_a_story;
use super::hosts::{on_each_team, repository, text};
use crate::support::World;

fn deployment(reference: &str, environment: &str, id: u64, more: Value) -> Value {
    let mut deployment = json!({ "id": id, "sha": "decaf", "ref": reference, "environment": environment });
    for (name, value) in more.as_object().into_iter().flatten() {
        deployment[name.as_str()] = value.clone();
    }
    json!({
        "action": "created", "repository": repository(), "deployment": deployment,
        "deployment_status": { "id": 9, "state": "success", "created_at": "2026-01-12T09:41:00Z" },
    })
}

fn release(world: &World, release: &Value) -> Value {
    world.get(&format!("/v1/releases/{}", text(release, "id"))).json()
}

fn ship(world: &World, release: &Value, body: Value) -> Value {
    let answer = world.post(&format!("/v1/releases/{}/ship", text(release, "id")), &body);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[test]
fn a_deployment_of_a_planned_release_waits_for_somebody_to_ship_it() {
    on_each_team(|world| {
        let (story, planned) = release_of_a_story(world, "4.3");
        world.move_story(&story, "ready");
        let answer = world.github("deployment_status", &deployment("v4.3", "production", 1, json!({}))).json();
        assert!(answer["notes"][0].as_str().is_some_and(|note| note.contains("4.3")), "{answer}");
        assert_eq!(
            (world.stage_of(&story), &release(world, &planned)["state"]),
            ("ready".to_owned(), &json!("planned"))
        );
        let held = text(&release(world, &planned), "held_deployment_id").to_owned();
        assert_eq!(world.get(&format!("/v1/deployments/{held}")).json()["held"], "not_shipped");
        // The log is read up to the oldest transaction of the whole server, the other tests' too.
        let told = || world.get("/v1/events?kind=deployment.held").json()["data"][0]["data"]["release_id"].clone();
        crate::support::eventually("it is told", Duration::from_secs(30), || told() == planned["id"]);
        let closures = world.get("/v1/closures").json();
        assert_eq!(closures["data"], json!([]), "nobody is told");

        // Shipping the release releases its stories: it is deployed already.
        let shipped = ship(world, &planned, json!({}));
        assert_eq!((&shipped["state"], &shipped["held_deployment_id"]), (&json!("shipped"), &Value::Null));
        assert_eq!(shipped["deployed_at"], "2026-01-12T09:41:00Z");
        assert_eq!(world.stage_of(&story), "released");
        assert_eq!(world.get(&format!("/v1/deployments/{held}")).json()["held"], Value::Null);
    });
}

#[test]
fn shipping_says_whether_the_release_is_deployed() {
    on_each_team(|world| {
        let (story, planned) = release_of_a_story(world, "4.3");
        world.move_story(&story, "ready");
        world.github("deployment_status", &deployment("v4.3", "production", 1, json!({})));
        ship(world, &planned, json!({ "deployed": false }));
        assert_eq!(world.stage_of(&story), "ready", "the next deployment brings it");
        world.github("deployment_status", &deployment("v4.3", "production", 2, json!({})));
        assert_eq!(world.stage_of(&story), "released");
    });
    on_each_team(|world| {
        let (story, planned) = release_of_a_story(world, "4.3");
        world.move_story(&story, "ready");
        let live = json!({ "release": "4.3", "external_id": "d1" });
        assert_eq!(world.post("/v1/deployments", &live).json()["held"], "not_shipped");
        let back = json!({ "release": "4.3", "external_id": "d1", "state": "rolled_back" });
        assert_eq!(world.post("/v1/deployments", &back).status, 200);
        assert_eq!(release(world, &planned)["held_deployment_id"], Value::Null, "it is there no more");
        ship(world, &planned, json!({}));
        assert_eq!(world.stage_of(&story), "ready");
    });
}

#[test]
fn a_team_may_let_deployments_ship() {
    on_each_team(|world| {
        world.settings(json!({ "unshipped_release": "ship" }));
        let (story, planned) = release_of_a_story(world, "4.3");
        let answer = world.github("deployment_status", &deployment("v4.3", "production", 1, json!({}))).json();
        assert_eq!((world.stage_of(&story), &answer["notes"]), ("released".to_owned(), &json!([])));
        assert_eq!(release(world, &planned)["state"], "shipped");
    });
}

#[test]
fn environments_named_production_are_production() {
    on_each_team(|world| {
        world.settings(json!({ "unshipped_release": "ship" }));
        let (story, _) = release_of_a_story(world, "1.0");
        world
            .github("deployment_status", &deployment("v1.0", "eu-west", 1, json!({ "production_environment": false })));
        assert_eq!(world.stage_of(&story), "testing");
        world.github(
            "deployment_status",
            &deployment("v1.0", "eu-west-1", 2, json!({ "production_environment": true })),
        );
        assert_eq!(world.stage_of(&story), "released");
        let shown = world.get("/v1/deployments").json()["data"][0].clone();
        assert_eq!((&shown["environment"], &shown["production"]), (&json!("eu-west-1"), &json!(true)));
        let (second, _) = release_of_a_story(world, "2.0");
        let gitlab = json!({
            "object_kind": "deployment", "status": "success", "deployment_id": 15, "environment": "live",
            "environment_tier": "production", "ref": "v2.0", "project": { "path_with_namespace": "acme/web" }, "short_sha": "27948",
        });
        assert_eq!(world.gitlab("Deployment Hook", &gitlab).status, 200);
        assert_eq!(world.stage_of(&second), "released");
    });
}
