//! The metrics, and the dashboard and alert rules that use them.

use std::collections::BTreeSet;

use hearback::domain::team::Role;
use hearback::meter;
use serde_json::{Value, json};

use crate::support::{on_each_world, on_each_world_with};

/// The names of the metrics in a text in Prometheus' format.
fn names(text: &str) -> BTreeSet<String> {
    let typed = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    typed.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// The names of our metrics in an expression.
fn used(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let ours = words.filter(|word| word.starts_with("hearback_") || word.starts_with("http_server_"));
    ours.map(|word| ["_bucket", "_count", "_sum"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word))
        .map(str::to_owned)
        .collect()
}

fn expressions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, field)| match field {
            Value::String(text) if name == "expr" => found.push(text.clone()),
            field => expressions(field, found),
        }),
        Value::Array(items) => items.iter().for_each(|item| expressions(item, found)),
        _ => {}
    }
}

/// A counter with labels appears after its first increment.
fn count_something() {
    let _ = meter::step("test", |()| false, || Ok(()));
    let _ = meter::step("test", |()| false, || Err::<(), _>(hearback::error::Code::Conflict.into()));
    meter::attempt("test", "delivered");
}

#[test]
fn the_dashboard_and_the_alerts_use_metrics_that_exist() {
    on_each_world(|world| {
        count_something();
        let viewer = world.token(Role::Viewer);
        world.send("POST", "/v1/feedback", &world.token(Role::Admin), Some(&json!({ "text": "Refund" })));
        let there = names(&world.send("GET", "/metrics", &viewer, None).body);
        let dashboard: Value = serde_json::from_str(include_str!("../../examples/monitoring/grafana.json")).unwrap();
        let mut shown = Vec::new();
        expressions(&dashboard, &mut shown);
        assert!(shown.len() > 15, "{shown:?}");
        for (file, text) in [
            ("grafana.json", shown.join("\n")),
            ("alerts.yaml", include_str!("../../examples/monitoring/alerts.yaml").to_owned()),
        ] {
            let lost: Vec<String> = used(&text).into_iter().filter(|name| !there.contains(name)).collect();
            assert!(lost.is_empty(), "{file} names metrics that do not exist: {lost:?}\n{there:?}");
        }
    });
}

#[test]
fn metrics_count_pending_work_without_personal_data() {
    on_each_world(|world| {
        let admin = world.token(Role::Admin);
        let said =
            json!({ "text": "Refund for kim@example.com", "customer": { "email": "kim@example.com", "name": "Kim" } });
        assert_eq!(world.send("POST", "/v1/feedback", &admin, Some(&said)).status, 201);
        let text = world.send("GET", "/metrics", &admin, None).body;
        for line in [
            "hearback_grouping_pending 1",
            "hearback_feedback{state=\"pending\"} 1",
            "hearback_deliveries_pending{channel=\"mail\",retrying=\"true\"} 0",
            "hearback_deliveries_dead{channel=\"webhook\"} 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
        let value = |name: &str| -> f64 {
            let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} "))).unwrap_or("0");
            line.parse().unwrap()
        };
        assert!(value("hearback_database_size_bytes") > 10_000.0, "{text}");
        assert!(!text.to_lowercase().contains("kim"), "{text}");
        // A second look within seconds asks the database nothing.
        world.send("POST", "/v1/feedback", &admin, Some(&json!({ "text": "Another" })));
        assert!(world.send("GET", "/metrics", &admin, None).body.contains("hearback_grouping_pending 1"));
    });
}

#[test]
fn the_state_of_the_engine_beyond_its_setting_lies_in_files_and_is_found_all_the_same() {
    on_each_world_with(
        |config| config.engine.memory = 0,
        |world| {
            let admin = world.token(Role::Admin);
            // Blocks of small products stay in memory: there must be more than 512 texts.
            let text = |n: usize| format!("{} {n}", ["my refund has not arrived", "dark mode please"][n % 2]);
            let said: Vec<Value> = (0..600).map(|n| json!({ "text": text(n) })).collect();
            let filed = world.send("POST", "/v1/feedback/batch", &admin, Some(&json!({ "feedback": said })));
            assert_eq!(
                (filed.status, filed.json()["results"][599]["status"].as_i64()),
                (200, Some(201)),
                "{}",
                filed.body
            );
            world.step_until_idle("grouping");
            let found =
                world.send("POST", "/v1/similar", &admin, Some(&json!({ "text": "where is my refund" }))).json();
            assert!(found["feedback"][0]["text"].as_str().unwrap().contains("refund"), "{found}");
            let text = world.send("GET", "/metrics", &admin, None).body;
            let bytes = |place: &str| -> f64 {
                let start = format!("hearback_engine_state_bytes{{place=\"{place}\"}} ");
                text.lines().find_map(|line| line.strip_prefix(&start)).expect("the metric").parse().unwrap()
            };
            assert!(bytes("file") >= 512.0 * 1024.0 && bytes("memory") > 0.0, "{} {}", bytes("file"), bytes("memory"));
        },
    );
}
