//! Incidents: opening, states, editing, merging, timeline and links.

use hearback::domain::team::Role;
use serde_json::{Value, json};

use super::timeline;
use crate::support::{World, on_each_world};

#[test]
fn an_incident_has_an_owner_from_its_first_minute() {
    on_each_world(|world| {
        let nobody = world.post("/v1/incidents", json!({ "title": "Payments fail" }));
        let problem = nobody.problem(409, "conflict");
        assert!(problem["detail"].as_str().unwrap().contains("no active admin"), "{problem}");
        assert_eq!(world.read("/v1/incidents")["data"], json!([]), "nothing is opened that nobody owns");
        let ada = world.admin();
        let opened =
            world.post("/v1/incidents", json!({ "title": " Payments fail ", "services": ["pay", "pay", " web "] }));
        assert_eq!(opened.status, 201, "{opened:?}");
        let incident = opened.json();
        assert_eq!(
            incident["number"],
            format!("{}-INC-1", world.read("/v1/products")["data"][0]["key"].as_str().unwrap())
        );
        assert_eq!((&incident["owner_id"], &incident["state"]), (&json!(ada.id), &json!("open")));
        assert!(incident["owner_because"].as_str().unwrap().contains("first admin"), "{incident}");
        assert_eq!((&incident["title"], &incident["severity"]), (&json!("Payments fail"), &json!(3)));
        assert_eq!(incident["services"], json!(["pay", "web"]));
        let number = incident["number"].as_str().unwrap().to_lowercase();
        assert_eq!(world.read(&format!("/v1/incidents/{number}")), incident);
        assert_eq!(world.incident()["number"].as_str().unwrap().rsplit('-').next(), Some("2"));
        assert_eq!(world.ids("/v1/incidents?severity=2").len(), 1);
        assert_eq!(world.ids("/v1/incidents?resolved=false&limit=1").len(), 2);
        world.get("/v1/incidents/XX-INC-9").problem(404, "not_found");
    });
}

#[test]
fn bad_input_names_every_wrong_field() {
    on_each_world(|world| {
        world.admin();
        let wrong =
            json!({ "title": " ", "severity": 6, "services": [""], "detected_at": "yesterday", "owner_id": "x" });
        world.post("/v1/incidents", wrong).refused(&[
            "/title pattern",
            "/severity too_large",
            "/services/0 too_short",
            "/services/0 pattern",
            "/detected_at format",
            "/owner_id unknown_field",
        ]);
        let future = json!({ "title": "Soon", "detected_at": "2999-01-01T00:00:00Z" });
        world.post("/v1/incidents", future).refused(&["/detected_at future"]);
        world.post("/v1/incidents", json!({ "title": "x", "product": "NONE" })).refused(&["/product unknown"]);
    });
}

#[test]
fn a_service_mitigates_and_only_a_person_resolves() {
    on_each_world(|world| {
        let ada = world.admin();
        let incident = world.incident();
        let service = world.token(Role::Developer);
        assert_eq!(world.act(&incident, "acknowledge", &ada.token, None).json()["acknowledged_by"], json!(ada.id));
        let again = world.act(&incident, "acknowledge", &service, None).json();
        assert_eq!(again["acknowledged_by"], json!(ada.id), "who was first stays");
        assert_eq!(world.act(&incident, "mitigate", &service, None).json()["state"], "mitigated");
        world.act(&incident, "resolve", &service, None).problem(403, "forbidden");
        world.act(&incident, "acknowledge", &ada.token, None).problem(409, "conflict");
        let resolved = world.act(&incident, "resolve", &ada.token, None).json();
        assert_eq!(resolved["state"], "resolved");
        assert!(resolved["resolved_at"].is_string() && resolved["mitigated_at"].is_string());
        world.act(&incident, "resolve", &ada.token, None).problem(409, "conflict");
        world.act(&incident, "mitigate", &ada.token, None).problem(409, "conflict");
        let reopened = world.act(&incident, "reopen", &ada.token, None).json();
        assert_eq!((&reopened["state"], &reopened["resolved_at"]), (&json!("acknowledged"), &Value::Null));
        world.act(&incident, "reopen", &ada.token, None).problem(409, "conflict");
        let support = world.token(Role::Support);
        assert_eq!(world.act(&incident, "acknowledge", &support, None).status, 403);
        let kinds = world.rows_of_events(&incident);
        assert_eq!(
            kinds,
            [
                "incident.opened",
                "incident.acknowledged",
                "incident.mitigated",
                "incident.resolved",
                "incident.reopened"
            ]
        );
    });
}

impl World {
    /// The kinds of an incident's events, oldest first.
    pub fn rows_of_events(&self, incident: &Value) -> Vec<String> {
        let id = incident["id"].as_str().unwrap().parse().unwrap();
        self.events_of(id).into_iter().map(|(kind, _)| kind).collect()
    }
}

#[test]
fn editors_never_overwrite_each_other_silently() {
    on_each_world(|world| {
        world.admin();
        let incident = world.incident();
        let path = format!("/v1/incidents/{}", incident["id"].as_str().unwrap());
        let patch = |etag: &str, body: Value| world.request("PATCH", &path).header("If-Match", etag).json(&body).send();
        let first = patch("\"1\"", json!({ "severity": 1, "title": "All payments fail" }));
        assert_eq!((first.status, first.header_text("etag")), (200, "\"2\""), "{first:?}");
        patch("\"1\"", json!({ "severity": 5 })).problem(412, "version_mismatch");
        patch("\"2\"", json!({ "severity": 0, "state": "resolved" }))
            .refused(&["/severity too_small", "/state unknown_field"]);
        let events = world.read(&format!("/v1/events?subject={}", incident["id"].as_str().unwrap()));
        let updated =
            events["data"].as_array().unwrap().iter().find(|event| event["kind"] == "incident.updated").unwrap();
        assert_eq!(updated["data"]["severity"], json!({ "from": 2, "to": 1 }));
        assert!(!events.to_string().contains("payments"), "events hold no texts");
    });
}

#[test]
fn the_timeline_is_in_the_order_in_which_things_happened() {
    on_each_world(|world| {
        let ada = world.admin();
        let incident = world.incident();
        world.minutes_pass(60);
        let path = format!("/v1/incidents/{}/timeline", incident["id"].as_str().unwrap());
        let note = |text: &str, minutes: i64| {
            let at = world.now().plus(-minutes * 60_000_000);
            world.post(&path, json!({ "text": text, "happened_at": at }))
        };
        assert_eq!(note("now", 0).json()["late"], false);
        let late = note("half an hour ago", 30).json();
        assert_eq!((&late["late"], &late["before_start"]), (&json!(true), &json!(false)));
        assert_eq!(note("before it began", 90).json()["before_start"], true);
        note("tomorrow", -60).refused(&["/happened_at future"]);
        world.post(&path, json!({ "text": "x", "kind": "page" })).refused(&["/kind not_one_of"]);
        world.post(&path, json!({ "text": "x", "confirmed": true })).refused(&["/confirmed not_allowed"]);
        let deployed = world.post("/v1/deployments", json!({ "revision": "abc" }));
        assert_eq!(deployed.status, 201);
        world.act(
            &incident,
            "swarm",
            &ada.token,
            Some(json!({ "member_ids": [ada.id], "text": "Both sides, please" })),
        );
        let entries = timeline(world, &incident);
        let texts: Vec<&str> = entries.iter().filter_map(|entry| entry["text"].as_str()).collect();
        assert_eq!(texts, ["before it began", "half an hour ago", "now", "Both sides, please"]);
        let kinds: Vec<&str> = entries.iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["note", "status", "note", "note", "deployment", "swarm"]);
        assert_eq!(world.walk(&format!("{path}?limit=2"), || ()).len(), 6, "page by page");
        assert!(!world.read("/v1/events?limit=200").to_string().contains("half an hour"), "events hold no texts");
    });
}

#[test]
fn the_deployment_before_an_incident_may_have_caused_it() {
    on_each_world(|world| {
        let ada = world.admin();
        let deployed = world.post("/v1/deployments", json!({ "revision": "abc" })).json();
        world.minutes_pass(60);
        let incident = world.incident();
        let path = format!("/v1/incidents/{}/links", incident["id"].as_str().unwrap());
        let link = world.read(&path)["data"][0].clone();
        assert_eq!((&link["target_id"], &link["kind"]), (&deployed["id"], &json!("caused_by")));
        assert_eq!((&link["how"], &link["confirmed_by"]), (&json!("inferred"), &Value::Null));
        assert_eq!(world.incident_now(&incident)["diagnosed_at"], Value::Null, "nobody has confirmed it");
        let confirm = format!("{path}/{}/confirm", link["id"].as_str().unwrap());
        assert_eq!(world.post(&confirm, json!({})).status, 403, "a service confirms nothing");
        assert_eq!(world.send("POST", &confirm, &ada.token, None).json()["confirmed_by"], json!(ada.id));
        assert!(world.incident_now(&incident)["diagnosed_at"].is_string());
        let removed = world.request("DELETE", &format!("{path}/{}", link["id"].as_str().unwrap())).send();
        assert_eq!(removed.status, 204);
        assert_eq!(world.read(&path)["data"], json!([]));
        let nobody = json!({ "target_kind": "deployment", "target_id": ada.id });
        world.post(&path, nobody).refused(&["/target_id unknown"]);
        let theme = json!({ "target_kind": "theme", "target_id": ada.id, "kind": "caused_by" });
        world.post(&path, theme).refused(&["/kind not_allowed"]);
    });
}

#[test]
fn a_merged_incident_leads_to_the_other() {
    on_each_world(|world| {
        let ada = world.admin();
        let (one, other) = (world.incident(), world.incident());
        world.act(&one, "timeline", &ada.token, Some(json!({ "text": "of the first" })));
        let into = |number: &Value| world.act(&one, "merge", &ada.token, Some(json!({ "into": number })));
        into(&one["number"]).refused(&["/into unknown"]);
        into(&json!("XX-INC-1")).refused(&["/into unknown"]);
        let merged = into(&other["number"]);
        assert_eq!((merged.status, &merged.json()["id"]), (200, &other["id"]), "{merged:?}");
        let now = world.incident_now(&one);
        assert_eq!((&now["merged_into"], &now["state"]), (&other["id"], &json!("resolved")));
        let texts: Vec<Value> = timeline(world, &one).iter().map(|entry| entry["text"].clone()).collect();
        assert!(texts.contains(&json!("of the first")), "its old address shows the timeline of the other: {texts:?}");
        let refused = world.act(&one, "acknowledge", &ada.token, None).problem(409, "conflict");
        assert!(refused["detail"].as_str().unwrap().contains(other["number"].as_str().unwrap()), "{refused}");
        assert_eq!(into(&other["number"]).status, 409, "merged already");
    });
}

#[test]
fn the_owner_of_the_product_comes_before_the_first_admin() {
    on_each_world(|world| {
        world.admin();
        let bo = world.developer("Bo");
        let product = format!("/v1/products/{}", world.product.id);
        assert_eq!(world.patch(&product, json!({ "owner_id": bo.id })).status, 200);
        let incident = world.incident();
        assert_eq!(incident["owner_id"], json!(bo.id));
        assert!(incident["owner_because"].as_str().unwrap().contains("owner of the product"), "{incident}");
        world.patch(&format!("/v1/members/{}", bo.id), json!({ "active": false }));
        assert_ne!(world.incident()["owner_id"], json!(bo.id), "who has left owns nothing");
    });
}

#[test]
fn the_incidents_of_a_member_who_leaves_get_another_owner() {
    on_each_world(|world| {
        let ada = world.admin();
        let incident = world.incident();
        let bo = world.person("Bo", "bo@example.com", Role::Admin, "en");
        let left = world.patch(&format!("/v1/members/{}", ada.id), json!({ "active": false }));
        assert_eq!(left.status, 200, "{left:?}");
        let now = world.incident_now(&incident);
        assert_eq!(now["owner_id"], json!(bo.id));
        assert!(now["owner_because"].as_str().unwrap().contains("no longer active"), "{now}");
    });
}
