//! Metrics of leases and of the delay of the event log, read from the database, and of reads on replicas.

use prometheus::{IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry};

use crate::app::App;
use crate::domain::base::Time;
use crate::store::base::leases;
use crate::store::health::wanted;

/// The metrics of leases and of the event log.
pub struct StoreMetrics {
    held: IntGaugeVec,
    since: IntGaugeVec,
    held_back: IntGauge,
    replica_reads: IntCounterVec,
}

impl StoreMetrics {
    /// Registers the metrics.
    ///
    /// # Errors
    /// If two metrics have the same name, which is a programming error.
    pub fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let held = Opts::new(
            "hearback_lease_held",
            "Whether an instance holds the lease of a job that only one runs at a time",
        );
        let since = Opts::new("hearback_lease_since_seconds", "When the holder took the lease, in seconds since 1970");
        let held_back = "Seconds for which another transaction of the PostgreSQL cluster has delayed the event log";
        let reads =
            "Reads that a read replica could answer, by what became of them; all but the answered go to the primary";
        let reads = Opts::new("hearback_replica_reads_total", reads);
        let metrics = Self {
            replica_reads: IntCounterVec::new(reads, &["outcome"])?,
            held: IntGaugeVec::new(held, &["lease"])?,
            since: IntGaugeVec::new(since, &["lease"])?,
            held_back: IntGauge::new("hearback_event_log_held_back_seconds", held_back)?,
        };
        registry.register(Box::new(metrics.held.clone()))?;
        registry.register(Box::new(metrics.since.clone()))?;
        registry.register(Box::new(metrics.held_back.clone()))?;
        registry.register(Box::new(metrics.replica_reads.clone()))?;
        Ok(metrics)
    }

    /// Refreshes the metrics; they keep their last values while the database does not answer.
    pub async fn refresh(&self, app: &App) {
        self.held_back.set(app.store.held_back().map_or(0, |held| held.lasting.as_secs() as i64));
        for (outcome, count) in app.store.replica_reads() {
            let counter = self.replica_reads.with_label_values(&[outcome]);
            counter.inc_by(count.saturating_sub(counter.get()));
        }
        let clock = app.store.clock.clone();
        let Ok(leases) = app.store.read_within(wanted::CHECK, move |conn| leases::all(conn, &clock)).await else {
            return;
        };
        for lease in leases {
            self.held.with_label_values(&[&lease.name]).set(i64::from(lease.held));
            let since = lease.since.map_or(0, |since| since.0 / Time::SECOND);
            self.since.with_label_values(&[&lease.name]).set(since);
        }
    }
}
