//! Failing mail is reported: in the log, the metrics, the closure, the list of deliveries, and the health check.

use std::time::Duration;

use hearback::domain::base::Time;
use serde_json::{Value, json};

use crate::support::{World, eventually, on_each};

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap_or_else(|| panic!("no id: {value}")).to_owned()
}

/// A customer of a released story, whose mail is due.
fn released(server: &World) {
    let at_once = json!({ "settings": { "recall_minutes": 0 } });
    assert_eq!(
        server
            .request("PATCH", &format!("/v1/products/{}", server.ids("/v1/products")[0]))
            .json(&at_once)
            .send()
            .status,
        200
    );
    let said = json!({
        "text": "The refund has not arrived after two weeks", "customer": { "email": "kim@example.com", "name": "Kim" },
        "occurred_at": Time::parse("2026-01-12T09:41:00Z").unwrap(),
    });
    let feedback = server.file(&said);
    let theme =
        || server.get(&format!("/v1/feedback/{}", id(&feedback))).json()["theme"]["id"].as_str().map(str::to_owned);
    eventually("it is grouped", Duration::from_secs(30), || theme().is_some());
    let story = server.post("/v1/stories", json!({ "theme_id": theme(), "title": "Refunds show a date" })).json();
    for stage in ["accepted", "ready"] {
        let moved = server.post(&format!("/v1/stories/{}/transitions", id(&story)), json!({ "to": stage }));
        assert_eq!(moved.status, 200, "{moved:?}");
    }
    let release = server.post("/v1/releases", json!({ "name": "1.0" })).json();
    let path = format!("/v1/releases/{}", id(&release));
    assert_eq!(server.post(&format!("{path}/stories"), json!({ "story_ids": [id(&story)] })).status, 200);
    assert_eq!(server.post(&format!("{path}/ship"), json!({ "deployed": true })).status, 200);
}

#[test]
fn mail_that_fails_is_seen_everywhere() {
    on_each(|database| {
        let settings =
            [("HEARBACK_SMTP_URL", "smtp://127.0.0.1:9"), ("HEARBACK_MAIL_FROM", "Paylo <voice@paylo.example>")];
        let server = World::program_with(database, &settings);
        assert_eq!(server.get("/readyz").json()["status"], "ok");
        released(&server);
        let failed = || server.ids("/v1/deliveries?channel=mail&state=failed");
        eventually("the mail fails", Duration::from_secs(30), || failed().len() == 1);

        let closure = || server.get("/v1/closures").json()["data"][0].clone();
        let reason = closure()["reason"].as_str().map(str::to_owned).unwrap_or_default();
        assert!(reason.starts_with("Not sent yet: ") && reason.len() > 20, "{}", closure());
        assert_eq!(closure()["state"], "waiting");
        for (query, count) in [
            ("channel=mail", 1),
            ("channel=webhook", 0),
            ("state=dead", 0),
            ("state=pending", 1),
            ("channel=mail&state=delivered", 0),
        ] {
            assert_eq!(server.ids(&format!("/v1/deliveries?{query}")).len(), count, "{query}");
        }
        let of_closure = format!("/v1/deliveries?target={}&event=closure.opened", id(&closure()));
        assert_eq!(server.ids(&of_closure), failed());
        server.get("/v1/deliveries?channel=fax&state=odd").refused(&["/channel not_one_of", "/state not_one_of"]);

        let ready = || server.get("/readyz");
        eventually("it says so", Duration::from_secs(30), || ready().json()["status"] == "degraded");
        let shown = ready();
        assert_eq!((shown.status, &shown.json()["reasons"][0]["code"]), (200, &json!("mail_failing")));
        assert!(shown.json()["reasons"][0]["since"].is_string(), "{shown:?}");
        let metrics = server.get("/metrics").body;
        for line in [
            "hearback_deliveries_pending{channel=\"mail\",retrying=\"true\"} 1",
            "hearback_closures{state=\"waiting\"} 1",
        ] {
            assert!(metrics.lines().any(|found| found == line), "{line} in {metrics}");
        }
        assert!(metrics.contains("hearback_delivery_attempts_total{channel=\"mail\",outcome=\"failed\"}"), "{metrics}");
        assert!(metrics.contains("hearback_job_runs_total{job=\"outbox\"}"), "{metrics}");

        let log = std::fs::read_to_string(server.database.folder().join("server.log")).unwrap();
        let told: Vec<&str> =
            log.lines().filter(|line| line.contains("a delivery failed and is tried again")).collect();
        assert!(
            told.first().is_some_and(|line| line.contains("WARN") && line.contains("\"channel\":\"mail\"")),
            "{log}"
        );
        assert!(!log.contains("kim@example.com"), "{log}");

        // It can be tried at once.
        let path = format!("/v1/deliveries/{}", failed()[0]);
        let attempts = || server.get(&path).json()["attempts"].as_i64().unwrap();
        let before = attempts();
        let again = server.post(&format!("{path}/replay"), json!({}));
        assert_eq!((again.status, again.id()), (202, failed()[0].clone()), "{again:?}");
        eventually("it is tried", Duration::from_secs(30), || attempts() > before);
    });
}
