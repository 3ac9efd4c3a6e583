//! CDEvents over CloudEvents.

use serde_json::{Value, json};

use super::github::release_of_a_story;
use super::hosts::on_each_team;
use crate::support::Answer;
use crate::support::World;

fn said(artifact: &str) -> Value {
    json!({
        "context": { "version": "0.4.1", "id": "e", "source": "/ci/acme", "timestamp": "2026-01-12T09:41:00Z" },
        "subject": { "id": "app", "type": "service", "content": {
            "environment": { "id": "production" }, "artifactId": artifact,
        } },
    })
}

fn binary(world: &World, kind: &str, id: &str, data: &Value) -> Answer {
    let request = world.request("POST", "/v1/hooks/cdevents").header("ce-specversion", "1.0");
    request.header("ce-type", kind).header("ce-source", "/ci/acme").header("ce-id", id).json(data).send()
}

fn structured(world: &World, event: &Value) -> Answer {
    let request = world.request("POST", "/v1/hooks/cdevents").header("Content-Type", "application/cloudevents+json");
    request.body(event.to_string()).send()
}

#[test]
fn a_service_is_deployed_and_rolled_back() {
    on_each_team(|world| {
        world.settings(json!({ "unshipped_release": "ship" }));
        let (story, release) = release_of_a_story(world, "1.4.0");
        let deployed = said("pkg:oci/app@sha256%3A0b31b1c0?tag=v1.4.0");
        let answer = binary(world, "dev.cdevents.service.deployed.0.2.0", "e1", &deployed);
        assert_eq!((answer.status, &answer.json()["outcome"]), (200, &json!("handled")), "{answer:?}");
        assert_eq!(world.stage_of(&story), "released");
        let again = binary(world, "dev.cdevents.service.deployed.0.2.0", "e1", &deployed);
        assert_eq!((again.status, &again.json()["outcome"]), (200, &json!("repeated")));
        assert_eq!(world.ids("/v1/deployments").len(), 1);

        // The event names the version that runs now; the one rolled back is the version before it.
        let rolled_back = json!({
            "specversion": "1.0", "id": "e2", "source": "/ci/acme", "type": "dev.cdevents.service.rolledback.0.3.0-draft",
            "datacontenttype": "application/json", "data": said("pkg:oci/app@sha256%3A0b31b1c0?tag=v1.3.0"),
        });
        let answer = structured(world, &rolled_back);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(world.stage_of(&story), "ready");
        assert_eq!(world.ids("/v1/deployments").len(), 1, "a roll-back is a state of the deployment that it removes");
        let shown = world.get("/v1/deployments").json()["data"][0].clone();
        let states: Vec<&Value> = shown["transitions"].as_array().unwrap().iter().map(|was| &was["state"]).collect();
        assert_eq!(states, ["succeeded", "rolled_back"]);
        assert_eq!(shown["deployed_at"], shown["transitions"][0]["at"], "when it had succeeded");
        assert_eq!((&shown["state"], &shown["release_id"]), (&json!("rolled_back"), &release["id"]));
        assert_eq!((&shown["source"], &shown["service"]), (&json!("cdevents"), &json!("app")));
        assert_eq!(structured(world, &rolled_back).json()["outcome"], "repeated");
    });
}

#[test]
fn a_rollback_of_no_release_is_a_state_of_its_deployment_too() {
    on_each_team(|world| {
        binary(world, "dev.cdevents.service.deployed.0.2.0", "e1", &said("pkg:oci/app@sha256%3A0b31b1c0?tag=v9.1.0"));
        let back =
            binary(world, "dev.cdevents.service.rolledback.0.2.0", "e2", &said("pkg:oci/app@sha256%3A0b31?tag=v9.0.0"));
        assert_eq!(back.status, 200, "{back:?}");
        let shown = world.get("/v1/deployments").json()["data"].clone();
        assert_eq!(shown.as_array().map(Vec::len), Some(1), "{shown}");
        assert_eq!((&shown[0]["state"], &shown[0]["version"]), (&json!("rolled_back"), &json!("v9.1.0")));
    });
}

#[test]
fn bodies_that_are_no_event_are_refused_and_other_events_are_ignored() {
    on_each_team(|world| {
        let required = ["/ce-id required", "/ce-source required", "/ce-type required", "/ce-specversion not_one_of"];
        world.post("/v1/hooks/cdevents", said("x")).refused(&required);
        structured(world, &json!({ "specversion": "0.3", "id": "1", "source": "/x", "type": "t" }))
            .refused(&["/specversion not_one_of"]);
        structured(world, &json!([])).refused(&[
            "/id required",
            "/source required",
            "/type required",
            "/specversion not_one_of",
        ]);
        let kind = "dev.cdevents.service.upgraded.0.2.0";
        binary(world, kind, "e1", &json!({})).refused(&["/subject required"]);
        binary(world, kind, "e1", &json!({ "subject": { "id": "app", "content": { "environment": "x" } } }))
            .refused(&["/subject/content/environment/id required"]);
        let ignored = binary(world, "dev.cdevents.pipelinerun.finished.0.2.0", "e1", &json!({}));
        assert_eq!((ignored.status, &ignored.json()["outcome"]), (202, &json!("ignored")));
        let other = world.request("POST", "/v1/hooks/cdevents").header("Content-Type", "text/xml").body("<x/>").send();
        other.problem(415, "unsupported_media_type");
        assert_eq!(binary(world, kind, "e1", &said("app")).status, 200, "what was refused may come again");
        let nobody = world.request("POST", "/v1/hooks/cdevents").token(None).json(&said("x")).send();
        nobody.problem(401, "unauthorized");
    });
}

fn change(id: &str, timestamp: &str, custom: &Value) -> Value {
    json!({
        "context": { "version": "0.5.0-draft", "id": "c", "source": "/scm/acme", "timestamp": timestamp },
        "subject": { "id": id, "source": "/scm/acme", "type": "change", "content": {
            "repository": { "id": "acme/app", "source": "https://example.org" },
        } },
        "customData": custom,
    })
}

#[test]
fn merged_changes_stand_in_the_ledger_and_give_the_lead_time() {
    on_each_team(|world| {
        let sha = |n: u8| format!("{n:02x}").repeat(20);
        let send = |kind: &str, id: &str, data: &Value| {
            let answer = binary(world, kind, id, data);
            assert_eq!((answer.status, &answer.json()["outcome"]), (200, &json!("handled")), "{answer:?}");
        };
        let deploy = |id: &str, at: &str, revision: &str| {
            let mut data = said(&format!("pkg:generic/app@{revision}?arch=x"));
            data["context"]["timestamp"] = json!(at);
            send("dev.cdevents.service.deployed.0.2.0", id, &data);
        };
        // The id of a change is its hash, or the hash is told beside it. Reports may come in any order.
        send("dev.cdevents.change.merged.0.3.0-draft", "m1", &change(&sha(1), "2026-01-05T09:00:00Z", &json!({})));
        deploy("d1", "2026-01-05T10:00:00Z", &sha(1));
        let merged = json!({ "commit": sha(2), "base": "main", "head": "faster" });
        send("dev.cdevents.change.merged.0.2.0", "m2", &change("17", "2026-01-06T09:00:00Z", &merged));
        send("dev.cdevents.change.created.0.4.0", "c2", &change("17", "2026-01-05T21:00:00Z", &json!({})));
        send("dev.cdevents.change.reviewed.0.2.0", "r2", &change("17", "2026-01-06T08:00:00Z", &json!({})));
        deploy("d2", "2026-01-06T12:00:00Z", &sha(2));
        let from_to = "from=2026-01-01&to=2026-02-01&environment=production";
        let figures = world.read(&format!("/v1/products/{}/delivery?{from_to}", world.product.id));
        let lead = figures["change_lead_time"].to_string();
        assert!(lead.contains("acme/app#17"), "the change of the second deployment: {lead}");
        assert_eq!(figures["change_lead_time"]["n"], 1, "{lead}");
        assert_eq!(figures["change_lead_time"]["value"], 15.0, "hours from when it was opened: {lead}");
        let without = json!({ "context": {}, "subject": { "id": "18", "content": {} } });
        binary(world, "dev.cdevents.change.merged.0.3.0", "m3", &without)
            .refused(&["/subject/content/repository required"]);
    });
}
