//! From the draft to the published postmortem.

use hearback::domain::base::calendar::Calendar;
use hearback::domain::base::{Id, Time};
use hearback::domain::operations::incident::Incident;
use hearback::domain::operations::incident::IncidentState;
use hearback::domain::team::Role;
use serde_json::{Value, json};

use super::{change, id, incident, mitigate, postmortem};
use crate::support::{World, on_each_world};

fn of_incident(world: &World, incident: &Value) -> Option<Value> {
    let all = world.read("/v1/postmortems");
    all["data"].as_array().unwrap().iter().find(|one| one["incident_id"] == incident["id"]).cloned()
}

#[test]
fn severe_incidents_get_a_draft_that_is_due_in_five_working_days_once_they_are_over() {
    on_each_world(|world| {
        let (severe, slight) = (incident(world, "Payments fail", 2), incident(world, "A typo", 3));
        world.step("postmortems");
        assert!(of_incident(world, &severe).is_none(), "it goes on");
        let over = mitigate(world, &severe);
        mitigate(world, &slight);
        world.step("postmortems");
        world.step("postmortems");
        let drafted = of_incident(world, &severe).expect("a draft");
        assert!(of_incident(world, &slight).is_none(), "SEV3 needs none");
        assert_eq!((&drafted["state"], &drafted["title"]), (&json!("draft"), &json!("Payments fail")));
        assert_eq!(drafted["facilitator_id"], severe["owner_id"]);
        let due = Time::parse(drafted["due_at"].as_str().unwrap()).unwrap();
        assert_eq!(due, Calendar::default().plus_working_days(over, 5));
        assert_eq!(world.kinds_of(id(&drafted)), ["postmortem.drafted"]);

        world.days_pass(9);
        world.step("postmortems");
        world.step("postmortems");
        assert_eq!(world.kinds_of(id(&drafted)), ["postmortem.drafted", "postmortem.overdue"], "told once");
        assert_eq!(world.ids("/v1/postmortems?overdue=true"), [drafted["id"].as_str().unwrap()]);
        assert_eq!(world.ids("/v1/postmortems?overdue=false"), Vec::<String>::new());
    });
}

#[test]
fn days_off_of_the_product_do_not_count() {
    on_each_world(|world| {
        let severe = incident(world, "Payments fail", 1);
        let day = |n: i64| world.now().plus(n * Time::DAY).date();
        let off: Vec<String> = (1..=7).map(day).collect();
        let product = format!("/v1/products/{}", world.product.id);
        assert_eq!(world.patch(&product, json!({ "settings": { "days_off": off } })).status, 200);
        let over = mitigate(world, &severe);
        world.step("postmortems");
        let drafted = of_incident(world, &severe).expect("a draft");
        let due = Time::parse(drafted["due_at"].as_str().unwrap()).unwrap();
        assert!((due.0 - over.0) / Time::DAY >= 11, "{drafted}");
    });
}

#[test]
fn a_draft_says_what_the_incident_says_and_computes_durations() {
    on_each_world(|world| {
        let made = incident(world, "Payments fail", 2);
        change(world, &made, |incident| Incident {
            state: IncidentState::Mitigated,
            summary: Some("The pool ran out of connections.".to_owned()),
            detected_at: incident.opened_at.plus(-300 * Time::SECOND),
            acknowledged_at: Some(incident.opened_at.plus(60 * Time::SECOND)),
            mitigated_at: Some(incident.opened_at.plus(7_200 * Time::SECOND)),
            ..incident
        });
        let drafted = postmortem(world, &made);
        assert_eq!(drafted["summary"], "The pool ran out of connections.");
        assert_eq!(drafted["impact"], "SEV2. Customers were affected for 2 h 5 min.\nAffected services: checkout.");
        let detection = drafted["detection"].as_str().unwrap();
        assert!(detection.contains("a person") && detection.contains("opened here 5 min later"), "{detection}");
        assert!(detection.ends_with("Acknowledged 6 min after it was noticed."), "{detection}");
        let shown = world.read(&format!("/v1/postmortems/{}", id(&drafted)));
        let durations = json!({ "to_open": 300, "to_acknowledge": 360, "to_diagnose": null, "to_mitigate": 7_500, "to_resolve": null });
        assert_eq!(shown["facts"]["durations"], durations);
        let again = world.post("/v1/postmortems", json!({ "incident": made["id"] }));
        assert_eq!((again.status, id(&again.json())), (200, id(&drafted)), "an incident has one postmortem");
    });
}

#[test]
fn times_in_its_texts_are_those_of_the_products_zone_which_they_name() {
    on_each_world(|world| {
        let product = format!("/v1/products/{}", world.product.id);
        assert_eq!(world.patch(&product, json!({ "settings": { "time_zone": "Asia/Seoul" } })).status, 200);
        let made = incident(world, "Payments fail", 2);
        let at = |text: &str| Time::parse(text).expect("a time");
        change(world, &made, move |incident| Incident { detected_at: at("2024-11-28T20:44:00Z"), ..incident });
        let drafted = postmortem(world, &made);
        let detection = drafted["detection"].as_str().expect("a text");
        assert!(detection.contains("2024-11-29, 05:44 KST (Asia/Seoul)"), "{detection}");
        let note = json!({ "text": "The pool is full", "happened_at": "2024-11-28T20:50:00Z" });
        assert_eq!(world.post(&format!("/v1/incidents/{}/timeline", id(&made)), note).status, 201);
        for query in ["", "?public=true"] {
            let text = world.get(&format!("/v1/postmortems/{}/postmortem.md{query}", id(&drafted))).body;
            assert!(text.contains("2024-11-29, 05:44 KST (Asia/Seoul)"), "{text}");
            assert!(text.contains("2024-11-29, 05:50 KST (Asia/Seoul)"), "{text}");
        }
    });
}

#[test]
fn it_is_edited_by_version_reviewed_and_published() {
    on_each_world(|world| {
        let drafted = postmortem(world, &incident(world, "Payments fail", 3));
        let path = format!("/v1/postmortems/{}", id(&drafted));
        assert_eq!(drafted["due_at"], json!(null), "nobody has to write it");
        let edit = json!({ "root_causes": "Jin Lee forgot the limit. We should have tested it.", "lucky": " " });
        world.person("Jin Lee", "jin@team.example", Role::Developer, "en");
        let edited = world.patch(&path, edit.clone()).json();
        assert_eq!((&edited["version"], &edited["lucky"]), (&json!(2), &json!(null)), "{edited}");
        let stale = world.request("PATCH", &path).header("If-Match", "\"1\"").json(&edit).send();
        stale.problem(412, "version_mismatch");
        let shown = world.read(&path);
        let reasons: Vec<&str> =
            shown["hints"].as_array().unwrap().iter().map(|hint| hint["reason"].as_str().unwrap()).collect();
        assert_eq!(reasons, ["person_blamed", "hindsight"], "{shown}");

        assert_eq!(world.done(&format!("{path}/review"), json!({}))["state"], "in_review");
        let published = world.done(&format!("{path}/publish"), json!({}));
        assert_eq!(published["state"], "published", "hints never block");
        assert!(published["published_at"].is_string());
        assert_eq!(world.done(&format!("{path}/publish"), json!({}))["version"], published["version"], "again");
        assert_eq!(world.done(&format!("{path}/reopen"), json!({}))["published_at"], json!(null));
        let kinds = ["drafted", "edited", "submitted", "published", "reopened"];
        assert_eq!(world.kinds_of(id(&drafted)), kinds.map(|kind| format!("postmortem.{kind}")));
    });
}

#[test]
fn wrong_input_names_each_wrong_field() {
    on_each_world(|world| {
        let drafted = postmortem(world, &incident(world, "Payments fail", 3));
        let path = format!("/v1/postmortems/{}", id(&drafted));
        world.post("/v1/postmortems", json!({ "incident": "HB-INC-999" })).refused(&["/incident unknown"]);
        world.post("/v1/postmortems", json!({})).refused(&["/incident required"]);
        let nobody = Id::next();
        let wrong = world.patch(&path, json!({ "facilitator_id": nobody, "authors": [nobody] }));
        wrong.refused(&["/facilitator_id unknown", "/authors/0 unknown"]);
        world.patch(&path, json!({ "title": " ", "nothing": 1 })).problem(422, "invalid");
        world.get(&format!("/v1/postmortems/{nobody}")).problem(404, "not_found");
        let support = world.token(Role::Support);
        assert_eq!(world.send("GET", &path, &support, None).status, 200);
        let edit = json!({ "summary": "no" });
        world.send("PATCH", &path, &support, Some(&edit)).problem(403, "forbidden");
    });
}
