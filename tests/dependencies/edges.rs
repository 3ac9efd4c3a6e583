//! Adding, changing, closing and removing dependencies.

use serde_json::{Value, json};

use super::{ask, needs, number, path, shown};
use crate::support::{World, on_each_world};

fn only(world: &World, story: &str) -> Value {
    let all = shown(world, story);
    assert_eq!(all["data"].as_array().unwrap().len(), 1, "{all}");
    all["data"][0].clone()
}

#[test]
fn one_edge_is_seen_from_both_sides_and_added_once() {
    on_each_world(|world| {
        let (refund, ledger) = (world.story("Refunds"), world.story("Ledger"));
        let made = needs(world, &refund, &number(world, &ledger));
        assert_eq!(
            (&made["kind"], &made["state"], &made["story"]["id"]),
            (&json!("needs"), &json!("open"), &json!(ledger))
        );
        let back = only(world, &ledger);
        assert_eq!((&back["id"], &back["kind"], &back["story"]["id"]), (&made["id"], &json!("blocks"), &json!(refund)));
        let again = ask(world, &ledger, "blocks", &refund);
        assert_eq!((again.status, &again.json()["id"]), (200, &made["id"]), "the same from the other side");
        let lagged = world.post(&path(&refund), json!({ "kind": "needs", "story_id": ledger, "lag_days": 3 }));
        assert_eq!((lagged.status, &lagged.json()["lag_days"]), (200, &json!(3)));

        let (blocked, free) = (world.shown_story(&refund), world.shown_story(&ledger));
        assert_eq!((&blocked["blocked"], &free["blocked"]), (&json!(true), &json!(false)));
        assert_eq!(world.ids("/v1/stories?blocked=true"), std::slice::from_ref(&refund));
        assert_eq!(world.ids("/v1/stories?blocked=false"), std::slice::from_ref(&ledger));

        let gone = world.request("DELETE", &format!("{}/{}", path(&ledger), made["id"].as_str().unwrap())).send();
        assert_eq!(gone.status, 204, "from either side");
        assert_eq!(
            (&shown(world, &refund)["data"], &world.shown_story(&refund)["blocked"]),
            (&json!([]), &json!(false))
        );
        let kinds: Vec<String> = world.shown_history(&refund).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds[1..], ["dependency.created", "dependency.updated", "dependency.removed"]);
    });
}

#[test]
fn related_stories_do_not_block_and_relate_once() {
    on_each_world(|world| {
        let (one, other) = (world.story("One"), world.story("Other"));
        assert_eq!(ask(world, &one, "relates", &other).status, 201);
        assert_eq!(ask(world, &other, "relates", &one).status, 200);
        let edge = only(world, &other);
        assert_eq!((&edge["kind"], &edge["state"]), (&json!("relates"), &Value::Null));
        assert_eq!(world.ids("/v1/stories?blocked=true"), Vec::<String>::new());
    });
}

#[test]
fn something_outside_is_closed_by_a_person() {
    on_each_world(|world| {
        let story = world.story("Refunds");
        let external = json!({ "title": " New terminal ", "vendor": "Acme", "due": "2026-12-24" });
        let made = world.done(&path(&story), json!({ "kind": "needs", "external": external, "lag_days": 2 }));
        assert_eq!(
            made["external"],
            json!({ "title": "New terminal", "team": null, "vendor": "Acme", "due": "2026-12-24" })
        );
        let own = format!("{}/{}", path(&story), made["id"].as_str().unwrap());
        let moved = world.patch(&own, json!({ "external": { "due": "2027-01-11" }, "lag_days": 0 })).json();
        assert_eq!(
            (&moved["external"]["due"], &moved["external"]["title"]),
            (&json!("2027-01-11"), &json!("New terminal"))
        );
        assert_eq!(world.shown_story(&story)["blocked"], true);
        let closed = world.done(&format!("{own}/close"), json!({}));
        assert_eq!((&closed["state"], closed["closed_at"].is_string()), (&json!("satisfied"), true));
        assert_eq!(world.shown_story(&story)["blocked"], false);
        world.post(&format!("{own}/close"), json!({})).problem(409, "conflict");
        assert_eq!(world.done(&format!("{own}/reopen"), json!({}))["state"], "open");
        assert_eq!(world.shown_story(&story)["blocked"], true);
        world.patch(&own, json!({ "external": null })).refused(&["/external required"]);
        world.patch(&own, json!({ "external": { "due": "2026-02-30" } })).refused(&["/external/due format"]);
    });
}

#[test]
fn wrong_input_names_each_wrong_field() {
    on_each_world(|world| {
        let (story, other) = (world.story("Refunds"), world.story("Ledger"));
        let refused = |body: Value, wrong: &[&str]| world.post(&path(&story), body).refused(wrong);
        refused(json!({ "kind": "needs" }), &["/story_id required"]);
        refused(json!({ "kind": "needs", "story_id": story }), &["/story_id itself"]);
        refused(json!({ "kind": "needs", "story_id": "HB-999" }), &["/story_id unknown"]);
        refused(json!({ "kind": "needs", "story_id": "later" }), &["/story_id unknown"]);
        let outside = json!({ "title": "Terminal", "team": "Payments", "vendor": "Acme", "due": "2026-13-01" });
        refused(
            json!({ "kind": "blocks", "external": outside, "story_id": other, "satisfied_at": "ready" }),
            &[
                "/external not_allowed",
                "/external/due format",
                "/external/vendor not_allowed",
                "/kind not_allowed",
                "/satisfied_at not_allowed",
            ],
        );
        refused(json!({ "kind": "relates", "story_id": other, "lag_days": 1 }), &["/lag_days not_allowed"]);
        refused(json!({ "kind": "needs", "external": {} }), &["/external/title required"]);
        let made = needs(world, &story, &other);
        let own = format!("{}/{}", path(&story), made["id"].as_str().unwrap());
        world.post(&format!("{own}/close"), json!({})).problem(409, "conflict");
        world.patch(&own, json!({ "external": { "title": "x" } })).refused(&["/external not_allowed"]);
        let stranger = world.story("Stranger");
        let elsewhere = format!("{}/{}", path(&stranger), made["id"].as_str().unwrap());
        world.patch(&elsewhere, json!({ "lag_days": 1 })).problem(404, "not_found");
        let (_, viewer) = world.member_with_token("vic", "viewer");
        world
            .send("POST", &path(&story), &viewer, Some(&json!({ "kind": "needs", "story_id": other })))
            .problem(403, "forbidden");
    });
}
