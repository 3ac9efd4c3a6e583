//! Metrics that are read from the database on request.

use std::collections::BTreeMap;

use prometheus::{Gauge, GaugeVec, IntGauge, IntGaugeVec, Opts, Registry};

use crate::domain::base::Time;
use crate::domain::closure::ClosureState;
use crate::domain::feedback::{ImportState, State};
use crate::store::health::condition::{Census, Condition};

type GaugeResult<T> = std::result::Result<T, prometheus::Error>;

/// Gauges of what the database holds.
pub struct Gauges {
    feedback: IntGaugeVec,
    grouping_pending: IntGauge,
    grouping_lag: Gauge,
    stale_themes: IntGauge,
    refinements_due: IntGauge,
    imports: IntGaugeVec,
    closures: IntGaugeVec,
    pending: IntGaugeVec,
    oldest_pending: GaugeVec,
    dead: IntGaugeVec,
    outbox_lag: Gauge,
    webhooks_disabled: IntGauge,
    size: IntGauge,
}

impl Gauges {
    /// Registers the gauges.
    ///
    /// # Errors
    /// If two metrics have the same name, which is a programming error.
    pub fn register(registry: &Registry) -> GaugeResult<Self> {
        let one = |name: &str, help: &str| {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone())).map(|()| gauge)
        };
        let seconds = |name: &str, help: &str| {
            let gauge = Gauge::new(name, help)?;
            registry.register(Box::new(gauge.clone())).map(|()| gauge)
        };
        let many = |name: &str, help: &str, labels: &[&str]| {
            let gauges = IntGaugeVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(gauges.clone())).map(|()| gauges)
        };
        let oldest_pending = GaugeVec::new(
            Opts::new("hearback_deliveries_oldest_pending_seconds", "Age of the oldest delivery that is waiting"),
            &["channel"],
        )?;
        registry.register(Box::new(oldest_pending.clone()))?;
        Ok(Self {
            oldest_pending,
            feedback: many("hearback_feedback", "Feedback by state", &["state"])?,
            grouping_pending: one("hearback_grouping_pending", "Feedback items that wait for a theme")?,
            grouping_lag: seconds(
                "hearback_grouping_lag_seconds",
                "Age of the oldest feedback item that waits for a theme",
            )?,
            stale_themes: one("hearback_themes_stale", "Themes whose label and counts are out of date")?,
            refinements_due: one("hearback_refinements_due", "Products whose refinement is due")?,
            imports: many("hearback_imports", "Imports by state", &["state"])?,
            closures: many("hearback_closures", "Closures by state", &["state"])?,
            pending: many(
                "hearback_deliveries_pending",
                "Deliveries that are waiting, by whether an attempt has failed already",
                &["channel", "retrying"],
            )?,
            dead: many("hearback_deliveries_dead", "Deliveries given up in the last 30 days", &["channel"])?,
            outbox_lag: seconds(
                "hearback_outbox_lag_seconds",
                "Age of the oldest event that the outbox has not processed",
            )?,
            webhooks_disabled: one("hearback_webhooks_disabled", "Webhooks that are disabled")?,
            size: one("hearback_database_size_bytes", "Size of the database")?,
        })
    }

    /// Sets the counts.
    pub fn count(&self, census: &Census) {
        let names = |all: &[&'static str], gauges: &IntGaugeVec, counts: &BTreeMap<String, i64>| {
            // Show every state, with 0 if it is empty: otherwise the last value would stay visible.
            for state in all {
                gauges.with_label_values(&[state]).set(counts.get(*state).copied().unwrap_or_default());
            }
        };
        let states: Vec<&str> = State::ALL.iter().map(|state| state.as_str()).collect();
        names(&states, &self.feedback, &census.feedback);
        let states: Vec<&str> = ClosureState::ALL.iter().map(|state| state.as_str()).collect();
        names(&states, &self.closures, &census.closures);
        let states: Vec<&str> = ImportState::ALL.iter().map(|state| state.as_str()).collect();
        names(&states, &self.imports, &census.imports);
        self.stale_themes.set(census.stale_themes);
        self.refinements_due.set(census.refinements_due);
        self.webhooks_disabled.set(census.webhooks_disabled);
        self.size.set(census.size);
    }

    /// Sets the gauges of waiting work.
    pub fn set(&self, condition: &Condition, now: Time) {
        let age =
            |since: Option<Time>| since.map_or(0.0, |since| (now.0 - since.0).max(0) as f64 / Time::SECOND as f64);
        self.grouping_pending.set(condition.pending);
        self.grouping_lag.set(age(condition.pending_since));
        self.outbox_lag.set(age(condition.unread_since));
        self.set_deliveries(condition, age);
    }

    fn set_deliveries(&self, condition: &Condition, age: impl Fn(Option<Time>) -> f64) {
        // Show every channel from the start, so that alert rules always have a series to compare.
        for channel in ["webhook", "mail", "tracker"] {
            let waiting = || condition.waiting.iter().filter(|one| one.channel == channel);
            for failed in [false, true] {
                let count: i64 = waiting().filter(|one| one.failed == failed).map(|one| one.count).sum();
                self.pending.with_label_values(&[channel, if failed { "true" } else { "false" }]).set(count);
            }
            self.oldest_pending.with_label_values(&[channel]).set(age(waiting().filter_map(|one| one.oldest).min()));
            let dead: i64 = condition.dead.iter().filter(|one| one.channel == channel).map(|one| one.count).sum();
            self.dead.with_label_values(&[channel]).set(dead);
        }
    }
}
