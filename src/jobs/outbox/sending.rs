//! The interface of a channel of the outbox.

use std::time::Duration;

use crate::domain::integrations::Delivery;
use crate::error::Result;
use crate::store::base::events::Logged;
use crate::store::{Store, Tx};

/// Sends the deliveries of one channel.
pub trait Sender: Send + Sync {
    /// The channel: `webhook`, `mail` or `tracker`.
    fn channel(&self) -> &'static str;

    /// Attempts one delivery; blocks until the outcome is known, at most half a minute. A delivery that arrived may be
    /// attempted again with the same `message_id`, because the process may crash before the outcome is recorded.
    fn send(&self, store: &Store, delivery: &Delivery) -> AttemptOutcome;

    /// How many deliveries may run in parallel, each to another target. At most this many are repeated after a crash.
    fn at_once(&self) -> usize {
        1
    }

    /// Runs in the transaction that records the end of a delivery.
    ///
    /// # Errors
    /// Those of the database: nothing is recorded then, and the delivery is attempted again.
    fn ended(&self, _tx: &mut Tx<'_>, _delivery: &Delivery, _delivered: bool) -> Result<()> {
        Ok(())
    }

    /// Runs in the transaction that records [`AttemptOutcome::Gone`]: the target wants no more messages.
    ///
    /// # Errors
    /// As for [`Sender::ended`].
    fn gone(&self, _tx: &mut Tx<'_>, _delivery: &Delivery) -> Result<()> {
        Ok(())
    }
}

/// The outcome of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// The receiver accepted it.
    Delivered {
        /// The HTTP status, if there was one.
        status: Option<u16>,
    },
    /// It failed. It is attempted again by the schedule, or given up if this was the last attempt.
    Retry {
        /// The HTTP status, if there was one.
        status: Option<u16>,
        /// The reason, for the delivery log: no personal data, no secrets.
        error: String,
        /// How long the receiver asked us to wait.
        after: Option<Duration>,
    },
    /// It can never succeed.
    Dead {
        /// The HTTP status, if there was one.
        status: Option<u16>,
        /// The reason, for the delivery log.
        error: String,
    },
    /// The target wants no more messages: neither this nor any other can succeed.
    Gone,
}

/// Creates the deliveries of an event. Called once for each event of the log, in order, in the transaction that also
/// moves the reader's position.
pub type FanOut = fn(&mut Tx<'_>, &Logged) -> Result<()>;
