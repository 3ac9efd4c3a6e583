//! Support desks tell their own customers and report it.

use hearback::domain::{
    base::{Actor, Id, Time},
    closure::{Channel, ClosureState},
    team::Role,
};
use hearback::jobs;
use serde_json::{Value, json};

use super::bench::{Bench, with_mail};
use crate::support::Kind;

/// A desk that owns the tickets of Zendesk.
fn desk(bench: &Bench) -> Id {
    let desk = Id::next();
    let (id, now) = match bench.database.kind {
        Kind::Sqlite => (format!("x'{}'", desk.0.simple()), "1"),
        Kind::Postgres => (format!("'{desk}'"), "now()"),
    };
    bench.database.run(&format!(
        "INSERT INTO webhooks (id, url, events, desk_origin, secret, created_at, updated_at) \
         VALUES ({id}, 'https://desk.example.com', '[]', 'zendesk', 'whsec_x', {now}, {now})"
    ));
    desk
}

fn minji(address: Option<&str>) -> Value {
    let mut customer = json!({ "name": "Min-ji" });
    if let Some(address) = address {
        customer["email"] = json!(address);
    }
    json!({ "text": "환불이 아직도 안 들어왔어요", "origin": "zendesk", "external_id": "4711", "customer": customer })
}

#[test]
fn a_desk_has_it_when_it_takes_it_and_has_told_the_customer_when_it_says_so() {
    with_mail(|bench| {
        let (theme, desk) = (bench.theme(), desk(bench));
        let service = Actor { kind: "service", id: None };
        let minji = bench.say_as(service, theme, minji(Some("minji@example.com"))).1.unwrap();
        let story = bench.story(theme);
        bench.go(story, "ready");
        bench.go(story, "released");
        bench.fan_out();
        assert!(bench.due("mail").is_empty(), "the desk first, also where an address is known");
        let delivery = bench.due("webhook").pop().expect("a delivery");
        assert_eq!((delivery.target_id, delivery.event.as_str()), (desk, "closure.tell"));
        assert_eq!(delivery.body["type"], "closure.tell");
        let body = delivery.body["data"].clone();
        assert_eq!((body["external_id"].as_str(), body["language"].as_str()), (Some("4711"), Some("ko")));
        assert!(!body.to_string().contains("Min-ji") && !body.to_string().contains("환불"), "{body}");
        assert_eq!(bench.closure(story, minji).channel, Channel::Desk);
        bench.write(move |tx| jobs::outbox::desk::ended(tx, &delivery, true)).unwrap();
        let handed = bench.closure(story, minji);
        assert_eq!((handed.state, handed.told_at), (ClosureState::Waiting, None));
        assert!(handed.handed_at.is_some());
        assert_eq!(body["told_path"], format!("/v1/closures/{}/tell", handed.id));
        let agent = bench.token(Role::Support, None);
        let recall = format!("/v1/closures/{}/recall", handed.id);
        bench.call(&agent, "POST", &recall, None).problem(409, "conflict");

        let said = json!({ "note": "Answered in ticket 4711." });
        let told = bench.call(&agent, "POST", body["told_path"].as_str().unwrap(), Some(said)).json();
        assert_eq!((told["state"].as_str(), told["note"].as_str()), (Some("told"), Some("Answered in ticket 4711.")));
        assert!(bench.history(handed.id).ends_with(&["closure.handed".to_owned(), "closure.told".to_owned()]));
        assert_eq!(bench.open("GET", body["answer_path"].as_str().unwrap()).send().status, 200);
    });
}

#[test]
fn a_desk_that_says_nothing_for_a_week_leaves_it_to_an_agent() {
    with_mail(|bench| {
        let theme = bench.theme();
        desk(bench);
        let minji = bench.say_as(Actor { kind: "service", id: None }, theme, minji(None)).1.unwrap();
        let story = bench.story(theme);
        bench.release(story);
        let handed = bench.closure(story, minji);
        assert!(handed.handed_at.is_some() && handed.channel == Channel::Desk);
        bench.clock.advance(6 * Time::DAY);
        jobs::step(&bench.app, "closing").unwrap();
        assert_eq!(bench.closure(story, minji).channel, Channel::Desk);
        bench.clock.advance(2 * Time::DAY);
        jobs::step(&bench.app, "closing").unwrap();
        let left = bench.closure(story, minji);
        assert_eq!((left.channel, left.state, left.handed_at), (Channel::Agent, ClosureState::Waiting, None));
    });
}

#[test]
fn what_is_recalled_or_taken_back_does_not_reach_the_desk() {
    with_mail(|bench| {
        bench.settings(json!({ "recall_minutes": 10 }));
        let theme = bench.theme();
        desk(bench);
        let minji = bench.say_as(Actor { kind: "service", id: None }, theme, minji(None)).1.unwrap();
        let story = bench.story(theme);
        bench.release(story);
        assert_eq!(bench.closure(story, minji).handed_at, None, "it waits");
        bench.transition(story, json!({ "to": "ready", "reason": "Broken" })).unwrap();
        bench.clock.advance(11 * 60 * Time::SECOND);
        assert!(bench.due("webhook").is_empty());
        assert_eq!(bench.closure(story, minji).state, ClosureState::Expired);
    });
}
