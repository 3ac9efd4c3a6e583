//! Real sequences of hooks, in the order in which GitHub and GitLab send them: each file of `cases/` lists the expected
//! results.

use serde_json::{Value, json};

use super::github::release_of_a_story;
use super::hosts::{on_each_team, pull_request, push, repository, text};
use crate::support::Answer;
use crate::support::World;

/// Sends the deliveries of a case in a range; all of them must be accepted.
fn deliver(world: &World, case: &str, which: std::ops::Range<usize>) -> Vec<Answer> {
    let case: Value = serde_json::from_str(case).unwrap();
    let deliveries = case["deliveries"].as_array().unwrap();
    let send = |delivery: &Value| {
        let (event, payload) = (text(delivery, "event"), &delivery["payload"]);
        let answer = match text(delivery, "provider") {
            "github" => world.github(event, payload),
            _ => world.gitlab(event, payload),
        };
        assert!(matches!(answer.status, 200 | 202), "{answer:?}");
        answer
    };
    deliveries[which].iter().map(send).collect()
}

/// A story that is ready, in a release that is shipped but not deployed to production yet.
fn shipped(world: &World, name: &str) -> (Value, Value) {
    let (story, release) = release_of_a_story(world, name);
    world.move_story(&story, "ready");
    let path = format!("/v1/releases/{}/ship", text(&release, "id"));
    assert_eq!(world.post(&path, json!({})).status, 200);
    (story, release)
}

fn accepted(world: &World, count: usize) -> Vec<Value> {
    (1..=count).map(|n| world.story_at(&format!("Story {n}"), "accepted")).collect()
}

#[test]
fn a_promoted_candidate_is_the_release() {
    on_each_team(|world| {
        let (story, _) = shipped(world, "2.0.0");
        let case = include_str!("cases/40-hook-prerelease-promoted.json");
        assert_eq!(deliver(world, case, 0..1)[0].status, 202, "a candidate is nobody's yet");
        assert_eq!(world.stage_of(&story), "ready");
        deliver(world, case, 1..2);
        assert_eq!(world.stage_of(&story), "released");
        assert_eq!(world.ids("/v1/deployments").len(), 1);
    });
}

#[test]
fn an_upcoming_release_waits_for_its_date() {
    on_each_team(|world| {
        let (story, _) = shipped(world, "4.0.0");
        let case = include_str!("cases/41-hook-gitlab-upcoming-release.json");
        deliver(world, case, 0..1);
        let shown = world.get("/v1/deployments").json()["data"][0].clone();
        assert_eq!((&shown["state"], &shown["deployed_at"]), (&json!("scheduled"), &json!("2036-06-01T00:00:00Z")));
        assert_eq!(world.stage_of(&story), "ready");

        // The date of the release moves, and then the release is published.
        let parsed: Value = serde_json::from_str(case).unwrap();
        let mut release = parsed["deliveries"][0]["payload"].clone();
        release["action"] = json!("update");
        release["released_at"] = json!("2035-01-01 09:00:00 +0900");
        assert_eq!(world.gitlab("Release Hook", &release).status, 200);
        let at = |n: usize| world.get("/v1/deployments").json()["data"][n].clone();
        assert_eq!((&at(0)["deployed_at"], &at(0)["id"]), (&json!("2035-01-01T00:00:00Z"), &shown["id"]));
        release["released_at"] = json!("2026-01-02 00:00:00 UTC");
        assert_eq!(world.gitlab("Release Hook", &release).status, 200);
        assert_eq!((world.stage_of(&story), &at(0)["state"]), ("released".to_owned(), &json!("succeeded")));

        // A deleted upcoming release is never shipped; an update of an unknown one is ignored.
        let mut other = parsed["deliveries"][0]["payload"].clone();
        other["tag"] = json!("v5.0.0");
        world.gitlab("Release Hook", &other);
        other["action"] = json!("delete");
        world.gitlab("Release Hook", &other);
        assert_eq!(at(0)["state"], "failed");
        (other["tag"], other["action"]) = (json!("v6.0.0"), json!("update"));
        assert_eq!(world.gitlab("Release Hook", &other).json()["deployment_ids"], json!([]));
        other["released_at"] = json!("soon");
        world.gitlab("Release Hook", &other).refused(&["/released_at type"]);
    });
}

#[test]
fn numbers_in_comments_code_and_changelogs_move_nothing() {
    on_each_team(|world| {
        let stories = accepted(world, 3);
        deliver(world, include_str!("cases/42-hook-number-in-a-comment.json"), 0..3);
        for story in &stories {
            assert_eq!((world.stage_of(story), world.links_of(story).len()), ("accepted".to_owned(), 0), "{story}");
        }
        for body in
            ["Does not fix HB-1.", "See https://x.example/HB-1", "> HB-1 of somebody", "~~HB-1~~", "HB-1은 제외"]
        {
            world.github("pull_request", &pull_request("opened", "Docs", json!({ "body": body })));
            assert_eq!(world.stage_of(&stories[0]), "accepted", "{body}");
            let merge = json!({
                "object_kind": "merge_request", "project": { "path_with_namespace": "acme/web" },
                "object_attributes": { "iid": 3, "title": "Docs", "description": body, "state": "opened",
                    "action": "open", "source_branch": "x", "target_branch": "main" },
            });
            world.gitlab("Merge Request Hook", &merge);
            assert_eq!(world.stage_of(&stories[0]), "accepted", "{body}");
            world.github("push", &push("x", &[("c1", &format!("Docs\n\n{body}"))]));
            assert_eq!(world.stage_of(&stories[0]), "accepted", "{body}");
        }
        world.github("push", &push("dependabot/npm/hb-2-2.0", &[]));
        assert_eq!(world.stage_of(&stories[1]), "accepted");
        world.github("pull_request", &pull_request("opened", "Docs", json!({ "body": "Not HB-2 but HB-3" })));
        assert_eq!(
            (world.stage_of(&stories[1]), world.stage_of(&stories[2])),
            ("accepted".to_owned(), "building".to_owned())
        );
    });
}

#[test]
fn a_revert_takes_progress_back_and_alone_makes_none() {
    on_each_team(|world| {
        let story = world.story_at("Refund date", "accepted");
        let case = include_str!("cases/43-hook-revert.json");
        deliver(world, case, 0..2);
        assert_eq!(world.stage_of(&story), "testing", "a revert that is only open takes nothing back");
        deliver(world, case, 2..3);
        let shown = world.get(&format!("/v1/stories/{}", text(&story, "id"))).json();
        assert_eq!(shown["stage"], "building");
        assert!(shown["stage_reason"].as_str().is_some_and(|reason| reason.contains("acme/app#22")), "{shown}");
        assert!(
            world.links_of(&story).contains(&"pull_request 21 reverted".to_owned()),
            "{:?}",
            world.links_of(&story)
        );

        // Delayed hooks of either pull request change nothing.
        let parsed: Value = serde_json::from_str(case).unwrap();
        let mut late = parsed["deliveries"][0]["payload"].clone();
        late["action"] = json!("edited");
        world.github("pull_request", &late);
        assert_eq!(world.stage_of(&story), "building");
        // Reverting the revert moves the story forward again.
        let mut again = parsed["deliveries"][2]["payload"].clone();
        (again["number"], again["pull_request"]["number"]) = (json!(23), json!(23));
        again["pull_request"]["title"] = json!("Reapply \"HB-1: show the refund date\"");
        again["pull_request"]["body"] = json!("Reverts acme/app#22");
        world.github("pull_request", &again);
        assert_eq!(world.stage_of(&story), "testing");
    });
    on_each_team(|world| {
        let story = world.story_at("Refund date", "accepted");
        deliver(world, include_str!("cases/43-hook-revert.json"), 1..3);
        assert_eq!(world.stage_of(&story), "accepted", "a revert alone is no progress");
    });
}

#[test]
fn reverts_are_known_by_commit_and_number_too() {
    on_each_team(|world| {
        let story = world.story_at("Refund date", "accepted");
        let hash = "abcdef0123456789abcdef0123456789abcdef01";
        let merged = json!({ "state": "closed", "merged": true, "merge_commit_sha": hash, "body": "HB-1" });
        world.github("pull_request", &pull_request("closed", "Days", merged));
        assert_eq!(world.stage_of(&story), "testing");
        let message = format!("Revert \"Days\"\n\nThis reverts commit {hash}.");
        world.github("push", &push("revert-42-days", &[("fedc001", &message)]));
        assert_eq!(world.stage_of(&story), "testing", "it is on a branch of its own yet");
        world.github("push", &push("main", &[("fedc001", &message)]));
        assert_eq!(world.stage_of(&story), "building");
        world.move_story(&story, "testing");
        world.github("push", &push("main", &[("fedc001", &message), ("fedc002", "Other")]));
        assert_eq!(world.stage_of(&story), "testing", "it takes effect once");

        let gitlab = |iid: u64, title: &str, body: &str, state: &str, hash: &str| {
            let merge = json!({
                "object_kind": "merge_request",
                "project": { "id": 3, "path_with_namespace": "acme/web", "default_branch": "main" },
                "object_attributes": { "iid": iid, "title": title, "description": body, "state": state,
                    "action": "merge", "source_branch": "x", "target_branch": "main", "merge_commit_sha": hash },
            });
            assert_eq!(world.gitlab("Merge Request Hook", &merge).status, 200);
        };
        let second = world.story_at("Another", "accepted");
        gitlab(7, "HB-2", "", "merged", &"1".repeat(40));
        assert_eq!(world.stage_of(&second), "testing");
        gitlab(8, "Undo days", "This reverts merge request !7", "merged", &"2".repeat(40));
        assert_eq!(world.stage_of(&second), "building");
    });
}

#[test]
fn an_edited_pull_request_is_linked_to_the_stories_it_names_now() {
    on_each_team(|world| {
        let stories = accepted(world, 2);
        deliver(world, include_str!("cases/44-hook-number-edited-away.json"), 0..3);
        assert_eq!(world.links_of(&stories[0]), [""; 0]);
        assert_eq!(world.stage_of(&stories[1]), "testing");
        assert_ne!(world.stage_of(&stories[0]), "testing");

        // A link made by a person stays, whatever the pull request names.
        let path = format!("/v1/stories/{}/links", text(&stories[0], "id"));
        let link = json!({ "provider": "github", "repository": "acme/app", "kind": "pull_request", "reference": "31" });
        assert_eq!(world.post(&path, &link).json()["reason"], "person");
        let mut edited = pull_request("edited", "HB-2: faster", json!({}));
        (edited["number"], edited["pull_request"]["number"]) = (json!(31), json!(31));
        world.github("pull_request", &edited);
        assert_eq!(world.links_of(&stories[0]), ["pull_request 31 open"]);
    });
    on_each_team(|world| {
        let stories = accepted(world, 2);
        let merge = |action: &str, title: &str| {
            let merge = json!({
                "object_kind": "merge_request", "project": { "id": 3, "path_with_namespace": "acme/web" },
                "object_attributes": { "iid": 7, "title": title, "description": null, "state": "opened",
                    "action": action, "source_branch": "x", "target_branch": "main" },
            });
            assert_eq!(world.gitlab("Merge Request Hook", &merge).status, 200);
        };
        merge("open", "HB-1");
        merge("update", "HB-2");
        assert_eq!((world.links_of(&stories[0]).len(), world.links_of(&stories[1]).len()), (0, 1));
        assert_eq!(world.stage_of(&stories[1]), "building");
    });
}

#[test]
fn a_merge_counts_only_on_the_branches_that_the_product_names() {
    on_each_team(|world| {
        let story = world.story_at("Part of a stack", "accepted");
        let case = include_str!("cases/45-hook-merged-into-another-branch.json");
        deliver(world, case, 0..1);
        assert_eq!(world.stage_of(&story), "building");
        world.settings(json!({ "done_branches": ["develop", "feature/*"] }));
        let second = world.story_at("Another", "accepted");
        let merged = |number: u64, title: &str, base: &str| {
            let more = json!({ "state": "closed", "merged": true, "base": { "ref": base }, "number": number });
            world.github("pull_request", &pull_request("closed", title, more));
        };
        merged(50, "HB-2", "main");
        assert_eq!(world.stage_of(&second), "building", "main is none of them");
        merged(51, "HB-2", "feature/stack");
        assert_eq!(world.stage_of(&second), "testing");
    });
}

#[test]
fn a_component_s_tag_names_the_release_of_its_version() {
    for tag in ["app@2.1.0", "@acme/app@2.1.0", "app-v2.1.0", "app/v2.1.0", "release/2.1", "v2.1.0"] {
        on_each_team(|world| {
            let (story, _) = shipped(world, "2.1.0");
            let case = include_str!("cases/46-hook-component-tag.json").replace("app@2.1.0", tag);
            let answer = deliver(world, &case, 0..1)[0].json();
            assert_eq!((world.stage_of(&story), &answer["notes"]), ("released".to_owned(), &json!([])), "{tag}");
        });
    }
}

#[test]
fn a_tag_that_may_be_several_releases_changes_none_and_says_so() {
    on_each_team(|world| {
        let (story, _) = shipped(world, "app 2.1.0");
        let other = world.post("/v1/releases", json!({ "name": "app-v2.1.0" }));
        assert_eq!(other.status, 201);
        let answer = deliver(world, include_str!("cases/46-hook-component-tag.json"), 0..1)[0].json();
        assert_eq!(world.stage_of(&story), "ready");
        let note = answer["notes"][0].as_str().unwrap();
        assert!(note.contains("app 2.1.0") && note.contains("app-v2.1.0"), "{note}");
        let shown = world.get("/v1/deployments").json()["data"][0].clone();
        assert_eq!((&shown["held"], &shown["release_id"]), (&json!("ambiguous"), &Value::Null));
    });
    // The same version of another product is a different release.
    on_each_team(|world| {
        let (story, _) = shipped(world, "2.1.0");
        world.post("/v1/products", json!({ "key": "APP", "name": "The app" }));
        let answer = deliver(world, include_str!("cases/46-hook-component-tag.json"), 0..1)[0].json();
        assert_eq!(world.stage_of(&story), "ready");
        assert!(answer["notes"][0].as_str().unwrap().contains("product=APP"), "{answer}");
    });
}

#[test]
fn actions_that_nobody_knows_are_nothing_to_do() {
    on_each_team(|world| {
        let answer = &deliver(world, include_str!("cases/47-hook-pinned-issue.json"), 0..1)[0];
        assert_eq!((answer.status, &answer.json()["outcome"]), (202, &json!("ignored")));
        for event in ["issues", "pull_request", "release", "repository"] {
            let answer = world.github(event, &json!({ "action": "some_new_action", "repository": repository() }));
            assert_eq!((answer.status, &answer.json()["outcome"]), (202, &json!("ignored")), "{event}");
        }
        for event in ["Issue Hook", "Merge Request Hook"] {
            let payload = json!({ "object_attributes": { "action": "some_new_action" } });
            assert_eq!(world.gitlab(event, &payload).status, 202, "{event}");
        }
    });
}

#[test]
fn a_renamed_repository_keeps_its_links() {
    on_each_team(|world| {
        let story = world.story_at("Refunds", "accepted");
        world.github("pull_request", &pull_request("opened", "HB-1", json!({})));
        let mut labelled = json!({
            "action": "labeled", "repository": repository(), "issue": { "number": 7, "title": "Export hangs", "body": "At 90%",
                "state": "open", "labels": [{ "name": "feedback" }], "user": { "login": "ana" } } });
        let filed = world.github("issues", &labelled).json()["feedback_ids"].clone();
        let mut renamed = repository();
        renamed["full_name"] = json!("acme/application");
        let moved = json!({ "action": "renamed", "repository": renamed, "changes": { "repository": { "name": { "from": "app" } } } });
        assert_eq!(world.github("repository", &moved).json()["outcome"], "handled");
        let mut merged = pull_request("closed", "No number", json!({ "state": "closed", "merged": true }));
        merged["repository"] = renamed.clone();
        world.github("pull_request", &merged);
        assert_eq!(world.links_of(&story), ["pull_request 42 merged"]);
        assert_eq!(world.stage_of(&story), "testing");
        let link = world.get(&format!("/v1/stories/{}/links", text(&story, "id"))).json()["data"][0].clone();
        assert_eq!(text(&link, "repository"), "acme/application");
        // The issue that became feedback is the same one.
        labelled["repository"] = renamed;
        assert_eq!(world.github("issues", &labelled).json()["feedback_ids"], filed);
        // A transferred issue without a hook about the transfer is recognised by its id.
        let mut transferred = push("hb-1", &[]);
        transferred["repository"]["full_name"] = json!("other/application");
        world.github("push", &transferred);
        let links = world.get(&format!("/v1/stories/{}/links", text(&story, "id"))).json();
        let all = links["data"].as_array().unwrap();
        assert!(all.iter().all(|link| text(link, "repository") == "other/application"), "{links}");
    });
}
