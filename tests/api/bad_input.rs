//! Invalid input: it is refused, all errors are named at once, and no value is echoed.

use serde_json::{Value, json};

use crate::support::on_each_world;

#[test]
fn twenty_wrong_fields_are_named_at_once() {
    on_each_world(|server| {
        let answer = server.post(
            "/v1/feedback",
            json!({
                "product": 5, "text": ["seagull"], "title": "", "source": "pigeon", "origin": {}, "external_id": "",
                "url": "javascript:magpie", "occurred_at": "yesternight", "rating": 6, "nps": -1, "severity": "dreadful",
                "kind": "rant", "language": "Klingonese", "tags": ["", 5], "fields": 7,
                "customer": {
                    "external_id": 5, "email": "heron", "name": "", "colour": "teal",
                    "account": { "name": null, "segment": 8, "annual_value": { "amount_minor": "lots", "currency": "doubloons" } }
                },
                "a/b~c": 1
            }),
        );
        answer.refused(&[
            "/product type",
            "/text type",
            "/title too_short",
            "/source not_one_of",
            "/origin type",
            "/external_id too_short",
            "/url format",
            "/occurred_at format",
            "/rating too_large",
            "/nps too_small",
            "/severity not_one_of",
            "/kind not_one_of",
            "/language pattern",
            "/tags/0 pattern",
            "/tags/0 too_short",
            "/tags/1 type",
            "/fields type",
            "/customer/external_id type",
            "/customer/email format",
            "/customer/name too_short",
            "/customer/colour unknown_field",
            "/customer/account/name type",
            "/customer/account/segment type",
            "/customer/account/annual_value/amount_minor type",
            "/customer/account/annual_value/currency pattern",
            "/a~1b~0c unknown_field",
        ]);
        for sent in ["seagull", "pigeon", "magpie", "yesternight", "dreadful", "rant", "Klingonese", "heron", "teal"] {
            assert!(!answer.body.contains(sent), "{sent} is echoed: {answer:?}");
        }
        assert!(server.ids("/v1/feedback").is_empty(), "nothing was filed");
    });
}

#[test]
fn wrong_types_and_missing_fields_are_refused() {
    on_each_world(|server| {
        let refused = |body: Value, wrong: &[&str]| server.post("/v1/feedback", &body).refused(wrong);
        refused(json!({}), &["/text required"]);
        refused(json!([]), &[" type"]);
        refused(json!("text"), &[" type"]);
        refused(Value::Null, &[" type"]);
        refused(json!({ "text": null }), &["/text type"]);
        refused(json!({ "text": "x", "rating": "5" }), &["/rating type"]);
        refused(json!({ "text": "x", "rating": 4.5 }), &["/rating type"]);
        refused(json!({ "text": "x", "rating": 1e300 }), &["/rating too_large"]);
        refused(json!({ "text": "x", "customer": { "account": {} } }), &["/customer/account/name required"]);
        refused(json!({ "text": "x", "customer": { "email": "a b@example.com" } }), &["/customer/email format"]);
        refused(json!({ "text": "x", "customer": { "email": "@" } }), &["/customer/email format"]);
        refused(json!({ "text": "x", "occurred_at": "2026-02-30T00:00:00Z" }), &["/occurred_at format"]);
        refused(json!({ "text": "x", "occurred_at": "2026-02-20 10:00" }), &["/occurred_at format"]);
        let tags: Vec<String> = (0..51).map(|n| n.to_string()).collect();
        refused(json!({ "text": "x", "tags": tags }), &["/tags too_long"]);
        refused(json!({ "text": "x", "tags": ["a", " \t", "\u{3000}"] }), &["/tags/1 pattern", "/tags/2 pattern"]);
        let fields: serde_json::Map<String, Value> = (0..101).map(|n| (n.to_string(), json!(n))).collect();
        refused(json!({ "text": "x", "fields": fields }), &["/fields too_long"]);
        // A whole number may be written with a point.
        assert_eq!(server.request("POST", "/v1/feedback").json_text(r#"{"text":"x","rating":3.0}"#).send().status, 201);
        // Null is the same as absent.
        let nulls =
            json!({ "text": "x", "title": null, "customer": null, "tags": null, "fields": null, "rating": null });
        assert_eq!(server.post("/v1/feedback", &nulls).status, 201);
    });
}

#[test]
fn a_text_has_one_to_65536_characters() {
    on_each_world(|server| {
        let post = |text: String| server.post("/v1/feedback", json!({ "text": text }));
        post(String::new()).refused(&["/text too_short"]);
        assert_eq!(post("x".to_owned()).status, 201);
        for character in ["x", "한", "😀"] {
            let longest = character.repeat(65_536);
            let answer = post(longest.clone());
            assert_eq!(answer.status, 201, "65,536 times {character}");
            let read = server.get(&format!("/v1/feedback/{}", answer.id())).json();
            assert!(read["text"] == longest, "65,536 times {character}, unchanged");
            post(longest + character).refused(&["/text too_long"]);
        }
    });
}

#[test]
fn text_that_no_database_can_keep_is_refused() {
    on_each_world(|server| {
        let refused = |body: &str, wrong: &[&str]| {
            server.request("POST", "/v1/feedback").json_text(body).send().refused(wrong);
        };
        refused(r#"{"text":"a\u0000b"}"#, &["/text nul_character"]);
        refused(r#"{"text":"x","tags":["a","\u0000"]}"#, &["/tags/1 nul_character"]);
        refused(r#"{"text":"x","fields":{"a":[{"b":"\u0000"}]}}"#, &["/fields/a/0/b nul_character"]);
        refused(r#"{"text":"x","fields":{"\u0000":1}}"#, &["/fields nul_character"]);
        server.get("/v1/feedback?q=a%00b").refused(&["/q nul_character"]);
        for lone in [r#"{"text":"\ud800"}"#, r#"{"text":"a\udc00b"}"#, r#"{"text":"\ud83dx"}"#] {
            server.request("POST", "/v1/feedback").json_text(lone).send().problem(400, "malformed_request");
        }
        let pair = server.request("POST", "/v1/feedback").json_text(r#"{"text":"\ud83d\ude00"}"#).send();
        assert_eq!(pair.json()["text"], "😀");
        // Odd, but text all the same.
        let odd = "\u{feff}\u{fffe}\u{ffff}\u{10ffff}\u{202e}\u{1}\u{7f}\u{e000} \\ ' \" ; -- $1 ? %s";
        assert_eq!(server.file(&json!({ "text": odd, "title": odd, "tags": [odd], "external_id": odd }))["text"], odd);
    });
}

#[test]
fn bodies_that_are_not_json_are_refused() {
    on_each_world(|server| {
        let deep = "[".repeat(10_000);
        let deep_object = r#"{"text":"x","fields":"#.to_owned() + &r#"{"a":"#.repeat(10_000);
        let closed = format!(r#"{{"text":"x","fields":{}1{}}}"#, r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
        let texts =
            ["", " ", "{", "{\"text\":}", "{'text':'x'}", "{\"text\":\"x\"} trailing", "nul", "{\"text\":\"x\",}"];
        for text in texts.into_iter().chain([deep.as_str(), &deep_object, &closed, "{\"text\":\"x\",\"rating\":1e999}"])
        {
            let answer = server.request("POST", "/v1/feedback").json_text(text).send();
            if text.is_empty() {
                answer.refused(&["/text required"]);
            } else {
                answer.problem(400, "malformed_request");
            }
        }
        for bytes in [&b"{\"text\":\"\xff\xfe\"}"[..], b"{\"text\":\"\xed\xa0\x80\"}", b"\xef\xbb\xbf\x00"] {
            server.request("POST", "/v1/feedback").json_text(bytes).send().problem(400, "malformed_request");
        }
        assert!(server.ids("/v1/feedback").is_empty());
    });
}

#[test]
fn queries_are_checked_like_bodies() {
    on_each_world(|server| {
        let refused = |query: &str, wrong: &[&str]| server.get(&format!("/v1/feedback?{query}")).refused(wrong);
        refused(
            "colour=red&source=pigeon&limit=9999",
            &["/colour unknown_field", "/source not_one_of", "/limit too_large"],
        );
        refused("limit=1&limit=2", &["/limit repeated"]);
        refused("q=a&q=b&colour=", &["/q repeated", "/colour unknown_field"]);
        refused("q=", &["/q too_short"]);
        refused(&format!("q={}", "x".repeat(501)), &["/q too_long"]);
        refused("since=yesterday", &["/since format"]);
        refused("customer=kim", &["/customer format"]);
        refused("product=NOPE", &["/product unknown"]);
        for broken in ["q=%ZZ", "q=%", "q=%F", "q=%FF", "%FF=1", "q=%ED%A0%80"] {
            refused(broken, &[" malformed"]);
        }
        assert_eq!(server.get("/v1/feedback?").status, 200);
        assert_eq!(server.get("/v1/feedback?&&limit=5&").status, 200);
        assert_eq!(server.get("/v1/feedback?q=100%25+safe").status, 200);
    });
}
