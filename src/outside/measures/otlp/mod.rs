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

/// The most bytes of labels that the points of a message may have together. Each point has the labels of its resource, and
/// each bucket those of its point, so that a short message could stand for very many.
const MOST_LABELS: usize = 8 * LONGEST;
/// What a point costs beside the text of its labels, in bytes.
const POINT: usize = 200;

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
    /// The bytes of labels so far.
    labels: usize,
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
            sent.add(metric, &origin)?;
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
    fn add(&mut self, metric: &Metric, origin: &BTreeMap<String, String>) -> Result<(), String> {
        let Some(data) = metric.data() else { return Ok(()) };
        let name = metric_name(&metric.name, &metric.unit, data);
        match data {
            Data::Gauge(gauge) => self.numbers(&name, &gauge.data_points, origin)?,
            Data::Sum(sum) if sum.aggregation_temporality == DELTA => {
                self.rejected.delta += sum.data_points.len() as i64;
            }
            Data::Sum(sum) => self.numbers(&name, &sum.data_points, origin)?,
            Data::Histogram(histogram) if histogram.aggregation_temporality == DELTA => {
                self.rejected.delta += histogram.data_points.len() as i64;
            }
            Data::Histogram(histogram) => {
                histogram.data_points.iter().try_for_each(|point| self.distribution(&name, point, origin))?;
            }
            Data::Summary(summary) => {
                summary.data_points.iter().try_for_each(|point| self.quantiles(&name, point, origin))?;
            }
            Data::ExponentialHistogram(points) => self.rejected.exponential += points.data_points.len() as i64,
        }
        Ok(())
    }

    fn numbers(&mut self, name: &str, points: &[Number], origin: &BTreeMap<String, String>) -> Result<(), String> {
        for point in points {
            let value = point.as_double.or(point.as_int.map(|whole| whole as f64));
            if let Some(value) = value.filter(|_| point.flags & NO_VALUE == 0) {
                self.point((name, ""), (&point.attributes, None), origin, (point.time_unix_nano, value))?;
            }
        }
        Ok(())
    }

    /// A histogram as Prometheus stores it: how many, their sum, and how many were at most the bound of each bucket.
    fn distribution(
        &mut self,
        name: &str,
        point: &Distribution,
        origin: &BTreeMap<String, String>,
    ) -> Result<(), String> {
        if point.flags & NO_VALUE != 0 {
            return Ok(());
        }
        let (at, own) = (point.time_unix_nano, &point.attributes[..]);
        self.point((name, "_count"), (own, None), origin, (at, point.count as f64))?;
        if let Some(sum) = point.sum {
            self.point((name, "_sum"), (own, None), origin, (at, sum))?;
        }
        let mut so_far = 0_u64;
        let bounds = point.explicit_bounds.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
        for (bound, count) in bounds.zip(&point.bucket_counts) {
            so_far = so_far.saturating_add(*count);
            self.point((name, "_bucket"), (own, Some(("le", bound))), origin, (at, so_far as f64))?;
        }
        Ok(())
    }

    fn quantiles(&mut self, name: &str, point: &Quantiles, origin: &BTreeMap<String, String>) -> Result<(), String> {
        if point.flags & NO_VALUE != 0 {
            return Ok(());
        }
        let (at, own) = (point.time_unix_nano, &point.attributes[..]);
        self.point((name, "_count"), (own, None), origin, (at, point.count as f64))?;
        self.point((name, "_sum"), (own, None), origin, (at, point.sum))?;
        for one in &point.quantile_values {
            let quantile = Some(("quantile", one.quantile.to_string()));
            self.point((name, ""), (own, quantile), origin, (at, one.value))?;
        }
        Ok(())
    }

    /// Adds a point to its series, with its attributes and a label that its kind gives it. Points of one series follow each
    /// other.
    fn point(
        &mut self,
        (name, end): (&str, &str),
        (attributes, of_kind): (&[Attribute], Option<(&str, String)>),
        origin: &BTreeMap<String, String>,
        (nanoseconds, value): (u64, f64),
    ) -> Result<(), String> {
        let mut labels: BTreeMap<String, String> = BTreeMap::new();
        for attribute in attributes {
            let text = attribute.text();
            // Prometheus joins the values of attributes whose names become one.
            labels
                .entry(label_name(&attribute.key))
                .and_modify(|known| *known = format!("{known};{text}"))
                .or_insert(text);
        }
        labels.extend(of_kind.map(|(label, value)| (label.to_owned(), value)));
        labels.extend(origin.clone());
        labels.insert("__name__".to_owned(), format!("{name}{end}"));
        self.labels += POINT + labels.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
        if self.labels > MOST_LABELS {
            return Err("The points of the message have too many labels. Send fewer points at once.".to_owned());
        }
        let sample = ((nanoseconds / 1_000_000) as i64, value);
        match self.series.last_mut().filter(|series| series.labels == labels) {
            Some(series) => series.samples.push(sample),
            None => self.series.push(SentSeries { labels, samples: vec![sample], ..SentSeries::default() }),
        }
        Ok(())
    }
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
