//! Alerts of Alertmanager: alerts of one key are one incident.

use hearback::domain::team::Role;
use serde_json::{Value, json};

use super::timeline;
use crate::support::{Answer, World, on_each_world};

/// An alert of a group, which fires or is over since a minute.
pub fn alert(world: &World, name: &str, state: &str, began: i64) -> Value {
    let now = world.now();
    let minutes = |minutes: i64| now.plus(-minutes * 60_000_000).to_string();
    let ends = if state == "firing" { "0001-01-01T00:00:00Z".to_owned() } else { minutes(0) };
    // The start of an alert stays the same, though the clock of the test moves on.
    let starts = began_at(began);
    json!({
        "status": state, "labels": { "alertname": "HighErrorRate", "service": name, "severity": "critical", "pod": name },
        "annotations": { "summary": "Payments fail" }, "startsAt": starts, "endsAt": ends,
        "generatorURL": "http://prometheus.example.com/graph?g0.expr=up", "fingerprint": format!("fp-{name}"),
    })
}

/// A start of an alert, told apart by its number.
pub fn began_at(number: i64) -> String {
    hearback::domain::base::Time(1_790_000_000_000_000 + number * 1_000_000).to_string()
}

/// A message of Alertmanager about a group.
pub fn group(key: &str, alerts: Vec<Value>) -> Value {
    let firing = alerts.iter().any(|alert| alert["status"] == "firing");
    json!({
        "version": "4", "groupKey": key, "truncatedAlerts": 0, "status": if firing { "firing" } else { "resolved" },
        "receiver": "hearback", "groupLabels": { "alertname": "HighErrorRate" },
        "commonLabels": { "alertname": "HighErrorRate", "severity": "critical" },
        "commonAnnotations": { "summary": "Payments fail", "description": "More than 5% of requests fail." },
        "externalURL": "http://alertmanager.example.com", "notification_reason": "a field of a later version",
        "alerts": alerts,
    })
}

pub fn send(world: &World, body: &Value) -> Answer {
    let answer = world.send("POST", "/v1/hooks/alertmanager", &world.token(Role::Ingest), Some(body));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

fn outcome(answer: &Answer) -> String {
    answer.json()["outcome"].as_str().unwrap().to_owned()
}

#[test]
fn alerts_of_one_group_are_one_incident_until_all_are_over() {
    on_each_world(|world| {
        let ada = world.admin();
        let (a, b) = (alert(world, "a", "firing", 1), alert(world, "b", "firing", 2));
        let opened = send(world, &group("g", vec![a.clone()]));
        assert_eq!(outcome(&opened), "opened");
        let id = opened.json()["incident_id"].as_str().unwrap().to_owned();
        let now = || world.read(&format!("/v1/incidents/{id}"));
        let incident = now();
        assert_eq!((&incident["source"], &incident["severity"]), (&json!("alertmanager"), &json!(1)));
        assert_eq!(incident["title"], "HighErrorRate: Payments fail");
        assert_eq!((&incident["services"], &incident["owner_id"]), (&json!(["a"]), &json!(ada.id)));
        for _ in 0..3 {
            assert_eq!(outcome(&send(world, &group("g", vec![a.clone()]))), "repeated");
        }
        assert_eq!(world.rows_of_events(&incident).len(), 2, "a repeat changes nothing");
        assert_eq!(outcome(&send(world, &group("g", vec![a.clone(), b.clone()]))), "updated");
        let over = |name: &str, began| alert(world, name, "resolved", began);
        assert_eq!(outcome(&send(world, &group("g", vec![over("a", 1), b]))), "updated");
        assert_eq!(now()["state"], "open");
        assert_eq!(outcome(&send(world, &group("g", vec![over("a", 1), over("b", 2)]))), "mitigated");
        let mitigated = now();
        assert_eq!((&mitigated["state"], &mitigated["alert_count"]), (&json!("mitigated"), &json!(2)));
        assert_eq!(outcome(&send(world, &group("g", vec![over("a", 1), over("b", 2)]))), "repeated");
        assert_eq!(outcome(&send(world, &group("g", vec![a]))), "repeated", "an old message that arrives late");
        let alerts = world.read(&format!("/v1/incidents/{id}/alerts"))["data"].clone();
        assert_eq!(alerts.as_array().unwrap().len(), 2);
        assert!(alerts[1]["repeats"].as_i64().unwrap() >= 4, "{alerts}");
        let status = timeline(world, &incident).into_iter().rfind(|entry| entry["kind"] == "status").unwrap();
        assert_eq!(status["data"]["automatic"], true);
    });
}

#[test]
fn what_comes_back_soon_is_a_flap_and_later_a_recurrence() {
    on_each_world(|world| {
        let ada = world.admin();
        let opened = send(world, &group("g", vec![alert(world, "a", "firing", 1)])).json();
        let first = world.read(&format!("/v1/incidents/{}", opened["number"].as_str().unwrap()));
        world.act(&first, "acknowledge", &ada.token, None);
        send(world, &group("g", vec![alert(world, "a", "resolved", 1)]));
        world.minutes_pass(29);
        assert_eq!(outcome(&send(world, &group("g", vec![alert(world, "a", "firing", 2)]))), "reopened");
        let flapped = world.incident_now(&first);
        assert_eq!(
            (&flapped["flaps"], &flapped["state"]),
            (&json!(1), &json!("acknowledged")),
            "nobody is paged twice"
        );
        send(world, &group("g", vec![alert(world, "a", "resolved", 2)]));
        world.act(&first, "resolve", &ada.token, None);
        world.minutes_pass(31);
        let later = send(world, &group("g", vec![alert(world, "a", "firing", 3)])).json();
        assert_eq!(later["outcome"], "opened");
        let later = world.read(&format!("/v1/incidents/{}", later["incident_id"].as_str().unwrap()));
        assert_eq!((&later["recurrence_of"], &later["state"]), (&first["id"], &json!("open")));
        world.act(&first, "reopen", &ada.token, None).problem(409, "conflict");
        world.settings(json!({ "settle_minutes": 0 }));
        send(world, &group("g", vec![alert(world, "a", "resolved", 3)]));
        world.minutes_pass(1);
        assert_eq!(outcome(&send(world, &group("g", vec![alert(world, "a", "firing", 4)]))), "opened");
    });
}

#[test]
fn what_is_over_before_it_was_reported_opens_nothing() {
    on_each_world(|world| {
        let over = group("g", vec![alert(world, "a", "resolved", 1)]);
        assert_eq!(outcome(&send(world, &over)), "stored");
        assert_eq!(outcome(&send(world, &over)), "repeated");
        assert_eq!(world.read("/v1/incidents")["data"], json!([]));
        // Its firing arrives late: it is over all the same.
        assert_eq!(outcome(&send(world, &group("g", vec![alert(world, "a", "firing", 1)]))), "repeated");
        assert_eq!(world.read("/v1/incidents")["data"], json!([]));
    });
}

#[test]
fn alerts_wait_until_somebody_can_own_an_incident() {
    on_each_world(|world| {
        let ingest = world.token(Role::Ingest);
        let firing = group("g", vec![alert(world, "a", "firing", 1)]);
        let refused = world.send("POST", "/v1/hooks/alertmanager", &ingest, Some(&firing));
        refused.problem(503, "unavailable");
        assert!(refused.header("Retry-After").is_some(), "Alertmanager sends it again");
        world.admin();
        assert_eq!(outcome(&send(world, &firing)), "opened", "nothing of the refused message is kept");
    });
}

#[test]
fn a_bad_message_names_what_is_wrong() {
    on_each_world(|world| {
        world.admin();
        let ingest = world.token(Role::Ingest);
        let refused = |body: Value| world.send("POST", "/v1/hooks/alertmanager", &ingest, Some(&body));
        refused(json!({ "version": "4" })).refused(&["/status required"]);
        refused(json!({ "status": "firing" })).refused(&["/alerts required"]);
        refused(json!({ "status": "firing", "alerts": 1 })).refused(&["/alerts type"]);
        let wrong = json!({ "status": "burning", "labels": {}, "startsAt": "yesterday" });
        refused(json!({ "status": "firing", "alerts": [wrong, { "status": "firing", "startsAt": "2026-01-01T00:00:00Z" }] }))
            .refused(&["/alerts/0/status not_one_of", "/alerts/0/startsAt format"]);
        let unknown = world.send("POST", "/v1/hooks/alertmanager?product=NONE", &ingest, Some(&group("g", Vec::new())));
        unknown.refused(&["/product unknown"]);
        let viewer = world.token(Role::Viewer);
        assert_eq!(world.send("POST", "/v1/hooks/alertmanager", &viewer, Some(&group("g", Vec::new()))).status, 403);
        assert_eq!(world.send("POST", "/v1/hooks/alertmanager", "", Some(&group("g", Vec::new()))).status, 401);
        let malformed = world.request("POST", "/v1/hooks/alertmanager").token(Some(&ingest)).json_text("{").send();
        malformed.problem(400, "malformed_request");
        assert_eq!(world.read("/v1/incidents")["data"], json!([]));
    });
}

#[test]
fn a_token_may_be_the_password_of_basic_authentication() {
    use base64::Engine as _;
    on_each_world(|world| {
        world.admin();
        let pair = format!("alertmanager:{}", world.token(Role::Ingest));
        let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
        let body = group("g", vec![alert(world, "a", "firing", 1)]);
        let sent = world.open("POST", "/v1/hooks/alertmanager").header("Authorization", &basic).json(&body).send();
        assert_eq!(sent.status, 200, "{sent:?}");
        let elsewhere = world.open("GET", "/v1/incidents").header("Authorization", &basic).send();
        assert_eq!(elsewhere.status, 401, "only for hooks");
    });
}

#[test]
fn two_messages_at_once_open_one_incident() {
    on_each_world(|world| {
        world.admin();
        let ingest = world.token(Role::Ingest);
        for round in 0..3 {
            let key = format!("g{round}");
            let bodies = ["a", "b", "c", "a"].map(|name| group(&key, vec![alert(world, name, "firing", round)]));
            let numbers: Vec<String> = std::thread::scope(|scope| {
                let sent = bodies.iter().map(|body| {
                    let ingest = &ingest;
                    scope.spawn(move || world.send("POST", "/v1/hooks/alertmanager", ingest, Some(body)))
                });
                let sent: Vec<_> = sent.collect();
                sent.into_iter()
                    .map(|sent| sent.join().unwrap().json()["number"].as_str().unwrap().to_owned())
                    .collect()
            });
            assert!(numbers.iter().all(|number| *number == numbers[0]), "{numbers:?}");
            let incident = world.read(&format!("/v1/incidents/{}", numbers[0]));
            assert_eq!(incident["alert_count"], 3);
        }
        assert_eq!(world.ids("/v1/incidents").len(), 3);
    });
}
