//! Operating problems of PostgreSQL: a restore into another cluster, open transactions of other programs, and a server
//! that hangs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::receiver::Receiver;
use crate::support::{Cluster, Database, World, eventually};

/// A program of PostgreSQL, as the user that may connect to the test clusters.
fn program(name: &str) -> Command {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = installed.map(|version| version.path().join("bin").join(name)).collect();
    found.retain(|path| path.exists());
    found.sort();
    Command::new(found.pop().unwrap_or_else(|| name.into()))
}

fn restore(from: &Database, to: &Database) {
    let dump = from.folder().join("dump");
    let dumped = program("pg_dump").args(["--format=custom", "--file"]).arg(&dump).arg(&from.url).status().unwrap();
    assert!(dumped.success());
    let restored =
        program("pg_restore").args(["--exit-on-error", "--no-owner", "--dbname", &to.url]).arg(&dump).status();
    assert!(restored.unwrap().success());
}

fn is_grouped(server: &World, id: &Value) -> bool {
    server.get(&format!("/v1/feedback/{}", id.as_str().unwrap())).json()["state"] == "grouped"
}

#[test]
fn a_dump_restored_into_another_cluster_goes_on() {
    let (Some(old), Some(young)) = (Cluster::of_its_own(), Cluster::of_its_own()) else { return };
    let receiver = Receiver::start();
    let settings = [("HEARBACK_ALLOW_PRIVATE_ADDRESSES", "true")];
    let first = Database::on(old.url());
    // The old cluster has counted far.
    first.run("DO $$ BEGIN FOR n IN 1..5000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$");
    let server = World::program_with(first, &settings);
    let hook = json!({ "url": receiver.url, "events": ["feedback.created"] });
    assert_eq!(server.post("/v1/webhooks", &hook).status, 201);
    let before: Vec<Value> =
        (0..20).map(|n| server.file(&json!({ "text": format!("before {n}") }))["id"].clone()).collect();
    eventually("grouped", Duration::from_secs(20), || before.iter().all(|id| is_grouped(&server, id)));
    let events = server.walk("/v1/events?limit=200", || ());
    let last = events.last().unwrap()["id"].as_str().unwrap().to_owned();
    server.terminate();
    // Filed and never told: it must be, from the other cluster.
    let second = Database::on(young.url());
    restore(&server.database, &second);
    drop(server);

    let server = World::program_with(second, &settings);
    assert!(server.log().contains("restored into another PostgreSQL cluster"), "{}", server.log());
    for round in 0..2 {
        let after: Vec<Value> =
            (0..5).map(|n| server.file(&json!({ "text": format!("after {round} {n}") }))["id"].clone()).collect();
        eventually("grouped", Duration::from_secs(30), || after.iter().all(|id| is_grouped(&server, id)));
        let told = |id: &Value| receiver.subjects().contains(id.as_str().unwrap());
        eventually("told", Duration::from_secs(30), || before.iter().chain(&after).all(told));
        // A place that a caller kept still leads on to exactly what came later.
        let later = server.walk(&format!("/v1/events?limit=200&after={last}"), || ());
        let created = later.iter().filter(|event| event["kind"] == "feedback.created").count();
        assert_eq!(created, 5 * (round + 1), "{later:?}");
        let all = server.walk("/v1/events?limit=200", || ());
        assert_eq!(all[..events.len()], events, "the old events stand where they stood");
        server.restart();
    }
}

#[test]
fn a_strangers_open_transaction_is_told_and_loses_nothing() {
    let Some(cluster) = Cluster::of_its_own() else { return };
    let receiver = Receiver::start();
    let settings = [("HEARBACK_ALLOW_PRIVATE_ADDRESSES", "true")];
    let server = World::program_with(Database::on(cluster.url()), &settings);
    let hook = json!({ "url": receiver.url, "events": ["feedback.created"] });
    assert_eq!(server.post("/v1/webhooks", &hook).status, 201);
    let open = "SET application_name = 'a stranger'; BEGIN; CREATE TABLE x (a int)";
    // A transaction in another database can't write to the log: it holds nothing back.
    let elsewhere = Database::on(cluster.url());
    let mut other = elsewhere.run(open);
    let id = server.file(&json!({ "text": "not held back" }))["id"].as_str().unwrap().to_owned();
    eventually("told", Duration::from_secs(20), || receiver.subjects().contains(&id));
    other.run("PREPARE TRANSACTION 'elsewhere'");
    let prepared = server.file(&json!({ "text": "not held back either" }))["id"].as_str().unwrap().to_owned();
    eventually("told", Duration::from_secs(20), || receiver.subjects().contains(&prepared));
    other.run("ROLLBACK PREPARED 'elsewhere'");

    // One in this database might.
    let told = receiver.subjects().len();
    let mut stranger = server.database.run(open);
    let id = server.file(&json!({ "text": "held back" }))["id"].as_str().unwrap().to_owned();
    let metric = || {
        let metrics = server.get("/metrics").body;
        let line = metrics.lines().find(|line| line.starts_with("hearback_event_log_held_back_seconds ")).unwrap();
        line.rsplit(' ').next().unwrap().parse::<i64>().unwrap()
    };
    eventually("the metric says so", Duration::from_secs(20), || metric() >= 5);
    assert!(server.get("/readyz").json()["event_log_held_back_seconds"].as_i64().unwrap() >= 5);
    eventually("the log names it", Duration::from_secs(10), || server.log().contains("a stranger"));
    assert_eq!(receiver.subjects().len(), told);
    stranger.run("ROLLBACK");
    eventually("told", Duration::from_secs(20), || receiver.subjects().contains(&id));
    eventually("over", Duration::from_secs(10), || metric() == 0);
}

/// Stops or continues all processes of a cluster.
fn signal(cluster: &Cluster, signal: &str) {
    let (_, folder) = cluster.url().split_once("host=").unwrap();
    let pids = std::fs::read_to_string(Path::new(folder).join("data/postmaster.pid")).unwrap();
    let postmaster = pids.lines().next().unwrap().to_owned();
    // First the parent, so that it starts no other.
    for arguments in [vec![signal, &postmaster], vec![]] {
        if !arguments.is_empty() {
            assert!(Command::new("kill").args(arguments).status().unwrap().success());
        }
    }
    let children = Command::new("ps").args(["-o", "pid=", "--ppid", &postmaster]).output().unwrap();
    for child in String::from_utf8_lossy(&children.stdout).split_whitespace() {
        let _ = Command::new("kill").args([signal, child]).stderr(Stdio::null()).status();
    }
}

/// A cluster that hangs until this is dropped: if a test fails, it must continue, or nothing could stop it.
struct Hung<'a>(&'a Cluster);

impl<'a> Hung<'a> {
    fn stop(cluster: &'a Cluster) -> Self {
        signal(cluster, "-STOP");
        Self(cluster)
    }
}

impl Drop for Hung<'_> {
    fn drop(&mut self) {
        signal(self.0, "-CONT");
    }
}

#[test]
fn while_postgres_hangs_everything_answers_and_sigterm_ends_in_time() {
    let Some(cluster) = Cluster::of_its_own() else { return };
    let server = World::program(Database::on(cluster.url()));
    server.file(&json!({ "text": "before", "external_id": "1" }));
    let hung = Hung::stop(&cluster);
    let timed = |ask: &dyn Fn() -> crate::support::Answer| {
        let began = Instant::now();
        (ask(), began.elapsed())
    };
    std::thread::scope(|scope| {
        let server = &server;
        let reads: Vec<_> =
            (0..10).map(|_| scope.spawn(move || timed(&|| server.get("/v1/feedback?limit=1")))).collect();
        let post = |n: i32| {
            timed(&|| server.post("/v1/feedback", json!({ "text": "meanwhile", "external_id": n.to_string() })))
        };
        let writes: Vec<_> = (2..8).map(|n| scope.spawn(move || post(n))).collect();
        let (ready, took) = timed(&|| server.get("/readyz"));
        ready.problem(503, "unavailable");
        assert!(took < Duration::from_secs(5), "readyz took {took:?}");
        assert_eq!(server.get("/livez").status, 200);
        for (answer, took) in reads.into_iter().map(|read| read.join().unwrap()) {
            answer.problem(503, "unavailable");
            assert!(took < Duration::from_secs(29), "{took:?}");
        }
        let mut codes = Vec::new();
        for (answer, took) in writes.into_iter().map(|write| write.join().unwrap()) {
            assert!(answer.status == 503 && took < Duration::from_secs(29), "{answer:?} {took:?}");
            codes.push(answer.json()["code"].as_str().unwrap().to_owned());
        }
        assert!(codes.iter().all(|code| ["outcome_unknown", "unavailable"].contains(&code.as_str())), "{codes:?}");
    });
    drop(hung);
    let filed = || server.post("/v1/feedback", json!({ "text": "after", "external_id": "9" })).status < 300;
    eventually("goes on", Duration::from_secs(20), filed);
    let _hung = Hung::stop(&cluster);
    server.ask_to_stop();
    server.wait(Duration::from_secs(33));
}
