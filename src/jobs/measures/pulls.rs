//! Asks Prometheus for the samples of metrics, each on its schedule.

use std::time::Duration;

use crate::app::App;
use crate::domain::base::{Actor, Time};
use crate::domain::measures::metric::Metric;
use crate::error::Result;
use crate::jobs::base::leased::{Held, Leased};
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::outside::client::Client;
use crate::outside::measures::prometheus_api::{self, RangeQuestion};
use crate::store::Store;
use crate::store::measures::metrics;
use crate::usecase::measures::pulling::{self, Answered, PullPeriod};

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(5);
/// Metrics asked for in one unit of work.
const AT_ONCE: i64 = 20;
/// How long one question may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest answer that is read, in bytes.
const LONGEST_ANSWER: u64 = 8 * 1024 * 1024;

/// The job.
pub struct Pulls {
    store: Store,
    held: Held,
    asking: Asking,
}

/// How Prometheus is asked.
struct Asking {
    /// For addresses that a member wrote.
    client: Client,
    /// For the address in the settings, which the operator chose.
    trusted: Client,
    url: Option<String>,
    token: Option<String>,
}

impl Asking {
    fn of(app: &App) -> Self {
        let config = &app.config;
        let client = |private| Client::new(private, TIMEOUT).with_longest_answer(LONGEST_ANSWER);
        Self {
            client: client(config.allow_private_addresses),
            trusted: client(true),
            url: config.prometheus_url.clone().filter(|url| !url.is_empty()),
            token: config.prometheus_token.clone().filter(|token| !token.is_empty()),
        }
    }

    /// The series of a metric from Prometheus.
    fn ask(&self, metric: &Metric, now: Time) -> Answered {
        let pull = metric.prometheus.as_ref().ok_or("The metric has no question.")?;
        let own = pull.url.clone();
        // The token goes to no other address than that of the settings.
        let (client, token) = if own.is_none() { (&self.trusted, self.token.clone()) } else { (&self.client, None) };
        let url = own.or_else(|| self.url.clone());
        let url = url.ok_or("No address: set `prometheus.url`, or HEARBACK_PROMETHEUS_URL.")?;
        let PullPeriod { from, to, step } = pulling::period(metric.intake.last_sample_at, now, i64::from(pull.every));
        let question = RangeQuestion { url, query: pull.query.clone(), from, to, step, token };
        let response = client.send(prometheus_api::request(&question))?;
        let found = prometheus_api::read(response.status, &response.body)?;
        Ok(found.into_iter().map(|series| (series.labels, series.samples)).collect())
    }
}

impl Pulls {
    /// For this app.
    pub fn of(app: &App) -> Self {
        let store = app.store.clone();
        Self { held: Held::new(store.clone(), "metric_pulls"), store, asking: Asking::of(app) }
    }
}

impl Job for Pulls {
    fn name(&self) -> &'static str {
        "metric_pulls"
    }

    fn wakes(&self) -> Wakes {
        Wakes::Every(PAUSE)
    }

    fn held(&mut self) -> Option<&mut dyn Leased> {
        Some(&mut self.held)
    }

    fn work(&mut self, going: &dyn Fn() -> bool) -> Result<Step> {
        let now = self.store.clock.now();
        let due = self.store.read_now(|conn| metrics::due(conn, now, AT_ONCE))?;
        if due.is_empty() {
            return Ok(Step::Idle);
        }
        for metric in due {
            if !going() || self.held.lease()?.is_none() {
                return Ok(Step::Done);
            }
            let answer = self.asking.ask(&metric, now);
            let id = metric.id;
            self.store.write_now(Actor::AUTOMATION, move |tx| pulling::take(tx, id, &answer))?;
        }
        Ok(Step::More)
    }
}
