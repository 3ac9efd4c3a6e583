//! Circuit breaker: decides when a failed service is called again. The pauses grow, and the first call after a pause is
//! a small probe.

use std::time::Duration;

use crate::domain::base::Time;

/// The breaker opens after this many failures in a row.
pub const OPENS_AFTER: u32 = 5;
/// How long it stays open the first time; the time doubles with each failed probe.
const OPEN: i64 = 30 * Time::SECOND;
/// The longest it stays open.
const LONGEST: i64 = 300 * Time::SECOND;

/// Counts failures and decides when to try again.
#[derive(Clone, Copy, Debug)]
pub struct Breaker {
    failures: u32,
    retry_at: Time,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { failures: 0, retry_at: Time(i64::MIN) }
    }
}

impl Breaker {
    /// Whether the service may be called now.
    pub fn allows(&self, now: Time) -> bool {
        // A retry time further ahead than the longest pause was set when the clock was wrong.
        now >= self.retry_at || self.retry_at > now.plus(LONGEST)
    }

    /// Whether the next call is a probe. It should be as small as possible, because it will probably fail.
    pub fn is_half_open(&self) -> bool {
        self.failures >= OPENS_AFTER
    }

    /// `working`; `retrying` after a failure; `open` after several.
    pub fn state(&self) -> &'static str {
        match self.failures {
            0 => "working",
            n if n < OPENS_AFTER => "retrying",
            _ => "open",
        }
    }

    /// Records a success.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Records a failure; `after` is the delay that the service asked for.
    pub fn failed(&mut self, now: Time, after: Option<Duration>) {
        self.failures = self.failures.saturating_add(1);
        let pause = match self.failures.checked_sub(OPENS_AFTER) {
            None => Time::SECOND << (self.failures - 1),
            Some(probes) => (OPEN << probes.min(10)).min(LONGEST),
        };
        let asked = after.map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(LONGEST).min(LONGEST));
        self.retry_at = now.plus(pause.max(asked));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_five_failures_and_closes_with_one_answer() {
        let mut breaker = Breaker::default();
        let mut now = Time(0);
        let mut pauses = Vec::new();
        for _ in 0..10 {
            assert!(breaker.allows(now));
            breaker.failed(now, None);
            pauses.push((breaker.retry_at.0 - now.0) / Time::SECOND);
            assert!(!breaker.allows(now));
            now = breaker.retry_at;
        }
        assert_eq!(pauses, [1, 2, 4, 8, 30, 60, 120, 240, 300, 300]);
        assert!(breaker.is_half_open() && breaker.state() == "open");
        breaker.succeeded();
        assert!(breaker.allows(Time(0)) && breaker.state() == "working");
    }

    #[test]
    fn it_waits_as_long_as_it_is_asked_to() {
        let mut breaker = Breaker::default();
        breaker.failed(Time(0), Some(Duration::from_secs(20)));
        assert!(!breaker.allows(Time(19 * Time::SECOND)) && breaker.allows(Time(20 * Time::SECOND)));
    }
}
