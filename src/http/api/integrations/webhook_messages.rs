//! The `webhooks` part of the OpenAPI description: the messages sent to webhooks, one entry for each kind of event.

use serde_json::{Map, Value, json};

use crate::domain::base::event_kinds::{self, EventKind};

/// Adds the messages and their headers to the description.
pub fn describe(description: &mut Value) {
    let mut webhooks: Map<String, Value> =
        event_kinds::all().iter().map(|kind| (kind.name.to_owned(), item(&of_event(kind)))).collect();
    for message in [of_desk(), of_desk_about_incidents(), of_test()] {
        webhooks.insert(message.kind.to_owned(), item(&message));
    }
    description["webhooks"] = Value::Object(webhooks);
    description["components"]["parameters"] = headers();
}

/// The description of one kind of message.
struct MessageDescription {
    kind: &'static str,
    when: String,
    /// The schema of `data`, or of `data.details` if the message is an event.
    data: Value,
    example: Value,
}

fn of_event(kind: &'static EventKind) -> MessageDescription {
    let when = format!(
        "{} Sent to webhooks that subscribe to `{}`, to `{}.*` or to every event.",
        kind.when,
        kind.name,
        kind.noun()
    );
    let data = json!({ "type": "object", "properties": { "details": kind.schema() } });
    let example = json!({
        "event_id": "0-1742",
        "subject_id": ID,
        "product_id": PRODUCT,
        "actor": "member",
        "actor_id": ID,
        "details": kind.example(),
    });
    MessageDescription { kind: kind.name, when, data, example }
}

/// The message to a support desk. It is not an event but a request.
fn of_desk() -> MessageDescription {
    let when = "A request to a support desk: tell or remind a customer who has a ticket there, then post to \
                `told_path`. Sent only to webhooks with a `desk_origin`, whatever events they subscribe to, and always in the format \
                `event`."
        .to_owned();
    let text = json!({ "type": "string" });
    let id = json!({ "type": "string", "format": "uuid" });
    let data = json!({
        "type": "object",
        "properties": {
            "closure_id": id, "message": { "type": "string", "enum": ["told", "reminder"] },
            "kind": { "$ref": "#/components/schemas/ClosureKind" }, "story_id": id, "story_number": text,
            "round": { "type": "integer" }, "customer_id": id, "origin": text,
            "external_id": { "type": ["string", "null"], "description": "Id of the ticket" },
            "language": { "type": "string", "description": "Language of the customer" },
            "answer_path": { "type": "string", "description": "Path of the page on this server where the customer can answer" },
            "answer_until": { "type": "string", "format": "date-time" },
            "told_path": { "type": "string", "description": "Path on this server to which the desk reports that the customer was told" },
        },
        "required": ["closure_id", "message", "kind", "story_id", "origin", "answer_path", "answer_until", "told_path"],
    });
    let example = json!({
        "closure_id": ID, "message": "told", "kind": "release", "story_id": ID, "story_number": "HB-17", "round": 1,
        "customer_id": ID, "origin": "zendesk", "external_id": "4711", "language": "ko",
        "answer_path": "/answer/token", "answer_until": AT, "told_path": format!("/v1/closures/{ID}/tell"),
    });
    MessageDescription { kind: "closure.tell", when, data, example }
}

/// The message to a support desk about an incident.
fn of_desk_about_incidents() -> MessageDescription {
    let when = "A request to a support desk: tell a customer who has a ticket there of an incident, then post `{\"phase\": ...}` to \
                `told_path`. Sent only to webhooks with a `desk_origin`, whatever events they subscribe to, and always in the \
                format `event`."
        .to_owned();
    let text = json!({ "type": "string" });
    let id = json!({ "type": "string", "format": "uuid" });
    let data = json!({
        "type": "object",
        "properties": {
            "telling_id": id, "incident_id": id, "incident_number": text,
            "phase": { "type": "string", "enum": ["start", "end"] }, "customer_id": id, "origin": text,
            "external_id": { "type": "string", "description": "Id of the ticket" },
            "language": { "type": "string", "description": "Language of the message" },
            "text": { "type": "string", "description": "The message for the customer" },
            "answer_path": { "type": ["string", "null"], "description": "Path of the page on this server where the customer says whether it is over for them; at the end only" },
            "answer_until": { "type": ["string", "null"], "format": "date-time" },
            "told_path": { "type": "string", "description": "Path on this server to which the desk reports that the customer was told" },
        },
        "required": ["telling_id", "incident_id", "phase", "customer_id", "origin", "external_id", "text", "told_path"],
    });
    let example = json!({
        "telling_id": ID, "incident_id": ID, "incident_number": "HB-INC-1", "phase": "end", "customer_id": ID,
        "origin": "zendesk", "external_id": "4711", "language": "ko", "text": "결제가 다시 됩니다.",
        "answer_path": "/incident/token", "answer_until": AT,
        "told_path": format!("/v1/incidents/{ID}/customers/{ID}/told"),
    });
    MessageDescription { kind: "incident.tell", when, data, example }
}

fn of_test() -> MessageDescription {
    let when = "A test message, sent on request (`POST /v1/webhooks/{id}/test`). Nothing happened; it is tried once."
        .to_owned();
    let data = json!({
        "type": "object",
        "properties": { "webhook_id": { "type": "string", "format": "uuid" } },
        "required": ["webhook_id"],
    });
    MessageDescription { kind: "webhook.test", when, data, example: json!({ "webhook_id": ID }) }
}

/// Ids and times for the examples.
const ID: &str = "0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d";
const PRODUCT: &str = "00000000-0000-7000-8000-000000000001";
const AT: &str = "2026-01-31T09:30:00Z";

fn item(message: &MessageDescription) -> Value {
    let parameters = ["WebhookId", "WebhookTimestamp", "WebhookSignature"];
    let parameters = parameters.map(|name| json!({ "$ref": format!("#/components/parameters/{name}") }));
    let is_event = event_kinds::named(message.kind).is_some();
    // A message that is not an event has its own `data`; the rest is the same.
    let of_kind = json!({
        "type": "object",
        "properties": { "type": { "const": message.kind }, "data": message.data },
        "required": ["type", "timestamp", "data"],
    });
    let schema = match is_event {
        true => json!({ "allOf": [{ "$ref": "#/components/schemas/WebhookMessage" }, of_kind] }),
        false => of_kind,
    };
    let example = json!({ "type": message.kind, "timestamp": AT, "data": message.example });
    json!({
        "post": {
            "operationId": format!("on_{}", message.kind.replace('.', "_")),
            "tags": ["webhooks"],
            "summary": message.kind,
            "description": message.when,
            "security": [],
            "parameters": parameters,
            "requestBody": {
                "required": true,
                "content": { "application/json": { "schema": schema, "example": example } },
            },
            "responses": {
                "2XX": { "description": "The message was received. The body of the answer is ignored." },
                "410": { "description": "The receiver wants no more messages: the webhook is disabled." },
                "default": { "description": "The message was not received; no answer within 20 seconds means the same. Redirects are not \
                    followed. It is sent again up to nine times within 75 hours, no sooner than `Retry-After` says." },
            },
        },
    })
}

/// The headers of every message.
fn headers() -> Value {
    let header = |name: &str, text: &str, example: &str| {
        json!({
            "name": name, "in": "header", "required": true, "description": text, "schema": { "type": "string" },
            "example": example,
        })
    };
    json!({
        "WebhookId": header(
            "webhook-id",
            "Id of the message, the same at each attempt. Ignore a message whose id you have handled already.",
            ID,
        ),
        "WebhookTimestamp": header(
            "webhook-timestamp",
            "Time of this attempt, in seconds since 1970. Refuse messages that are more than five minutes old.",
            "1769851800",
        ),
        "WebhookSignature": header(
            "webhook-signature",
            "`v1,` and the base64 of the HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`, the body byte for byte as it \
             came. The key is what stands after `whsec_` in the webhook's secret, decoded from base64. Several signatures stand \
             apart by spaces for a day after the secret was changed; one that fits is enough.",
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
    })
}
