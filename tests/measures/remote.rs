//! Remote write: bodies encoded by hand, and what senders do with the answers.

use hearback::domain::team::Role;
use serde_json::json;

use super::{metric, points, total};
use crate::support::{Answer, World, on_each_world};

/// A field with a length: its tag and its bytes.
fn field(tag: u8, bytes: &[u8]) -> Vec<u8> {
    let mut length = bytes.len();
    let mut out = vec![tag << 3 | 2];
    while length >= 0x80 {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    [out, bytes.to_vec()].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn sample(value: f64, at: i64) -> Vec<u8> {
    [vec![9], value.to_le_bytes().to_vec(), vec![16], varint(at as u64)].concat()
}

/// A message of version 1 with one series.
fn message(name: &str, samples: &[(f64, i64)]) -> Vec<u8> {
    let label = |name: &str, value: &str| field(1, &[field(1, name.as_bytes()), field(2, value.as_bytes())].concat());
    let mut series = [label("__name__", name), label("job", "api")].concat();
    samples.iter().for_each(|(value, at)| series.extend(field(2, &sample(*value, *at))));
    field(1, &series)
}

/// The same in version 2.
fn message_two(name: &str, samples: &[(f64, i64)]) -> Vec<u8> {
    let symbols: Vec<u8> = ["", "__name__", name, "job", "api"].iter().flat_map(|s| field(4, s.as_bytes())).collect();
    let mut series = field(1, &[1, 2, 3, 4]);
    samples.iter().for_each(|(value, at)| series.extend(field(2, &sample(*value, *at))));
    [symbols, field(5, &series)].concat()
}

fn packed(message: &[u8]) -> Vec<u8> {
    snap::raw::Encoder::new().compress_vec(message).unwrap()
}

const ONE: &str = "application/x-protobuf";
const TWO: &str = "application/x-protobuf;proto=io.prometheus.write.v2.Request";

/// A message of version 1 with a series for each of these jobs.
fn of_jobs(name: &str, jobs: &[&str], at: i64) -> Vec<u8> {
    let label = |name: &str, value: &str| field(1, &[field(1, name.as_bytes()), field(2, value.as_bytes())].concat());
    let series = |job: &&str| {
        let labels = [label("__name__", name), label("job", job)].concat();
        field(1, &[labels, field(2, &sample(1.0, at))].concat())
    };
    jobs.iter().flat_map(series).collect()
}

fn send(world: &World, kind: &str, body: Vec<u8>) -> Answer {
    let request = world.open("POST", "/v1/prometheus/write").token(Some(&world.token(Role::Ingest)));
    request.header("Content-Type", kind).header("Content-Encoding", "snappy").body(body).send()
}

#[test]
fn both_versions_keep_the_selected_series_and_count_the_others() {
    on_each_world(|world| {
        metric(world, "requests", json!({ "selector": "http_requests{job=\"api\"}" }));
        let now = world.now().0 / 1000;
        let stale = f64::from_bits(0x7ff0_0000_0000_0002);
        let first = send(world, ONE, packed(&message("http_requests", &[(5.0, now - 2000), (stale, now - 1000)])));
        assert_eq!((first.status, first.header_text("x-prometheus-remote-write-samples-written")), (204, "1"));
        let second = send(world, TWO, packed(&message_two("http_requests", &[(5.0, now - 2000), (7.0, now - 500)])));
        assert_eq!((second.status, second.header_text("x-prometheus-remote-write-samples-written")), (204, "2"));
        let other = send(world, ONE, packed(&message("go_goroutines", &[(5.0, now), (6.0, now - 1)])));
        assert_eq!((other.status, other.header_text("x-hearback-samples-unselected")), (204, "2"));
        assert_eq!(total(&points(world, "requests", "step=5m")), (2, 12.0));
        let found = world.read("/v1/metrics/requests/series");
        assert_eq!(found["series"][0]["labels"], json!({ "job": "api" }));
    });
}

#[test]
fn numbers_that_are_none_are_counted_and_the_rest_is_kept() {
    on_each_world(|world| {
        metric(world, "requests", json!({ "selector": "http_requests" }));
        let now = world.now().0 / 1000;
        let sent =
            [(f64::NAN, now - 4), (f64::INFINITY, now - 3), (1.0, now / 1000), (2.0, now + 86_400_000), (3.0, now)];
        assert_eq!(send(world, ONE, packed(&message("http_requests", &sent))).status, 204);
        let intake = &world.read("/v1/metrics/requests")["intake"];
        let counts = ["accepted", "not_finite", "too_old", "in_future"].map(|name| intake[name].as_i64().unwrap());
        assert_eq!(counts, [1, 2, 1, 1], "{intake}");
    });
}

#[test]
fn what_is_broken_is_refused_for_good() {
    on_each_world(|world| {
        let now = world.now().0 / 1000;
        let good = packed(&message("a", &[(1.0, now)]));
        send(world, "application/json", good.clone()).problem(415, "unsupported_media_type");
        send(world, "application/x-protobuf;proto=other", good.clone()).problem(415, "unsupported_media_type");
        let token = world.token(Role::Ingest);
        let plain = world.open("POST", "/v1/prometheus/write").token(Some(&token)).header("Content-Type", ONE);
        plain.body(good).send().problem(415, "unsupported_media_type");
        // A block of a few bytes that says that it has four gigabytes.
        let bomb = send(world, ONE, vec![0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0]).problem(400, "malformed_request");
        assert!(bomb["detail"].as_str().unwrap().contains("4294967295 bytes"), "{bomb}");
        send(world, ONE, b"hello".to_vec()).problem(400, "malformed_request");
        send(world, ONE, packed(&[0x0a, 50, 1])).problem(400, "malformed_request");
        send(world, ONE, vec![0; 5 * 1024 * 1024]).problem(413, "too_large");
        let viewer = world.token(Role::Viewer);
        world.open("POST", "/v1/prometheus/write").token(Some(&viewer)).send().problem(403, "forbidden");
    });
}

#[test]
fn a_regular_expression_selects_whole_values_only() {
    on_each_world(|world| {
        metric(world, "requests", json!({ "selector": "http_requests{job=~\"api|web-[0-9]+\",job!~\".*-9\"}" }));
        let now = world.now().0 / 1000;
        let jobs = ["api", "api-canary", "web-1", "web-9", "web-x"];
        let sent = send(world, ONE, packed(&of_jobs("http_requests", &jobs, now - 1000)));
        assert_eq!((sent.status, sent.header_text("x-hearback-samples-unselected")), (204, "3"));
        let found = world.read("/v1/metrics/requests/series");
        let mut kept: Vec<&str> =
            found["series"].as_array().unwrap().iter().map(|one| one["labels"]["job"].as_str().unwrap()).collect();
        kept.sort_unstable();
        assert_eq!(kept, ["api", "web-1"]);
        let one = world.get("/v1/metrics/requests/series?labels=job%3D~%22web.*%22").json();
        assert_eq!(one["series"].as_array().map(Vec::len), Some(1), "{one}");
        world.get("/v1/metrics/requests/series?labels=job%3D~%22web(%22").refused(&["/labels format"]);
    });
}
