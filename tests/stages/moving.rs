//! Transitions over the API, trials, due dates.

use serde_json::json;

use crate::support::ADMIN;
use crate::support::{days_from_now, on_each_world};

#[test]
fn a_person_releases_what_is_ready_and_nothing_else() {
    on_each_world(|world| {
        let story = world.story_in("Refunds", &["accepted", "testing"]);
        world.moving(&story, json!({ "to": "released" })).problem(409, "stage_refused");
        world.to(&story, "ready");
        let released = world.to(&story, "released");
        assert_eq!((released["round"].as_i64(), released["released_at"].is_string()), (Some(1), true));
        world.to(&story, "closing");
        world.to(&story, "closed");

        // A released story that moves back into development is reopened; its next release is another round.
        world.moving(&story, json!({ "to": "building" })).refused(&["/reason required"]);
        let back = world.moving(&story, json!({ "to": "building", "reason": "It came back" })).json();
        assert_eq!((back["stage"].as_str(), back["stage_reason"].as_str()), (Some("building"), Some("It came back")));
        let (kind, data) = world.shown_history(&story).pop().unwrap();
        assert_eq!(kind, "story.reopened");
        assert_eq!(data, json!({ "from": "closed", "to": "building", "has_reason": true }));
        world.to(&story, "ready");
        assert_eq!(world.to(&story, "released")["round"], 2);
        // A release that is taken back makes the story ready, not reopened.
        let ready = world.moving(&story, json!({ "to": "ready", "reason": "The release failed" })).json();
        assert_eq!((ready["stage"].as_str(), ready["released_at"].is_null()), (Some("ready"), true));
        assert_eq!(world.shown_history(&story).pop().unwrap().0, "story.moved");
    });
}

#[test]
fn options_of_a_move_go_with_their_stage() {
    on_each_world(|world| {
        let story = world.story_in("Refunds", &["accepted"]);
        world
            .moving(&story, json!({ "to": "testing", "override_gates": true, "unreachable_reason": "gone" }))
            .refused(&["/override_gates not_allowed", "/reason required", "/unreachable_reason not_allowed"]);
        let stale = world.request("POST", &format!("/v1/stories/{story}/transitions"));
        stale.header("If-Match", "\"1\"").json(&json!({ "to": "testing" })).send().problem(412, "version_mismatch");
        assert_eq!(world.shown_stage(&story), "accepted");
        // The same key moves it once.
        let path = format!("/v1/stories/{story}/transitions");
        let again = || {
            let request = world.request("POST", &path).header("Idempotency-Key", "move-1");
            request.json(&json!({ "to": "testing" })).send()
        };
        assert_eq!((again().status, again().header("Idempotency-Replayed")), (200, Some("true")));
        assert_eq!(world.shown_story(&story)["version"], 3);
    });
}

#[test]
fn a_declined_story_says_why_to_support() {
    on_each_world(|world| {
        let story = world.story("Fax support");
        let declined = world.moving(&story, json!({ "to": "declined", "reason": "Nobody has a fax" })).json();
        assert!(declined["respond_by"].is_null(), "the promise is kept: {declined}");
        let (_, agent) = world.member_with_token("sue", "support");
        let list = world.request("GET", "/v1/stories?stage=declined").token(Some(&agent)).send().json();
        assert_eq!(list["data"][0]["stage_reason"], "Nobody has a fax");
        let again = world.moving(&story, json!({ "to": "draft", "reason": "A hospital asked" })).json();
        assert!(again["respond_by"].is_string(), "a new promise: {again}");
    });
}

#[test]
fn overdue_stories_are_listed() {
    on_each_world(|world| {
        let late = world.story_in("Late", &["accepted"]);
        let early = world.story_in("Early", &["accepted"]);
        let draft = world.story("Just drafted");
        for (story, days) in [(&late, -1), (&early, 30)] {
            let edited = world.patch(&format!("/v1/stories/{story}"), json!({ "due_at": days_from_now(days) }));
            assert_eq!(edited.status, 200, "{edited:?}");
        }
        let (kind, data) = world.shown_history(&late).pop().unwrap();
        assert_eq!((kind.as_str(), &data["fields"]), ("story.updated", &json!(["due_at"])));
        assert_eq!(world.ids("/v1/stories?overdue=true"), std::slice::from_ref(&late));
        assert_eq!(world.ids("/v1/stories?overdue=false"), [draft, early]);
        world.get("/v1/stories?overdue=maybe").refused(&["/overdue type"]);
        for stage in ["ready", "released"] {
            world.to(&late, stage);
        }
        assert!(world.ids("/v1/stories?overdue=true").is_empty(), "what is out is not late");
    });
}

#[test]
fn a_duplicate_leaves_its_release() {
    on_each_world(|world| {
        let (one, other) = (world.ready_story("Refunds"), world.ready_story("Money back"));
        let release = world.release("1.0", &[&one, &other]);
        assert_eq!(world.moving(&other, json!({ "to": "duplicate", "duplicate_of": one })).status, 200);
        let stories = world.shown_release(&release)["stories"].clone();
        assert_eq!((stories.as_array().unwrap().len(), stories[0]["story_id"].as_str()), (1, Some(one.as_str())));
    });
}

#[test]
fn trials_are_evidence_until_the_person_is_erased() {
    on_each_world(|world| {
        let story = world.story_in("Refunds", &["accepted", "testing"]);
        let path = format!("/v1/stories/{story}/trials");
        let min = json!({ "external_id": "8841", "origin": "zendesk", "name": "Min-ji Park" });
        let customer = world.done("/v1/customers", min)["id"].as_str().unwrap().to_owned();
        world.post(&path, json!({ "kind": "trial", "verdict": "passed" })).refused(&["/customer_id required"]);
        let nobody = "00000000-0000-7000-8000-000000000000";
        world
            .post(&path, json!({ "kind": "trial", "verdict": "passed", "customer_id": nobody }))
            .refused(&["/customer_id unknown"]);
        world.post(&path, json!({ "kind": "party", "verdict": "great", "tried_by": " " })).refused(&[
            "/kind not_one_of",
            "/tried_by pattern",
            "/verdict not_one_of",
        ]);
        world
            .post(
                &format!("/v1/stories/{nobody}/trials"),
                json!({ "kind": "demo", "tried_by": "Al", "verdict": "passed" }),
            )
            .problem(404, "not_found");
        let trial = json!({
            "kind": "trial", "customer_id": customer, "verdict": "mixed", "note": "Found it late",
            "tried_at": "2026-11-20T10:00:00Z",
        });
        world.done(&path, trial);
        world.done(
            &path,
            json!({ "kind": "demo", "tried_by": "Min-ji Park", "verdict": "passed", "note": "She liked it" }),
        );
        world.done(&path, json!({ "kind": "demo", "tried_by": "Al Green", "verdict": "failed" }));
        let kinds: Vec<String> = world.shown_history(&story).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds[kinds.len() - 3..], ["trial.recorded", "trial.recorded", "trial.recorded"]);

        let gone = world.request("DELETE", &format!("/v1/customers/{customer}")).token(Some(ADMIN)).send();
        assert!(gone.status < 300, "{gone:?}");
        let trials = world.read(&path);
        assert!(!trials.to_string().contains("Min-ji") && !trials.to_string().contains("Found it late"), "{trials}");
        assert_eq!(trials["data"][2]["verdict"], "mixed", "that there was one stays");
        assert!(trials["data"][2]["customer_id"].is_null());
        assert_eq!(trials["data"][0]["tried_by"], "Al Green");
    });
}
