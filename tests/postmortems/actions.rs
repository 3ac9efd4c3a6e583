//! Actions of postmortems are stories.

use hearback::domain::base::{Id, Time};
use hearback::domain::team::Role;
use serde_json::{Value, json};

use super::{id, incident, postmortem};
use crate::support::{World, on_each_world};

fn action(world: &World, postmortem: &Value, body: Value) -> Value {
    world.done(&format!("/v1/postmortems/{}/actions", id(postmortem)), body)
}

#[test]
fn an_action_makes_a_story_with_owner_and_due_date_and_a_link_back() {
    on_each_world(|world| {
        let made = incident(world, "Payments fail", 2);
        let drafted = postmortem(world, &made);
        let owner = world.person("Jin", "jin@team.example", Role::Developer, "en").id;
        let due = world.now().plus(3 * Time::DAY);
        let body = json!({ "title": "Alert on free connections", "so_that": "we notice it first", "owner_id": owner, "due_at": due });
        let added = action(world, &drafted, body);
        let story = world.read(&format!("/v1/stories/{}", added["story_id"].as_str().unwrap()));
        assert_eq!(story["title"], "Alert on free connections");
        assert_eq!((&story["owner_id"], &story["so_that"]), (&json!(owner), &json!("we notice it first")));
        assert_eq!(
            (&added["state"], &added["overdue"], &added["age_days"]),
            (&json!("open"), &json!(false), &json!(0))
        );
        let back = world.read(&format!("/v1/stories/{}/postmortems", added["story_number"].as_str().unwrap()));
        assert_eq!(back["data"][0]["postmortem_id"], drafted["id"]);
        assert_eq!(back["data"][0]["incident_number"], made["number"]);
        world.days_pass(4);
        let all = world.read("/v1/postmortem-actions?overdue=true");
        assert_eq!((&all["data"][0]["id"], &all["data"][0]["age_days"]), (&added["id"], &json!(4)));
        let counts = json!({ "open": 1, "overdue": 1, "done": 0, "dropped": 0, "done_rate": 0.0 });
        assert_eq!(all["counts"], counts);
    });
}

#[test]
fn a_released_story_is_a_done_action_and_a_declined_one_is_dropped() {
    on_each_world(|world| {
        let drafted = postmortem(world, &incident(world, "Payments fail", 2));
        let done = action(world, &drafted, json!({ "title": "Alert on free connections" }));
        let dropped = action(world, &drafted, json!({ "title": "Rewrite it all" }));
        let open = action(world, &drafted, json!({ "title": "Document the limits" }));
        let story = |action: &Value| action["story_id"].as_str().unwrap().to_owned();
        world.go(story(&done).parse().unwrap(), "accepted");
        world.release_story(story(&done).parse().unwrap());
        assert_eq!(world.moving(&story(&dropped), json!({ "to": "declined", "reason": "too much" })).status, 200);
        let all = world.read(&format!("/v1/postmortems/{}/actions", id(&drafted)));
        let states: Vec<&str> =
            all["data"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["done", "dropped", "open"]);
        let counts = world.read(&format!("/v1/postmortem-actions?product={}", world.product.key))["counts"].clone();
        assert_eq!(counts, json!({ "open": 1, "overdue": 0, "done": 1, "dropped": 1, "done_rate": 0.5 }));
        assert_eq!(world.ids("/v1/postmortem-actions?state=open"), [open["id"].as_str().unwrap()]);
    });
}

#[test]
fn an_existing_story_becomes_an_action_once_and_may_cover_earlier_actions() {
    on_each_world(|world| {
        let first = postmortem(world, &incident(world, "Payments fail", 2));
        let second = postmortem(world, &incident(world, "Payments fail again", 2));
        let earlier = action(world, &first, json!({ "title": "Alert on free connections" }));
        let story = world.story("Limit the pool");
        let later = action(world, &second, json!({ "story": story, "covers": [earlier["id"]] }));
        assert_eq!(later["covers"], json!([earlier["id"]]));
        let shown = world.read(&format!("/v1/postmortems/{}", id(&first)));
        assert_eq!(shown["actions"][0]["covered_by"], json!([later["id"]]));
        let path = format!("/v1/postmortems/{}/actions", id(&second));
        world.post(&path, json!({ "story": story })).problem(409, "conflict");
        world.post(&path, json!({ "covers": [later["id"]] })).refused(&["/title required", "/covers/0 unknown"]);
        let both = json!({ "story": story, "title": "T", "owner_id": Id::next() });
        world.post(&path, both).refused(&["/title not_allowed", "/owner_id unknown"]);
        world.post(&path, json!({ "story": "HB-999" })).refused(&["/story unknown"]);

        let one = format!("{path}/{}", id(&later));
        assert_eq!(world.request("DELETE", &one).send().status, 204);
        world.request("DELETE", &one).send().problem(404, "not_found");
        assert_eq!(world.read(&format!("/v1/stories/{story}"))["title"], "Limit the pool", "the story stays");
        assert_eq!(world.read(&format!("/v1/stories/{story}/postmortems"))["data"], json!([]));
    });
}
