//! Acts on many items of feedback: by ids or by filters, in the background, with one undo.

use std::time::Duration;

use hearback::domain::base::Id;
use hearback::domain::team::Role;
use serde_json::{Value, json};

use crate::support::{World, eventually, on_each_world};

fn files(world: &World, source: &str, count: usize) -> Vec<String> {
    let text = |n: usize| json!({ "text": format!("Refund number {n} has not arrived"), "source": source });
    let batch: Vec<Value> = (0..count).map(text).collect();
    let answer = world.done("/v1/feedback/batch", json!({ "feedback": batch }));
    let rows = answer["results"].as_array().expect("results");
    rows.iter().map(|row| row["feedback"]["id"].as_str().expect("an id").to_owned()).collect()
}

fn begins(world: &World, body: Value) -> String {
    let answer = world.post("/v1/acts", body);
    assert_eq!(answer.status, 202, "{answer:?}");
    let act = answer.json();
    assert_eq!(answer.header_text("location"), format!("/v1/acts/{}", act["id"].as_str().expect("an id")));
    act["id"].as_str().expect("an id").to_owned()
}

fn act(world: &World, id: &str) -> Value {
    world.read(&format!("/v1/acts/{id}"))
}

fn counts(act: &Value) -> [i64; 6] {
    ["total", "changed", "unchanged", "failed", "undone", "kept"].map(|name| act[name].as_i64().expect("a count"))
}

fn tagged(world: &World, tag: &str) -> usize {
    world.walk(&format!("/v1/feedback?tag={tag}&limit=200"), || ()).len()
}

#[test]
fn an_act_on_all_that_matches_goes_on_in_the_background_and_is_undone_as_a_whole() {
    on_each_world(|world| {
        let chats = files(world, "chat", 450);
        files(world, "call", 3);
        world.patch(&format!("/v1/feedback/{}", chats[7]), json!({ "tags": ["refund", "old"] }));
        let id = begins(world, json!({ "act": "tag", "tags": ["Refund"], "matching": "source=chat" }));
        assert_eq!((&act(world, &id)["state"], &act(world, &id)["total"]), (&json!("running"), &json!(450)));
        // What arrives later is left alone.
        files(world, "chat", 1);
        world.step_until_idle("acts");
        let done = act(world, &id);
        assert_eq!((&done["state"], counts(&done)), (&json!("done"), [450, 449, 1, 0, 0, 0]));
        assert_eq!(tagged(world, "refund"), 450);
        let told = || {
            let events = world.walk("/v1/events?kind=feedback.updated&limit=200", || ());
            events.iter().filter(|event| event["data"]["bulk_id"] == json!(id)).count()
        };
        // The log is read up to the oldest transaction of the whole server, the other tests' too.
        eventually("each item has its event", Duration::from_secs(30), || told() == 449);

        assert_eq!(world.post(&format!("/v1/acts/{id}/undo"), json!({})).status, 202);
        assert_eq!(act(world, &id)["state"], "undoing");
        world.step_until_idle("acts");
        let undone = act(world, &id);
        assert_eq!((&undone["state"], counts(&undone)), (&json!("undone"), [450, 449, 1, 0, 449, 0]));
        assert_eq!(tagged(world, "refund"), 1, "the tag that was there before stays");
        assert_eq!(world.read(&format!("/v1/feedback/{}", chats[7]))["tags"], json!(["refund", "old"]));
        world.post(&format!("/v1/acts/{id}/undo"), json!({})).problem(409, "conflict");
    });
}

#[test]
fn a_move_can_make_its_theme_and_is_undone_with_it() {
    on_each_world(|world| {
        let ids = files(world, "chat", 3);
        let id = begins(world, json!({ "act": "move", "new_theme": " Late refunds ", "matching": "source=chat" }));
        world.step_until_idle("acts");
        let done = act(world, &id);
        assert_eq!(counts(&done), [3, 3, 0, 0, 0, 0]);
        let theme = world.read(&format!("/v1/themes/{}", done["theme_id"].as_str().expect("a theme")));
        assert_eq!((&theme["label"], &theme["size"]), (&json!("Late refunds"), &json!(3)));
        assert_eq!(world.read(&format!("/v1/feedback/{}", ids[0]))["theme"]["id"], theme["id"]);
        assert_eq!(world.post(&format!("/v1/acts/{id}/undo"), json!({})).status, 202);
        world.step_until_idle("acts");
        assert_eq!(world.read(&format!("/v1/feedback/{}", ids[0]))["theme"], Value::Null);
        assert!(!world.ids("/v1/themes").contains(&theme["id"].as_str().expect("an id").to_owned()), "it is empty");

        let refused = |body: Value, at: &str| {
            let problem = world.post("/v1/acts", body).problem(422, "invalid");
            assert_eq!(problem["errors"][0]["pointer"], at, "{problem}");
        };
        refused(json!({ "act": "move", "ids": ids }), "/theme_id");
        refused(json!({ "act": "move", "ids": ids, "new_theme": "  " }), "/new_theme");
        refused(json!({ "act": "move", "ids": ids, "new_theme": "x", "theme_id": theme["id"] }), "/new_theme");
        refused(json!({ "act": "tag", "tags": ["x"], "ids": ids, "new_theme": "x" }), "/new_theme");
        refused(json!({ "act": "move", "ids": [Id::next()], "new_theme": "x" }), "/ids");
        refused(json!({ "act": "move", "matching": "q=nothing", "new_theme": "x" }), "/matching");
    });
}

#[test]
fn what_was_changed_later_is_kept_and_refusals_are_told() {
    on_each_world(|world| {
        let theme = world.new_theme("Late refunds");
        let ids = files(world, "chat", 3);
        world.dismiss(ids[2].parse().expect("an id")).expect("dismissed");
        let id = begins(world, json!({ "act": "move", "theme_id": theme, "ids": ids }));
        world.step_until_idle("acts");
        let done = act(world, &id);
        assert_eq!(counts(&done), [3, 2, 0, 1, 0, 0]);
        assert_eq!(done["problems"][0]["feedback_id"], json!(ids[2]));
        assert_eq!(done["problems"][0]["detail"], "It is dismissed; restore it first.");
        let other = world.new_theme("Other");
        world.move_feedback(ids[0].parse().expect("an id"), Some(other)).expect("moved");
        world.post(&format!("/v1/acts/{id}/undo"), json!({}));
        world.step_until_idle("acts");
        assert_eq!(counts(&act(world, &id)), [3, 2, 0, 1, 1, 1]);
        assert_eq!(world.read(&format!("/v1/feedback/{}", ids[0]))["theme"]["id"], json!(other));
        assert_eq!(world.read(&format!("/v1/feedback/{}", ids[1]))["theme"], Value::Null);
    });
}

#[test]
fn an_act_that_runs_stops_when_it_is_undone() {
    on_each_world(|world| {
        files(world, "chat", 300);
        let id = begins(world, json!({ "act": "dismiss", "reason": "Noise", "matching": "" }));
        world.step("acts");
        let before = counts(&act(world, &id))[1];
        assert!(before > 0);
        assert_eq!(world.post(&format!("/v1/acts/{id}/undo"), json!({})).status, 202);
        world.step_until_idle("acts");
        assert_eq!(counts(&act(world, &id))[4], before);
        assert_eq!(world.walk("/v1/feedback?state=dismissed&limit=200", || ()).len(), 0);
    });
}

#[test]
fn support_undoes_its_own_acts_only() {
    on_each_world(|world| {
        let ids = files(world, "chat", 1);
        let mine = world.token(Role::Support);
        let dismiss = json!({ "act": "dismiss", "reason": "Noise", "ids": ids });
        let own = world.send("POST", "/v1/acts", &mine, Some(&dismiss)).json();
        world.step_until_idle("acts");
        let undo = format!("/v1/acts/{}/undo", own["id"].as_str().expect("an id"));
        let other = world.token(Role::Support);
        world.send("POST", &undo, &other, None).problem(403, "forbidden");
        assert_eq!(world.send("POST", &undo, &mine, None).status, 202);
        world.step_until_idle("acts");
        assert_eq!(world.read(&format!("/v1/feedback/{}", ids[0]))["state"], "pending");
    });
}

#[test]
fn every_wrong_field_of_an_act_is_named() {
    on_each_world(|world| {
        let id = Id::next();
        world.post("/v1/acts", json!({ "act": "dismiss", "ids": [id] })).refused(&["/reason required"]);
        world.post("/v1/acts", json!({ "act": "restore" })).refused(&["/ids required"]);
        world
            .post("/v1/acts", json!({ "act": "restore", "ids": [id], "matching": "" }))
            .refused(&["/matching not_taken"]);
        let wrong = json!({ "act": "restore", "matching": "state=nonsense&colour=red" });
        world.post("/v1/acts", wrong).refused(&["/matching not_one_of", "/matching unknown_field"]);
        world.post("/v1/acts", json!({ "act": "restore", "matching": "limit=5" })).refused(&["/matching not_taken"]);
        world.post("/v1/acts", json!({ "act": "restore", "matching": "product=NOPE" })).refused(&["/product unknown"]);
        world.post("/v1/acts", json!({ "act": "move", "theme_id": id, "ids": [id] })).refused(&["/theme_id unknown"]);
    });
}

#[test]
fn filters_take_several_values() {
    on_each_world(|world| {
        let ids = files(world, "chat", 2);
        files(world, "call", 1);
        files(world, "survey", 1);
        world.dismiss(ids[0].parse().expect("an id")).expect("dismissed");
        let count = |query: &str| world.ids(&format!("/v1/feedback?{query}")).len();
        assert_eq!(count("source=chat,call"), 3);
        assert_eq!(count("source=chat&source=call"), 3);
        assert_eq!(count("state=pending,dismissed"), 4);
        assert_eq!(count("state=dismissed,set_aside&source=chat"), 1);
        world.get("/v1/feedback?state=pending,nonsense").refused(&["/state not_one_of"]);
    });
}

#[test]
fn acts_of_a_member_are_listed_and_erasing_a_person_forgets_what_they_changed() {
    on_each_world(|world| {
        let filed = world.done("/v1/feedback", json!({ "text": "Late again", "customer": { "name": "Ada" } }));
        let (member, token) = world.member_with_token("Mina", "product");
        let tag = json!({ "act": "tag", "tags": ["ada lovelace"], "ids": [filed["id"]] });
        let begun = world.send("POST", "/v1/acts", &token, Some(&tag)).json();
        world.step_until_idle("acts");
        assert_eq!(world.ids(&format!("/v1/acts?member={member}")), [begun["id"].as_str().expect("an id")]);
        assert_eq!(world.ids("/v1/acts?member=0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d").len(), 0);
        let customer = filed["customer"]["id"].as_str().expect("a customer");
        let preview = world.read(&format!("/v1/customers/{customer}/erasure_preview"));
        assert_eq!((&preview["feedback"], &preview["merged"]), (&json!(1), &json!(0)));
        let admin = world.token(Role::Admin);
        assert_eq!(world.send("DELETE", &format!("/v1/customers/{customer}"), &admin, None).status, 200);
        let id = begun["id"].as_str().expect("an id");
        world.post(&format!("/v1/acts/{id}/undo"), json!({}));
        world.step_until_idle("acts");
        assert_eq!(counts(&act(world, id))[4], 0, "nothing is known that could be undone");
    });
}
