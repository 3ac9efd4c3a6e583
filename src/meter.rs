//! What the jobs of this process did, counted for `/metrics`.

use std::sync::LazyLock;
use std::time::Instant;

use prometheus::core::Collector;
use prometheus::{CounterVec, GaugeVec, IntCounterVec, Opts};

use crate::error::Result;

/// The counters; they are the process's, however many servers it runs.
struct Meter {
    runs: IntCounterVec,
    seconds: CounterVec,
    failures: IntCounterVec,
    last_success: GaugeVec,
    attempts: IntCounterVec,
}

static METER: LazyLock<Option<Meter>> = LazyLock::new(|| Meter::new().ok());

impl Meter {
    fn new() -> prometheus::Result<Self> {
        let job = |name: &str, help: &str| (Opts::new(name, help), ["job"]);
        let (runs, labels) = job("hearback_job_runs_total", "Pieces of work that a job did or tried to do");
        let (seconds, _) = job("hearback_job_seconds_total", "Seconds that a job worked");
        let (failures, _) = job("hearback_job_failures_total", "Pieces of work that failed; they are tried again");
        let (last, _) = job("hearback_job_last_success_timestamp_seconds", "When a job last did a piece of work");
        let attempts = Opts::new("hearback_delivery_attempts_total", "Attempts to send something, by how they ended");
        Ok(Self {
            runs: IntCounterVec::new(runs, &labels)?,
            seconds: CounterVec::new(seconds, &labels)?,
            failures: IntCounterVec::new(failures, &labels)?,
            last_success: GaugeVec::new(last, &labels)?,
            attempts: IntCounterVec::new(attempts, &["channel", "outcome"])?,
        })
    }
}

/// Shows a job's counters from now on, so that one that never worked or never failed is seen too.
pub fn know(job: &str) {
    if let Some(meter) = METER.as_ref() {
        let _ = meter.runs.with_label_values(&[job]);
        let _ = meter.seconds.with_label_values(&[job]);
        let _ = meter.failures.with_label_values(&[job]);
    }
}

/// Does a piece of a job's work and counts it; work that found nothing to do is not counted.
///
/// # Errors
/// Those of `work`.
pub fn step<T>(job: &str, idle: impl Fn(&T) -> bool, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let started = Instant::now();
    let done = work();
    let Some(meter) = METER.as_ref() else { return done };
    if done.as_ref().is_ok_and(idle) {
        return done;
    }
    meter.runs.with_label_values(&[job]).inc();
    meter.seconds.with_label_values(&[job]).inc_by(started.elapsed().as_secs_f64());
    match &done {
        Ok(_) => {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            meter.last_success.with_label_values(&[job]).set(now.as_secs_f64());
        }
        Err(_) => meter.failures.with_label_values(&[job]).inc(),
    }
    done
}

/// Counts an attempt to send something: `delivered`, `failed` (it is tried again) or `given_up`.
pub fn attempt(channel: &str, outcome: &str) {
    if let Some(meter) = METER.as_ref() {
        meter.attempts.with_label_values(&[channel, outcome]).inc();
    }
}

/// The counters, to be shown.
pub fn collectors() -> Vec<Box<dyn Collector>> {
    let Some(meter) = METER.as_ref() else { return Vec::new() };
    vec![
        Box::new(meter.runs.clone()),
        Box::new(meter.seconds.clone()),
        Box::new(meter.failures.clone()),
        Box::new(meter.last_success.clone()),
        Box::new(meter.attempts.clone()),
    ]
}
