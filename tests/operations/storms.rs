//! A storm of alerts is one incident, with bounded rows.

use std::time::Instant;

use hearback::domain::team::Role;
use serde_json::{Value, json};

use super::alerts::{alert, group, send};
use super::timeline;
use crate::support::{on_each_world, on_each_world_with};

#[test]
fn a_storm_of_alerts_is_one_incident_with_bounded_rows() {
    on_each_world(|world| {
        world.admin();
        let storm = |state: &str| group("g", (0..10_000).map(|n| alert(world, &n.to_string(), state, 1)).collect());
        let (firing, over) = (storm("firing"), storm("resolved"));
        let began = Instant::now();
        let opened = send(world, &firing).json();
        let took = began.elapsed();
        assert!(took.as_secs() < 20, "{took:?}");
        let path = format!("/v1/incidents/{}", opened["number"].as_str().unwrap());
        let incident = world.read(&path);
        assert_eq!(incident["alert_count"], 10_000);
        assert_eq!(world.walk(&format!("{path}/alerts?limit=200"), || ()).len(), 200);
        assert!(timeline(world, &incident).len() < 5);
        assert_eq!(send(world, &firing).json()["incident_id"], incident["id"], "sent again");
        assert_eq!(world.read(&path)["alert_count"], 10_000);
        // The sender cut the message: what it left out may go on.
        let mut cut = group("g", over["alerts"].as_array().unwrap()[..300].to_vec());
        cut["truncatedAlerts"] = json!(9_700);
        send(world, &cut);
        assert_eq!(world.read(&path)["state"], "open");
        assert_eq!(send(world, &over).json()["outcome"], "mitigated");
        assert_eq!(world.ids("/v1/incidents").len(), 1);
    });
}

#[test]
fn a_hook_never_answers_429() {
    on_each_world_with(
        |config| config.rate_limit = 2,
        |world| {
            world.admin();
            let ingest = world.token(Role::Ingest);
            let body = group("g", vec![alert(world, "a", "firing", 1)]);
            let sent = |path: &str, body: &Value| world.send("POST", path, &ingest, Some(body));
            for _ in 0..2 {
                assert_eq!(sent("/v1/hooks/alertmanager", &body).status, 200);
            }
            let busy = sent("/v1/hooks/alertmanager", &body);
            busy.problem(503, "busy");
            assert!(busy.header("Retry-After").is_some());
            let event = json!({ "routing_key": ingest, "event_action": "resolve", "dedup_key": "k" });
            world.open("POST", "/v1/hooks/pagerduty").json(&event).send().problem(503, "busy");
        },
    );
}
