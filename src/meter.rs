//! Counters and durations of the jobs and of the writes in this process, for `/metrics`.

use std::cell::Cell;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use prometheus::core::Collector;
use prometheus::{CounterVec, GaugeVec, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec, Opts};

use crate::error::Result;

/// The label of writes that requests wait for.
pub const REQUESTS: &str = "requests";
/// The label of writes of this process that belong to no job: those of commands and of the start.
const COMMANDS: &str = "commands";

thread_local! {
    static CURRENT_JOB: Cell<&'static str> = const { Cell::new(COMMANDS) };
}

/// The counters. All servers in this process share them.
struct Meter {
    job_durations: HistogramVec,
    write_waits: HistogramVec,
    write_holds: HistogramVec,
    runs: IntCounterVec,
    seconds: CounterVec,
    failures: IntCounterVec,
    last_success: GaugeVec,
    attempts: IntCounterVec,
    llm_drafts: IntCounterVec,
    pages_overdue: IntGaugeVec,
    paging_alarms: IntCounter,
    masked: IntCounterVec,
}

static METER: LazyLock<Option<Meter>> = LazyLock::new(|| Meter::new().ok());

impl Meter {
    fn new() -> prometheus::Result<Self> {
        let job = |name: &str, help: &str| (Opts::new(name, help), ["job"]);
        let (runs, labels) = job("hearback_job_runs_total", "Units of work that a job did or tried to do");
        let (seconds, _) = job("hearback_job_seconds_total", "Seconds that a job worked");
        let (failures, _) = job("hearback_job_failures_total", "Units of work that failed; they are tried again");
        let (last, _) = job("hearback_job_last_success_timestamp_seconds", "When a job last completed a unit of work");
        let attempts = Opts::new("hearback_delivery_attempts_total", "Attempts to send a delivery, by outcome");
        let llm_drafts = Opts::new("hearback_llm_drafts_total", "Drafts asked of the language model, by outcome");
        let overdue = "Pages of open incidents that were not made in time, or not sent, as the watchdog last saw";
        let overdue = Opts::new("hearback_pages_overdue", overdue);
        let alarms = "Looks of the watchdog that found overdue pages";
        let pages_overdue = IntGaugeVec::new(overdue, &["what"])?;
        // Shown from the start, so that an alert can tell none from not known.
        ["missing", "unsent"].iter().for_each(|what| pages_overdue.with_label_values(&[*what]).set(0));
        let masked =
            Opts::new("hearback_masked_total", "Personal data masked in texts before they were stored, by kind");
        let piece = "Duration of a unit of work of a job";
        let waited = "How long a write waited in the queue for the writer, by who writes";
        let held =
            "How long the writer was held by a write or a group of them, with the flush to the disk, by who writes";
        Ok(Self {
            job_durations: durations("hearback_job_duration_seconds", piece, "job")?,
            write_waits: durations("hearback_write_wait_seconds", waited, "by")?,
            write_holds: durations("hearback_write_hold_seconds", held, "by")?,
            masked: IntCounterVec::new(masked, &["kind"])?,
            pages_overdue,
            paging_alarms: IntCounter::new("hearback_paging_alarms_total", alarms)?,
            llm_drafts: IntCounterVec::new(llm_drafts, &["outcome"])?,
            runs: IntCounterVec::new(runs, &labels)?,
            seconds: CounterVec::new(seconds, &labels)?,
            failures: IntCounterVec::new(failures, &labels)?,
            last_success: GaugeVec::new(last, &labels)?,
            attempts: IntCounterVec::new(attempts, &["channel", "outcome"])?,
        })
    }
}

/// A histogram of durations from half a millisecond to half a minute, in seconds.
fn durations(name: &str, help: &str, label: &str) -> prometheus::Result<HistogramVec> {
    let bounds = vec![0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];
    HistogramVec::new(HistogramOpts::new(name, help).buckets(bounds), &[label])
}

/// The name of the job that the current thread works for, as the label of what it writes.
pub fn current_job() -> &'static str {
    CURRENT_JOB.get()
}

/// Does something on the current thread as a part of a job's work.
pub fn working_for<T>(job: &'static str, work: impl FnOnce() -> T) -> T {
    let before = CURRENT_JOB.replace(job);
    let done = work();
    CURRENT_JOB.set(before);
    done
}

/// Records how long a write waited in the queue.
pub fn write_waited(by: &str, time: Duration) {
    if let Some(meter) = METER.as_ref() {
        meter.write_waits.with_label_values(&[by]).observe(time.as_secs_f64());
    }
}

/// Records how long a write, or a group of writes of requests, held the writer.
pub fn write_held(by: &str, time: Duration) {
    if let Some(meter) = METER.as_ref() {
        meter.write_holds.with_label_values(&[by]).observe(time.as_secs_f64());
    }
}

/// Registers a job's counters, so that a job that never worked or never failed is shown too.
pub fn know(job: &str) {
    if let Some(meter) = METER.as_ref() {
        let _ = meter.runs.with_label_values(&[job]);
        let _ = meter.seconds.with_label_values(&[job]);
        let _ = meter.failures.with_label_values(&[job]);
    }
}

/// Does a unit of a job's work and counts it, unless it found nothing to do.
///
/// # Errors
/// Those of `work`.
pub fn step<T>(job: &'static str, idle: impl Fn(&T) -> bool, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let started = Instant::now();
    let done = working_for(job, work);
    let Some(meter) = METER.as_ref() else { return done };
    if done.as_ref().is_ok_and(idle) {
        return done;
    }
    meter.runs.with_label_values(&[job]).inc();
    let seconds = started.elapsed().as_secs_f64();
    meter.seconds.with_label_values(&[job]).inc_by(seconds);
    meter.job_durations.with_label_values(&[job]).observe(seconds);
    match &done {
        Ok(_) => {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            meter.last_success.with_label_values(&[job]).set(now.as_secs_f64());
        }
        Err(_) => meter.failures.with_label_values(&[job]).inc(),
    }
    done
}

/// Counts an attempt to send a delivery: `delivered`, `failed` (it is tried again) or `given_up`.
pub fn attempt(channel: &str, outcome: &str) {
    if let Some(meter) = METER.as_ref() {
        meter.attempts.with_label_values(&[channel, outcome]).inc();
    }
}

/// Counts a draft that the language model was asked for: `taken`, `taken_in_part` (the rest was left out), `refused` (the
/// built-in draft stays), `overtaken` (the story or its feedback changed meanwhile) or `away` (no answer; it is asked again).
pub fn llm_draft(outcome: &str) {
    if let Some(meter) = METER.as_ref() {
        meter.llm_drafts.with_label_values(&[outcome]).inc();
    }
}

/// Records what the watchdog of paging found: pages that were not made, and pages that were not sent.
pub fn pages_overdue(missing: usize, unsent: usize) {
    if let Some(meter) = METER.as_ref() {
        meter.pages_overdue.with_label_values(&["missing"]).set(missing as i64);
        meter.pages_overdue.with_label_values(&["unsent"]).set(unsent as i64);
        if missing + unsent > 0 {
            meter.paging_alarms.inc();
        }
    }
}

/// Counts what was masked in the texts of a feedback before they were stored.
pub fn masked<K: std::fmt::Display>(counts: impl IntoIterator<Item = (K, usize)>) {
    let Some(meter) = METER.as_ref() else { return };
    for (kind, count) in counts {
        meter.masked.with_label_values(&[kind.to_string().as_str()]).inc_by(count as u64);
    }
}

/// The counters, for registration.
pub fn collectors() -> Vec<Box<dyn Collector>> {
    let Some(meter) = METER.as_ref() else { return Vec::new() };
    vec![
        Box::new(meter.runs.clone()),
        Box::new(meter.seconds.clone()),
        Box::new(meter.failures.clone()),
        Box::new(meter.last_success.clone()),
        Box::new(meter.attempts.clone()),
        Box::new(meter.llm_drafts.clone()),
        Box::new(meter.pages_overdue.clone()),
        Box::new(meter.paging_alarms.clone()),
        Box::new(meter.masked.clone()),
        Box::new(meter.job_durations.clone()),
        Box::new(meter.write_waits.clone()),
        Box::new(meter.write_holds.clone()),
    ]
}
