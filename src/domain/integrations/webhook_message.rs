//! What a message to a webhook says: what happened, and in the format `full` also what it is about and a sentence.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::base::{Id, Time};
use crate::domain::closure::{Channel, ClosureKind, ClosureState};
use crate::domain::feedback::{Kind, State};
use crate::domain::releases::{DeploymentState, ReleaseState};
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{LinkKind, LinkProvider, LinkState};

crate::domain::names! {
    /// How much messages say: `event` holds ids and names of fields. `full` also holds what the subject is now (`resource`),
    /// what changed (`changed`) and a sentence (`text`), which chats such as Slack show as it is.
    pub enum MessageFormat { Event "event", Full "full" }
}

impl MessageFormat {
    /// That of webhooks that name none.
    pub fn usual() -> Self {
        Self::Event
    }
}

/// A message to a webhook, as [Standard Webhooks](https://www.standardwebhooks.com) has it. It never holds what a customer
/// said, nor a name or an address of one.
#[derive(ToSchema)]
#[allow(dead_code, reason = "states the schema only")]
pub struct WebhookMessage {
    /// The kind of the event.
    #[schema(rename = "type", example = "story.moved")]
    kind: String,
    /// When it happened.
    timestamp: Time,
    data: WebhookData,
    /// Of the format `full`: the event as a sentence, in the product's `language`. Chats such as Slack and Mattermost show it.
    #[schema(required = false, example = "HB-17 “Refund has not arrived” moved from building to testing.")]
    text: String,
    /// Of the format `full`: what it is about, as it is when the message is sent; missing where it is gone, and for events that
    /// are about none of these.
    #[schema(required = false)]
    resource: MessageResource,
    /// Of the format `full`: fields that changed by the event, by their names; only ids, words of ours, numbers and times.
    /// Missing where the subject is gone.
    #[schema(required = false)]
    changed: BTreeMap<String, MessageChange>,
}

/// What a message of the format `full` says beyond the event. It is read when the message is sent: a message that is sent
/// again says what is so then.
#[derive(Clone, Debug, Serialize)]
pub struct WebhookTold {
    /// See [`WebhookMessage`].
    pub text: String,
    /// See [`WebhookMessage`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<MessageResource>,
    /// See [`WebhookMessage`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<BTreeMap<String, MessageChange>>,
}

/// The event that a message tells.
#[derive(ToSchema)]
#[allow(dead_code, reason = "states the schema only")]
pub struct WebhookData {
    /// Its place in the event log: `GET /v1/events?after=` goes on from there.
    #[schema(example = "0-1742")]
    event_id: String,
    /// The resource it happened to.
    subject_id: Id,
    /// The product it belongs to, if any.
    product_id: Option<Id>,
    /// Who did it: `member`, `service`, `command`, `engine`, `automation` or `customer`.
    #[schema(example = "member")]
    actor: String,
    /// The member, or the token.
    actor_id: Option<Id>,
    /// Ids, names of changed fields, and old and new values of impersonal fields; which ones depends on the kind. Missing
    /// where `truncated`.
    #[schema(required = false, value_type = Object)]
    details: Value,
    /// `true` where the details were too many for one message: `GET /v1/events` has them.
    #[schema(required = false)]
    truncated: bool,
}

/// A value before an event and after it; `null` where there was none or the event does not know.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MessageChange {
    pub from: Value,
    pub to: Value,
}

/// What a message is about.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MessageResource {
    Story(MessageStory),
    Theme(MessageTheme),
    Release(MessageRelease),
    Feedback(MessageFeedback),
    Closure(MessageClosure),
    Deployment(MessageDeployment),
    Link(MessageLink),
    Product(MessageProduct),
}

/// A story as messages show it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageStory {
    pub id: Id,
    #[schema(example = "HB-17")]
    pub number: String,
    /// A neutral one where the story's own quotes a customer.
    #[schema(example = "Refund has not arrived")]
    pub title: String,
    pub stage: Stage,
    /// Distinct customers behind it.
    pub customers: i32,
    /// How many customers of the present round are `waiting`, `told`, `confirmed` and so on; states in which nobody is are
    /// left out.
    #[schema(example = json!({"told": 12, "confirmed": 5}))]
    pub closures: BTreeMap<String, i64>,
    /// Its address; `null` where the instance does not know its own (`HEARBACK_PUBLIC_URL`).
    pub url: Option<String>,
}

/// A theme as messages show it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageTheme {
    pub id: Id,
    /// `null` where it quotes a customer.
    #[schema(example = "Refund has not arrived")]
    pub label: Option<String>,
    /// Items in it.
    pub size: i32,
    /// Distinct customers behind them.
    pub customers: i32,
    pub muted: bool,
    /// The theme it was merged into.
    pub merged_into: Option<Id>,
    pub url: Option<String>,
}

/// A release as messages show it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageRelease {
    pub id: Id,
    /// `null` where it quotes a customer.
    #[schema(example = "1.4.0")]
    pub name: Option<String>,
    pub state: ReleaseState,
    /// How many stories it brings.
    pub stories: usize,
    pub url: Option<String>,
}

/// A feedback as messages show it: nothing of what was said, nor who said it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageFeedback {
    pub id: Id,
    pub state: State,
    pub kind: Option<Kind>,
    pub theme_id: Option<Id>,
    pub product_id: Id,
    pub url: Option<String>,
}

/// A closure as messages show it: not whose it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageClosure {
    pub id: Id,
    pub state: ClosureState,
    pub kind: ClosureKind,
    pub channel: Channel,
    pub round: i32,
    pub story: MessageStory,
    pub url: Option<String>,
}

/// A deployment as messages show it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageDeployment {
    pub id: Id,
    pub state: DeploymentState,
    pub release: Option<MessageRelease>,
    pub url: Option<String>,
}

/// What a story is linked to, as messages show it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageLink {
    pub id: Id,
    pub provider: LinkProvider,
    pub kind: LinkKind,
    pub state: Option<LinkState>,
    pub story: MessageStory,
}

/// A product as messages show it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageProduct {
    pub id: Id,
    #[schema(example = "HB")]
    pub key: String,
    #[schema(example = "Hearback")]
    pub name: String,
    pub url: Option<String>,
}
