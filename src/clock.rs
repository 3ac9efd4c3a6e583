//! The app's clock. Every stored time comes from it, so that a test can turn it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::base::Time;

/// The system's clock plus an offset; clones share the offset.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset: Arc<AtomicI64>,
}

impl Clock {
    /// The current time.
    pub fn now(&self) -> Time {
        Time::from(chrono::Utc::now()).plus(self.offset.load(Ordering::Relaxed))
    }

    /// The offset in microseconds.
    pub fn turned(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }

    /// Turns the clock forward by this many microseconds; for tests.
    pub fn advance(&self, micros: i64) {
        self.offset.fetch_add(micros, Ordering::Relaxed);
    }
}
