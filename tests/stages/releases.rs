//! Planning releases.

use serde_json::json;

use crate::support::on_each_world;

#[test]
fn a_release_is_planned_filled_and_frozen() {
    on_each_world(|world| {
        let (one, other) = (world.ready_story("Refunds"), world.story_in("Fees", &["accepted"]));
        let created = world.post("/v1/releases", json!({ "name": " 1.4.0 ", "notes": "Money" }));
        assert_eq!(created.status, 201);
        let id = created.id();
        assert_eq!(created.header("Location"), Some(format!("/v1/releases/{id}").as_str()));
        assert_eq!(
            (created.json()["name"].as_str(), created.json()["state"].as_str()),
            (Some("1.4.0"), Some("planned"))
        );
        world.post("/v1/releases", json!({ "name": "1.4.0" })).problem(409, "conflict");
        world.post("/v1/releases", json!({ "name": "1.5", "product": "NONE" })).refused(&["/product unknown"]);
        world
            .post("/v1/releases", json!({ "name": "1.5", "train_at": "2026-12-01T00:00:00Z" }))
            .refused(&["/train_at unknown"]);

        let stories = format!("/v1/releases/{id}/stories");
        let filled = world.done(&stories, json!({ "story_ids": [one, one], "numbers": ["HB-2"] }));
        assert_eq!(filled["stories"].as_array().unwrap().len(), 2);
        assert_eq!(
            (filled["stories"][0]["number"].as_str(), filled["stories"][1]["stage"].as_str()),
            (Some("HB-1"), Some("accepted"))
        );
        world.done(&stories, json!({ "numbers": ["HB-1"], "section": "security", "entry": "Refunds are safe" }));
        let row = world.shown_release(&id)["stories"][0].clone();
        assert_eq!((row["section"].as_str(), row["entry"].as_str()), (Some("security"), Some("Refunds are safe")));

        let version = world.shown_release(&id)["version"].clone();
        let renamed = world.request("PATCH", &format!("/v1/releases/{id}"));
        let renamed = renamed
            .header("If-Match", &format!("\"{version}\""))
            .json(&json!({ "name": "1.4.1", "notes": null }))
            .send();
        assert_eq!((renamed.status, renamed.json()["notes"].is_null()), (200, true), "{renamed:?}");
        let stale = world.request("PATCH", &format!("/v1/releases/{id}")).header("If-Match", &format!("\"{version}\""));
        stale.json(&json!({ "name": "x" })).send().problem(412, "version_mismatch");

        assert_eq!(world.act_on_release(&id, "freeze", json!({})).json()["state"], "frozen");
        world.act_on_release(&id, "freeze", json!({})).problem(409, "conflict");
        let late = world.ready_story("Late");
        world.post(&stories, json!({ "story_ids": [late] })).problem(409, "conflict");
        let removed = world.request("DELETE", &format!("{stories}/{other}")).send();
        assert_eq!((removed.status, removed.json()["stories"].as_array().unwrap().len()), (200, 1));
        world.request("DELETE", &format!("{stories}/{other}")).send().problem(404, "not_found");
        world.act_on_release(&id, "unfreeze", json!({})).refused(&["/reason required"]);
        assert_eq!(world.act_on_release(&id, "unfreeze", json!({ "reason": "One more" })).json()["state"], "planned");
        world.done(&stories, json!({ "story_ids": [late] }));
        assert_eq!(world.ids("/v1/releases?state=planned&product=HB"), [id]);
        assert!(world.ids("/v1/releases?state=shipped").is_empty());
    });
}

#[test]
fn a_release_takes_only_what_is_in_development_and_in_no_other() {
    on_each_world(|world| {
        let (draft, ready) = (world.story("Draft"), world.ready_story("Ready"));
        let release = world.release("1.0", &[&ready]);
        let stories = format!("/v1/releases/{release}/stories");
        world.post(&stories, json!({})).refused(&["/story_ids required"]);
        world
            .post(&stories, json!({ "numbers": ["HB-99", "PAY-1"] }))
            .refused(&["/numbers/0 unknown", "/numbers/1 unknown"]);
        let nobody = "00000000-0000-7000-8000-000000000000";
        world
            .post(&stories, json!({ "story_ids": [draft, nobody] }))
            .refused(&["/story_ids/0 stage", "/story_ids/1 unknown"]);
        world.post("/v1/products", json!({ "key": "PAY", "name": "Paylo" }));
        let foreign = world.done("/v1/stories", json!({ "title": "Pay", "product": "PAY" }));
        world.post(&stories, json!({ "story_ids": [foreign["id"]] })).refused(&["/story_ids/0 other_product"]);
        world.to(&draft, "accepted");
        world.post(&stories, json!({ "story_ids": [draft, ready], "entry": "Both" })).refused(&["/entry not_allowed"]);
        let other = world.release("1.1", &[]);
        let refused = world.act_on_release(&other, "stories", json!({ "story_ids": [ready] })).problem(409, "conflict");
        assert!(refused["detail"].as_str().unwrap().contains("HB-2 is in release 1.0"), "{refused}");
        // A declined story is in no release.
        world.moving(&ready, json!({ "to": "declined", "reason": "Not now" }));
        assert!(world.shown_release(&release)["stories"].as_array().unwrap().is_empty());
    });
}

#[test]
fn shipping_a_release_names_stories_that_are_not_ready_or_leaves_them_behind() {
    on_each_world(|world| {
        world.settings(json!({ "gates": [{ "key": "licence", "title": "Licences", "stage": "released" }] }));
        let (building, gated) = (world.story_in("Building", &["accepted", "building"]), world.ready_story("Gated"));
        let ready = world.ready_story("Ready");
        let (bob, _) = world.member_with_token("bob", "developer");
        world.done(&format!("/v1/stories/{ready}/gates/licence/sign"), json!({ "evidence": "read", "member_id": bob }));
        let release = world.release("1.0", &[&building, &gated, &ready]);
        let refused = world.act_on_release(&release, "ship", json!({})).problem(409, "conflict");
        let detail = refused["detail"].as_str().unwrap();
        assert!(
            detail.contains("HB-1 is in `building`") && detail.contains("HB-2 waits at its gate for licence"),
            "{detail}"
        );
        assert!(!detail.contains("HB-3"), "{detail}");
        let shipped = world.act_on_release(&release, "ship", json!({ "move_unready": true })).json();
        assert_eq!((shipped["state"].as_str(), shipped["stories"].as_array().unwrap().len()), (Some("shipped"), 1));
        assert!(shipped["deployed_at"].is_null());
        assert_eq!(world.shown_stage(&ready), "ready", "on its way, not there yet");
        world.act_on_release(&release, "ship", json!({})).problem(409, "conflict");
        world.act_on_release(&release, "freeze", json!({})).problem(409, "conflict");
        world.request("DELETE", &format!("/v1/releases/{release}/stories/{ready}")).send().problem(409, "conflict");
        world.act_on_release(&release, "stories", json!({ "story_ids": [building] })).problem(409, "conflict");
        // The changelog's words can still be edited after shipping.
        world.done(&format!("/v1/releases/{release}/stories"), json!({ "story_ids": [ready], "entry": "Better" }));
    });
}
