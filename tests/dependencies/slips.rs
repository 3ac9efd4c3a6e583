//! What a slip moves, before it happens.

use hearback::domain::base::Id;
use hearback::domain::team::Role;
use serde_json::{Value, json};

use super::{needs, number};
use crate::support::{World, on_each_world};

fn slip(world: &World, story: &str, body: Value) -> Value {
    world.done(&format!("/v1/stories/{story}/slip"), body)
}

fn due(world: &World, story: &str, at: &str) {
    assert_eq!(world.patch(&format!("/v1/stories/{story}"), json!({ "due_at": at })).status, 200);
}

fn moved(slip: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().get(..10).unwrap().to_owned();
    let row = |one: &Value| (one["story"]["title"].as_str().unwrap().to_owned(), text(&one["from"]), text(&one["to"]));
    slip["stories"].as_array().unwrap().iter().map(row).collect()
}

fn row(title: &str, from: &str, to: &str) -> (String, String, String) {
    (title.to_owned(), from.to_owned(), to.to_owned())
}

#[test]
fn a_slip_moves_what_would_ship_before_what_it_needs_and_changes_nothing() {
    on_each_world(|world| {
        let [a, b, c, d] = ["A", "B", "C", "D"].map(|title| world.story_in(title, &["accepted"]));
        due(world, &a, "2026-11-30T09:00:00Z");
        due(world, &b, "2026-12-02T09:00:00Z");
        due(world, &c, "2026-12-03T09:00:00Z");
        due(world, &d, "2027-01-29T09:00:00Z");
        needs(world, &b, &a);
        let lagged = json!({ "kind": "needs", "story_id": b, "lag_days": 1 });
        world.done(&super::path(&c), lagged);
        needs(world, &d, &a);
        let before = [&a, &b, &c, &d].map(|story| world.shown_story(story));
        let tried = slip(world, &a, json!({ "days": 4 }));
        let expected = [
            row("A", "2026-11-30", "2026-12-04"),
            row("B", "2026-12-02", "2026-12-04"),
            row("C", "2026-12-03", "2026-12-07"),
        ];
        assert_eq!(moved(&tried), expected, "D is late enough");
        assert_eq!(tried["stories"][2]["because"], json!([number(world, &b)]));
        assert_eq!(tried["stories"][1]["too_early_before"], false);
        let to = slip(world, &a, json!({ "to": "2026-12-04" }));
        assert_eq!(moved(&to), expected, "to a day");
        assert_eq!(moved(&slip(world, &a, json!({ "days": 1 }))), [row("A", "2026-11-30", "2026-12-01")]);
        assert_eq!([&a, &b, &c, &d].map(|story| world.shown_story(story)), before, "a dry run");
    });
}

#[test]
fn a_story_that_misses_its_train_takes_the_next_one() {
    on_each_world(|world| {
        let train = json!({ "train": { "every_weeks": 2, "weekday": "tuesday", "starts_on": "2026-01-06" } });
        world.settings(train);
        let product = format!("/v1/products/{}", world.product.id);
        let departures = world.read(&format!("{product}/trains"))["data"].clone();
        let leaves = |n: usize| departures[n]["leaves_at"].as_str().unwrap().to_owned();
        let (first, next) = (leaves(0), leaves(1));
        let (story, waits) = (world.ready_story("Ledger"), world.story_in("Refunds", &["accepted"]));
        let release = world.done("/v1/releases", json!({ "name": "1.0", "train_at": first }))["id"].clone();
        let later = world.done("/v1/releases", json!({ "name": "1.1", "train_at": next }))["id"].clone();
        let aboard = json!({ "story_ids": [story] });
        world.done(&format!("/v1/releases/{}/stories", release.as_str().unwrap()), aboard);
        due(world, &waits, &first);
        needs(world, &waits, &story);
        let tried = slip(world, &story, json!({ "days": 1 }));
        assert_eq!(tried["stories"][0]["to"].as_str(), Some(next.as_str()), "{tried}");
        assert_eq!(tried["stories"][1]["to"].as_str(), Some(next.as_str()), "it waits for the train");
        let hit = &tried["releases"][0];
        assert_eq!((&hit["release_id"], &hit["to_release_id"], &hit["train"]), (&release, &later, &json!(true)));
        assert_eq!((hit["to"].as_str(), &hit["stories"]), (Some(next.as_str()), &json!([number(world, &story)])));
    });
}

#[test]
fn it_counts_who_waits_and_names_them_only_to_those_who_see_customers() {
    on_each_world(|world| {
        let theme = world.new_theme("Refunds");
        let account = |name: &str, minor: i64| json!({ "name": name, "annual_value": { "amount_minor": minor, "currency": "USD" } });
        for (who, account) in
            [("ann", account("Acme", 500_000)), ("bob", account("Acme", 500_000)), ("cho", account("Initech", 100_000))]
        {
            let customer = json!({ "email": format!("{who}@example.com"), "name": who, "account": account });
            let said =
                json!({ "text": format!("{who}: the refund has not arrived"), "origin": "own", "customer": customer });
            let service = hearback::domain::base::Actor { kind: "service", id: Some(Id::next()) };
            world.file_as(service, theme, said);
        }
        let story = world.story_about(theme).to_string();
        let needed = world.story_in("Ledger", &["accepted"]);
        due(world, &needed, "2026-11-30T09:00:00Z");
        due(world, &story, "2026-11-30T09:00:00Z");
        needs(world, &story, &needed);
        let waiting = slip(world, &needed, json!({ "days": 3 }))["waiting"].clone();
        assert_eq!((&waiting["customers"], &waiting["accounts"]), (&json!(3), &json!(2)), "{waiting}");
        assert_eq!(waiting["annual_value"], json!([{ "amount_minor": 600_000, "currency": "USD" }]));
        let names: Vec<&str> =
            waiting["names"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["ann", "bob", "cho"], "most valuable first");
        let viewer = world.token(Role::Viewer);
        let path = format!("/v1/stories/{needed}/slip");
        let seen = world.send("POST", &path, &viewer, Some(&json!({ "days": 3 }))).json();
        let sees = world.send("GET", "/v1/customers", &viewer, None).status == 200;
        assert_eq!((&seen["waiting"]["customers"], seen["waiting"]["names"].is_array()), (&json!(3), sees));
    });
}

#[test]
fn wrong_slips_are_refused() {
    on_each_world(|world| {
        let story = world.story_in("Ledger", &["accepted"]);
        due(world, &story, "2026-11-30T09:00:00Z");
        let path = format!("/v1/stories/{story}/slip");
        world.post(&path, json!({})).refused(&["/days required"]);
        world.post(&path, json!({ "days": 1, "to": "2026-12-24" })).refused(&["/to not_allowed"]);
        world.post(&path, json!({ "to": "2026-02-30" })).refused(&["/to format"]);
        world.post(&path, json!({ "to": "2026-11-20" })).refused(&["/to not_later"]);
        world.post(&path, json!({ "days": 0 })).refused(&["/days too_small"]);
        let done = world.story_in("Done", &["accepted", "ready", "released"]);
        world.post(&format!("/v1/stories/{done}/slip"), json!({ "days": 1 })).problem(409, "conflict");
    });
}
