//! The `webhooks` of the API's description: what is sent to addresses of others, kind by kind, from the table of events.

use serde_json::{Map, Value, json};

use crate::domain::base::event_kinds::{self, EventKind};

/// Adds what is sent, and the headers that it comes with, to the description.
pub fn describe(description: &mut Value) {
    let mut webhooks: Map<String, Value> =
        event_kinds::all().iter().map(|kind| (kind.name.to_owned(), item(&of_event(kind)))).collect();
    for message in [of_desk(), of_test()] {
        webhooks.insert(message.kind.to_owned(), item(&message));
    }
    description["webhooks"] = Value::Object(webhooks);
    description["components"]["parameters"] = headers();
}

/// What is said of one kind of message.
struct Message {
    kind: &'static str,
    when: String,
    /// The schema of `data`, or of its `details` where it is an event.
    data: Value,
    example: Value,
}

fn of_event(kind: &'static EventKind) -> Message {
    let when = format!(
        "{} A webhook gets it that asks for `{}`, for `{}.*` or for every event.",
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
    Message { kind: kind.name, when, data, example }
}

/// What a support desk gets: no event, for it asks for something.
fn of_desk() -> Message {
    let when = "A customer with a ticket at this desk is to be told, or reminded: the desk tells them, and then posts to \
                `told_path`. Only webhooks with a `desk_origin` get it, whatever events they ask for, and always in the format \
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
            "external_id": { "type": ["string", "null"], "description": "The ticket" },
            "language": { "type": "string", "description": "What the customer reads" },
            "answer_path": { "type": "string", "description": "Where the customer can answer, at this instance" },
            "answer_until": { "type": "string", "format": "date-time" },
            "told_path": { "type": "string", "description": "Where the desk says that the customer was told" },
        },
        "required": ["closure_id", "message", "kind", "story_id", "origin", "answer_path", "answer_until", "told_path"],
    });
    let example = json!({
        "closure_id": ID, "message": "told", "kind": "release", "story_id": ID, "story_number": "HB-17", "round": 1,
        "customer_id": ID, "origin": "zendesk", "external_id": "4711", "language": "ko",
        "answer_path": "/answer/token", "answer_until": AT, "told_path": format!("/v1/closures/{ID}/tell"),
    });
    Message { kind: "closure.tell", when, data, example }
}

fn of_test() -> Message {
    let when = "Somebody asked for a test message (`POST /v1/webhooks/{id}/test`). It means nothing and is tried once."
        .to_owned();
    let data = json!({
        "type": "object",
        "properties": { "webhook_id": { "type": "string", "format": "uuid" } },
        "required": ["webhook_id"],
    });
    Message { kind: "webhook.test", when, data, example: json!({ "webhook_id": ID }) }
}

/// Ids and a time of examples.
const ID: &str = "0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d";
const PRODUCT: &str = "00000000-0000-7000-8000-000000000001";
const AT: &str = "2026-01-31T09:30:00Z";

fn item(message: &Message) -> Value {
    let parameters = ["WebhookId", "WebhookTimestamp", "WebhookSignature"];
    let parameters = parameters.map(|name| json!({ "$ref": format!("#/components/parameters/{name}") }));
    let is_event = event_kinds::named(message.kind).is_some();
    // What is no event has data of its own, the rest is the same.
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
                "2XX": { "description": "It arrived. The body of the answer is not read." },
                "410": { "description": "Nothing is wanted any more: the webhook is disabled." },
                "default": { "description": "It did not arrive, as after 20 seconds without an answer. Redirects are not \
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
            "The message: the same each time that it is sent. What came with it before can be left alone.",
            ID,
        ),
        "WebhookTimestamp": header(
            "webhook-timestamp",
            "When it was sent this time, in seconds since 1970. Refuse what is more than five minutes off.",
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
