//! Gates stay closed until the named members have signed.

use serde_json::{Value, json};

use crate::support::{World, on_each_world};

fn gated(world: &World) -> String {
    world.settings(json!({ "gates": [
        { "key": "security_review", "title": "Security review", "stage": "ready" },
        { "key": "licence", "title": "Licences", "stage": "released" },
    ] }));
    world.story_in("Refunds", &["accepted", "testing"])
}

fn items(world: &World, story: &str) -> Vec<Value> {
    world.read(&format!("/v1/stories/{story}/gates"))["data"].as_array().unwrap().clone()
}

#[test]
fn a_closed_gate_blocks_until_a_member_signs() {
    on_each_world(|world| {
        let story = gated(world);
        let sign = |key: &str| format!("/v1/stories/{story}/gates/{key}/sign");
        let refused = world.moving(&story, json!({ "to": "ready" })).problem(409, "stage_refused");
        assert!(refused["detail"].as_str().unwrap().contains("security_review"), "{refused}");
        assert_eq!(items(world, &story)[0]["state"], "open");

        let evidence = json!({ "evidence": "https://wiki.example.com/17" });
        world.post(&sign("security_review"), evidence.clone()).refused(&["/member_id required"]);
        world.post(&sign("no_such"), evidence.clone()).problem(404, "not_found");
        let (ann, token) = world.member_with_token("ann", "developer");
        let (bob, _) = world.member_with_token("bob", "developer");
        world.send("POST", &sign("security_review"), &token, Some(&json!({}))).refused(&["/evidence required"]);
        let for_bob = json!({ "evidence": "x", "member_id": bob });
        world.send("POST", &sign("security_review"), &token, Some(&for_bob)).problem(403, "forbidden");
        let signed = world.send("POST", &sign("security_review"), &token, Some(&evidence)).json();
        assert_eq!((signed["state"].as_str(), signed["member_id"].as_str()), (Some("signed"), Some(ann.as_str())));
        assert_eq!(signed["evidence"], "https://wiki.example.com/17");
        world.send("POST", &sign("security_review"), &token, Some(&evidence)).problem(409, "conflict");
        world.to(&story, "ready");

        // The gate of `released` asks for the rest, and for what was withdrawn meanwhile.
        world.moving(&story, json!({ "to": "released" })).problem(409, "stage_refused");
        world.done(&sign("licence"), for_bob);
        let withdraw = format!("/v1/stories/{story}/gates/security_review/withdraw");
        world.post(&withdraw, json!({})).refused(&["/reason required"]);
        assert_eq!(world.done(&withdraw, json!({ "reason": "New code came in" }))["state"], "open");
        world.post(&withdraw, json!({ "reason": "Again" })).problem(409, "conflict");
        let refused = world.moving(&story, json!({ "to": "released" })).problem(409, "stage_refused");
        assert!(!refused["detail"].as_str().unwrap().contains("licence"), "{refused}");
        world.send("POST", &sign("security_review"), &token, Some(&evidence));
        world.to(&story, "released");
    });
}

#[test]
fn only_an_admin_goes_past_a_gate_and_says_why() {
    on_each_world(|world| {
        let story = gated(world);
        let path = format!("/v1/stories/{story}/transitions");
        let (_, token) = world.member_with_token("pat", "product");
        let past = json!({ "to": "ready", "override_gates": true, "reason": "The law starts tomorrow" });
        world.send("POST", &path, &token, Some(&past)).problem(403, "forbidden");
        world.moving(&story, json!({ "to": "ready", "override_gates": true })).refused(&["/reason required"]);
        assert_eq!(items(world, &story)[0]["state"], "open");
        assert_eq!(world.moving(&story, past).json()["stage"], "ready");
        let item = items(world, &story).remove(0);
        assert_eq!(
            (item["state"].as_str(), item["reason"].as_str()),
            (Some("overridden"), Some("The law starts tomorrow"))
        );
        let events = world.shown_history(&story);
        let (kind, data) = &events[events.len() - 2];
        assert_eq!(
            (kind.as_str(), &data["gate"], &data["story_id"]),
            ("gate.overridden", &json!("security_review"), &json!(story))
        );
        assert!(!data.to_string().contains("law"), "no text in events: {data}");
    });
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    on_each_world(|world| {
        let gate = |key: &str| json!({ "key": key, "title": "T", "stage": "ready" });
        let path = format!("/v1/products/{}", world.product.id);
        let settings = json!({
            "gates": [gate("a"), gate("b"), gate("a")],
            "train": { "every_weeks": 2, "weekday": "tuesday", "starts_on": "2026-02-30" },
        });
        world
            .patch(&path, json!({ "settings": settings }))
            .refused(&["/settings/gates/2/key repeated", "/settings/train/starts_on format"]);
        let twice = json!({ "gates": [gate("a"), gate("a")] });
        world
            .post("/v1/products", json!({ "key": "PAY", "name": "Paylo", "settings": twice }))
            .refused(&["/settings/gates/1/key repeated"]);
    });
}
