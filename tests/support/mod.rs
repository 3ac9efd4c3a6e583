//! What all tests stand on: databases of their own, and a [`World`] on each.

#![allow(dead_code, unused_imports, reason = "each program of tests uses a part of it")]

mod database;
mod description;
mod pair;
mod postgres;
mod receiver;
mod skipped;
mod tally;
mod world;

pub use database::{Database, Kind};
pub use description::follows_the_description;
pub use pair::{Pair, Pooler, Server};
pub use postgres::Cluster;
pub use receiver::{Mail, Receiver};
pub use skipped::{skip, skip_without_right};
pub use tally::Tally;
pub use world::{
    ADMIN, Answer, Customer, Filed, Person, ProductKey, Request, Settings, Twin, World, command, days_from_now, head,
    on_each_program, on_each_program_with, on_each_shared_world, on_each_world, on_each_world_with,
    on_each_world_with_mail, raw, read_answer, words,
};

use hearback::clock::Clock;
use hearback::domain::base::Actor;
use hearback::store::{Location, Store};
use hearback::usecase::team::products;
use std::time::{Duration, Instant};

/// Runs a test on each available database, in parallel.
pub fn on_each(test: impl Fn(Database) + Sync) {
    on_each_kind(|kind| test(Database::new(kind)));
}

/// As [`on_each`], on databases without a schema.
pub fn on_each_empty(test: impl Fn(Database) + Sync) {
    on_each_kind(|kind| test(Database::empty(kind)));
}

/// Runs a test for each available kind of database, in parallel.
pub fn on_each_kind(test: impl Fn(Kind) + Sync) {
    let (test, name) = (&test, skipped::this_test());
    std::thread::scope(|scope| {
        let run = |kind: Kind| {
            // Named as the test, for what it skips.
            let thread = std::thread::Builder::new().name(name.clone());
            (kind, thread.spawn_scoped(scope, move || test(kind)).expect("a thread"))
        };
        let running: Vec<_> = Kind::available().into_iter().map(run).collect();
        let failed: Vec<Kind> =
            running.into_iter().filter_map(|(kind, thread)| thread.join().is_err().then_some(kind)).collect();
        assert!(failed.is_empty(), "failed on {failed:?}");
    });
}

/// Runs a test in this process, with a separate store on each database.
pub fn on_each_store(test: impl Fn(&Store) + Sync) {
    on_each_world(|world| test(world.store()));
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

/// Whether the tests run as root: then they may mount, and PostgreSQL needs another user.
pub fn is_root() -> bool {
    // SAFETY: it only reads a number.
    unsafe { libc::geteuid() == 0 }
}
