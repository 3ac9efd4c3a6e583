//! Reads on a replica: nobody sees less than was acknowledged, and where the replica can't answer, the primary does.

use std::time::Duration;

use diesel::PgConnection;
use diesel::connection::{Connection, SimpleConnection};
use serde_json::json;

use crate::support::{Answer, Cluster, Database, Pair, Server, World, command, eventually};

/// How many reads had this outcome.
fn counted(metrics: &Answer, outcome: &str) -> u64 {
    let name = format!("hearback_replica_reads_total{{outcome=\"{outcome}\"}} ");
    let line = metrics.body.lines().find_map(|line| line.strip_prefix(name.as_str()).map(str::to_owned));
    line.and_then(|number| number.trim().parse().ok()).unwrap_or_else(|| panic!("no {name} in {}", metrics.body))
}

fn reads(server: &World, outcome: &str) -> u64 {
    counted(&server.get("/metrics"), outcome)
}

/// A server with a replica.
fn with_replica(pair: &Pair, more: &[(&str, &str)]) -> World {
    let database = Database::on(&pair.url(Server::Primary));
    let replica = pair.on_replica(&database.url);
    let settings = [&[("DATABASE_READ_URL", replica.as_str())][..], more].concat();
    World::program_with(database, &settings)
}

/// SQL on the replica.
fn run_on_replica(pair: &Pair, sql: &str) {
    let mut conn = PgConnection::establish(&pair.url(Server::Replica)).expect("the replica answers");
    conn.batch_execute(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
}

#[test]
fn every_instance_shows_on_the_replica_what_another_has_just_acknowledged() {
    let Some(pair) = Pair::start(false) else { return };
    // Long, so that each read is answered by the replica, however slow this machine is.
    let server = with_replica(&pair, &[("DATABASE_READ_WAIT_MS", "5000")]);
    let twin = server.twin();
    let before = counted(&twin.request("GET", "/metrics").send(), "answered");
    for n in 0..40 {
        let filed = server.file(&json!({ "text": format!("number {n}") }));
        let path = format!("/v1/feedback/{}", filed["id"].as_str().unwrap());
        let read = twin.request("GET", &path).send();
        assert_eq!((read.status, read.json()["text"].as_str()), (200, Some(format!("number {n}").as_str())));
        let listed = twin.request("GET", "/v1/feedback?limit=1").send().json();
        assert_eq!(listed["data"][0]["id"], filed["id"], "the newest stands first");
    }
    let metrics = twin.request("GET", "/metrics").send();
    assert!(counted(&metrics, "answered") >= before + 40, "{}", metrics.body);
    assert_eq!((counted(&metrics, "failed"), counted(&metrics, "other")), (0, 0), "{}", metrics.body);
}

#[test]
fn while_the_replica_is_behind_or_gone_the_primary_answers() {
    let Some(mut pair) = Pair::start(false) else { return };
    let server = with_replica(&pair, &[("DATABASE_READ_WAIT_MS", "200")]);
    let newest = || server.get("/v1/feedback?limit=1").json()["data"][0]["text"].clone();
    server.file(&json!({ "text": "first" }));
    eventually("answers", Duration::from_secs(10), || {
        assert_eq!(newest(), "first");
        reads(&server, "answered") > 0
    });

    run_on_replica(&pair, "SELECT pg_wal_replay_pause()");
    for n in 0..5 {
        server.file(&json!({ "text": format!("behind {n}") }));
        assert_eq!(newest(), format!("behind {n}"));
    }
    assert!(reads(&server, "behind") > 0);
    run_on_replica(&pair, "SELECT pg_wal_replay_resume()");
    let answered = reads(&server, "answered");
    eventually("answers again", Duration::from_secs(15), || {
        newest() == "behind 4" && reads(&server, "answered") > answered
    });

    pair.stop(Server::Replica);
    for n in 0..5 {
        server.file(&json!({ "text": format!("gone {n}") }));
        assert_eq!(newest(), format!("gone {n}"));
    }
    assert!(reads(&server, "unreachable") > 0);
    assert!(server.log().contains("a read replica is not used"), "{}", server.log());
    pair.start_again(Server::Replica);
    let answered = reads(&server, "answered");
    eventually("is back", Duration::from_secs(15), || newest() == "gone 4" && reads(&server, "answered") > answered);
}

#[test]
fn a_read_that_fails_on_the_replica_is_done_again_on_the_primary() {
    let Some(pair) = Pair::start(false) else { return };
    let server = with_replica(&pair, &[("DATABASE_READ_WAIT_MS", "2000")]);
    server.file(&json!({ "text": "there" }));
    let text = || {
        let answer = server.get("/v1/accounts");
        (answer.status, answer.json()["data"].as_array().map(Vec::len))
    };
    eventually("answers", Duration::from_secs(10), || text() == (200, Some(0)) && reads(&server, "answered") > 0);
    assert_eq!(reads(&server, "failed"), 0);
    // The replica gets a lock that it keeps: its reads of this table end with its limit for waiting.
    let mut locked = server.database.run("BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE");
    server.database.run("SELECT pg_switch_wal()");
    std::thread::sleep(Duration::from_millis(300));
    std::thread::scope(|scope| {
        let reading = scope.spawn(text);
        // It has been seen to be far enough by then, and waits for the lock.
        std::thread::sleep(Duration::from_millis(1_500));
        run_on_replica(&pair, "SELECT pg_wal_replay_pause()");
        std::thread::sleep(Duration::from_millis(200));
        locked.run("ROLLBACK");
        assert_eq!(reading.join().unwrap(), (200, Some(0)));
    });
    assert!(reads(&server, "failed") > 0);
    run_on_replica(&pair, "SELECT pg_wal_replay_resume()");
}

#[test]
fn what_is_no_replica_is_refused_or_told() {
    let (Some(pair), Some(stranger)) = (Pair::start(false), Cluster::of_its_own()) else { return };
    let database = Database::on(&pair.url(Server::Primary));
    let run = |act: &str, read_url: &str| {
        let mut command = command(database.folder(), &database.url);
        let output = command.arg(act).env("DATABASE_READ_URL", read_url).env("HEARBACK_LISTEN", "127.0.0.1:0").output();
        let output = output.unwrap();
        (
            output.status.success(),
            [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat(),
        )
    };
    assert!(run("migrate", "").0);
    for act in ["serve", "doctor"] {
        let (is_well, said) = run(act, stranger.url());
        assert!(!is_well && said.contains("another cluster"), "{act}: {said}");
    }
    let (is_well, said) = run("doctor", &database.url);
    assert!(is_well && said.contains("it is not in recovery, so it is no replica"), "{said}");
    let (is_well, said) = run("doctor", &pair.on_replica(&database.url));
    assert!(is_well && !said.contains("DATABASE_READ_URL"), "{said}");
}
