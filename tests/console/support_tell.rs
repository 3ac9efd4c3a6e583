//! Customers whom members tell themselves: the words, who was told how, and what they answered.

use hearback::domain::base::{Actor, Id};
use hearback::domain::closure::ClosureState;
use hearback::domain::team::Role;
use serde_json::json;

use super::visitor::{Visitor, hidden};
use crate::support::{Person, World, on_each_world};

/// A declined story with customers without an address, filed by this member; answers the story.
fn to_be_told(world: &World, by: &Person, names: &[&str]) -> Id {
    world.settings(json!({ "recall_minutes": 0 }));
    let theme = world.new_theme("Refunds");
    for name in names {
        let said = json!({ "text": format!("Refund by phone, please, says {name}"), "source": "call", "language": "en",
            "customer": { "name": name, "external_id": name } });
        world.file_as(Actor { kind: "member", id: Some(by.id) }, theme, said);
    }
    let story = world.story_about(theme);
    let declined = json!({ "to": "declined", "reason": "Banks do not tell us the date.", "tell_customers": true });
    world.transition(story, declined).expect("declined");
    story
}

#[test]
fn a_customer_is_told_in_one_click_and_the_next_one_is_open() {
    on_each_world(|world| {
        let email = "sam@example.com";
        let sam = world.person("Sam", email, Role::Support, "en");
        let story = to_be_told(world, &sam, &["Freya", "Gus"]);
        let mut visitor = Visitor::of(world, &sam, email);
        let page = visitor.read("/console/to-tell");
        assert!(page.contains("Freya") && page.contains("Gus"), "{page}");
        for shown in ["Banks do not tell us the date.", "Words to send", "data-copy=\"words\"", ">Told</button>"] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        assert!(!page.contains("unsubscribe"), "words of an agent have no foot of a mail: {page}");
        let case = page.split("/console/closures/").nth(1).and_then(|rest| rest.split('/').next()).expect("a case");
        let words = world.read(&format!("/v1/closures/{case}/words"));
        assert!(words["text"].as_str().is_some_and(|text| text.contains("/c/") || text.contains("http")), "{words}");
        let tell = format!("/console/closures/{case}/tell");
        let form = [
            ("version", hidden(&page, "version")),
            ("way", "call".to_owned()),
            ("note", "on Monday".to_owned()),
            ("back", "/console/to-tell".to_owned()),
        ];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let told = visitor.submit(&tell, &form);
        assert_eq!((told.status, told.header_text("location")), (303, "/console/to-tell"), "{told:?}");
        let next = visitor.read("/console/to-tell");
        assert!(next.contains("Noted: the customer was told."), "{next}");
        assert!(!next.contains(&format!("/console/closures/{case}")), "the next one is open: {next}");
        assert_eq!(world.closures(story).iter().filter(|row| row.state == ClosureState::Told).count(), 1);
        assert_eq!(visitor.submit(&tell, &form).status, 412, "somebody told them meanwhile");
        let told = visitor.read("/console/to-tell?state=told");
        assert!(told.contains("By phone: on Monday"), "{told}");
    });
}

#[test]
fn a_telling_recorded_by_mistake_is_undone_from_the_message_and_from_the_case() {
    on_each_world(|world| {
        let email = "sam@example.com";
        let sam = world.person("Sam", email, Role::Support, "en");
        let story = to_be_told(world, &sam, &["Freya"]);
        let mut visitor = Visitor::of(world, &sam, email);
        let path = format!("/console/closures/{}", world.closures(story)[0].id);
        let tell = |visitor: &mut Visitor<'_>| {
            let form = [("way", "call"), ("back", "/console/to-tell")];
            assert_eq!(visitor.submit(&format!("{path}/tell"), &form).status, 303);
        };
        tell(&mut visitor);
        let id = hidden(&visitor.read("/console/to-tell"), "correction");
        // The message is there again after a reload, and gone from other pages.
        assert_eq!(hidden(&visitor.read("/console/to-tell"), "correction"), id);
        let undone = visitor.submit("/console/undo", &[("correction", &id), ("back", "/console/to-tell")]);
        assert_eq!(undone.status, 303, "{undone:?}");
        let page = visitor.read("/console/to-tell");
        assert!(page.contains("They are to be told again.") && page.contains("Freya"), "{page}");
        assert!(!visitor.read("/console/to-tell").contains("They are to be told again."), "there is nothing to undo");
        let closure = world.closures(story).remove(0);
        assert_eq!((closure.state, closure.told_at, closure.note), (ClosureState::Waiting, None, None));

        tell(&mut visitor);
        let told = visitor.read("/console/to-tell?state=told");
        assert!(told.contains("They were not told after all"), "{told}");
        visitor.read("/console/inbox");
        assert!(!visitor.read("/console/to-tell?state=told").contains(">Undo<"), "the message belonged to its page");
        assert_eq!(visitor.submit(&format!("{path}/undo-tell"), &[("back", "/console/to-tell")]).status, 303);
        assert_eq!(world.closures(story)[0].state, ClosureState::Waiting);
        assert_eq!(visitor.submit(&format!("{path}/undo-tell"), &[]).status, 409, "they were not told");
    });
}

#[test]
fn an_answer_is_recorded_with_the_words_and_taken_back() {
    on_each_world(|world| {
        let email = "sam@example.com";
        let sam = world.person("Sam", email, Role::Support, "en");
        let story = to_be_told(world, &sam, &["Freya"]);
        let mut visitor = Visitor::of(world, &sam, email);
        let closure = world.closures(story).remove(0);
        let path = format!("/console/closures/{}", closure.id);
        let empty = visitor.submit(&format!("{path}/answer"), &[("solved", "false"), ("back", "/console/to-tell")]);
        assert_eq!(empty.status, 422);
        assert!(empty.body.contains("href=\"#because\""), "{}", empty.body);
        let words = [("solved", "false"), ("because", "My bank does tell me."), ("back", "/console/to-tell")];
        assert_eq!(visitor.submit(&format!("{path}/answer"), &words).status, 303);
        let shown = visitor.read(&format!("/console/to-tell?who=all&case={}", closure.id));
        assert!(shown.contains("Take the answer back") && shown.contains("not solved"), "{shown}");
        assert_eq!(visitor.submit(&format!("{path}/undo-answer"), &[("back", "/console/to-tell")]).status, 303);
        assert_eq!(world.closures(story)[0].state, ClosureState::Told);
        assert_eq!(visitor.submit(&format!("{path}/answer"), &[("solved", "true")]).status, 303);
        assert_eq!(world.closures(story)[0].state, ClosureState::Confirmed);
    });
}

#[test]
fn mine_nobodys_and_everybodys_are_told_apart_and_a_case_is_taken() {
    on_each_world(|world| {
        let sam = world.person("Sam", "sam@example.com", Role::Support, "en");
        let story = to_be_told(world, &sam, &["Freya"]);
        let mut other = Visitor::as_role(world, Role::Support);
        assert!(other.read("/console/to-tell").contains("Nobody to tell"));
        assert!(other.read("/console/to-tell?who=nobody").contains("Nobody to tell"));
        let all = other.read("/console/to-tell?who=all");
        assert!(all.contains("Freya") && all.contains("I tell them"), "{all}");
        let closure = world.closures(story).remove(0).id;
        let path = format!("/console/closures/{closure}");
        assert_eq!(other.submit(&format!("{path}/take"), &[("back", "/console/to-tell")]).status, 303);
        assert!(other.read("/console/to-tell").contains("It is yours to tell."));
        let none = other.submit(&format!("{path}/unreachable"), &[("reason", " "), ("back", "/console/to-tell")]);
        assert_eq!(none.status, 422);
        assert_eq!(other.submit(&format!("{path}/unreachable"), &[("reason", "Moved away")]).status, 303);
        assert_eq!(world.closures(story)[0].state, ClosureState::Unreachable);
        assert_eq!(other.get("/console/to-tell?who=nonsense").status, 422);
        let mut viewer = Visitor::as_role(world, Role::Viewer);
        assert!(!viewer.read("/console/to-tell?who=all").contains(">Told</button>"));
        assert_eq!(viewer.submit(&format!("{path}/tell"), &[]).status, 403);
    });
}
