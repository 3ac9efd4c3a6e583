//! The commits of this process.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Counts the commits of this process that wrote events, and wakes the threads that wait for one.
#[derive(Clone, Default)]
pub(in crate::store) struct Commits(Arc<(Mutex<u64>, Condvar)>);

impl Commits {
    pub(in crate::store) fn add(&self) {
        let mut count = self.0.0.lock().unwrap_or_else(|e| e.into_inner());
        *count += 1;
        self.0.1.notify_all();
    }

    pub(in crate::store) fn wait(&self, seen: u64, at_most: Duration) -> u64 {
        let count = self.0.0.lock().unwrap_or_else(|e| e.into_inner());
        match self.0.1.wait_timeout_while(count, at_most, |count| *count <= seen) {
            Ok((count, _)) => *count,
            Err(poisoned) => *poisoned.into_inner().0,
        }
    }
}
