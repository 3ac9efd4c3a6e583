//! Metrics, their samples, Prometheus, and the effect of releases.

mod definitions;
mod effects;
mod otlp;
mod prometheus;
mod remote;
mod samples;

use hearback::domain::base::Time;
use serde_json::{Value, json};

use crate::support::World;

/// Defines a metric of the world's product.
pub fn metric(world: &World, key: &str, more: Value) -> Value {
    let mut input = json!({
        "key": key, "name": key, "kind": "technical", "direction": "down", "product": world.product.key,
    });
    if let (Some(input), Value::Object(more)) = (input.as_object_mut(), more) {
        input.extend(more);
    }
    world.done("/v1/metrics", input)
}

/// The time so many seconds before the world's.
pub fn ago(world: &World, seconds: i64) -> Time {
    world.now().plus(-seconds * Time::SECOND)
}

/// Adds samples, each with the seconds before now.
pub fn push(world: &World, key: &str, samples: &[(i64, f64)]) -> Value {
    push_before(world, key, world.now(), samples)
}

/// Adds samples, each with the seconds before a time.
pub fn push_before(world: &World, key: &str, now: Time, samples: &[(i64, f64)]) -> Value {
    let at = |seconds: i64| now.plus(-seconds * Time::SECOND);
    let samples: Vec<Value> =
        samples.iter().map(|(seconds, value)| json!({ "at": at(*seconds), "value": value })).collect();
    let answer =
        world.post(&format!("/v1/metrics/{key}/samples?product={}", world.product.key), json!({ "samples": samples }));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// The points of a metric with one series.
pub fn points(world: &World, key: &str, query: &str) -> Vec<Value> {
    let found = world.read(&format!("/v1/metrics/{key}/series?product={}&{query}", world.product.key));
    let series = found["series"].as_array().expect("series");
    assert!(series.len() <= 1, "{found}");
    series.first().map(|one| one["points"].as_array().expect("points").clone()).unwrap_or_default()
}

/// The count and the sum of points.
pub fn total(points: &[Value]) -> (u64, f64) {
    let count = points.iter().map(|point| point["count"].as_u64().expect("a count")).sum();
    (count, points.iter().map(|point| point["sum"].as_f64().expect("a sum")).sum())
}
