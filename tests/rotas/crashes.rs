//! `kill -9` of the real binary at each step of a page: the incident was opened, the page was made, its message was
//! received, or answered. Nobody is left unpaged, and each crash repeats at most one message.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::outbox::Receiver;
use crate::support::{Kind, World, eventually, on_each};

/// The moment of the crash, in milliseconds after the incidents were opened; or while the message is received.
const MOMENTS: [Option<u64>; 6] = [Some(0), Some(700), Some(1_500), Some(2_050), Some(2_200), None];

#[test]
fn a_crash_at_any_step_of_a_page_loses_none_and_repeats_at_most_one_message() {
    on_each(|database| {
        let server = World::program_with(database, &[("HEARBACK_ALLOW_PRIVATE_ADDRESSES", "true")]);
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
        let member = json!({ "name": "Ada", "email": "ada@example.com", "role": "admin" });
        server.done("/v1/members", member);
        let hook = server.post("/v1/webhooks", json!({ "url": receiver.url, "events": ["incident.paged"] }));
        assert_eq!(hook.status, 201, "{hook:?}");
        let mut expected = BTreeSet::new();
        for (round, moment) in MOMENTS.into_iter().enumerate() {
            victim.store(server.pid(), Ordering::SeqCst);
            countdown.store(if moment.is_none() { 2 } else { 0 }, Ordering::SeqCst);
            for n in 0..3 {
                let incident = json!({ "title": format!("round {round} incident {n}"), "severity": 1 });
                if let Ok(opened) = server.request("POST", "/v1/incidents").json(&incident).try_send() {
                    assert_eq!(opened.status, 201, "{opened:?}");
                    expected.insert(opened.id());
                }
            }
            match moment {
                Some(millis) => {
                    std::thread::sleep(Duration::from_millis(millis));
                    server.strike();
                }
                None => {
                    eventually("the second message", Duration::from_secs(30), || countdown.load(Ordering::SeqCst) == 0)
                }
            }
            server.kill9();
            // As if the terms of leases and claims were over: they end by themselves after 15 s.
            let past = if server.database.kind == Kind::Sqlite { "0" } else { "'epoch'" };
            server.database.run(&format!(
                "UPDATE leases SET expires_at = {past};
                 UPDATE deliveries SET claimed_until = {past} WHERE claimed_until IS NOT NULL;"
            ));
            server.restart();
            eventually("everybody is paged", Duration::from_secs(40), || {
                let got = receiver.got();
                let paged = got.iter().map(|one| one.json()["data"]["subject_id"].as_str().unwrap().to_owned());
                expected.is_subset(&paged.collect())
            });
        }
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for message in receiver.got() {
            *times.entry(message.id().to_owned()).or_default() += 1;
            let incident = message.json()["data"]["subject_id"].as_str().unwrap().to_owned();
            messages.entry(incident).or_default().insert(message.id().to_owned());
        }
        assert!(messages.values().all(|ids| ids.len() == 1), "a step paged twice: {messages:?}");
        let repeated: usize = times.values().map(|times| times - 1).sum();
        assert!(repeated <= MOMENTS.len(), "{repeated} repeats in {} crashes", MOMENTS.len());
    });
}
