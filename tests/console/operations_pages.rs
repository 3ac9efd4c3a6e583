//! Who is on duty, and incidents, on pages without scripts: what a person on call does most.

use hearback::domain::base::Time;
use hearback::domain::team::Role;
use serde_json::{Value, json};

use super::visitor::{Visitor, hidden};
use crate::support::{Person, World, on_each_world};

fn people(world: &World) -> (Person, Person) {
    let ann = world.person("Ann", "ann@example.com", Role::Developer, "en");
    (ann, world.person("베아", "bea@example.com", Role::Developer, "ko"))
}

/// A rota of these members that changes every week.
fn rota(world: &World, members: &[&Person]) -> String {
    let start = world.now().plus(-3 * Time::DAY).date();
    let members: Vec<String> = members.iter().map(|person| person.id.to_string()).collect();
    let new = json!({ "product": world.product.key, "name": "First line", "time_zone": "UTC", "start": start,
        "every": "week", "hand_over": "00:00", "members": members });
    world.done("/v1/rotas", new)["id"].as_str().unwrap().to_owned()
}

fn on_duty(world: &World) -> Value {
    world.read(&format!("/v1/on-call?product={}", world.product.key))["member_id"].clone()
}

#[test]
fn affected_customers_are_told_with_a_form_and_their_answers_recorded() {
    on_each_world(|world| {
        let ada = world.admin();
        let theme = world.new_theme("Payments");
        world.customers_say(theme, &["kim", "lee"], json!({ "text": "Payments fail", "occurred_at": world.now() }));
        let incident = world.incident();
        let number = incident["number"].as_str().unwrap();
        let link = json!({ "target_kind": "theme", "target_id": theme });
        assert_eq!(world.post(&format!("/v1/incidents/{number}/links"), link).status, 201);
        let mut visitor = Visitor::as_role(world, Role::Admin);
        let path = format!("/console/incidents/{number}/customers");
        assert!(visitor.read(&format!("/console/incidents/{number}")).contains(&path));
        let page = visitor.read(&path);
        assert!(page.contains("2 were not told yet") && page.contains("complained in a linked theme"), "{page}");
        let empty = visitor.submit(&path, &[("phase", "start"), ("whom", "all")]);
        assert_eq!(empty.status, 422, "{}", empty.body);
        let people = world.read(&format!("/v1/incidents/{number}/customers"));
        let one = people["data"][0]["customer_id"].as_str().unwrap();
        let form = [("phase", "end"), ("en", "It works again."), ("whom", "chosen"), ("customer", one)];
        assert_eq!(visitor.submit(&path, &form).status, 303);
        let page = visitor.read(&path);
        assert!(page.contains("1 was not told yet") && page.contains("It works again."), "{page}");
        let heard = format!("{path}/{one}/told");
        let not_over = [("phase", "end"), ("answer", "not_over"), ("because", "Still broken here")];
        assert_eq!(visitor.submit(&heard, &not_over).status, 303);
        assert!(visitor.read(&path).contains("<strong>Not over</strong>"));
        assert_eq!(world.read("/v1/feedback?q=broken+here")["data"][0]["text"], "Still broken here");
        assert!(!Visitor::of(world, &ada, "ada@example.com").read(&path).is_empty());
    });
}

#[test]
fn the_escalation_of_a_product_is_changed_with_a_form() {
    on_each_world(|world| {
        let (ann, _) = people(world);
        let mut visitor = Visitor::of(world, &ann, "ann@example.com");
        let path = format!("/console/products/{}/escalation", world.product.key);
        let page = visitor.read(&path);
        assert!(page.contains("this is how every product begins"), "{page}");
        assert!(visitor.read("/console/rotas").contains(&path));
        let member = format!("member:{}", ann.id);
        let mut form = vec![
            ("version", "0"),
            ("after-0", "0"),
            ("whom-0", "owner"),
            ("after-1", "0"),
            ("whom-1", member.as_str()),
            ("repeats", "1"),
            ("repeat_after_minutes", "60"),
            ("acknowledged_minutes", "30"),
        ];
        let version = world.read(&format!("/v1/products/{}/escalation", world.product.id))["version"].to_string();
        form[0] = ("version", &version);
        let refused = visitor.submit(&path, &form);
        assert_eq!(refused.status, 422, "the second step is due after the first");
        assert!(refused.body.contains(&format!("value=\"{member}\" selected")), "{}", refused.body);
        form[3] = ("after-1", "20");
        assert_eq!(visitor.submit(&path, &form).status, 303);
        let policy = world.read(&format!("/v1/products/{}/escalation", world.product.id));
        assert_eq!(
            policy["steps"][1],
            json!({ "after_minutes": 20, "whom": "member", "rota_id": null, "member_id": ann.id })
        );
        assert_eq!((&policy["repeats"], &policy["is_default"]), (&json!(1), &json!(false)));
        let viewer = Visitor::as_role(world, Role::Viewer).read("/console/rotas");
        assert!(!viewer.is_empty());
    });
}

#[test]
fn a_rota_is_made_with_a_form_and_says_who_is_on_duty() {
    on_each_world(|world| {
        let (ann, bea) = people(world);
        let mut visitor = Visitor::of(world, &ann, "ann@example.com");
        assert!(visitor.read("/console/rotas").contains("There is no rota yet."));
        let (first, second) = (ann.id.to_string(), bea.id.to_string());
        let start = world.now().plus(-Time::DAY).date();
        let key = world.product.key.clone();
        let mut form = vec![
            ("product", key.as_str()),
            ("name", "First line"),
            ("start", start.as_str()),
            ("hand_over", "09:00"),
            ("length", "1"),
            ("every", "week"),
            ("time_zone", "Asia/Seol"),
            ("member-0", first.as_str()),
            ("member-1", second.as_str()),
        ];
        let refused = visitor.submit("/console/rotas", &form);
        assert_eq!(refused.status, 422);
        assert!(
            refused.body.contains("value=\"Asia/Seol\"") && refused.body.contains("href=\"#time_zone\""),
            "{}",
            refused.body
        );
        form[6] = ("time_zone", "Asia/Seoul");
        assert_eq!(visitor.submit("/console/rotas", &form).status, 303);
        let page = visitor.read("/console/rotas");
        assert!(page.contains("First line") && page.contains("Asia/Seoul"), "{page}");
        assert_eq!(on_duty(world), json!(ann.id));
        let viewer = Visitor::as_role(world, Role::Viewer).read("/console/rotas");
        assert!(
            viewer.contains("First line") && !viewer.contains("<form method=\"post\" action=\"/console/rotas"),
            "{viewer}"
        );
    });
}

#[test]
fn a_shift_is_taken_with_one_click_and_given_back() {
    on_each_world(|world| {
        let (ann, bea) = people(world);
        let rota = rota(world, &[&ann]);
        let mut visitor = Visitor::of(world, &bea, "bea@example.com");
        let page = visitor.read("/console/rotas");
        let starts_at = hidden(&page, "starts_at");
        let ends_at =
            page.split("name=\"ends_at\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        let path = format!("/console/rotas/{rota}/overrides");
        let key = world.product.key.clone();
        let taken = visitor.submit(&path, &[("product", &key), ("starts_at", &starts_at), ("ends_at", &ends_at)]);
        assert_eq!(taken.status, 303, "{taken:?}");
        assert_eq!(on_duty(world), json!(bea.id));
        let page = visitor.read("/console/rotas");
        assert!(page.contains("되돌리기"), "{page}");
        let id = page.split("/console/overrides/").nth(1).and_then(|rest| rest.split('/').next()).unwrap().to_owned();
        assert_eq!(visitor.submit(&format!("/console/overrides/{id}/withdraw"), &[("product", &key)]).status, 303);
        assert_eq!(on_duty(world), json!(ann.id));
    });
}

#[test]
fn cover_is_asked_for_and_accepted_by_the_other() {
    on_each_world(|world| {
        let (ann, bea) = people(world);
        let rota = rota(world, &[&ann]);
        let (key, other) = (world.product.key.clone(), bea.id.to_string());
        let (from, to) = (world.now().plus(-Time::DAY).to_string(), world.now().plus(Time::DAY).to_string());
        let mut visitor = Visitor::of(world, &ann, "ann@example.com");
        let ask = [
            ("product", key.as_str()),
            ("member_id", other.as_str()),
            ("starts_at", from.as_str()),
            ("ends_at", to.as_str()),
            ("note", "I am ill"),
        ];
        assert_eq!(visitor.submit(&format!("/console/rotas/{rota}/overrides"), &ask).status, 303);
        assert_eq!(on_duty(world), json!(ann.id));
        let mut asked = Visitor::of(world, &bea, "bea@example.com");
        let page = asked.read("/console/rotas");
        assert!(page.contains("I am ill") && page.contains("수락"), "{page}");
        let id = page.split("/console/overrides/").nth(1).and_then(|rest| rest.split('/').next()).unwrap().to_owned();
        assert_eq!(asked.submit(&format!("/console/overrides/{id}/accept"), &[("product", &key)]).status, 303);
        assert_eq!(on_duty(world), json!(bea.id));
        let late = asked.submit(&format!("/console/overrides/{id}/decline"), &[("product", &key)]);
        assert_eq!(late.status, 409);
    });
}

#[test]
fn an_incident_is_opened_with_a_form_and_found_in_the_list() {
    on_each_world(|world| {
        let (ann, bea) = people(world);
        rota(world, &[&ann, &bea]);
        let mut visitor = Visitor::of(world, &ann, "ann@example.com");
        assert!(visitor.read("/console/incidents").contains("No open incidents"));
        let empty = visitor.submit("/console/incidents", &[("title", " "), ("severity", "2")]);
        assert_eq!(empty.status, 422);
        assert!(empty.body.contains("href=\"#title\""), "{}", empty.body);
        let form = [("title", "결제가 안 돼요"), ("severity", "2"), ("services", "checkout, api")];
        let opened = visitor.submit("/console/incidents", &form);
        assert_eq!(opened.status, 303, "{opened:?}");
        assert_eq!(opened.header_text("location"), "/console/incidents/HB-INC-1");
        let list = visitor.read("/console/incidents?owner=@me&severity=2&state=open");
        assert!(list.contains("HB-INC-1") && list.contains("결제가 안 돼요"), "{list}");
        assert!(!visitor.read("/console/incidents?severity=1").contains("HB-INC-1"));
        assert_eq!(visitor.get("/console/incidents?state=nonsense").status, 422);
        let page = visitor.read("/console/incidents/HB-INC-1");
        assert!(page.contains("결제가 안 돼요") && page.contains("checkout, api"), "{page}");
        assert!(page.contains("On duty when the incident was opened."), "{page}");
        assert_eq!(visitor.get("/console/incidents/HB-INC-9").status, 404);
    });
}

#[test]
fn an_incident_is_acknowledged_handed_over_and_resolved() {
    on_each_world(|world| {
        let (ann, bea) = people(world);
        rota(world, &[&ann]);
        let new = json!({ "product": world.product.key, "title": "Payments fail", "severity": 2 });
        let number = world.done("/v1/incidents", new)["number"].as_str().unwrap().to_owned();
        world.step("paging");
        let path = format!("/console/incidents/{number}");
        let read = || world.read(&format!("/v1/incidents/{number}"));
        let mut visitor = Visitor::of(world, &ann, "ann@example.com");
        assert!(visitor.read(&path).contains("1 page so far"));
        assert_eq!(visitor.submit(&format!("{path}/acknowledge"), &[]).status, 303);
        assert_eq!(read()["state"], json!("acknowledged"));
        let page = visitor.read(&path);
        assert!(page.contains("Paging begins again at"), "{page}");
        let other = bea.id.to_string();
        let offer = [("member_id", other.as_str()), ("reason", "need_skill")];
        assert_eq!(visitor.submit(&format!("{path}/offer"), &offer).status, 303);
        assert_eq!(read()["owner_id"], json!(ann.id), "the owner stays the owner");
        let mut to = Visitor::of(world, &bea, "bea@example.com");
        let offered = to.read(&path);
        let id =
            offered.split("name=\"offer\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        assert_eq!(to.submit(&format!("{path}/accept"), &[("offer", &id)]).status, 303);
        assert_eq!(read()["owner_id"], json!(bea.id));
        let note = [("text", "커넥션이 모자라요"), ("kind", "cause")];
        assert_eq!(to.submit(&format!("{path}/entries"), &note).status, 303);
        assert!(read()["diagnosed_at"].is_string());
        assert!(to.read(&path).contains("커넥션이 모자라요"));
        assert_eq!(to.submit(&format!("{path}/mitigate"), &[]).status, 303);
        assert_eq!(to.submit(&format!("{path}/resolve"), &[]).status, 422, "only with a tick");
        assert_eq!(to.submit(&format!("{path}/resolve"), &[("sure", "yes")]).status, 303);
        assert_eq!(read()["state"], json!("resolved"));
        assert_eq!(to.submit(&format!("{path}/reopen"), &[]).status, 303);
        let support = Visitor::as_role(world, Role::Support).read(&path);
        assert!(!support.contains("/resolve\""), "support reads and writes notes: {support}");
    });
}
