//! The list of jobs: what the server runs is what tests step, `/metrics` shows and `ARCHITECTURE.md` explains.

use std::collections::BTreeSet;
use std::time::Duration;

use hearback::config::Config;
use hearback::domain::team::Role;
use hearback::jobs;
use hearback::jobs::base::scheduler::{Job, Scheduler, Step};
use serde_json::json;

use crate::support::{World, eventually, on_each_world, on_each_world_with};

/// Runs a test with an app whose settings ask for every job. Nobody answers there; a job that asks waits and goes on.
fn with_every_job(test: impl Fn(&World) + Sync) {
    let every = |config: &mut Config| {
        let nowhere = Some("http://127.0.0.1:9/v1".to_owned());
        (config.embeddings_url, config.embeddings_model) = (nowhere.clone(), Some("m".to_owned()));
        (config.llm_url, config.llm_model) = (nowhere, Some("m".to_owned()));
    };
    on_each_world_with(every, test);
}

fn every_job(world: &World) -> Vec<Box<dyn Job>> {
    jobs::all(world.app()).expect("good settings")
}

#[test]
fn every_job_is_started_and_stopped_with_the_others_and_shown_in_the_metrics() {
    with_every_job(|world| {
        let admin = world.token(Role::Admin);
        let names: Vec<&str> = every_job(world).iter().map(|job| job.name()).collect();
        assert_eq!(names.len(), 23, "{names:?}");
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "one name a job: {names:?}");

        let scheduler = Scheduler::start(world.store(), every_job(world)).expect("threads");
        let text = world.send("GET", "/metrics", &admin, None).body;
        let mut stopped = Vec::new();
        scheduler.stop_all(|name| stopped.push(name));
        assert_eq!(stopped, names);
        for name in names {
            for counter in ["runs", "seconds", "failures"] {
                let start = format!("hearback_job_{counter}_total{{job=\"{name}\"}} ");
                assert!(text.lines().any(|line| line.starts_with(&start)), "{start}in {text}");
            }
        }
    });
}

#[test]
fn every_job_is_explained_in_the_architecture() {
    with_every_job(|world| {
        let text = include_str!("../../ARCHITECTURE.md");
        let rows = text.lines().skip_while(|line| !line.starts_with("| job |")).skip(2);
        let rows = rows.take_while(|line| line.starts_with('|'));
        let cells = |line: &str| line.split('|').skip(1).take(3).map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
        let explained: Vec<Vec<String>> = rows.map(cells).collect();
        let listed: Vec<Vec<String>> = every_job(world)
            .iter_mut()
            .map(|job| {
                let lease = if job.held().is_some() || job.name() == "outbox" { "yes" } else { "" };
                vec![format!("`{}`", job.name()), job.wakes().to_string(), lease.to_owned()]
            })
            .collect();
        assert_eq!(explained, listed, "ARCHITECTURE.md (left) and jobs::all (right) differ");
    });
}

#[test]
fn a_job_is_stepped_by_its_name_as_the_server_would() {
    on_each_world(|world| {
        let admin = world.token(Role::Admin);
        let said = json!({ "text": "The refund is late" });
        assert_eq!(world.send("POST", "/v1/feedback", &admin, Some(&said)).status, 201);
        let pending =
            || world.send("GET", "/v1/feedback?state=pending", &admin, None).json()["data"].as_array().unwrap().len();
        assert_eq!(pending(), 1);
        // A second step succeeds: the first one gave its lease back.
        assert_eq!(world.step("grouping"), Step::More);
        // It goes on once the log is read up to where its product was taken over; other transactions can hold the log back.
        eventually("it is grouped", Duration::from_secs(20), || {
            world.step("grouping");
            pending() == 0
        });
        world.step_until_idle("grouping");
        for name in ["llm", "no such job"] {
            assert_eq!(jobs::step(world.app(), name).unwrap_err().code.status(), 404, "{name}");
        }
    });
}
