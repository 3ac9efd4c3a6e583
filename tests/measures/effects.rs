//! The effect of a release, and annotations.

use hearback::domain::base::{Actor, Id, Time};
use serde_json::{Value, json};

use super::{metric, push};
use crate::support::{World, on_each_world};

const DAY: i64 = 86_400;

/// Feedback on a theme at noon of a day, counted from that of `day`.
fn say(world: &World, theme: Id, day: Time, days: i64, count: usize) {
    let noon = Time(day.0 / Time::DAY * Time::DAY).plus(days * Time::DAY + Time::DAY / 2);
    for n in 0..count {
        let input = json!({ "text": "The refund is late", "occurred_at": noon.plus(n as i64 * Time::SECOND) });
        world.file_as(Actor::COMMAND, theme, input);
    }
}

/// A release with one story on a theme, shipped now.
fn shipped(world: &World, theme: Id) -> String {
    let story = world.story_about(theme);
    world.go(story, "ready");
    let release = world.release("1.0.0", &[&story.to_string()]);
    let answer = world.act_on_release(&release, "ship", json!({}));
    assert_eq!(answer.status, 200, "{answer:?}");
    release
}

fn of<'a>(effect: &'a Value, subject: &str) -> &'a Value {
    let all = effect["measures"].as_array().unwrap();
    all.iter().find(|one| one["subject"] == subject).unwrap_or_else(|| panic!("{subject}: {effect}"))
}

#[test]
fn complaints_that_fell_after_a_release_are_said_to_have_fallen() {
    on_each_world(|world| {
        let (theme, day) = (world.new_theme("Refunds"), world.now());
        (1..=28).for_each(|days| say(world, theme, day, -days, if days % 7 < 3 { 2 } else { 1 }));
        let release = shipped(world, theme);
        world.clock().advance(30 * Time::DAY);
        (1..=28).filter(|days| days % 4 == 0).for_each(|days| say(world, theme, day, days, 1));
        metric(world, "latency", json!({}));
        let values: Vec<(i64, f64)> =
            (1..59).rev().map(|days| (days * DAY, if days > 30 { 200.0 } else { 120.0 })).collect();
        push(world, "latency", &values);
        let effect = world.read(&format!("/v1/releases/{release}/effect"));
        assert_eq!((&effect["verdict"], &effect["windows"]["weeks"]), (&json!("fell"), &json!(4)), "{effect}");
        let complaints = of(&effect, "complaints");
        assert_eq!((&complaints["before"], &complaints["after"]), (&json!(40.0), &json!(7.0)), "{complaints}");
        assert!(complaints["high"].as_f64().unwrap() < 1.0 && complaints["n"] == 47, "{complaints}");
        let latency = of(&effect, "metric");
        assert_eq!((&latency["verdict"], &latency["difference"]), (&json!("fell"), &json!(-80.0)), "{latency}");
        assert_eq!(effect["looked_at"], 3);
    });
}

#[test]
fn what_can_not_be_told_says_why() {
    on_each_world(|world| {
        let (theme, day) = (world.new_theme("Refunds"), world.now());
        say(world, theme, day, -40, 3);
        let planned = world.release("0.9.0", &[]);
        let effect = world.read(&format!("/v1/releases/{planned}/effect"));
        assert_eq!(
            (&effect["verdict"], &effect["measures"][0]["reason"]),
            (&json!("cannot_tell"), &json!("not_shipped"))
        );
        let other = world.new_theme("Chargebacks");
        let release = shipped(world, other);
        world.clock().advance(9 * Time::DAY);
        let effect = world.read(&format!("/v1/releases/{release}/effect"));
        assert_eq!((&effect["verdict"], &effect["windows"]), (&json!("cannot_tell"), &json!(null)), "{effect}");
        assert_eq!(of(&effect, "complaints")["reason"], "too_short");
        assert_eq!(effect["clipped_by"][0]["kind"], "today");
        world.get(&format!("/v1/releases/{}/effect", Id::next())).problem(404, "not_found");
    });
}

#[test]
fn releases_and_deployments_are_annotations() {
    on_each_world(|world| {
        let theme = world.new_theme("Refunds");
        let release = shipped(world, theme);
        world.clock().advance(3 * Time::DAY);
        world.done("/v1/deployments", json!({ "environment": "production", "version": "1.0.0", "service": "api" }));
        let found = world.read("/v1/annotations?product=HB");
        let kinds: Vec<&str> =
            found["data"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["release", "deployment"], "{found}");
        assert_eq!((&found["data"][0]["id"], &found["data"][1]["text"]), (&json!(release), &json!("api 1.0.0")));
        let at: Time = serde_json::from_value(found["data"][0]["at"].clone()).unwrap();
        assert_eq!(found["data"][0]["time"], json!(at.0 / 1000));
        world.get("/v1/annotations?from=2020-01-01T00:00:00Z").refused(&["/from range"]);
    });
}
