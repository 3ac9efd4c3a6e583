//! Samples: what is kept of them in each resolution, and what is refused.

use hearback::domain::base::Time;
use serde_json::{Value, json};

use super::{ago, metric, points, push, push_before, total};
use crate::support::on_each_world;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

#[test]
fn a_sample_sent_again_changes_nothing_and_another_value_replaces_it() {
    on_each_world(|world| {
        metric(world, "latency", json!({}));
        let now = world.now();
        let first = push_before(world, "latency", now, &[(600, 10.0), (300, 20.0)]);
        assert_eq!((&first["accepted"], &first["refused"]), (&json!(2), &json!(0)));
        let again = push_before(world, "latency", now, &[(600, 10.0), (300, 25.0), (300, 30.0)]);
        assert_eq!((&again["unchanged"], &again["replaced"], &again["accepted"]), (&json!(1), &json!(2), &json!(0)));
        assert_eq!(total(&points(world, "latency", "step=5m")), (2, 40.0));
        assert_eq!(world.read("/v1/metrics/latency")["intake"]["replaced"], 2);
    });
}

#[test]
fn every_resolution_agrees_with_the_samples_however_often_they_are_rolled_up() {
    on_each_world(|world| {
        metric(world, "latency", json!({}));
        // Three days, a sample every seven minutes, sent in two parts.
        let all: Vec<(i64, f64)> = (0..617).map(|n| (3 * DAY - n * 420, (n % 13) as f64)).collect();
        push(world, "latency", &all[..300]);
        let sum = |some: &[(i64, f64)]| (some.len() as u64, some.iter().map(|(_, value)| value).sum::<f64>());
        let agree = |of: &[(i64, f64)]| {
            for step in ["5m", "15m", "1h", "6h", "1d"] {
                let from = ago(world, 4 * DAY);
                assert_eq!(total(&points(world, "latency", &format!("step={step}&from={from}"))), sum(of), "{step}");
            }
        };
        agree(&all[..300]);
        world.step_until_idle("metrics");
        agree(&all[..300]);
        push(world, "latency", &all[300..]);
        agree(&all);
        world.step_until_idle("metrics");
        agree(&all);
        // A late sample is rolled up with the others of its hour.
        let late = (20 * HOUR + 1, 1000.0);
        push(world, "latency", &[late]);
        world.step_until_idle("metrics");
        agree(&[&all[..], &[late]].concat());
    });
}

#[test]
fn old_samples_are_kept_in_longer_buckets() {
    on_each_world(|world| {
        metric(world, "latency", json!({}));
        let all: Vec<(i64, f64)> = (0..200).map(|n| ((200 - n) * DAY - 5 * HOUR, n as f64)).collect();
        push(world, "latency", &all);
        world.step_until_idle("metrics");
        let from = ago(world, 220 * DAY);
        let found = world.read(&format!("/v1/metrics/latency/series?step=5m&from={from}"));
        assert_eq!((&found["step"], &found["coarser"]), (&json!("1d"), &json!(true)));
        assert_eq!(total(found["series"][0]["points"].as_array().unwrap()), (200, (0..200).sum::<i64>() as f64));
        let hours = points(world, "latency", &format!("step=1h&from={}", ago(world, 80 * DAY)));
        assert_eq!(total(&hours).0, 80);
        // Time passes: what was fine is dropped, and the days stay.
        world.clock().advance(120 * Time::DAY);
        push(world, "latency", &[(60, 5.0)]);
        world.clock().advance(2 * Time::DAY);
        world.step_until_idle("metrics");
        let days = points(world, "latency", &format!("step=1d&from={}", ago(world, 400 * DAY)));
        assert_eq!(total(&days), (201, (0..200).sum::<i64>() as f64 + 5.0));
    });
}

#[test]
fn a_counter_is_kept_as_its_increases_and_its_resets_are_found() {
    on_each_world(|world| {
        metric(world, "requests", json!({ "counter": true, "direction": "up" }));
        push(world, "requests", &[(5 * HOUR, 100.0), (4 * HOUR, 130.0), (3 * HOUR, 20.0)]);
        push(world, "requests", &[(2 * HOUR, 25.0), (HOUR, 25.0)]);
        let agrees = || assert_eq!(total(&points(world, "requests", "step=1h")), (4, 30.0 + 20.0 + 5.0));
        agrees();
        world.step_until_idle("metrics");
        agrees();
        assert_eq!(world.read("/v1/metrics/requests")["intake"]["resets"], 1);
        // A late reading divides an increase, and adds nothing.
        push(world, "requests", &[(4 * HOUR + 1800, 110.0)]);
        world.step_until_idle("metrics");
        assert_eq!(total(&points(world, "requests", "step=1h")), (5, 55.0));
    });
}

#[test]
fn what_can_not_be_taken_is_refused_and_counted() {
    on_each_world(|world| {
        metric(world, "latency", json!({}));
        push(world, "latency", &[(60, 1.0)]);
        let taken = push(world, "latency", &[(25 * HOUR, 1.0), (-3600, 2.0), (30, 3.0)]);
        let problem = |n: usize, of: &str| taken["problems"][n][of].as_str().unwrap().to_owned();
        assert_eq!((&taken["accepted"], &taken["refused"]), (&json!(1), &json!(2)));
        assert_eq!([problem(0, "code"), problem(1, "code")], ["too_old", "in_future"]);
        assert_eq!([problem(0, "pointer"), problem(1, "pointer")], ["/samples/0", "/samples/1"]);
        let intake = &world.read("/v1/metrics/latency")["intake"];
        assert_eq!((&intake["too_old"], &intake["in_future"]), (&json!(1), &json!(1)));

        let send = |sample: Value| world.post("/v1/metrics/latency/samples", json!({ "samples": [sample] }));
        // Seconds that were taken for milliseconds are of 1970.
        let seconds = send(json!({ "at": "1970-01-21T15:00:00Z", "value": 1 })).problem(422, "invalid");
        assert!(seconds["errors"][0]["detail"].as_str().unwrap().contains("seconds"), "{seconds}");
        for value in [json!("NaN"), json!(null), json!("Infinity")] {
            send(json!({ "at": world.now(), "value": value })).refused(&["/samples/0/value type"]);
        }
        send(json!({ "at": world.now(), "value": 1, "labels": { "2x": "y" } })).refused(&["/samples/0/labels format"]);
        world.post("/v1/metrics/latency/samples", json!({ "samples": [] })).refused(&["/samples too_short"]);
        for (query, wrong) in [
            ("step=7m", "/step format"),
            ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "/from range"),
            ("labels=a", "/labels format"),
        ] {
            world.get(&format!("/v1/metrics/latency/series?{query}")).refused(&[wrong]);
        }
    });
}

#[test]
fn a_metric_has_at_most_twenty_series() {
    on_each_world(|world| {
        metric(world, "latency", json!({}));
        let sample = |n: i32| json!({ "at": world.now(), "value": n, "labels": { "host": n.to_string() } });
        let bomb: Vec<Value> = (0..25).map(sample).collect();
        let taken = world.post("/v1/metrics/latency/samples", json!({ "samples": bomb })).json();
        assert_eq!((&taken["accepted"], &taken["refused"]), (&json!(20), &json!(5)));
        assert_eq!(taken["problems"][0]["code"], "too_many_series");
        let found = world.read("/v1/metrics/latency/series?labels=host%21%3D%22x%22");
        assert_eq!(found["series"].as_array().unwrap().len(), 20);
        let host = found["series"][3]["labels"]["host"].as_str().unwrap();
        let one = world.read(&format!("/v1/metrics/latency/series?labels=host%3D%22{host}%22"));
        assert_eq!(one["series"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn samples_are_taken_in_the_text_format_of_prometheus() {
    on_each_world(|world| {
        metric(world, "latency", json!({}));
        let text = |query: &str, body: &str| {
            let path = format!("/v1/metrics/latency/samples/text{query}");
            world
                .open("POST", &path)
                .token(Some(crate::support::ADMIN))
                .header("Content-Type", "text/plain; version=0.0.4")
                .body(body.to_owned())
                .send()
        };
        let now = world.now();
        let at = |seconds: i64| now.plus(-seconds * Time::SECOND).0 / 1000;
        let sent = format!("# TYPE latency gauge\nlatency 10 {}\nlatency 20 {}\nlatency 30\n", at(600), at(300));
        let taken = text("", &sent);
        assert_eq!((taken.status, &taken.json()["accepted"]), (200, &json!(3)), "{taken:?}");
        assert_eq!(total(&points(world, "latency", "step=5m")), (3, 60.0));
        // The whole output of an exporter: the lines of one name are taken.
        let exporter = format!("up 1 {}\nlatency 11 {}\nlatency +Inf {}\n", at(600), at(600), at(60));
        let taken = text("?name=latency", &exporter).json();
        assert_eq!((&taken["replaced"], &taken["refused"]), (&json!(1), &json!(1)), "{taken}");
        assert_eq!(
            (&taken["problems"][0]["pointer"], &taken["problems"][0]["code"]),
            (&json!("/lines/3"), &json!("not_finite"))
        );
        text("", &exporter).refused(&["/lines/2 conflict", "/lines/3 conflict"]);
        text("", "latency one\n{}\n").refused(&["/lines/1 format", "/lines/2 format"]);
        text("?name=other", &sent).refused(&[" too_short"]);
        text("", "latency{a=\"x\"} NaN").refused(&["/lines/1 not_finite"]);
        let path = "/v1/metrics/latency/samples/text";
        let json =
            world.open("POST", path).token(Some(crate::support::ADMIN)).header("Content-Type", "application/json");
        assert_eq!(json.body("{}".to_owned()).send().status, 415);
        assert_eq!(
            world.open("POST", path).header("Content-Type", "text/plain").body("latency 1".to_owned()).send().status,
            401
        );
    });
}
