//! Deployments release stories to customers, and roll-backs take them back.

use serde_json::{Value, json};

use crate::support::{World, on_each_world};

fn deploy(world: &World, body: Value) -> Value {
    world.done("/v1/deployments", body)
}

#[test]
fn stories_are_released_when_their_release_is_in_production() {
    on_each_world(|world| {
        let story = world.ready_story("Refunds");
        let release = world.release("1.4.0", &[&story]);
        assert_eq!(world.act_on_release(&release, "ship", json!({})).status, 200);
        deploy(world, json!({ "release": "1.4.0", "environment": "staging" }));
        deploy(world, json!({ "release": "1.4.0", "state": "failed" }));
        assert_eq!(world.shown_stage(&story), "ready");
        let live = json!({ "release": "v1.4.0", "environment": "Production", "external_id": "d-1", "revision": "abc" });
        let first = world.post("/v1/deployments", live.clone());
        assert_eq!((first.status, first.json()["release_id"].as_str()), (201, Some(release.as_str())));
        let shown = world.shown_story(&story);
        assert_eq!((shown["stage"].as_str(), shown["round"].as_i64()), (Some("released"), Some(1)));
        assert!(world.shown_release(&release)["deployed_at"].is_string());

        // Reported again it is the same one, and changes nothing.
        let again = world.post("/v1/deployments", live);
        assert_eq!((again.status, again.id()), (200, first.id()));
        deploy(world, json!({ "release": release, "service": "worker" }));
        assert_eq!(world.shown_story(&story)["round"], 1);
        let of_release = world.read(&format!("/v1/deployments?release={release}&environment=production&product=HB"));
        assert_eq!(of_release["data"].as_array().unwrap().len(), 2);
        assert_eq!(world.read(&format!("/v1/deployments/{}", first.id()))["revision"], "abc");
    });
}

#[test]
fn a_rollback_takes_the_stories_back_and_the_next_release_is_another_round() {
    on_each_world(|world| {
        let story = world.ready_story("Refunds");
        let release = world.release("1.0", &[&story]);
        assert_eq!(world.act_on_release(&release, "ship", json!({})).status, 200);
        deploy(world, json!({ "release": "1.0", "external_id": "d-1" }));
        assert_eq!(world.shown_stage(&story), "released");
        // The same deployment, rolled back.
        deploy(world, json!({ "release": "1.0", "external_id": "d-1", "state": "rolled_back" }));
        let back = world.shown_story(&story);
        assert_eq!((back["stage"].as_str(), back["released_at"].is_null()), (Some("ready"), true));
        assert!(back["stage_reason"].as_str().is_some_and(|reason| reason.contains("rolled back")), "{back}");
        assert_eq!(world.shown_release(&release)["state"], "rolled_back");
        // A late report of an older deployment changes nothing.
        deploy(world, json!({ "release": "1.0", "deployed_at": "2026-01-01T00:00:00Z" }));
        assert_eq!(world.shown_stage(&story), "ready");
        let next = world.release("1.0.1", &[&story]);
        let shipped = world.act_on_release(&next, "ship", json!({ "deployed": true })).json();
        assert_eq!((shipped["state"].as_str(), shipped["deployed_at"].is_string()), (Some("shipped"), true));
        assert_eq!(
            (world.shown_stage(&story), world.shown_story(&story)["round"].as_i64()),
            ("released".to_owned(), Some(2))
        );
        let recorded = world.read(&format!("/v1/deployments?release={next}"));
        assert_eq!(recorded["data"][0]["environment"], "production");
    });
}

#[test]
fn people_roll_back_and_yank_for_a_reason() {
    on_each_world(|world| {
        let (one, other) = (world.ready_story("Refunds"), world.ready_story("Fees"));
        let (first, second) = (world.release("1.0", &[&one]), world.release("2.0", &[&other]));
        world.act_on_release(&first, "roll_back", json!({ "reason": "Too early" })).problem(409, "conflict");
        world.act_on_release(&first, "yank", json!({ "reason": "Too early" })).problem(409, "conflict");
        for release in [&first, &second] {
            assert_eq!(world.act_on_release(release, "ship", json!({ "deployed": true })).status, 200);
        }
        world.act_on_release(&first, "roll_back", json!({})).refused(&["/reason required"]);
        let back = world.act_on_release(&first, "roll_back", json!({ "reason": "Double payments" })).json();
        assert_eq!((back["state"].as_str(), back["reason"].as_str()), (Some("rolled_back"), Some("Double payments")));
        assert_eq!(world.shown_story(&one)["stage_reason"], "Double payments");
        assert_eq!((world.shown_stage(&one), world.shown_stage(&other)), ("ready".to_owned(), "released".to_owned()));
        let yanked = world.act_on_release(&second, "yank", json!({ "reason": "It leaks" })).json();
        assert_eq!((yanked["state"].as_str(), yanked["ended_at"].is_string()), (Some("yanked"), true));
        assert_eq!(world.shown_stage(&other), "released", "who has it keeps it");
        // A deployment brings a rolled-back release to production again, but no yanked one.
        deploy(world, json!({ "release": "1.0" }));
        deploy(world, json!({ "release": "2.0" }));
        assert_eq!(
            (world.shown_stage(&one), world.shown_story(&one)["round"].as_i64()),
            ("released".to_owned(), Some(2))
        );
        assert_eq!(
            (world.shown_release(&first)["state"].clone(), world.shown_release(&second)["state"].clone()),
            (json!("shipped"), json!("yanked"))
        );
    });
}

#[test]
fn a_story_that_a_later_release_brought_again_stays_released() {
    on_each_world(|world| {
        let story = world.ready_story("Refunds");
        let first = world.release("1.0", &[&story]);
        assert_eq!(world.act_on_release(&first, "ship", json!({ "deployed": true })).status, 200);
        world.moving(&story, json!({ "to": "building", "reason": "Not solved" }));
        world.to(&story, "ready");
        let second = world.release("1.1", &[&story]);
        assert_eq!(world.act_on_release(&second, "ship", json!({ "deployed": true })).status, 200);
        assert_eq!(world.shown_story(&story)["round"], 2);
        assert_eq!(world.act_on_release(&first, "roll_back", json!({ "reason": "Obsolete" })).status, 200);
        assert_eq!(world.shown_stage(&story), "released");
    });
}

#[test]
fn a_deployment_ships_what_nobody_shipped_and_leaves_the_rest_behind() {
    on_each_world(|world| {
        world.settings(json!({ "unshipped_release": "ship" }));
        let (tested, building) =
            (world.story_in("Tested", &["accepted", "testing"]), world.story_in("Not yet", &["accepted", "building"]));
        let release = world.release("1.0", &[&tested, &building]);
        deploy(world, json!({ "release": "1.0" }));
        assert_eq!(
            (world.shown_stage(&tested), world.shown_stage(&building)),
            ("released".to_owned(), "building".to_owned())
        );
        let kinds: Vec<String> =
            world.shown_history(&tested).into_iter().map(|(kind, data)| format!("{kind} {}", data["to"])).collect();
        assert_eq!(kinds[kinds.len() - 2..], ["story.moved \"ready\"", "story.moved \"released\""]);
        let release = world.shown_release(&release);
        assert_eq!((release["state"].as_str(), release["stories"].as_array().unwrap().len()), (Some("shipped"), 1));
    });
}

#[test]
fn unknown_products_and_releases_are_refused() {
    on_each_world(|world| {
        let release = world.release("1.0", &[]);
        world.post("/v1/products", json!({ "key": "PAY", "name": "Paylo" }));
        world.post("/v1/deployments", json!({ "release": "9.9" })).refused(&["/release unknown"]);
        world.post("/v1/deployments", json!({ "product": "PAY", "release": "1.0" })).refused(&["/release unknown"]);
        world.post("/v1/deployments", json!({ "product": "PAY", "release": release })).refused(&["/release unknown"]);
        world.post("/v1/deployments", json!({ "product": "NONE" })).refused(&["/product unknown"]);
        world
            .post("/v1/deployments", json!({ "state": "burning", "url": "no" }))
            .refused(&["/state not_one_of", "/url format"]);
        deploy(world, json!({ "external_id": "d-1", "environment": "staging" }));
        world.post("/v1/deployments", json!({ "external_id": "d-1", "product": "PAY" })).problem(409, "conflict");
    });
}
