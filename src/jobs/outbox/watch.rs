//! Log lines about failing deliveries: at the first failure, then at growing intervals while the failures continue, and
//! at once when a delivery is given up. A line contains ids and the masked error, no addresses.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::sending::AttemptOutcome;
use crate::domain::base::Id;
use crate::domain::integrations::{Delivery, pause_after};
use crate::meter;

/// The pause after the first line. It doubles after each line, up to [`MOST`].
const FIRST: Duration = Duration::from_secs(60);
const MOST: Duration = Duration::from_secs(3_600);
/// Most targets that are remembered.
const TARGETS: usize = 1_000;

/// Consecutive failures, and the time of the next log line.
struct FailureRun {
    since: Instant,
    failures: u64,
    speak_at: Instant,
    pause: Duration,
}

/// The current failures: by target for webhooks, by channel for channels with one server.
#[derive(Default)]
pub(super) struct Watch(Mutex<HashMap<Option<Id>, FailureRun>>);

impl Watch {
    /// Records the outcome of an attempt.
    pub fn saw(&self, channel: &'static str, delivery: &Delivery, outcome: &AttemptOutcome) {
        let target = (channel == "webhook").then_some(delivery.target_id);
        match outcome {
            AttemptOutcome::Delivered { status } => {
                meter::attempt(channel, "delivered");
                // Without a status nothing was sent, because it was no longer needed.
                if status.is_some() {
                    self.arrived(channel, target);
                }
            }
            AttemptOutcome::Retry { status, error, after } => {
                let number = delivery.attempts + 1;
                match pause_after(number, delivery.message_id, *after) {
                    Some(pause) => {
                        meter::attempt(channel, "failed");
                        self.failed(channel, target, delivery, *status, error, pause);
                    }
                    None => given_up(channel, delivery, *status, error),
                }
            }
            AttemptOutcome::Dead { status, error } => given_up(channel, delivery, *status, error),
            AttemptOutcome::Gone => given_up(channel, delivery, Some(410), "the receiver wants no more messages"),
        }
    }

    fn failed(
        &self,
        channel: &str,
        target: Option<Id>,
        delivery: &Delivery,
        status: Option<u16>,
        error: &str,
        pause: Duration,
    ) {
        let now = Instant::now();
        let mut troubles = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if troubles.len() >= TARGETS {
            troubles.retain(|_, trouble| trouble.speak_at > now);
        }
        let trouble =
            troubles.entry(target).or_insert(FailureRun { since: now, failures: 0, speak_at: now, pause: FIRST });
        trouble.failures += 1;
        if now < trouble.speak_at {
            return;
        }
        (trouble.speak_at, trouble.pause) = (now + trouble.pause, (trouble.pause * 2).min(MOST));
        let (failures, for_seconds) = (trouble.failures, trouble.since.elapsed().as_secs());
        tracing::warn!(
            channel, delivery = %delivery.id, target_id = %delivery.target_id, attempt = delivery.attempts + 1, status,
            reason = error, retry_in_seconds = pause.as_secs(), failures, for_seconds, "a delivery failed and is tried again"
        );
    }

    fn arrived(&self, channel: &str, target: Option<Id>) {
        let ended = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&target);
        if let Some(trouble) = ended {
            let for_seconds = trouble.since.elapsed().as_secs();
            tracing::info!(channel, failures = trouble.failures, for_seconds, "deliveries succeed again");
        }
    }
}

fn given_up(channel: &str, delivery: &Delivery, status: Option<u16>, error: &str) {
    meter::attempt(channel, "given_up");
    tracing::error!(
        channel, delivery = %delivery.id, target_id = %delivery.target_id, attempts = delivery.attempts + 1, status,
        reason = error, "a delivery was given up"
    );
}
