//! What is missing closes the gates wherever a story is moved from: release trains, hooks and the board.

use hearback::domain::base::Time;
use hearback::domain::team::Role;
use serde_json::json;

use super::{needs, number};
use crate::console::Visitor;
use crate::hooks::{on_each_team, repository};
use crate::support::{World, on_each_world};

/// A success that GitHub reports of the deployment of a release.
fn deployed(world: &World, name: &str, id: u64) -> serde_json::Value {
    let deployment = json!({
        "action": "created", "repository": repository(),
        "deployment": { "id": id, "sha": "decaf", "ref": format!("v{name}"), "environment": "production" },
        "deployment_status": { "id": 9, "state": "success", "created_at": "2026-01-12T09:41:00Z" },
    });
    let answer = world.github("deployment_status", &deployment);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[test]
fn a_train_leaves_without_a_story_that_waits_for_another() {
    on_each_world(|world| {
        world.settings(json!({ "train": { "every_weeks": 1, "weekday": "tuesday", "starts_on": "2026-01-05" } }));
        let departures = world.read(&format!("/v1/products/{}/trains", world.product.id));
        let leaves_at = departures["data"][0]["leaves_at"].clone();
        let (refund, free, ledger) =
            (world.ready_story("Refunds"), world.ready_story("Receipts"), world.story("Ledger"));
        needs(world, &refund, &ledger);
        let made = world.done("/v1/releases", json!({ "name": "1.0", "train_at": leaves_at }));
        let path = format!("/v1/releases/{}", made["id"].as_str().unwrap());
        world.done(&format!("{path}/stories"), json!({ "story_ids": [refund, free] }));
        world.clock().advance(8 * Time::DAY);
        world.step("deadlines");
        let left = world.read(&path);
        assert_eq!(left["state"], "frozen");
        let row = |story: &str| {
            left["stories"].as_array().unwrap().iter().find(|row| row["story_id"] == story).unwrap()["moved_to"].clone()
        };
        assert!(row(&free).is_null(), "{left}");
        let next = world.read(&format!("/v1/releases/{}", row(&refund).as_str().expect("the next train")));
        assert_eq!((&next["state"], next["train_at"] != leaves_at), (&json!("planned"), true), "{next}");
        assert_eq!(next["stories"][0]["story_id"], refund.as_str());
        assert_eq!(world.shown_stage(&refund), "ready");
    });
}

#[test]
fn a_deployment_that_a_hook_reports_releases_all_but_the_story_that_waits() {
    on_each_team(|world| {
        world.settings(json!({ "unshipped_release": "ship" }));
        let (refund, free) = (world.ready_story("Refunds"), world.ready_story("Receipts"));
        let ledger = world.story("Ledger");
        needs(world, &refund, &ledger);
        let release = world.release("2.0", &[&refund, &free]);
        deployed(world, "2.0", 1);
        let stages = || [&refund, &free].map(|story| world.shown_stage(story));
        assert_eq!(world.shown_release(&release)["state"], "shipped");
        assert_eq!(stages(), ["ready", "released"]);
        deployed(world, "2.0", 2);
        world.step("deadlines");
        assert_eq!(stages(), ["ready", "released"], "however often it is reported");
        world.to(&ledger, "accepted");
        world.to(&ledger, "ready");
        world.to(&ledger, "released");
        world.step("deadlines");
        assert_eq!(stages(), ["released", "released"], "it is in production already");
    });
}

#[test]
fn a_card_of_the_board_says_that_it_waits_and_does_not_move_past_its_gate() {
    on_each_world(|world| {
        let (refund, ledger) = (world.story_in("Refunds", &["accepted", "testing"]), world.ready_story("Ledger"));
        needs(world, &refund, &ledger);
        let (own, other) = (number(world, &refund), number(world, &ledger));
        let mut visitor = Visitor::as_role(world, Role::Product);
        let card = |page: &str| {
            let start = page.find(&format!("<li id=\"{own}\"")).expect("a card");
            page[start..].split("</li>").next().unwrap().to_owned()
        };
        let shown = card(&visitor.read("/console/backlog/board"));
        assert!(shown.contains("Blocked") && shown.contains(&format!("{own}/dependencies")), "{shown}");
        let form = [("to", "ready"), ("back", "/console/backlog/board")];
        let refused = visitor.submit(&format!("/console/stories/{own}/move"), &form);
        assert_eq!(refused.status, 409);
        assert!(refused.body.contains(&format!("Blocked by: {other}")), "{}", refused.body);
        assert_eq!(world.shown_stage(&refund), "testing");
        world.to(&ledger, "released");
        assert!(!card(&visitor.read("/console/backlog/board")).contains("Blocked"));
        assert_eq!(visitor.submit(&format!("/console/stories/{own}/move"), &form).status, 303);
        assert_eq!(world.shown_stage(&refund), "ready");
    });
}
