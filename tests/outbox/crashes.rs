//! `kill -9` of the real binary while its outbox works: no message is lost, and at most one message for each crash is
//! repeated.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use super::receiver::Receiver;
use crate::support::{World, eventually, on_each};

/// The moment of the crash.
#[derive(Clone, Copy, Debug)]
enum Point {
    /// The message was received, but the answer was not sent yet.
    BeforeAnswer,
    /// The answer was sent; whether it was recorded is unknown.
    AfterAnswer(u64),
    /// Right after the commit of the events, while their deliveries are created.
    WhileFanningOut(u64),
}

#[test]
fn a_crash_at_any_step_loses_nothing_and_repeats_at_most_one_message() {
    on_each(|database| {
        let server = World::program_with(database, &[("HEARBACK_ALLOW_PRIVATE_ADDRESSES", "true")]);
        // The process to strike, and how many messages from now; 0 strikes nobody.
        let (victim, countdown) = (Arc::new(AtomicI32::new(0)), Arc::new(AtomicUsize::new(0)));
        let receiver = {
            let (victim, countdown) = (victim.clone(), countdown.clone());
            Receiver::start(move |_, _| {
                if countdown.load(Ordering::SeqCst) > 0 && countdown.fetch_sub(1, Ordering::SeqCst) == 1 {
                    // SAFETY: a signal to the server this test started.
                    unsafe { libc::kill(victim.load(Ordering::SeqCst), libc::SIGKILL) };
                }
                Some("200 OK".to_owned())
            })
        };
        let created = server.post("/v1/webhooks", json!({ "url": receiver.url, "events": ["feedback.created"] }));
        assert_eq!(created.status, 201, "{created:?}");
        let points = [
            Point::BeforeAnswer,
            Point::AfterAnswer(0),
            Point::AfterAnswer(2),
            Point::AfterAnswer(10),
            Point::WhileFanningOut(0),
            Point::WhileFanningOut(40),
            Point::WhileFanningOut(70),
        ];
        let mut expected = BTreeSet::new();
        for (round, point) in points.into_iter().enumerate() {
            victim.store(server.pid(), Ordering::SeqCst);
            countdown.store(if matches!(point, Point::BeforeAnswer) { 4 } else { 0 }, Ordering::SeqCst);
            let before = receiver.count();
            for n in 0..8 {
                // It may be struck down before it answers: then the feedback is not counted, whatever became of it.
                let body = json!({ "text": format!("round {round} message {n}") });
                if let Ok(filed) = server.request("POST", "/v1/feedback").json(&body).try_send() {
                    assert_eq!(filed.status, 201, "{filed:?}");
                    expected.insert(filed.id());
                }
            }
            match point {
                Point::BeforeAnswer => {
                    eventually("the fourth message", Duration::from_secs(20), || countdown.load(Ordering::SeqCst) == 0)
                }
                Point::AfterAnswer(millis) => {
                    eventually("a message", Duration::from_secs(20), || receiver.count() > before + 2);
                    std::thread::sleep(Duration::from_millis(millis));
                    server.strike();
                }
                Point::WhileFanningOut(millis) => {
                    std::thread::sleep(Duration::from_millis(millis));
                    server.strike();
                }
            }
            server.kill9();
            // As if the terms of lease and claims were over: they end by themselves after 15 s.
            let past = if server.database.kind == crate::support::Kind::Sqlite { "0" } else { "'epoch'" };
            server.database.run(&format!("UPDATE leases SET expires_at = {past}; UPDATE deliveries SET claimed_until = {past} WHERE claimed_until IS NOT NULL;"));
            server.restart();
            eventually("everything arrives", Duration::from_secs(40), || {
                let got = receiver.got();
                let subjects: BTreeSet<String> =
                    got.iter().map(|m| m.json()["data"]["subject_id"].as_str().unwrap().to_owned()).collect();
                expected.is_subset(&subjects)
            });
        }
        eventually("everything is recorded", Duration::from_secs(20), || {
            let hooks = server.get("/v1/webhooks").json()["data"][0]["id"].as_str().unwrap().to_owned();
            server.get(&format!("/v1/webhooks/{hooks}/deliveries?state=pending")).json()["data"]
                .as_array()
                .is_some_and(Vec::is_empty)
        });
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for message in receiver.got() {
            *times.entry(message.id().to_owned()).or_default() += 1;
            let subject = message.json()["data"]["subject_id"].as_str().unwrap().to_owned();
            ids.entry(subject).or_default().insert(message.id().to_owned());
        }
        assert!(ids.values().all(|ids| ids.len() == 1), "the same event under two ids");
        let repeated: usize = times.values().map(|times| times - 1).sum();
        assert!(repeated <= points.len(), "{repeated} repeats in {} crashes", points.len());
    });
}
