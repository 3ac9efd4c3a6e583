//! Severity and sentiment: derived where absent, shown with their source, filtered, corrected, and used in priorities.

use serde_json::{Value, json};

use crate::support::{World, on_each_program};

fn patch(server: &World, item: &Value, body: &Value) -> Value {
    server.request("PATCH", &format!("/v1/feedback/{}", item["id"].as_str().unwrap())).json(body).send().json()
}

fn seen(item: &Value) -> [&Value; 4] {
    ["severity", "severity_source", "sentiment", "sentiment_source"].map(|field| &item[field])
}

#[test]
fn absent_kinds_are_derived_and_filed_or_set_ones_stay() {
    on_each_program(|server| {
        let derived = server.file(&json!({ "text": "I was charged twice for one order, this is an error" }));
        assert_eq!(seen(&derived), [&json!("high"), &json!("derived"), &json!("negative"), &json!("derived")]);
        let wish = server.file(&json!({ "text": "Please add a dark mode" }));
        assert_eq!(seen(&wish), [&Value::Null, &Value::Null, &json!("neutral"), &json!("derived")]);
        let korean = server.file(&json!({ "text": "전 직원이 접속을 못 하고 있습니다 시스템이 먹통이에요" }));
        assert_eq!(seen(&korean), [&json!("critical"), &json!("derived"), &json!("negative"), &json!("derived")]);
        let filed = json!({ "text": "I was charged twice, error", "severity": "low", "sentiment": "positive" });
        let filed = server.file(&filed);
        assert_eq!(seen(&filed), [&json!("low"), &json!("filed"), &json!("positive"), &json!("filed")]);
        let rated = server.file(&json!({ "text": "The menu shows an error and does not open", "rating": 5 }));
        assert_eq!(seen(&rated), [&json!("low"), &json!("derived"), &json!("positive"), &json!("derived")]);

        for (query, found) in [
            ("severity=high", 1),
            ("severity=low", 2),
            ("severity_source=derived", 3),
            ("severity_source=filed", 1),
            ("severity_source=corrected", 0),
            ("sentiment=negative", 2),
            ("sentiment=positive&sentiment_source=filed", 1),
            ("sentiment_source=derived", 4),
        ] {
            let list = server.get(&format!("/v1/feedback?{query}")).json();
            assert_eq!(list["data"].as_array().unwrap().len(), found, "{query}");
        }
    });
}

#[test]
fn a_correction_is_the_persons_and_other_edits_leave_derived_values_derived() {
    on_each_program(|server| {
        let text = json!({ "text": "The export fails with an error", "origin": "desk", "external_id": "1" });
        let item = server.file(&text);
        assert_eq!(seen(&item)[..2], [&json!("medium"), &json!("derived")]);
        let tagged = patch(server, &item, &json!({ "tags": ["export"] }));
        assert_eq!(seen(&tagged)[..2], [&json!("medium"), &json!("derived")]);

        let set = patch(server, &item, &json!({ "severity": "critical", "sentiment": "neutral" }));
        assert_eq!(seen(&set), [&json!("critical"), &json!("corrected"), &json!("neutral"), &json!("corrected")]);
        let mut again = text.clone();
        again["text"] = json!("There is a typo in the export. Great otherwise!");
        again["severity"] = json!("low");
        again["sentiment"] = json!("positive");
        let again = server.post("/v1/feedback", again).json();
        assert_eq!(seen(&again), [&json!("critical"), &json!("corrected"), &json!("neutral"), &json!("corrected")]);

        let none = patch(server, &item, &json!({ "severity": null, "sentiment": null }));
        assert_eq!(seen(&none)[..2], [&Value::Null, &Value::Null], "a person said that there is none");
        assert_eq!(seen(&none)[3], &json!("derived"));

        let confirmed = server.file(&json!({ "text": "The camera crashes" }));
        let confirmed = patch(server, &confirmed, &json!({ "severity": "medium" }));
        assert_eq!(seen(&confirmed)[..2], [&json!("medium"), &json!("corrected")]);
        let question = server.file(&json!({ "text": "The page shows an error" }));
        let question = patch(server, &question, &json!({ "kind": "question" }));
        assert_eq!(seen(&question)[0], &Value::Null, "a question is no problem");
        server
            .request("PATCH", &format!("/v1/feedback/{}", item["id"].as_str().unwrap()))
            .json(&json!({ "sentiment": "angry" }))
            .send()
            .refused(&["/sentiment not_one_of"]);
    });
}
