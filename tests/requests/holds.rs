//! Legal holds: nothing that is held is deleted, and an erasure that waits is not forgotten.

use std::time::Duration;

use hearback::domain::base::{Id, Time};
use hearback::domain::integrations::NewDelivery;
use hearback::domain::team::Role;
use hearback::store::integrations::deliveries;
use serde_json::{Value, json};

use super::path;
use crate::support::{World, eventually, on_each_program, on_each_world};

fn hold(world: &World, on: Value) -> Value {
    let mut input = json!({ "case": "2026-Ga-1", "reason": "Order of the court" });
    input.as_object_mut().unwrap().extend(on.as_object().unwrap().clone());
    world.done("/v1/legal-holds", input)
}

fn end(world: &World, hold: &Value) {
    let path = format!("/v1/legal-holds/{}/end", hold["id"].as_str().unwrap());
    assert_eq!(world.post(&path, json!({})).status, 200);
}

fn is_erased(world: &World, customer: &str) -> bool {
    world.read(&format!("/v1/customers/{customer}"))["erased_at"].is_string()
}

#[test]
fn an_erasure_waits_for_each_kind_of_hold_and_runs_when_it_ends() {
    on_each_world(|world| {
        let admin = world.token(Role::Admin);
        let filed = world
            .file(&json!({ "text": "Late", "customer": { "email": "a@example.com", "account": { "name": "Acme" } } }));
        let account = filed["customer"]["account"]["id"].clone();
        for (n, on) in ["customer_id", "account_id", "product"].into_iter().enumerate() {
            let filed = world.file(&json!({ "text": format!("Late {n}"), "product": world.product.key,
                "customer": { "email": format!("c{n}@example.com"), "account": { "name": "Acme" } } }));
            let customer = filed["customer"]["id"].as_str().unwrap().to_owned();
            let value = match on {
                "customer_id" => json!(customer),
                "account_id" => account.clone(),
                _ => json!(world.product.key),
            };
            let placed = hold(world, json!({ on: value }));
            let asked = world.send("DELETE", &format!("/v1/customers/{customer}"), &admin, None);
            assert_eq!(asked.status, 202, "{on}: {asked:?}");
            world.step("retention");
            assert!(!is_erased(world, &customer), "{on}");
            end(world, &placed);
            world.step("retention");
            assert!(is_erased(world, &customer), "{on}");
        }
    });
}

#[test]
fn a_request_for_erasure_waits_with_its_erasure_and_ends_with_it() {
    on_each_world(|world| {
        let ann = world.customer("ann@example.com").files("Late").customer;
        let first = hold(world, json!({ "customer_id": ann }));
        let second = hold(world, json!({ "product": world.product.key }));
        let request = world.person_request("erasure", json!({ "customer_id": ann, "contact": "ann@example.com" }));
        world.identified(&request);
        assert_eq!(world.done(&path(&request, "done"), json!({}))["state"], "waiting");
        world.post(&path(&request, "done"), json!({})).problem(409, "conflict");
        end(world, &first);
        world.step("retention");
        assert!(!is_erased(world, &ann.to_string()), "the other hold still lasts");
        end(world, &second);
        world.step("retention");
        let done = world.read(&format!("/v1/requests/{}", request["id"].as_str().unwrap()));
        assert_eq!((&done["state"], &done["contact"]), (&json!("done"), &Value::Null), "{done}");
        assert_eq!(done["proofs"][0]["kind"], "erasure");
        assert!(is_erased(world, &ann.to_string()));
    });
}

#[test]
fn a_hold_names_exactly_one_thing_and_ends_once() {
    on_each_world(|world| {
        let both = json!({ "case": "1", "reason": "r", "product": "HB", "customer_id": "00000000-0000-7000-8000-000000000000" });
        world.post("/v1/legal-holds", both).refused(&["/customer_id required"]);
        world.post("/v1/legal-holds", json!({ "case": "1", "reason": "r" })).refused(&["/customer_id required"]);
        world
            .post("/v1/legal-holds", json!({ "case": "1", "reason": "r", "product": "NOPE" }))
            .refused(&["/product unknown"]);
        let placed = hold(world, json!({ "product": "HB" }));
        assert_eq!(world.read("/v1/legal-holds?active=true")["data"].as_array().unwrap().len(), 1);
        end(world, &placed);
        let path = format!("/v1/legal-holds/{}/end", placed["id"].as_str().unwrap());
        world.post(&path, json!({})).problem(409, "conflict");
        assert_eq!(world.read("/v1/legal-holds?active=true")["data"], json!([]));
    });
}

#[test]
fn a_waiting_erasure_survives_a_crash() {
    on_each_program(|world| {
        let filed = world.file(&json!({ "text": "Late", "customer": { "email": "a@example.com" } }));
        let customer = filed["customer"]["id"].as_str().unwrap().to_owned();
        let placed = hold(world, json!({ "customer_id": customer }));
        let request = world.person_request("erasure", json!({ "customer_id": customer }));
        world.identified(&request);
        assert_eq!(world.done(&path(&request, "done"), json!({}))["state"], "waiting");
        world.kill9();
        world.restart();
        end(world, &placed);
        // The job looks when it starts, and each minute.
        world.kill9();
        world.restart();
        eventually("the erasure runs", Duration::from_secs(60), || is_erased(world, &customer));
    });
}

#[test]
fn what_the_program_removes_by_itself_waits_while_a_hold_lasts() {
    on_each_world(|world| {
        let new = NewDelivery {
            channel: "webhook",
            target: Id::next(),
            subject: Id::next(),
            event: "story.created".to_owned(),
            body: json!({}),
        };
        let delivery = world.write(move |tx| deliveries::enqueue(tx, new.clone())).unwrap();
        world.pump();
        world.settings(json!({ "language": "ko" }));
        let audited = world.ids("/v1/audit?limit=200");
        assert!(!audited.is_empty());
        let (member, token) = world.member_with_token("Kim", "support");
        let said = world.customer("ann@example.com").files("Late");
        assert_eq!(world.send("GET", &format!("/v1/customers/{}", said.customer), &token, None).status, 200);
        let seen = || world.read(&format!("/v1/access-log?actor={member}"))["data"].as_array().unwrap().len();
        assert_eq!(seen(), 1);
        let is_there = || world.store().read_now(|conn| deliveries::get(conn, delivery)).is_ok();
        let placed = hold(world, json!({ "product": world.product.key }));
        world.clock().advance(2_000 * Time::DAY);
        for _ in 0..2 {
            world.step("housekeeping");
            world.step("access_log");
        }
        assert!(is_there(), "a delivery");
        let left = world.ids("/v1/audit?limit=200");
        assert!(audited.iter().all(|id| left.contains(id)), "the audit log: {left:?}");
        assert_eq!(seen(), 1, "the access log");
        end(world, &placed);
        world.step("housekeeping");
        world.step("access_log");
        assert!(!is_there(), "the hold is over");
        let left = world.ids("/v1/audit?limit=200");
        assert!(!audited.iter().any(|id| left.contains(id)), "{left:?}");
        assert_eq!(seen(), 0);
    });
}
