//! Transitions over the API, trials, due dates.

use serde_json::json;

use super::team::{days_from_now, on_each_database};
use crate::support::ADMIN;

#[test]
fn a_person_releases_what_is_ready_and_nothing_else() {
    on_each_database(|team| {
        let story = team.story_in("Refunds", &["accepted", "testing"]);
        team.moving(&story, json!({ "to": "released" })).problem(409, "stage_refused");
        team.to(&story, "ready");
        let released = team.to(&story, "released");
        assert_eq!((released["round"].as_i64(), released["released_at"].is_string()), (Some(1), true));
        team.to(&story, "closing");
        team.to(&story, "closed");

        // Back into development it is reopened; its next release is another round.
        team.moving(&story, json!({ "to": "building" })).refused(&["/reason required"]);
        let back = team.moving(&story, json!({ "to": "building", "reason": "It came back" })).json();
        assert_eq!((back["stage"].as_str(), back["stage_reason"].as_str()), (Some("building"), Some("It came back")));
        let (kind, data) = team.history(&story).pop().unwrap();
        assert_eq!(kind, "story.reopened");
        assert_eq!(data, json!({ "from": "closed", "to": "building", "has_reason": true }));
        team.to(&story, "ready");
        assert_eq!(team.to(&story, "released")["round"], 2);
        // Taken back, it is ready, not reopened.
        let ready = team.moving(&story, json!({ "to": "ready", "reason": "The release failed" })).json();
        assert_eq!((ready["stage"].as_str(), ready["released_at"].is_null()), (Some("ready"), true));
        assert_eq!(team.history(&story).pop().unwrap().0, "story.moved");
    });
}

#[test]
fn options_of_a_move_go_with_their_stage() {
    on_each_database(|team| {
        let story = team.story_in("Refunds", &["accepted"]);
        team.moving(&story, json!({ "to": "testing", "override_gates": true, "unreachable_reason": "gone" }))
            .refused(&["/override_gates not_allowed", "/reason required", "/unreachable_reason not_allowed"]);
        let stale = team.server.request("POST", &format!("/v1/stories/{story}/transitions"));
        stale.header("If-Match", "\"1\"").json(&json!({ "to": "testing" })).send().problem(412, "version_mismatch");
        assert_eq!(team.stage(&story), "accepted");
        // The same key moves it once.
        let path = format!("/v1/stories/{story}/transitions");
        let again = || {
            let request = team.server.request("POST", &path).header("Idempotency-Key", "move-1");
            request.json(&json!({ "to": "testing" })).send()
        };
        assert_eq!((again().status, again().header("Idempotency-Replayed")), (200, Some("true")));
        assert_eq!(team.shown(&story)["version"], 3);
    });
}

#[test]
fn a_declined_story_says_why_to_support() {
    on_each_database(|team| {
        let story = team.story("Fax support");
        let declined = team.moving(&story, json!({ "to": "declined", "reason": "Nobody has a fax" })).json();
        assert!(declined["respond_by"].is_null(), "the promise is kept: {declined}");
        let (_, agent) = team.member("sue", "support");
        let list = team.server.request("GET", "/v1/stories?stage=declined").token(Some(&agent)).send().json();
        assert_eq!(list["data"][0]["stage_reason"], "Nobody has a fax");
        let again = team.moving(&story, json!({ "to": "draft", "reason": "A hospital asked" })).json();
        assert!(again["respond_by"].is_string(), "a new promise: {again}");
    });
}

#[test]
fn who_is_late_is_listed() {
    on_each_database(|team| {
        let late = team.story_in("Late", &["accepted"]);
        let early = team.story_in("Early", &["accepted"]);
        let draft = team.story("Just drafted");
        for (story, days) in [(&late, -1), (&early, 30)] {
            let edited = team.patch(&format!("/v1/stories/{story}"), json!({ "due_at": days_from_now(days) }));
            assert_eq!(edited.status, 200, "{edited:?}");
        }
        let (kind, data) = team.history(&late).pop().unwrap();
        assert_eq!((kind.as_str(), &data["fields"]), ("story.updated", &json!(["due_at"])));
        assert_eq!(team.server.ids("/v1/stories?overdue=true"), std::slice::from_ref(&late));
        assert_eq!(team.server.ids("/v1/stories?overdue=false"), [draft, early]);
        team.server.get("/v1/stories?overdue=maybe").refused(&["/overdue type"]);
        for stage in ["ready", "released"] {
            team.to(&late, stage);
        }
        assert!(team.server.ids("/v1/stories?overdue=true").is_empty(), "what is out is not late");
    });
}

#[test]
fn a_duplicate_leaves_its_release() {
    on_each_database(|team| {
        let (one, other) = (team.ready("Refunds"), team.ready("Money back"));
        let release = team.release("1.0", &[&one, &other]);
        assert_eq!(team.moving(&other, json!({ "to": "duplicate", "duplicate_of": one })).status, 200);
        let stories = team.released(&release)["stories"].clone();
        assert_eq!((stories.as_array().unwrap().len(), stories[0]["story_id"].as_str()), (1, Some(one.as_str())));
    });
}

#[test]
fn trials_are_evidence_until_the_person_is_erased() {
    on_each_database(|team| {
        let story = team.story_in("Refunds", &["accepted", "testing"]);
        let path = format!("/v1/stories/{story}/trials");
        let min = json!({ "external_id": "8841", "origin": "zendesk", "name": "Min-ji Park" });
        let customer = team.done("/v1/customers", min)["id"].as_str().unwrap().to_owned();
        team.post(&path, json!({ "kind": "trial", "verdict": "passed" })).refused(&["/customer_id required"]);
        let nobody = "00000000-0000-7000-8000-000000000000";
        team.post(&path, json!({ "kind": "trial", "verdict": "passed", "customer_id": nobody }))
            .refused(&["/customer_id unknown"]);
        team.post(&path, json!({ "kind": "party", "verdict": "great", "tried_by": " " })).refused(&[
            "/kind not_one_of",
            "/tried_by pattern",
            "/verdict not_one_of",
        ]);
        team.post(
            &format!("/v1/stories/{nobody}/trials"),
            json!({ "kind": "demo", "tried_by": "Al", "verdict": "passed" }),
        )
        .problem(404, "not_found");
        let trial = json!({
            "kind": "trial", "customer_id": customer, "verdict": "mixed", "note": "Found it late",
            "tried_at": "2026-11-20T10:00:00Z",
        });
        team.done(&path, trial);
        team.done(
            &path,
            json!({ "kind": "demo", "tried_by": "Min-ji Park", "verdict": "passed", "note": "She liked it" }),
        );
        team.done(&path, json!({ "kind": "demo", "tried_by": "Al Green", "verdict": "failed" }));
        let kinds: Vec<String> = team.history(&story).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds[kinds.len() - 3..], ["trial.recorded", "trial.recorded", "trial.recorded"]);

        let gone = team.server.request("DELETE", &format!("/v1/customers/{customer}")).token(Some(ADMIN)).send();
        assert!(gone.status < 300, "{gone:?}");
        let trials = team.get(&path);
        assert!(!trials.to_string().contains("Min-ji") && !trials.to_string().contains("Found it late"), "{trials}");
        assert_eq!(trials["data"][2]["verdict"], "mixed", "that there was one stays");
        assert!(trials["data"][2]["customer_id"].is_null());
        assert_eq!(trials["data"][0]["tried_by"], "Al Green");
    });
}
