//! Webhooks: addresses of other systems that receive our events, following the Standard Webhooks specification.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::MessageFormat;
use crate::domain::base::{Id, Time};
use crate::refusal::{Refusal, Result};

/// The largest body of a message in bytes.
pub const MAX_MESSAGE: usize = 20_000;

/// The prefix of webhook secrets.
pub const WEBHOOK_SECRET_PREFIX: &str = "whsec_";

/// A new webhook secret: 256 random bits.
///
/// # Errors
/// If the operating system provides no random numbers.
pub fn new_webhook_secret() -> Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(Refusal::internal)?;
    Ok(format!("{WEBHOOK_SECRET_PREFIX}{}", STANDARD.encode(bytes)))
}

/// An address that receives events.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Webhook {
    pub id: Id,
    #[schema(example = "https://example.com/hooks/hearback")]
    pub url: String,
    pub description: Option<String>,
    /// Names of events, or `story.*` for all events of a noun; empty for every event.
    #[schema(example = json!(["story.*", "closure.opened"]))]
    pub events: Vec<String>,
    /// Only events of this product.
    pub product_id: Option<Id>,
    /// The origin whose tickets belong to this support desk: customers with a ticket there are told through the desk,
    /// even where their address is known. The desk receives `closure.tell` with the ticket's id (`external_id`), the
    /// kind of message (`kind`: `release`, `decline` or `roll_back`), the link for the answer (`answer_path`), and
    /// `told_path`: the desk posts there once the customer was told. Until then the closure is `waiting` and has
    /// `handed_at`. Customers whose tickets are about an incident are told of it in the same way (`incident.tell`, with
    /// the words as `text`).
    #[schema(example = "zendesk")]
    pub desk_origin: Option<String>,
    pub format: MessageFormat,
    /// Whether messages are sent.
    pub active: bool,
    /// Why it is inactive.
    pub disabled_reason: Option<String>,
    /// Messages are also signed with the previous secret until then.
    pub old_secret_until: Option<Time>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// A webhook that was just created, or whose secret was just changed, with its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MintedWebhook {
    #[serde(flatten)]
    pub webhook: Webhook,
    /// The secret that signs messages. It is shown only this once.
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDb2hbRlwxm5w=")]
    pub secret: String,
}

/// A webhook to create.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://example.com/hooks/hearback", "events": ["story.*", "release.shipped"]}))]
pub struct NewWebhook {
    /// An `https` URL on the public internet (other URLs only where HEARBACK_ALLOW_PRIVATE_ADDRESSES is set).
    #[schema(min_length = 1, max_length = 2000)]
    pub url: String,
    #[schema(min_length = 1, max_length = 500)]
    pub description: Option<String>,
    /// Names of events, or `story.*` for all events of a noun; empty for every event.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub events: Vec<String>,
    /// Key or id of the product whose events are sent; the events of all products where absent.
    #[schema(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// The origin whose tickets belong to this support desk: it receives `closure.tell` and `incident.tell`, and posts to
    /// their `told_path` once the customer was told.
    #[schema(min_length = 1, max_length = 100)]
    pub desk_origin: Option<String>,
    /// `event`: ids and names of fields. `full`: also the present state of the subject, the changes, and a sentence as
    /// `text`, so that the URL may be the incoming webhook of a chat.
    #[serde(default = "MessageFormat::usual")]
    #[schema(value_type = String, pattern = "^(event|full)$", default = "event")]
    pub format: MessageFormat,
}

/// The editable fields of a webhook (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookEdit {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000)]
    pub url: String,
    #[schema(min_length = 1, max_length = 500)]
    pub description: Option<String>,
    #[serde(default)]
    #[schema(max_items = 100)]
    pub events: Vec<String>,
    /// Key or id of a product.
    #[schema(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    pub desk_origin: Option<String>,
    #[serde(default = "MessageFormat::usual")]
    #[schema(value_type = String, pattern = "^(event|full)$", default = "event")]
    pub format: MessageFormat,
}

impl From<&Webhook> for WebhookEdit {
    fn from(webhook: &Webhook) -> Self {
        Self {
            url: webhook.url.clone(),
            description: webhook.description.clone(),
            events: webhook.events.clone(),
            product: webhook.product_id.map(|id| id.to_string()),
            desk_origin: webhook.desk_origin.clone(),
            format: webhook.format,
        }
    }
}

/// The query parameters of the list of webhooks.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WebhookQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// A message in the format of Standard Webhooks: the kind of event, the time, and the ids for further requests. Where
/// `data` is too large for a message, only its ids are sent and `truncated` is set.
pub fn message(kind: &str, at: Time, data: Value) -> Value {
    fitted(json!({ "type": kind, "timestamp": at, "data": data }))
}

/// A message with additional fields next to its own.
pub fn extended(message: &Value, further: &Value) -> Value {
    let mut whole = message.clone();
    for (name, value) in further.as_object().into_iter().flatten() {
        whole[name] = value.clone();
    }
    fitted(whole)
}

fn fitted(mut whole: Value) -> Value {
    if whole.to_string().len() < MAX_MESSAGE {
        return whole;
    }
    let fields = whole["data"].as_object().into_iter().flatten();
    let short = |value: &Value| !value.is_array() && !value.is_object() && value.to_string().len() < 100;
    let mut thin: Value = fields.filter(|(_, v)| short(v)).take(50).map(|(k, v)| (k.clone(), v.clone())).collect();
    thin["truncated"] = json!(true);
    whole["data"] = thin;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stays_under_20_kb() {
        let small = message("story.moved", Time(0), json!({ "from": "draft" }));
        assert_eq!(small["data"], json!({ "from": "draft" }));
        let ids: Vec<String> = (0..1000).map(|_| Id::next().to_string()).collect();
        let large = message("theme.split", Time(0), json!({ "subject_id": ids[0], "details": { "moved": ids } }));
        assert!(large.to_string().len() < MAX_MESSAGE);
        assert_eq!(large["data"], json!({ "subject_id": ids[0], "truncated": true }));
        let nearly = json!({ "subject_id": ids[0], "details": { "moved": ids[..490] } });
        let event = message("theme.split", Time(0), nearly);
        assert!(event["data"]["truncated"].is_null(), "{}", event.to_string().len());
        let message = extended(&event, &json!({ "text": "x".repeat(2_000), "resource": { "size": 3 } }));
        assert!(message.to_string().len() < MAX_MESSAGE && message["resource"]["size"] == 3);
        assert_eq!(message["data"], json!({ "subject_id": ids[0], "truncated": true }));
    }
}
