//! Hooks that are refused or ignored.

use serde_json::{Value, json};

use super::hosts::{GITHUB_SECRET, github_signature, on_each_team, on_each_team_with, pull_request, push};
use crate::support::{World, on_each_world};

#[test]
fn without_a_secret_no_hook_is_taken() {
    on_each_world(|server: &World| {
        for hook in ["github", "gitlab"] {
            let answer = server.request("POST", &format!("/v1/hooks/{hook}")).token(None).json(&json!({})).send();
            let problem = answer.problem(404, "not_found");
            assert!(problem["detail"].as_str().unwrap().contains("_SECRET is not set"), "{answer:?}");
        }
    });
}

#[test]
fn the_vector_that_github_publishes_is_right_and_no_json() {
    on_each_team(|world| {
        let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        world.github_signed("", "ping", "Hello, World!", "d1", signature).problem(400, "malformed_request");
        world.github_signed("", "ping", "Hello, World?", "d1", signature).problem(401, "bad_signature");
    });
}

#[test]
fn a_hook_with_a_forged_signature_has_no_effect() {
    on_each_team(|world| {
        let story = world.story_at("Refunds", "accepted");
        let body = push("hb-1", &[]).to_string();
        let right = github_signature(GITHUB_SECRET, body.as_bytes());
        for wrong in
            ["", "sha256=", "sha1=0", &right[7..], &right.to_uppercase(), &github_signature("other", body.as_bytes())]
        {
            let answer = world.github_signed("", "push", &body, "d1", wrong);
            answer.problem(401, "bad_signature");
            assert_eq!(answer.header("WWW-Authenticate"), Some("Signature"));
        }
        // The signature covers the exact bytes: even another order of keys is refused.
        world.github_signed("", "push", &format!("{body} "), "d1", &right).problem(401, "bad_signature");
        // A token of the API does not replace the signature.
        let with_token = world.request("POST", "/v1/hooks/github").header("X-GitHub-Event", "push");
        with_token.header("X-GitHub-Delivery", "d1").json_text(body.clone()).send().problem(401, "bad_signature");
        assert_eq!((world.stage_of(&story).as_str(), world.links_of(&story).len()), ("accepted", 0));
        assert_eq!(world.github_signed("", "push", &body, "d1", &right).json()["outcome"], "handled");
    });
}

#[test]
fn a_delivery_is_handled_once_and_so_is_its_body() {
    on_each_team(|world| {
        let story = world.story_at("Refunds", "accepted");
        let opened = pull_request("opened", "HB-1", json!({}));
        assert_eq!(world.github_again("pull_request", &opened, "d1").json()["outcome"], "handled");
        let closed = pull_request("closed", "HB-1", json!({ "state": "closed" }));
        assert_eq!(world.github_again("pull_request", &closed, "d2").json()["outcome"], "handled");
        world.move_story(&story, "designing");
        let moves = world.times_moved(&story);
        let again = world.github_again("pull_request", &opened, "d1");
        assert_eq!((again.status, &again.json()["outcome"]), (200, &json!("repeated")));
        // A captured body sent again under another delivery id: the signature is right, but the body was handled
        // before.
        assert_eq!(world.github_again("pull_request", &opened, "d3").json()["outcome"], "repeated");
        assert_eq!(world.links_of(&story), ["pull_request 42 closed"]);
        assert_eq!((world.stage_of(&story).as_str(), world.times_moved(&story)), ("designing", moves));

        // Twenty concurrent deliveries are handled once.
        let burst = push("hb-1-burst", &[]).to_string();
        let outcomes: Vec<Value> = std::thread::scope(|scope| {
            let send = || world.github_to("", "push", &burst, "d4").json()["outcome"].clone();
            let sent: Vec<_> = (0..20).map(|_| scope.spawn(send)).collect();
            sent.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == "handled").count(), 1, "{outcomes:?}");
    });
}

#[test]
fn payloads_of_another_shape_are_refused_by_field_and_may_be_sent_again() {
    on_each_team(|world| {
        let refused = |event: &str, payload: Value, wrong: &[&str]| {
            world.github_again(event, &payload, "d1").refused(wrong);
        };
        refused("push", json!({}), &["/repository required"]);
        refused("push", json!({ "ref": 5, "repository": { "full_name": "a/b" } }), &["/ref type"]);
        refused("push", json!({ "ref": "refs/heads/x", "repository": [] }), &["/repository type"]);
        let mut payload = push("x", &[]);
        payload["commits"] = json!([{ "id": "c1", "message": "fine" }, { "id": 7, "message": "x" }]);
        refused("push", payload, &["/commits/1/id type"]);
        refused("pull_request", json!({ "action": "opened", "pull_request": "x" }), &["/pull_request type"]);
        refused(
            "issues",
            json!({ "action": "opened", "issue": { "number": "7" }, "repository": { "full_name": "a/b" } }),
            &["/issue/number type"],
        );
        refused("deployment_status", json!({ "deployment_status": null }), &["/deployment_status required"]);
        for body in ["[]", "7", "\"x\"", "null"] {
            world.github_to("", "push", body, "d1").refused(&["/repository required"]);
        }
        world.github_to("?product=NOPE", "ping", "{}", "d0");
        let label = json!({ "action": "opened", "repository": { "full_name": "a/b" }, "issue": {
            "number": 1, "state": "open", "title": "x", "body": "y", "labels": [{ "name": "feedback" }] } });
        world.github_to("?product=NOPE", "issues", &label.to_string(), "d1").refused(&["/product unknown"]);
        world.github_to("?produkt=HB", "ping", "{}", "d1").refused(&["/produkt unknown_field"]);
        // Nothing of that was handled.
        assert_eq!(world.github_to("", "issues", &label.to_string(), "d1").json()["outcome"], "handled");

        let sign = |body: &str| github_signature(GITHUB_SECRET, body.as_bytes());
        world.github_signed("", "", "{}", "d1", &sign("{}")).refused(&["/X-GitHub-Event required"]);
        world.github_signed("", "push", "{}", "", &sign("{}")).refused(&["/X-GitHub-Delivery required"]);
        world.github_signed("", "push", "{}", &"d".repeat(256), &sign("{}")).refused(&["/X-GitHub-Delivery too_long"]);
    });
}

#[test]
fn a_form_is_read_like_json_and_other_types_are_refused() {
    on_each_team(|world| {
        let story = world.story_at("Refunds", "accepted");
        let form = serde_urlencoded::to_string([("payload", push("hb-1", &[]).to_string())]).unwrap();
        let send = |kind: &str, body: &str| {
            let request = world.request("POST", "/v1/hooks/github").token(None).header("X-GitHub-Event", "push");
            let request = request.header("X-Hub-Signature-256", &github_signature(GITHUB_SECRET, body.as_bytes()));
            request.header("X-GitHub-Delivery", "d1").header("Content-Type", kind).body(body).send()
        };
        send("text/plain", &form).problem(415, "unsupported_media_type");
        send("application/x-www-form-urlencoded", "other=1").refused(&["/payload required"]);
        assert_eq!(send("application/x-www-form-urlencoded", &form).json()["outcome"], "handled");
        assert_eq!(world.stage_of(&story), "building");
        let packed = world.request("POST", "/v1/hooks/github").token(None).header("Content-Encoding", "gzip");
        packed.json(&json!({})).send().problem(415, "unsupported_media_type");
    });
}

#[test]
fn a_huge_body_is_refused_before_it_is_read() {
    on_each_team_with(
        |config| config.body_limit = 4096,
        |world| {
            let huge = json!({ "zen": "x".repeat(5_000) }).to_string();
            world.github_to("", "ping", &huge, "d1").problem(413, "too_large");
            assert_eq!(
                world.gitlab("Push Hook", &json!({ "x": "x".repeat(5_000) })).problem(413, "too_large")["status"],
                413
            );
        },
    );
}

#[test]
fn other_events_are_ignored_and_a_ping_is_answered() {
    on_each_team(|world| {
        let ping = world.github("ping", &json!({ "zen": "Keep it logically awesome.", "hook_id": 1 }));
        assert_eq!((ping.status, &ping.json()["outcome"]), (200, &json!("handled")));
        for event in ["star", "workflow_run", "no_such_event"] {
            let answer = world.github(event, &json!({ "action": "created" }));
            assert_eq!((answer.status, &answer.json()["outcome"]), (202, &json!("ignored")));
        }
        let tag = json!({ "ref": "refs/tags/v1", "repository": { "full_name": "a/b" } });
        assert_eq!(world.github("push", &tag).status, 202);
        assert_eq!(world.github("pull_request", &pull_request("assigned", "HB-1", json!({}))).status, 202);
    });
}
