//! Who owns an incident, and who is paged for it until somebody acknowledges.

use hearback::domain::base::{Id, Time};
use hearback::domain::operations::incident::IncidentState;
use hearback::domain::team::Role;
use hearback::store::operations::incidents;
use serde_json::{Value, json};

use crate::closure::with_mail;
use crate::support::{Person, World, on_each_world};

const MINUTE: i64 = 60 * Time::SECOND;

/// Two developers who take turns each day, and an admin who was there before them.
struct Team {
    ann: Person,
    bea: Person,
    admin: Person,
    /// The one who is on duty now, and the other one.
    now: Id,
    next: Id,
}

fn team(world: &World) -> Team {
    let admin = world.person("Ada", "ada@team.example", Role::Admin, "en");
    let ann = world.person("Ann", "ann@team.example", Role::Developer, "en");
    let bea = world.person("베아", "bea@team.example", Role::Developer, "ko");
    let start = world.now().plus(-10 * Time::DAY).date();
    let rota = json!({ "product": world.product.key, "name": "First line", "time_zone": "UTC", "start": start,
        "every": "week", "length": 52, "hand_over": "00:00", "members": [ann.id, bea.id] });
    world.done("/v1/rotas", rota);
    let (now, next) = (ann.id, bea.id);
    Team { ann, bea, admin, now, next }
}

/// Opens an incident and answers its number and its id.
fn open(world: &World) -> (String, Id) {
    let new = json!({ "product": world.product.key, "title": "Payments fail", "severity": 2 });
    let incident = world.done("/v1/incidents", new);
    (incident["number"].as_str().unwrap().to_owned(), incident["id"].as_str().unwrap().parse().unwrap())
}

/// Turns the clock, and lets the paging job work.
fn minutes_pass(world: &World, minutes: i64) {
    world.clock().advance(minutes * MINUTE);
    world.step("paging");
}

/// Whom the pages of an incident went to, in their order.
fn paged(world: &World, number: &str) -> Vec<Id> {
    let pages = world.read(&format!("/v1/incidents/{number}/pages"));
    let member = |page: &Value| page["member_id"].as_str().unwrap().parse().unwrap();
    pages["data"].as_array().unwrap().iter().map(member).collect()
}

/// Acknowledges an incident, as its member would.
fn acknowledge(world: &World, incident: Id, by: Id) {
    let acknowledged = world.write(move |tx| {
        let mut found = incidents::lock(tx, incident)?;
        found.state = IncidentState::Acknowledged;
        found.acknowledged_at = Some(tx.now);
        found.acknowledged_by = Some(by);
        incidents::update(tx, &found)
    });
    acknowledged.unwrap();
}

#[test]
fn who_is_on_duty_owns_a_new_incident() {
    on_each_world(|world| {
        let team = team(world);
        let (number, _) = open(world);
        let incident = world.read(&format!("/v1/incidents/{number}"));
        assert_eq!(incident["owner_id"], json!(team.now));
        // Without a rota the owner of the product owns it, then the first admin.
        let rota = world.ids("/v1/rotas").remove(0);
        assert_eq!(world.request("DELETE", &format!("/v1/rotas/{rota}")).send().status, 204);
        let (number, _) = open(world);
        assert_eq!(world.read(&format!("/v1/incidents/{number}"))["owner_id"], json!(team.admin.id));
        let product = format!("/v1/products/{}", world.product.id);
        assert_eq!(world.patch(&product, json!({ "owner_id": team.bea.id })).status, 200);
        let (number, _) = open(world);
        assert_eq!(world.read(&format!("/v1/incidents/{number}"))["owner_id"], json!(team.bea.id));
    });
}

#[test]
fn each_step_pages_once_until_somebody_acknowledges() {
    on_each_world(|world| {
        let team = team(world);
        let (number, id) = open(world);
        minutes_pass(world, 0);
        assert_eq!(paged(world, &number), [team.now]);
        let next = world.read(&format!("/v1/incidents/{number}/pages"))["next"].clone();
        assert_eq!((&next["whom"], &next["member_id"]), (&json!("next_on_rota"), &json!(team.next)));
        for _ in 0..3 {
            minutes_pass(world, 0);
        }
        assert_eq!(paged(world, &number), [team.now], "a step is taken once");
        minutes_pass(world, 15);
        assert_eq!(paged(world, &number), [team.now, team.next]);
        minutes_pass(world, 15);
        assert_eq!(paged(world, &number), [team.now, team.next, team.admin.id]);
        minutes_pass(world, 15);
        assert_eq!(paged(world, &number).len(), 4, "the steps are repeated");
        acknowledge(world, id, team.next);
        minutes_pass(world, 60);
        assert_eq!(paged(world, &number).len(), 4, "nobody is paged for what was acknowledged");
        let pages = world.read(&format!("/v1/incidents/{number}/pages"));
        assert_eq!(pages["next"], Value::Null);
        assert!(pages["acknowledged_until"].is_string(), "{pages}");
        let events = world.read("/v1/events?kind=incident.paged");
        assert_eq!(events["data"].as_array().unwrap().len(), 4);
    });
}

#[test]
fn an_acknowledgement_that_expires_pages_again_and_says_so() {
    on_each_world(|world| {
        let team = team(world);
        let (number, id) = open(world);
        minutes_pass(world, 0);
        acknowledge(world, id, team.admin.id);
        minutes_pass(world, 8 * 60 - 1);
        assert_eq!(paged(world, &number).len(), 1);
        minutes_pass(world, 1);
        let pages = world.read(&format!("/v1/incidents/{number}/pages"));
        let last = pages["data"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&last["escalation"], &last["because"]), (&json!(2), &json!("acknowledgement_expired")), "{pages}");
        assert_eq!(world.read(&format!("/v1/incidents/{number}"))["state"], json!("open"));
        minutes_pass(world, 0);
        assert_eq!(paged(world, &number).len(), 2);
    });
}

#[test]
fn the_end_of_a_shift_ends_its_acknowledgements() {
    on_each_world(|world| {
        let team = team(world);
        let take = json!({ "starts_at": world.now(), "ends_at": world.now().plus(60 * MINUTE) });
        let rota = world.ids("/v1/rotas").remove(0);
        let taken = world.send("POST", &format!("/v1/rotas/{rota}/overrides"), &team.bea.token, Some(&take));
        assert_eq!(taken.status, 201, "{taken:?}");
        let (number, id) = open(world);
        minutes_pass(world, 0);
        assert_eq!(paged(world, &number), [team.bea.id]);
        acknowledge(world, id, team.bea.id);
        minutes_pass(world, 59);
        assert_eq!(paged(world, &number).len(), 1);
        minutes_pass(world, 1);
        let pages = world.read(&format!("/v1/incidents/{number}/pages"));
        assert_eq!(pages["data"][1]["because"], json!("shift_ended"), "{pages}");
    });
}

#[test]
fn who_left_the_team_is_not_paged() {
    on_each_world(|world| {
        let team = team(world);
        let (number, _) = open(world);
        assert_eq!(world.patch(&format!("/v1/members/{}", team.ann.id), json!({ "active": false })).status, 200);
        minutes_pass(world, 0);
        assert!(!paged(world, &number).contains(&team.ann.id));
        assert_eq!(paged(world, &number).len(), 1);
    });
}

#[test]
fn a_page_is_a_mail_in_the_language_of_the_member() {
    with_mail(|world| {
        let team = team(world);
        let (number, id) = open(world);
        minutes_pass(world, 0);
        world.pump();
        world.pump();
        let mails = world.mails().mails_to("ann@team.example");
        assert_eq!(mails.len(), 1);
        assert!(mails[0].subject.contains("SEV2") && mails[0].subject.contains(&number), "{}", mails[0].subject);
        assert!(mails[0].text.contains(&format!("/console/incidents/{number}")), "{}", mails[0].text);
        let pages = world.read(&format!("/v1/incidents/{number}/pages"));
        assert!(pages["data"][0]["sent_at"].is_string(), "{pages}");
        minutes_pass(world, 15);
        // Acknowledged before the second mail left: it is not sent.
        acknowledge(world, id, team.now);
        world.pump();
        assert!(world.mails().mails_to("bea@team.example").is_empty());
        let pages = world.read(&format!("/v1/incidents/{number}/pages"));
        assert!(pages["data"][1]["over_at"].is_string() && pages["data"][1]["sent_at"].is_null(), "{pages}");
        let (other, _) = open(world);
        minutes_pass(world, 0);
        minutes_pass(world, 15);
        world.pump();
        let korean = world.mails().mails_to("bea@team.example").remove(0);
        assert!(korean.subject.contains(&other) && korean.text.contains("장애"), "{}", korean.text);
    });
}

#[test]
fn the_watchdog_notices_pages_that_were_not_made() {
    on_each_world(|world| {
        team(world);
        open(world);
        let overdue = || {
            world.step("paging_watchdog");
            let metrics = world.get("/metrics").body;
            let line = metrics.lines().find(|line| line.starts_with("hearback_pages_overdue{what=\"missing\"}"));
            line.and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).unwrap_or(-1.0)
        };
        // The paging job does not run.
        world.clock().advance(20 * MINUTE);
        let store = world.store().clone();
        let missing = store.read_now(|conn| {
            let open = hearback::store::operations::pages::active_incidents(conn, None, 10)?;
            hearback::usecase::operations::paging::missing(conn, open[0], store.clock.now())
        });
        assert_eq!(missing.unwrap().len(), 2);
        // The counters are those of the whole process, in which other tests run too: only that they are there is certain.
        assert!(overdue() >= 0.0);
        world.step("paging");
        let missing = store.read_now(|conn| {
            let open = hearback::store::operations::pages::active_incidents(conn, None, 10)?;
            hearback::usecase::operations::paging::missing(conn, open[0], store.clock.now())
        });
        assert!(missing.unwrap().is_empty());
    });
}

#[test]
fn an_escalation_pages_others_and_changes_no_owner() {
    on_each_world(|world| {
        let team = team(world);
        let (number, _) = open(world);
        let owner = || world.read(&format!("/v1/incidents/{number}"))["owner_id"].clone();
        minutes_pass(world, 0);
        for _ in 0..6 {
            minutes_pass(world, 15);
        }
        assert!(paged(world, &number).contains(&team.next), "others are paged");
        assert_eq!(owner(), json!(team.now), "nobody else accepted it");
        let hand_offs = world.read(&format!("/v1/incidents/{number}/hand-offs"));
        assert_eq!(hand_offs["data"], json!([]), "and none was made up");
        let take = json!({ "member_id": team.bea.id, "reason": "escalated" });
        let taken = world.send("POST", &format!("/v1/incidents/{number}/hand-offs"), &team.bea.token, Some(&take));
        assert!(taken.status < 300, "{taken:?}");
        assert_eq!(owner(), json!(team.bea.id), "who offers it to themselves takes it over");
    });
}
