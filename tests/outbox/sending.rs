//! The outbox in this process on both databases, with a clock that the test turns.

use std::time::{Duration, Instant};

use hearback::domain::{
    base::{Actor, EventFilter, Id, Paging, Time},
    integrations::{Delivery, DeliveryState, NewWebhook, Webhook},
    team::DEFAULT_PRODUCT,
};
use hearback::jobs::base::scheduler::Scheduler;
use hearback::jobs::outbox::{Outbox, WebhookSender};
use hearback::outside::client::Client;
use hearback::store::base::events::Position;
use hearback::store::{
    Store,
    base::events,
    integrations::{deliveries, webhooks as stored_webhooks},
};
use hearback::usecase::integrations::webhooks;
use serde_json::{Value, json};

use super::receiver::Receiver;
use crate::support::on_each_store;

pub fn outbox(store: &Store) -> Outbox {
    Outbox::new(store.clone()).with_sender(WebhookSender::new(true))
}

pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";

pub fn webhook(store: &Store, url: &str, events: &[&str]) -> Webhook {
    let input: NewWebhook = serde_json::from_value(json!({ "url": url, "events": events })).expect("input");
    let create = move |tx: &mut hearback::store::Tx<'_>| webhooks::create(tx, &input, SECRET, &|_| Ok(()));
    let webhook = store.write_now(Actor::COMMAND, create).expect("a webhook");
    settle(store, webhook.id);
    webhook
}

/// Writes an event of a story; the id of another story in the event encodes `n`, see [`told`].
pub fn happen(store: &Store, kind: &'static str, subject: Id, n: usize) {
    let data = match kind {
        "story.updated" => json!({ "fields": ["title"] }),
        _ => json!({ "from": "draft", "to": "duplicate", "has_reason": false, "duplicate_of": numbered(n) }),
    };
    let write = move |tx: &mut hearback::store::Tx<'_>| {
        tx.event(kind, subject, Some(DEFAULT_PRODUCT), data.clone());
        Ok(())
    };
    store.write_now(Actor::COMMAND, write).expect("an event");
    settle(store, subject);
}

fn numbered(n: usize) -> Id {
    let number = format!("00000000-0000-7000-8000-{n:012}");
    number.parse().expect("an id")
}

/// The `n` of the [`happen`] that wrote an event.
fn told(message: &Value) -> i64 {
    let id = message["data"]["details"]["duplicate_of"].as_str().expect("an id");
    id.rsplit('-').next().and_then(|number| number.parse().ok()).expect("a number")
}

/// Waits until readers of the log may see the last event: on PostgreSQL that is when every transaction that began
/// before it has ended, including those in other databases of the same server.
pub fn settle(store: &Store, subject: Id) {
    crate::support::eventually("the log shows it", Duration::from_secs(20), || {
        let filter = EventFilter { subject: Some(subject), ..EventFilter::default() };
        let paging = Paging::new(Some(200), None, String::new()).expect("paging");
        let all = store.read_now(|conn| events::history(conn, subject, &paging)).expect("its history").data.len();
        let shown = store.read_now(|conn| events::feed(conn, &filter, Position::default(), &paging)).expect("a feed");
        shown.data.len() == all
    });
}

pub fn all(store: &Store, target: Id) -> Vec<Delivery> {
    let paging = Paging::new(Some(200), None, String::new()).expect("paging");
    let mut found = store.read_now(|conn| deliveries::of_target(conn, target, None, &paging)).expect("deliveries").data;
    found.reverse();
    found
}

/// Turns the clock to the next attempt of the delivery.
pub fn turn(store: &Store, delivery: &Delivery) {
    let wait = delivery.next_attempt_at.expect("a next attempt").0 - store.clock.now().0;
    store.clock.advance(wait.max(0) + 1_000);
}

#[test]
fn a_message_is_tried_ten_times_over_75_hours_and_then_given_up() {
    on_each_store(|store| {
        let receiver = Receiver::answering("500 No");
        let (hook, outbox) = (webhook(store, &receiver.url, &["story.moved"]), outbox(store));
        let begun = store.clock.now();
        happen(store, "story.moved", Id::next(), 1);
        happen(store, "story.updated", Id::next(), 2);
        for attempt in 1..=10 {
            outbox.run_until_idle().expect("it runs");
            let delivery = all(store, hook.id).remove(0);
            assert_eq!((receiver.count(), delivery.attempts), (attempt, attempt as i32));
            if attempt < 10 {
                assert_eq!((delivery.state, delivery.last_status), (DeliveryState::Pending, Some(500)));
                turn(store, &delivery);
            }
        }
        let hours = (store.clock.now().0 - begun.0) / Time::SECOND / 3600;
        assert!((67..=84).contains(&hours), "{hours} hours");
        let delivery = all(store, hook.id).remove(0);
        assert_eq!((delivery.state, all(store, hook.id).len()), (DeliveryState::Dead, 1));
        let log = store.read_now(|conn| deliveries::log(conn, delivery.id)).expect("a log");
        assert_eq!(
            log.iter().map(|a| (a.number, a.status)).collect::<Vec<_>>(),
            (1..=10).map(|n| (n, Some(500))).collect::<Vec<_>>()
        );

        let got = receiver.got();
        assert!(got.iter().all(|message| message.id() == delivery.id.to_string() && message.body == got[0].body));
        assert!(got.iter().all(|message| message.verifies_at_its_time(SECRET)), "each attempt is signed anew");
        let times: std::collections::BTreeSet<&str> = got.iter().map(|m| m.header("webhook-timestamp")).collect();
        assert_eq!(times.len(), 10, "a new timestamp each time");
        let hook = store.read_now(|conn| stored_webhooks::get(conn, hook.id)).expect("still there");
        assert!(!hook.active && hook.disabled_reason.is_some(), "a receiver that took nothing is told nothing more");
    });
}

#[test]
fn only_2xx_arrives_and_410_disables() {
    on_each_store(|store| {
        let elsewhere = Receiver::answering("200 OK");
        let to = format!("302 Found\r\nLocation: {}", elsewhere.url);
        let moved = Receiver::start(move |_, _| Some(to.clone()));
        let busy = Receiver::answering("503 Later\r\nRetry-After: 120");
        let gone = Receiver::answering("410 Gone");
        let fine = Receiver::answering("202 Accepted");
        let hooks = [&moved, &busy, &gone, &fine].map(|r| webhook(store, &r.url, &["story.*"]));
        happen(store, "story.moved", Id::next(), 1);
        let (now, outbox) = (store.clock.now(), outbox(store));
        outbox.run_until_idle().expect("it runs");
        let [moved, busy_one, gone_one, fine_one] = [0, 1, 2, 3].map(|n| all(store, hooks[n].id).remove(0));
        assert_eq!((moved.state, moved.last_status, elsewhere.count()), (DeliveryState::Pending, Some(302), 0));
        assert!(
            busy_one.next_attempt_at.expect("a next attempt") >= now.plus(120 * Time::SECOND),
            "as Retry-After asks"
        );
        assert_eq!((gone_one.state, fine_one.state), (DeliveryState::Dead, DeliveryState::Delivered));
        let disabled = store.read_now(|conn| stored_webhooks::get(conn, hooks[2].id)).expect("a webhook");
        assert!(!disabled.active);
        happen(store, "story.moved", Id::next(), 2);
        outbox.run_until_idle().expect("it runs");
        assert_eq!((gone.count(), fine.count()), (1, 2), "a disabled webhook is told nothing");
    });
}

#[test]
fn messages_about_one_resource_arrive_in_order_and_others_do_not_wait() {
    on_each_store(|store| {
        let (first, other) = (Id::next(), Id::next());
        let stubborn = first.to_string();
        let receiver = Receiver::start(move |got, count| {
            let refused = got.body.contains(&stubborn) && count < 4;
            Some(if refused { "500 No" } else { "204 OK" }.to_owned())
        });
        let hook = webhook(store, &receiver.url, &[]);
        let outbox = outbox(store);
        outbox.run_until_idle().expect("what was before");
        let before = receiver.count();
        assert_eq!(before, 1, "its own creation");
        for n in 1..=3 {
            happen(store, "story.moved", first, n);
        }
        happen(store, "story.moved", other, 9);
        for seconds in [2, 400, 400, 400] {
            outbox.run_until_idle().expect("it runs");
            store.clock.advance(seconds * Time::SECOND);
        }
        let arrived: Vec<(bool, i64)> = receiver.got()[before..]
            .iter()
            .map(|m| (m.json()["data"]["subject_id"] == json!(first), told(&m.json())))
            .collect();
        let of_first: Vec<i64> = arrived.iter().filter(|(is_first, _)| *is_first).map(|(_, n)| *n).collect();
        assert_eq!(of_first, [1, 1, 2, 3], "the first is tried until it arrives, the others after it: {arrived:?}");
        assert!(arrived.iter().position(|a| *a == (false, 9)) < arrived.iter().position(|a| *a == (true, 2)));
        assert!(all(store, hook.id).iter().all(|d| d.state == DeliveryState::Delivered));
    });
}

#[test]
fn a_private_address_is_refused_when_it_is_connected_to() {
    on_each_store(|store| {
        let receiver = Receiver::answering("200 OK");
        let inside = receiver.url.replace("http://127.0.0.1", "https://localhost");
        let hook = webhook(store, &inside, &["story.*"]);
        happen(store, "story.moved", Id::next(), 1);
        let client = Client::new(false, Duration::from_secs(5));
        let outbox = Outbox::new(store.clone()).with_sender(WebhookSender::with(client));
        outbox.run_until_idle().expect("it runs");
        let delivery = all(store, hook.id).remove(0);
        assert_eq!((delivery.state, receiver.count()), (DeliveryState::Pending, 0));
        assert!(
            delivery.last_error.as_deref().is_some_and(|e| e.contains("not on the public internet")),
            "{delivery:?}"
        );
    });
}

#[test]
fn a_dead_receiver_delays_nobody() {
    on_each_store(|store| {
        // It takes connections and never answers.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}/", silent.local_addr().expect("an address"));
        for _ in 0..5 {
            webhook(store, &address, &["story.*"]);
        }
        let receiver = Receiver::answering("200 OK");
        webhook(store, &receiver.url, &["story.*"]);
        for n in 0..100 {
            happen(store, "story.moved", Id::next(), n);
        }
        let started = Instant::now();
        let running = Scheduler::start(store, vec![Box::new(outbox(store))]).expect("a thread");
        while receiver.count() < 100 && started.elapsed() < Duration::from_secs(19) {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(receiver.count(), 100, "the others' timeout of 20 s must not be waited for");
        running.stop();
    });
}

#[test]
fn two_instances_send_each_message_once() {
    on_each_store(|store| {
        let receiver = Receiver::start(|_, _| {
            std::thread::sleep(Duration::from_millis(10));
            Some("200 OK".to_owned())
        });
        let hook = webhook(store, &receiver.url, &["story.*"]);
        let subject = Id::next();
        for n in 0..60 {
            happen(store, "story.moved", subject, n);
        }
        let start = |outbox| Scheduler::start(store, vec![Box::new(outbox)]).expect("a thread");
        let both = [outbox(store), outbox(store)].map(start);
        crate::support::eventually("all arrive", Duration::from_secs(30), || {
            all(store, hook.id).iter().filter(|d| d.state == DeliveryState::Delivered).count() == 60
        });
        both.into_iter().for_each(|running| running.stop());
        let order: Vec<i64> = receiver.got().iter().map(|m| told(&m.json())).collect();
        assert_eq!(order, (0..60).collect::<Vec<i64>>());
    });
}

#[test]
fn ended_deliveries_are_forgotten_after_30_days() {
    on_each_store(|store| {
        let receiver = Receiver::answering("200 OK");
        let hook = webhook(store, &receiver.url, &["story.*"]);
        happen(store, "story.moved", Id::next(), 1);
        outbox(store).run_until_idle().expect("it runs");
        store.clock.advance(29 * Time::DAY);
        store.write_now(Actor::AUTOMATION, deliveries::sweep).expect("swept");
        assert_eq!(all(store, hook.id).len(), 1);
        store.clock.advance(2 * Time::DAY);
        store.write_now(Actor::AUTOMATION, deliveries::sweep).expect("swept");
        assert!(all(store, hook.id).is_empty());
    });
}
