//! Webhooks: addresses of others that are told what happens here, as Standard Webhooks has it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::MessageFormat;
use crate::domain::base::{Id, Time};
use crate::error::{Error, Result};

/// The most bytes of a message's body.
pub const MAX_MESSAGE: usize = 20_000;

/// What secrets of webhooks begin with.
pub const WEBHOOK_SECRET_PREFIX: &str = "whsec_";

/// A fresh secret of a webhook: 256 random bits.
///
/// # Errors
/// Where the system has no randomness.
pub fn new_webhook_secret() -> Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(format!("{WEBHOOK_SECRET_PREFIX}{}", STANDARD.encode(bytes)))
}

/// An address that is told what happens here.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Webhook {
    pub id: Id,
    #[schema(example = "https://example.com/hooks/hearback")]
    pub url: String,
    pub description: Option<String>,
    /// Names of events, or `story.*` for all of a noun; empty for every event.
    #[schema(example = json!(["story.*", "closure.opened"]))]
    pub events: Vec<String>,
    /// Only events of this product.
    pub product_id: Option<Id>,
    /// The origin whose tickets this support desk owns: customers with a ticket there are told through it, also where their
    /// address is known. It gets `closure.tell` with the ticket's id (`external_id`), what is told (`kind`: `release`,
    /// `decline` or `roll_back`), the link to answer (`answer_path`), and `told_path`: the desk posts there once the
    /// customer was told. Until then the closure is `waiting` with `handed_at`.
    #[schema(example = "zendesk")]
    pub desk_origin: Option<String>,
    pub format: MessageFormat,
    /// Whether anything is sent.
    pub active: bool,
    /// Why it is not active.
    pub disabled_reason: Option<String>,
    /// Until when messages are signed with the secret before the present one too.
    pub old_secret_until: Option<Time>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// A webhook just created, or whose secret was changed, with its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MintedWebhook {
    #[serde(flatten)]
    pub webhook: Webhook,
    /// What messages are signed with. Shown this once.
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDb2hbRlwxm5w=")]
    pub secret: String,
}

/// A webhook to create.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://example.com/hooks/hearback", "events": ["story.*", "release.shipped"]}))]
pub struct NewWebhook {
    /// An `https` address on the public internet (others where HEARBACK_ALLOW_PRIVATE_ADDRESSES is set).
    #[schema(min_length = 1, max_length = 2000)]
    pub url: String,
    #[schema(min_length = 1, max_length = 500)]
    pub description: Option<String>,
    /// Names of events, or `story.*` for all of a noun; empty for every event.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub events: Vec<String>,
    /// Key or id of the product whose events are sent; those of all where absent.
    #[schema(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// The origin whose tickets this support desk owns: it gets `closure.tell`, and posts to its `told_path` once the customer
    /// was told.
    #[schema(min_length = 1, max_length = 100)]
    pub desk_origin: Option<String>,
    /// `event`: ids and names of fields. `full`: also what the subject is now, what changed, and a sentence as `text`, so that
    /// the incoming webhook of a chat can be the address.
    #[serde(default = "MessageFormat::usual")]
    #[schema(value_type = String, pattern = "^(event|full)$", default = "event")]
    pub format: MessageFormat,
}

/// What a person may change of a webhook (merge patch).
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

/// Which webhooks a list shows: all of them, in pages.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WebhookQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// A message as Standard Webhooks has it: what happened, when, and the ids to look the rest up by. Where `data` is too
/// much for a message, only its ids are sent, and `truncated` says so.
pub fn message(kind: &str, at: Time, data: Value) -> Value {
    fitted(json!({ "type": kind, "timestamp": at, "data": data }))
}

/// A message with further fields beside its own.
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
        let told = extended(&event, &json!({ "text": "x".repeat(2_000), "resource": { "size": 3 } }));
        assert!(told.to_string().len() < MAX_MESSAGE && told["resource"]["size"] == 3);
        assert_eq!(told["data"], json!({ "subject_id": ids[0], "truncated": true }));
    }
}
