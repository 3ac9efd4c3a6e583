//! Durability: data that was answered with 2xx survives power cuts, a locked or missing database, and a full disk.

mod clocks;
mod cluster;
mod failover;
mod files;
mod pooler;
mod power;
mod receiver;
mod replicas;
mod scrubbing;
mod shim;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{
    Answer, Cluster, Database, Kind, Request, Twin, World, eventually, is_root, on_each, on_each_program,
    skip_without_right,
};

/// The acknowledged items: external id to id.
type Acknowledged = HashMap<String, String>;

/// Files feedback over several connections until `stop` is set or the server is gone.
fn load(server: &World, name: &str, stop: &AtomicBool) -> Acknowledged {
    let work = |worker: usize| {
        let mut acknowledged = Acknowledged::new();
        for n in 0.. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let external_id = format!("{name}-{worker}-{n}");
            let body = json!({ "text": format!("load {n}"), "origin": "load", "external_id": external_id,
                               "customer": {"external_id": format!("{}", n % 20)} });
            let request = server.request("POST", "/v1/feedback").json(&body);
            // Two of the four by the way that goes with a key.
            let request =
                if worker.is_multiple_of(2) { request } else { request.header("Idempotency-Key", &external_id) };
            match request.try_send() {
                Ok(answer) if answer.status == 201 => drop(acknowledged.insert(external_id, answer.id())),
                Ok(answer) => assert!(answer.status == 503 || answer.status == 507, "{answer:?}"),
                Err(_) => break,
            }
        }
        acknowledged
    };
    std::thread::scope(|scope| {
        let work = &work;
        let running: Vec<_> = (0..4).map(|worker| scope.spawn(move || work(worker))).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// Stops the load even if a test fails.
struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Files feedback over several connections, kills the server this long after the first item of the round was filed, and
/// returns what was acknowledged.
fn load_and_strike(server: &World, round: u64, after: Duration) -> Acknowledged {
    let stop = AtomicBool::new(false);
    let acknowledged = std::thread::scope(|scope| {
        let running = scope.spawn(|| load(server, &round.to_string(), &stop));
        let ending = StopAtEnd(&stop);
        let latest = || server.get("/v1/feedback?limit=1").json()["data"][0]["external_id"].clone();
        let of_round = |id: &Value| id.as_str().is_some_and(|id| id.starts_with(&format!("{round}-")));
        eventually("the first is filed", Duration::from_secs(20), || of_round(&latest()));
        std::thread::sleep(after);
        server.strike();
        drop(ending);
        running.join().unwrap()
    });
    assert!(!acknowledged.is_empty(), "round {round}: nothing was filed");
    acknowledged
}

/// Checks that every acknowledged item exists exactly once, in the list and in the search index.
fn all_there(server: &World, acknowledged: &Acknowledged) {
    for query in ["origin=load", "q=load"] {
        let mut there = HashMap::new();
        for row in server.walk(&format!("/v1/feedback?limit=200&{query}"), || ()) {
            let text = |name: &str| row[name].as_str().unwrap().to_owned();
            assert_eq!(there.insert(text("external_id"), text("id")), None, "twice: {row}");
        }
        for (external_id, id) in acknowledged {
            assert_eq!(there.get(external_id), Some(id), "{external_id} was acknowledged ({query})");
        }
    }
}

#[test]
fn every_acknowledged_item_survives_kill_9_exactly_once() {
    on_each(|database| {
        let server = World::program(database);
        let mut acknowledged = Acknowledged::new();
        for round in 0..3 {
            let more = load_and_strike(&server, round, Duration::from_millis(700 + 150 * round));
            server.restart();
            acknowledged.extend(more);
            all_there(&server, &acknowledged);
            // Whoever got no answer, or is not sure, sends again.
            for (external_id, id) in acknowledged.iter().take(5) {
                let again = json!({ "text": "load again", "origin": "load", "external_id": external_id });
                let answer = server.post("/v1/feedback", &again);
                assert_eq!((answer.status, &answer.id()), (200, id));
            }
        }
        server.terminate();
        server.restart();
        all_there(&server, &acknowledged);
    });
}

/// The answer and its duration.
fn timed(ask: impl FnOnce() -> Answer) -> (Answer, Duration) {
    let started = Instant::now();
    (ask(), started.elapsed())
}

#[test]
fn while_another_program_locks_the_database_writes_are_refused_and_reads_go_on() {
    on_each_program(|server| {
        server.file(&json!({ "text": "before", "external_id": "1" }));
        let mut other = server.database.run(match server.database.kind {
            Kind::Sqlite => "BEGIN IMMEDIATE",
            Kind::Postgres => "BEGIN; LOCK TABLE feedback IN EXCLUSIVE MODE",
        });
        std::thread::scope(|scope| {
            let write = scope.spawn(|| timed(|| server.post("/v1/feedback", json!({ "text": "meanwhile" }))));
            let keyed = server.request("POST", "/v1/feedback").header("Idempotency-Key", "key");
            let keyed = scope.spawn(|| keyed.json(&json!({ "text": "meanwhile" })).send());
            for _ in 0..10 {
                let (read, took) = timed(|| server.get("/v1/feedback"));
                assert_eq!(read.json()["data"].as_array().unwrap().len(), 1);
                assert!(took < Duration::from_secs(2), "a read waited {took:?}");
                assert_eq!(server.get("/readyz").status, 200);
                std::thread::sleep(Duration::from_millis(100));
            }
            let (answer, took) = write.join().unwrap();
            answer.problem(503, "unavailable");
            assert!(answer.header("Retry-After").is_some(), "{answer:?}");
            assert!(took < Duration::from_secs(20), "{took:?}");
            keyed.join().unwrap().problem(503, "unavailable");
        });
        other.run("ROLLBACK");
        let writes = || server.post("/v1/feedback", json!({ "text": "after", "external_id": "2" })).status < 300;
        eventually("writes again", Duration::from_secs(15), writes);
        let texts: Vec<Value> = server.walk("/v1/feedback", || ()).iter().map(|row| row["text"].clone()).collect();
        assert_eq!(texts, ["after", "before"], "what was refused was not filed");
    });
}

#[test]
fn while_postgres_is_gone_everything_answers_503_and_recovers_by_itself() {
    let Some(mut cluster) = Cluster::of_its_own() else { return };
    let server = World::program(Database::on(cluster.url()));
    let mut acknowledged = Acknowledged::new();
    for round in 0..2 {
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let running = scope.spawn(|| load(&server, &round.to_string(), &stop));
            let ending = StopAtEnd(&stop);
            // Many read connections are open when it goes.
            let readers: Vec<_> = (0..8).map(|_| scope.spawn(|| server.get("/v1/feedback").status)).collect();
            assert!(readers.into_iter().all(|reader| reader.join().unwrap() == 200));
            std::thread::sleep(Duration::from_millis(500));
            if round == 0 {
                cluster.stop()
            } else {
                cluster.kill()
            }
            for _ in 0..2 {
                // Side by side, for each waits some seconds for a connection.
                let read = scope.spawn(|| server.get("/v1/feedback"));
                let ready = scope.spawn(|| server.get("/readyz"));
                let write = scope.spawn(|| server.post("/v1/feedback", json!({ "text": "lost?" })));
                assert_eq!(server.get("/livez").status, 200);
                let answer = read.join().unwrap();
                answer.problem(503, "unavailable");
                assert!(answer.header("Retry-After").is_some());
                ready.join().unwrap().problem(503, "unavailable");
                write.join().unwrap().problem(503, "unavailable");
                assert_eq!(server.get("/livez").status, 200);
            }
            drop(ending);
            acknowledged.extend(running.join().unwrap());
        });
        cluster.start();
        eventually("reads again", Duration::from_secs(15), || server.get("/v1/feedback").status == 200);
        let writes = || server.post("/v1/feedback", json!({ "text": "after" })).status == 201;
        eventually("writes again", Duration::from_secs(15), writes);
        eventually("ready again", Duration::from_secs(15), || server.get("/readyz").status == 200);
        // Not by luck: no connection is left that leads nowhere.
        std::thread::scope(|scope| {
            let ask = || (0..5).map(|_| server.get("/v1/feedback").status).collect::<Vec<_>>();
            let readers: Vec<_> = (0..12).map(|_| scope.spawn(ask)).collect();
            let statuses: Vec<u16> = readers.into_iter().flat_map(|reader| reader.join().unwrap()).collect();
            assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
        });
        all_there(&server, &acknowledged);
    }
}

/// A disk of 8 MB; it is removed when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(folder: &Path) -> Option<Self> {
        let mounted = is_root()
            && Command::new("mount")
                .args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"])
                .arg(folder)
                .status()
                .is_ok_and(|s| s.success());
        if !mounted {
            skip_without_right("filling a small disk takes root and the right to mount");
        }
        mounted.then(|| Self(folder.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn on_a_full_disk_writes_are_refused_reads_go_on_and_nothing_acknowledged_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path()) else { return };
    let ballast = disk.0.join("ballast");
    std::fs::write(&ballast, vec![0; 1 << 20]).unwrap();
    let server = World::program(Database::sqlite_at(&disk.0.join("hearback.db")));
    let mut acknowledged = Acknowledged::new();
    let mut refusals = 0;
    let text = "load ".repeat(800);
    for n in 0..2_000 {
        let external_id = format!("big-{n}");
        let body = json!({ "text": text, "origin": "load", "external_id": external_id });
        let answer = server.post("/v1/feedback", &body);
        if answer.status == 201 {
            acknowledged.insert(external_id, answer.id());
            continue;
        }
        assert!([503, 507].contains(&answer.status), "{answer:?}");
        answer.problem(answer.status, if answer.status == 507 { "storage_full" } else { "unavailable" });
        refusals += 1;
        if refusals > 5 {
            break;
        }
    }
    assert!(refusals > 5 && acknowledged.len() > 20, "{refusals} refusals, {} filed", acknowledged.len());
    // Many writes that share a transaction are refused just as well.
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let running = scope.spawn(|| load(&server, "full", &stop));
        std::thread::sleep(Duration::from_millis(700));
        stop.store(true, Ordering::Relaxed);
        acknowledged.extend(running.join().unwrap());
    });
    all_there(&server, &acknowledged);
    assert_eq!(server.get("/readyz").status, 200);

    std::fs::remove_file(&ballast).unwrap();
    let file = |server: &World| {
        let answer = server.post("/v1/feedback", json!({ "text": "load", "origin": "load", "external_id": "room" }));
        answer.status < 300
    };
    eventually("writes again", Duration::from_secs(15), || file(&server));
    all_there(&server, &acknowledged);
    server.strike();
    server.restart();
    all_there(&server, &acknowledged);
    assert!(file(&server));
    // The server has the disk open.
    drop(server);
}

/// Two servers on one database, if the database allows it.
fn on_two_servers(test: impl Fn(&World, &Twin) + Sync) {
    on_each(|database| {
        if database.kind == Kind::Postgres {
            let server = World::program(database);
            let twin = server.twin();
            test(&server, &twin);
        }
    });
}

#[test]
fn two_servers_on_one_postgres_both_read_and_write() {
    on_two_servers(|server, twin| {
        let here = server.file(&json!({ "text": "filed here" }));
        let there = twin.request("POST", "/v1/feedback").json(&json!({ "text": "filed there" })).send();
        assert_eq!(there.status, 201);
        assert_eq!(server.get(there.header("Location").unwrap()).json()["text"], "filed there");
        let path = format!("/v1/feedback/{}", here["id"].as_str().unwrap());
        assert_eq!(twin.request("GET", &path).send().json()["text"], "filed here");
        // Ids only: the grouping goes on between the two requests.
        let ids = |answer: Answer| -> Vec<String> {
            answer.json()["data"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap().to_owned()).collect()
        };
        let found = ids(twin.request("GET", "/v1/feedback?q=filed").send());
        assert_eq!((found.len(), &found), (2, &ids(server.get("/v1/feedback?q=filed"))));
    });
}

#[test]
fn the_same_items_sent_to_two_servers_at_once_are_filed_once() {
    on_two_servers(|server, twin| {
        let send = |n: usize, request: Request| {
            let body = json!({ "text": format!("number {n}"), "origin": "load", "external_id": n.to_string(),
                               "customer": {"email": format!("kim{}@example.com", n % 3), "account": {"name": "Blue Bakery"}} });
            let request =
                if n.is_multiple_of(2) { request } else { request.header("Idempotency-Key", &format!("key-{n}")) };
            request.json(&body).send()
        };
        let both = || -> Vec<(Answer, Answer)> {
            let (send, numbers) = (&send, 0..40);
            std::thread::scope(|scope| {
                let there =
                    scope.spawn(|| (0..40).map(|n| send(n, twin.request("POST", "/v1/feedback"))).collect::<Vec<_>>());
                let here: Vec<_> = numbers.map(|n| send(n, server.request("POST", "/v1/feedback"))).collect();
                here.into_iter().zip(there.join().unwrap()).collect()
            })
        };
        // Who sends a key that is in flight at the other server is asked to wait; later all are answered.
        for (here, there) in both() {
            assert!([&here, &there].iter().all(|a| [200, 201, 409].contains(&a.status)), "{here:?} {there:?}");
        }
        for n in 0..40 {
            let (here, there) =
                (send(n, server.request("POST", "/v1/feedback")), send(n, twin.request("POST", "/v1/feedback")));
            assert!(here.status < 300 && there.status < 300, "{here:?} {there:?}");
            assert_eq!(here.id(), there.id());
        }
        let rows = server.walk("/v1/feedback?origin=load", || ());
        assert_eq!(rows.len(), 40);
        let customers: HashSet<_> = rows.iter().map(|row| row["customer"]["id"].as_str().unwrap()).collect();
        let accounts: HashSet<_> = rows.iter().map(|row| row["customer"]["account"]["id"].as_str().unwrap()).collect();
        assert_eq!((customers.len(), accounts.len()), (3, 1), "nobody is there twice");
    });
}

#[test]
fn two_servers_may_start_at_once_on_an_empty_postgres() {
    on_each(|database| {
        if database.kind != Kind::Postgres {
            return;
        }
        let start =
            || Command::new(env!("CARGO_BIN_EXE_hearback")).arg("migrate").env("DATABASE_URL", &database.url).output();
        let both = std::thread::scope(|scope| {
            let running: Vec<_> = (0..4).map(|_| scope.spawn(start)).collect();
            running.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect::<Vec<_>>()
        });
        assert!(both.iter().all(|output| output.status.success()), "{both:?}");
    });
}
