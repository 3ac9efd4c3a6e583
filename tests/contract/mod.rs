//! The API description agrees with the server: paths, roles, and the form of each operation.

mod access;
mod customers;
mod erasing;
mod front;
mod grouping;
mod jobs;
mod metrics;
mod parts;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use hearback::domain::team::Role;
use hearback::http::addresses;
use hearback::http::base::operations::{OPEN, allowed, description, each_operation, operation};
use serde_json::{Value, json};

use crate::support::{on_each_program, on_each_shared_world};

const ROLES: &str = include_str!("../../api/roles.csv");

/// A path with an unknown id, which is answered with 404, so nothing is changed by any caller.
const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

fn operations() -> Vec<(String, String, &'static Value)> {
    each_operation(description())
        .map(|(path, method, operation)| (with_ids(path), method.to_uppercase(), operation))
        .collect()
}

/// A path with ids of nothing.
fn with_ids(path: &str) -> String {
    let part = |part: &str| match part.strip_prefix("{id}") {
        Some(ending) => format!("{NOBODY}{ending}"),
        None if part.ends_with("_id}") => NOBODY.to_owned(),
        None => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn id_of(operation: &Value) -> &str {
    operation["operationId"].as_str().expect("an operationId")
}

/// A body whose content each operation refuses after the check of roles.
fn nonsense(method: &str) -> Option<Value> {
    (method != "GET" && method != "DELETE").then(|| json!({ "no_such_field": true }))
}

#[test]
fn every_role_may_do_what_the_matrix_says_and_nothing_else() {
    on_each_shared_world(|world| {
        let tokens: HashMap<Role, String> = Role::ALL.iter().map(|role| (*role, world.token(*role))).collect();
        let mut wrong = Vec::new();
        for (path, method, operation) in operations() {
            let (id, body) = (id_of(operation), nonsense(&method));
            if OPEN.contains(&id) {
                continue;
            }
            let without = world.send(&method, &path, "", body.as_ref());
            if without.status != 401 || without.header_text("www-authenticate") != "Bearer" {
                wrong.push(format!("{method} {path} without a token: {}, not 401", without.status));
            }
            for (role, token) in &tokens {
                let status = world.send(&method, &path, token, body.as_ref()).status;
                let refused = status == 401 || status == 403;
                if refused == allowed(id, *role) || status >= 500 {
                    wrong.push(format!("{method} {path} ({id}) as {role}: {status}"));
                }
            }
        }
        assert!(wrong.is_empty(), "against api/roles.csv:\n{}", wrong.join("\n"));
    });
}

/// Whether an operation takes something other than a JSON object of this API: a file, or an event of another system.
const OTHER_BODIES: [&str; 7] = [
    "add_samples_as_text",
    "create_import",
    "import_scorecard",
    "receive_alertmanager",
    "receive_cdevents",
    "receive_otlp_metrics",
    "receive_remote_write",
];

#[test]
fn every_post_refuses_an_unknown_field_by_name() {
    on_each_shared_world(|world| {
        let admin = world.token(Role::Admin);
        let mut wrong = Vec::new();
        for (path, method, operation) in operations().into_iter().filter(|(_, method, _)| method == "POST") {
            let id = id_of(operation);
            if OPEN.contains(&id) || OTHER_BODIES.contains(&id) {
                continue;
            }
            let answer = world.send(&method, &path, &admin, nonsense(&method).as_ref());
            let named = answer.body.contains("no_such_field");
            if answer.status != 422 || !named {
                wrong.push(format!("{method} {path} ({id}): {} {}", answer.status, answer.body));
            }
        }
        assert!(wrong.is_empty(), "an unknown field is 422, and named:\n{}", wrong.join("\n"));
    });
}

/// Other spellings of a path: the router decodes some of them and answers 404 to the others.
fn written_otherwise(path: &str) -> Vec<String> {
    let encode = |at: usize| format!("{}%{:02x}{}", &path[..at], path.as_bytes()[at], &path[at + 1..]);
    if path.len() == 1 {
        return vec!["//".to_owned(), "/.".to_owned(), "/%20".to_owned()];
    }
    let first = path.rfind('/').map_or(1, |slash| slash + 1);
    let every: String = path.bytes().map(|b| if b == b'/' { "/".to_owned() } else { format!("%{b:02X}") }).collect();
    let mut ways = vec![encode(1), encode(path.len() - 1), every];
    if first < path.len() {
        ways.push(encode(first));
    }
    ways.extend([
        format!("/{path}"),
        format!("{path}/"),
        format!("{path}%20"),
        format!("{path}%00"),
        format!("{path};x=1"),
        format!("{path}%3Fx=1"),
        path.replacen("/v1/", "/v1//", 1),
        path.replacen("/v1/", "/v1/./", 1),
        path.replacen("/v1/", "/%2e/v1/", 1),
        path.replacen("/v1/", "/V1/", 1),
        path.replacen("/v1/", "/v1%2F", 1),
        path.replacen("/v1/", "/v1/%2574", 1),
    ]);
    ways.retain(|way| way != path);
    ways
}

#[test]
fn another_spelling_of_a_path_gives_a_role_no_more_access() {
    on_each_shared_world(|world| {
        let tokens: HashMap<Role, String> = Role::ALL.iter().map(|role| (*role, world.token(*role))).collect();
        let (mut wrong, mut decoded) = (Vec::new(), 0);
        for (path, method, operation) in operations() {
            let (id, body) = (id_of(operation), nonsense(&method));
            for way in written_otherwise(&path) {
                let without = world.send(&method, &way, "", body.as_ref()).status;
                if !OPEN.contains(&id) && !matches!(without, 400 | 401) {
                    wrong.push(format!("{method} {way} without a token: {without}"));
                }
                for (role, token) in &tokens {
                    if OPEN.contains(&id) || allowed(id, *role) {
                        continue;
                    }
                    let status = world.send(&method, &way, token, body.as_ref()).status;
                    decoded += usize::from(status == 403);
                    // 404 and 405: it is another address, or none. Those may be known by other operations of the same role.
                    if !matches!(status, 400 | 403 | 404 | 405) {
                        wrong.push(format!("{method} {way} ({id}) as {role}: {status}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "these passed:\n{}", wrong.join("\n"));
        assert!(decoded > 500, "encoded letters reach the address they name: {decoded} refusals by role");
    });
}

#[test]
fn a_method_missing_in_the_description_is_refused_even_to_an_admin() {
    on_each_shared_world(|world| {
        let admin = world.token(Role::Admin);
        // From the router, not from the description: an address that is only routed would stand here alone.
        // The app registers its routes when it answers its first request.
        assert_eq!(world.get("/livez").status, 200);
        let routed = addresses();
        assert!(routed.len() > 80, "{} addresses", routed.len());
        for address in routed.iter().filter(|address| !address.starts_with("/docs/")) {
            let mut described = 0;
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                if operation(method, address).is_some() {
                    described += 1;
                    continue;
                }
                let path = address.replace("{id}", NOBODY);
                assert_eq!(world.send(method, &path, &admin, Some(&json!({}))).status, 405, "{method} {address}");
                assert_eq!(world.send(method, &path, "", Some(&json!({}))).status, 401, "{method} {address}");
            }
            assert!(described > 0, "{address} has no operation in the description");
        }
    });
}

#[test]
fn an_operation_that_the_matrix_lacks_is_granted_to_nobody() {
    for role in Role::ALL {
        assert!(!allowed("an_operation_that_nobody_listed", *role), "{role}");
    }
}

#[test]
fn the_matrix_lists_exactly_the_operations_that_need_a_token() {
    let mut lines = ROLES.lines();
    let roles: Vec<&str> = lines.next().unwrap_or_default().split(',').skip(1).collect();
    assert_eq!(roles, Role::ALL.iter().map(|role| role.as_str()).collect::<Vec<_>>(), "the columns are the roles");
    let mut listed = BTreeSet::new();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), Role::ALL.len() + 1, "as many cells as columns: {line}");
        assert!(cells[1..].iter().all(|cell| matches!(*cell, "" | "x")), "x or nothing: {line}");
        assert_eq!(cells[1], "x", "an admin may do everything: {line}");
        assert!(listed.insert(cells[0]), "listed twice: {line}");
    }
    let described: BTreeSet<&str> = each_operation(description())
        .map(|(_, _, operation)| id_of(operation))
        .filter(|id| !OPEN.contains(id))
        .collect();
    assert_eq!(listed, described, "api/roles.csv (left) and the description (right) differ");
}

#[test]
fn the_description_of_each_operation_ends_with_who_may_call_it() {
    let header: Vec<&str> = ROLES.lines().next().unwrap_or_default().split(',').collect();
    // The table is parsed here independently of the program.
    let granted = |id: &str| -> Vec<&str> {
        let row = ROLES.lines().find(|line| line.split(',').next() == Some(id));
        let cells = row.unwrap_or_default().split(',').zip(&header).skip(1);
        cells.filter(|(cell, _)| *cell == "x").map(|(_, role)| *role).collect()
    };
    for (path, method, operation) in each_operation(description()) {
        let id = id_of(operation);
        let said = operation["description"].as_str().unwrap_or_default();
        let last = said.rsplit("\n\n").next().unwrap_or_default();
        let roles = granted(id);
        if OPEN.contains(&id) {
            assert!(last.starts_with("Anyone may call it"), "{method} {path}: {said}");
            assert_eq!((&operation["x-roles"], roles.len()), (&json!(["anyone"]), 0), "{id}");
            continue;
        }
        assert_eq!(operation["x-roles"], json!(roles), "{id}");
        let names = last.strip_prefix("Roles that may call it: ").and_then(|names| names.strip_suffix('.'));
        let names = names.unwrap_or_else(|| panic!("{id} ends with {last:?}")).replace(" and ", ", ");
        assert_eq!(names.split(", ").collect::<Vec<_>>(), roles, "{id}");
        assert_eq!(said.matches("Roles that may call it").count(), 1, "{id}: only the table says it");
    }
}

#[test]
fn every_operation_of_the_description_is_routed() {
    on_each_shared_world(|world| {
        let admin = world.token(Role::Admin);
        for (path, method, operation) in operations() {
            let answer = world.send(&method, &path, &admin, nonsense(&method).as_ref());
            assert_ne!(answer.status, 405, "{method} {path}: the route has no such method");
            assert!(!answer.body.contains("nothing at this address"), "{method} {path} is not routed");
            let documented = &operation["responses"][answer.status.to_string()];
            assert!(!documented.is_null(), "{method} {path} answers {}, which is not described", answer.status);
        }
    });
}

#[test]
fn other_methods_are_refused_and_told_which_there_are() {
    on_each_shared_world(|world| {
        let admin = world.token(Role::Admin);
        for path in each_operation(description()).map(|(path, ..)| path).collect::<BTreeSet<_>>() {
            let answer = world.send("PUT", &path.replace("{id}", NOBODY), &admin, Some(&json!({})));
            assert_eq!(answer.status, 405, "PUT {path}");
            assert!(!answer.header_text("allow").is_empty(), "PUT {path}: Allow");
        }
    });
}

#[test]
fn head_answers_wherever_get_does() {
    on_each_program(|world| {
        let (admin, ingest) = (world.token(Role::Admin), world.token(Role::Ingest));
        let mut methods: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (path, method, _) in operations() {
            methods.entry(path).or_default().push(method);
        }
        for (path, methods) in methods {
            for token in ["", admin.as_str(), ingest.as_str()] {
                let head = world.send("HEAD", &path, token, None);
                let get = world.send("GET", &path, token, None);
                assert_eq!((head.status, head.body.as_str()), (get.status, ""), "HEAD {path}");
                assert_eq!(head.header_text("content-type"), get.header_text("content-type"), "HEAD {path}");
                if !methods.contains(&"GET".to_owned()) {
                    assert!(matches!(head.status, 401 | 405), "HEAD {path}: {}", head.status);
                } else if !["/metrics", "/v1/audit"].contains(&path.as_str()) {
                    // The metrics change between the two requests, and each reading of the audit log stands in it.
                    assert_eq!(head.header_text("content-length"), get.header_text("content-length"), "HEAD {path}");
                }
            }
        }
    });
}

#[test]
fn every_operation_says_what_it_is_and_shows_what_it_takes() {
    let mut ids = BTreeSet::new();
    for (path, method, operation) in each_operation(description()) {
        let id = id_of(operation);
        assert!(ids.insert(id), "{id} is there twice");
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!(!summary.is_empty() && !summary.ends_with('.'), "{id}: a summary without full stop, not {summary:?}");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{id}: one tag");
        let body = &operation["requestBody"]["content"];
        if matches!(method, "patch") {
            assert!(!body.is_null(), "{id} ({path}) shows no request body");
        }
        for (kind, content) in body.as_object().into_iter().flatten() {
            assert!(!content["schema"].is_null() || !content["example"].is_null(), "{id}: {kind} has no schema");
        }
        for (status, response) in operation["responses"].as_object().into_iter().flatten() {
            assert!(response["description"].is_string(), "{id}: {status} has no description");
        }
    }
}

/// The `allOf` of an enumeration with an object that has no properties: what the derive writes for an inlined enumeration
/// with a doc comment. No value can match both.
fn impossible(schema: &Value, path: &str, found: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            let parts = fields.get("allOf").and_then(Value::as_array).into_iter().flatten();
            let types: BTreeSet<&str> = parts.filter_map(|part| part["type"].as_str()).collect();
            if types.len() > 1 {
                found.push(path.to_owned());
            }
            fields.iter().for_each(|(name, value)| impossible(value, &format!("{path}/{name}"), found));
        }
        Value::Array(values) => values.iter().for_each(|value| impossible(value, path, found)),
        _ => {}
    }
}

#[test]
fn a_value_can_match_every_schema() {
    let mut found = Vec::new();
    impossible(description(), "", &mut found);
    assert!(found.is_empty(), "no value has both types; leave out `inline`: {found:#?}");
}

#[test]
fn the_committed_description_is_the_present_one() {
    let committed: Value = serde_json::from_str(include_str!("../../api/openapi.json")).expect("JSON");
    assert!(
        committed == *description(),
        "api/openapi.json is out of date; run `cargo run -- openapi > api/openapi.json` and commit it"
    );
}

#[test]
fn the_description_and_its_page_need_no_token_and_no_other_host() {
    on_each_shared_world(|world| {
        assert_eq!(world.send("GET", "/openapi.json", "", None).json()["openapi"], "3.1.0");
        let moved = world.send("GET", "/docs", "", None);
        assert_eq!((moved.status, moved.header_text("location")), (308, "docs/"), "relative: there may be a prefix");
        let page = world.send("GET", "/docs/", "", None);
        assert_eq!(page.status, 200);
        assert!(page.header_text("content-security-policy").starts_with("default-src 'self'"));
        for file in ["", "swagger-initializer.js"] {
            let text = world.send("GET", &format!("/docs/{file}"), "", None).body;
            assert!(!text.contains("http://") && !text.contains("https://"), "/docs/{file} names another host");
        }
        let files = page.body.split(['"', '\'']).filter_map(|part| part.strip_prefix("./"));
        for file in files {
            assert_eq!(world.send("GET", &format!("/docs/{file}"), "", None).status, 200, "/docs/{file}");
        }
        assert_eq!(world.send("GET", "/docs/no-such-file", "", None).status, 404);
    });
}
