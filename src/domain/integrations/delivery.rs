//! Deliveries: webhook messages, mails and tracker requests, each with its attempts.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// The state of a delivery: waiting for its next attempt, arrived, or given up.
    pub enum DeliveryState { Pending "pending", Delivered "delivered", Dead "dead" }
}

/// A delivery to create.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// `webhook`, `mail` or `tracker`.
    pub channel: &'static str,
    /// The recipient: a webhook, closure, story or member. At most one delivery at a time is sent to each.
    pub target: Id,
    /// The resource that it is about. Deliveries with the same target and subject are sent in order.
    pub subject: Id,
    /// The event that it reports.
    pub event: String,
    /// The data that the channel's sender needs; never text or personal data.
    pub body: Value,
}

/// A message that is sent again until it arrives or is given up.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Delivery {
    pub id: Id,
    /// The `webhook-id`: the same in every attempt and in a replay by hand.
    pub message_id: Id,
    #[schema(example = "webhook")]
    pub channel: String,
    /// The recipient: a webhook, closure or story, or the member who is mentioned in a note.
    pub target_id: Id,
    /// The resource that it is about.
    pub subject_id: Id,
    #[schema(example = "story.moved")]
    pub event: String,
    /// The message, or the data that it is made from.
    #[schema(value_type = Object)]
    pub body: Value,
    pub state: DeliveryState,
    /// How many attempts were made.
    pub attempts: i32,
    /// When the next attempt is made; `null` once the delivery has ended.
    pub next_attempt_at: Option<Time>,
    /// The HTTP status of the last attempt.
    pub last_status: Option<i32>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// The delivery that this one repeats.
    pub replay_of: Option<Id>,
    pub created_at: Time,
    pub ended_at: Option<Time>,
}

/// One attempt of a delivery.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Attempt {
    /// Number of the attempt, from 1.
    pub number: i32,
    pub at: Time,
    /// Duration in milliseconds.
    pub milliseconds: i32,
    pub status: Option<i32>,
    pub error: Option<String>,
}

/// A delivery with its attempts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeliveryWithAttempts {
    #[serde(flatten)]
    pub delivery: Delivery,
    /// Oldest first.
    pub log: Vec<Attempt>,
}

/// The query parameters of the list of a webhook's deliveries.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveryQuery {
    #[param(inline)]
    pub state: Option<DeliveryState>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

crate::domain::names! {
    /// A channel of the outbox.
    pub enum DeliveryChannel { Webhook "webhook", Mail "mail", Tracker "tracker" }
}

crate::domain::names! {
    /// A filter by state; `failed` means tried again after a failure, or given up.
    pub enum DeliveryStanding { Pending "pending", Delivered "delivered", Dead "dead", Failed "failed" }
}

/// The query parameters of the list of deliveries of all channels.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveryFilter {
    #[param(inline)]
    pub channel: Option<DeliveryChannel>,
    /// `failed` shows the deliveries that are tried again after a failure, and those that were given up.
    #[param(inline)]
    pub state: Option<DeliveryStanding>,
    /// Id of the recipient: a webhook, closure, story or member.
    #[param(inline)]
    pub target: Option<Id>,
    /// Id of the resource that the delivery is about.
    #[param(inline)]
    pub subject: Option<Id>,
    /// The event that the delivery reports.
    #[param(max_length = 100, pattern = "^[a-z_]+\\.[a-z_]+$", example = "closure.opened")]
    pub event: Option<String>,
    /// Only deliveries created at this time or later.
    #[param(inline)]
    pub since: Option<Time>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// Seconds between one attempt and the next: 75 hours in all, as Standard Webhooks recommends.
const PAUSES: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// The longest delay that a receiver's `Retry-After` can ask for.
const MOST_PATIENCE: Duration = Duration::from_secs(86_400);

/// The delay after the n-th failed attempt of a message; `None` after the last attempt. The delay varies by up to a
/// tenth of the schedule, depending on message and attempt, so that deliveries that failed together are not retried
/// together. It is at least as long as the receiver asked for.
pub fn pause_after(attempt: i32, message: Id, asked: Option<Duration>) -> Option<Duration> {
    let seconds = *PAUSES.get(usize::try_from(attempt).ok()?.checked_sub(1)?)?;
    let digest = Sha256::new().chain_update(message.0.as_bytes()).chain_update(attempt.to_be_bytes()).finalize();
    let jitter = f64::from(digest[0]) / 255.0 * 0.2 + 0.9;
    let pause = Duration::from_secs(seconds).mul_f64(jitter);
    Some(pause.max(asked.unwrap_or_default().min(MOST_PATIENCE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schedule_takes_75_hours_and_never_strays_by_more_than_a_tenth() {
        assert_eq!(PAUSES.iter().sum::<u64>() / 3600, 75);
        let (mut total, mut distinct) = (0.0, std::collections::BTreeSet::new());
        for attempt in 1..=9 {
            let planned = PAUSES[attempt as usize - 1] as f64;
            for _ in 0..50 {
                let pause = pause_after(attempt, Id::next(), None).expect("another attempt").as_secs_f64();
                assert!((planned * 0.9..=planned * 1.1).contains(&pause), "{attempt}: {pause}");
                total += pause / 50.0;
                distinct.insert((pause * 1000.0) as u64);
            }
        }
        assert!((73.0..78.0).contains(&(total / 3600.0)) && distinct.len() > 300, "{total} {}", distinct.len());
        assert_eq!(pause_after(10, Id::next(), None), None, "the tenth attempt is the last");
    }

    #[test]
    fn a_receiver_may_ask_for_patience_but_not_for_ever() {
        let asked = |seconds| pause_after(1, Id::next(), Some(Duration::from_secs(seconds)));
        assert_eq!(asked(120), Some(Duration::from_secs(120)));
        assert!(asked(1) >= Some(Duration::from_millis(4500)), "never sooner than planned");
        assert_eq!(asked(u64::MAX), Some(MOST_PATIENCE));
    }
}
