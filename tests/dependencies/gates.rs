//! What is missing keeps a story from `ready` and `released`, on every path.

use hearback::domain::base::Id;
use hearback::domain::releases::Section;
use hearback::domain::stories::stage::Stage;
use hearback::store::releases::left_behind::{self, Left};
use hearback::usecase::stories::progress;
use serde_json::json;

use super::{needs, number, path, shown};
use crate::support::{World, on_each_world};

fn refused(world: &World, story: &str, to: &str) -> String {
    world.moving(story, json!({ "to": to })).problem(409, "stage_refused")["detail"].as_str().unwrap().to_owned()
}

#[test]
fn an_open_blocker_closes_the_gates_until_it_is_released() {
    on_each_world(|world| {
        let (refund, ledger) = (world.story_in("Refunds", &["accepted", "testing"]), world.ready_story("Ledger"));
        needs(world, &refund, &ledger);
        let detail = refused(world, &refund, "ready");
        assert!(detail.contains(&format!("Blocked by: {}.", number(world, &ledger))), "{detail}");
        world.to(&ledger, "released");
        world.to(&refund, "ready");
        world.to(&refund, "released");
    });
}

#[test]
fn a_story_that_is_ready_satisfies_where_that_was_chosen() {
    on_each_world(|world| {
        let (refund, ledger) = (world.story_in("Refunds", &["accepted"]), world.story_in("Ledger", &["accepted"]));
        let body = json!({ "kind": "needs", "story_id": ledger, "satisfied_at": "ready" });
        world.done(&path(&refund), body);
        refused(world, &refund, "ready");
        world.to(&ledger, "ready");
        world.to(&refund, "ready");
    });
}

#[test]
fn a_blocker_that_comes_late_keeps_a_ready_story_from_its_release() {
    on_each_world(|world| {
        let (refund, ledger) = (world.ready_story("Refunds"), world.story("Ledger"));
        let made = needs(world, &refund, &ledger);
        refused(world, &refund, "released");
        let release = world.release("1.0", &[&refund]);
        let ship = world.act_on_release(&release, "ship", json!({ "deployed": true })).problem(409, "conflict");
        assert!(ship.to_string().contains(&number(world, &ledger)), "{ship}");

        let own = format!("{}/{}", path(&refund), made["id"].as_str().unwrap());
        assert_eq!(world.request("DELETE", &own).send().status, 204);
        assert_eq!(world.act_on_release(&release, "ship", json!({ "deployed": true })).status, 200);
        assert_eq!(world.shown_stage(&refund), "released");
    });
}

#[test]
fn automation_waits_too_and_the_story_goes_out_once_nothing_is_missing() {
    on_each_world(|world| {
        let (refund, ledger) = (world.ready_story("Refunds"), world.ready_story("Ledger"));
        needs(world, &refund, &ledger);
        let id: Id = refund.parse().unwrap();
        let moved = world.write(move |tx| progress::advance(tx, id, Stage::Released)).unwrap();
        assert!(moved.is_none(), "a deployment or a pull request moves it no further");

        // Its release went to production without it.
        let release = world.release("1.0", &[&world.ready_story("Other")]);
        assert_eq!(world.act_on_release(&release, "ship", json!({ "deployed": true })).status, 200);
        let release: Id = release.parse().unwrap();
        let left = Left { release, section: Section::Added, entry: None };
        world.write(move |tx| left_behind::put(tx, id, &left)).unwrap();
        world.step("deadlines");
        assert_eq!(world.shown_stage(&refund), "ready");
        world.to(&ledger, "released");
        world.step("deadlines");
        assert_eq!(world.shown_stage(&refund), "released");
    });
}

#[test]
fn an_admin_passes_with_a_reason_and_each_blocker_is_recorded() {
    on_each_world(|world| {
        let (refund, ledger) = (world.story_in("Refunds", &["accepted"]), world.story("Ledger"));
        let made = needs(world, &refund, &ledger);
        let past = json!({ "to": "ready", "override_gates": true, "reason": "The law starts tomorrow" });
        let (_, token) = world.member_with_token("pat", "product");
        let transitions = format!("/v1/stories/{refund}/transitions");
        world.send("POST", &transitions, &token, Some(&past)).problem(403, "forbidden");
        assert_eq!(world.moving(&refund, past).status, 200);
        let id = made["id"].as_str().unwrap().replace('-', "");
        let overridden = world.shown_history(&refund).into_iter().find(|(kind, _)| kind == "gate.overridden").unwrap();
        assert_eq!(overridden.1["gate"], json!(format!("dependency_{id}")));
        world.to(&refund, "released");
        assert_eq!(world.shown_story(&refund)["blocked"], true, "what is missing is still missing");
    });
}

#[test]
fn a_declined_blocker_satisfies_nothing_and_asks_a_person() {
    on_each_world(|world| {
        let (refund, ledger) = (world.story_in("Refunds", &["accepted"]), world.story("Ledger"));
        needs(world, &refund, &ledger);
        let decline = json!({ "to": "declined", "reason": "Too dear", "tell_customers": false });
        assert_eq!(world.moving(&ledger, decline).status, 200);
        let all = shown(world, &refund);
        assert_eq!((&all["blocked"], &all["needs_decision"]), (&json!(true), &json!(true)));
        assert_eq!(world.ids("/v1/stories?needs_decision=true"), std::slice::from_ref(&refund));
        assert!(refused(world, &refund, "ready").contains("(declined)"));
        let told = world.shown_history(&ledger).into_iter().find(|(kind, _)| kind == "story.blocker_declined");
        assert_eq!(told.expect("an event").1["waiting"], 1);
        assert_eq!(world.moving(&ledger, json!({ "to": "accepted", "reason": "A new offer" })).status, 200);
        assert_eq!(world.ids("/v1/stories?needs_decision=true"), Vec::<String>::new());
    });
}

#[test]
fn the_original_of_a_duplicate_takes_its_place() {
    on_each_world(|world| {
        let refund = world.story_in("Refunds", &["accepted"]);
        let (copy, ledger) = (world.story("Ledger again"), world.ready_story("Ledger"));
        needs(world, &refund, &copy);
        assert_eq!(world.moving(&copy, json!({ "to": "duplicate", "duplicate_of": ledger })).status, 200);
        let edge = shown(world, &refund)["data"][0].clone();
        assert_eq!((&edge["state"], &edge["in_place"]["id"]), (&json!("open"), &json!(ledger)));
        assert_eq!(world.shown_story(&refund)["blocked"], true);
        world.to(&ledger, "released");
        let edge = shown(world, &refund)["data"][0].clone();
        assert_eq!((&edge["state"], &edge["needs_decision"]), (&json!("satisfied"), &json!(false)));
        world.to(&refund, "ready");
    });
}
