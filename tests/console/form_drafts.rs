//! Drafts of forms: kept on the server, restored on any device, deleted when they are sent, discarded, old or erased.

use hearback::domain::base::Time;
use hearback::domain::team::Role;
use hearback::domain::team::form_draft::FormDraft;
use hearback::store::team::form_drafts;
use hearback::usecase::transfer::export;
use serde_json::json;

use super::visitor::{PASSWORD, Visitor, hidden};
use crate::support::{World, on_each_world};

/// Sends what the script sends a second after the last key.
fn keep(visitor: &mut Visitor<'_>, page: &str, action: &str, fields: &[(&str, &str)]) {
    let place = [(":page", page), (":action", action), (":form", ""), (":place", page)];
    let fields: Vec<(&str, &str)> = fields.iter().chain(&place).copied().collect();
    let answer = visitor.submit("/console/drafts", &fields);
    assert_eq!(answer.status, 204, "{answer:?}");
}

fn all(world: &World) -> Vec<FormDraft> {
    world.store().read_now(form_drafts::all).expect("drafts")
}

#[test]
fn what_somebody_wrote_stands_in_the_form_on_another_device_until_it_is_sent() {
    on_each_world(|world| {
        let ana = world.person("Ana", "ana@example.com", Role::Support, "en");
        let mut desk = Visitor::of(world, &ana, "ana@example.com");
        let form_id = hidden(&desk.read("/console/inbox"), "form_id");
        let said = "환불이 </textarea> 아직\n안 들어왔";
        let fields = [
            ("form_id", form_id.as_str()),
            ("text", said),
            ("source", "call"),
            ("customer_name", "Kim \"M\""),
            ("password", "secret-9"),
        ];
        keep(&mut desk, "/console/inbox", "/console/inbox", &fields);
        let mut phone = Visitor::new(world);
        assert_eq!(phone.sign_in("ana@example.com", PASSWORD).status, 303);
        let page = phone.read("/console/inbox");
        assert!(page.contains("Not sent yet, restored from") && page.contains("Discard"), "{page}");
        assert!(page.contains("환불이 &#60;/textarea&#62; 아직\n안 들어왔</textarea>"), "{page}");
        assert!(page.contains("value=\"Kim &#34;M&#34;\"") && page.contains("value=\"call\" selected"), "{page}");
        assert_eq!(hidden(&page, "form_id"), form_id, "sent from two devices, it is filed once");
        assert!(!all(world).iter().any(|draft| draft.get("password").is_some()), "passwords are not kept");
        assert!(!Visitor::as_role(world, Role::Support).read("/console/inbox").contains("Kim"), "it is Ana's");
        assert!(!phone.read("/console/backlog").contains("Not sent yet"), "only where it was written");

        let refused = phone.submit("/console/inbox", &[("text", said), ("customer_email", "nonsense")]);
        assert_eq!(refused.status, 422);
        assert!(!refused.body.contains("Not sent yet"), "a refused form holds what was sent: {refused:?}");
        assert_eq!(all(world).len(), 1, "and the draft is still kept");
        assert_eq!(phone.submit("/console/inbox", &[("text", said), ("form_id", &form_id)]).status, 303);
        assert!(all(world).is_empty(), "it was sent");
        assert!(!desk.read("/console/inbox").contains("Not sent yet"));
    });
}

#[test]
fn a_draft_is_discarded_and_an_empty_or_unchanged_form_has_none() {
    on_each_world(|world| {
        let mut ana = Visitor::as_role(world, Role::Support);
        keep(&mut ana, "/console/inbox", "/console/inbox", &[("text", "half a sen"), ("form_id", "x")]);
        let id = hidden(&ana.read("/console/inbox"), "id");
        let mut other = Visitor::as_role(world, Role::Support);
        assert_eq!(other.submit("/console/drafts/discard", &[("id", &id)]).status, 303);
        assert_eq!(all(world).len(), 1, "nobody discards the draft of somebody else");
        let gone = ana.submit("/console/drafts/discard", &[("id", &id)]);
        assert_eq!((gone.status, gone.header_text("Location")), (303, "/console/inbox"));
        assert!(ana.read("/console/inbox").contains("The draft is discarded."));
        keep(&mut ana, "/console/inbox", "/console/inbox", &[("text", "again")]);
        keep(&mut ana, "/console/inbox", "/console/inbox", &[("text", " "), ("form_id", "x")]);
        assert!(all(world).is_empty(), "emptied by hand");
        keep(&mut ana, "/console/inbox", "/console/inbox", &[("text", "again")]);
        keep(&mut ana, "/console/inbox", "/console/inbox", &[("text", "as it was"), (":same", "true")]);
        assert!(all(world).is_empty(), "changed back");
        let foreign = [("text", "x"), (":page", "https://evil.example/"), (":action", "/console/inbox")];
        assert_eq!(ana.submit("/console/drafts", &foreign).status, 422);
        let long = "가".repeat(110_000);
        let large = [("text", long.as_str()), (":page", "/console/inbox"), (":action", "/console/inbox")];
        assert_eq!(ana.submit("/console/drafts", &large).status, 413);
        assert_eq!(ana.submit_from("cross-site", "/console/drafts", &foreign).status, 403);
        for n in 0..60 {
            keep(&mut ana, &format!("/console/stories/HB-{n}"), "/console/x", &[("text", "many")]);
        }
        assert_eq!(all(world).len(), 50, "a bounded number");
    });
}

#[test]
fn a_draft_of_an_older_story_never_overwrites_a_newer_one() {
    on_each_world(|world| {
        let story = world.done("/v1/stories", json!({ "title": "Old title" }));
        let number = story["number"].as_str().expect("a number").to_owned();
        let path = format!("/console/stories/{number}/edit");
        let mut ana = Visitor::as_role(world, Role::Product);
        let version = hidden(&ana.read(&path), "version");
        keep(&mut ana, &path, &path, &[("version", &version), ("title", "Mine"), ("criteria", "One")]);
        world.patch(&format!("/v1/stories/{number}"), json!({ "title": "Theirs" }));
        let page = ana.read(&path);
        assert!(page.contains("value=\"Mine\"") && hidden(&page, "version") == version, "{page}");
        let refused = ana.submit(&path, &[("version", &version), ("title", "Mine"), ("criteria", "One")]);
        assert_eq!(refused.status, 412, "{refused:?}");
        assert!(refused.body.contains("Mine") && refused.body.contains("Theirs"), "both texts: {refused:?}");
        let act = format!("/console/stories/{number}");
        let place = [(":page", act.as_str()), (":action", "/console/gone"), (":form", "x")];
        let words: Vec<(&str, &str)> =
            [("reason", "Not now, because"), ("to", "declined")].into_iter().chain(place).collect();
        assert_eq!(ana.submit("/console/drafts", &words).status, 204);
        let page = ana.read(&act);
        assert!(
            page.contains("its form is no longer here") && page.contains("Not now, because"),
            "no word is lost: {page}"
        );
    });
}

#[test]
fn a_draft_goes_after_two_weeks_with_its_member_and_with_the_erased_person() {
    on_each_world(|world| {
        let said = world.done("/v1/feedback", json!({ "text": "Where is my refund", "customer": { "name": "Zyxwine Parker", "email": "zy@example.com" } }));
        let customer = said["customer"]["id"].as_str().expect("an id");
        let ana = world.person("Ana", "ana@example.com", Role::Product, "en");
        let mut visitor = Visitor::of(world, &ana, "ana@example.com");
        keep(&mut visitor, "/console/inbox", "/console/inbox", &[("text", "x"), ("customer_email", "zy@example.com")]);
        keep(&mut visitor, &format!("/console/customers/{customer}"), "/console/x", &[("text", "a note")]);
        keep(&mut visitor, "/console/stories/HB-1/edit", "/console/y", &[("title", "for Zyxwine Parker")]);
        keep(&mut visitor, "/console/stories/HB-2/edit", "/console/z", &[("title", "of nobody")]);
        let lines = export_of(world);
        assert!(!lines.contains("for Zyxwine Parker") && !lines.contains("of nobody"), "drafts are not exported");
        assert_eq!(world.request("DELETE", &format!("/v1/customers/{customer}")).send().status, 200);
        let left: Vec<Option<String>> = all(world).iter().map(|draft| draft.get("title").map(str::to_owned)).collect();
        assert_eq!(left, [Some("of nobody".to_owned())]);

        world.clock().advance(14 * Time::DAY - 60 * Time::SECOND);
        world.step("housekeeping");
        assert_eq!(all(world).len(), 1);
        let mut again = Visitor::new(world);
        assert_eq!(again.sign_in("ana@example.com", PASSWORD).status, 303);
        let page = "/console/stories/HB-2/edit";
        assert!(again.get(page).body.contains("of nobody"), "also where the story is gone");
        world.clock().advance(61 * Time::SECOND);
        assert!(!again.get(page).body.contains("of nobody"), "it is over, also before it is swept");
        world.step("housekeeping");
        assert!(all(world).is_empty(), "after 14 days");
        keep(&mut again, "/console/inbox", "/console/inbox", &[("text", "x")]);
        assert_eq!(world.patch(&format!("/v1/members/{}", ana.id), json!({ "active": false })).status, 200);
        assert!(all(world).is_empty(), "its member is no longer here");
    });
}

/// The export of the world, as text.
fn export_of(world: &World) -> String {
    let mut bytes = Vec::new();
    export::export(world.store(), &mut bytes).expect("an export");
    String::from_utf8(bytes).expect("text")
}
