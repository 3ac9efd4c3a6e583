//! Bulk actions on closures.

use hearback::domain::base::bulk::{Acted, BulkResult};
use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::{Id, Paging},
    closure::ClosureState,
    team::Role,
};
use hearback::store::base::events;
use hearback::store::base::idempotency::{self, Kept, Key};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::bench::{Bench, without_mail};

const BULK: &str = "/v1/closures/bulk";

/// A released story with this many customers who wait to be told; returns it and their closures.
fn waiting(bench: &Bench, customers: usize) -> (Id, Vec<Id>) {
    let theme = bench.theme();
    for n in 0..customers {
        bench.say(theme, &format!("c{n}@example.com"), "Where is my refund?");
    }
    let story = bench.story(theme);
    bench.release(story);
    (story, bench.closures(story).into_iter().map(|closure| closure.id).collect())
}

fn statuses(answer: &Value) -> Vec<u64> {
    let rows = answer["results"].as_array().unwrap_or_else(|| panic!("no results: {answer}"));
    rows.iter().map(|row| row["status"].as_u64().unwrap()).collect()
}

fn states(bench: &Bench, story: Id) -> Vec<ClosureState> {
    bench.closures(story).into_iter().map(|closure| closure.state).collect()
}

#[test]
fn many_are_told_at_once_and_the_note_is_kept_on_each() {
    without_mail(|bench| {
        let (story, ids) = waiting(bench, 3);
        let token = bench.token(Role::Support, None);
        let body = json!({ "act": "tell", "note": "In the newsletter", "ids": [ids[0], Id::next(), ids[1]] });
        let answer = bench.call(&token, "POST", BULK, Some(body.clone()));
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer = answer.json();
        assert_eq!(statuses(&answer), [200, 404, 200]);
        assert_eq!((&answer["changed"], &answer["failed"]), (&json!(2), &json!(1)));
        assert_eq!(states(bench, story), [ClosureState::Told, ClosureState::Told, ClosureState::Waiting]);
        assert_eq!(bench.closures(story)[1].note.as_deref(), Some("In the newsletter"));
        assert_eq!(bench.stage(story), Stage::Closing, "what follows from one follows from many");

        let again = bench.call(&token, "POST", BULK, Some(body)).json();
        assert_eq!(statuses(&again), [409, 404, 409]);
        let single = bench.call(&token, "POST", &format!("/v1/closures/{}/tell", ids[0]), None).json();
        assert_eq!(again["results"][0]["problem"]["detail"], single["detail"]);

        let paging = Paging::new(Some(200), None, String::new()).unwrap();
        let log = bench.app.store.read_now(|conn| events::history(conn, ids[0], &paging)).unwrap().data;
        let told = log.iter().find(|event| event.kind == "closure.told").expect("the event");
        assert_eq!(told.data["bulk_id"], answer["bulk_id"]);
        assert!(
            log.iter().filter(|event| event.kind != "closure.told").all(|event| event.data.get("bulk_id").is_none())
        );
    });
}

#[test]
fn many_become_a_members_to_do_or_are_given_up() {
    without_mail(|bench| {
        let (story, ids) = waiting(bench, 3);
        let jin = bench.member("jin@example.com");
        let token = bench.token(Role::Support, Some(jin));
        let act = |body: Value| bench.call(&token, "POST", BULK, Some(body));
        act(json!({ "act": "assign", "member_id": Id::next(), "ids": ids })).refused(&["/member_id unknown"]);
        act(json!({ "act": "assign", "ids": [ids[0], ids[0]], "note": "x" })).refused(&[
            "/ids/1 repeated",
            "/member_id required",
            "/note not_taken",
        ]);
        let service = bench.token(Role::Support, None);
        bench
            .call(&service, "POST", BULK, Some(json!({ "act": "assign", "member_id": "me", "ids": ids })))
            .refused(&["/member_id not_a_member"]);

        assert_eq!(statuses(&act(json!({ "act": "assign", "member_id": "me", "ids": ids })).json()), [200, 200, 200]);
        assert!(bench.closures(story).iter().all(|closure| closure.assignee_id == Some(jin)));
        let gone = act(json!({ "act": "unreachable", "reason": "The company closed.", "ids": ids })).json();
        assert_eq!(statuses(&gone), [200, 200, 200]);
        assert_eq!(bench.closures(story)[2].reason.as_deref(), Some("The company closed."));
        assert_eq!(bench.stage(story), Stage::Closed, "by itself, with the last case");
        let late = act(json!({ "act": "assign", "member_id": jin, "ids": ids })).json();
        assert_eq!(statuses(&late), [409, 409, 409]);
    });
}

#[test]
fn many_are_recalled_and_sent_after_all() {
    without_mail(|bench| {
        let (story, ids) = waiting(bench, 3);
        let token = bench.token(Role::Support, None);
        let act = |body: Value| statuses(&bench.call(&token, "POST", BULK, Some(body)).json());
        assert_eq!(act(json!({ "act": "tell", "ids": [ids[0]] })), [200]);
        assert_eq!(act(json!({ "act": "recall", "reason": "Wrong version", "ids": ids })), [409, 200, 200]);
        assert_eq!(states(bench, story), [ClosureState::Told, ClosureState::Recalled, ClosureState::Recalled]);
        assert_eq!(act(json!({ "act": "resume", "ids": ids })), [409, 200, 200]);
        assert_eq!(states(bench, story)[1], ClosureState::Waiting);
    });
}

#[test]
fn a_repeat_after_a_crash_goes_on_where_the_first_request_ended() {
    without_mail(|bench| {
        let (story, ids) = waiting(bench, 3);
        let token = bench.token(Role::Support, None);
        let me = bench.call(&token, "GET", "/v1/me", None).json();
        let owner: Id = me["token"]["id"].as_str().unwrap_or_else(|| panic!("no token in {me}")).parse().unwrap();
        let body = json!({ "act": "tell", "ids": ids });

        // What a server leaves behind that ends after the first part.
        let mut kept = BulkResult::begin();
        kept.note(ids[0], &Ok(Acted { changed: true, correction: None }));
        let key = Key { token: owner, operation: format!("POST {BULK}"), key: "k".to_owned() };
        let hash = Sha256::digest(body.to_string()).to_vec();
        let part =
            Kept { payload_hash: hash, status: 102, location: None, body: serde_json::to_string(&kept).unwrap() };
        bench.write(move |tx| idempotency::keep(tx, &key, &part)).unwrap();

        let send = |body: &Value| {
            bench.open("POST", BULK).token(Some(&token)).header("Idempotency-Key", "k").json(body).send()
        };
        send(&json!({ "act": "tell", "ids": [ids[2]] })).problem(422, "idempotency_mismatch");
        let resumed = send(&body);
        assert_eq!((resumed.status, resumed.header("Idempotency-Replayed")), (200, None), "{resumed:?}");
        assert_eq!(statuses(&resumed.json()), [200, 200, 200]);
        assert_eq!(resumed.json()["bulk_id"], json!(kept.bulk_id), "it is the same act");
        let untouched = [ClosureState::Waiting, ClosureState::Told, ClosureState::Told];
        assert_eq!(states(bench, story), untouched, "what was done is not done again");
        let again = send(&body);
        assert_eq!((again.header("Idempotency-Replayed"), &again.body), (Some("true"), &resumed.body));
    });
}
