//! What a channel of the outbox must be able to do.

use std::time::Duration;

use crate::domain::integrations::Delivery;
use crate::error::Result;
use crate::store::base::events::Logged;
use crate::store::{Store, Tx};

/// Sends what one channel has to send.
pub trait Sender: Send + Sync {
    /// The channel: `webhook`, `mail` or `tracker`.
    fn channel(&self) -> &'static str;

    /// Attempts one delivery; blocks until its outcome is known, half a minute at the most. It may be attempted again
    /// even after it arrived (this process may die before that is recorded): then with the same `message_id`.
    fn send(&self, store: &Store, delivery: &Delivery) -> Outcome;

    /// How many deliveries may be under way at once, each to another target. A crash repeats at most so many.
    fn at_once(&self) -> usize {
        1
    }

    /// Runs in the transaction that records the end of a delivery.
    ///
    /// # Errors
    /// Those of the database: then nothing is recorded, and the delivery is attempted again.
    fn ended(&self, _tx: &mut Tx<'_>, _delivery: &Delivery, _delivered: bool) -> Result<()> {
        Ok(())
    }

    /// Runs in the transaction that records [`Outcome::Gone`]: the target wants nothing any more.
    ///
    /// # Errors
    /// As for [`Sender::ended`].
    fn gone(&self, _tx: &mut Tx<'_>, _delivery: &Delivery) -> Result<()> {
        Ok(())
    }
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It arrived.
    Delivered {
        /// The HTTP status, if there was one.
        status: Option<u16>,
    },
    /// It did not; it is attempted again as the schedule says, or given up where this was the last attempt.
    Retry {
        /// The HTTP status, if there was one.
        status: Option<u16>,
        /// Why, for the delivery log: no personal data, no secrets.
        error: String,
        /// How long the receiver asked us to wait.
        after: Option<Duration>,
    },
    /// It never will.
    Dead {
        /// The HTTP status, if there was one.
        status: Option<u16>,
        /// Why, for the delivery log.
        error: String,
    },
    /// It never will, and nothing else for this target either.
    Gone,
}

/// Makes deliveries of an event: called once for each event of the log, in order, in the transaction that also moves
/// the reader's position.
pub type FanOut = fn(&mut Tx<'_>, &Logged) -> Result<()>;
