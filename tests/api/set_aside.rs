//! Setting feedback aside, taking it back, and correcting its kind.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, World, eventually, on_each_program};

fn patch(server: &World, path: &str, body: &Value) -> Answer {
    server.request("PATCH", path).json(body).send()
}

#[test]
fn a_person_sets_a_feedback_aside_and_takes_it_back() {
    on_each_program(|server| {
        let filed = server.file(&json!({ "text": "The refund has not arrived after two weeks" }));
        let path = format!("/v1/feedback/{}", filed["id"].as_str().unwrap());
        assert_eq!(filed["set_aside"], Value::Null);

        let aside = patch(server, &path, &json!({ "set_aside": "spam" })).json();
        assert_eq!((&aside["state"], &aside["set_aside"]), (&json!("set_aside"), &json!("spam")));
        assert_eq!(aside["theme"], Value::Null);
        for (query, found) in [("state=set_aside", 1), ("set_aside=spam", 1), ("set_aside=bounce", 0), ("q=refund", 1)]
        {
            let list = server.get(&format!("/v1/feedback?{query}")).json();
            assert_eq!(list["data"].as_array().unwrap().len(), found, "{query}");
        }
        assert_eq!(server.get("/v1/grouping").json()["set_aside"], 1);
        // On PostgreSQL events are read once no older transaction runs.
        let events = |kind: &str| server.get(&format!("/v1/events?kind={kind}")).json()["data"].clone();
        let reason = || events("feedback.set_aside")[0]["data"]["reason"].clone();
        eventually("the event", Duration::from_secs(20), || reason() == "spam");

        let back = patch(server, &path, &json!({ "set_aside": null })).json();
        assert_eq!(back["set_aside"], Value::Null);
        assert_ne!(back["state"], "set_aside");
        eventually("the event", Duration::from_secs(20), || {
            events("feedback.taken_back").as_array().unwrap().len() == 1
        });
        patch(server, &path, &json!({ "set_aside": "boring" })).refused(&["/set_aside not_one_of"]);
    });
}

#[test]
fn feedback_set_aside_stays_so_after_a_dismissal_until_a_move_which_can_be_undone() {
    on_each_program(|server| {
        let filed = server
            .file(&json!({ "text": "We are closed from 24 to 31 December", "origin": "mail", "external_id": "7" }));
        let path = format!("/v1/feedback/{}", filed["id"].as_str().unwrap());
        patch(server, &path, &json!({ "set_aside": "auto_reply" }));
        assert_eq!(server.post(&format!("{path}/dismiss"), json!({ "reason": "a notice" })).status, 200);
        assert_eq!(server.post(&format!("{path}/restore"), json!({})).json()["state"], "set_aside");

        let moved = server.post(&format!("{path}/move"), json!({}));
        assert_eq!(moved.json()["state"], "grouped");
        assert_eq!(moved.json()["set_aside"], Value::Null);
        let correction = moved.header("Location").expect("an act that can be undone").to_owned();
        assert_eq!(server.post(&format!("{correction}/undo"), json!({})).status, 200);
        let undone = server.get(&path).json();
        assert_eq!((&undone["state"], &undone["set_aside"]), (&json!("set_aside"), &json!("auto_reply")));
    });
}

#[test]
fn the_source_of_a_kind_is_shown_and_a_person_has_the_last_word() {
    on_each_program(|server| {
        let sent = json!({ "text": "The export crashes", "origin": "desk", "external_id": "1", "kind": "bug" });
        let filed = server.file(&sent);
        assert_eq!((&filed["kind"], &filed["kind_source"]), (&json!("bug"), &json!("filed")));
        let path = format!("/v1/feedback/{}", filed["id"].as_str().unwrap());
        let corrected = patch(server, &path, &json!({ "kind": "complaint" })).json();
        assert_eq!((&corrected["kind"], &corrected["kind_source"]), (&json!("complaint"), &json!("corrected")));
        let again = server.post("/v1/feedback", &sent).json();
        assert_eq!((&again["kind"], &again["kind_source"]), (&json!("complaint"), &json!("corrected")));
        let found = server.get("/v1/feedback?kind_source=corrected&kind=complaint").json();
        assert_eq!(found["data"].as_array().unwrap().len(), 1);
    });
}
