//! Deployments of releases that nobody has shipped are held.

use std::time::Duration;

use serde_json::{Value, json};

use super::github::release_of_a_story;
use super::team::{Team, on_each_team, repository, text};

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

fn release(team: &Team, release: &Value) -> Value {
    team.server.get(&format!("/v1/releases/{}", text(release, "id"))).json()
}

fn ship(team: &Team, release: &Value, body: Value) -> Value {
    let answer = team.server.post(&format!("/v1/releases/{}/ship", text(release, "id")), &body);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[test]
fn a_deployment_of_a_planned_release_waits_for_somebody_to_ship_it() {
    on_each_team(|team| {
        let (story, planned) = release_of_a_story(team, "4.3");
        team.move_to(&story, "ready");
        let answer = team.github("deployment_status", &deployment("v4.3", "production", 1, json!({}))).json();
        assert!(answer["notes"][0].as_str().is_some_and(|note| note.contains("4.3")), "{answer}");
        assert_eq!((team.stage(&story), &release(team, &planned)["state"]), ("ready".to_owned(), &json!("planned")));
        let held = text(&release(team, &planned), "held_deployment_id").to_owned();
        assert_eq!(team.server.get(&format!("/v1/deployments/{held}")).json()["held"], "not_shipped");
        // The log is read up to the oldest transaction of the whole server, the other tests' too.
        let told =
            || team.server.get("/v1/events?kind=deployment.held").json()["data"][0]["data"]["release_id"].clone();
        crate::support::eventually("it is told", Duration::from_secs(30), || told() == planned["id"]);
        let closures = team.server.get("/v1/closures").json();
        assert_eq!(closures["data"], json!([]), "nobody is told");

        // Shipping it brings it to customers: it is there already.
        let shipped = ship(team, &planned, json!({}));
        assert_eq!((&shipped["state"], &shipped["held_deployment_id"]), (&json!("shipped"), &Value::Null));
        assert_eq!(shipped["deployed_at"], "2026-01-12T09:41:00Z");
        assert_eq!(team.stage(&story), "released");
        assert_eq!(team.server.get(&format!("/v1/deployments/{held}")).json()["held"], Value::Null);
    });
}

#[test]
fn whoever_ships_says_whether_it_is_there() {
    on_each_team(|team| {
        let (story, planned) = release_of_a_story(team, "4.3");
        team.move_to(&story, "ready");
        team.github("deployment_status", &deployment("v4.3", "production", 1, json!({})));
        ship(team, &planned, json!({ "deployed": false }));
        assert_eq!(team.stage(&story), "ready", "the next deployment brings it");
        team.github("deployment_status", &deployment("v4.3", "production", 2, json!({})));
        assert_eq!(team.stage(&story), "released");
    });
    on_each_team(|team| {
        let (story, planned) = release_of_a_story(team, "4.3");
        team.move_to(&story, "ready");
        let live = json!({ "release": "4.3", "external_id": "d1" });
        assert_eq!(team.server.post("/v1/deployments", &live).json()["held"], "not_shipped");
        let back = json!({ "release": "4.3", "external_id": "d1", "state": "rolled_back" });
        assert_eq!(team.server.post("/v1/deployments", &back).status, 200);
        assert_eq!(release(team, &planned)["held_deployment_id"], Value::Null, "it is there no more");
        ship(team, &planned, json!({}));
        assert_eq!(team.stage(&story), "ready");
    });
}

#[test]
fn a_team_may_let_deployments_ship() {
    on_each_team(|team| {
        team.settings(json!({ "unshipped_release": "ship" }));
        let (story, planned) = release_of_a_story(team, "4.3");
        let answer = team.github("deployment_status", &deployment("v4.3", "production", 1, json!({}))).json();
        assert_eq!((team.stage(&story), &answer["notes"]), ("released".to_owned(), &json!([])));
        assert_eq!(release(team, &planned)["state"], "shipped");
    });
}

#[test]
fn what_says_that_it_is_production_is() {
    on_each_team(|team| {
        team.settings(json!({ "unshipped_release": "ship" }));
        let (story, _) = release_of_a_story(team, "1.0");
        team.github("deployment_status", &deployment("v1.0", "eu-west", 1, json!({ "production_environment": false })));
        assert_eq!(team.stage(&story), "testing");
        team.github(
            "deployment_status",
            &deployment("v1.0", "eu-west-1", 2, json!({ "production_environment": true })),
        );
        assert_eq!(team.stage(&story), "released");
        let shown = team.server.get("/v1/deployments").json()["data"][0].clone();
        assert_eq!((&shown["environment"], &shown["production"]), (&json!("eu-west-1"), &json!(true)));
        let (second, _) = release_of_a_story(team, "2.0");
        let gitlab = json!({
            "object_kind": "deployment", "status": "success", "deployment_id": 15, "environment": "live",
            "environment_tier": "production", "ref": "v2.0", "project": { "path_with_namespace": "acme/web" }, "short_sha": "27948",
        });
        assert_eq!(team.gitlab("Deployment Hook", &gitlab).status, 200);
        assert_eq!(team.stage(&second), "released");
    });
}
