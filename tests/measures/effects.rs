//! The effect of a release, and annotations.

use hearback::domain::base::{Id, Time};
use serde_json::{Value, json};

use super::{metric, push};
use crate::support::world::{World, on_each_world};

const DAY: i64 = 86_400;

/// Feedback on a theme, so many days before now at noon, one for each count.
fn say(world: &World, theme: Id, days_ago: i64, count: usize) {
    for n in 0..count {
        let at = Time(world.now().0 / Time::DAY * Time::DAY - days_ago * Time::DAY + 12 * 3600 * Time::SECOND + n as i64);
        let input = json!({ "text": "The refund is late", "occurred_at": at });
        world.file_as(hearback::domain::base::Actor::COMMAND, theme, input);
    }
}

/// A release with one story on a theme, shipped and deployed so many days ago.
fn shipped(world: &World, theme: Id, days_ago: i64) -> String {
    let story = world.story(theme, "Refunds arrive in time");
    let release = world.release("1.0.0", &[story]);
    world.write(move |tx| {
        tx.now = tx.now.plus(-days_ago * Time::DAY);
        hearback::usecase::releases::lifecycle::ship(tx, release, None, &Default::default()).map(drop)
    }).unwrap();
    release.to_string()
}

fn of<'a>(effect: &'a Value, subject: &str) -> &'a Value {
    let all = effect["measures"].as_array().unwrap();
    all.iter().find(|one| one["subject"] == subject).unwrap_or_else(|| panic!("{subject}: {effect}"))
}

#[test]
fn complaints_that_fell_after_a_release_are_said_to_have_fallen() {
    on_each_world(|world| {
        let theme = world.new_theme("Refunds");
        for days in 31..=58 {
            say(world, theme, days, if days % 7 < 3 { 2 } else { 1 });
        }
        (2..=29).filter(|days| days % 4 == 0).for_each(|days| say(world, theme, days, 1));
        let release = shipped(world, theme, 30);
        metric(world, "latency", json!({}));
        let values: Vec<(i64, f64)> = (1..59).rev().map(|days| (days * DAY, if days > 30 { 200.0 } else { 120.0 })).collect();
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
        let theme = world.new_theme("Refunds");
        say(world, theme, 40, 3);
        let story = world.story(theme, "Refunds arrive in time");
        let planned = world.release("0.9.0", &[story]);
        let effect = world.read(&format!("/v1/releases/{planned}/effect"));
        assert_eq!((&effect["verdict"], &effect["measures"][0]["reason"]), (&json!("cannot_tell"), &json!("not_shipped")));
        let other = world.new_theme("Chargebacks");
        let release = shipped(world, other, 9);
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
        let release = shipped(world, theme, 3);
        world.done("/v1/deployments", json!({ "environment": "production", "version": "1.0.0", "service": "api" }));
        let found = world.read("/v1/annotations?product=HB");
        let kinds: Vec<&str> = found["data"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["release", "deployment"], "{found}");
        assert_eq!((&found["data"][0]["id"], &found["data"][1]["text"]), (&json!(release), &json!("api 1.0.0")));
        let at: Time = serde_json::from_value(found["data"][0]["at"].clone()).unwrap();
        assert_eq!(found["data"][0]["time"], json!(at.0 / 1000));
        world.get("/v1/annotations?from=2020-01-01T00:00:00Z").refused(&["/from"]);
    });
}
