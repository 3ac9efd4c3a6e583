//! Webhooks through the API of the real binary.

use std::time::Duration;

use serde_json::{Value, json};

use super::receiver::Receiver;
use crate::support::{World, eventually, on_each};

const OPEN: &[(&str, &str)] = &[("HEARBACK_ALLOW_PRIVATE_ADDRESSES", "true")];

fn create(server: &World, body: &Value) -> (String, String) {
    let answer = server.post("/v1/webhooks", body);
    assert_eq!((answer.status, answer.header("Cache-Control")), (201, Some("no-store")), "{answer:?}");
    (answer.id(), answer.json()["secret"].as_str().expect("a secret").to_owned())
}

fn act(server: &World, path: &str) -> Value {
    let answer = server.post(path, json!({}));
    assert!(answer.status < 300, "{path}: {answer:?}");
    answer.json()
}

#[test]
fn a_webhook_is_created_sends_messages_and_is_deleted() {
    on_each(|database| {
        let server = World::program_with(database, OPEN);
        let receiver = Receiver::answering("204 No Content");
        let (id, secret) = create(&server, &json!({ "url": receiver.url, "events": ["feedback.created"] }));
        let address = format!("/v1/webhooks/{id}");
        assert!(!server.get(&address).body.contains("secret\":"), "the secret is shown once");

        let feedback = server.file(&json!({ "text": "Refunds for Min-ji never come" }));
        eventually("the message comes", Duration::from_secs(10), || receiver.count() == 1);
        let message = receiver.got().remove(0);
        assert!(message.verifies(&secret), "{message:?}");
        assert_eq!(message.json()["type"], "feedback.created");
        assert_eq!(message.json()["data"]["subject_id"], feedback["id"]);
        assert!(!message.body.contains("Min-ji"), "no text, no personal data: {}", message.body);

        let rotated = act(&server, &format!("{address}/rotate"));
        let new = rotated["secret"].as_str().expect("a secret").to_owned();
        let test = act(&server, &format!("{address}/test"));
        eventually("the test comes", Duration::from_secs(10), || receiver.count() == 2);
        let message = receiver.got().remove(1);
        assert!(new != secret && message.verifies(&secret) && message.verifies(&new), "both for a day: {message:?}");
        assert_eq!(
            (message.json()["type"].as_str(), message.id()),
            (Some("webhook.test"), test["id"].as_str().unwrap())
        );

        let log = || server.get(&format!("{address}/deliveries?state=delivered")).json()["data"].clone();
        eventually("both are recorded", Duration::from_secs(10), || log().as_array().is_some_and(|d| d.len() == 2));
        let first = log()[1]["id"].as_str().expect("an id").to_owned();
        let again = act(&server, &format!("/v1/deliveries/{first}/replay"));
        eventually("it comes again", Duration::from_secs(10), || receiver.count() == 3);
        let got = receiver.got();
        assert_eq!((got[2].id(), &got[2].body), (first.as_str(), &got[0].body), "the same message, the same id");
        assert_ne!(again["id"], json!(first));
        let detail = server.get(&format!("/v1/deliveries/{first}")).json();
        assert_eq!((detail["state"].as_str(), detail["log"][0]["status"].as_i64()), (Some("delivered"), Some(204)));

        assert_eq!(act(&server, &format!("{address}/disable"))["active"], false);
        server.file(&json!({ "text": "unheard" }));
        let unheard = server.post(&format!("/v1/deliveries/{first}/replay"), json!({}));
        unheard.problem(409, "conflict");
        assert_eq!(act(&server, &format!("{address}/enable"))["active"], true);
        let stale = server.request("PATCH", &address).header("If-Match", "\"1\"").json(&json!({ "events": [] }));
        stale.send().problem(412, "version_mismatch");
        assert_eq!(server.request("PATCH", &address).json(&json!({ "events": ["theme.*"] })).send().status, 200);
        assert_eq!(server.request("DELETE", &address).send().status, 204);
        assert_eq!(server.get(&address).status, 404);
        assert_eq!(server.get(&format!("{address}/deliveries")).status, 200, "its log stays");
    });
}

#[test]
fn wrong_webhooks_are_refused() {
    on_each(|database| {
        let server = World::program(database);
        let refused = |body: Value, wrong: &[&str]| server.post("/v1/webhooks", &body).refused(wrong);
        for url in [
            "http://example.com/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://169.254.169.254/latest",
            "https://u:p@example.com/",
            "ftp://example.com/",
        ] {
            refused(json!({ "url": url }), &["/url not_allowed"]);
        }
        let wrong =
            json!({ "url": "https://example.com/", "events": ["story.*", "story.x", "*x", "sto*"], "product": "NO" });
        refused(wrong, &["/events/1 unknown", "/events/2 unknown", "/events/3 unknown", "/product unknown"]);
        let unknown = json!({ "url": "https://example.com/", "events": ["link.removed"] });
        let said = server.post("/v1/webhooks", &unknown).body;
        assert!(said.contains("there are link.created, link.deleted"), "it says what there is: {said}");
        refused(json!({ "url": "https://example.com/", "format": "slack" }), &["/format pattern"]);
        for kind in hearback::domain::base::event_kinds::all() {
            let body = json!({ "url": "https://example.com/", "events": [kind.name], "format": "full" });
            assert_eq!(server.post("/v1/webhooks", &body).status, 201, "{}", kind.name);
        }
        let (id, _) =
            create(&server, &json!({ "url": "https://example.com/", "product": "HB", "desk_origin": "zendesk" }));
        let patch = server.request("PATCH", &format!("/v1/webhooks/{id}")).json(&json!({ "url": "https://10.0.0.1/" }));
        patch.send().refused(&["/url not_allowed"]);
    });
}
