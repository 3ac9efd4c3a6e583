//! Support desks tell their own customers and report it.

use hearback::domain::{
    base::{Actor, Time},
    closure::{Channel, ClosureState},
    team::Role,
};
use hearback::jobs;
use serde_json::{Value, json};

use super::with_mail;

fn minji(address: Option<&str>) -> Value {
    let mut customer = json!({ "name": "Min-ji" });
    if let Some(address) = address {
        customer["email"] = json!(address);
    }
    json!({ "text": "환불이 아직도 안 들어왔어요", "origin": "zendesk", "external_id": "4711", "customer": customer })
}

#[test]
fn a_message_to_the_desk_counts_as_told_only_when_the_desk_reports_it() {
    with_mail(|world| {
        let (theme, desk) = (world.new_theme("Refunds"), world.desk("zendesk"));
        let service = Actor { kind: "service", id: None };
        let minji = world.file_as(service, theme, minji(Some("minji@example.com"))).1.unwrap();
        let story = world.story_about(theme);
        world.go(story, "ready");
        world.go(story, "released");
        world.fan_out();
        assert!(world.due("mail").is_empty(), "the desk first, also where an address is known");
        let delivery = world.due("webhook").pop().expect("a delivery");
        assert_eq!((delivery.target_id, delivery.event.as_str()), (desk, "closure.tell"));
        assert_eq!(delivery.body["type"], "closure.tell");
        let body = delivery.body["data"].clone();
        assert_eq!((body["external_id"].as_str(), body["language"].as_str()), (Some("4711"), Some("ko")));
        assert!(!body.to_string().contains("Min-ji") && !body.to_string().contains("환불"), "{body}");
        assert_eq!(world.closure(story, minji).channel, Channel::Desk);
        world.write(move |tx| jobs::outbox::desk::ended(tx, &delivery, true)).unwrap();
        let handed = world.closure(story, minji);
        assert_eq!((handed.state, handed.told_at), (ClosureState::Waiting, None));
        assert!(handed.handed_at.is_some());
        assert_eq!(body["told_path"], format!("/v1/closures/{}/tell", handed.id));
        let agent = world.token(Role::Support);
        let recall = format!("/v1/closures/{}/recall", handed.id);
        world.send("POST", &recall, &agent, Some(&json!({}))).problem(409, "conflict");

        let said = json!({ "note": "Answered in ticket 4711." });
        let told = world.send("POST", body["told_path"].as_str().unwrap(), &agent, Some(&said)).json();
        assert_eq!((told["state"].as_str(), told["note"].as_str()), (Some("told"), Some("Answered in ticket 4711.")));
        assert!(world.kinds_of(handed.id).ends_with(&["closure.handed".to_owned(), "closure.told".to_owned()]));
        assert_eq!(world.open("GET", body["answer_path"].as_str().unwrap()).send().status, 200);
    });
}

#[test]
fn a_closure_goes_to_an_agent_when_the_desk_reports_nothing_for_a_week() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        world.desk("zendesk");
        let minji = world.file_as(Actor { kind: "service", id: None }, theme, minji(None)).1.unwrap();
        let story = world.story_about(theme);
        world.release_story(story);
        let handed = world.closure(story, minji);
        assert!(handed.handed_at.is_some() && handed.channel == Channel::Desk);
        world.clock().advance(6 * Time::DAY);
        jobs::step(world.app(), "closing").unwrap();
        assert_eq!(world.closure(story, minji).channel, Channel::Desk);
        world.clock().advance(2 * Time::DAY);
        jobs::step(world.app(), "closing").unwrap();
        let left = world.closure(story, minji);
        assert_eq!((left.channel, left.state, left.handed_at), (Channel::Agent, ClosureState::Waiting, None));
    });
}

#[test]
fn recalled_messages_do_not_reach_the_help_desk() {
    with_mail(|world| {
        world.settings(json!({ "recall_minutes": 10 }));
        let theme = world.new_theme("Refunds");
        world.desk("zendesk");
        let minji = world.file_as(Actor { kind: "service", id: None }, theme, minji(None)).1.unwrap();
        let story = world.story_about(theme);
        world.release_story(story);
        assert_eq!(world.closure(story, minji).handed_at, None, "it waits");
        world.transition(story, json!({ "to": "ready", "reason": "Broken" })).unwrap();
        world.clock().advance(11 * 60 * Time::SECOND);
        assert!(world.due("webhook").is_empty());
        assert_eq!(world.closure(story, minji).state, ClosureState::Expired);
    });
}
