//! The write path of the store: writes that share a transaction stay independent, and every answer is durable.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use hearback::clock::Clock;
use hearback::domain::{
    base::{Actor, Id, Paging, decode::decode},
    feedback::{FeedbackQuery, NewFeedback},
    team::NewProduct,
};
use hearback::error::{Code, Error, Result};
use hearback::store::{
    Location, POSTGRES_WRITERS, Store, Tx,
    base::{events, leases},
    feedback,
    team::products as rows,
};
use hearback::usecase::{feedback::filing, team::products};
use serde_json::json;

use crate::support::{Database, Kind, eventually, on_each};

/// A migrated store on a database of its own.
fn on_each_store(test: impl Fn(&Store, &Database) + Sync) {
    on_each(|database| {
        let store = open(&database);
        test(&store, &database);
        store.close();
    });
}

fn open(database: &Database) -> Store {
    let store = Store::open(Location::parse(&database.url).unwrap(), Clock::default()).unwrap();
    store.migrate().unwrap();
    store
}

fn product(key: &str) -> NewProduct {
    decode(json!({ "key": key, "name": key })).unwrap()
}

/// A write that creates a product with its event, and then ends as `outcome` says.
fn creating(key: &'static str, outcome: fn() -> Result<()>) -> impl FnMut(&mut Tx<'_>) -> Result<Id> + Send + 'static {
    move |tx| {
        let made = products::create(tx, &product(key))?;
        outcome()?;
        Ok(made.id)
    }
}

fn there(store: &Store, key: &str) -> bool {
    store.read_now(|conn| rows::find(conn, key)).unwrap().is_some()
}

fn events_of(store: &Store, subject: Id) -> Vec<String> {
    let paging = Paging::new(None, None, String::new()).unwrap();
    let page = store.read_now(|conn| events::history(conn, subject, &paging)).unwrap();
    page.data.into_iter().map(|event| event.kind).collect()
}

fn event_count(store: &Store) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    store
        .read_now(|conn| Ok(diesel::sql_query("SELECT count(*) AS count FROM events").get_result::<Count>(conn)?.count))
        .unwrap()
}

/// Writes as a request does, and waits for the answer.
fn request<T: Send + 'static>(
    store: &Store,
    write: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(store.write(Actor::COMMAND, write))
}

/// Keeps every writing thread busy until told, so that the next writes wait together.
struct Busy {
    release: Vec<Sender<()>>,
    threads: Vec<std::thread::JoinHandle<Result<()>>>,
}

impl Busy {
    fn keep(store: &Store, kind: Kind) -> Self {
        let writers = if kind == Kind::Sqlite { 1 } else { POSTGRES_WRITERS };
        let (started, starts) = channel();
        let mut busy = Busy { release: Vec::new(), threads: Vec::new() };
        for _ in 0..writers {
            let (store, started) = (store.clone(), started.clone());
            let (release, wait): (_, Receiver<()>) = channel();
            let wait = Mutex::new(wait);
            busy.release.push(release);
            busy.threads.push(std::thread::spawn(move || {
                request(&store, move |_| {
                    started.send(()).unwrap();
                    let _ = wait.lock().unwrap().recv();
                    Ok(())
                })
            }));
        }
        (0..writers).for_each(|_| starts.recv_timeout(Duration::from_secs(20)).expect("every writer is at work"));
        busy
    }

    fn release(self) {
        drop(self.release);
        self.threads.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
    }
}

type Work = Box<dyn FnMut(&mut Tx<'_>) -> Result<Id> + Send>;

/// Queues these writes while the writers are busy, so that they share a transaction if the database groups writes.
fn together(store: &Store, kind: Kind, writes: Vec<Work>) -> Vec<Result<Id>> {
    let busy = Busy::keep(store, kind);
    let before = store.queued();
    let mut threads = Vec::new();
    for (n, write) in writes.into_iter().enumerate() {
        let queueing = store.clone();
        threads.push(std::thread::spawn(move || request(&queueing, write)));
        // One after the other, so that their order is known.
        while store.queued() < before + n + 1 {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    busy.release();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

#[test]
fn a_write_that_fails_undoes_only_itself() {
    on_each_store(|store, database| {
        let outcomes = together(
            store,
            database.kind,
            vec![
                Box::new(creating("GOOD", || Ok(()))),
                Box::new(creating("BAD", || Err(Error::field("/key", "invalid", "is refused by the test")))),
                // The database itself refuses this one: the key is taken.
                Box::new(creating("GOOD", || Ok(()))),
                Box::new(creating("PANICS", || panic!("on purpose"))),
                Box::new(creating("FINE", || Ok(()))),
            ],
        );
        let code = |n: usize| outcomes[n].as_ref().err().map(|e| e.code);
        // PostgreSQL's writers race: either of the two may be the first.
        let mut twins = [code(0), code(2)];
        twins.sort_by_key(Option::is_some);
        assert_eq!(twins, [None, Some(Code::Conflict)]);
        assert_eq!(code(1), Some(Code::Invalid));
        assert_eq!(code(3), Some(Code::Internal));
        assert_eq!(code(4), None);
        assert!(there(store, "GOOD") && there(store, "FINE") && !there(store, "BAD") && !there(store, "PANICS"));
    });
}

#[test]
fn events_are_written_with_the_change_or_not_at_all() {
    on_each_store(|store, _| {
        let made = store.write_now(Actor::COMMAND, creating("GOOD", || Ok(()))).unwrap();
        assert_eq!(events_of(store, made), ["product.created"]);
        let before = event_count(store);
        let failed = store.write_now(Actor::COMMAND, creating("BAD", || Err(Code::Conflict.into())));
        assert_eq!(failed.unwrap_err().code, Code::Conflict);
        assert_eq!(event_count(store), before, "no event of what did not happen");
    });
}

#[test]
fn only_what_is_logged_wakes_who_follows_the_log() {
    on_each_store(|store, _| {
        store.write_now(Actor::COMMAND, creating("ONE", || Ok(()))).unwrap();
        assert_eq!(store.wait_for_commit(0, Duration::from_secs(10)), 1);
        for _ in 0..5 {
            store.write_now(Actor::COMMAND, |tx| leases::take(tx, "test", "us")).unwrap();
        }
        assert_eq!(store.wait_for_commit(1, Duration::from_millis(200)), 1, "who renews a lease must not wake itself");
        store.write_now(Actor::COMMAND, creating("TWO", || Ok(()))).unwrap();
        assert_eq!(store.wait_for_commit(1, Duration::from_secs(10)), 2);
    });
}

#[test]
fn reading_on_costs_the_same_however_long_the_log_is() {
    const LONG: i64 = 20_000;
    on_each_store(|store, database| {
        let subject = Id::next();
        let write = move |tx: &mut Tx<'_>| {
            (0..LONG).for_each(|_| tx.event("product.updated", subject, None, json!({})));
            Ok(())
        };
        store.write_now(Actor::COMMAND, write).unwrap();
        let after = |place, limit| store.read_now(move |conn| events::after(conn, place, limit)).unwrap();
        // On PostgreSQL other transactions of the server, those of other tests, hold the log back for a while.
        eventually("the log can be read", Duration::from_secs(20), || {
            after(events::Position::default(), LONG).len() as i64 >= LONG - 10
        });
        let near_end = after(events::Position::default(), LONG - 100).last().unwrap().position;
        let took = |place| {
            let best = (0..9).map(|_| {
                let started = Instant::now();
                assert!(after(place, 20).len() == 20);
                started.elapsed()
            });
            best.min().unwrap()
        };
        let (first, last) = (took(events::Position::default()), took(near_end));
        assert!(last < 8 * first, "{last:?} at the end, {first:?} at the start, on {:?}", database.kind);
    });
}

#[test]
fn a_write_that_panics_answers_500_and_the_writer_lives() {
    on_each_store(|store, _| {
        for _ in 0..10 {
            let error = store.write_now(Actor::COMMAND, creating("BAD", || panic!("on purpose"))).unwrap_err();
            assert_eq!(error.code, Code::Internal);
            assert!(!error.detail.contains("purpose"), "{}", error.detail);
        }
        assert!(!there(store, "BAD"));
        assert!(store.write_now(Actor::COMMAND, creating("GOOD", || Ok(()))).is_ok());
        eventually("nothing waits", Duration::from_secs(5), || store.queued() == 0);
    });
}

#[test]
fn a_full_queue_refuses_instead_of_growing() {
    on_each_store(|store, database| {
        let busy = Busy::keep(store, database.kind);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let outcomes = runtime.block_on(async {
            let asked = Arc::new(AtomicUsize::new(0));
            let write = |_| {
                let (store, asked) = (store.clone(), asked.clone());
                tokio::spawn(async move {
                    asked.fetch_add(1, Ordering::Relaxed);
                    store.write(Actor::COMMAND, |tx| Ok(tx.now)).await
                })
            };
            let writes: Vec<_> = (0..1_200).map(write).collect();
            // Until each waits in the queue, or was refused.
            while asked.load(Ordering::Relaxed) < writes.len() {
                tokio::task::yield_now().await;
            }
            busy.release();
            let mut outcomes = Vec::new();
            for write in writes {
                outcomes.push(write.await.unwrap());
            }
            outcomes
        });
        let refused: Vec<_> = outcomes.iter().filter_map(|o| o.as_ref().err()).collect();
        assert_eq!(refused.len(), 1_200 - 1_024, "the queue holds 1,024");
        assert!(refused.iter().all(|e| e.code == Code::Busy && e.retry_after.is_some()));
        assert!(store.write_now(Actor::COMMAND, |tx| Ok(tx.now)).is_ok(), "and it takes writes again");
    });
}

#[test]
fn a_request_goes_before_the_background_writes_that_wait() {
    const WAITING: usize = 20;
    on_each_store(|store, database| {
        let busy = Busy::keep(store, database.kind);
        let order = Arc::new(Mutex::new(Vec::new()));
        let before = store.queued();
        let noting = |what: &'static str| {
            let order = order.clone();
            move |_: &mut Tx<'_>| {
                order.lock().unwrap().push(what);
                std::thread::sleep(Duration::from_millis(5));
                Ok(())
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..WAITING {
                let write = noting("background");
                scope.spawn(move || store.write_now(Actor::ENGINE, write).unwrap());
            }
            eventually("they wait", Duration::from_secs(20), || store.queued() == before + WAITING);
            let write = noting("request");
            scope.spawn(move || request(store, write).unwrap());
            eventually("the request waits", Duration::from_secs(20), || store.queued() == before + WAITING + 1);
            busy.release();
        });
        let order = order.lock().unwrap();
        let place = order.iter().position(|what| *what == "request").unwrap();
        assert!(place <= POSTGRES_WRITERS, "the request ran after {place} background writes on {:?}", database.kind);
        assert_eq!(order.len(), WAITING + 1, "none is lost");
    });
}

#[test]
fn closing_answers_what_is_queued_and_refuses_what_comes_later() {
    on_each_store(|store, database| {
        let busy = Busy::keep(store, database.kind);
        let done = Arc::new(Mutex::new(0));
        let before = store.queued();
        let threads: Vec<_> = (0..30)
            .map(|_| {
                let (store, done) = (store.clone(), done.clone());
                std::thread::spawn(move || {
                    store.write_now(Actor::COMMAND, |tx| Ok(tx.now)).unwrap();
                    *done.lock().unwrap() += 1;
                })
            })
            .collect();
        while store.queued() < before + 30 {
            std::thread::sleep(Duration::from_millis(1));
        }
        let closing = store.clone();
        let closing = std::thread::spawn(move || closing.close());
        busy.release();
        closing.join().unwrap();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(*done.lock().unwrap(), 30);
        let late = store.write_now(Actor::COMMAND, |tx| Ok(tx.now)).unwrap_err();
        assert_eq!(late.code, Code::Unavailable);
    });
}

#[test]
fn a_transaction_that_lost_a_race_is_run_again() {
    on_each_store(|store, _| {
        // Eight at once look for the product and create it where it is missing.
        let race = || {
            store.write_now(Actor::COMMAND, |tx| match rows::find(tx.conn, "RACE")? {
                Some(found) => Ok(found.id),
                None => match products::create(tx, &product("RACE")) {
                    // Another was committed since we looked, before this one wrote anything: no race was lost.
                    Err(e) if e.code == Code::Conflict && !e.transient => {
                        rows::find(tx.conn, "RACE")?.map(|found| found.id).ok_or(e)
                    }
                    made => made.map(|made| made.id),
                },
            })
        };
        let ids: Vec<_> = std::thread::scope(|scope| {
            let running: Vec<_> = (0..8).map(|_| scope.spawn(race)).collect();
            running.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let first = ids[0].as_ref().unwrap();
        assert!(ids.iter().all(|id| id.as_ref().is_ok_and(|id| id == first)), "{ids:?}");
        assert_eq!(events_of(store, *first), ["product.created"]);
    });
}

/// An older instance beside a newer one, which knows more sources.
#[test]
fn a_feedback_that_cannot_be_shown_fails_alone() {
    on_each_store(|store, database| {
        store.write_now(Actor::COMMAND, products::ensure_default_product).unwrap();
        let inputs: [NewFeedback; 2] = ["good", "bad"].map(|text| decode(json!({ "text": text })).unwrap());
        let filed = store.write_now(Actor::COMMAND, move |tx| filing::file(tx, &inputs)).unwrap();
        let ids: Vec<Id> = filed.into_iter().map(|filed| filed.unwrap().feedback.id).collect();
        database.run("UPDATE feedback SET source = 'telepathy' WHERE text = 'bad'");
        let nowhere = Id(uuid::Uuid::max());
        let mut read = store.read_now(move |conn| feedback::rows::get_each(conn, &[ids[1], ids[0], nowhere])).unwrap();
        assert_eq!(read.pop().unwrap().unwrap().map(|feedback| feedback.text), None);
        assert_eq!(read.pop().unwrap().unwrap().map(|feedback| feedback.text), Some("good".to_owned()));
        assert_eq!(read.pop().unwrap().unwrap_err().code, Code::Internal);
    });
}

#[test]
fn an_index_of_another_version_is_made_anew_when_the_schema_is_brought_up_to_date() {
    on_each_store(|store, database| {
        let input: NewFeedback = decode(json!({ "product": "S", "text": "The e-mails never come" })).unwrap();
        store.write_now(Actor::COMMAND, |tx| products::create(tx, &product("S"))).unwrap();
        let filed = move |tx: &mut Tx<'_>| filing::file(tx, std::slice::from_ref(&input));
        assert!(store.write_now(Actor::COMMAND, filed).unwrap()[0].is_ok());
        let found = || {
            let query = FeedbackQuery { q: Some("email".to_owned()), ..FeedbackQuery::default() };
            let paging = Paging::of("feedback", &query).unwrap();
            store.read_now(|conn| feedback::list::list(conn, &query, &paging)).unwrap().data.len()
        };
        assert_eq!(found(), 1);
        drop(database.run(match database.kind {
            Kind::Sqlite => "INSERT INTO feedback_search (feedback_search) VALUES ('delete-all')",
            Kind::Postgres => "UPDATE feedback_search SET terms = ''",
        }));
        store.migrate().unwrap();
        assert_eq!(found(), 0, "the version is the same: nothing is done");
        drop(database.run("UPDATE engine_state SET value = '1' WHERE name = 'search_terms'"));
        store.migrate().unwrap();
        assert_eq!(found(), 1);
        store.migrate().unwrap();
        assert_eq!(found(), 1, "once");
    });
}
