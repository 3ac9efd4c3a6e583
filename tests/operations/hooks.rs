//! The hooks of Grafana, PagerDuty, Sentry and CDEvents, with payloads as the systems send them.

use hearback::config::Config;
use hearback::domain::team::Role;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::alerts::{alert, group};
use crate::support::{Answer, World, on_each_world, on_each_world_with};

const SECRET: &str = "a secret of monitoring";

fn with_secrets(config: &mut Config) {
    config.grafana_secret = Some(SECRET.to_owned());
    config.sentry_secret = Some(SECRET.to_owned());
}

fn signature(parts: &[&[u8]]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn incident_of(world: &World, answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    world.read(&format!("/v1/incidents/{}", answer.json()["incident_id"].as_str().expect("an incident")))
}

#[test]
fn grafana_signs_its_alerts_or_has_a_token() {
    on_each_world_with(with_secrets, |world| {
        world.admin();
        let mut body = group("{}:{alertname=\"HighErrorRate\"}", vec![alert(world, "a", "firing", 1)]);
        body["version"] = json!("1");
        body["orgId"] = json!(1);
        body["state"] = json!("alerting");
        body["title"] = json!("[FIRING:1] HighErrorRate");
        body["alerts"][0]["values"] = json!({ "A": 12.5 });
        let text = body.to_string();
        let sent = |name: &str, value: &str, more: Option<(&str, &str)>| {
            let request = world.open("POST", "/v1/hooks/grafana").header(name, value).json_text(text.clone());
            more.into_iter().fold(request, |request, (name, value)| request.header(name, value)).send()
        };
        let name = "X-Grafana-Alerting-Signature";
        let incident = incident_of(world, &sent(name, &signature(&[text.as_bytes()]), None));
        assert_eq!((&incident["source"], &incident["severity"]), (&json!("grafana"), &json!(1)));
        let now = (world.now().0 / 1_000_000).to_string();
        let signed = signature(&[now.as_bytes(), b":", text.as_bytes()]);
        let timed = sent(name, &signed, Some(("X-Grafana-Alerting-Timestamp", &now)));
        assert_eq!(timed.json()["outcome"], "repeated", "{timed:?}");
        sent(name, &signature(&[b"another body"]), None).problem(401, "bad_signature");
        let token = format!("Bearer {}", world.token(Role::Ingest));
        assert_eq!(sent("Authorization", &token, None).json()["outcome"], "repeated");
        let viewer = format!("Bearer {}", world.token(Role::Viewer));
        assert_eq!(sent("Authorization", &viewer, None).status, 403);
        assert_eq!(sent("Authorization", "Bearer hb_unknown", None).status, 401);
    });
}

#[test]
fn seeing_nothing_opens_at_the_lowest_severity() {
    on_each_world_with(with_secrets, |world| {
        world.admin();
        let token = world.token(Role::Ingest);
        let mut blind = alert(world, "a", "firing", 1);
        blind["labels"]["alertname"] = json!("DatasourceNoData");
        let sent = |alerts: Vec<Value>| world.send("POST", "/v1/hooks/grafana", &token, Some(&group("g", alerts)));
        let incident = incident_of(world, &sent(vec![blind.clone()]));
        assert_eq!(incident["severity"], 5);
        let incident = incident_of(world, &sent(vec![blind, alert(world, "b", "firing", 2)]));
        assert_eq!(incident["severity"], 1, "now something is broken");
    });
}

#[test]
fn old_messages_of_grafana_are_read() {
    on_each_world(|world| {
        world.admin();
        let token = world.token(Role::Ingest);
        let sent = |state: &str| {
            let body = json!({
                "dashboardId": 1, "evalMatches": [{ "value": 100, "metric": "High value", "tags": null }], "message": "Someone is testing",
                "orgId": 0, "panelId": 1, "ruleId": 7, "ruleName": "Error rate", "ruleUrl": "http://localhost:3000/", "state": state,
                "tags": { "tag": "x" }, "title": "[Alerting] Error rate",
            });
            world.send("POST", "/v1/hooks/grafana", &token, Some(&body))
        };
        let incident = incident_of(world, &sent("alerting"));
        assert_eq!((&incident["title"], &incident["summary"]), (&json!("Error rate"), &json!("Someone is testing")));
        assert_eq!(sent("alerting").json()["outcome"], "repeated");
        assert_eq!(sent("paused").status, 202);
        assert_eq!(sent("ok").json()["outcome"], "mitigated");
        sent("burning").refused(&["/state not_one_of"]);
        let unset = world.open("POST", "/v1/hooks/grafana").json(&json!({})).send();
        assert_eq!(unset.status, 404, "no secret is set, and there is no token: {unset:?}");
    });
}

#[test]
fn every_tool_that_pages_pagerduty_pages_hearback() {
    on_each_world(|world| {
        let ada = world.admin();
        let token = world.token(Role::Ingest);
        let send = |body: Value| world.open("POST", "/v1/hooks/pagerduty").json(&body).send();
        let event = |action: &str| {
            send(json!({
                "routing_key": token, "event_action": action, "dedup_key": "checkout-errors", "client": "Prometheus",
                "client_url": "https://prometheus.example.com", "links": [], "images": [],
                "payload": { "summary": "Payments fail", "source": "checkout", "severity": "critical",
                    "timestamp": "2026-11-29T04:00:00.000+0000", "component": "api", "custom_details": { "free": "text" } },
            }))
        };
        let opened = event("trigger");
        assert_eq!(opened.status, 202, "{opened:?}");
        let answer = opened.json();
        assert_eq!((&answer["status"], &answer["dedup_key"]), (&json!("success"), &json!("checkout-errors")));
        let path = format!("/v1/incidents/{}", answer["incident"].as_str().unwrap());
        let incident = world.read(&path);
        assert_eq!((&incident["source"], &incident["severity"]), (&json!("pagerduty"), &json!(1)));
        assert_eq!(incident["services"], json!(["api"]));
        event("trigger");
        assert_eq!(world.read(&path)["alert_count"], 1, "a repeat");
        event("acknowledge");
        let acknowledged = world.read(&path);
        assert_eq!((&acknowledged["state"], &acknowledged["acknowledged_by"]), (&json!("acknowledged"), &json!(null)));
        event("resolve");
        assert_eq!(world.read(&path)["state"], "mitigated", "only a person resolves");
        event("acknowledge");
        assert_eq!(world.read(&path)["state"], "mitigated", "too late");
        world.act(&incident, "resolve", &ada.token, None);
        let new = send(json!({ "routing_key": token, "event_action": "trigger",
            "payload": { "summary": "Another", "source": "web", "severity": "info" } }));
        assert!(new.json()["dedup_key"].as_str().unwrap().len() > 20, "a key is made");
        send(json!({ "routing_key": token, "event_action": "page", "payload": {} }))
            .refused(&["/event_action not_one_of", "/dedup_key required"]);
        send(json!({ "routing_key": token, "event_action": "trigger", "dedup_key": "x".repeat(256), "payload": { "severity": "bad" } }))
            .refused(&["/dedup_key too_long", "/payload/summary required", "/payload/source required", "/payload/severity not_one_of"]);
        assert_eq!(send(json!({ "routing_key": "R0UT1NGK3Y", "event_action": "trigger" })).status, 401);
        assert_eq!(send(json!({ "event_action": "trigger" })).status, 401);
        let unknown = send(json!({ "routing_key": token, "event_action": "resolve", "dedup_key": "never seen" }));
        assert_eq!((unknown.status, &unknown.json()["incident"]), (202, &json!(null)));
    });
}

#[test]
fn of_an_alert_of_sentry_nothing_about_users_is_kept() {
    on_each_world_with(with_secrets, |world| {
        world.admin();
        let send = |resource: &str, body: &Value, signed: &str| {
            let request = world.open("POST", "/v1/hooks/sentry").header("Sentry-Hook-Resource", resource);
            let request = request.header("Sentry-Hook-Signature", signed).header("Request-ID", "4f2d");
            request.json_text(body.to_string()).send()
        };
        let signed = |resource: &str, body: &Value| send(resource, body, &signature(&[body.to_string().as_bytes()]));
        let triggered = json!({
            "action": "triggered", "actor": { "id": "sentry", "name": "Sentry", "type": "application" },
            "data": { "event": {
                "event_id": "e4874d664c3540c1a32eab185f12c5ab", "title": "ReferenceError: heck is not defined", "level": "error",
                "culprit": "?(<anonymous>)", "web_url": "https://sentry.io/organizations/acme/issues/1170820242/",
                "issue_id": "1170820242", "environment": "production", "release": "1.4.0",
                "user": { "id": "quuxwimble-1", "ip_address": "203.0.113.7", "geo": { "city": "Quuxwimble" } },
                "request": { "headers": [["User-Agent", "Quuxwimble"]] },
            }, "triggered_rule": "Very Important Alert Rule!" },
            "installation": { "uuid": "a8e5d37a-696c-4c54-adb5-b3f28d64c7de" },
        });
        let incident = incident_of(world, &signed("event_alert", &triggered));
        assert_eq!((&incident["severity"], &incident["source"]), (&json!(2), &json!("sentry")));
        assert_eq!(signed("event_alert", &triggered).json()["outcome"], "repeated");
        let alerts = world.read(&format!("/v1/incidents/{}/alerts", incident["id"].as_str().unwrap()));
        let expected = json!({ "level": "error", "environment": "production", "release": "1.4.0" });
        assert_eq!(alerts["data"][0]["labels"], expected);
        assert!(world.database.places_of(&["quuxwimble", "203.0.113.7"]).is_empty(), "nothing about the user is kept");
        send("event_alert", &triggered, "00").problem(401, "bad_signature");
        let resolved =
            json!({ "action": "resolved", "data": { "issue": { "id": "1170820242", "title": "ReferenceError" } } });
        assert_eq!(signed("issue", &resolved).json()["outcome"], "mitigated");
        assert_eq!(signed("installation", &json!({ "action": "created" })).status, 202);
        let metric = |action: &str| {
            let alert = json!({ "id": "5", "title": "Too many errors", "date_started": "2026-11-29T04:00:00Z" });
            signed(
                "metric_alert",
                &json!({ "action": action, "data": { "metric_alert": alert, "description_title": "Critical: Too many errors" } }),
            )
        };
        assert_eq!(incident_of(world, &metric("critical"))["severity"], 1);
        assert_eq!(metric("resolved").json()["outcome"], "mitigated");
        signed("event_alert", &json!({ "action": "triggered", "data": {} })).refused(&["/data/event required"]);
    });
}

#[test]
fn cdevents_detect_report_and_resolve_one_incident() {
    on_each_world(|world| {
        let ada = world.admin();
        let deployed =
            world.post("/v1/deployments", json!({ "revision": "pkg:oci/myapp@sha256%3A0b31b1c02ff458ad9b7b" })).json();
        let event = |id: &str, kind: &str, content: Value| {
            let body = json!({
                "specversion": "1.0", "id": id, "source": "/event/source/123", "type": format!("dev.cdevents.incident.{kind}.0.3.0-draft"),
                "data": { "context": { "version": "0.6.0-draft", "timestamp": "2023-03-20T14:27:05.315384Z" },
                    "subject": { "id": "incident-123", "source": "/monitoring/prod1", "content": content } },
            });
            let request =
                world.request("POST", "/v1/hooks/cdevents").header("Content-Type", "application/cloudevents+json");
            let answer = request.body(body.to_string()).send();
            assert_eq!(answer.status, 200, "{answer:?}");
            answer.json()
        };
        let content = json!({
            "description": "Response time above 10ms", "environment": { "id": "prod1", "source": "/iaas/geo1" },
            "service": { "id": "myApp", "source": "/clusterA/namespaceB" }, "artifactId": "pkg:oci/myapp@sha256%3A0b31b1c02ff458ad9b7b",
        });
        let detected = event("e1", "detected", content.clone());
        let id = detected["incident_ids"][0].as_str().unwrap();
        let path = format!("/v1/incidents/{id}");
        assert_eq!(world.read(&path)["title"], "Response time above 10ms");
        let link = world.read(&format!("{path}/links"))["data"][0].clone();
        assert_eq!((&link["target_id"], &link["how"]), (&deployed["id"], &json!("explicit")), "{link}");
        let mut reported = content.clone();
        reported["ticketURI"] = json!("https://my-issues.example/incidents/ticket-345");
        assert_eq!(event("e2", "reported", reported)["incident_ids"], json!([id]));
        assert_eq!(event("e1", "detected", content.clone())["outcome"], "repeated");
        assert_eq!(event("e3", "resolved", content)["incident_ids"], json!([id]));
        let incident = world.read(&path);
        assert_eq!(incident["state"], "mitigated");
        assert_eq!(world.act(&incident, "resolve", &ada.token, None).json()["state"], "resolved");
        assert_eq!(world.ids("/v1/incidents").len(), 1);
    });
}

#[test]
fn hooks_that_take_alerts_in_are_sources_with_their_freshness() {
    on_each_world_with(with_secrets, |world| {
        world.admin();
        let token = world.token(Role::Ingest);
        let source = || {
            let all = world.read("/v1/sources")["data"].clone();
            let own = all.as_array().unwrap().iter().find(|one| one["name"] == "grafana").cloned();
            own.map(|one| (one["kind"].clone(), one["received"].clone(), one["last_received_at"].clone()))
        };
        assert_eq!(source(), None, "nothing came");
        let send = |alerts: Vec<Value>| world.send("POST", "/v1/hooks/grafana", &token, Some(&group("g", alerts)));
        let alerts = vec![alert(world, "a", "firing", 1), alert(world, "b", "firing", 2)];
        assert_eq!(send(alerts.clone()).status, 200);
        let (kind, received, first) = source().expect("a source, though nothing was refused");
        assert_eq!((kind, received, first.is_string()), (json!("hook"), json!(2), true));
        world.clock().advance(3_600_000_000);
        assert_eq!(send(alerts).status, 200);
        let (_, received, last) = source().unwrap();
        assert_eq!(received, json!(2), "the same alerts again");
        assert!(last.as_str() > first.as_str(), "a repeat says that the source is alive: {first} {last}");
        world.clock().advance(31 * 86_400_000_000);
        assert_eq!(source().unwrap().1, json!(0), "of the last 30 days");
    });
}
