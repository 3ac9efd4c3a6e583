//! Erasing a person: their name is written into every field that accepts text, and afterwards searched in every file of
//! the database.

use hearback::domain::team::Role;
use hearback::jobs;
use hearback::jobs::base::scheduler::Step;
use serde_json::{Value, json};

use super::inprocess::{self, Answer, Running};

/// The name, in the middle of every text.
const CANARY: &str = "for Quuxwimble only";

struct Team {
    app: Running,
    admin: String,
}

impl Team {
    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.app.send(method, path, &self.admin, Some(body));
        assert!(answer.status < 300, "{method} {path}: {}", answer.text);
        answer.json()
    }

    fn keyed(&self, path: &str, body: &Value, key: &str) -> Answer {
        self.app.send_with("POST", path, &self.admin, Some(body), &[("Idempotency-Key", key)])
    }

    fn clear_files(&self) {
        for _ in 0..5 {
            if jobs::step(&self.app.app, "scrubbing").unwrap() == Step::More {
                return;
            }
        }
        panic!("the files were never clear");
    }

    /// The places where the name still occurs: each file with the surrounding bytes.
    fn left(&self) -> Vec<String> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(self.app.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap().to_ascii_lowercase();
            for (at, _) in bytes.windows(10).enumerate().filter(|(_, window)| *window == b"quuxwimble") {
                let around = String::from_utf8_lossy(&bytes[at.saturating_sub(60)..(at + 60).min(bytes.len())]);
                found.push(format!("{}: {around:?}", path.display()));
            }
        }
        found
    }
}

fn id(resource: &Value) -> &str {
    resource["id"].as_str().expect("an id")
}

/// Writes the name into every text field; returns the path of the person.
fn write_everywhere(team: &Team) -> String {
    let person = json!({ "name": "Quuxwimble", "email": "quuxwimble@example.com", "external_id": "quuxwimble-77" });
    let filed = team.send("POST", "/v1/feedback", &json!({
        "text": format!("The screen freezes {CANARY}"), "title": CANARY, "origin": "crm", "external_id": "quuxwimble-1",
        "url": "https://example.com/quuxwimble", "tags": ["quuxwimble"], "fields": { "quuxwimble": CANARY }, "customer": person,
    }));
    let other =
        team.send("POST", "/v1/feedback", &json!({ "text": "Another thing", "customer": { "name": "Someone" } }));
    team.send("POST", &format!("/v1/feedback/{}/dismiss", id(&other)), &json!({ "reason": CANARY }));
    let gate = json!({ "key": "legal", "title": CANARY, "stage": "ready" });
    let products = team.app.send("GET", "/v1/products", &team.admin, None).json();
    let product = format!("/v1/products/{}", id(&products["data"][0]));
    team.send("PATCH", &product, &json!({ "name": CANARY, "settings": { "gates": [gate] } }));
    let story = team.send("POST", "/v1/stories", &json!({
        "title": CANARY, "as_a": CANARY, "i_want": CANARY, "so_that": CANARY, "in_scope": [CANARY], "out_of_scope": [CANARY],
        "acceptance_criteria": [{ "text": CANARY }],
    }));
    let story = format!("/v1/stories/{}", id(&story));
    let moved = json!({ "to": "accepted", "reason": CANARY });
    assert_eq!(team.keyed(&format!("{story}/transitions"), &moved, "moved").status, 200);
    team.send("POST", &format!("{story}/links"), &json!({
        "provider": "github", "repository": "acme/quuxwimble", "kind": "branch", "reference": "fix/quuxwimble-freezes",
        "url": "https://github.com/acme/quuxwimble/tree/fix",
    }));
    let release = team.send("POST", "/v1/releases", &json!({ "name": CANARY, "notes": CANARY }));
    let release = format!("/v1/releases/{}", id(&release));
    let second = team.send("POST", "/v1/releases", &json!({ "name": format!("2 {CANARY}") }));
    let in_release = json!({ "story_ids": [story.rsplit('/').next()], "section": "fixed", "entry": CANARY });
    team.send("POST", &format!("{release}/stories"), &in_release);
    team.send("PATCH", &format!("/v1/releases/{}", id(&second)), &json!({ "notes": format!("again {CANARY}") }));
    team.send("POST", "/v1/deployments", &json!({
        "product": "HB", "environment": "quuxwimble-staging", "service": CANARY, "revision": CANARY, "state": "succeeded",
        "url": "https://deploy.example.com/quuxwimble", "external_id": "quuxwimble-9",
    }));
    team.send(
        "POST",
        "/v1/webhooks",
        &json!({
            "url": "https://hooks.example.com/quuxwimble", "description": CANARY, "desk_origin": "quuxwimble-desk",
        }),
    );
    team.send("POST", "/v1/tokens", &json!({ "name": CANARY, "role": "viewer" }));
    let trial = json!({ "kind": "demo", "verdict": "passed", "tried_by": CANARY, "note": CANARY });
    assert_eq!(team.keyed(&format!("{story}/trials"), &trial, "trial").status, 201);
    let member = json!({ "name": "Jin", "email": "jin@example.com", "role": "product" });
    let member = team.send("POST", "/v1/members", &member);
    let signed = json!({ "evidence": CANARY, "member_id": member["id"] });
    team.send("POST", &format!("{story}/gates/legal/sign"), &signed);
    let customer = format!("/v1/customers/{}", id(&filed["customer"]));
    let said = format!("/v1/feedback/{}", id(&filed));
    for subject in [&customer, &said, &story] {
        let note = json!({ "text": format!("To look at\n{CANARY}\n@nobody{CANARY}") });
        assert_eq!(team.keyed(&format!("{subject}/notes"), &note, &format!("note {subject}")).status, 201);
    }
    customer
}

#[test]
fn nothing_that_names_an_erased_person_is_left_wherever_it_was_written() {
    let app = inprocess::start_with(|config| config.allow_private_addresses = true);
    let admin = app.token(Role::Admin);
    let team = Team { app, admin };
    let person = write_everywhere(&team);
    assert!(!team.left().is_empty(), "it must be there first");
    // An import waits that names them, and somebody else.
    let waiting = json!([
        { "text": "Still freezing", "origin": "crm", "customer": { "email": "QUUXWIMBLE@example.com", "name": "Quuxwimble" } },
        { "text": "By number", "origin": "crm", "customer": { "external_id": "quuxwimble-77" } },
        { "text": "Another's words", "origin": "crm", "customer": { "email": "lee@example.com" } },
    ]);
    let import = team.send("POST", "/v1/imports", &waiting);

    let erased = team.app.send("DELETE", &person, &team.admin, None);
    assert_eq!(erased.status, 200, "{}", erased.text);
    assert!(erased.json()["erasure"]["files_clean_by"].is_string(), "{}", erased.text);
    let scrubbed = jobs::step(&team.app.app, "scrubbing").unwrap();
    assert!(matches!(scrubbed, Step::Waits(_)), "the import holds their words: {scrubbed:?}");
    assert_eq!(jobs::step(&team.app.app, "imports").unwrap(), Step::More);
    let import = team.app.send("GET", &format!("/v1/imports/{}", id(&import)), &team.admin, None).json();
    assert_eq!((&import["created"], &import["rejected"]), (&json!(1), &json!(2)), "{import}");
    let found = team.app.send("GET", "/v1/customers?email=quuxwimble@example.com", &team.admin, None).json();
    assert_eq!(found["data"], json!([]), "the import brought them back");

    team.clear_files();
    let left = team.left();
    assert!(left.is_empty(), "{} places:\n{}", left.len(), left.join("\n"));
    let clean = team.app.send("GET", &person, &team.admin, None).json();
    assert!(clean["erasure"]["files_clean_at"].is_string(), "{clean}");

    // A repeat brings nothing back, and is not done again.
    let stories = team.app.send("GET", "/v1/stories", &team.admin, None).json();
    let story = format!("/v1/stories/{}", id(&stories["data"][0]));
    let trial = json!({ "kind": "demo", "verdict": "passed", "tried_by": CANARY, "note": CANARY });
    let again = team.keyed(&format!("{story}/trials"), &trial, "trial");
    assert_eq!((again.status, &again.json()["code"]), (410, &json!("gone")), "{}", again.text);
    // What works by names still does.
    for path in ["/v1/releases", "/v1/products", "/v1/webhooks", "/v1/deployments", "/v1/tokens", "/v1/stories"] {
        let answer = team.app.send("GET", path, &team.admin, None);
        assert!(answer.status == 200 && !answer.text.to_lowercase().contains("quuxwimble"), "{path}: {}", answer.text);
    }
}
