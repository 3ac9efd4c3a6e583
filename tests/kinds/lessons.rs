//! Corrections teach: texts like those that people corrected get what the people said.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{World, eventually, on_each_program};

fn file(server: &World, text: &str) -> Value {
    server.file(&json!({ "text": text }))
}

fn correct(server: &World, item: &Value, kind: &str) {
    let path = format!("/v1/feedback/{}", item["id"].as_str().unwrap());
    assert_eq!(server.request("PATCH", &path).json(&json!({ "kind": kind })).send().status, 200);
}

const CORRECTED: [&str; 3] =
    ["My parcel still has not arrived", "the parcel has not arrived yet", "parcel not arrived, where is it"];

#[test]
fn after_some_corrections_sibling_texts_are_right_and_others_as_before() {
    on_each_program(|server| {
        let others = ["The app crashes when I open the camera", "Thank you, great service", "Please add a dark mode"];
        let kinds = |prefix: &str| others.map(|text| file(server, &format!("{prefix}{text}"))["kind"].clone());
        let before = kinds("");
        assert_ne!(file(server, "my parcel did not arrive")["kind"], "request");
        for text in CORRECTED {
            let item = file(server, text);
            correct(server, &item, "request");
        }
        // Every thread that writes notices after some seconds at the latest.
        eventually("what was learnt", Duration::from_secs(20), || {
            let sibling = file(server, "my parcel did not arrive until today");
            (&sibling["kind"], &sibling["kind_source"]) == (&json!("request"), &json!("derived"))
        });
        assert_eq!(kinds(""), before);
    });
}

#[test]
fn one_wrong_correction_changes_the_text_itself_and_little_else() {
    on_each_program(|server| {
        let wrong = file(server, "The login page shows an error");
        correct(server, &wrong, "praise");
        for text in ["I cannot log in since the update", "The payment failed with an error", "The app crashes on start"]
        {
            assert_eq!(file(server, text)["kind"], "bug", "{text}");
        }
        for text in ["login shows an error after the update", "An error is shown on the login page"] {
            let item = file(server, text);
            correct(server, &item, "bug");
        }
        eventually("what was learnt", Duration::from_secs(20), || {
            file(server, "The login shows an error")["kind"] == "bug"
        });
    });
}
