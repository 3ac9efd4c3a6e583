//! The lease of a job that only one instance runs at a time.

use std::time::{Duration, Instant};

use crate::domain::base::{Actor, Id, Time};
use crate::error::Result;
use crate::store::Store;
use crate::store::base::leases::{self, Lease};

/// A lease is renewed after a third of its term.
const RENEW: i64 = leases::TERM / 3;

/// The leases of a job, as the scheduler handles them.
pub trait Leased {
    /// Treats them as lost: they are taken again before the next unit of work.
    fn lose(&mut self);

    /// Releases them, so that another instance can continue at once.
    fn release(&mut self);
}

/// When something was done, by a monotonic clock and by the clock that tests turn.
#[derive(Clone, Copy)]
pub(super) struct Done {
    at: Instant,
    time: Time,
}

impl Done {
    /// Done at this moment, which is `time` by the clock that tests turn.
    pub fn at(time: Time) -> Self {
        Self { at: Instant::now(), time }
    }

    /// Whether at least this many microseconds have passed since then.
    pub fn is_older_than(self, micros: i64, now: Time) -> bool {
        self.at.elapsed() >= Duration::from_micros(micros as u64) || (now.0 - self.time.0).abs() >= micros
    }

    /// Whether a lease that was renewed then must be renewed again.
    pub fn is_due_again(self, now: Time) -> bool {
        self.is_older_than(RENEW, now)
    }
}

/// A lease that a job takes, renews and releases.
pub struct Held {
    store: Store,
    name: &'static str,
    instance: String,
    lease: Option<(Lease, Done)>,
}

impl Held {
    /// The lease of this name, not taken yet.
    pub fn new(store: Store, name: &'static str) -> Self {
        Self { store, name, instance: Id::next().to_string(), lease: None }
    }

    /// Takes the lease, or renews it if it is time; `None` while another instance has it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn lease(&mut self) -> Result<Option<Lease>> {
        let now = self.store.clock.now();
        if self.lease.as_ref().is_none_or(|(_, renewed)| renewed.is_due_again(now)) {
            let renewed = Done::at(now);
            let (name, instance) = (self.name, self.instance.clone());
            let taken = self.store.write_now(Actor::ENGINE, move |tx| leases::take(tx, name, &instance))?;
            self.lease = taken.map(|lease| (lease, renewed));
        }
        Ok(self.lease.as_ref().map(|(lease, _)| lease.clone()))
    }

    /// Name of the lease and of the job.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl Leased for Held {
    fn lose(&mut self) {
        self.lease = None;
    }

    fn release(&mut self) {
        if let Some((lease, _)) = self.lease.take() {
            // If this fails, the lease expires by itself.
            let _ = self.store.write_now(Actor::ENGINE, move |tx| leases::release(tx, &lease));
        }
    }
}
