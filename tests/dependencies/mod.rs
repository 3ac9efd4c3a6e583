//! Dependencies between stories: edges, what they close, circles, plans and slips.

mod circles;
mod edges;
mod gates;
mod paths;
mod plans;
mod private;
mod slips;

use serde_json::{Value, json};

use crate::support::{Answer, World};

/// The path of a story's dependencies.
fn path(story: &str) -> String {
    format!("/v1/stories/{story}/dependencies")
}

/// Asks for a dependency on another story; it may be refused.
fn ask(world: &World, story: &str, kind: &str, other: &str) -> Answer {
    world.post(&path(story), json!({ "kind": kind, "story_id": other }))
}

/// The story needs the other one from now on.
fn needs(world: &World, story: &str, other: &str) -> Value {
    let answer = ask(world, story, "needs", other);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

/// The dependencies of a story.
fn shown(world: &World, story: &str) -> Value {
    world.read(&path(story))
}

fn number(world: &World, story: &str) -> String {
    world.shown_story(story)["number"].as_str().unwrap().to_owned()
}
