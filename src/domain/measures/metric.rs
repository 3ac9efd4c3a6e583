//! Metrics: numbers that the whole team shares, and their samples.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::selector::Labels;
use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// What a metric is about: the business (sign-ups, sales) or the technology (latency, memory).
    pub enum MetricKind { Business "business", Technical "technical" }
}

crate::domain::names! {
    /// The direction in which a metric becomes better.
    pub enum MetricDirection { Up "up", Down "down" }
}

/// Where the samples of a metric are asked for: `query_range` of a Prometheus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://prometheus.example.com", "query": "sum(rate(http_requests_total[5m]))", "every": 60}))]
pub struct PrometheusPull {
    /// Address of the Prometheus; the one in `HEARBACK_PROMETHEUS_URL` where absent.
    #[serde(default)]
    #[schema(format = "uri", max_length = 2000)]
    pub url: Option<String>,
    /// The expression. A percentile is asked for as its own metric, because percentiles can't be averaged later.
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub query: String,
    /// Seconds between two samples, and between two questions.
    #[serde(default = "a_minute")]
    #[schema(minimum = 15, maximum = 86_400, default = 60)]
    pub every: i32,
}

fn a_minute() -> i32 {
    60
}

/// A metric to define.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"key": "signups", "name": "Sign-ups", "kind": "business", "unit": "people", "direction": "up", "product": "HB", "target": 120}))]
pub struct NewMetric {
    /// Key or id of the product; the default product where absent.
    #[schema(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// The name that programs use: lower-case letters, digits, `_`, `.` and `-`. One metric of a product has it.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z][a-z0-9_.-]*$")]
    pub key: String,
    /// The name that people read.
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub name: String,
    pub kind: MetricKind,
    /// What a value counts: `ms`, `people`, `%`.
    #[schema(min_length = 1, max_length = 40)]
    pub unit: Option<String>,
    /// The direction in which it becomes better.
    pub direction: MetricDirection,
    /// The value that it should reach.
    pub target: Option<f64>,
    /// Ids of the members who care, or `me`.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub who_cares: Vec<Id>,
    /// Whether its samples are the readings of a counter that only grows: what is kept is how much it grew.
    #[serde(default)]
    pub counter: bool,
    /// Where to ask for samples.
    pub prometheus: Option<PrometheusPull>,
    /// The series that are kept of what a Prometheus sends by remote write: `http_requests_total{job="api"}`, with `=`
    /// and `!=` only.
    #[schema(min_length = 1, max_length = 2000)]
    pub selector: Option<String>,
}

/// The editable fields of a metric (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricEdit {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub name: String,
    #[schema(required = false)]
    pub kind: MetricKind,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 40)]
    pub unit: Option<String>,
    #[schema(required = false)]
    pub direction: MetricDirection,
    #[serde(default)]
    pub target: Option<f64>,
    #[serde(default)]
    #[schema(max_items = 50)]
    pub who_cares: Vec<Id>,
    #[serde(default)]
    pub prometheus: Option<PrometheusPull>,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000)]
    pub selector: Option<String>,
    /// Whether it is archived: it takes no samples, and lists leave it out. Its series stay.
    #[serde(default)]
    pub archived: bool,
}

impl From<&Metric> for MetricEdit {
    fn from(metric: &Metric) -> Self {
        Self {
            name: metric.name.clone(),
            kind: metric.kind,
            unit: metric.unit.clone(),
            direction: metric.direction,
            target: metric.target,
            who_cares: metric.who_cares.clone(),
            prometheus: metric.prometheus.clone(),
            selector: metric.selector.clone(),
            archived: metric.archived_at.is_some(),
        }
    }
}

/// A metric.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Metric {
    pub id: Id,
    pub product_id: Id,
    #[schema(example = "signups")]
    pub key: String,
    #[schema(example = "Sign-ups")]
    pub name: String,
    pub kind: MetricKind,
    pub unit: Option<String>,
    pub direction: MetricDirection,
    pub target: Option<f64>,
    pub who_cares: Vec<Id>,
    pub counter: bool,
    pub prometheus: Option<PrometheusPull>,
    pub selector: Option<String>,
    pub archived_at: Option<Time>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
    /// What came in so far.
    pub intake: MetricIntake,
}

/// What came in for a metric: counts since it was defined, and how the last question to Prometheus went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct MetricIntake {
    pub series: i32,
    /// Samples that were new.
    pub accepted: i64,
    /// Samples that replaced an earlier value at the same time.
    pub replaced: i64,
    /// Samples refused because they were more than 24 hours behind the newest of their series, or older than is kept.
    pub too_old: i64,
    /// Samples refused because their time was in the future.
    pub in_future: i64,
    /// Samples refused because they were no finite number. A stale marker of Prometheus is not counted: it is a gap.
    pub not_finite: i64,
    /// Samples refused because the metric, or the instance, had no room for another series.
    pub too_many_series: i64,
    /// Samples refused because their series had more than 3,600 in one hour.
    pub too_frequent: i64,
    /// How often a counter began again at zero.
    pub resets: i64,
    /// When the last sample came in.
    pub last_sample_at: Option<Time>,
    /// When Prometheus was asked last.
    pub asked_at: Option<Time>,
    /// Why the last question to Prometheus had no answer; `null` if it had one.
    pub pull_error: Option<String>,
}

/// A metric in a list, with where it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MetricSummary {
    #[serde(flatten)]
    pub metric: Metric,
    /// The latest value of any of its series.
    pub last: Option<MetricValue>,
    /// The last seven whole days beside the seven before; `null` where there are no days to compare.
    pub trend: Option<MetricTrend>,
}

/// A value at a time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct MetricValue {
    pub at: Time,
    pub value: f64,
}

/// The last seven whole days beside the seven before: the mean of all samples, for a counter the sum of its increases.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct MetricTrend {
    pub last_7_days: f64,
    pub previous_7_days: f64,
}

/// The query parameters of the list of metrics.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MetricQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[param(inline)]
    pub kind: Option<MetricKind>,
    /// `true`: only archived metrics. All others where absent.
    pub archived: Option<bool>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// The query parameter that says whose metric a key means.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MetricProduct {
    /// Key or id of the product; needed where several products have a metric with the key.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
}

/// The query parameters of samples that are sent as text.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TextSamplesQuery {
    /// Key or id of the product; needed where several products have a metric with the key.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// The name of the lines to take; others are passed over. All lines have one name where it is absent.
    #[param(min_length = 1, max_length = 200, example = "http_requests_total")]
    pub name: Option<String>,
}

/// Samples to add to a metric.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"samples": [{"at": "2026-01-31T09:30:00Z", "value": 17}]}))]
pub struct NewSamples {
    #[schema(min_items = 1, max_items = 10_000)]
    pub samples: Vec<NewSample>,
}

/// A sample to add.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSample {
    pub at: Time,
    /// A finite number; for a counter its reading.
    pub value: f64,
    /// The labels of its series; one series without labels where absent. At most 20, of at most 100 and 200 characters.
    #[serde(default)]
    #[schema(additional_properties, value_type = std::collections::HashMap<String, String>)]
    pub labels: Labels,
}

crate::domain::names! {
    /// Why a sample was refused.
    pub enum SampleProblem {
        TooOld "too_old", InFuture "in_future", NotFinite "not_finite", TooManySeries "too_many_series",
        TooFrequent "too_frequent",
    }
}

/// What became of samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct SamplesTaken {
    /// Samples that were new.
    pub accepted: i64,
    /// Samples that replaced another value at the same time.
    pub replaced: i64,
    /// Samples that were there already with the same value.
    pub unchanged: i64,
    /// Samples that were refused.
    pub refused: i64,
    /// The first 100 refused samples, each with the reason.
    pub problems: Vec<RefusedSample>,
}

/// A sample that was refused.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RefusedSample {
    /// Its place in the request.
    #[schema(example = "/samples/3")]
    pub pointer: String,
    pub code: SampleProblem,
    pub detail: String,
}
