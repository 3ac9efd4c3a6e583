//! Bulk actions on feedback: each item has a result, and the effect is the same as that of the single action.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, World, eventually, on_each_program};

const BULK: &str = "/v1/feedback/bulk";

/// Files feedback with different texts; returns the ids.
fn file(server: &World, count: usize) -> Vec<String> {
    let text = |n: usize| json!({ "text": format!("Refund number {n} has not arrived"), "tags": ["Refund"] });
    let batch: Vec<Value> = (0..count).map(text).collect();
    let answer = server.post("/v1/feedback/batch", json!({ "feedback": batch })).json();
    let rows = answer["results"].as_array().unwrap();
    rows.iter().map(|row| row["feedback"]["id"].as_str().unwrap().to_owned()).collect()
}

fn read(server: &World, id: &str) -> Value {
    server.get(&format!("/v1/feedback/{id}")).json()
}

fn unknown() -> String {
    "0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d".to_owned()
}

/// The result of each item: status and whether anything changed.
fn outcomes(answer: &Value) -> Vec<(u64, bool)> {
    let rows = answer["results"].as_array().unwrap_or_else(|| panic!("no results: {answer}"));
    rows.iter().map(|row| (row["status"].as_u64().unwrap(), row["changed"].as_bool().unwrap())).collect()
}

fn counts(answer: &Value) -> [u64; 3] {
    ["changed", "unchanged", "failed"].map(|name| answer[name].as_u64().unwrap())
}

/// The events of a bulk action, by kind.
fn events(server: &World, kind: &str, bulk_id: &Value) -> usize {
    let events = server.get(&format!("/v1/events?kind={kind}&limit=200")).json();
    let of_it = events["data"].as_array().unwrap().iter().filter(|event| event["data"]["bulk_id"] == *bulk_id);
    of_it.count()
}

#[test]
fn a_refused_item_does_not_stop_the_others_and_gets_the_same_error_as_alone() {
    on_each_program(|server| {
        let ids = file(server, 4);
        let single = |id: &str| server.post(&format!("/v1/feedback/{id}/dismiss"), json!({ "reason": "Spam" }));
        assert_eq!(single(&ids[1]).status, 200);

        let wanted = [&ids[0], &ids[1], &unknown(), &ids[2]];
        let answer = server.post(BULK, json!({ "act": "dismiss", "reason": "A notice", "ids": wanted }));
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer = answer.json();
        assert_eq!(outcomes(&answer), [(200, true), (409, false), (404, false), (200, true)]);
        assert_eq!(counts(&answer), [2, 0, 2]);
        for (n, (row, id)) in answer["results"].as_array().unwrap().iter().zip(wanted).enumerate() {
            assert_eq!((row["index"].as_u64(), row["id"].as_str()), (Some(n as u64), Some(id.as_str())));
        }
        // The problem is that of the act on this one alone, but for the request's id.
        for (row, id) in [(1, ids[1].clone()), (2, unknown())] {
            let mut alone = single(&id).json();
            alone.as_object_mut().unwrap().remove("request_id");
            assert_eq!(answer["results"][row]["problem"], alone);
        }
        for id in [&ids[0], &ids[2]] {
            let shown = read(server, id);
            assert_eq!((&shown["state"], &shown["dismissed_reason"]), (&json!("dismissed"), &json!("A notice")));
        }
        assert_eq!(read(server, &ids[1])["dismissed_reason"], "Spam");
        assert_ne!(read(server, &ids[3])["state"], "dismissed");
        eventually("the events", Duration::from_secs(20), || {
            events(server, "feedback.dismissed", &answer["bulk_id"]) == 2
        });
        eventually("the event of before", Duration::from_secs(20), || {
            events(server, "feedback.dismissed", &Value::Null) == 1
        });
    });
}

#[test]
fn dismissed_feedback_returns_by_a_restore_or_by_undoing_each_correction() {
    on_each_program(|server| {
        let ids = file(server, 3);
        let dismiss =
            |ids: &[String]| server.post(BULK, json!({ "act": "dismiss", "reason": "Spam", "ids": ids })).json();
        dismiss(&ids[..1]);
        let restored = server.post(BULK, json!({ "act": "restore", "ids": ids })).json();
        assert_eq!(outcomes(&restored), [(200, true), (409, false), (409, false)]);
        assert_ne!(read(server, &ids[0])["state"], "dismissed");

        let done = dismiss(&ids);
        let acts: Vec<Value> =
            done["results"].as_array().unwrap().iter().map(|row| row["correction_id"].clone()).collect();
        let first = acts[0].as_str().unwrap();
        assert_eq!(server.post(&format!("/v1/corrections/{first}/undo"), json!({})).status, 200);
        let undone = server.post("/v1/corrections/bulk", json!({ "act": "undo", "ids": acts })).json();
        assert_eq!(outcomes(&undone), [(409, false), (200, true), (200, true)]);
        assert_eq!(undone["results"][0]["problem"]["detail"], "It is undone already.");
        assert!(ids.iter().all(|id| read(server, id)["state"] != "dismissed"));
    });
}

#[test]
fn tags_are_put_on_and_taken_off_however_they_are_typed() {
    on_each_program(|server| {
        let ids = file(server, 3);
        let many: Vec<String> = (0..50).map(|n| format!("tag {n}")).collect();
        let path = format!("/v1/feedback/{}", ids[2]);
        assert_eq!(server.request("PATCH", &path).json(&json!({ "tags": many })).send().status, 200);

        let tag = json!({ "act": "tag", "tags": ["REFUND", " Urgent "], "ids": ids });
        let answer = server.post(BULK, &tag).json();
        assert_eq!(outcomes(&answer), [(200, true), (200, true), (422, false)]);
        assert_eq!(answer["results"][2]["problem"]["errors"][0]["pointer"], "/tags");
        assert_eq!(read(server, &ids[0])["tags"], json!(["Refund", "Urgent"]), "each once, as it was typed first");
        assert_eq!(read(server, &ids[2])["tags"].as_array().unwrap().len(), 50, "all or nothing");
        assert_eq!(server.ids("/v1/feedback?tag=urgent").len(), 2);
        let again = server.post(BULK, &tag).json();
        assert_eq!((outcomes(&again)[0], counts(&again)), ((200, false), [0, 2, 1]));
        eventually("the events", Duration::from_secs(20), || {
            events(server, "feedback.updated", &answer["bulk_id"]) == 2
        });
        assert_eq!(events(server, "feedback.updated", &again["bulk_id"]), 0, "nothing happened");

        let untag = json!({ "act": "untag", "tags": ["refund"], "ids": [ids[0], ids[2]] });
        assert_eq!(outcomes(&server.post(BULK, &untag).json()), [(200, true), (200, false)]);
        assert_eq!(read(server, &ids[0])["tags"], json!(["Urgent"]));
        assert_eq!(server.ids("/v1/feedback?tag=refund"), [ids[1].clone()]);
    });
}

#[test]
fn feedback_is_moved_to_one_theme_and_pinned_there() {
    on_each_program(|server| {
        let ids = file(server, 2);
        let product = json!({ "key": "PAY", "name": "Paylo" });
        assert_eq!(server.post("/v1/products", &product).status, 201);
        let elsewhere =
            server.file(&json!({ "text": "It is slow", "product": "PAY" }))["id"].as_str().unwrap().to_owned();
        let alone = server.post(&format!("/v1/feedback/{}/move", ids[0]), json!({})).json();
        let theme = alone["theme"]["id"].clone();

        let wanted = [&ids[0], &ids[1], &elsewhere];
        let answer = server.post(BULK, json!({ "act": "move", "theme_id": theme, "ids": wanted })).json();
        assert_eq!(outcomes(&answer), [(200, false), (200, true), (422, false)]);
        assert_eq!(answer["results"][2]["problem"]["errors"][0]["pointer"], "/theme_id");
        let moved = read(server, &ids[1]);
        assert_eq!((&moved["theme"]["id"], &moved["theme"]["pinned"]), (&theme, &json!(true)));
        assert!(answer["results"][1]["correction_id"].is_string() && answer["results"][0]["correction_id"].is_null());

        let nowhere = json!({ "act": "move", "theme_id": unknown(), "ids": wanted });
        server.post(BULK, &nowhere).refused(&["/theme_id unknown"]);
    });
}

#[test]
fn feedback_is_set_aside_and_taken_back() {
    on_each_program(|server| {
        let ids = file(server, 2);
        let act = |body: Value| server.post(BULK, &body).json();
        let aside = json!({ "act": "set_aside", "set_aside": "spam", "ids": ids });
        assert_eq!(outcomes(&act(aside.clone())), [(200, true), (200, true)]);
        assert_eq!(server.ids("/v1/feedback?set_aside=spam").len(), 2);
        assert_eq!(counts(&act(aside)), [0, 2, 0]);
        assert_eq!(counts(&act(json!({ "act": "take_back", "ids": ids }))), [2, 0, 0]);
        assert_eq!(read(server, &ids[0])["set_aside"], Value::Null);
    });
}

#[test]
fn a_wrong_request_is_refused_whole_with_every_wrong_field() {
    on_each_program(|server| {
        let ids = file(server, 1);
        let refused = |body: Value, wrong: &[&str]| server.post(BULK, &body).refused(wrong);
        let mixed = json!({ "act": "dismiss", "ids": [ids[0], ids[0], "x"], "tags": [" "], "colour": 1 });
        refused(
            mixed,
            &[
                "/colour unknown_field",
                "/ids/1 repeated",
                "/ids/2 format",
                "/reason required",
                "/tags not_taken",
                "/tags/0 pattern",
            ],
        );
        refused(json!({ "act": "dismiss", "reason": "Spam", "ids": [] }), &["/ids too_short"]);
        refused(json!({}), &["/act required", "/ids required"]);
        let many: Vec<String> = (0..501).map(|n| format!("0198c2c4-5b7e-7b2a-9d3c-{n:012}")).collect();
        refused(json!({ "act": "restore", "ids": many }), &["/ids too_long"]);
        assert_ne!(read(server, &ids[0])["state"], "dismissed");
        server.get(BULK).problem(405, "method_not_allowed");
    });
}

#[test]
fn a_repeat_with_the_same_key_gets_the_first_answer_again() {
    on_each_program(|server| {
        let ids = file(server, 3);
        let send =
            |body: &Value| -> Answer { server.request("POST", BULK).header("Idempotency-Key", "k").json(body).send() };
        send(&json!({ "act": "dismiss", "ids": ids })).refused(&["/reason required"]);
        let body = json!({ "act": "dismiss", "reason": "Spam", "ids": ids });
        let first = send(&body);
        assert_eq!((first.status, first.header("Idempotency-Replayed")), (200, None), "{first:?}");
        assert_eq!(counts(&first.json()), [3, 0, 0]);
        let again = send(&body);
        assert_eq!((again.status, again.header("Idempotency-Replayed")), (200, Some("true")), "{again:?}");
        assert_eq!(again.body, first.body);
        send(&json!({ "act": "restore", "ids": ids })).problem(422, "idempotency_mismatch");
    });
}

#[test]
fn five_hundred_are_done_while_others_write() {
    on_each_program(|server| {
        let ids = file(server, 500);
        let body = json!({ "act": "dismiss", "reason": "Spam", "ids": ids });
        let (answer, slowest) = std::thread::scope(|scope| {
            let acting = scope.spawn(|| server.request("POST", BULK).header("Idempotency-Key", "k").json(&body).send());
            let mut slowest = Duration::ZERO;
            while !acting.is_finished() {
                let started = std::time::Instant::now();
                server.file(&json!({ "text": "Somebody else says something meanwhile" }));
                slowest = slowest.max(started.elapsed());
            }
            (acting.join().unwrap(), slowest)
        });
        assert_eq!(counts(&answer.json()), [500, 0, 0]);
        assert_eq!(server.ids("/v1/feedback?state=dismissed").len(), 500);
        // A part takes .15 s; the rest is for a machine that does other things, too.
        assert!(slowest < Duration::from_secs(5), "others waited {slowest:?}");
        let ids: Vec<String> = ids.into_iter().rev().collect();
        assert_eq!(counts(&server.post(BULK, json!({ "act": "restore", "ids": ids })).json()), [500, 0, 0]);
    });
}
