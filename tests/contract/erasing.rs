//! Erasing a person: their name is written into every field that accepts text, and afterwards searched in every file of
//! the database.

use hearback::jobs::base::scheduler::Step;
use serde_json::{Value, json};

use crate::support::{ADMIN, Answer, Kind, World, on_each_world_with};

/// The name, in the middle of every text.
const CANARY: &str = "for Quuxwimble only";

/// Sends a request that must succeed.
fn done(world: &World, method: &str, path: &str, body: &Value) -> Value {
    let answer = world.send(method, path, ADMIN, Some(body));
    assert!(answer.status < 300, "{method} {path}: {}", answer.body);
    answer.json()
}

/// Sends a POST that may be repeated by its key.
fn keyed(world: &World, path: &str, body: &Value, key: &str) -> Answer {
    world.send_with("POST", path, ADMIN, Some(body), &[("Idempotency-Key", key)])
}

/// Steps the job that clears the database's files until it has done so.
fn clear_files(world: &World) {
    for _ in 0..5 {
        if world.step("scrubbing") == Step::More {
            return;
        }
    }
    panic!("the files were never clear");
}

/// The places where the name still occurs.
fn left(world: &World) -> Vec<String> {
    world.database.places_of(&["quuxwimble"])
}

fn id(resource: &Value) -> &str {
    resource["id"].as_str().expect("an id")
}

/// Writes the name into every text field; returns the path of the person.
fn write_everywhere(world: &World) -> String {
    let person = json!({ "name": "Quuxwimble", "email": "quuxwimble@example.com", "external_id": "quuxwimble-77" });
    let filed = done(
        world,
        "POST",
        "/v1/feedback",
        &json!({
            "text": format!("The screen freezes {CANARY}"), "title": CANARY, "origin": "crm", "external_id": "quuxwimble-1",
            "url": "https://example.com/quuxwimble", "tags": ["quuxwimble"], "fields": { "quuxwimble": CANARY }, "customer": person,
        }),
    );
    let other =
        done(world, "POST", "/v1/feedback", &json!({ "text": "Another thing", "customer": { "name": "Someone" } }));
    done(world, "POST", &format!("/v1/feedback/{}/dismiss", id(&other)), &json!({ "reason": CANARY }));
    let gate = json!({ "key": "legal", "title": CANARY, "stage": "ready" });
    let products = world.send("GET", "/v1/products", ADMIN, None).json();
    let product = format!("/v1/products/{}", id(&products["data"][0]));
    done(world, "PATCH", &product, &json!({ "name": CANARY, "settings": { "gates": [gate] } }));
    let story = done(
        world,
        "POST",
        "/v1/stories",
        &json!({
            "title": CANARY, "as_a": CANARY, "i_want": CANARY, "so_that": CANARY, "in_scope": [CANARY], "out_of_scope": [CANARY],
            "acceptance_criteria": [{ "text": CANARY }],
        }),
    );
    let story = format!("/v1/stories/{}", id(&story));
    let moved = json!({ "to": "accepted", "reason": CANARY });
    assert_eq!(keyed(world, &format!("{story}/transitions"), &moved, "moved").status, 200);
    done(
        world,
        "POST",
        &format!("{story}/links"),
        &json!({
            "provider": "github", "repository": "acme/quuxwimble", "kind": "branch", "reference": "fix/quuxwimble-freezes",
            "url": "https://github.com/acme/quuxwimble/tree/fix",
        }),
    );
    let release = done(world, "POST", "/v1/releases", &json!({ "name": CANARY, "notes": CANARY }));
    let release = format!("/v1/releases/{}", id(&release));
    let second = done(world, "POST", "/v1/releases", &json!({ "name": format!("2 {CANARY}") }));
    let in_release = json!({ "story_ids": [story.rsplit('/').next()], "section": "fixed", "entry": CANARY });
    done(world, "POST", &format!("{release}/stories"), &in_release);
    done(world, "PATCH", &format!("/v1/releases/{}", id(&second)), &json!({ "notes": format!("again {CANARY}") }));
    done(
        world,
        "POST",
        "/v1/deployments",
        &json!({
            "product": "HB", "environment": "quuxwimble-staging", "service": CANARY, "revision": CANARY, "state": "succeeded",
            "url": "https://deploy.example.com/quuxwimble", "external_id": "quuxwimble-9",
        }),
    );
    done(
        world,
        "POST",
        "/v1/webhooks",
        &json!({
            "url": "https://hooks.example.com/quuxwimble", "description": CANARY, "desk_origin": "quuxwimble-desk",
        }),
    );
    done(world, "POST", "/v1/tokens", &json!({ "name": CANARY, "role": "viewer" }));
    look_back(world);
    report(world);
    let trial = json!({ "kind": "demo", "verdict": "passed", "tried_by": CANARY, "note": CANARY });
    assert_eq!(keyed(world, &format!("{story}/trials"), &trial, "trial").status, 201);
    let member = json!({ "name": "Jin", "email": "jin@example.com", "role": "product" });
    let member = done(world, "POST", "/v1/members", &member);
    write_about_incidents(world, &member);
    let signed = json!({ "evidence": CANARY, "member_id": member["id"] });
    done(world, "POST", &format!("{story}/gates/legal/sign"), &signed);
    let rota = json!({ "product": "HB", "name": CANARY, "time_zone": "UTC", "start": "2026-01-01", "every": "week",
        "hand_over": "09:00", "members": [member["id"]] });
    let rota = done(world, "POST", "/v1/rotas", &rota);
    let taken = json!({ "member_id": member["id"], "starts_at": "2099-01-01T00:00:00Z", "ends_at": "2099-01-02T00:00:00Z",
        "note": CANARY });
    done(world, "POST", &format!("/v1/rotas/{}/overrides", id(&rota)), &taken);
    ask_about_rights(world, &filed["customer"]["id"]);
    let customer = format!("/v1/customers/{}", id(&filed["customer"]));
    let said = format!("/v1/feedback/{}", id(&filed));
    depend_and_evaluate(world, &story);
    for subject in [&customer, &said, &story] {
        let note = json!({ "text": format!("To look at\n{CANARY}\n@nobody{CANARY}") });
        assert_eq!(keyed(world, &format!("{subject}/notes"), &note, &format!("note {subject}")).status, 201);
    }
    customer
}

/// Writes the name into requests, legal holds of something else, breaches and consents.
fn ask_about_rights(world: &World, customer: &Value) {
    let request =
        json!({ "kind": "access", "country": "EU", "customer_id": customer, "contact": CANARY, "note": CANARY });
    let request = format!("/v1/requests/{}", id(&done(world, "POST", "/v1/requests", &request)));
    done(world, "POST", &format!("{request}/identity"), &json!({ "how": CANARY }));
    done(world, "POST", &format!("{request}/extend"), &json!({ "reason": CANARY }));
    let copy = done(world, "POST", &format!("{request}/copy"), &json!({ "format": "html", "language": "ko" }));
    assert!(copy["content"].as_str().expect("a page").contains(CANARY), "{copy}");
    done(world, "POST", &format!("{request}/done"), &json!({ "outcome": CANARY }));
    // A request by somebody who is not known to be the customer, and a hold on something else.
    let other = json!({ "kind": "stop", "country": "KR", "contact": CANARY, "note": CANARY });
    let other = done(world, "POST", "/v1/requests", &other);
    done(world, "POST", &format!("/v1/requests/{}/refuse", id(&other)), &json!({ "reason": CANARY }));
    let account = done(world, "POST", "/v1/accounts", &json!({ "name": "Held company" }));
    let hold = json!({ "case": CANARY, "reason": CANARY, "account_id": account["id"] });
    done(world, "POST", "/v1/legal-holds", &hold);
    let breach = done(world, "POST", "/v1/breaches", &json!({ "title": CANARY, "countries": ["KR"] }));
    let breach = format!("/v1/breaches/{}", id(&breach));
    let facts = json!({ "data_items": CANARY, "how": CANARY, "consequences": CANARY, "what_to_do": CANARY, "measures": CANARY,
        "contact": CANARY, "authority_number": CANARY });
    done(world, "PATCH", &breach, &facts);
    done(world, "POST", &format!("{breach}/timeline"), &json!({ "text": CANARY }));
    let notice = json!({ "country": "KR", "audience": "persons", "how": CANARY, "reference": CANARY });
    done(world, "POST", &format!("{breach}/notices"), &notice);
    let consents = format!("/v1/customers/{}/consents", customer.as_str().expect("an id"));
    done(world, "POST", &consents, &json!({ "purpose": "survey", "basis": "consent", "source": CANARY }));
    done(world, "POST", &format!("{consents}/withdraw"), &json!({ "purpose": "survey", "how": CANARY }));
}

/// Writes the name into the texts of an incident.
fn write_about_incidents(world: &World, member: &Value) {
    let incident = json!({
        "title": CANARY, "summary": format!("First line\n{CANARY}"), "severity": 2, "services": [CANARY, "checkout"],
    });
    let incident = done(world, "POST", "/v1/incidents", &incident);
    let path = format!("/v1/incidents/{}", id(&incident));
    done(world, "POST", &format!("{path}/timeline"), &json!({ "text": format!("She called\n{CANARY}") }));
    let offer = json!({ "member_id": member["id"], "reason": "other", "text": CANARY });
    done(world, "POST", &format!("{path}/hand-offs"), &offer);
    let swarm = json!({ "member_ids": [member["id"]], "text": CANARY });
    done(world, "POST", &format!("{path}/swarm"), &swarm);
    let labels = json!({ "alertname": "SlowQuery", "severity": CANARY, "customer": CANARY });
    let alerts = json!({
        "version": "4", "groupKey": "g", "status": "firing", "commonLabels": labels,
        "commonAnnotations": { "summary": CANARY, "description": CANARY },
        "alerts": [{ "status": "firing", "labels": labels, "startsAt": "2026-01-01T00:00:00Z", "fingerprint": "f",
            "generatorURL": "https://prometheus.example.com/quuxwimble" }],
    });
    done(world, "POST", "/v1/hooks/alertmanager", &alerts);
}

/// Dependencies of a story, and an evaluation for it.
fn depend_and_evaluate(world: &World, story: &str) {
    let outside = json!({ "kind": "needs", "external": { "title": CANARY, "team": CANARY } });
    done(world, "POST", &format!("{story}/dependencies"), &outside);
    let outside = json!({ "kind": "needs", "external": { "title": CANARY, "vendor": CANARY } });
    done(world, "POST", &format!("{story}/dependencies"), &outside);
    let option = json!({
        "name": CANARY, "kind": "buy", "version": CANARY, "supplier": CANARY, "risks": CANARY,
        "links": ["https://example.com/quuxwimble"], "scores": { CANARY: { "score": 3, "why": CANARY } },
    });
    let evaluation = json!({
        "title": CANARY, "need": CANARY, "context": CANARY, "consulted": [CANARY], "informed": [CANARY],
        "criteria": [{ "name": CANARY, "weight": 1 }], "options": [option],
    });
    let path = format!("/v1/evaluations/{}", id(&done(world, "POST", "/v1/evaluations", &evaluation)));
    let decided = json!({
        "status": "accepted", "decision": CANARY, "because": CANARY, "consequences": CANARY, "confirmation": CANARY,
    });
    done(world, "PATCH", &path, &decided);
    let card = json!({ "date": "2026-11-02", "repo": { "name": "example.com/quuxwimble" }, "score": 5,
        "checks": [{ "name": "License", "score": 1, "reason": CANARY }] });
    done(world, "POST", &format!("{path}/scorecard?option={}", CANARY.replace(' ', "%20")), &card);
}

/// An incident and its postmortem.
fn look_back(world: &World) {
    let admin = json!({ "name": "Ada", "email": "ada@example.com", "role": "admin" });
    done(world, "POST", "/v1/members", &admin);
    let incident = json!({ "title": CANARY, "summary": CANARY, "severity": 2, "services": [CANARY] });
    let incident = done(world, "POST", "/v1/incidents", &incident);
    let postmortem = done(world, "POST", "/v1/postmortems", &json!({ "incident": incident["number"] }));
    let path = format!("/v1/postmortems/{}", id(&postmortem));
    let written = json!({
        "title": CANARY, "summary": CANARY, "impact": CANARY, "detection": CANARY, "trigger": CANARY, "root_causes": CANARY,
        "contributing_factors": CANARY, "resolution": CANARY, "went_well": CANARY, "went_wrong": CANARY, "lucky": CANARY,
        "open_questions": CANARY,
    });
    done(world, "PATCH", &path, &written);
    done(world, "POST", &format!("{path}/actions"), &json!({ "title": CANARY, "so_that": CANARY }));
}

/// A report that was sent, with its links and readers.
fn report(world: &World) {
    let today = world.now().plus(hearback::domain::base::Time::DAY).date();
    let period = json!({ "from": "2026-01-01", "to": today });
    let report = done(world, "POST", "/v1/reports", &json!({ "kind": "weekly", "period": period }));
    let path = format!("/v1/reports/{}", id(&report));
    done(world, "PATCH", &path, &json!({ "introduction": format!("First line\n{CANARY}") }));
    done(world, "POST", &format!("{path}/links"), &json!({}));
    done(world, "POST", &format!("{path}/send"), &json!({}));
    let subscription = json!({ "kind": "weekly", "email": "quuxwimble@example.com" });
    assert_eq!(keyed(world, "/v1/subscriptions", &subscription, "subscribe").status, 201);
}

#[test]
fn nothing_that_names_an_erased_person_is_left_wherever_it_was_written() {
    on_each_world_with(
        |config| config.allow_private_addresses = true,
        |world| {
            let person = write_everywhere(world);
            assert!(!left(world).is_empty(), "it must be there first");
            // A waiting import names them, and somebody else.
            let waiting = json!([
                { "text": "Still freezing", "origin": "crm", "customer": { "email": "QUUXWIMBLE@example.com", "name": "Quuxwimble" } },
                { "text": "By number", "origin": "crm", "customer": { "external_id": "quuxwimble-77" } },
                { "text": "Another's words", "origin": "crm", "customer": { "email": "lee@example.com" } },
            ]);
            let import = done(world, "POST", "/v1/imports", &waiting);

            let erased = world.send("DELETE", &person, ADMIN, None);
            assert_eq!(erased.status, 200, "{}", erased.body);
            // PostgreSQL clears its files by itself.
            let has_files = world.database.kind == Kind::Sqlite;
            assert_eq!(erased.json()["erasure"]["files_clean_by"].is_string(), has_files, "{}", erased.body);
            if has_files {
                let scrubbed = world.step("scrubbing");
                assert!(matches!(scrubbed, Step::Waits(_)), "the import holds their words: {scrubbed:?}");
            }
            assert_eq!(world.step("imports"), Step::More);
            let import = world.send("GET", &format!("/v1/imports/{}", id(&import)), ADMIN, None).json();
            assert_eq!((&import["created"], &import["rejected"]), (&json!(1), &json!(2)), "{import}");
            let found = world.send("GET", "/v1/customers?email=quuxwimble@example.com", ADMIN, None).json();
            assert_eq!(found["data"], json!([]), "the import brought them back");

            if has_files {
                clear_files(world);
            }
            let left = left(world);
            assert!(left.is_empty(), "{} places:\n{}", left.len(), left.join("\n"));
            let clean = world.send("GET", &person, ADMIN, None).json();
            assert_eq!(clean["erasure"]["files_clean_at"].is_string(), has_files, "{clean}");

            // Repeating a request with its key is answered 410: it brings no words back, and is not done again.
            let stories = world.send("GET", "/v1/stories", ADMIN, None).json();
            let paths =
                stories["data"].as_array().expect("stories").iter().map(|story| format!("/v1/stories/{}", id(story)));
            let was_tried = |story: &String| {
                let trials = world.send("GET", &format!("{story}/trials"), ADMIN, None).json();
                trials["data"].as_array().is_some_and(|trials| !trials.is_empty())
            };
            let story = paths.into_iter().find(was_tried).expect("the story that was tried");
            let trial = json!({ "kind": "demo", "verdict": "passed", "tried_by": CANARY, "note": CANARY });
            let again = keyed(world, &format!("{story}/trials"), &trial, "trial");
            assert_eq!((again.status, &again.json()["code"]), (410, &json!("gone")), "{}", again.body);
            // Lists still work, without the name.
            for path in ["/v1/releases", "/v1/products", "/v1/webhooks", "/v1/deployments", "/v1/tokens", "/v1/stories"]
            {
                let answer = world.send("GET", path, ADMIN, None);
                assert!(
                    answer.status == 200 && !answer.body.to_lowercase().contains("quuxwimble"),
                    "{path}: {}",
                    answer.body
                );
            }
        },
    );
}
