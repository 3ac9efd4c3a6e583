//! Stories never wait for each other, whoever says so first.

use std::sync::Barrier;

use serde_json::json;

use super::{ask, needs, number, path};
use crate::support::{World, on_each_world};

fn circle(world: &World, stories: &[&str]) -> String {
    stories.iter().map(|story| number(world, story)).collect::<Vec<_>>().join(" -> ")
}

#[test]
fn a_circle_is_refused_with_its_path_from_either_side() {
    on_each_world(|world| {
        let [a, b, c] = ["A", "B", "C"].map(|title| world.story(title));
        needs(world, &a, &b);
        needs(world, &b, &c);
        let refused = ask(world, &c, "needs", &a);
        refused.refused(&["/story_id cycle"]);
        assert!(refused.body.contains(&circle(world, &[&c, &a, &b, &c])), "{}", refused.body);
        let refused = ask(world, &a, "blocks", &c);
        refused.refused(&["/story_id cycle"]);
        assert!(refused.body.contains(&circle(world, &[&c, &a, &b, &c])), "the same edge, the same path");
        let short = ask(world, &b, "needs", &a);
        assert!(short.body.contains(&circle(world, &[&b, &a, &b])), "{}", short.body);
        assert_eq!(ask(world, &c, "relates", &a).status, 201, "relating closes no circle");
    });
}

#[test]
fn a_merge_of_duplicates_that_would_close_a_circle_is_refused() {
    on_each_world(|world| {
        let [a, b, copy] = ["A", "B", "B again"].map(|title| world.story(title));
        needs(world, &b, &a);
        needs(world, &a, &copy);
        let refused = world.moving(&copy, json!({ "to": "duplicate", "duplicate_of": b }));
        refused.refused(&["/duplicate_of cycle"]);
        assert!(refused.body.contains(&circle(world, &[&copy, &b, &a, &copy])), "{}", refused.body);
        // The other way round: once it is a duplicate, its original counts.
        let [c, d, same] = ["C", "D", "D again"].map(|title| world.story(title));
        needs(world, &c, &same);
        assert_eq!(world.moving(&same, json!({ "to": "duplicate", "duplicate_of": d })).status, 200);
        let refused = ask(world, &d, "needs", &c);
        refused.refused(&["/story_id cycle"]);
        assert!(refused.body.contains(&circle(world, &[&d, &c, &same, &d])), "{}", refused.body);
    });
}

#[test]
fn of_two_edges_that_would_close_a_circle_at_once_one_wins() {
    on_each_world(|world| {
        for round in 0..8 {
            let [a, b] = ["A", "B"].map(|title| world.story(&format!("{title}{round}")));
            let barrier = Barrier::new(2);
            let add = |one: &str, other: &str| {
                barrier.wait();
                world.post(&path(one), json!({ "kind": "needs", "story_id": other })).status
            };
            let statuses = std::thread::scope(|scope| {
                let first = scope.spawn(|| add(&a, &b));
                let second = scope.spawn(|| add(&b, &a));
                [first.join().unwrap(), second.join().unwrap()]
            });
            let mut sorted = statuses;
            sorted.sort_unstable();
            assert_eq!(sorted, [201, 422], "{statuses:?}");
        }
    });
}
