//! The scheduler: starts all jobs, each on its own thread, steps and counts them in the same way, and stops them
//! together. If a unit of work fails or panics, this is logged and counted, and the job continues.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::leased::Leased;
use crate::error::{Error, Result};
use crate::meter;
use crate::store::Store;

/// The shortest pause of a job after an error,
const REST: Duration = Duration::from_secs(1);
/// and the longest, however rarely it works.
const MOST_REST: Duration = Duration::from_secs(30);

/// When a job looks for work again after it has found no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wakes {
    /// After a pause of this length.
    Every(Duration),
    /// After a commit in this process. Other instances and commands commit too, so it looks after `at_most` in any
    /// case.
    OnCommit {
        /// The longest wait for a commit. Stopping waits for it too.
        at_most: Duration,
        /// How long to collect further commits after the first, so that a busy log is not read event by event.
        gather: Duration,
    },
}

impl Wakes {
    /// Immediately after a commit.
    pub const fn on_commit(at_most: Duration) -> Self {
        Self::OnCommit { at_most, gather: Duration::ZERO }
    }

    /// How long a job of this kind pauses after an error.
    fn after_error(self) -> Duration {
        match self {
            Self::Every(pause) => pause.clamp(REST, MOST_REST),
            Self::OnCommit { .. } => REST,
        }
    }
}

impl fmt::Display for Wakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(pause) => write!(f, "every {pause:?}"),
            Self::OnCommit { at_most, .. } => write!(f, "commit, {at_most:?}"),
        }
    }
}

/// The result of a unit of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There was nothing to do. This is not counted.
    Idle,
    /// The work is done; the job waits until it is woken.
    Done,
    /// Something was done and there may be more: the next unit follows at once.
    More,
    /// Something else must end first; the job looks again after this pause. This is not counted.
    Waits(Duration),
}

impl Step {
    /// [`Step::More`] if there was something to do.
    pub fn more_if(worked: bool) -> Self {
        if worked { Self::More } else { Self::Idle }
    }

    fn is_uncounted(self) -> bool {
        matches!(self, Self::Idle | Self::Waits(_))
    }
}

/// A background job, which works in units.
pub trait Job: Send {
    /// Name of the job, of its thread and of its lease; also its label in `/metrics`.
    fn name(&self) -> &'static str;

    /// When it looks for work.
    fn wakes(&self) -> Wakes;

    /// The leases of a job: one where only one instance runs it at a time, or those of the parts of its work that this
    /// instance does. The scheduler treats them as lost after an error and releases them at the end.
    fn held(&mut self) -> Option<&mut dyn Leased> {
        None
    }

    /// Prepares the job. Called until it succeeds, and again after a panic.
    ///
    /// # Errors
    /// Those of the database.
    fn prepare(&mut self) -> Result<()> {
        Ok(())
    }

    /// Does one unit of work. A long one calls `going` regularly and ends early if that returns false.
    ///
    /// # Errors
    /// Those of the database; the work is found there again.
    fn work(&mut self, going: &dyn Fn() -> bool) -> Result<Step>;

    /// Pauses between two units of work: to collect more work, or to let more urgent work of others run first.
    fn rest(&mut self) {}

    /// Finishes what is in progress after the job was told to stop.
    fn end(&mut self) {}
}

/// A job that is stepped by its thread or by a test.
pub struct Stepped {
    job: Box<dyn Job>,
    is_ready: bool,
}

impl Stepped {
    /// A job that has done nothing yet.
    pub fn new(job: Box<dyn Job>) -> Self {
        meter::know(job.name());
        Self { job, is_ready: false }
    }

    /// Prepares the job if needed, then does one unit of work. Failures are logged and counted.
    ///
    /// # Errors
    /// Those of the job; 500 if it panicked.
    pub fn step(&mut self, going: &dyn Fn() -> bool) -> Result<Step> {
        let (name, job, is_ready) = (self.job.name(), &mut self.job, &mut self.is_ready);
        let mut panicked = false;
        let work = || {
            let piece = AssertUnwindSafe(|| {
                if !*is_ready {
                    job.prepare()?;
                    *is_ready = true;
                }
                job.work(going)
            });
            catch_unwind(piece).unwrap_or_else(|panic| {
                panicked = true;
                Err(Error::internal(format!("the job {name} panicked: {}", message(&*panic))))
            })
        };
        let done = meter::step(name, |step: &Step| step.is_uncounted(), work);
        if let Err(e) = &done {
            tracing::warn!(job = name, error = %e, "a job failed and is tried again");
            // After a panic, its state in memory may be inconsistent.
            self.is_ready &= !panicked;
            // Leases may be lost.
            if let Some(held) = self.job.held() {
                held.lose();
            }
        }
        done
    }

    /// Ends the job and releases its leases.
    pub fn end(mut self) {
        let name = self.job.name();
        let ended = catch_unwind(AssertUnwindSafe(|| {
            self.job.end();
            if let Some(held) = self.job.held() {
                held.release();
            }
        }));
        if let Err(panic) = ended {
            tracing::error!(job = name, panic = message(&*panic), "a job panicked at its end");
        }
    }

    fn run(mut self, store: &Store, stop: &Stop) {
        let going = || !stop.is_set();
        let mut seen = 0;
        while going() {
            match self.step(&going) {
                Ok(Step::More) => self.job.rest(),
                Ok(Step::Waits(pause)) => stop.pause(pause),
                Ok(Step::Idle | Step::Done) => match self.job.wakes() {
                    Wakes::Every(pause) => stop.pause(pause),
                    Wakes::OnCommit { at_most, gather } => {
                        seen = store.wait_for_commit(seen, at_most);
                        stop.pause(gather);
                    }
                },
                Err(_) => stop.pause(self.job.wakes().after_error()),
            }
        }
        self.end();
    }
}

/// The message of a panic.
fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// The running jobs. They are told to stop when this is dropped; [`Scheduler::stop`] also waits for them.
pub struct Scheduler {
    stop: Arc<Stop>,
    threads: Vec<(&'static str, JoinHandle<()>)>,
}

impl Scheduler {
    /// Starts these jobs in this order, each on its own thread.
    ///
    /// # Errors
    /// If a thread can't be started; then none of the jobs continues.
    pub fn start(store: &Store, jobs: Vec<Box<dyn Job>>) -> std::io::Result<Self> {
        let mut started = Self { stop: Arc::default(), threads: Vec::with_capacity(jobs.len()) };
        for job in jobs {
            let (name, store, stop) = (job.name(), store.clone(), started.stop.clone());
            let stepped = Stepped::new(job);
            let thread = std::thread::Builder::new().name(name.to_owned());
            started.threads.push((name, thread.spawn(move || stepped.run(&store, &stop))?));
        }
        Ok(started)
    }

    /// Lets every job finish its unit of work.
    pub fn stop(self) {
        self.stop_all(|_| ());
    }

    /// Tells all jobs to stop, then waits for each in the order in which they were started. `waits_for` gets the name
    /// of the job it waits for.
    pub fn stop_all(mut self, mut waits_for: impl FnMut(&'static str)) {
        self.stop.set();
        for (name, thread) in std::mem::take(&mut self.threads) {
            waits_for(name);
            // A thread never ends with a panic: `Stepped` catches them.
            let _ = thread.join();
        }
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        self.stop.set();
    }
}

/// Tells all jobs at once to stop, including those that pause.
#[derive(Default)]
struct Stop {
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    fn locked(&self) -> MutexGuard<'_, bool> {
        self.is_set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_set(&self) -> bool {
        *self.locked()
    }

    fn set(&self) {
        *self.locked() = true;
        self.changed.notify_all();
    }

    /// Waits until the pause is over or the stop is set.
    fn pause(&self, length: Duration) {
        let end = Instant::now() + length;
        let mut is_set = self.locked();
        while !*is_set {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            is_set = self.changed.wait_timeout(is_set, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[cfg(test)]
#[path = "scheduler_tests.rs"]
mod tests;
