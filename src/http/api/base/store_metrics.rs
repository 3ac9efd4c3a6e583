//! What `/metrics` says of the database: who holds which lease since when, and for how long the event log is held back.

use prometheus::{IntGauge, IntGaugeVec, Opts, Registry};

use crate::app::App;
use crate::domain::base::Time;
use crate::store::base::leases;
use crate::store::health::wanted;

/// The database's metrics.
pub struct StoreMetrics {
    held: IntGaugeVec,
    since: IntGaugeVec,
    held_back: IntGauge,
}

impl StoreMetrics {
    /// Adds them to a registry.
    ///
    /// # Errors
    /// Never in practice: only where two metrics had the same name.
    pub fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let held = Opts::new("hearback_lease_held", "Whether any instance does what only one does at a time");
        let since = Opts::new("hearback_lease_since_seconds", "Since when its holder does it, in seconds since 1970");
        let held_back = "For how long another transaction of the PostgreSQL cluster has held the event log back";
        let metrics = Self {
            held: IntGaugeVec::new(held, &["lease"])?,
            since: IntGaugeVec::new(since, &["lease"])?,
            held_back: IntGauge::new("hearback_event_log_held_back_seconds", held_back)?,
        };
        registry.register(Box::new(metrics.held.clone()))?;
        registry.register(Box::new(metrics.since.clone()))?;
        registry.register(Box::new(metrics.held_back.clone()))?;
        Ok(metrics)
    }

    /// Brings them up to date; while the database does not answer they stay as they were.
    pub async fn refresh(&self, app: &App) {
        self.held_back.set(app.store.held_back().map_or(0, |held| held.lasting.as_secs() as i64));
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
