//! A closure as it is stored, without its story, customer and evidence.

use super::{Channel, ClosureKind, ClosureState};
use crate::domain::base::{Id, Time};

/// The stored fields of a closure. [`super::Closure`] is a closure in the form of the API.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosureRecord {
    pub id: Id,
    pub story_id: Id,
    pub product_id: Id,
    pub customer_id: Id,
    pub round: i32,
    pub state: ClosureState,
    pub channel: Channel,
    /// What the customer is told.
    pub kind: ClosureKind,
    pub release_id: Option<Id>,
    pub assignee_id: Option<Id>,
    /// The feedback filed from the customer's answer.
    pub feedback_id: Option<Id>,
    pub reason: Option<String>,
    pub note: Option<String>,
    /// When the message is sent; until then it can be recalled.
    pub send_at: Option<Time>,
    /// When a support desk accepted it.
    pub handed_at: Option<Time>,
    pub told_at: Option<Time>,
    pub reminded_at: Option<Time>,
    pub answered_at: Option<Time>,
    /// The deadline for an answer.
    pub expires_at: Option<Time>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}
