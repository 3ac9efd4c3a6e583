//! Deployments release stories to customers, and roll-backs take them back.

use serde_json::{Value, json};

use super::team::{Team, on_each_database};

fn deploy(team: &Team<'_>, body: Value) -> Value {
    team.done("/v1/deployments", body)
}

#[test]
fn stories_are_released_when_their_release_is_in_production() {
    on_each_database(|team| {
        let story = team.ready("Refunds");
        let release = team.release("1.4.0", &[&story]);
        assert_eq!(team.act(&release, "ship", json!({})).status, 200);
        deploy(team, json!({ "release": "1.4.0", "environment": "staging" }));
        deploy(team, json!({ "release": "1.4.0", "state": "failed" }));
        assert_eq!(team.stage(&story), "ready");
        let live = json!({ "release": "v1.4.0", "environment": "Production", "external_id": "d-1", "revision": "abc" });
        let first = team.post("/v1/deployments", live.clone());
        assert_eq!((first.status, first.json()["release_id"].as_str()), (201, Some(release.as_str())));
        let shown = team.shown(&story);
        assert_eq!((shown["stage"].as_str(), shown["round"].as_i64()), (Some("released"), Some(1)));
        assert!(team.released(&release)["deployed_at"].is_string());

        // Reported again it is the same one, and changes nothing.
        let again = team.post("/v1/deployments", live);
        assert_eq!((again.status, again.id()), (200, first.id()));
        deploy(team, json!({ "release": release, "service": "worker" }));
        assert_eq!(team.shown(&story)["round"], 1);
        let of_release = team.get(&format!("/v1/deployments?release={release}&environment=production&product=HB"));
        assert_eq!(of_release["data"].as_array().unwrap().len(), 2);
        assert_eq!(team.get(&format!("/v1/deployments/{}", first.id()))["revision"], "abc");
    });
}

#[test]
fn a_rollback_takes_the_stories_back_and_the_next_release_is_another_round() {
    on_each_database(|team| {
        let story = team.ready("Refunds");
        let release = team.release("1.0", &[&story]);
        assert_eq!(team.act(&release, "ship", json!({})).status, 200);
        deploy(team, json!({ "release": "1.0", "external_id": "d-1" }));
        assert_eq!(team.stage(&story), "released");
        // The same deployment, rolled back.
        deploy(team, json!({ "release": "1.0", "external_id": "d-1", "state": "rolled_back" }));
        let back = team.shown(&story);
        assert_eq!((back["stage"].as_str(), back["released_at"].is_null()), (Some("ready"), true));
        assert!(back["stage_reason"].as_str().is_some_and(|reason| reason.contains("rolled back")), "{back}");
        assert_eq!(team.released(&release)["state"], "rolled_back");
        // What is reported late changes nothing.
        deploy(team, json!({ "release": "1.0", "deployed_at": "2026-01-01T00:00:00Z" }));
        assert_eq!(team.stage(&story), "ready");
        let next = team.release("1.0.1", &[&story]);
        let shipped = team.act(&next, "ship", json!({ "deployed": true })).json();
        assert_eq!((shipped["state"].as_str(), shipped["deployed_at"].is_string()), (Some("shipped"), true));
        assert_eq!((team.stage(&story), team.shown(&story)["round"].as_i64()), ("released".to_owned(), Some(2)));
        let recorded = team.get(&format!("/v1/deployments?release={next}"));
        assert_eq!(recorded["data"][0]["environment"], "production");
    });
}

#[test]
fn people_roll_back_and_yank_for_a_reason() {
    on_each_database(|team| {
        let (one, other) = (team.ready("Refunds"), team.ready("Fees"));
        let (first, second) = (team.release("1.0", &[&one]), team.release("2.0", &[&other]));
        team.act(&first, "roll_back", json!({ "reason": "Too early" })).problem(409, "conflict");
        team.act(&first, "yank", json!({ "reason": "Too early" })).problem(409, "conflict");
        for release in [&first, &second] {
            assert_eq!(team.act(release, "ship", json!({ "deployed": true })).status, 200);
        }
        team.act(&first, "roll_back", json!({})).refused(&["/reason required"]);
        let back = team.act(&first, "roll_back", json!({ "reason": "Double payments" })).json();
        assert_eq!((back["state"].as_str(), back["reason"].as_str()), (Some("rolled_back"), Some("Double payments")));
        assert_eq!(team.shown(&one)["stage_reason"], "Double payments");
        assert_eq!((team.stage(&one), team.stage(&other)), ("ready".to_owned(), "released".to_owned()));
        let yanked = team.act(&second, "yank", json!({ "reason": "It leaks" })).json();
        assert_eq!((yanked["state"].as_str(), yanked["ended_at"].is_string()), (Some("yanked"), true));
        assert_eq!(team.stage(&other), "released", "who has it keeps it");
        // A deployment brings a rolled-back release to production again, but no yanked one.
        deploy(team, json!({ "release": "1.0" }));
        deploy(team, json!({ "release": "2.0" }));
        assert_eq!((team.stage(&one), team.shown(&one)["round"].as_i64()), ("released".to_owned(), Some(2)));
        assert_eq!(
            (team.released(&first)["state"].clone(), team.released(&second)["state"].clone()),
            (json!("shipped"), json!("yanked"))
        );
    });
}

#[test]
fn a_story_that_a_later_release_brought_again_stays_released() {
    on_each_database(|team| {
        let story = team.ready("Refunds");
        let first = team.release("1.0", &[&story]);
        assert_eq!(team.act(&first, "ship", json!({ "deployed": true })).status, 200);
        team.moving(&story, json!({ "to": "building", "reason": "Not solved" }));
        team.to(&story, "ready");
        let second = team.release("1.1", &[&story]);
        assert_eq!(team.act(&second, "ship", json!({ "deployed": true })).status, 200);
        assert_eq!(team.shown(&story)["round"], 2);
        assert_eq!(team.act(&first, "roll_back", json!({ "reason": "Obsolete" })).status, 200);
        assert_eq!(team.stage(&story), "released");
    });
}

#[test]
fn a_deployment_ships_what_nobody_shipped_and_leaves_the_rest_behind() {
    on_each_database(|team| {
        team.settings(json!({ "unshipped_release": "ship" }));
        let (tested, building) =
            (team.story_in("Tested", &["accepted", "testing"]), team.story_in("Not yet", &["accepted", "building"]));
        let release = team.release("1.0", &[&tested, &building]);
        deploy(team, json!({ "release": "1.0" }));
        assert_eq!((team.stage(&tested), team.stage(&building)), ("released".to_owned(), "building".to_owned()));
        let kinds: Vec<String> =
            team.history(&tested).into_iter().map(|(kind, data)| format!("{kind} {}", data["to"])).collect();
        assert_eq!(kinds[kinds.len() - 2..], ["story.moved \"ready\"", "story.moved \"released\""]);
        let release = team.released(&release);
        assert_eq!((release["state"].as_str(), release["stories"].as_array().unwrap().len()), (Some("shipped"), 1));
    });
}

#[test]
fn unknown_products_and_releases_are_refused() {
    on_each_database(|team| {
        let release = team.release("1.0", &[]);
        team.post("/v1/products", json!({ "key": "PAY", "name": "Paylo" }));
        team.post("/v1/deployments", json!({ "release": "9.9" })).refused(&["/release unknown"]);
        team.post("/v1/deployments", json!({ "product": "PAY", "release": "1.0" })).refused(&["/release unknown"]);
        team.post("/v1/deployments", json!({ "product": "PAY", "release": release })).refused(&["/release unknown"]);
        team.post("/v1/deployments", json!({ "product": "NONE" })).refused(&["/product unknown"]);
        team.post("/v1/deployments", json!({ "state": "burning", "url": "no" }))
            .refused(&["/state not_one_of", "/url format"]);
        deploy(team, json!({ "external_id": "d-1", "environment": "staging" }));
        team.post("/v1/deployments", json!({ "external_id": "d-1", "product": "PAY" })).problem(409, "conflict");
    });
}
