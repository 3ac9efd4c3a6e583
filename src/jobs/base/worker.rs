//! Threads that work until they are told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::meter;
use crate::error::Result;

/// How soon a job that pauses notices that it is to stop.
const NAP: Duration = Duration::from_millis(250);

/// A running job.
pub struct Running {
    name: &'static str,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Running {
    /// Starts a thread; `work` ends soon after its flag is set.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(name: &'static str, work: impl FnOnce(&AtomicBool) + Send + 'static) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || work(&stopped))?;
        Ok(Self { name, stop, thread })
    }

    /// Starts a job that does its step at once and then with a pause of this length between two. What failed is logged and
    /// tried again next time.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn periodic(
        name: &'static str,
        every: Duration,
        mut step: impl FnMut() -> Result<()> + Send + 'static,
    ) -> std::io::Result<Self> {
        Self::start(name, move |stopped| {
            while !stopped.load(Ordering::Acquire) {
                if let Err(e) = meter::step(name, |()| false, &mut step) {
                    tracing::warn!(job = name, error = %e, "a job waits");
                }
                pause(every, stopped);
            }
        })
    }

    /// Lets the job finish its piece of work.
    pub fn stop(self) {
        Self::stop_all(vec![self], |_| ());
    }

    /// Tells all these jobs to stop, then lets each finish its piece of work. `waits_for` hears which one is waited for.
    pub fn stop_all(jobs: Vec<Self>, mut waits_for: impl FnMut(&'static str)) {
        for job in &jobs {
            job.stop.store(true, Ordering::Release);
        }
        for job in jobs {
            waits_for(job.name);
            let _ = job.thread.join();
        }
    }
}

/// Waits, but not much longer than until the job is told to stop.
pub fn pause(length: Duration, stopped: &AtomicBool) {
    let mut left = length;
    while !left.is_zero() && !stopped.load(Ordering::Acquire) {
        let nap = left.min(NAP);
        std::thread::sleep(nap);
        left -= nap;
    }
}
