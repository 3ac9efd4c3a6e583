//! The list of jobs: what the server runs is what tests step, `/metrics` shows and `ARCHITECTURE.md` explains.

use std::collections::BTreeSet;

use hearback::domain::team::Role;
use hearback::jobs;
use hearback::jobs::base::scheduler::{Job, Scheduler, Step};
use serde_json::json;

use super::inprocess::{self, Running};

/// An app whose settings ask for every job. Nobody answers there; a job that asks waits and goes on.
fn with_every_job() -> Running {
    inprocess::start_with(|config| {
        let nowhere = Some("http://127.0.0.1:9/v1".to_owned());
        (config.embeddings_url, config.embeddings_model) = (nowhere.clone(), Some("m".to_owned()));
        (config.llm_url, config.llm_model) = (nowhere, Some("m".to_owned()));
    })
}

fn every_job(app: &Running) -> Vec<Box<dyn Job>> {
    jobs::all(&app.app).expect("good settings")
}

#[test]
fn every_job_is_started_and_stopped_with_the_others_and_shown_in_the_metrics() {
    let app = with_every_job();
    let admin = app.token(Role::Admin);
    let names: Vec<&str> = every_job(&app).iter().map(|job| job.name()).collect();
    assert_eq!(names.len(), 12, "{names:?}");
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "one name a job: {names:?}");

    let scheduler = Scheduler::start(&app.app.store, every_job(&app)).expect("threads");
    let text = app.send("GET", "/metrics", &admin, None).text;
    let mut stopped = Vec::new();
    scheduler.stop_all(|name| stopped.push(name));
    assert_eq!(stopped, names);
    for name in names {
        for counter in ["runs", "seconds", "failures"] {
            let start = format!("hearback_job_{counter}_total{{job=\"{name}\"}} ");
            assert!(text.lines().any(|line| line.starts_with(&start)), "{start}in {text}");
        }
    }
}

#[test]
fn every_job_is_explained_in_the_architecture() {
    let app = with_every_job();
    let text = include_str!("../../ARCHITECTURE.md");
    let rows = text.lines().skip_while(|line| !line.starts_with("| job |")).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    let cells = |line: &str| line.split('|').skip(1).take(3).map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let explained: Vec<Vec<String>> = rows.map(cells).collect();
    let listed: Vec<Vec<String>> = every_job(&app)
        .iter_mut()
        .map(|job| {
            let lease = if job.held().is_some() || job.name() == "outbox" { "yes" } else { "" };
            vec![format!("`{}`", job.name()), job.wakes().to_string(), lease.to_owned()]
        })
        .collect();
    assert_eq!(explained, listed, "ARCHITECTURE.md (left) and jobs::all (right) differ");
}

#[test]
fn a_job_is_stepped_by_its_name_as_the_server_would() {
    let app = inprocess::start();
    let admin = app.token(Role::Admin);
    let said = json!({ "text": "The refund is late" });
    assert_eq!(app.send("POST", "/v1/feedback", &admin, Some(&said)).status, 201);
    let pending =
        || app.send("GET", "/v1/feedback?state=pending", &admin, None).json()["data"].as_array().unwrap().len();
    assert_eq!(pending(), 1);
    // Twice: the first gave its lease back.
    assert_eq!(jobs::step(&app.app, "grouping").unwrap(), Step::More);
    assert_eq!(pending(), 0);
    while jobs::step(&app.app, "grouping").unwrap() != Step::Idle {}
    for name in ["llm", "no such job"] {
        assert_eq!(jobs::step(&app.app, name).unwrap_err().code.status(), 404, "{name}");
    }
}
