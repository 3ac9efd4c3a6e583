//! The content of webhook messages: the event, and in the format `full` also its subject and a sentence.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::base::{Id, Time};
use crate::domain::closure::{Channel, ClosureKind, ClosureState};
use crate::domain::feedback::{Kind, State};
use crate::domain::operations::incident::IncidentState;
use crate::domain::operations::postmortem::PostmortemState;
use crate::domain::releases::{DeploymentState, ReleaseState};
use crate::domain::reports::report::{ReportKind, ReportState};
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{LinkKind, LinkProvider, LinkState};

crate::domain::names! {
    /// The content of messages. `event`: ids and names of fields. `full`: also the present state of the subject
    /// (`resource`), the changes (`changed`) and a sentence (`text`), which chats such as Slack display.
    pub enum MessageFormat { Event "event", Full "full" }
}

impl MessageFormat {
    /// The default format.
    pub fn usual() -> Self {
        Self::Event
    }
}

/// A message to a webhook, in the format of [Standard Webhooks](https://www.standardwebhooks.com). It never contains a
/// customer's words, name or address.
#[derive(ToSchema)]
#[allow(dead_code, reason = "states the schema only")]
pub struct WebhookMessage {
    /// The kind of the event.
    #[schema(rename = "type", example = "story.moved")]
    kind: String,
    /// When it happened.
    timestamp: Time,
    data: WebhookData,
    /// Only in the format `full`: the event as a sentence, in the product's `language`. Chats such as Slack and
    /// Mattermost display it.
    #[schema(required = false, example = "HB-17 “Refund has not arrived” moved from building to testing.")]
    text: String,
    /// Only in the format `full`: the subject of the event, in its state at the time of sending. Missing where the
    /// subject was deleted, and for events about other kinds of resources.
    #[schema(required = false)]
    resource: MessageResource,
    /// Only in the format `full`: the fields that the event changed, by name. Their values are ids, fixed words,
    /// numbers and times. Missing where the subject was deleted.
    #[schema(required = false)]
    changed: BTreeMap<String, MessageChange>,
}

/// The additional content of a message in the format `full`. It is read at the time of sending, so a repeated message
/// shows the state at that time.
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

/// The event that a message reports.
#[derive(ToSchema)]
#[allow(dead_code, reason = "states the schema only")]
pub struct WebhookData {
    /// Position in the event log: `GET /v1/events?after=` continues from there.
    #[schema(example = "0-1742")]
    event_id: String,
    /// The resource that changed.
    subject_id: Id,
    /// The product that the resource belongs to, if any.
    product_id: Option<Id>,
    /// Who did it: `member`, `service`, `command`, `engine`, `automation` or `customer`.
    #[schema(example = "member")]
    actor: String,
    /// Id of the member or of the token.
    actor_id: Option<Id>,
    /// Ids, names of changed fields, and old and new values of fields without personal data, depending on the kind of
    /// event. Missing where `truncated`.
    #[schema(required = false, value_type = Object)]
    details: Value,
    /// `true` where the details were too large for one message: `GET /v1/events` has them.
    #[schema(required = false)]
    truncated: bool,
}

/// A value before and after an event; `null` where there was none, or where the event does not record it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MessageChange {
    pub from: Value,
    pub to: Value,
}

/// The subject of a message.
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
    Incident(MessageIncident),
    Postmortem(MessagePostmortem),
    Report(MessageReport),
}

/// An incident, as shown in messages. Its title is not included, since it may quote a customer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageIncident {
    pub id: Id,
    #[schema(example = "HB-INC-1")]
    pub number: String,
    pub severity: i32,
    pub state: IncidentState,
    pub owner_id: Id,
    pub url: Option<String>,
}

/// A postmortem, as shown in messages. Its texts are not included, since they may quote a customer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessagePostmortem {
    pub id: Id,
    #[schema(example = "HB-INC-1")]
    pub incident_number: String,
    pub state: PostmortemState,
    pub due_at: Option<Time>,
    pub url: Option<String>,
}

/// A report, as shown in messages.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageReport {
    pub id: Id,
    pub kind: ReportKind,
    pub state: ReportState,
    pub period_from: Time,
    pub period_to: Time,
    pub url: Option<String>,
}

/// A story, as shown in messages.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageStory {
    pub id: Id,
    #[schema(example = "HB-17")]
    pub number: String,
    /// The story's title, or a neutral title where that one quotes a customer.
    #[schema(example = "Refund has not arrived")]
    pub title: String,
    pub stage: Stage,
    /// How many distinct customers are behind it.
    pub customers: i32,
    /// How many customers of the present round are `waiting`, `told`, `confirmed` and so on. States without customers
    /// are omitted.
    #[schema(example = json!({"told": 12, "confirmed": 5}))]
    pub closures: BTreeMap<String, i64>,
    /// Its URL; `null` where the instance does not know its own address (`HEARBACK_PUBLIC_URL`).
    pub url: Option<String>,
}

/// A theme, as shown in messages.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageTheme {
    pub id: Id,
    /// `null` where it quotes a customer.
    #[schema(example = "Refund has not arrived")]
    pub label: Option<String>,
    /// How many items are in it.
    pub size: i32,
    /// How many distinct customers are behind the items.
    pub customers: i32,
    pub muted: bool,
    /// The theme it was merged into.
    pub merged_into: Option<Id>,
    pub url: Option<String>,
}

/// A release, as shown in messages.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageRelease {
    pub id: Id,
    /// `null` where it quotes a customer.
    #[schema(example = "1.4.0")]
    pub name: Option<String>,
    pub state: ReleaseState,
    /// How many stories are in it.
    pub stories: usize,
    pub url: Option<String>,
}

/// A feedback, as shown in messages: without its text and without its customer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageFeedback {
    pub id: Id,
    pub state: State,
    pub kind: Option<Kind>,
    pub theme_id: Option<Id>,
    pub product_id: Id,
    pub url: Option<String>,
}

/// A closure, as shown in messages: without its customer.
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

/// A deployment, as shown in messages.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageDeployment {
    pub id: Id,
    pub state: DeploymentState,
    pub release: Option<MessageRelease>,
    pub url: Option<String>,
}

/// The target of a story's link, as shown in messages.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageLink {
    pub id: Id,
    pub provider: LinkProvider,
    pub kind: LinkKind,
    pub state: Option<LinkState>,
    pub story: MessageStory,
}

/// A product, as shown in messages.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MessageProduct {
    pub id: Id,
    #[schema(example = "HB")]
    pub key: String,
    #[schema(example = "Hearback")]
    pub name: String,
    pub url: Option<String>,
}
