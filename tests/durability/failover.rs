//! A failover: the primary is killed under load, its synchronous replica is promoted, and the server goes on with it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Acknowledged, StopAtEnd, all_there, load};
use crate::support::{Database, Pair, Server, World, command, eventually};

#[test]
fn after_a_failover_the_server_goes_on_with_everything_that_was_acknowledged() {
    let Some(mut pair) = Pair::start(true) else { return };
    let mut database = Database::on(&pair.url(Server::Primary));
    database.url = pair.on_either(&database.url);
    let server = World::program(database);
    assert!(!server.log().contains("asynchronous"), "{}", server.log());

    let stop = AtomicBool::new(false);
    let mut acknowledged = Acknowledged::new();
    std::thread::scope(|scope| {
        let running = scope.spawn(|| load(&server, "failover", &stop));
        let _ending = StopAtEnd(&stop);
        std::thread::sleep(Duration::from_millis(1_500));
        pair.strike(Server::Primary);
        // Nobody is there who accepts writes.
        let write = scope.spawn(|| server.post("/v1/feedback", json!({ "text": "meanwhile" })));
        let refused = server.get("/v1/feedback");
        refused.problem(503, "unavailable");
        assert!(refused.header("Retry-After").is_some(), "{refused:?}");
        assert_eq!(write.join().unwrap().status, 503);
        assert_eq!(server.get("/livez").status, 200);

        let began = Instant::now();
        pair.promote();
        let writes = || server.post("/v1/feedback", json!({ "text": "after" })).status == 201;
        eventually("writes again", Duration::from_secs(15), writes);
        eventually("reads again", Duration::from_secs(15), || server.get("/v1/feedback").status == 200);
        eventually("ready again", Duration::from_secs(15), || server.get("/readyz").status == 200);
        println!("the server went on {} ms after the promotion began", began.elapsed().as_millis());
        // The load goes on at the promoted server.
        std::thread::sleep(Duration::from_millis(1_000));
        stop.store(true, Ordering::Relaxed);
        acknowledged.extend(running.join().unwrap());
    });
    assert!(acknowledged.len() > 20, "{} acknowledged", acknowledged.len());
    println!("{} acknowledged writes", acknowledged.len());
    all_there(&server, &acknowledged);
    // Its grouping and its readers of the log go on too.
    let id = acknowledged.values().next().unwrap();
    let is_grouped = || server.get(&format!("/v1/feedback/{id}")).json()["state"] == "grouped";
    eventually("grouped", Duration::from_secs(60), is_grouped);
    let created = server.walk("/v1/events?limit=200&kind=feedback.created", || ());
    assert!(created.len() >= acknowledged.len());
    server.terminate();
    server.restart();
    all_there(&server, &acknowledged);
}

#[test]
fn where_replication_is_asynchronous_the_log_and_the_doctor_say_so() {
    let Some(pair) = Pair::start(false) else { return };
    let server = World::program(Database::on(&pair.url(Server::Primary)));
    assert!(server.log().contains("replication is asynchronous"), "{}", server.log());
    let doctor = command(server.database.folder(), &server.database.url).arg("doctor").output().unwrap();
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    let line =
        said.lines().find(|line| line.contains("replication is asynchronous")).unwrap_or_else(|| panic!("{said}"));
    assert!(line.starts_with("WARN") && line.contains("synchronous_standby_names"), "{line}");
    assert!(doctor.status.success(), "{said}");
}
