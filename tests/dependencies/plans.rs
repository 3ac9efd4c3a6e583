//! Dates from days and needs, in the working days of the product.

use serde_json::{Value, json};

use super::{needs, path};
use crate::support::{World, on_each_world};

/// A 3 days, B 2 after A, C 4 after A, D 1 after B and C.
fn diamond(world: &World) -> [String; 4] {
    let story = |(title, days): (&str, i32)| {
        let id = world.story_in(title, &["accepted"]);
        assert_eq!(world.patch(&format!("/v1/stories/{id}"), json!({ "days": days })).json()["days"], days);
        id
    };
    let all = [("A", 3), ("B", 2), ("C", 4), ("D", 1)].map(story);
    let [a, b, c, d] = &all;
    for (story, other) in [(b, a), (c, a), (d, b), (d, c)] {
        needs(world, story, other);
    }
    all
}

fn item(plan: &Value, title: &str) -> Value {
    let items = plan["items"].as_array().unwrap();
    items.iter().find(|item| item["story"]["title"] == title || item["external"] == title).cloned().expect("an item")
}

fn dates(item: &Value) -> [&str; 4] {
    ["earliest_start", "earliest_finish", "latest_start", "latest_finish"].map(|name| item[name].as_str().unwrap())
}

#[test]
fn the_vector_has_eight_working_days_and_the_critical_path_a_c_d() {
    on_each_world(|world| {
        let [a, b, _, d] = diamond(world);
        // 2026-11-30 is a Monday.
        let plan = world.read(&format!("/v1/products/{}/plan?from=2026-11-30", world.product.id));
        assert_eq!(
            (&plan["working_days"], &plan["starts"], &plan["finishes"]),
            (&json!(8), &json!("2026-11-30"), &json!("2026-12-09"))
        );
        let critical: Vec<&str> = plan["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|item| item["critical"] == true)
            .map(|item| item["story"]["title"].as_str().unwrap())
            .collect();
        assert_eq!(critical, ["A", "C", "D"]);
        assert_eq!(plan["critical_path"].as_array().unwrap().len(), 3);
        let late = item(&plan, "B");
        assert_eq!(
            (&late["slack_days"], dates(&late)),
            (&json!(2), ["2026-12-03", "2026-12-04", "2026-12-07", "2026-12-08"])
        );
        assert_eq!(plan["doubts"], json!([]));

        let lag = json!({ "kind": "needs", "story_id": a, "lag_days": 2 });
        assert_eq!(world.post(&path(&b), lag).status, 200);
        let plan = world.read(&format!("/v1/stories/{d}/plan?from=2026-11-30"));
        assert_eq!(
            (&plan["working_days"], &item(&plan, "B")["slack_days"]),
            (&json!(8), &json!(0)),
            "a lag of 2 uses it up"
        );
    });
}

#[test]
fn days_off_weekends_and_dates_outside_move_a_plan() {
    on_each_world(|world| {
        let [a, ..] = diamond(world);
        world.settings(json!({ "days_off": ["2026-12-01", "2026-12-02"] }));
        let product = format!("/v1/products/{}/plan?from=2026-11-28", world.product.id);
        let plan = world.read(&product);
        assert_eq!(
            (&plan["starts"], &plan["finishes"]),
            (&json!("2026-11-30"), &json!("2026-12-11")),
            "from a Saturday"
        );
        let outside =
            json!({ "kind": "needs", "external": { "title": "Terminal", "due": "2026-12-04" }, "lag_days": 1 });
        let terminal = world.done(&path(&a), outside);
        let plan = world.read(&product);
        let first = item(&plan, "A");
        assert_eq!(first["earliest_start"], "2026-12-08", "due on Friday, and a day of lag");
        assert_eq!(item(&plan, "Terminal")["days_from"], "none");
        let own = format!("{}/{}", path(&a), terminal["id"].as_str().unwrap());
        world.patch(&own, json!({ "external": { "due": null } }));
        let doubts = world.read(&product)["doubts"].clone();
        assert_eq!(doubts, json!([{ "reason": "undated", "of": "Terminal" }]));
        world.get(&format!("/v1/stories/{a}/plan?from=2026-02-30")).refused(&["/from format"]);
    });
}

#[test]
fn where_nobody_said_how_long_a_plan_says_so() {
    on_each_world(|world| {
        let story = world.story_in("Unknown", &["accepted"]);
        let plan = world.read(&format!("/v1/stories/{story}/plan"));
        assert_eq!((&plan["items"][0]["days"], &plan["items"][0]["days_from"]), (&json!(5), &json!("assumed")));
        assert_eq!(plan["doubts"][0]["reason"], "assumed");
        let due = json!({ "effort": 0.5, "due_at": "2020-01-01T00:00:00Z" });
        assert_eq!(world.patch(&format!("/v1/stories/{story}"), due).status, 200);
        let plan = world.read(&format!("/v1/stories/{story}/plan"));
        assert_eq!((&plan["items"][0]["days"], &plan["items"][0]["days_from"]), (&json!(10), &json!("effort")));
        assert_eq!(plan["items"][0]["late_days"], 10);
    });
}
