//! Every operation that answers a person's data leaves an entry in the access log: a new one too.

use std::collections::BTreeSet;

use hearback::domain::team::Role;
use hearback::http::base::auth::witness::SHOW_NOTHING;
use hearback::http::base::operations::{OPEN, description, each_operation};
use hearback::http::console::base::access::pages;
use serde_json::{Value, json};

use crate::console::Visitor;
use crate::support::{ADMIN, World, on_each_world};

/// What marks the person in every text.
const CANARY: &str = "Quuxwimble";

/// A person with feedback, a story, a closure and notes; answers the ids by the name of the path's part.
fn person(world: &World) -> Vec<(&'static str, String)> {
    let text = |value: &Value| value.as_str().expect("an id").to_owned();
    let theme = world.new_theme("Payments");
    let customer = world.customer(CANARY).about(theme).files(&format!("{CANARY} can't pay by card"));
    let story = world.story_about(theme);
    let note = json!({ "text": format!("called {CANARY}") });
    let note = world.done(&format!("/v1/customers/{}/notes", customer.customer), note);
    let declined = json!({ "to": "declined", "reason": "Not now.", "tell_customers": true });
    world.transition(story, declined).expect("declined");
    let closures = world.read(&format!("/v1/stories/{story}/closures"));
    let account = world.done("/v1/accounts", json!({ "name": "Acme" }));
    vec![
        ("feedback", customer.feedback.to_string()),
        ("customers", customer.customer.to_string()),
        ("stories", story.to_string()),
        ("themes", theme.to_string()),
        ("notes", text(&note["id"])),
        ("closures", text(&closures["data"][0]["id"])),
        ("accounts", text(&account["id"])),
        ("products", world.product.id.to_string()),
    ]
}

/// The path with ids of the person's things in place of its parts; `None` where there is none of that kind.
fn with_ids(path: &str, ids: &[(&'static str, String)]) -> Option<String> {
    let (mut parts, mut noun) = (Vec::new(), "");
    for part in path.split('/') {
        if part.starts_with('{') {
            let (_, id) = ids.iter().find(|(name, _)| *name == noun)?;
            parts.push(id.clone());
        } else {
            parts.push(part.to_owned());
        }
        noun = part;
    }
    Some(parts.join("/"))
}

fn entries(world: &World) -> Vec<Value> {
    world.read("/v1/access-log?limit=200")["data"].as_array().expect("a list").clone()
}

/// The sequence number of the last entry.
fn last(world: &World) -> i64 {
    entries(world).first().and_then(|entry| entry["seq"].as_i64()).unwrap_or(0)
}

#[test]
fn every_read_that_shows_the_person_leaves_an_entry() {
    on_each_world(|world| {
        let ids = person(world);
        let quiet: BTreeSet<&str> = SHOW_NOTHING.iter().map(|(name, _)| *name).collect();
        let (mut showed, mut wrong) = (0, Vec::new());
        let customer = &ids[1].1;
        for (path, method, operation) in each_operation(description()) {
            let id = operation["operationId"].as_str().expect("an id");
            if method != "get" || OPEN.contains(&id) || id == "get_trace" {
                continue;
            }
            let Some(path) = with_ids(path, &ids) else { continue };
            let before = last(world);
            let answer = world.send("GET", &path, ADMIN, None);
            let shows =
                answer.status == 200 && (answer.body.contains(CANARY) || answer.body.contains(customer.as_str()));
            if !shows || quiet.contains(id) {
                continue;
            }
            showed += 1;
            let noted = entries(world).into_iter().any(|entry| {
                let is_new = entry["seq"].as_i64().is_some_and(|seq| seq > before);
                is_new
                    && entry["operation"] == json!(id)
                    && entry["customer_ids"].to_string().contains(customer.as_str())
            });
            if !noted {
                wrong.push(format!("{id}: {path}"));
            }
        }
        assert!(wrong.is_empty(), "they show the person and are not in the access log:\n{}", wrong.join("\n"));
        assert!(showed >= 12, "only {showed} operations showed the person");
    });
}

#[test]
fn every_page_that_shows_the_person_leaves_an_entry() {
    on_each_world(|world| {
        let ids = person(world);
        let customer = ids[1].1.clone();
        let mut visitor = Visitor::as_role(world, Role::Admin);
        let (mut showed, mut wrong) = (0, Vec::new());
        let all: Vec<&str> = pages().iter().map(|(pattern, _)| *pattern).collect();
        for pattern in all {
            let path = pattern.trim_start_matches("/console");
            let Some(path) = with_ids(path, &ids) else { continue };
            let before = last(world);
            if path.contains("live") {
                continue;
            }
            let answer = visitor.get(&format!("/console{path}"));
            if answer.status != 200 || !(answer.body.contains(CANARY) || answer.body.contains(&customer)) {
                continue;
            }
            if path.starts_with("/privacy") {
                continue;
            }
            showed += 1;
            let noted = entries(world).into_iter().any(|entry| {
                let is_new = entry["seq"].as_i64().is_some_and(|seq| seq > before);
                is_new && entry["customer_ids"].to_string().contains(&customer)
            });
            if !noted {
                wrong.push(path);
            }
        }
        assert!(wrong.is_empty(), "they show the person and are not in the access log:\n{}", wrong.join("\n"));
        assert!(showed >= 5, "only {showed} pages showed the person");
    });
}

#[test]
fn nothing_is_excluded_that_shows_more_than_ids() {
    on_each_world(|world| {
        let ids = person(world);
        let mut wrong = Vec::new();
        for (path, method, operation) in each_operation(description()) {
            let id = operation["operationId"].as_str().expect("an id");
            if method != "get" || !SHOW_NOTHING.iter().any(|(name, _)| *name == id) {
                continue;
            }
            let Some(path) = with_ids(path, &ids) else { continue };
            let answer = world.send("GET", &path, ADMIN, None);
            if answer.body.contains(CANARY) {
                wrong.push(id.to_owned());
            }
        }
        assert!(wrong.is_empty(), "{wrong:?} show words or names");
    });
}

#[test]
fn a_download_needs_a_reason_where_the_settings_ask_and_is_reviewed_otherwise() {
    crate::support::on_each_world_with(
        |config| config.privacy.access_reason = "required".to_owned(),
        |world| {
            let mut visitor = Visitor::as_role(world, Role::Admin);
            let refused = visitor.get("/console/settings/audit.csv");
            assert_eq!(refused.status, 422, "{refused:?}");
            assert_eq!(entries(world), Vec::<Value>::new());
            let asked = visitor.get("/console/settings/audit.csv?reason=yearly%20audit");
            assert_eq!(asked.status, 200);
            let found = entries(world);
            let said = (&found[0]["act"], &found[0]["reason"]);
            assert_eq!(said, (&json!("download"), &json!("yearly audit")), "{found:?}");
        },
    );
    on_each_world(|world| {
        let mut visitor = Visitor::as_role(world, Role::Admin);
        assert_eq!(visitor.get("/console/settings/audit.csv").status, 200);
        let month = &world.now().date()[..7];
        let review = world.read(&format!("/v1/access-log/review?month={month}"));
        assert_eq!(review["figures"]["downloads_without_reason"], 1, "{review}");
        assert_eq!(review["without_reason"][0]["act"], "download");
    });
}
