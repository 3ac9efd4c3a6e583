//! Jobs that one instance does at a time: step by step on a thread of their own, under a lease.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::meter;
use super::worker::Running;
use crate::domain::base::{Actor, Id, Time};
use crate::error::Result;
use crate::store::Store;
use crate::store::base::leases::{self, Lease};

/// A lease is renewed when a third of its term is over.
const RENEW: i64 = leases::TERM / 3;
/// How long a job rests after an error.
const REST: Duration = Duration::from_secs(1);

/// When a lease was renewed, by a clock that is never set and by the one that tests turn.
#[derive(Clone, Copy)]
struct Renewed {
    at: Instant,
    time: Time,
}

impl Renewed {
    fn is_due_again(self, now: Time) -> bool {
        self.at.elapsed() >= Duration::from_micros(RENEW as u64) || (now.0 - self.time.0).abs() >= RENEW
    }
}

/// A lease that a job takes, renews and gives back.
pub struct Held {
    store: Store,
    name: &'static str,
    instance: String,
    lease: Option<(Lease, Renewed)>,
}

impl Held {
    /// The lease of this name, not taken yet.
    pub fn new(store: Store, name: &'static str) -> Self {
        Self { store, name, instance: Id::next().to_string(), lease: None }
    }

    /// The lease, taken or renewed where it is time; `None` while another instance has it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn lease(&mut self) -> Result<Option<Lease>> {
        let now = self.store.clock.now();
        if self.lease.as_ref().is_none_or(|(_, renewed)| renewed.is_due_again(now)) {
            let renewed = Renewed { at: Instant::now(), time: now };
            let (name, instance) = (self.name, self.instance.clone());
            let taken = self.store.write_now(Actor::ENGINE, move |tx| leases::take(tx, name, &instance))?;
            self.lease = taken.map(|lease| (lease, renewed));
        }
        Ok(self.lease.as_ref().map(|(lease, _)| lease.clone()))
    }

    /// Whether this instance is the one that does the job.
    pub fn is_held(&self) -> bool {
        self.lease.is_some()
    }

    fn release(&mut self) {
        if let Some((lease, _)) = self.lease.take() {
            let _ = self.store.write_now(Actor::ENGINE, move |tx| leases::release(tx, &lease));
        }
    }
}

/// Such a job.
pub trait Job: Send + 'static {
    /// How often it looks for work when nothing is committed here: other instances and commands commit too.
    const POLL: Duration;

    /// Its lease, whose name is the thread's too.
    fn held(&mut self) -> &mut Held;

    /// Gets ready to work; answers whether it is. Asked again until it is.
    fn prepare(&mut self) -> bool {
        true
    }

    /// Rests after a piece of work: more of it may gather, or others have more urgent work.
    fn rest(&mut self) {}

    /// Does one piece of work; answers whether there was any.
    ///
    /// # Errors
    /// Those of the database; the work is found there again.
    fn step(&mut self) -> Result<bool>;
}

/// Starts a job's thread.
///
/// # Errors
/// Where the system gives no thread.
pub fn start(mut job: impl Job) -> std::io::Result<Running> {
    let name = job.held().name;
    Running::start(name, move |stopped| {
        work(&mut job, name, stopped);
        job.held().release();
    })
}

fn work<J: Job>(job: &mut J, name: &str, stopped: &AtomicBool) {
    let going = || !stopped.load(Ordering::Acquire);
    while going() && !job.prepare() {
        std::thread::sleep(REST);
    }
    let mut seen = 0;
    while going() {
        match meter::step(name, |worked: &bool| !worked, || job.step()) {
            Ok(true) => job.rest(),
            Ok(false) => seen = job.held().store.wait_for_commit(seen, J::POLL),
            Err(e) => {
                tracing::warn!(job = name, error = %e, "a job waits");
                // Perhaps it is the lease that was lost.
                job.held().lease = None;
                std::thread::sleep(REST);
            }
        }
    }
}
