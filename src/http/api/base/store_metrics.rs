//! Metrics of leases and of the delay of the event log, read from the database, of reads on replicas, and of the engine's state.

use std::collections::BTreeMap;

use prometheus::{IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry};

use crate::app::App;
use crate::domain::base::Time;
use crate::store::base::leases;
use crate::store::health::wanted;

/// The metrics of leases and of the event log.
pub struct StoreMetrics {
    held: IntGaugeVec,
    since: IntGaugeVec,
    ours: IntGauge,
    held_back: IntGauge,
    state: IntGaugeVec,
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
            "Leases of this kind that instances hold: 0 or 1 for a job that only one runs at a time, for grouping the products \
             that are grouped, and for instance the instances that group",
        );
        let since = "When a lease of this kind was last taken by another holder, in seconds since 1970";
        let since = Opts::new("hearback_lease_since_seconds", since);
        let ours = "Products that this instance groups";
        let held_back = "Seconds for which another transaction of the PostgreSQL cluster has delayed the event log";
        let reads =
            "Reads that a read replica could answer, by what became of them; all but the answered go to the primary";
        let reads = Opts::new("hearback_replica_reads_total", reads);
        let state = "Bytes of the engine's state: in memory, and in files beyond HEARBACK_ENGINE_MEMORY";
        let state = Opts::new("hearback_engine_state_bytes", state);
        let metrics = Self {
            state: IntGaugeVec::new(state, &["place"])?,
            replica_reads: IntCounterVec::new(reads, &["outcome"])?,
            held: IntGaugeVec::new(held, &["lease"])?,
            since: IntGaugeVec::new(since, &["lease"])?,
            ours: IntGauge::new("hearback_grouping_products", ours)?,
            held_back: IntGauge::new("hearback_event_log_held_back_seconds", held_back)?,
        };
        registry.register(Box::new(metrics.held.clone()))?;
        registry.register(Box::new(metrics.since.clone()))?;
        registry.register(Box::new(metrics.ours.clone()))?;
        registry.register(Box::new(metrics.held_back.clone()))?;
        registry.register(Box::new(metrics.state.clone()))?;
        registry.register(Box::new(metrics.replica_reads.clone()))?;
        Ok(metrics)
    }

    /// Refreshes the metrics; they keep their last values while the database does not answer.
    pub async fn refresh(&self, app: &App) {
        self.held_back.set(app.store.held_back().map_or(0, |held| held.lasting.as_secs() as i64));
        self.ours.set(app.groups.ours() as i64);
        if let Some(room) = app.groups.room() {
            self.state.with_label_values(&["memory"]).set(room.in_memory() as i64);
            self.state.with_label_values(&["file"]).set(room.in_files() as i64);
        }
        for (outcome, count) in app.store.replica_reads() {
            let counter = self.replica_reads.with_label_values(&[outcome]);
            counter.inc_by(count.saturating_sub(counter.get()));
        }
        let clock = app.store.clock.clone();
        let Ok(leases) = app.store.read_within(wanted::CHECK, move |conn| leases::all(conn, &clock)).await else {
            return;
        };
        // By kind: a label for each product or instance would grow without bound.
        let mut kinds: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for lease in &leases {
            let (held, since) = kinds.entry(lease.kind()).or_default();
            *held += i64::from(lease.held);
            *since = (*since).max(lease.since.map_or(0, |since| since.0 / Time::SECOND));
        }
        for (kind, (held, since)) in kinds {
            self.held.with_label_values(&[kind]).set(held);
            self.since.with_label_values(&[kind]).set(since);
        }
    }
}
