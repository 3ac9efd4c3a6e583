//! Bulk actions on closures.

use hearback::domain::base::bulk::{Acted, BulkResult};
use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::{Id, Paging},
    closure::ClosureState,
    team::Role,
};
use hearback::error::Error;
use hearback::store::base::events;
use hearback::store::base::idempotency::{self, IdempotencyKey, Kept};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::without_mail;
use crate::support::World;

const BULK: &str = "/v1/closures/bulk";

/// A released story with this many customers who wait to be told; returns it and their closures.
fn waiting(world: &World, customers: usize) -> (Id, Vec<Id>) {
    let theme = world.new_theme("Refunds");
    for n in 0..customers {
        world.customer(&format!("c{n}@example.com")).about(theme).files("Where is my refund?");
    }
    let story = world.story_about(theme);
    world.release_story(story);
    (story, world.closures(story).into_iter().map(|closure| closure.id).collect())
}

fn statuses(answer: &Value) -> Vec<u64> {
    let rows = answer["results"].as_array().unwrap_or_else(|| panic!("no results: {answer}"));
    rows.iter().map(|row| row["status"].as_u64().unwrap()).collect()
}

fn states(world: &World, story: Id) -> Vec<ClosureState> {
    world.closures(story).into_iter().map(|closure| closure.state).collect()
}

#[test]
fn closures_are_marked_as_told_in_bulk_with_a_note_on_each() {
    without_mail(|world| {
        let (story, ids) = waiting(world, 3);
        let token = world.token(Role::Support);
        let body = json!({ "act": "tell", "note": "In the newsletter", "ids": [ids[0], Id::next(), ids[1]] });
        let answer = world.send("POST", BULK, &token, Some(&body.clone()));
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer = answer.json();
        assert_eq!(statuses(&answer), [200, 404, 200]);
        assert_eq!((&answer["changed"], &answer["failed"]), (&json!(2), &json!(1)));
        assert_eq!(states(world, story), [ClosureState::Told, ClosureState::Told, ClosureState::Waiting]);
        assert_eq!(world.closures(story)[1].note.as_deref(), Some("In the newsletter"));
        assert_eq!(world.stage(story), Stage::Closing, "what follows from one follows from many");

        let again = world.send("POST", BULK, &token, Some(&body)).json();
        assert_eq!(statuses(&again), [409, 404, 409]);
        let single = world.send("POST", &format!("/v1/closures/{}/tell", ids[0]), &token, Some(&json!({}))).json();
        assert_eq!(again["results"][0]["problem"]["detail"], single["detail"]);

        let paging = Paging::new(Some(200), None, String::new()).unwrap();
        let log = world.store().read_now(|conn| events::history(conn, ids[0], &paging)).unwrap().data;
        let told = log.iter().find(|event| event.kind == "closure.told").expect("the event");
        assert_eq!(told.data["bulk_id"], answer["bulk_id"]);
        assert!(
            log.iter().filter(|event| event.kind != "closure.told").all(|event| event.data.get("bulk_id").is_none())
        );
    });
}

#[test]
fn closures_are_assigned_or_marked_unreachable_in_bulk() {
    without_mail(|world| {
        let (story, ids) = waiting(world, 3);
        let jin = world.member("jin@example.com");
        let token = world.token_of(Role::Support, jin);
        let act = |body: Value| world.send("POST", BULK, &token, Some(&body));
        act(json!({ "act": "assign", "member_id": Id::next(), "ids": ids })).refused(&["/member_id unknown"]);
        act(json!({ "act": "assign", "ids": [ids[0], ids[0]], "note": "x" })).refused(&[
            "/ids/1 repeated",
            "/member_id required",
            "/note not_taken",
        ]);
        let service = world.token(Role::Support);
        world
            .send("POST", BULK, &service, Some(&json!({ "act": "assign", "member_id": "me", "ids": ids })))
            .refused(&["/member_id not_a_member"]);

        assert_eq!(statuses(&act(json!({ "act": "assign", "member_id": "me", "ids": ids })).json()), [200, 200, 200]);
        assert!(world.closures(story).iter().all(|closure| closure.assignee_id == Some(jin)));
        let gone = act(json!({ "act": "unreachable", "reason": "The company closed.", "ids": ids })).json();
        assert_eq!(statuses(&gone), [200, 200, 200]);
        assert_eq!(world.closures(story)[2].reason.as_deref(), Some("The company closed."));
        assert_eq!(world.stage(story), Stage::Closed, "by itself, with the last case");
        let late = act(json!({ "act": "assign", "member_id": jin, "ids": ids })).json();
        assert_eq!(statuses(&late), [409, 409, 409]);
    });
}

#[test]
fn closures_are_recalled_and_resumed_in_bulk() {
    without_mail(|world| {
        let (story, ids) = waiting(world, 3);
        let token = world.token(Role::Support);
        let act = |body: Value| statuses(&world.send("POST", BULK, &token, Some(&body)).json());
        assert_eq!(act(json!({ "act": "tell", "ids": [ids[0]] })), [200]);
        assert_eq!(act(json!({ "act": "recall", "reason": "Wrong version", "ids": ids })), [409, 200, 200]);
        assert_eq!(states(world, story), [ClosureState::Told, ClosureState::Recalled, ClosureState::Recalled]);
        assert_eq!(act(json!({ "act": "resume", "ids": ids })), [409, 200, 200]);
        assert_eq!(states(world, story)[1], ClosureState::Waiting);
    });
}

#[test]
fn a_repeat_after_a_crash_goes_on_where_the_first_request_ended() {
    without_mail(|world| {
        let (story, ids) = waiting(world, 3);
        let token = world.token(Role::Support);
        let me = world.send("GET", "/v1/me", &token, None).json();
        let owner: Id = me["token"]["id"].as_str().unwrap_or_else(|| panic!("no token in {me}")).parse().unwrap();
        let body = json!({ "act": "tell", "ids": ids });

        // The state that a server leaves if it ends after the first part.
        let mut kept = BulkResult::begin();
        kept.note(ids[0], &Ok::<_, Error>(Acted { changed: true, correction: None }));
        let key = IdempotencyKey { token: owner, operation: format!("POST {BULK}"), key: "k".to_owned() };
        let hash = Sha256::digest(body.to_string()).to_vec();
        let part =
            Kept { payload_hash: hash, status: 102, location: None, body: serde_json::to_string(&kept).unwrap() };
        world.write(move |tx| idempotency::keep(tx, &key, &part)).unwrap();

        let send = |body: &Value| {
            world.open("POST", BULK).token(Some(&token)).header("Idempotency-Key", "k").json(body).send()
        };
        send(&json!({ "act": "tell", "ids": [ids[2]] })).problem(422, "idempotency_mismatch");
        let resumed = send(&body);
        assert_eq!((resumed.status, resumed.header("Idempotency-Replayed")), (200, None), "{resumed:?}");
        assert_eq!(statuses(&resumed.json()), [200, 200, 200]);
        assert_eq!(resumed.json()["bulk_id"], json!(kept.bulk_id), "it is the same act");
        let untouched = [ClosureState::Waiting, ClosureState::Told, ClosureState::Told];
        assert_eq!(states(world, story), untouched, "what was done is not done again");
        let again = send(&body);
        assert_eq!((again.header("Idempotency-Replayed"), &again.body), (Some("true"), &resumed.body));
    });
}
