//! A wall clock that was wrong and is corrected, and the reverse: waiting work continues within moments.

use std::time::Duration;

use serde_json::json;

use super::receiver::Receiver;
use super::shim;
use crate::support::{Database, Kind, World, eventually};

const HOUR: i64 = 3_600;
const YEARS: i64 = 13 * 365 * 86_400;

/// Files feedback with a wrong clock, stops the server, starts it with the right clock and files another item: both are
/// grouped, and both are sent to a webhook.
fn goes_on(kind: Kind, library: &str, ahead: i64, killed: bool) {
    let case = format!("{kind:?}, {ahead} s, {}", if killed { "kill -9" } else { "SIGTERM" });
    let receiver = Receiver::start();
    let settings = [("HEARBACK_ALLOW_PRIVATE_ADDRESSES", "true"), ("LD_PRELOAD", library)];
    let server = World::program_with(Database::new(kind), &settings);
    let hook = json!({ "url": receiver.url, "events": ["feedback.created"] });
    // It is made while the clock is right, or wrong; and told of what comes while it is wrong, or right.
    if killed {
        assert_eq!(server.post("/v1/webhooks", &hook).status, 201);
    }
    server.terminate();
    server.set("SHIM_CLOCK", &ahead.to_string());
    server.restart();
    if !killed {
        assert_eq!(server.post("/v1/webhooks", &hook).status, 201);
    }
    let mut ids = vec![server.file(&json!({ "text": "The export stops halfway" }))["id"].clone()];
    let grouped = |server: &World, id: &serde_json::Value| {
        server.get(&format!("/v1/feedback/{}", id.as_str().unwrap())).json()["state"] == "grouped"
    };
    eventually(&format!("{case}: grouped before"), Duration::from_secs(40), || grouped(&server, &ids[0]));
    // What is only just filed when it ends waits for the next start.
    ids.push(server.file(&json!({ "text": "The import stops halfway" }))["id"].clone());
    if killed {
        server.kill9();
    } else {
        server.terminate();
    }
    server.unset("SHIM_CLOCK");
    server.restart();
    ids.push(server.file(&json!({ "text": "The printer stops halfway" }))["id"].clone());
    // The lease of a process that was killed ends after 15 s at the latest.
    eventually(&format!("{case}: grouped after"), Duration::from_secs(30), || {
        ids.iter().all(|id| grouped(&server, id))
    });
    let told = |id: &serde_json::Value| receiver.subjects().contains(id.as_str().unwrap());
    eventually(&format!("{case}: told"), Duration::from_secs(30), || ids.iter().all(told));
    let ready = server.get("/readyz").json();
    let instances = ready["instances"].as_array().unwrap();
    assert!(instances.len() == 1 && instances[0]["since"].is_string(), "{case}: {ready}");
    assert!(instances[0]["products"] == 1 && ready["products_without_instance"] == 0, "{case}: {ready}");
}

#[test]
fn a_clock_that_was_ahead_or_behind_holds_nothing_up() {
    let Some(library) = shim::library() else { return };
    let mut cases = Vec::new();
    for ahead in [HOUR, YEARS, -HOUR, -YEARS] {
        cases.extend([(Kind::Sqlite, ahead, true), (Kind::Sqlite, ahead, false)]);
    }
    if Kind::available().contains(&Kind::Postgres) {
        cases.extend([(Kind::Postgres, YEARS, true), (Kind::Postgres, -HOUR, false)]);
    }
    std::thread::scope(|scope| {
        for (kind, ahead, killed) in cases {
            scope.spawn(move || goes_on(kind, library, ahead, killed));
        }
    });
}
