//! The operations of the API: their OpenAPI 3.1 description, and the roles that may call them (`api/roles.csv`).
//!
//! Both are read once. The contract tests check that routes, description and roles agree.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde_json::{Value, json};
use utoipa::OpenApi;

pub use crate::domain::team::rights::allowed;
use crate::domain::team::rights::roles_of;
use crate::http::api::integrations::webhook_messages;
use crate::http::parts;

/// The description that utoipa collects from the handlers; [`text`] has the complete one.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Hearback",
        description = "Closed-loop voice of customer: feedback becomes themes, ranked stories, releases, and an answer \
                       to every customer who asked. Errors are `application/problem+json`; lists are pages; every POST takes an \
                       `Idempotency-Key`; PATCH is a JSON merge patch.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(
        super::problem::Problem,
        crate::domain::integrations::WebhookMessage,
        crate::domain::integrations::WebhookData,
        crate::domain::integrations::MessageResource
    ))
)]
struct Api;

/// Operations that need no token.
pub const OPEN: &[&str] = &[
    "livez",
    "readyz",
    "get_openapi",
    "docs",
    "get_root",
    "get_changelog_feed",
    "show_changelog_page",
    "receive_github",
    "receive_gitlab",
    "receive_grafana",
    "receive_pagerduty",
    "receive_sentry",
    // The link itself identifies the customer.
    "show_answer_page",
    "answer_by_link",
    "show_incident_answer_page",
    "answer_incident_by_link",
    "show_unsubscribe_page",
    "unsubscribe_by_link",
];

/// The open operations that need a valid signature instead of a token.
const SIGNED: [&str; 5] =
    ["receive_github", "receive_gitlab", "receive_grafana", "receive_pagerduty", "receive_sentry"];

/// Who may call an open operation.
const BY_ANYONE: &str = "Anyone may call it, without a token.";
/// Who may call an operation that needs a signature.
const BY_SIGNATURE: &str = "Anyone may call it without a token; the request needs a valid signature.";

/// POST operations without `Idempotency-Key`: a search, operations whose answer contains a secret, and events that have
/// their own id.
const KEYLESS: [&str; 6] =
    ["find_similar", "invite_member", "create_token", "create_webhook", "rotate_webhook", "receive_cdevents"];

struct Operations {
    /// The description as JSON text. Parsed, it would take twenty times as much memory.
    text: String,
    /// Path pattern to (method, operation id).
    by_path: HashMap<String, Vec<(String, String)>>,
}

static OPERATIONS: LazyLock<Operations> = LazyLock::new(|| {
    let mut collected = Api::openapi();
    for part in parts() {
        collected.merge((part.description)());
    }
    let description = complete(serde_json::to_value(collected).unwrap_or_default());
    let mut by_path: HashMap<String, Vec<(String, String)>> = HashMap::new();
    for (path, method, operation) in each_operation(&description) {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        by_path.entry(path.to_owned()).or_default().push((method.to_uppercase(), id));
    }
    Operations { text: description.to_string(), by_path }
});

/// The complete description, as served at `/openapi.json`.
pub fn text() -> &'static str {
    &OPERATIONS.text
}

/// The complete description, parsed; for commands and tests.
pub fn description() -> &'static Value {
    static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(text()).unwrap_or_default());
    &DESCRIPTION
}

/// The methods of a path, for the `Allow` header. HEAD is added to GET; the description does not contain it.
pub fn methods_of(pattern: &str) -> Vec<String> {
    let operations = OPERATIONS.by_path.get(pattern).map(Vec::as_slice).unwrap_or_default();
    let mut methods: Vec<String> = operations.iter().map(|(method, _)| method.clone()).collect();
    if methods.iter().any(|method| method == "GET") {
        methods.push("HEAD".to_owned());
    }
    methods.sort();
    methods
}

/// The id of the operation with this method and path pattern.
pub fn operation(method: &str, pattern: &str) -> Option<&'static str> {
    let operations = OPERATIONS.by_path.get(pattern)?;
    operations.iter().find(|(m, _)| m == method).map(|(_, id)| id.as_str())
}

/// Every operation of a description: path, method, operation.
pub fn each_operation(description: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = description["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        item.as_object()
            .into_iter()
            .flatten()
            .map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// Adds what many operations have in common: security, headers and error responses.
fn complete(mut description: Value) -> Value {
    description["components"]["securitySchemes"] = json!({
        "token": { "type": "http", "scheme": "bearer", "description": "A token: `hb_...`" }
    });
    description["security"] = json!([{ "token": [] }]);
    description["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    // Relative to the description itself: behind a proxy the path may have a prefix.
    description["servers"] = json!([{ "url": "./" }]);
    let versioned = versioned(&description);
    webhook_messages::describe(&mut description);
    let Some(paths) = description["paths"].as_object_mut() else { return description };
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            complete_operation(path, method, operation, &versioned);
        }
    }
    description
}

fn complete_operation(path: &str, method: &str, operation: &mut Value, versioned: &HashSet<String>) {
    let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
    say_who_may_call(&id, operation);
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        if response["description"].as_str().unwrap_or_default().is_empty() {
            response["description"] = json!(if status == "202" { "Accepted" } else { "The request succeeded" });
        }
    }
    if OPEN.contains(&id.as_str()) {
        operation["security"] = json!([]);
        if SIGNED.contains(&id.as_str()) {
            refuse(operation, &[400, 401, 404, 408, 409, 413, 415, 422, 500, 503, 507]);
        }
        return;
    }
    let in_path = path.contains('{');
    let has_body = !operation["requestBody"].is_null();
    let mut refusals = vec![401, 403, 429, 500, 503];
    if in_path {
        refusals.push(404);
    }
    if method != "get" {
        refusals.extend([400, 408, 409, 413, 415, 422, 507]);
    }
    if operation["parameters"].as_array().is_some_and(|all| all.iter().any(|p| p["in"] == "query")) {
        refusals.push(422);
    }
    let mut headers = Vec::new();
    if method == "get" && in_path && answers(operation).is_some_and(|schema| versioned.contains(schema)) {
        headers.push((
            "If-None-Match",
            "An `ETag` that the client has; the answer is 304 without a body if it is current.",
        ));
        operation["responses"]["304"] = json!({ "description": "The client has the current version" });
    }
    if method == "post" && !KEYLESS.contains(&id.as_str()) {
        headers.push((
            "Idempotency-Key",
            "A repeated request with the same key and payload gets the same answer, for 24 hours.",
        ));
    }
    if in_path && (method == "patch" || method == "delete" || (method == "post" && has_body)) {
        headers.push((
            "If-Match",
            "The `ETag` that the change is based on; the answer is 412 if it is no longer current.",
        ));
        refusals.extend([410, 412]);
    }
    refuse(operation, &refusals);
    add_headers(operation, &headers);
}

/// Describes the conventional headers that an operation takes.
fn add_headers(operation: &mut Value, headers: &[(&str, &str)]) {
    for (name, text) in headers {
        // Any text is allowed: a tag that is not ours never equals the current one.
        let schema = match *name {
            "If-None-Match" => json!({ "type": "string" }),
            _ => json!({ "type": "string", "minLength": 1, "maxLength": 257, "pattern": "^[ -~]+$" }),
        };
        let parameter =
            json!({ "name": name, "in": "header", "required": false, "description": text, "schema": schema });
        match operation["parameters"].as_array_mut() {
            Some(parameters) => parameters.push(parameter),
            None => operation["parameters"] = json!([parameter]),
        }
    }
}

/// Appends to an operation's description who may call it, from `api/roles.csv`; `x-roles` has the same for programs.
fn say_who_may_call(id: &str, operation: &mut Value) {
    let roles: Vec<&str> = roles_of(id).iter().map(|role| role.as_str()).collect();
    let (who, roles) = match OPEN.contains(&id) {
        true if SIGNED.contains(&id) => (BY_SIGNATURE.to_owned(), vec!["anyone"]),
        true => (BY_ANYONE.to_owned(), vec!["anyone"]),
        false => (format!("Roles that may call it: {}.", listed(&roles)), roles),
    };
    let said = operation["description"].as_str().unwrap_or_default();
    let description = if said.is_empty() { who } else { format!("{said}\n\n{who}") };
    operation["description"] = json!(description);
    operation["x-roles"] = json!(roles);
}

fn listed(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The schema of an operation's answer.
fn answers(operation: &Value) -> Option<&str> {
    operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].as_str()
}

/// The schemas of resources that have a version and therefore an `ETag`.
fn versioned(description: &Value) -> HashSet<String> {
    let schemas = description["components"]["schemas"].as_object();
    let has_version = |schema: &Value| !schema["properties"]["version"].is_null();
    let resources = schemas.into_iter().flatten().filter(|(_, schema)| has_version(schema));
    resources.map(|(name, _)| format!("#/components/schemas/{name}")).collect()
}

fn refuse(operation: &mut Value, statuses: &[u16]) {
    for status in statuses {
        let slot = &mut operation["responses"][status.to_string()];
        if slot.is_null() {
            *slot = refusal(*status);
        }
    }
}

fn refusal(status: u16) -> Value {
    use crate::error::Code;
    let titles: Vec<&str> = Code::ALL.iter().filter(|c| c.status() == status).map(|c| c.title()).collect();
    json!({
        "description": titles.join("; "),
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }
    })
}
