//! Back-pressure for background jobs: while many requests write, work that can wait pauses most of the time. Not
//! forever: otherwise feedback that is filed all day would never get its themes.

use std::time::{Duration, Instant};

use crate::store::Store;

/// More writing requests a second than this are a burst.
const BURST: f64 = 50.0;
/// During a burst, a job pauses this many times as long as it worked.
const SHARE: u32 = 20;
/// After this time, jobs no longer pause for a burst.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often to check whether the burst is over.
const LOOK: Duration = Duration::from_millis(50);

/// Measures the rate of writing requests and pauses a job.
pub struct Courtesy {
    store: Store,
    patience: Duration,
    /// The time and the number of requests at the last count.
    counted: (Instant, u64),
    /// The start of the current burst.
    since: Option<Instant>,
}

impl Courtesy {
    /// Begins to count requests now.
    pub fn new(store: Store) -> Self {
        let counted = (Instant::now(), store.requests());
        Self { store, patience: PATIENCE, counted, since: None }
    }

    /// Pauses after a unit of work that took `worked`, while a burst lasts.
    pub fn rest(&mut self, worked: Duration) {
        let enough = Instant::now() + worked * SHARE;
        while self.gives_way() && Instant::now() < enough {
            std::thread::sleep(LOOK);
        }
    }

    /// Whether there is a burst that has not lasted too long. Requests are counted over an interval, so that a few of
    /// them are no burst.
    fn gives_way(&mut self) -> bool {
        let (at, count) = self.counted;
        if at.elapsed() >= LOOK {
            let now = self.store.requests();
            let is_burst = (now - count) as f64 > at.elapsed().as_secs_f64() * BURST;
            self.counted = (Instant::now(), now);
            self.since = is_burst.then(|| self.since.unwrap_or(at));
        }
        self.since.is_some_and(|since| since.elapsed() < self.patience)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::clock::Clock;
    use crate::store::Location;

    fn under_endless_writes(patience: Duration, test: impl FnOnce(&mut Courtesy)) {
        let store = Store::open(Location::Sqlite("unused.db".to_owned()), Clock::default()).expect("a store");
        let mut courtesy = Courtesy { patience, ..Courtesy::new(store.clone()) };
        let stopped = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stopped.load(Ordering::Acquire) {
                    store.count_requests(1);
                    std::thread::sleep(Duration::from_millis(1));
                }
            });
            std::thread::sleep(2 * LOOK);
            test(&mut courtesy);
            stopped.store(true, Ordering::Release);
        });
    }

    fn time(work: impl FnOnce()) -> Duration {
        let started = Instant::now();
        work();
        started.elapsed()
    }

    #[test]
    fn in_a_burst_work_rests_many_times_as_long_as_it_took() {
        under_endless_writes(PATIENCE, |courtesy| {
            let rested = time(|| courtesy.rest(Duration::from_millis(20)));
            assert!(rested >= SHARE * Duration::from_millis(20), "rested {rested:?}");
        });
    }

    #[test]
    fn a_burst_without_end_is_given_way_to_for_a_while_only() {
        under_endless_writes(Duration::from_millis(400), |courtesy| {
            let rested = time(|| courtesy.rest(Duration::from_secs(60)));
            assert!(rested < Duration::from_secs(5), "rested {rested:?}");
            let again = time(|| courtesy.rest(Duration::from_secs(60)));
            assert!(again < Duration::from_secs(1), "rested {again:?} more");
        });
    }

    #[test]
    fn without_requests_nothing_rests() {
        let store = Store::open(Location::Sqlite("unused.db".to_owned()), Clock::default()).expect("a store");
        let mut courtesy = Courtesy::new(store);
        std::thread::sleep(2 * LOOK);
        let rested = time(|| courtesy.rest(Duration::from_secs(60)));
        assert!(rested < LOOK, "rested {rested:?}");
    }
}
