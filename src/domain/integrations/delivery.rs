//! Deliveries: what goes out to a webhook, as mail or to a tracker, attempt by attempt.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// Where a delivery stands: waiting for its next attempt, arrived, or given up.
    pub enum DeliveryState { Pending "pending", Delivered "delivered", Dead "dead" }
}

/// Something to send.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// `webhook`, `mail` or `tracker`.
    pub channel: &'static str,
    /// To whom: the webhook, the closure, the story, or the member. One delivery at a time goes to each.
    pub target: Id,
    /// What it is about: deliveries of one target and one subject go out in order.
    pub subject: Id,
    /// The event it tells.
    pub event: String,
    /// What the channel's sender needs; never text or personal data.
    pub body: Value,
}

/// Something that is sent until it has arrived or is given up.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Delivery {
    pub id: Id,
    /// The `webhook-id`: the same at every attempt and at a replay by hand.
    pub message_id: Id,
    #[schema(example = "webhook")]
    pub channel: String,
    /// The webhook, the closure, the story, or the member who is mentioned in a note.
    pub target_id: Id,
    /// What it is about.
    pub subject_id: Id,
    #[schema(example = "story.moved")]
    pub event: String,
    /// What is sent, or what it is made from.
    #[schema(value_type = Object)]
    pub body: Value,
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is tried next; `null` once it has ended.
    pub next_attempt_at: Option<Time>,
    /// The HTTP status of the last attempt.
    pub last_status: Option<i32>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// The delivery this one repeats.
    pub replay_of: Option<Id>,
    pub created_at: Time,
    pub ended_at: Option<Time>,
}

/// One attempt of a delivery.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Attempt {
    /// 1 for the first.
    pub number: i32,
    pub at: Time,
    /// How long it took.
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

/// Which deliveries a list shows.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveryQuery {
    #[param(inline)]
    pub state: Option<DeliveryState>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

crate::domain::names! {
    /// A channel of the outbox.
    pub enum DeliveryChannel { Webhook "webhook", Mail "mail", Tracker "tracker" }
}

crate::domain::names! {
    /// Where the deliveries of a list stand; `failed` are those that are tried again or were given up.
    pub enum DeliveryStanding { Pending "pending", Delivered "delivered", Dead "dead", Failed "failed" }
}

/// Which deliveries of all channels a list shows.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveryFilter {
    #[param(inline)]
    pub channel: Option<DeliveryChannel>,
    /// `failed` shows what is tried again after a failure, and what was given up.
    #[param(inline)]
    pub state: Option<DeliveryStanding>,
    /// To whom: the id of a webhook, a closure, a story or a member.
    #[param(inline)]
    pub target: Option<Id>,
    /// What it is about.
    #[param(inline)]
    pub subject: Option<Id>,
    /// The event it tells.
    #[param(max_length = 100, pattern = "^[a-z_]+\\.[a-z_]+$", example = "closure.opened")]
    pub event: Option<String>,
    /// Only those made at this time or later.
    #[param(inline)]
    pub since: Option<Time>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// Seconds between one attempt and the next: 75 hours in all, as Standard Webhooks recommends.
const PAUSES: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// The longest that a receiver's `Retry-After` may put an attempt off.
const MOST_PATIENCE: Duration = Duration::from_secs(86_400);

/// How long to wait after the n-th failed attempt of a message; `None` where it was the last. Within a tenth of the
/// schedule, earlier or later by message and attempt, so that what failed together does not return together; at least
/// as long as the receiver asked for.
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
