//! What OpenTelemetry sends by OTLP/HTTP.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use hearback::domain::team::Role;
use serde_json::{Value, json};

use super::{metric, points, total};
use crate::support::{Answer, World, on_each_world};

const PATH: &str = "/v1/otlp/v1/metrics";

fn send(world: &World, kind: &str, body: Vec<u8>) -> Answer {
    let request = world.open("POST", PATH).token(Some(&world.token(Role::Ingest)));
    request.header("Content-Type", kind).body(body).send()
}

/// A message with one counter, whose points are seconds before now and values.
fn message(world: &World, temporality: i32, points: &[(i64, i64)]) -> Value {
    let now = world.now().0 / 1_000_000;
    let point = |(ago, value): &(i64, i64)| json!({ "asInt": value.to_string(), "timeUnixNano": format!("{}000000000", now - ago) });
    let points: Vec<Value> = points.iter().map(point).collect();
    let sum = json!({ "aggregationTemporality": temporality, "isMonotonic": true, "dataPoints": points });
    let metrics = json!([{ "name": "http.server.requests", "unit": "{request}", "sum": sum }]);
    let name = json!({ "key": "service.name", "value": { "stringValue": "api" } });
    json!({ "resourceMetrics": [{ "resource": { "attributes": [name] }, "scopeMetrics": [{ "metrics": metrics }] }] })
}

#[test]
fn the_selected_series_are_kept_and_what_is_not_is_said() {
    on_each_world(|world| {
        metric(world, "requests", json!({ "selector": "http_server_requests_total{job=\"api\"}" }));
        let sent = message(world, 2, &[(2, 5), (1, 7)]).to_string();
        let first = send(world, "application/json", sent.clone().into_bytes());
        assert_eq!((first.status, first.json()), (200, json!({})));
        assert_eq!(total(&points(world, "requests", "step=5m")), (2, 12.0));
        let found = world.read("/v1/metrics/requests/series");
        assert_eq!(found["series"][0]["labels"], json!({ "job": "api" }));
        // The same again, compressed: nothing is doubled.
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(sent.as_bytes()).unwrap();
        let again = world.open("POST", PATH).token(Some(&world.token(Role::Ingest)));
        let again = again.header("Content-Type", "application/json").header("Content-Encoding", "gzip");
        assert_eq!(again.body(gzip.finish().unwrap()).send().json(), json!({}));
        assert_eq!(total(&points(world, "requests", "step=5m")), (2, 12.0));
        let delta = send(world, "application/json", message(world, 1, &[(1, 1)]).to_string().into_bytes()).json();
        assert_eq!(delta["partialSuccess"]["rejectedDataPoints"], 1);
        let why = delta["partialSuccess"]["errorMessage"].as_str().unwrap();
        assert!(why.contains("set the exporter's temporality to cumulative"), "{why}");
        let ahead = send(world, "application/json", message(world, 2, &[(-86_400, 1)]).to_string().into_bytes()).json();
        assert_eq!(ahead["partialSuccess"]["rejectedDataPoints"], 1, "{ahead}");
    });
}

#[test]
fn labels_that_can_not_be_kept_cost_their_own_points_only() {
    on_each_world(|world| {
        metric(world, "requests", json!({ "selector": "http_server_requests_total" }));
        let mut sent = message(world, 2, &[(2, 5), (1, 7)]);
        let long = json!([{ "key": "url", "value": { "stringValue": "x".repeat(300) } }]);
        sent["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]["sum"]["dataPoints"][1]["attributes"] = long;
        let answer = send(world, "application/json", sent.to_string().into_bytes()).json();
        assert_eq!(answer["partialSuccess"]["rejectedDataPoints"], 1, "{answer}");
        let why = answer["partialSuccess"]["errorMessage"].as_str().unwrap();
        assert!(why.contains("values of at most 200 characters"), "{why}");
        assert_eq!(total(&points(world, "requests", "step=5m")), (1, 5.0));
    });
}

#[test]
fn an_empty_protobuf_message_is_answered_in_protobuf() {
    on_each_world(|world| {
        let empty = send(world, "application/x-protobuf", Vec::new());
        assert_eq!((empty.status, empty.header_text("content-type")), (200, "application/x-protobuf"));
        assert!(empty.body.is_empty());
    });
}

#[test]
fn what_is_broken_is_refused_for_good() {
    on_each_world(|world| {
        send(world, "application/x-protobuf", vec![0x0a, 50, 1]).problem(400, "malformed_request");
        send(world, "application/json", b"{".to_vec()).problem(400, "malformed_request");
        send(world, "text/plain", b"{}".to_vec()).problem(415, "unsupported_media_type");
        send(world, "application/x-protobuf", vec![0; 5 * 1024 * 1024]).problem(413, "too_large");
        let viewer = world.token(Role::Viewer);
        world.open("POST", PATH).token(Some(&viewer)).send().problem(403, "forbidden");
    });
}
