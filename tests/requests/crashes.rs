//! The program is killed between pieces of retention: nothing is counted twice or lost, and it ends as without a crash.

use std::time::{Duration, Instant};

use hearback::clock::Clock;
use hearback::domain::base::{Actor, Paging, Time, decode::decode};
use hearback::domain::feedback::NewFeedback;
use hearback::domain::privacy::retention::RetentionKind;
use hearback::store::privacy::retention::old::{Look, Reach, look};
use hearback::store::privacy::retention::rules;
use hearback::store::{Location, Store};
use hearback::usecase::feedback::filing;
use hearback::usecase::team::products;
use serde_json::json;

use crate::support::{Database, World, eventually, on_each};

/// Old items, in pieces of 50.
const OLD: i64 = 400;

fn open(database: &Database, turned: i64) -> Store {
    let clock = Clock::default();
    clock.advance(turned);
    let store = Store::open(Location::parse(&database.url).expect("a URL"), clock).expect("a folder");
    store.migrate().expect("a schema");
    store
}

/// Files items as if it were forty days ago, and one today.
fn fill(database: &Database) {
    let store = open(database, -40 * Time::DAY);
    store.write_now(Actor::COMMAND, products::ensure_default_product).expect("a product");
    let input =
        |n: i64| json!({ "text": format!("quuxwimble {n}"), "customer": { "external_id": format!("{}", n % 40) } });
    for from in (0..OLD).step_by(100) {
        let said: Vec<NewFeedback> = (from..from + 100).map(|n| decode(input(n)).expect("feedback")).collect();
        store.write_now(Actor::COMMAND, move |tx| filing::file(tx, &said).map(drop)).expect("filed");
    }
    store.close();
    let store = open(database, 0);
    let fresh: NewFeedback = decode(json!({ "text": "quuxwimble today" })).expect("feedback");
    store.write_now(Actor::COMMAND, move |tx| filing::file(tx, std::slice::from_ref(&fresh)).map(drop)).expect("filed");
    store.close();
}

/// How many old items still have their words, and how many the report counts as removed.
fn standing(database: &Database) -> (i64, i64) {
    let store = open(database, 0);
    let before = store.clock.now().plus(-30 * Time::DAY);
    let found = store.read_now(|conn| {
        let left = look(conn, RetentionKind::FeedbackWords, &Reach::default(), before, Look::CountWithHeld)?.count;
        let report = rules::report(conn, &Paging::new(Some(50), None, String::new())?)?;
        Ok((left, report.data.iter().map(|(_, count)| count.removed).sum()))
    });
    store.close();
    found.expect("the database answers")
}

#[test]
fn a_kill_between_pieces_loses_and_repeats_nothing() {
    on_each(|database| {
        fill(&database);
        let world = World::program(database);
        world.done("/v1/retention-rules", json!({ "kind": "feedback_words", "days": 30, "enabled": true }));
        let mut partly = 0;
        for round in 0..6_u64 {
            // The job looks as soon as the program runs; each round lets it come a little further.
            world.restart();
            std::thread::sleep(Duration::from_millis(40 * round));
            world.kill9();
            let (left, removed) = standing(&world.database);
            assert_eq!(left + removed, OLD, "what went is what was counted");
            partly += usize::from(left > 0 && removed > 0);
        }
        world.restart();
        let started = Instant::now();
        eventually("all of it is gone", Duration::from_secs(90), || {
            world.read("/v1/retention-report")["data"]
                .as_array()
                .is_some_and(|days| days.iter().filter_map(|day| day["removed"].as_i64()).sum::<i64>() == OLD)
        });
        eprintln!("killed {partly} times in between; the rest took {:?}", started.elapsed());
        world.terminate();
        assert_eq!(standing(&world.database), (0, OLD));
        world.restart();
        let words = world.read("/v1/feedback?q=quuxwimble")["data"].clone();
        assert_eq!(words.as_array().map(Vec::len), Some(1), "today's words stay: {words}");
    });
}
