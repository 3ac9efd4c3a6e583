//! Filing feedback and reading it again.

use serde_json::{Value, json};

use crate::support::on_each_world;

#[test]
fn a_feedback_is_filed_and_read_again_as_it_was_sent() {
    on_each_world(|server| {
        let sent = json!({
            "text": "The refund still hasn't arrived after two weeks.\n두 주가 지났어요 😀", "title": "Refund",
            "source": "ticket", "origin": "zendesk", "external_id": "35436", "url": "https://example.com/tickets/35436",
            "occurred_at": "2026-01-31T18:30:00.25+09:00", "rating": 2, "nps": 0, "severity": "high", "kind": "complaint",
            "language": "en", "tags": ["refund", "slow"], "fields": {"app_version": "4.2.0", "nested": {"a": [1, null]}},
            "customer": {"external_id": "8841", "email": "Minji@Example.com", "name": "Min-ji Park",
                         "account": {"name": "Blue Bakery", "segment": "business",
                                     "annual_value": {"amount_minor": 120000, "currency": "EUR"}}},
        });
        let filed = server.post("/v1/feedback", &sent);
        assert_eq!(filed.status, 201, "{filed:?}");
        let location = filed.header("Location").expect("where it is").to_owned();
        assert_eq!(location, format!("/v1/feedback/{}", filed.id()));
        assert_eq!(filed.header("ETag"), Some("\"1\""));

        let read = server.get(&location);
        assert_eq!(read.status, 200);
        assert_eq!(read.header("ETag"), Some("\"1\""));
        let read = read.json();
        for name in ["text", "title", "source", "origin", "external_id", "url", "rating", "nps", "severity", "kind"] {
            assert_eq!(read[name], sent[name], "{name}");
        }
        for name in ["language", "tags", "fields"] {
            assert_eq!(read[name], sent[name], "{name}");
        }
        assert_eq!(read["occurred_at"], "2026-01-31T09:30:00.250Z", "the same moment, in UTC");
        assert_eq!(read["customer"]["name"], "Min-ji Park");
        assert_eq!(read["customer"]["email"], "Minji@Example.com");
        assert_eq!(read["customer"]["account"]["name"], "Blue Bakery");
        assert!(read["submitted_by"].is_string(), "who filed it: {read}");
    });
}

#[test]
fn a_text_alone_is_enough() {
    on_each_world(|server| {
        let feedback = server.file(&json!({ "text": "Checkout fails" }));
        assert_eq!(feedback["source"], "other");
        assert_eq!(feedback["origin"], "");
        assert_eq!(feedback["tags"], json!([]));
        assert_eq!(feedback["fields"], json!({}));
        assert_eq!(feedback["occurred_at"], feedback["created_at"]);
        for name in ["title", "external_id", "url", "customer", "rating", "nps", "set_aside"] {
            assert_eq!(feedback[name], Value::Null, "{name}");
        }
        assert_eq!((&feedback["kind"], &feedback["kind_source"]), (&json!("bug"), &json!("derived")));
        let by_key = server.file(&json!({ "text": "The same product", "product": "HB" }));
        assert_eq!(by_key["product_id"], feedback["product_id"]);
        server.post("/v1/feedback", json!({ "text": "x", "product": "NOPE" })).refused(&["/product unknown"]);
    });
}

#[test]
fn the_language_is_detected_where_it_is_not_given() {
    on_each_world(|server| {
        let texts = [
            ("The refund still has not arrived after two weeks", "en"),
            ("환불이 아직 안 됐어요", "ko"),
            ("支払いができません", "ja"),
            ("退款一直没有到账", "zh"),
            ("Ich warte immer noch auf meine Rückerstattung und niemand antwortet mir", "de"),
        ];
        for (text, language) in texts {
            assert_eq!(server.file(&json!({ "text": text }))["language"], language, "{text}");
        }
        assert_eq!(server.file(&json!({ "text": "환불", "language": "en" }))["language"], "en", "what is given holds");
        assert_eq!(server.file(&json!({ "text": "12345 !!!" }))["language"], Value::Null);
    });
}

#[test]
fn the_same_external_id_again_updates_the_same_feedback() {
    on_each_world(|server| {
        let first = server.file(&json!({
            "text": "Login fails", "origin": "zendesk", "external_id": "7", "severity": "low", "tags": ["login"]
        }));
        let again = json!({ "text": "Login fails since Monday", "origin": "zendesk", "external_id": "7", "rating": 1 });
        let answer = server.post("/v1/feedback", &again);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("Location"), Some(format!("/v1/feedback/{}", first["id"].as_str().unwrap()).as_str()));
        let updated = answer.json();
        assert_eq!(updated["id"], first["id"]);
        assert_eq!(updated["text"], "Login fails since Monday");
        assert_eq!(updated["rating"], 1);
        assert_eq!(updated["severity"], "low", "what is absent stays");
        assert_eq!(updated["tags"], json!(["login"]));
        assert_eq!(updated["occurred_at"], first["occurred_at"]);
        assert_eq!(server.get(&format!("/v1/feedback/{}", answer.id())).json()["text"], "Login fails since Monday");

        let other = server.file(&json!({ "text": "Login fails", "origin": "intercom", "external_id": "7" }));
        assert_ne!(other["id"], first["id"], "the same id in another system is another feedback");
        let nameless = server.file(&json!({ "text": "Login fails", "external_id": "7" }));
        let same = server.post("/v1/feedback", json!({ "text": "Login fails", "origin": "", "external_id": "7" }));
        assert_eq!((same.status, same.id()), (200, nameless["id"].as_str().unwrap().to_owned()));
        assert_eq!(server.ids("/v1/feedback").len(), 3);
    });
}

#[test]
fn the_same_external_id_sent_by_many_at_once_is_one_feedback() {
    on_each_world(|server| {
        let send = |n: usize| {
            let request = server.request("POST", "/v1/feedback");
            // Half of them by the way that goes with a key.
            let request =
                if n.is_multiple_of(2) { request } else { request.header("Idempotency-Key", &format!("key-{n}")) };
            request.json(&json!({ "text": format!("said {n} times"), "origin": "o", "external_id": "1",
                                   "customer": {"email": "kim@example.com"} }))
        };
        let answers: Vec<_> = std::thread::scope(|scope| {
            let running: Vec<_> = (0..12).map(|n| scope.spawn(move || send(n).send())).collect();
            running.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let created = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(created, 1, "{answers:?}");
        assert!(answers.iter().all(|a| a.status == 201 || a.status == 200), "{answers:?}");
        assert!(answers.iter().all(|a| a.id() == answers[0].id()));
        assert_eq!(server.ids("/v1/feedback").len(), 1);
    });
}

#[test]
fn a_customer_is_known_by_identity_then_by_address() {
    on_each_world(|server| {
        let say = |origin: &str, customer: Value| {
            server.file(&json!({ "text": "x", "origin": origin, "customer": customer }))["customer"].clone()
        };
        let first = say("zendesk", json!({ "external_id": "1", "email": "kim@example.com", "name": "Kim" }));
        let by_identity = say("zendesk", json!({ "external_id": "1" }));
        assert_eq!(by_identity, first, "known by the id, and what is absent stays");
        let by_address = say("intercom", json!({ "email": " KIM@example.com".trim() , "external_id": "99" }));
        assert_eq!(by_address["id"], first["id"], "known by the address, whatever its case");
        let by_new_identity = say("intercom", json!({ "external_id": "99", "name": "Kim Min-su" }));
        assert_eq!(by_new_identity["id"], first["id"], "the second system's id was learnt");
        assert_eq!(by_new_identity["name"], "Kim Min-su");
        let elsewhere = say("canny", json!({ "external_id": "1" }));
        assert_ne!(elsewhere["id"], first["id"], "the same id in another system is someone else");

        let lee = say("zendesk", json!({ "external_id": "2", "email": "lee@example.com" }));
        let clash = say("zendesk", json!({ "external_id": "2", "email": "kim@example.com" }));
        assert_eq!(clash["id"], lee["id"], "the identity decides");
        assert_eq!(clash["email"], "lee@example.com", "and someone else's address stays where it is");

        let nobody = server.file(&json!({ "text": "x", "customer": {} }));
        assert_eq!(nobody["customer"], Value::Null);
    });
}

#[test]
fn an_account_is_known_by_its_name_whatever_its_case() {
    on_each_world(|server| {
        let say = |customer: Value| server.file(&json!({ "text": "x", "customer": customer }))["customer"].clone();
        let kim = say(json!({ "email": "kim@example.com", "account": {"name": "Blue Bakery", "segment": "business"} }));
        let lee = say(json!({ "email": "lee@example.com", "account": {"name": "  BLUE bakery"} }));
        assert_eq!(kim["account"], lee["account"]);
        assert_ne!(kim["id"], lee["id"]);
        let moved = say(json!({ "email": "lee@example.com", "account": {"name": "Red Roof"} }));
        assert_eq!(moved["account"]["name"], "Red Roof");
        assert_eq!(say(json!({ "email": "lee@example.com" }))["account"]["name"], "Red Roof", "what is absent stays");
    });
}

#[test]
fn a_batch_files_the_good_ones_and_names_what_is_wrong_with_the_others() {
    on_each_world(|server| {
        let batch = json!({ "feedback": [
            { "text": "first", "external_id": "a" },
            { "text": "", "rating": 9 },
            { "text": "second", "customer": {"email": "kim@example.com"} },
            { "text": "third", "product": "NOPE" },
            { "text": "first again", "external_id": "a" },
            { "text": "fourth", "customer": {"email": "KIM@example.com", "name": "Kim"} },
        ]});
        let answer = server.post("/v1/feedback/batch", &batch);
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer = answer.json();
        let results = answer["results"].as_array().unwrap();
        let statuses: Vec<_> = results.iter().map(|r| r["status"].as_u64().unwrap()).collect();
        assert_eq!(statuses, [201, 422, 201, 422, 200, 201], "{answer}");
        let pointers = |n: usize| -> Vec<_> {
            results[n]["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect()
        };
        assert_eq!(pointers(1), ["/rating", "/text"]);
        assert_eq!(pointers(3), ["/product"]);
        assert_eq!(results[0]["feedback"]["id"], results[4]["feedback"]["id"]);
        assert_eq!(results[4]["feedback"]["text"], "first again");
        assert_eq!(results[2]["feedback"]["customer"]["id"], results[5]["feedback"]["customer"]["id"]);
        assert_eq!(server.ids("/v1/feedback").len(), 3);
    });
}

#[test]
fn a_batch_takes_a_thousand_and_no_more() {
    on_each_world(|server| {
        let items = |count: usize| -> Value {
            let item = |n| json!({ "text": format!("number {n}"), "customer": {"external_id": format!("{}", n % 50)} });
            json!({ "feedback": (0..count).map(item).collect::<Vec<_>>() })
        };
        let answer = server.post("/v1/feedback/batch", items(1000)).json();
        let results = answer["results"].as_array().unwrap();
        assert_eq!(results.len(), 1000);
        assert!(results.iter().all(|r| r["status"] == 201));
        assert_eq!(results[999]["feedback"]["text"], "number 999", "in the order sent");
        server.post("/v1/feedback/batch", items(1001)).refused(&["/feedback too_long"]);
        server.post("/v1/feedback/batch", items(0)).refused(&["/feedback too_short"]);
        let mixed =
            server.post("/v1/feedback/batch", json!({ "feedback": ["no object", {"text": "an object"}] })).json();
        assert_eq!(mixed["results"][0]["status"], 422, "an item that is no object is refused by itself");
        assert_eq!(mixed["results"][0]["errors"][0]["code"], "type");
        assert_eq!(mixed["results"][1]["status"], 201);
        assert_eq!(server.ids("/v1/feedback?limit=200").len(), 1001);
    });
}

#[test]
fn unknown_ids_are_not_found() {
    on_each_world(|server| {
        server.get("/v1/feedback/0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d").problem(404, "not_found");
        server.get("/v1/feedback/no-id").problem(404, "not_found");
        server.get("/v1/feedback/%FF%00").problem(404, "not_found");
    });
}
