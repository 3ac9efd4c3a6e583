//! GitHub's hooks move the stories that they name.

use serde_json::{Value, json};

use super::hosts::{on_each_team, pull_request, push, repository, text};
use crate::support::World;

#[test]
fn a_story_goes_from_a_branch_to_testing_by_what_developers_do() {
    on_each_team(|world| {
        let story = world.story_at("Refunds show when they arrive", "accepted");
        let number = text(&story, "number").to_lowercase();
        let branch = format!("feature/{number}-refunds");
        let pushed = world.github("push", &push(&branch, &[("c0ffee1", "Wip"), ("c0ffee2", "HB-1: show the day")]));
        assert_eq!((pushed.status, pushed.json()["outcome"].as_str()), (200, Some("handled")), "{pushed:?}");
        assert_eq!(pushed.json()["story_ids"], json!([story["id"]]));
        assert_eq!(world.links_of(&story), [format!("branch {branch} open"), "commit c0ffee2 -".to_owned()]);
        assert_eq!(world.stage_of(&story), "building");

        let opened = pull_request("opened", "Show the day (hb-1)", json!({}));
        assert_eq!(world.github("pull_request", &opened).status, 200);
        assert_eq!(world.stage_of(&story), "building");
        let merged = json!({ "state": "closed", "merged": true, "merge_commit_sha": "decaf" });
        assert_eq!(world.github("pull_request", &pull_request("closed", "Show the day (hb-1)", merged)).status, 200);
        assert_eq!(world.stage_of(&story), "testing");
        assert_eq!(world.links_of(&story)[2..], ["pull_request 42 merged", "commit decaf -"]);

        // A delayed hook changes nothing: stories only move forward.
        let late = pull_request("synchronize", "Show the day (hb-1)", json!({}));
        assert_eq!(world.github("pull_request", &late).status, 200);
        assert_eq!(world.links_of(&story)[2], "pull_request 42 merged");
        assert_eq!(world.stage_of(&story), "testing");
        let mut gone = push(&branch, &[]);
        gone["deleted"] = json!(true);
        world.github("push", &gone);
        assert_eq!(world.links_of(&story)[0], format!("branch {branch} deleted"));
    });
}

#[test]
fn a_draft_is_linked_and_not_moved() {
    on_each_team(|world| {
        let draft = world.story_at("Nobody decided yet", "draft");
        world.github("push", &push("hb-1", &[]));
        assert_eq!((world.stage_of(&draft).as_str(), world.links_of(&draft).len()), ("draft", 1));
        // A draft pull request only links; whoever reads it gets to work when it is ready.
        let story = world.story_at("Something else", "accepted");
        let draft_pull = json!({ "draft": true, "body": "For HB-2" });
        world.github("pull_request", &pull_request("opened", "Wip", draft_pull));
        assert_eq!(
            (world.stage_of(&story).as_str(), world.links_of(&story)),
            ("accepted", vec!["pull_request 42 draft".into()])
        );
        // It is linked: the hook need not name it again.
        world.github("pull_request", &pull_request("ready_for_review", "No number", json!({})));
        assert_eq!(
            (world.stage_of(&story).as_str(), world.links_of(&story)),
            ("building", vec!["pull_request 42 open".into()])
        );
        world.github("pull_request", &pull_request("closed", "No number", json!({ "state": "closed" })));
        assert_eq!(
            (world.stage_of(&story).as_str(), world.links_of(&story)),
            ("building", vec!["pull_request 42 closed".into()])
        );
    });
}

#[test]
fn any_product_s_stories_are_known_by_their_numbers() {
    on_each_team(|world| {
        assert_eq!(world.post("/v1/products", json!({ "key": "PAY", "name": "Paylo" })).status, 201);
        let other = world.post("/v1/stories", json!({ "title": "Elsewhere", "product": "PAY" })).json();
        let story = world.story_at("Here", "accepted");
        let create = json!({ "ref": "fix/pay-1-and-HB-1", "ref_type": "branch", "repository": repository() });
        let answer = world.github("create", &create);
        assert_eq!(answer.json()["story_ids"].as_array().map(Vec::len), Some(2), "{answer:?}");
        assert_eq!(world.links_of(&other), ["branch fix/pay-1-and-HB-1 open"]);
        assert_eq!(world.stage_of(&story), "building");
        let nobody = world.github("push", &push("hb-99-utf-8-pay-7", &[("c1", "XHB-1 HB-1x hb-0")]));
        assert_eq!(nobody.json()["story_ids"], json!([]));
    });
}

#[test]
fn a_labelled_issue_becomes_feedback_once() {
    on_each_team(|world| {
        let mut payload = issue("opened", "open", &[]);
        assert_eq!(world.github("issues", &payload).json()["feedback_ids"], json!([]), "without the label it is none");
        payload = issue("labeled", "open", &["Feedback", "bug"]);
        let filed = world.github("issues", &payload);
        let id = filed.json()["feedback_ids"][0].as_str().unwrap_or_else(|| panic!("{filed:?}")).to_owned();
        let feedback = world.get(&format!("/v1/feedback/{id}")).json();
        assert_eq!(feedback["text"], "It hangs at 90%.");
        assert_eq!((&feedback["origin"], &feedback["external_id"]), (&json!("github"), &json!("acme/app#7")));
        assert_eq!((&feedback["kind"], &feedback["customer"]["name"]), (&json!("bug"), &json!("ana")));
        assert_eq!(feedback["url"], "https://github.com/acme/app/issues/7");
        // Every later event of it brings it up to date.
        let mut edited = issue("edited", "open", &["feedback"]);
        edited["issue"]["body"] = json!("It hangs at 99%.\u{0}");
        assert_eq!(world.github("issues", &edited).json()["feedback_ids"], json!([id]));
        assert_eq!(world.get(&format!("/v1/feedback/{id}")).json()["text"], "It hangs at 99%.");
        assert_eq!(world.ids("/v1/feedback"), [id]);
        // The issue of a story is nobody's feedback.
        let mut ours = issue("labeled", "open", &["feedback"]);
        ours["issue"]["number"] = json!(8);
        ours["issue"]["body"] = json!("As a ...\n<!-- hearback:0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d -->");
        assert_eq!(world.github("issues", &ours).json()["feedback_ids"], json!([]));
    });
}

fn issue(action: &str, state: &str, labels: &[&str]) -> Value {
    let labels: Vec<Value> = labels.iter().map(|name| json!({ "id": 1, "name": name, "color": "d73a4a" })).collect();
    json!({
        "action": action, "repository": repository(),
        "issue": {
            "id": 1, "number": 7, "title": "Export hangs", "body": "It hangs at 90%.", "state": state, "labels": labels,
            "html_url": "https://github.com/acme/app/issues/7", "url": "https://api.github.com/repos/acme/app/issues/7",
            "user": { "login": "ana", "id": 3 }, "created_at": "2026-01-12T09:41:00Z",
        },
    })
}

#[test]
fn a_deployment_of_a_tag_brings_the_release_to_customers() {
    on_each_team(|world| {
        world.settings(json!({ "unshipped_release": "ship" }));
        let (story, release) = release_of_a_story(world, "1.4.0");
        let pending = deployment("pending", "v1.4.0", 1);
        assert_eq!(world.github("deployment_status", &pending).status, 202);
        assert_eq!(world.github("deployment_status", &deployment("failure", "v1.4.0", 1)).status, 200);
        assert_eq!(world.stage_of(&story), "testing");
        let answer = world.github("deployment_status", &deployment("success", "v1.4.0", 1));
        let id = answer.json()["deployment_ids"][0].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned();
        assert_eq!(world.stage_of(&story), "released");
        let shown = world.get(&format!("/v1/deployments/{id}")).json();
        assert_eq!((&shown["source"], &shown["release_id"]), (&json!("github"), &release["id"]));
        assert_eq!((&shown["state"], &shown["revision"]), (&json!("succeeded"), &json!("decaf")));
        assert_eq!(world.ids("/v1/deployments"), [id], "one deployment, however many statuses");
        // A deployment that names no release, here of a branch, is recorded too.
        let other = world.github("deployment_status", &deployment("success", "main", 2)).json();
        let other = world.get(&format!("/v1/deployments/{}", text_at(&other, "deployment_ids"))).json();
        assert_eq!(other["release_id"], Value::Null);
    });
}

#[test]
fn a_published_release_is_in_production() {
    on_each_team(|world| {
        world.settings(json!({ "unshipped_release": "ship" }));
        let (story, _) = release_of_a_story(world, "2.0.0");
        let mut payload = json!({
            "action": "published", "repository": repository(),
            "release": {
                "id": 5, "tag_name": "v2.0.0", "draft": false, "prerelease": true,
                "html_url": "https://github.com/acme/app/releases/tag/v2.0.0", "published_at": "2026-01-12T09:41:00Z",
            },
        });
        assert_eq!(world.github("release", &payload).status, 202, "a prerelease is nobody's yet");
        payload["release"]["prerelease"] = json!(false);
        assert_eq!(world.github("release", &payload).status, 200);
        assert_eq!(world.stage_of(&story), "released");
    });
}

/// A story in testing that is in a release.
pub fn release_of_a_story(world: &World, name: &str) -> (Value, Value) {
    let server: &World = world;
    let story = world.story_at("Refunds show when they arrive", "testing");
    let release = server.post("/v1/releases", json!({ "name": name })).json();
    let path = format!("/v1/releases/{}/stories", text(&release, "id"));
    let added = server.post(&path, json!({ "story_ids": [story["id"]] }));
    assert_eq!(added.status, 200, "{added:?}");
    (story, release)
}

fn deployment(state: &str, reference: &str, id: u64) -> Value {
    json!({
        "action": "created", "repository": repository(),
        "deployment_status": { "id": 9, "state": state, "created_at": "2026-01-12T09:41:00Z", "log_url": "https://ci.example.com/9" },
        "deployment": { "id": id, "sha": "decaf", "ref": reference, "environment": "Production", "task": "deploy" },
    })
}

pub fn text_at<'a>(answer: &'a Value, list: &str) -> &'a str {
    answer[list][0].as_str().unwrap_or_else(|| panic!("no {list}: {answer}"))
}
