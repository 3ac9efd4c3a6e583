//! Requests of persons, retention, breaches, consents and checklists on pages without scripts.

use hearback::domain::base::Time;
use hearback::domain::team::Role;
use serde_json::json;

use super::pages::statements;
use super::visitor::{Visitor, hidden};
use crate::support::{World, on_each_world};

fn admin(world: &World) -> Visitor<'_> {
    let ann = world.person("Ann", "ann@team.example", Role::Admin, "en");
    Visitor::of(world, &ann, "ann@team.example")
}

/// Files this many requests, holds and breaches; answers the pages about them.
fn ask_about_rights(world: &World, count: usize) -> Vec<String> {
    for n in 0..count {
        let contact = format!("c{n}@example.com");
        world.done("/v1/requests", json!({ "kind": "access", "country": "KR", "contact": contact }));
        world.done("/v1/legal-holds", json!({ "case": format!("{n}"), "reason": "A suit", "product": "HB" }));
        world.done("/v1/breaches", json!({ "title": format!("Breach {n}") }));
    }
    let first = |path: &str| world.read(path)["data"][0]["id"].as_str().expect("an id").to_owned();
    let own =
        [format!("/requests/{}", first("/v1/requests")), format!("/breaches/{}?letter=persons", first("/v1/breaches"))];
    let lists = ["/requests", "/retention", "/breaches", "/checklists"].map(str::to_owned);
    own.into_iter().chain(lists).map(|page| format!("/console/privacy{page}")).collect()
}

/// Sends a form that must be taken; answers where it leads.
fn taken(visitor: &mut Visitor<'_>, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = visitor.submit(path, fields);
    assert_eq!(answer.status, 303, "{path}: {answer:?}");
    answer.header_text("location").to_owned()
}

#[test]
fn a_request_is_filed_checked_copied_and_answered() {
    on_each_world(|world| {
        let said = world.customer("minji@example.com").files("The refund of my bicycle is late");
        let mut visitor = admin(world);
        assert!(visitor.read("/console/privacy/requests").contains("No request is waiting."));
        let form = [("kind", "access"), ("country", "kr"), ("contact", ""), ("note", "By phone")];
        let refused = visitor.submit("/console/privacy/requests", &form);
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("By phone"), "the form keeps what was written");
        let form = [("kind", "access"), ("country", "kr"), ("contact", "minji@example.com")];
        let page = taken(&mut visitor, "/console/privacy/requests", &form);
        let shown = visitor.read(&page);
        assert!(shown.contains("10 days, Korean law") && shown.contains(&said.customer.to_string()), "{shown}");
        let version = hidden(&shown, "version");
        let customer = said.customer.to_string();
        let form = [("version", version.as_str()), ("how", "From the address on file"), ("customer_id", &customer)];
        taken(&mut visitor, &format!("{page}/identity"), &form);

        assert_eq!(visitor.submit(&format!("{page}/done"), &[]).status, 409, "without a copy");
        let copy = visitor.submit(&format!("{page}/copy"), &[("copy", "ko")]);
        assert_eq!(copy.status, 200, "{copy:?}");
        assert!(copy.header_text("content-disposition").starts_with("attachment"), "{copy:?}");
        assert!(copy.body.contains("내 개인정보 사본") && copy.body.contains("bicycle"), "{}", copy.body);
        taken(&mut visitor, &format!("{page}/done"), &[]);
        let shown = visitor.read(&page);
        assert!(shown.contains("answered") && shown.contains("Copy to read"), "{shown}");
        assert!(!shown.contains("bicycle"));
    });
}

#[test]
fn an_erasure_under_a_hold_waits_and_the_pages_say_so() {
    on_each_world(|world| {
        let said = world.customer("minji@example.com").files("Late");
        let customer = said.customer.to_string();
        let mut visitor = admin(world);
        let hold = [("case", "2026-Ga-1"), ("reason", "Order of the court"), ("customer_id", customer.as_str())];
        taken(&mut visitor, "/console/privacy/holds", &hold);
        let shown = visitor.read("/console/privacy/retention");
        assert!(shown.contains("2026-Ga-1") && shown.contains("minji"), "{shown}");
        let form = [("kind", "erasure"), ("country", "EU"), ("customer_id", customer.as_str())];
        let page = taken(&mut visitor, "/console/privacy/requests", &form);
        taken(&mut visitor, &format!("{page}/identity"), &[("how", "By phone")]);
        assert!(visitor.read(&page).contains("A legal hold keeps their data"));
        taken(&mut visitor, &format!("{page}/done"), &[]);
        let shown = visitor.read(&page);
        assert!(shown.contains("The erasure runs by itself when the hold ends"), "{shown}");
        let hold = world.read("/v1/legal-holds")["data"][0]["id"].as_str().unwrap().to_owned();
        taken(&mut visitor, &format!("/console/privacy/holds/{hold}/end"), &[]);
        world.step("retention");
        assert!(visitor.read(&page).contains("answered"));
    });
}

#[test]
fn a_retention_rule_shows_what_would_go_before_it_is_switched_on() {
    on_each_world(|world| {
        world.customer("minji@example.com").files("Late");
        world.days_pass(40);
        let mut visitor = admin(world);
        let wrong = visitor.submit("/console/privacy/retention", &[("kind", "feedback_words"), ("days", "soon")]);
        assert_eq!(wrong.status, 422);
        let form = [("kind", "feedback_words"), ("product", world.product.key.as_str()), ("days", "30")];
        let page = taken(&mut visitor, "/console/privacy/retention", &form);
        let shown = visitor.read(&page);
        assert!(shown.contains("Now 1 would go; 0 are kept by a legal hold."), "{shown}");
        let rule = world.read("/v1/retention-rules")["data"][0]["id"].as_str().unwrap().to_owned();
        taken(&mut visitor, &format!("/console/privacy/retention/{rule}/switch"), &[("enabled", "true")]);
        world.step_until_idle("retention");
        assert!(visitor.read("/console/privacy/retention").contains("What went"));
        assert_eq!(world.read("/v1/retention-report")["data"][0]["removed"], 1);
        taken(&mut visitor, &format!("/console/privacy/retention/{rule}/delete"), &[]);
    });
}

#[test]
fn a_breach_is_opened_from_an_incident_in_one_click_and_worked_off() {
    on_each_world(|world| {
        let mut visitor = admin(world);
        let incident = world.done("/v1/incidents", json!({ "title": "Export on a public server", "severity": 2 }));
        let number = incident["number"].as_str().unwrap();
        assert!(visitor.read(&format!("/console/incidents/{number}")).contains("This is a personal data breach"));
        let page = taken(&mut visitor, &format!("/console/incidents/{number}/breach"), &[]);
        let again = taken(&mut visitor, &format!("/console/incidents/{number}/breach"), &[]);
        assert_eq!(page, again);
        let shown = visitor.read(&page);
        assert!(shown.contains("their number is not known") && shown.contains(number), "{shown}");
        let version = hidden(&shown, "version");
        let form = [
            ("version", version.as_str()),
            ("title", "Export on a public server"),
            ("countries", "KR"),
            ("known_at", "2026-01-05T09:00"),
            ("person_count", "12"),
            ("data_items", "이름"),
        ];
        taken(&mut visitor, &format!("{page}/edit"), &form);
        let shown = visitor.read(&format!("{page}?letter=persons&language=ko"));
        assert!(shown.contains("개인정보 유출 통지") && shown.contains("Not filled in yet:"), "{shown}");
        assert!(shown.contains("below the threshold"), "{shown}");
        assert_eq!(visitor.submit(&format!("{page}/close"), &[]).status, 409);
        let notice = [("country", "KR"), ("audience", "persons"), ("how", "By mail"), ("language", "ko")];
        taken(&mut visitor, &format!("{page}/notices"), &notice);
        taken(&mut visitor, &format!("{page}/notes"), &[("text", "The file is gone.")]);
        taken(&mut visitor, &format!("{page}/close"), &[]);
        assert!(visitor.read("/console/privacy/breaches").contains("closed"));
    });
}

#[test]
fn consents_are_shown_and_withdrawn_on_the_page_of_the_customer() {
    on_each_world(|world| {
        let said = world.customer("minji@example.com").files("Late");
        let page = format!("/console/customers/{}", said.customer);
        let mut visitor = admin(world);
        assert!(visitor.read(&page).contains("Contact and consent"));
        let wrong = [("purpose", "survey"), ("basis", "contract"), ("source", "Form")];
        assert_eq!(visitor.submit(&format!("{page}/consents"), &wrong).status, 422);
        let form = [("purpose", "survey"), ("basis", "consent"), ("source", "Form at the fair")];
        taken(&mut visitor, &format!("{page}/consents"), &form);
        assert!(visitor.read(&page).contains("Form at the fair"));
        taken(&mut visitor, &format!("{page}/consents/withdraw"), &[("purpose", "survey"), ("how", "By mail")]);
        assert!(visitor.read(&page).contains("withdrawn"));
    });
}

#[test]
fn a_checklist_is_adopted_in_korean_by_a_korean_member_and_dropped() {
    on_each_world(|world| {
        let sumi = world.person("수미", "sumi@example.com", Role::Product, "ko");
        let mut visitor = Visitor::of(world, &sumi, "sumi@example.com");
        let page = "/console/privacy/checklists";
        assert!(visitor.read(page).contains("법령 점검표"));
        let form = [("product", world.product.key.as_str()), ("law", "kr_pipa")];
        taken(&mut visitor, page, &form);
        assert!(visitor.read(page).contains("안전조치"));
        let gates = world.read(&format!("/v1/products/{}", world.product.id))["settings"]["gates"].clone();
        assert_eq!(gates.as_array().unwrap().len(), 8);
        taken(&mut visitor, &format!("{page}/drop"), &form);
        assert_eq!(visitor.get("/console/privacy/retention").status, 403, "only for admins");
    });
}

#[test]
fn each_page_takes_as_many_statements_for_many_rows_as_for_few() {
    on_each_world(|world| {
        let mut visitor = admin(world);
        let pages = ask_about_rights(world, 1);
        let few: Vec<u32> = pages.iter().map(|page| statements(&mut visitor, page)).collect();
        ask_about_rights(world, 20);
        for (page, few) in pages.iter().zip(few) {
            let many = statements(&mut visitor, page);
            assert!(many <= few + 4 && many <= 30, "{page}: {few} statements, then {many}");
        }
    });
}

#[test]
fn what_is_due_by_law_is_counted_in_the_navigation() {
    on_each_world(|world| {
        let ann = world.person("Ann", "ann@team.example", Role::Admin, "en");
        // Sessions end while days pass, so each look signs in.
        let counted = || {
            world.clock().advance(11 * Time::SECOND);
            let page = Visitor::of(world, &ann, "ann@team.example").read("/console/backlog");
            let link = page.split("href=\"/console/privacy\"").nth(1).expect("a link").split("</a>").next().unwrap();
            link.split("<span class=\"count\">").nth(1).map(|count| count.split('<').next().unwrap().to_owned())
        };
        assert_eq!(counted(), None);
        let asked =
            world.done("/v1/requests", json!({ "kind": "access", "country": "KR", "contact": "c@example.com" }));
        assert_eq!(counted(), None, "ten days are left");
        world.clock().advance(8 * Time::DAY);
        assert_eq!(counted().as_deref(), Some("1"), "due soon");
        world
            .done("/v1/breaches", json!({ "title": "A laptop is gone", "countries": ["KR"], "known_at": world.now() }));
        assert_eq!(counted().as_deref(), Some("2"), "its clock runs");
        world.clock().advance(4 * Time::DAY);
        assert_eq!(counted().as_deref(), Some("2"), "late counts too");
        let refuse = format!("/v1/requests/{}/refuse", asked["id"].as_str().unwrap());
        assert_eq!(world.post(&refuse, json!({ "reason": "Nobody we know" })).status, 200);
        assert_eq!(counted().as_deref(), Some("1"));
        let page = Visitor::as_role(world, Role::Developer).read("/console/backlog");
        assert!(!page.contains("due by law"), "who does not see the pages sees no number");
    });
}
