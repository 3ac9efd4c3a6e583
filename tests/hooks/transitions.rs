//! The states that a deployment has had, and deployments that two events report.

use serde_json::{Value, json};

use super::github::release_of_a_story;
use super::hosts::{on_each_team, repository};
use crate::support::World;

fn deployment_status(reference: &str, id: u64, at: &str) -> Value {
    json!({
        "action": "created", "repository": repository(),
        "deployment": { "id": id, "sha": "decaf", "ref": reference, "environment": "production" },
        "deployment_status": { "id": id, "state": "success", "created_at": at },
    })
}

fn published(tag: &str, id: u64, at: &str) -> Value {
    json!({ "action": "published", "repository": repository(), "release": {
        "id": id, "tag_name": tag, "draft": false, "prerelease": false, "published_at": at, "html_url": "https://git.example/r" } })
}

fn deployments(world: &World) -> Vec<Value> {
    world.get("/v1/deployments").json()["data"].as_array().expect("a list").clone()
}

#[test]
fn a_roll_back_keeps_the_time_of_the_success() {
    on_each_team(|world| {
        let report = |state: &str, at: &str| {
            let body = json!({ "external_id": "d1", "state": state, "deployed_at": at, "version": "1.4.0" });
            assert!(world.post("/v1/deployments", body).status < 300);
        };
        report("succeeded", "2026-01-12T09:00:00Z");
        report("rolled_back", "2026-01-12T11:00:00Z");
        let found = deployments(world);
        assert_eq!(found.len(), 1);
        assert_eq!((&found[0]["state"], &found[0]["version"]), (&json!("rolled_back"), &json!("1.4.0")));
        assert_eq!(found[0]["deployed_at"], "2026-01-12T09:00:00Z");
        let was: Vec<(&Value, &Value)> =
            found[0]["transitions"].as_array().unwrap().iter().map(|was| (&was["state"], &was["at"])).collect();
        assert_eq!(
            was,
            [
                (&json!("succeeded"), &json!("2026-01-12T09:00:00Z")),
                (&json!("rolled_back"), &json!("2026-01-12T11:00:00Z")),
            ]
        );
    });
}

#[test]
fn a_published_release_and_its_deployment_are_one_deployment_in_either_order() {
    on_each_team(|world| {
        world.settings(json!({ "unshipped_release": "ship" }));
        release_of_a_story(world, "4.3");
        // Of a release of ours, and of a version that is none.
        for (n, tag) in ["v4.3", "v9.9.1"].into_iter().enumerate() {
            let n = n as u64;
            let release = published(tag, 70 + n, "2026-01-12T09:00:00Z");
            let deployed = deployment_status(tag, 80 + n, "2026-01-12T09:20:00Z");
            let order = if n == 0 {
                [("release", &release), ("deployment_status", &deployed)]
            } else {
                [("deployment_status", &deployed), ("release", &release)]
            };
            for (event, body) in order {
                assert_eq!(world.github(event, body).status, 200);
            }
            let found = deployments(world);
            assert_eq!(found.len() as u64, n + 1, "{tag}: {found:?}");
            assert_eq!(found[0]["deployed_at"], "2026-01-12T09:20:00Z", "a deployment's own time");
            let mut inferred: Vec<bool> =
                found[0]["transitions"].as_array().unwrap().iter().map(|was| was["inferred"] == true).collect();
            inferred.sort_unstable();
            assert_eq!(inferred, [false, true]);
        }
        // The same version again is another deployment.
        world.github("deployment_status", &deployment_status("v4.3", 99, "2026-01-13T09:20:00Z"));
        assert_eq!(deployments(world).len(), 3);
        // A later report of the id that was joined changes the one row.
        let mut failed = deployment_status("v9.9.1", 81, "2026-01-12T10:00:00Z");
        failed["deployment_status"]["state"] = json!("failure");
        failed["deployment_status"]["id"] = json!(812);
        world.github("deployment_status", &failed);
        assert_eq!(deployments(world).len(), 3);
        assert_eq!(deployments(world)[1]["state"], "failed");
    });
}
