//! What an OpenTelemetry SDK or Collector sends by OTLP/HTTP: metrics as protobuf or JSON. They become series as a Prometheus
//! would store them, so that the same selectors find them.

mod messages;
mod names;

use std::collections::BTreeMap;

use prost::Message;

use self::messages::{Attribute, Data, Distribution, Metric, Number, Quantiles, Request};
use self::names::{label_name, metric_name};
use super::remote_write::SentSeries;

/// The longest message, uncompressed.
pub const LONGEST: usize = 4 * 1024 * 1024;

/// The aggregation temporality of values that begin anew with each point.
const DELTA: i32 = 1;
/// The flag of a point without a value: the series is gone.
const NO_VALUE: u32 = 1;

/// The encoding of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Protobuf,
    Json,
}

/// What was sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SentMetrics {
    pub series: Vec<SentSeries>,
    /// Points that can't be read as a series, and why.
    pub rejected: Rejected,
}

/// Points that are not stored, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rejected {
    /// Sums and histograms of the time since the last point: to add them up, none may be lost.
    pub delta: i64,
    /// Exponential histograms.
    pub exponential: i64,
}

/// Reads a message.
///
/// # Errors
/// A sentence that says what is wrong with it; the sender must not send it again.
pub fn read(encoding: Encoding, body: &[u8]) -> Result<SentMetrics, String> {
    let request = match encoding {
        Encoding::Protobuf => Request::decode(body).map_err(|e| format!("The message can't be read: {e}."))?,
        Encoding::Json => serde_json::from_slice(body).map_err(|e| format!("The message can't be read: {e}."))?,
    };
    let mut sent = SentMetrics::default();
    for resource in request.resource_metrics {
        let attributes = resource.resource.map(|resource| resource.attributes).unwrap_or_default();
        let origin = origin(&attributes);
        for metric in resource.scope_metrics.iter().flat_map(|scope| &scope.metrics) {
            sent.add(metric, &origin);
        }
    }
    Ok(sent)
}

/// The labels that say where metrics come from: `job` and `instance`, as Prometheus makes them of a resource.
fn origin(resource: &[Attribute]) -> BTreeMap<String, String> {
    let of = |key: &str| resource.iter().find(|attribute| attribute.key == key).map(Attribute::text);
    let job = match (of("service.namespace"), of("service.name")) {
        (Some(namespace), Some(name)) => Some(format!("{namespace}/{name}")),
        (_, name) => name,
    };
    let labels = [("job", job), ("instance", of("service.instance.id"))];
    labels.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?))).collect()
}

impl SentMetrics {
    fn add(&mut self, metric: &Metric, origin: &BTreeMap<String, String>) {
        let Some(data) = metric.data() else { return };
        let name = metric_name(&metric.name, &metric.unit, data);
        match data {
            Data::Gauge(gauge) => self.numbers(&name, &gauge.data_points, origin),
            Data::Sum(sum) if sum.aggregation_temporality == DELTA => {
                self.rejected.delta += sum.data_points.len() as i64;
            }
            Data::Sum(sum) => self.numbers(&name, &sum.data_points, origin),
            Data::Histogram(histogram) if histogram.aggregation_temporality == DELTA => {
                self.rejected.delta += histogram.data_points.len() as i64;
            }
            Data::Histogram(histogram) => {
                histogram.data_points.iter().for_each(|point| self.distribution(&name, point, origin));
            }
            Data::Summary(summary) => {
                summary.data_points.iter().for_each(|point| self.quantiles(&name, point, origin));
            }
            Data::ExponentialHistogram(points) => self.rejected.exponential += points.data_points.len() as i64,
        }
    }

    fn numbers(&mut self, name: &str, points: &[Number], origin: &BTreeMap<String, String>) {
        for point in points {
            let value = point.as_double.or(point.as_int.map(|whole| whole as f64));
            if let Some(value) = value.filter(|_| point.flags & NO_VALUE == 0) {
                self.point((name, ""), &point.attributes, origin, (point.time_unix_nano, value));
            }
        }
    }

    /// A histogram as Prometheus stores it: how many, their sum, and how many were at most the bound of each bucket.
    fn distribution(&mut self, name: &str, point: &Distribution, origin: &BTreeMap<String, String>) {
        if point.flags & NO_VALUE != 0 {
            return;
        }
        let at = point.time_unix_nano;
        self.point((name, "_count"), &point.attributes, origin, (at, point.count as f64));
        if let Some(sum) = point.sum {
            self.point((name, "_sum"), &point.attributes, origin, (at, sum));
        }
        let mut so_far = 0;
        let bounds = point.explicit_bounds.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
        for (bound, count) in bounds.zip(&point.bucket_counts) {
            so_far += count;
            let attributes = with(&point.attributes, "le", bound);
            self.point((name, "_bucket"), &attributes, origin, (at, so_far as f64));
        }
    }

    fn quantiles(&mut self, name: &str, point: &Quantiles, origin: &BTreeMap<String, String>) {
        if point.flags & NO_VALUE != 0 {
            return;
        }
        let at = point.time_unix_nano;
        self.point((name, "_count"), &point.attributes, origin, (at, point.count as f64));
        self.point((name, "_sum"), &point.attributes, origin, (at, point.sum));
        for quantile in &point.quantile_values {
            let attributes = with(&point.attributes, "quantile", quantile.quantile.to_string());
            self.point((name, ""), &attributes, origin, (at, quantile.value));
        }
    }

    /// Adds a point to its series. Points of one series follow each other.
    fn point(
        &mut self,
        (name, end): (&str, &str),
        attributes: &[Attribute],
        origin: &BTreeMap<String, String>,
        (nanoseconds, value): (u64, f64),
    ) {
        let own = attributes.iter().map(|attribute| (label_name(&attribute.key), attribute.text()));
        let mut labels: BTreeMap<String, String> = own.chain(origin.clone()).collect();
        labels.insert("__name__".to_owned(), format!("{name}{end}"));
        let sample = ((nanoseconds / 1_000_000) as i64, value);
        match self.series.last_mut().filter(|series| series.labels == labels) {
            Some(series) => series.samples.push(sample),
            None => self.series.push(SentSeries { labels, samples: vec![sample], ..SentSeries::default() }),
        }
    }
}

fn with(attributes: &[Attribute], key: &str, value: String) -> Vec<Attribute> {
    attributes.iter().cloned().chain([Attribute::of(key, value)]).collect()
}

/// The answer to a message: empty where all was taken, else how many points were rejected, and why.
pub fn answer(encoding: Encoding, rejected: i64, why: &str) -> Vec<u8> {
    let partial =
        (rejected > 0).then(|| messages::Partial { rejected_data_points: rejected, error_message: why.to_owned() });
    let answer = messages::Answer { partial_success: partial };
    match encoding {
        Encoding::Protobuf => answer.encode_to_vec(),
        Encoding::Json => serde_json::to_vec(&answer).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
