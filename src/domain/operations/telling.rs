//! Customers whom an incident affects, and what they are told. Only customers who complained are told, and only by an act
//! of a person.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};
use crate::domain::closure::Channel;

crate::domain::names! {
    /// When customers are told: at the start of an incident, or at its end. At the end they are asked whether it is over
    /// for them.
    pub enum TellingPhase { Start "start", End "end" }
}

crate::domain::names! {
    /// The state of a message to a customer.
    pub enum TellingState { Waiting "waiting", Told "told", Failed "failed" }
}

crate::domain::names! {
    /// Why a customer is affected: their feedback is linked, they said it in a linked theme since the incident began, or
    /// they are linked themselves.
    pub enum AffectedBy { Feedback "feedback", Theme "theme", Customer "customer" }
}

/// A customer whom an incident affects.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AffectedCustomer {
    pub customer_id: Id,
    #[schema(inline)]
    pub by: AffectedBy,
    /// Their feedback about it, latest first.
    pub feedback_ids: Vec<Id>,
    /// How they would be told: by the support desk that owns a ticket of theirs about it, by mail, or by a member of the team
    /// where they can't be mailed or want no mail.
    pub channel: Channel,
    /// Their language, if it is known.
    pub language: Option<String>,
    /// What they were told, or are to be told.
    pub tellings: Vec<Telling>,
}

/// A message to a customer about an incident.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Telling {
    pub id: Id,
    pub incident_id: Id,
    pub customer_id: Id,
    #[schema(inline)]
    pub phase: TellingPhase,
    #[schema(inline)]
    pub channel: Channel,
    pub text: String,
    pub language: String,
    #[schema(inline)]
    pub state: TellingState,
    /// When its mail, or the request to the support desk, is sent.
    pub send_at: Option<Time>,
    /// When the support desk accepted the request. The message stays `waiting` until the desk reports that the customer was
    /// told.
    pub handed_at: Option<Time>,
    pub told_at: Option<Time>,
    /// Whether it is over for them, as they said.
    pub is_over: Option<bool>,
    pub answered_at: Option<Time>,
    pub created_by: Option<Id>,
    pub created_at: Time,
}

/// What to tell customers of an incident.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"phase": "start", "texts": {"en": "Payments fail at the moment. We are working on it.", "ko": "지금 결제가 되지 않습니다. 고치고 있습니다."}}))]
pub struct NewTelling {
    #[schema(inline)]
    pub phase: TellingPhase,
    /// The message in each language (`en`, `ko`). Customers get it in theirs, or else the first one.
    #[schema(value_type = BTreeMap<String, TellingText>)]
    pub texts: BTreeMap<String, String>,
    /// The customers to tell; all affected ones who were not told yet where absent.
    #[schema(min_items = 1, max_items = 1000)]
    pub customer_ids: Option<Vec<Id>>,
}

/// A message to customers.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 5_000, pattern = "\\S")]
#[allow(dead_code, reason = "states the schema only")]
pub struct TellingText(String);

/// Who is told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Tellings {
    /// The messages, which wait for the product's `recall_minutes` before they are sent.
    pub data: Vec<Telling>,
    /// Customers who were told this already.
    pub told_before: Vec<Id>,
}

/// What a member heard from a customer about an incident.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"phase": "end", "is_over": true}))]
pub struct TellingNews {
    #[schema(inline)]
    pub phase: TellingPhase,
    /// Whether it is over for them; absent where they were only told.
    pub is_over: Option<bool>,
    /// What they say where it is not over. It is filed as their feedback.
    #[schema(min_length = 1, max_length = 5_000)]
    pub because: Option<String>,
}

/// The query parameters of the list of affected customers.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AffectedQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
