//! What the acts of a property test came to: which refusals are allowed, and that every kind of act succeeded in the run.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Mutex;

use hearback::error::{Code, Result};
use proptest::test_runner::TestCaseError;

/// The kinds of acts, each with the number of times that it succeeded.
pub struct Tally(Mutex<BTreeMap<&'static str, usize>>);

impl Tally {
    /// Of these kinds.
    pub fn of(kinds: &[&'static str]) -> Self {
        Self(Mutex::new(kinds.iter().map(|kind| (*kind, 0)).collect()))
    }

    /// Counts an act that succeeded.
    pub fn succeeded(&self, kind: &'static str) {
        let mut counts = self.0.lock().unwrap_or_else(|e| e.into_inner());
        *counts.get_mut(kind).unwrap_or_else(|| panic!("{kind} is not a kind of act")) += 1;
    }

    /// What an act returned, or `None` if it was refused. Fails at a refusal that is not allowed to this kind of act.
    pub fn result<T: Debug>(
        &self,
        kind: &'static str,
        allowed: &[Code],
        result: Result<T>,
    ) -> std::result::Result<Option<T>, TestCaseError> {
        match result {
            Ok(done) => {
                self.succeeded(kind);
                Ok(Some(done))
            }
            Err(refusal) if allowed.contains(&refusal.code) => Ok(None),
            Err(refusal) => Err(TestCaseError::fail(format!("{kind}: {:?}: {refusal}", refusal.code))),
        }
    }

    /// Fails if a kind of act never succeeded: then the test says nothing about it.
    pub fn each_succeeded(&self) {
        let counts = self.0.lock().unwrap_or_else(|e| e.into_inner());
        assert!(counts.values().all(|count| *count > 0), "how often each act succeeded: {counts:?}");
    }
}
