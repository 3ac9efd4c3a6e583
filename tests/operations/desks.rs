//! Customers whom an incident affects are told of it through the support desk that owns their ticket.

use hearback::domain::base::{Actor, Id, Time};
use hearback::jobs;
use serde_json::{Value, json};

use crate::support::{World, on_each_world_with_mail};

/// A customer with a ticket about an incident, who could be mailed too, and one without; the path of the incident's customers,
/// and the desk.
fn affected(world: &World) -> (String, Id, [Id; 2]) {
    let (theme, desk) = (world.new_theme("Payments"), world.desk("zendesk"));
    let service = Actor { kind: "service", id: None };
    let says = |name: &str, ticket: Option<&str>| {
        let mut said = json!({
            "text": "지금 결제가 안 돼요", "occurred_at": world.now(),
            "customer": { "name": name, "email": format!("{name}@example.com") },
        });
        if let Some(ticket) = ticket {
            (said["origin"], said["external_id"]) = (json!("zendesk"), json!(ticket));
        }
        world.file_as(service.clone(), theme, said).1.expect("a customer")
    };
    let people = [says("minji", Some("4711")), says("lee", None)];
    let incident = world.incident();
    let path = format!("/v1/incidents/{}", incident["id"].as_str().unwrap());
    let link = json!({ "target_kind": "theme", "target_id": theme });
    assert_eq!(world.post(&format!("{path}/links"), link).status, 201);
    (format!("{path}/customers"), desk, people)
}

fn line(world: &World, path: &str, customer: Id) -> Value {
    let people = world.read(path)["data"].as_array().unwrap().clone();
    people.into_iter().find(|one| one["customer_id"] == json!(customer)).expect("an affected customer")
}

fn texts(phase: &str) -> Value {
    json!({ "phase": phase, "texts": { "en": "Payments fail.", "ko": "결제를 확인하고 있습니다." } })
}

#[test]
fn the_desk_gets_the_words_and_the_ticket_and_reports_that_the_customer_was_told() {
    on_each_world_with_mail(|world| {
        let ada = world.admin();
        let (path, desk, [minji, lee]) = affected(world);
        assert_eq!(line(world, &path, minji)["channel"], "desk", "the desk first, also where an address is known");
        assert_eq!(line(world, &path, lee)["channel"], "email");
        assert_eq!(world.send("POST", &path, &ada.token, Some(&texts("end"))).status, 200);
        assert!(world.due("webhook").is_empty(), "it can still be recalled");
        world.minutes_pass(11);
        let delivery = world.due("webhook").pop().expect("a request to the desk");
        assert_eq!((delivery.target_id, delivery.event.as_str()), (desk, "incident.tell"));
        let data = delivery.body["data"].clone();
        assert_eq!((&data["external_id"], &data["language"]), (&json!("4711"), &json!("ko")), "{data}");
        assert_eq!(data["text"], "결제를 확인하고 있습니다.");
        assert!(!data.to_string().contains("minji"), "no name and no address: {data}");
        world.write(move |tx| jobs::outbox::desk::ended(tx, &delivery, true)).unwrap();
        let telling = line(world, &path, minji)["tellings"][0].clone();
        assert_eq!((&telling["state"], &telling["told_at"]), (&json!("waiting"), &Value::Null));
        assert!(telling["handed_at"].is_string(), "{telling}");
        let answer = data["answer_path"].as_str().expect("a link at the end").to_owned();
        assert_eq!(world.open("GET", &answer).send().status, 200);
        let told = world.post(data["told_path"].as_str().unwrap(), json!({ "phase": data["phase"] }));
        assert_eq!((told.status, &told.json()["state"]), (200, &json!("told")));
        assert_eq!(world.submit(&answer, "answer=over").status, 200);
        assert_eq!(line(world, &path, minji)["tellings"][0]["is_over"], true);
        world.pump();
        assert_eq!(world.mails().mails_to("minji@example.com").len(), 0, "one way is enough");
        assert_eq!(world.mails().mails_to("lee@example.com").len(), 1);
    });
}

#[test]
fn a_desk_that_refuses_or_is_silent_leaves_the_customer_to_the_team() {
    on_each_world_with_mail(|world| {
        let ada = world.admin();
        let (path, _, [minji, _]) = affected(world);
        for phase in ["start", "end"] {
            assert_eq!(world.send("POST", &path, &ada.token, Some(&texts(phase))).status, 200);
        }
        world.minutes_pass(11);
        let first = world.due("webhook").pop().expect("the first request");
        world.write(move |tx| jobs::outbox::desk::ended(tx, &first, false)).unwrap();
        let of_phase = |phase: &str| {
            let tellings = line(world, &path, minji)["tellings"].as_array().unwrap().clone();
            tellings.into_iter().find(|one| one["phase"] == phase).expect("a message")
        };
        assert_eq!((&of_phase("start")["channel"], &of_phase("start")["state"]), (&json!("agent"), &json!("waiting")));
        let second = line(world, &path, minji)["tellings"][1]["id"].clone();
        let sql = format!(
            "UPDATE incident_tellings SET handed_at = {}",
            match world.database.kind {
                crate::support::Kind::Sqlite => world.now().0.to_string(),
                crate::support::Kind::Postgres => format!("to_timestamp({})", world.now().0 / 1_000_000),
            }
        );
        assert!(second.is_string());
        world.database.run(&format!("{sql} WHERE phase = 'end' AND channel = 'desk'"));
        world.clock().advance(6 * Time::DAY);
        jobs::step(world.app(), "closing").unwrap();
        assert_eq!(of_phase("end")["channel"], "desk");
        world.clock().advance(2 * Time::DAY);
        jobs::step(world.app(), "closing").unwrap();
        let left = of_phase("end");
        assert_eq!(
            (&left["channel"], &left["handed_at"], &left["state"]),
            (&json!("agent"), &Value::Null, &json!("waiting"))
        );
    });
}

#[test]
fn a_desk_is_not_asked_for_a_customer_who_was_told_or_erased_meanwhile() {
    on_each_world_with_mail(|world| {
        let ada = world.admin();
        let (path, _, [minji, _]) = affected(world);
        assert_eq!(world.send("POST", &path, &ada.token, Some(&texts("start"))).status, 200);
        assert_eq!(world.post(&format!("{path}/{minji}/told"), json!({ "phase": "start" })).status, 200);
        world.minutes_pass(11);
        world.pump();
        let sent = world.read("/v1/deliveries?channel=webhook")["data"].as_array().unwrap().clone();
        assert!(sent.iter().all(|one| one["state"] == "delivered" && one["last_status"].is_null()), "{sent:?}");
        assert_eq!(world.send("POST", &path, &ada.token, Some(&texts("end"))).status, 200);
        assert_eq!(world.send("DELETE", &format!("/v1/customers/{minji}"), &ada.token, None).status, 200);
        world.minutes_pass(11);
        world.pump();
        let sent = world.read("/v1/deliveries?channel=webhook")["data"].as_array().unwrap().clone();
        assert!(sent.iter().all(|one| one["state"] != "pending" && one["last_status"].is_null()), "{sent:?}");
    });
}
