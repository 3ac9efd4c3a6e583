//! The steps of an escalation, and the policy of a product.

use hearback::domain::base::{Id, Time};
use hearback::domain::operations::escalation::{EscalationPolicy, PageTarget};
use hearback::domain::team::Role;
use serde_json::{Value, json};

use crate::support::on_each_world;

const MINUTE: i64 = 60 * Time::SECOND;

#[test]
fn the_steps_of_each_round_follow_in_time() {
    let policy = EscalationPolicy::of_nobody(Id::next());
    let begun = Time::parse("2026-03-02T09:00:00Z").unwrap();
    let minutes: Vec<i64> = policy.schedule(begun).iter().map(|step| (step.due_at.0 - begun.0) / MINUTE).collect();
    assert_eq!(minutes, [0, 15, 30, 45, 60, 75, 90, 105, 120]);
    assert_eq!(policy.due(begun, begun).len(), 1);
    assert_eq!(policy.due(begun, begun.plus(15 * MINUTE - 1)).len(), 1);
    let late = policy.due(begun, begun.plus(15 * MINUTE));
    assert_eq!(late.last().map(|due| due.step.whom), Some(PageTarget::NextOnRota));
}

#[test]
fn an_acknowledgement_expires_with_the_shift_or_after_its_time() {
    let policy = EscalationPolicy::of_nobody(Id::next());
    let at = Time::parse("2026-03-02T09:00:00Z").unwrap();
    let hours = |hours: i64| at.plus(hours * 60 * MINUTE);
    assert_eq!(policy.expires_at(at, None), hours(8));
    assert_eq!(policy.expires_at(at, Some(hours(3))), hours(3));
    assert_eq!(policy.expires_at(at, Some(hours(30))), hours(8));
}

#[test]
fn a_product_has_a_policy_that_its_team_changes() {
    on_each_world(|world| {
        let path = format!("/v1/products/{}/escalation", world.product.id);
        let before = world.read(&path);
        assert_eq!((&before["is_default"], &before["repeats"]), (&json!(true), &json!(2)));
        let jin = world.person("Jin", "jin@example.com", Role::Developer, "en");
        let changed = json!({ "repeats": 0, "steps": [{ "after_minutes": 0, "whom": "owner" },
            { "after_minutes": 5, "whom": "member", "member_id": jin.id }] });
        let saved = world.send("PATCH", &path, &jin.token, Some(&changed));
        assert_eq!((saved.status, &saved.json()["is_default"]), (200, &json!(false)), "{saved:?}");
        assert_eq!(world.read(&path)["steps"][1]["member_id"], json!(jin.id));
        let support = world.token(Role::Support);
        world.send("PATCH", &path, &support, Some(&json!({ "repeats": 1 }))).problem(403, "forbidden");
    });
}

#[test]
fn wrong_steps_are_all_named() {
    on_each_world(|world| {
        let path = format!("/v1/products/{}/escalation", world.product.id);
        let nobody = "0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d";
        let wrong = json!({ "steps": [
            { "after_minutes": 5, "whom": "owner", "member_id": nobody },
            { "after_minutes": 5, "whom": "rota", "rota_id": nobody },
            { "after_minutes": 60, "whom": "member" },
            { "after_minutes": 70, "whom": "member", "member_id": nobody },
        ] });
        world.patch(&path, wrong).refused(&[
            "/steps/0/after_minutes range",
            "/steps/0/member_id not_allowed",
            "/steps/1/after_minutes range",
            "/steps/1/rota_id unknown",
            "/steps/2/member_id required",
            "/steps/3/member_id unknown",
            "/repeat_after_minutes range",
        ]);
        assert_eq!(world.read(&path)["is_default"], Value::Bool(true));
    });
}
