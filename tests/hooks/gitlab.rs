//! GitLab's hooks.

use serde_json::{Value, json};

use super::github::release_of_a_story;
use super::hosts::{GITLAB_SECRET, now, on_each_team, standard_signature, text};
use crate::support::{World, on_each};

fn project() -> Value {
    json!({ "id": 3, "path_with_namespace": "acme/web/app", "web_url": "https://gitlab.com/acme/web/app" })
}

fn merge_request(state: &str, more: Value) -> Value {
    let mut merge = json!({
        "iid": 12, "title": "Show the day", "description": "For HB-1", "state": state, "action": "open", "draft": false,
        "source_branch": "days", "target_branch": "main", "url": "https://gitlab.com/acme/web/app/-/merge_requests/12",
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        merge[name.as_str()] = value.clone();
    }
    json!({ "object_kind": "merge_request", "project": project(), "object_attributes": merge })
}

#[test]
fn a_story_goes_from_a_branch_to_production() {
    on_each_team(|world| {
        world.settings(json!({ "unshipped_release": "ship" }));
        let (story, _) = release_of_a_story(world, "1.4.0");
        let second = world.story_at("Another one", "accepted");
        let push = json!({
            "object_kind": "push", "ref": "refs/heads/hb-2-days", "before": "0".repeat(40), "after": "b".repeat(40),
            "project": project(),
            "commits": [{ "id": "b".repeat(40), "message": "Days\n\nHB-2", "url": "https://gitlab.com/acme/web/app/-/commit/b" }],
        });
        let answer = world.gitlab("Push Hook", &push);
        assert_eq!((answer.status, &answer.json()["story_ids"]), (200, &json!([second["id"]])), "{answer:?}");
        assert_eq!(world.stage_of(&second), "building");
        assert_eq!(world.links_of(&second).len(), 2);

        let merge = |payload: Value| world.gitlab("Merge Request Hook", &payload).status;
        assert_eq!(merge(merge_request("opened", json!({ "description": "HB-2", "draft": true }))), 200);
        assert_eq!(merge(merge_request("opened", json!({ "description": "HB-2" }))), 200);
        assert_eq!(
            merge(merge_request("merged", json!({ "action": "merge", "merge_commit_sha": "c".repeat(40) }))),
            200
        );
        assert_eq!(world.stage_of(&second), "testing");
        assert!(world.links_of(&second).contains(&"pull_request 12 merged".to_owned()));

        let deployed = json!({
            "object_kind": "deployment", "status": "success", "deployment_id": 15, "environment": "production",
            "ref": "v1.4.0", "project": project(), "short_sha": "279484c0", "deployable_url": "https://gitlab.com/acme/web/app/-/jobs/8",
            "commit_url": "https://gitlab.com/acme/web/app/-/commit/279484c09fbe69ededfced8c1bb6e6d24616b468",
        });
        assert_eq!(world.gitlab("Deployment Hook", &deployed).status, 200);
        assert_eq!(world.stage_of(&story), "released");
        let shown = world.get("/v1/deployments").json()["data"][0].clone();
        assert_eq!(shown["revision"], "279484c09fbe69ededfced8c1bb6e6d24616b468");
        let release = json!({
            "object_kind": "release", "action": "create", "tag": "v9", "project": project(),
            "url": "https://gitlab.com/acme/web/app/-/releases/v9",
        });
        assert_eq!(world.gitlab("Release Hook", &release).status, 200);
        assert_eq!(world.gitlab("Wiki Page Hook", &json!({ "object_kind": "wiki_page" })).status, 202);
    });
}

#[test]
fn a_labelled_issue_becomes_feedback() {
    on_each_team(|world| {
        let payload = json!({
            "object_kind": "issue", "project": project(), "user": { "id": 5, "username": "ana", "name": "Ana", "email": "[REDACTED]" },
            "labels": [{ "id": 1, "title": "feedback" }],
            "object_attributes": {
                "iid": 7, "author_id": 5, "title": "Export hangs", "description": "", "state": "opened", "action": "open",
                "created_at": "2026-01-12 09:41:00 UTC", "url": "https://gitlab.com/acme/web/app/-/issues/7",
            },
        });
        let filed = world.gitlab("Issue Hook", &payload).json();
        let id = filed["feedback_ids"][0].as_str().unwrap_or_else(|| panic!("{filed}"));
        let feedback = world.get(&format!("/v1/feedback/{id}")).json();
        assert_eq!((text(&feedback, "text"), text(&feedback, "external_id")), ("Export hangs", "acme/web/app#7"));
        assert_eq!((text(&feedback, "origin"), text(&feedback, "occurred_at")), ("gitlab", "2026-01-12T09:41:00Z"));
        assert_eq!(feedback["customer"]["name"], "ana");
    });
}

#[test]
fn a_signature_must_be_right_and_fresh_and_counts_once() {
    on_each_team(|world| {
        let story = world.story_at("Refunds", "accepted");
        let body = merge_request("opened", json!({})).to_string();
        let event = "Merge Request Hook";
        let at = now();
        let right = standard_signature(GITLAB_SECRET, "d1", at, &body);
        world.gitlab_signed(event, &body, "d2", at, &right).problem(401, "bad_signature");
        world.gitlab_signed(event, &body, "d1", at + 1, &right).problem(401, "bad_signature");
        world.gitlab_signed(event, &body.replace("HB-1", "HB-2"), "d1", at, &right).problem(401, "bad_signature");
        let old = standard_signature(GITLAB_SECRET, "d1", at - 301, &body);
        world.gitlab_signed(event, &body, "d1", at - 301, &old).problem(401, "bad_signature");
        assert_eq!(world.links_of(&story), [""; 0]);
        // While the secret changes there are two.
        let rotating = format!("v1,{} {right}", "A".repeat(44));
        assert_eq!(world.gitlab_signed(event, &body, "d1", at, &rotating).json()["outcome"], "handled");
        assert_eq!(world.gitlab_signed(event, &body, "d1", at, &right).json()["outcome"], "repeated");
        let again = world.gitlab_again(event, &merge_request("closed", json!({ "state": "closed" })), "d1");
        assert_eq!((again.status, &again.json()["outcome"]), (200, &json!("repeated")));
        assert_eq!(world.links_of(&story), ["pull_request 12 open"]);
    });
}

#[test]
fn a_plain_secret_is_compared_with_the_token() {
    on_each(|database| {
        let server = World::program_with(database, &[("HEARBACK_GITLAB_SECRET", "a-plain-secret")]);
        let send = |token: Option<&str>, names: &[(&str, &str)]| {
            let mut request =
                server.request("POST", "/v1/hooks/gitlab").token(None).header("X-Gitlab-Event", "Push Hook");
            for (name, value) in token.map(|token| ("X-Gitlab-Token", token)).iter().chain(names) {
                request = request.header(name, value);
            }
            request.json(&json!({
                "object_kind": "push", "ref": "refs/heads/main", "after": "b".repeat(40), "project": project(), "commits": [],
            }))
        };
        send(None, &[]).send().problem(401, "bad_signature");
        send(Some("a-plain-secreT"), &[]).send().problem(401, "bad_signature");
        let outcome = |names| send(Some("a-plain-secret"), names).send().json()["outcome"].clone();
        assert_eq!(outcome(&[("Idempotency-Key", "k1")]), "handled");
        assert_eq!(outcome(&[("Idempotency-Key", "k1"), ("X-Gitlab-Event-UUID", "u2")]), "repeated");
        assert_eq!(outcome(&[("X-Gitlab-Event-UUID", "u1")]), "handled");
        assert_eq!(outcome(&[("X-Gitlab-Event-UUID", "u1")]), "repeated");
        assert_eq!(outcome(&[]), "handled");
        assert_eq!(outcome(&[]), "repeated", "without a name of its own a body is known by itself");
    });
}
