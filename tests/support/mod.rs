//! The harness of the tests from outside: separate databases, the real binary, and a client.

#![allow(dead_code, unused_imports, reason = "each test binary uses a part of it")]

mod client;
mod database;
mod description;
mod postgres;
mod receiver;
mod server;

pub use client::{Answer, Request, head, raw, read_answer};
pub use database::{Database, Kind};
pub use description::follows_the_description;
pub use postgres::Cluster;
pub use receiver::{Mail, Receiver};
pub use server::{ADMIN, Settings, TestServer, Twin, command};

use hearback::clock::Clock;
use hearback::domain::base::Actor;
use hearback::store::{Location, Store};
use hearback::usecase::team::products;
use std::io::Write;
use std::time::{Duration, Instant};

/// Runs a test on each available database, in parallel.
pub fn on_each(test: impl Fn(Database) + Sync) {
    let test = &test;
    std::thread::scope(|scope| {
        let run = |kind: Kind| (kind, scope.spawn(move || test(Database::new(kind))));
        let running: Vec<_> = Kind::available().into_iter().map(run).collect();
        let failed: Vec<Kind> =
            running.into_iter().filter_map(|(kind, thread)| thread.join().is_err().then_some(kind)).collect();
        assert!(failed.is_empty(), "failed on {failed:?}");
    });
}

/// Runs a test against a new server on each database.
pub fn on_each_database(test: impl Fn(&TestServer) + Sync) {
    on_each(|database| test(&TestServer::start(database)));
}

/// Runs a test in this process, with a separate store on each database.
pub fn on_each_store(test: impl Fn(&Store) + Sync) {
    on_each(|database| {
        let store = open_store(&database);
        test(&store);
        store.close();
    });
}

/// A store with its schema and the default product.
pub fn open_store(database: &Database) -> Store {
    let store = Store::open(Location::parse(&database.url).expect("a URL"), Clock::default()).expect("a folder");
    store.migrate().expect("a schema");
    store.write_now(Actor::COMMAND, products::ensure_default_product).expect("a product");
    store
}

/// Waits until a condition holds that another process must bring about.
pub fn eventually(what: &str, at_most: Duration, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < at_most, "not after {at_most:?}: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Reports that cases are skipped. It writes past the capture of the test harness, so that a successful run shows it.
pub fn say_skipped(what: &str) {
    let _ = writeln!(std::io::stderr(), "\nSKIPPED: {what}\n");
}

/// Whether the tests run as root: then they may mount, and PostgreSQL needs another user.
pub fn is_root() -> bool {
    // SAFETY: it only reads a number.
    unsafe { libc::geteuid() == 0 }
}
