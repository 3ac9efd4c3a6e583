//! The ledger that hooks of GitHub and GitLab fill, and the changes that follow from it.

use hearback::domain::base::Time;
use hearback::store::releases::ledger;
use serde_json::{Value, json};

use super::{deploy, figures};
use crate::hooks::{on_each_team, on_each_team_with, repository};
use crate::support::World;

fn pushed(world: &World, branch: &str, commits: &[(&str, &str, &str)]) {
    let commit = |(sha, at, email): &(&str, &str, &str)| json!({ "id": sha, "message": "Work", "timestamp": at, "author": { "email": email, "name": "Somebody" } });
    let payload = json!({
        "ref": format!("refs/heads/{branch}"), "repository": repository(), "deleted": false,
        "commits": commits.iter().map(commit).collect::<Vec<_>>(),
    });
    assert_eq!(world.github("push", &payload).status, 200);
}

fn lead(world: &World) -> Value {
    figures(world, "from=2026-05-01&to=2026-05-08")["change_lead_time"].clone()
}

#[test]
fn commits_pushed_to_the_trunk_are_changes_of_the_deployment_that_brings_them() {
    on_each_team(|world| {
        let (one, two) = ("2026-05-01T10:00:00+09:00", "2026-05-02T10:00:00+09:00");
        pushed(world, "main", &[("aaaaaaa1", "2026-04-30T10:00:00+09:00", "ada@example.com")]);
        pushed(world, "main", &[("bbbbbbb2", one, "ada@example.com"), ("ccccccc3", two, "bo@example.com")]);
        deploy(world, "2026-05-01T00:00:00Z", json!({ "revision": "aaaaaaa1" }));
        deploy(world, "2026-05-03T01:00:00Z", json!({ "revision": "ccccccc3" }));
        let lead = lead(world);
        assert_eq!((&lead["n"], &lead["value"], &lead["unknown"]), (&json!(2), &json!(36.0), &json!(1)), "{lead}");
        let rows = lead["rows"].as_array().unwrap();
        assert!(rows.iter().filter(|row| row["hours"].is_number()).all(|row| row["how"] == "pushed"));
    });
}

#[test]
fn a_squash_merge_is_one_change_from_the_first_commit_of_its_branch() {
    on_each_team(|world| {
        pushed(world, "main", &[("aaaaaaa1", "2026-04-30T00:00:00Z", "ada@example.com")]);
        let own = [
            ("bbbbbbb2", "2026-05-01T00:00:00Z", "bo@example.com"),
            ("ccccccc3", "2026-05-02T00:00:00Z", "bo@example.com"),
        ];
        pushed(world, "topic", &own);
        let payload = json!({ "action": "closed", "repository": repository(), "pull_request": {
            "number": 12, "state": "closed", "merged": true, "title": "Topic", "body": "", "merge_commit_sha": "ddddddd4",
            "user": { "login": "bo", "type": "User" }, "head": { "ref": "topic" }, "base": { "ref": "main" },
            "created_at": "2026-05-02T01:00:00Z", "merged_at": "2026-05-03T00:00:00Z",
        } });
        assert_eq!(world.github("pull_request", &payload).status, 200);
        pushed(world, "main", &[("ddddddd4", "2026-05-03T00:00:00Z", "bo@example.com")]);
        deploy(world, "2026-05-01T00:00:00Z", json!({ "revision": "aaaaaaa1" }));
        deploy(world, "2026-05-04T00:00:00Z", json!({ "revision": "ddddddd4" }));
        let lead = lead(world);
        assert_eq!((&lead["n"], &lead["value"]), (&json!(1), &json!(72.0)), "not 24 hours from the merge: {lead}");
        assert!(
            lead["rows"]
                .as_array()
                .unwrap()
                .iter()
                .any(|row| row["change"].as_str().is_some_and(|name| name.ends_with("#12")))
        );
    });
}

#[test]
fn nothing_of_an_author_but_a_hash_is_kept_and_old_commits_go() {
    on_each_team_with(
        |config| config.ledger_days = 30,
        |world| {
            pushed(world, "main", &[("aaaaaaa1", "2026-05-01T00:00:00Z", "ada.secret@example.com")]);
            let product = world.product.id;
            let kept =
                || world.store().read_now(|conn| ledger::commits_since(conn, product, Time(0))).expect("the ledger");
            let author = kept()[0].author.clone().expect("a hash");
            assert!(author.len() == 16 && author.bytes().all(|byte| byte.is_ascii_hexdigit()), "{author}");
            world.step("housekeeping");
            assert_eq!(kept().len(), 1);
            world.days_pass(31);
            world.step("housekeeping");
            assert_eq!(kept(), []);
        },
    );
}

#[test]
fn gitlab_fills_the_ledger_with_pushes_and_squashed_merge_requests() {
    on_each_team(|world| {
        let project = json!({ "path_with_namespace": "acme/web", "web_url": "https://gitlab.example.com/acme/web", "default_branch": "main" });
        let push = |branch: &str, commits: &[(&str, &str)]| {
            let commit = |(sha, at): &(&str, &str)| json!({ "id": sha, "message": "Work", "timestamp": at, "author": { "email": "bo@example.com", "name": "Bo" } });
            let payload = json!({ "object_kind": "push", "ref": format!("refs/heads/{branch}"), "project": project,
                "after": commits.last().map(|(sha, _)| sha), "commits": commits.iter().map(commit).collect::<Vec<_>>() });
            let answer = world.gitlab("Push Hook", &payload);
            assert_eq!(answer.status, 200, "{answer:?}");
        };
        push("main", &[("aaaaaaa1", "2026-04-30T00:00:00Z")]);
        push("topic", &[("bbbbbbb2", "2026-05-01T00:00:00Z"), ("ccccccc3", "2026-05-02T00:00:00Z")]);
        let merged = json!({ "object_kind": "merge_request", "project": project, "user": { "username": "bo" },
            "object_attributes": { "iid": 12, "title": "Topic", "description": "", "state": "merged", "action": "merge",
                "source_branch": "topic", "target_branch": "main", "merge_commit_sha": "ddddddd4",
                "created_at": "2026-05-02T01:00:00Z", "updated_at": "2026-05-03T00:00:00Z",
                "url": "https://gitlab.example.com/acme/web/-/merge_requests/12" } });
        let answer = world.gitlab("Merge Request Hook", &merged);
        assert_eq!(answer.status, 200, "{answer:?}");
        push("main", &[("ddddddd4", "2026-05-03T00:00:00Z")]);
        deploy(world, "2026-05-01T00:00:00Z", json!({ "revision": "aaaaaaa1" }));
        deploy(world, "2026-05-04T00:00:00Z", json!({ "revision": "ddddddd4" }));
        let lead = lead(world);
        assert_eq!(
            (&lead["n"], &lead["value"]),
            (&json!(1), &json!(72.0)),
            "from the first commit of its branch: {lead}"
        );
        let product = world.product.id;
        let kept = world.store().read_now(|conn| ledger::commits_since(conn, product, Time(0))).expect("the ledger");
        assert!(
            kept.iter().all(|commit| commit.author.as_deref().is_some_and(|author| author.len() == 16)),
            "{kept:?}"
        );
    });
}
