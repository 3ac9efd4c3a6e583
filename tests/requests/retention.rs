//! Retention rules: a dry run first, then small pieces; counts stay as they were, and what went is counted.

use hearback::domain::base::Id;
use hearback::jobs::base::scheduler::Step;
use serde_json::{Value, json};

use crate::support::{World, on_each_world};

fn rule(world: &World, kind: &str, more: Value) -> Value {
    let mut input = json!({ "kind": kind, "days": 30 });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.done("/v1/retention-rules", input)
}

fn dry_run(world: &World, rule: &Value) -> (i64, i64) {
    let answer = world.post(&format!("/v1/retention-rules/{}/dry-run", rule["id"].as_str().unwrap()), json!({}));
    assert_eq!(answer.status, 200, "{answer:?}");
    let run = answer.json();
    (run["would_remove"].as_i64().unwrap(), run["held"].as_i64().unwrap())
}

fn switch_on(world: &World, rule: &Value) {
    let path = format!("/v1/retention-rules/{}", rule["id"].as_str().unwrap());
    assert_eq!(world.patch(&path, json!({ "enabled": true })).status, 200);
}

fn removed(world: &World, kind: &str) -> i64 {
    let report = world.read("/v1/retention-report");
    let own = report["data"].as_array().unwrap().iter().filter(|one| one["kind"] == kind);
    own.map(|one| one["removed"].as_i64().unwrap()).sum()
}

fn text(world: &World, feedback: Id) -> String {
    world.read(&format!("/v1/feedback/{feedback}"))["text"].as_str().unwrap().to_owned()
}

#[test]
fn old_words_go_after_the_rule_is_switched_on_and_counts_stay() {
    on_each_world(|world| {
        let theme = world.new_theme("Refunds");
        let old: Vec<Id> = (0..60)
            .map(|n| {
                world.customer(&format!("c{n}")).about(theme).files(&format!("quuxwimble {n} has not come")).feedback
            })
            .collect();
        let count = || world.ids(&format!("/v1/feedback?theme={theme}")).len();
        let before = count();
        world.days_pass(31);
        let fresh = world.customer("fresh").about(theme).files("quuxwimble again, today").feedback;
        let made = rule(world, "feedback_words", json!({ "product": world.product.key }));
        assert_eq!(made["enabled"], false);
        assert_eq!(dry_run(world, &made), (60, 0));
        world.step_until_idle("retention");
        assert_eq!(text(world, old[0]), "quuxwimble 0 has not come", "a rule that is off removes nothing");
        switch_on(world, &made);
        assert_eq!(world.step("retention"), Step::More, "the first of two pieces");
        world.step_until_idle("retention");
        assert!(old.iter().all(|id| text(world, *id) == "[erased]"));
        assert_eq!(text(world, fresh), "quuxwimble again, today");
        assert_eq!(removed(world, "feedback_words"), 60);
        assert_eq!(dry_run(world, &made), (0, 0));
        assert_eq!((before, count()), (60, 61), "only the fresh one came");
    });
}

#[test]
fn words_that_a_hold_keeps_stay_until_it_ends() {
    on_each_world(|world| {
        let kept = world.customer("ann@example.com").files("Ann's words");
        let gone = world.customer("bob@example.com").files("Bob's words");
        let nobodys = world.file_in_product(json!({ "text": "Nobody's words" }));
        let hold =
            world.done("/v1/legal-holds", json!({ "case": "1", "reason": "A suit", "customer_id": kept.customer }));
        world.days_pass(31);
        let made = rule(world, "feedback_words", json!({ "enabled": true }));
        assert_eq!(dry_run(world, &made), (2, 1));
        world.step_until_idle("retention");
        assert_eq!(text(world, kept.feedback), "Ann's words");
        assert_eq!((text(world, gone.feedback).as_str(), text(world, nobodys).as_str()), ("[erased]", "[erased]"));
        assert_eq!(world.post(&format!("/v1/legal-holds/{}/end", hold["id"].as_str().unwrap()), json!({})).status, 200);
        // A rule that found nothing more rests for an hour.
        world.clock().advance(3_700_000_000);
        world.step_until_idle("retention");
        assert_eq!(text(world, kept.feedback), "[erased]");
    });
}

#[test]
fn a_rule_of_a_product_takes_the_place_of_that_for_all() {
    on_each_world(|world| {
        let other = world.with_new_product(Some("OTH")).product.key;
        let own = world.customer("ann").files("own words").feedback;
        world.file(&json!({ "product": other, "text": "other words" }));
        world.days_pass(40);
        let all = rule(world, "feedback_words", json!({}));
        let long = rule(world, "feedback_words", json!({ "product": world.product.key, "days": 100 }));
        assert_eq!((dry_run(world, &all), dry_run(world, &long)), ((1, 0), (0, 0)));
        switch_on(world, &all);
        world.step_until_idle("retention");
        assert_eq!(text(world, own), "own words");
        let again = json!({ "kind": "feedback_words", "days": 1 });
        world.post("/v1/retention-rules", again).problem(409, "conflict");
        world
            .post("/v1/retention-rules", json!({ "kind": "imports", "days": 1, "product": "HB" }))
            .refused(&["/product not_allowed"]);
    });
}

#[test]
fn inactive_customers_are_erased_and_those_who_wait_are_not() {
    on_each_world(|world| {
        let quiet = world.customer("quiet@example.com").files("Once").customer;
        let asks = world.customer("asks@example.com").files("Once").customer;
        let active = world.customer("active@example.com").files("Once").customer;
        world.days_pass(31);
        world.customer("active@example.com").files("Again");
        world.person_request("access", json!({ "customer_id": asks }));
        let made = rule(world, "inactive_customers", json!({ "enabled": true }));
        assert_eq!(dry_run(world, &made), (1, 0));
        world.step_until_idle("retention");
        let erased = |id: Id| world.read(&format!("/v1/customers/{id}"))["erased_at"].is_string();
        assert_eq!([erased(quiet), erased(asks), erased(active)], [true, false, false]);
    });
}

#[test]
fn notes_of_resolved_incidents_and_texts_of_answered_requests_go_and_the_rows_stay() {
    on_each_world(|world| {
        let ada = world.admin();
        let incident = world.incident();
        assert_eq!(
            world
                .act(&incident, "timeline", &ada.token, Some(json!({ "kind": "note", "text": "quuxwimble called" })))
                .status,
            201
        );
        assert_eq!(world.act(&incident, "resolve", &ada.token, None).status, 200);
        let request = world.person_request("access", json!({ "contact": "quuxwimble@example.com" }));
        let refused = world.post(&super::path(&request, "refuse"), json!({ "reason": "quuxwimble is nobody" }));
        assert_eq!(refused.status, 200);
        world.days_pass(31);
        for kind in ["incident_notes", "requests", "imports", "deliveries", "hook_bodies"] {
            rule(world, kind, json!({ "enabled": true }));
        }
        world.step_until_idle("retention");
        let entries = crate::operations::timeline(world, &incident);
        assert!(!json!(entries).to_string().contains("quuxwimble"), "{entries:?}");
        assert!(!entries.is_empty());
        let left = world.read(&format!("/v1/requests/{}", request["id"].as_str().unwrap()));
        assert!(!left.to_string().contains("quuxwimble") && left["proofs"][0]["hash"].is_string(), "{left}");
    });
}

#[test]
fn a_deleted_rule_stays_in_the_report() {
    on_each_world(|world| {
        world.customer("ann").files("words");
        world.days_pass(31);
        let made = rule(world, "feedback_words", json!({ "enabled": true }));
        world.step_until_idle("retention");
        let path = format!("/v1/retention-rules/{}", made["id"].as_str().unwrap());
        let admin = world.token(hearback::domain::team::Role::Admin);
        assert_eq!(world.send("DELETE", &path, &admin, None).status, 204);
        assert_eq!(world.get(&path).status, 404);
        assert_eq!(removed(world, "feedback_words"), 1);
    });
}
