//! Gates stay closed until the named members have signed.

use serde_json::{Value, json};

use super::team::{Team, on_each_database};

fn gated(team: &Team<'_>) -> String {
    team.settings(json!({ "gates": [
        { "key": "security_review", "title": "Security review", "stage": "ready" },
        { "key": "licence", "title": "Licences", "stage": "released" },
    ] }));
    team.story_in("Refunds", &["accepted", "testing"])
}

fn items(team: &Team<'_>, story: &str) -> Vec<Value> {
    team.get(&format!("/v1/stories/{story}/gates"))["data"].as_array().unwrap().clone()
}

#[test]
fn a_closed_gate_blocks_until_a_member_signs() {
    on_each_database(|team| {
        let story = gated(team);
        let sign = |key: &str| format!("/v1/stories/{story}/gates/{key}/sign");
        let refused = team.moving(&story, json!({ "to": "ready" })).problem(409, "stage_refused");
        assert!(refused["detail"].as_str().unwrap().contains("security_review"), "{refused}");
        assert_eq!(items(team, &story)[0]["state"], "open");

        let evidence = json!({ "evidence": "https://wiki.example.com/17" });
        team.post(&sign("security_review"), evidence.clone()).refused(&["/member_id required"]);
        team.post(&sign("no_such"), evidence.clone()).problem(404, "not_found");
        let (ann, token) = team.member("ann", "developer");
        let (bob, _) = team.member("bob", "developer");
        team.as_member(&token, &sign("security_review"), &json!({})).refused(&["/evidence required"]);
        let for_bob = json!({ "evidence": "x", "member_id": bob });
        team.as_member(&token, &sign("security_review"), &for_bob).problem(403, "forbidden");
        let signed = team.as_member(&token, &sign("security_review"), &evidence).json();
        assert_eq!((signed["state"].as_str(), signed["member_id"].as_str()), (Some("signed"), Some(ann.as_str())));
        assert_eq!(signed["evidence"], "https://wiki.example.com/17");
        team.as_member(&token, &sign("security_review"), &evidence).problem(409, "conflict");
        team.to(&story, "ready");

        // The gate of `released` asks for the rest, and for what was withdrawn meanwhile.
        team.moving(&story, json!({ "to": "released" })).problem(409, "stage_refused");
        team.done(&sign("licence"), for_bob);
        let withdraw = format!("/v1/stories/{story}/gates/security_review/withdraw");
        team.post(&withdraw, json!({})).refused(&["/reason required"]);
        assert_eq!(team.done(&withdraw, json!({ "reason": "New code came in" }))["state"], "open");
        team.post(&withdraw, json!({ "reason": "Again" })).problem(409, "conflict");
        let refused = team.moving(&story, json!({ "to": "released" })).problem(409, "stage_refused");
        assert!(!refused["detail"].as_str().unwrap().contains("licence"), "{refused}");
        team.as_member(&token, &sign("security_review"), &evidence);
        team.to(&story, "released");
    });
}

#[test]
fn only_an_admin_goes_past_a_gate_and_says_why() {
    on_each_database(|team| {
        let story = gated(team);
        let path = format!("/v1/stories/{story}/transitions");
        let (_, token) = team.member("pat", "product");
        let past = json!({ "to": "ready", "override_gates": true, "reason": "The law starts tomorrow" });
        team.as_member(&token, &path, &past).problem(403, "forbidden");
        team.moving(&story, json!({ "to": "ready", "override_gates": true })).refused(&["/reason required"]);
        assert_eq!(items(team, &story)[0]["state"], "open");
        assert_eq!(team.moving(&story, past).json()["stage"], "ready");
        let item = items(team, &story).remove(0);
        assert_eq!(
            (item["state"].as_str(), item["reason"].as_str()),
            (Some("overridden"), Some("The law starts tomorrow"))
        );
        let events = team.history(&story);
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
    on_each_database(|team| {
        let gate = |key: &str| json!({ "key": key, "title": "T", "stage": "ready" });
        let path = format!("/v1/products/{}", team.product);
        let settings = json!({
            "gates": [gate("a"), gate("b"), gate("a")],
            "train": { "every_weeks": 2, "weekday": "tuesday", "starts_on": "2026-02-30" },
        });
        team.patch(&path, json!({ "settings": settings }))
            .refused(&["/settings/gates/2/key repeated", "/settings/train/starts_on format"]);
        let twice = json!({ "gates": [gate("a"), gate("a")] });
        team.post("/v1/products", json!({ "key": "PAY", "name": "Paylo", "settings": twice }))
            .refused(&["/settings/gates/1/key repeated"]);
    });
}
