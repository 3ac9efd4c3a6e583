//! Time limits of callers: how long a request waits for the database, and its error when the time is over.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use crate::error::{Code, Error, Result};
use crate::store::base::error;

/// How long a request waits for the database. PostgreSQL ends a slow statement earlier; this limit is for a server or
/// network that does not answer.
pub const PATIENCE: Duration = Duration::from_secs(25);
/// How long a health check waits for the database.
pub const CHECK: Duration = Duration::from_secs(3);

const WAITING: u8 = 0;
const BEGUN: u8 = 1;
const GIVEN_UP: u8 = 2;

/// Whether a queued write is still wanted: it is either begun or given up, never both. Clones share the state.
#[derive(Clone, Default)]
pub struct Wanted(Arc<AtomicU8>);

impl Wanted {
    /// Marks the write as begun; false where the caller has given up.
    pub fn begin(&self) -> bool {
        self.turn(BEGUN) || self.0.load(Ordering::Acquire) == BEGUN
    }

    /// Gives up; false where the write has begun.
    fn give_up(&self) -> bool {
        self.turn(GIVEN_UP)
    }

    fn turn(&self, to: u8) -> bool {
        self.0.compare_exchange(WAITING, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Waits for the answer to a write. After the time limit, a write that has not begun is given up; of one that has
    /// begun the outcome is unknown.
    ///
    /// # Errors
    /// Those of the write, and 503 after the time limit.
    pub async fn answer<T>(&self, answer: impl Future<Output = Result<T>>) -> Result<T> {
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(answer) => answer,
            Err(_) if self.give_up() => Err(silent("nothing was written")),
            Err(_) => {
                Err(Error::new(Code::OutcomeUnknown, format!("The database does not answer. {}", error::UNKNOWN)))
            }
        }
    }
}

/// Waits for the answer to a read.
///
/// # Errors
/// Those of the read, and 503 after the time limit.
pub async fn answer<T>(at_most: Duration, answer: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(at_most, answer).await.unwrap_or_else(|_| Err(silent("it may be back in a moment")))
}

fn silent(what: &str) -> Error {
    tracing::warn!("the database does not answer");
    Error::new(Code::Unavailable, format!("The database does not answer just now; {what}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_begun_or_given_up_never_both() {
        let (one, other) = (Wanted::default(), Wanted::default());
        assert!(one.begin() && one.begin() && !one.give_up());
        assert!(other.give_up() && !other.begin());
    }
}
