//! The test data of another tool, Apache DevLake: where our figures agree with its own, and where they differ on purpose.
//! The tables are unchanged; only their form of times is brought to RFC 3339.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::{deploy, figures, incident};
use crate::hooks::{on_each_team, repository};
use crate::support::{World, on_each_world};

type Row = HashMap<&'static str, &'static str>;

/// The rows of a table by the names of their columns.
fn table(text: &'static str) -> Vec<Row> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let names: Vec<&str> = lines.next().expect("a head").split(',').collect();
    lines.map(|line| names.iter().copied().zip(line.split(',')).collect()).collect()
}

/// `2023-4-10 6:51:47` or `2023-04-10T06:51:47.000+00:00` as RFC 3339.
fn time(text: &str) -> String {
    let plain = text.replace('T', " ");
    let plain = plain.split(['.', '+']).next().unwrap();
    let (date, clock) = plain.split_once(' ').expect("a time");
    let two = |text: &str, sign: char| {
        text.split(sign).map(|part| format!("{part:0>2}")).collect::<Vec<_>>().join(&sign.to_string())
    };
    format!("{}T{}Z", two(date, '-'), two(clock, ':'))
}

fn push(world: &World, branch: &str, commits: &[(&str, String)]) {
    let commit = |(sha, at): &(&str, String)| json!({ "id": sha, "message": "Work", "timestamp": at, "author": { "email": "a@example.com", "name": "A" } });
    let payload = json!({
        "ref": format!("refs/heads/{branch}"), "repository": repository(), "deleted": false,
        "commits": commits.iter().map(commit).collect::<Vec<_>>(),
    });
    let answer = world.github("push", &payload);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// The pull requests of the tables, with their commits, and the deployments of two repositories as services.
fn lead_times(world: &World) {
    let requests = table(include_str!("dora/pull_requests.csv"));
    let commits = table(include_str!("dora/pull_request_commits.csv"));
    for (number, request) in requests.iter().enumerate() {
        let own: Vec<(&str, String)> = commits
            .iter()
            .filter(|commit| commit["pull_request_id"] == request["id"])
            .map(|commit| (commit["commit_sha"], time(commit["commit_authored_date"])))
            .collect();
        push(world, request["id"], &own);
        let merged = request["merged_date"];
        let payload = json!({ "action": "closed", "repository": repository(), "pull_request": {
            "number": number, "state": "closed", "merged": !merged.is_empty(), "title": "Work", "body": "",
            "user": { "login": "a", "type": "User" }, "head": { "ref": request["id"] }, "base": { "ref": "main" },
            "created_at": time(request["created_date"]),
            "merged_at": if merged.is_empty() { Value::Null } else { json!(time(merged)) },
            "merge_commit_sha": request["merge_commit_sha"],
        } });
        assert_eq!(world.github("pull_request", &payload).status, 200);
    }
    // The tables say which merge commits lie between which revisions; here is the branch that follows from them.
    for (branch, order) in [
        ("main", ["commit1", "pr_merge_commit1", "pr_merge_commit2", "commit5"].as_slice()),
        ("second", ["commit2", "pr_merge_commit3", "commit6"].as_slice()),
    ] {
        let commits: Vec<(&str, String)> = order.iter().map(|sha| (*sha, "2023-04-12T00:00:00Z".to_owned())).collect();
        push(world, branch, &commits);
    }
    for row in table(include_str!("dora/cicd_deployment_commits.csv")) {
        if ["commit1", "commit2", "commit5", "commit6"].contains(&row["commit_sha"]) {
            let body =
                json!({ "external_id": row["commit_sha"], "revision": row["commit_sha"], "service": row["repo_url"] });
            deploy(world, &time(row["finished_date"]), body);
        }
    }
}

#[test]
fn lead_times_agree_where_the_data_is_sound_and_flag_it_where_it_is_not() {
    on_each_team(|world| {
        lead_times(world);
        let lead = &figures(world, "from=2023-04-01&to=2023-05-01")["change_lead_time"];
        let rows = lead["rows"].as_array().expect("rows");
        let of = |number: usize| {
            let mut own = rows
                .iter()
                .filter(|row| row["change"].as_str().is_some_and(|name| name.ends_with(&format!("#{number}"))));
            own.next().unwrap_or(&Value::Null)
        };
        let theirs: HashMap<&str, f64> = table(include_str!("dora/project_pr_metrics.csv"))
            .into_iter()
            .filter_map(|row| Some((row["id"], row["pr_cycle_time"].parse().ok()?)))
            .collect();
        let minutes = |row: &Value| row["hours"].as_f64().map(|hours| hours * 60.0);
        // They round each part up to a minute.
        let agreed = minutes(of(1)).expect("a time");
        assert!((agreed - (74.0 * 60.0 + 37.0 + 27.0 / 60.0)).abs() < 1e-6, "{agreed}");
        assert_eq!((theirs["pr1"], agreed.ceil()), (4478.0, 4478.0));
        // Its first commit was written after the merge: they count the missing part as 0.
        let late = minutes(of(2)).expect("a time");
        assert!((late - 157.45).abs() < 1e-6, "{late}");
        assert_eq!((theirs["pr2"], &of(2)["problem"]), (1598.0, &json!("committed_late")));
        // "Deployed" before it was merged: they count 10,203 minutes.
        assert_eq!(theirs["pr3"], 10203.0);
        assert_eq!((&of(3)["problem"], &of(3)["hours"]), (&json!("inconsistent"), &Value::Null));
        // Never deployed: they have 44,640 minutes of it.
        assert_eq!((theirs["pr0"], of(0)), (44640.0, &Value::Null));
        // Two pull requests, and the two deployed commits themselves, which are in no pull request: they do not see those.
        assert_eq!((&lead["n"], &lead["inconsistent"]), (&json!(4), &json!(1)));
        assert_eq!(lead["unknown"], 2, "the first deployment of each service");
    });
}

#[test]
fn incidents_that_come_weeks_later_are_not_the_last_deployments() {
    on_each_world(|world| {
        let rows = table(include_str!("dora/incident_deployments.csv"));
        let of_project = |row: &&Row| {
            row["result"] == "SUCCESS"
                && row["environment"] == "PRODUCTION"
                && ["cicd1", "cicd2"].contains(&row["cicd_scope_id"])
        };
        let mut finished: BTreeMap<String, (String, &str)> = BTreeMap::new();
        for row in rows.iter().filter(of_project) {
            finished
                .entry(row["cicd_deployment_id"].to_owned())
                .or_insert((time(row["finished_date"]), row["commit_sha"]));
        }
        let mut ids = HashMap::new();
        for (pipeline, (at, sha)) in &finished {
            let first = rows.iter().filter(of_project).filter(|row| row["cicd_deployment_id"] == pipeline.as_str());
            let first = first.map(|row| time(row["finished_date"])).min().unwrap_or_else(|| at.clone());
            ids.insert(deploy(world, &first, json!({ "external_id": pipeline, "revision": sha })), pipeline.clone());
        }
        assert_eq!(ids.len(), 5);
        let theirs = table(include_str!("dora/project_incident_deployment_relationships.csv"));
        for row in table(include_str!("dora/incidents.csv")) {
            if theirs.iter().any(|link| link["id"] == row["id"]) {
                incident(world, &time(row["created_date"]), &[]);
            }
        }
        let mut blamed: Vec<&str> = theirs.iter().map(|link| link["deployment_id"]).collect();
        blamed.sort_unstable();
        blamed.dedup();
        assert_eq!((theirs.len(), blamed.len()), (6, 2), "theirs: 6 incidents on 2 of 5 deployments, 40 %");
        let fail = &figures(world, "from=2022-09-01&to=2022-12-31")["change_fail_rate"];
        assert_eq!((&fail["n"], &fail["failed"], &fail["inferred"]), (&json!(5), &json!(1), &json!(1)), "{fail}");
        let row = &fail["rows"][0];
        assert_eq!(ids[row["deployment_id"].as_str().unwrap()], "pipeline2", "19 hours before the incident");
    });
}
