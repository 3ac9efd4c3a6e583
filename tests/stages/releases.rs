//! Planning releases.

use serde_json::json;

use super::team::on_each_database;

#[test]
fn a_release_is_planned_filled_and_frozen() {
    on_each_database(|team| {
        let (one, other) = (team.ready("Refunds"), team.story_in("Fees", &["accepted"]));
        let created = team.post("/v1/releases", json!({ "name": " 1.4.0 ", "notes": "Money" }));
        assert_eq!(created.status, 201);
        let id = created.id();
        assert_eq!(created.header("Location"), Some(format!("/v1/releases/{id}").as_str()));
        assert_eq!(
            (created.json()["name"].as_str(), created.json()["state"].as_str()),
            (Some("1.4.0"), Some("planned"))
        );
        team.post("/v1/releases", json!({ "name": "1.4.0" })).problem(409, "conflict");
        team.post("/v1/releases", json!({ "name": "1.5", "product": "NONE" })).refused(&["/product unknown"]);
        team.post("/v1/releases", json!({ "name": "1.5", "train_at": "2026-12-01T00:00:00Z" }))
            .refused(&["/train_at unknown"]);

        let stories = format!("/v1/releases/{id}/stories");
        let filled = team.done(&stories, json!({ "story_ids": [one, one], "numbers": ["HB-2"] }));
        assert_eq!(filled["stories"].as_array().unwrap().len(), 2);
        assert_eq!(
            (filled["stories"][0]["number"].as_str(), filled["stories"][1]["stage"].as_str()),
            (Some("HB-1"), Some("accepted"))
        );
        team.done(&stories, json!({ "numbers": ["HB-1"], "section": "security", "entry": "Refunds are safe" }));
        let row = team.released(&id)["stories"][0].clone();
        assert_eq!((row["section"].as_str(), row["entry"].as_str()), (Some("security"), Some("Refunds are safe")));

        let version = team.released(&id)["version"].clone();
        let renamed = team.server.request("PATCH", &format!("/v1/releases/{id}"));
        let renamed = renamed
            .header("If-Match", &format!("\"{version}\""))
            .json(&json!({ "name": "1.4.1", "notes": null }))
            .send();
        assert_eq!((renamed.status, renamed.json()["notes"].is_null()), (200, true), "{renamed:?}");
        let stale =
            team.server.request("PATCH", &format!("/v1/releases/{id}")).header("If-Match", &format!("\"{version}\""));
        stale.json(&json!({ "name": "x" })).send().problem(412, "version_mismatch");

        assert_eq!(team.act(&id, "freeze", json!({})).json()["state"], "frozen");
        team.act(&id, "freeze", json!({})).problem(409, "conflict");
        let late = team.ready("Late");
        team.post(&stories, json!({ "story_ids": [late] })).problem(409, "conflict");
        let removed = team.server.request("DELETE", &format!("{stories}/{other}")).send();
        assert_eq!((removed.status, removed.json()["stories"].as_array().unwrap().len()), (200, 1));
        team.server.request("DELETE", &format!("{stories}/{other}")).send().problem(404, "not_found");
        team.act(&id, "unfreeze", json!({})).refused(&["/reason required"]);
        assert_eq!(team.act(&id, "unfreeze", json!({ "reason": "One more" })).json()["state"], "planned");
        team.done(&stories, json!({ "story_ids": [late] }));
        assert_eq!(team.server.ids("/v1/releases?state=planned&product=HB"), [id]);
        assert!(team.server.ids("/v1/releases?state=shipped").is_empty());
    });
}

#[test]
fn a_release_takes_only_what_is_in_development_and_in_no_other() {
    on_each_database(|team| {
        let (draft, ready) = (team.story("Draft"), team.ready("Ready"));
        let release = team.release("1.0", &[&ready]);
        let stories = format!("/v1/releases/{release}/stories");
        team.post(&stories, json!({})).refused(&["/story_ids required"]);
        team.post(&stories, json!({ "numbers": ["HB-99", "PAY-1"] }))
            .refused(&["/numbers/0 unknown", "/numbers/1 unknown"]);
        let nobody = "00000000-0000-7000-8000-000000000000";
        team.post(&stories, json!({ "story_ids": [draft, nobody] }))
            .refused(&["/story_ids/0 stage", "/story_ids/1 unknown"]);
        team.post("/v1/products", json!({ "key": "PAY", "name": "Paylo" }));
        let foreign = team.done("/v1/stories", json!({ "title": "Pay", "product": "PAY" }));
        team.post(&stories, json!({ "story_ids": [foreign["id"]] })).refused(&["/story_ids/0 other_product"]);
        team.to(&draft, "accepted");
        team.post(&stories, json!({ "story_ids": [draft, ready], "entry": "Both" })).refused(&["/entry not_allowed"]);
        let other = team.release("1.1", &[]);
        let refused = team.act(&other, "stories", json!({ "story_ids": [ready] })).problem(409, "conflict");
        assert!(refused["detail"].as_str().unwrap().contains("HB-2 is in release 1.0"), "{refused}");
        // Once it is declined it is in none.
        team.moving(&ready, json!({ "to": "declined", "reason": "Not now" }));
        assert!(team.released(&release)["stories"].as_array().unwrap().is_empty());
    });
}

#[test]
fn what_is_not_ready_is_named_or_left_behind() {
    on_each_database(|team| {
        team.settings(json!({ "gates": [{ "key": "licence", "title": "Licences", "stage": "released" }] }));
        let (building, gated) = (team.story_in("Building", &["accepted", "building"]), team.ready("Gated"));
        let ready = team.ready("Ready");
        let (bob, _) = team.member("bob", "developer");
        team.done(&format!("/v1/stories/{ready}/gates/licence/sign"), json!({ "evidence": "read", "member_id": bob }));
        let release = team.release("1.0", &[&building, &gated, &ready]);
        let refused = team.act(&release, "ship", json!({})).problem(409, "conflict");
        let detail = refused["detail"].as_str().unwrap();
        assert!(
            detail.contains("HB-1 is in `building`") && detail.contains("HB-2 waits at its gate for licence"),
            "{detail}"
        );
        assert!(!detail.contains("HB-3"), "{detail}");
        let shipped = team.act(&release, "ship", json!({ "move_unready": true })).json();
        assert_eq!((shipped["state"].as_str(), shipped["stories"].as_array().unwrap().len()), (Some("shipped"), 1));
        assert!(shipped["deployed_at"].is_null());
        assert_eq!(team.stage(&ready), "ready", "on its way, not there yet");
        team.act(&release, "ship", json!({})).problem(409, "conflict");
        team.act(&release, "freeze", json!({})).problem(409, "conflict");
        team.server
            .request("DELETE", &format!("/v1/releases/{release}/stories/{ready}"))
            .send()
            .problem(409, "conflict");
        team.act(&release, "stories", json!({ "story_ids": [building] })).problem(409, "conflict");
        // What the changelog says can still be put better.
        team.done(&format!("/v1/releases/{release}/stories"), json!({ "story_ids": [ready], "entry": "Better" }));
    });
}
