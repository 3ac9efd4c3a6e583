//! The messages of OTLP metrics, with the fields that are read: `opentelemetry/proto/metrics/v1/metrics.proto`, version 1.
//! The fields of a `oneof` are written as optional fields, which are the same bytes. In JSON, numbers of 64 bits are
//! texts or numbers.

use prost::Message;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// `ExportMetricsServiceRequest`.
#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Request {
    #[prost(message, repeated, tag = "1")]
    pub resource_metrics: Vec<ResourceMetrics>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceMetrics {
    #[prost(message, optional, tag = "1")]
    pub resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    pub scope_metrics: Vec<ScopeMetrics>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Resource {
    #[prost(message, repeated, tag = "1")]
    pub attributes: Vec<Attribute>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct ScopeMetrics {
    #[prost(message, repeated, tag = "2")]
    pub metrics: Vec<Metric>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Metric {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "3")]
    pub unit: String,
    #[prost(message, optional, tag = "5")]
    gauge: Option<Gauge>,
    #[prost(message, optional, tag = "7")]
    sum: Option<Sum>,
    #[prost(message, optional, tag = "9")]
    histogram: Option<Histogram>,
    #[prost(message, optional, tag = "10")]
    exponential_histogram: Option<Exponential>,
    #[prost(message, optional, tag = "11")]
    summary: Option<Summary>,
}

/// The points of a metric, by its kind.
#[derive(Clone, Copy, Debug)]
pub enum Data<'m> {
    Gauge(&'m Gauge),
    Sum(&'m Sum),
    Histogram(&'m Histogram),
    ExponentialHistogram(&'m Exponential),
    Summary(&'m Summary),
}

impl Metric {
    /// The points; `None` for a kind that this version does not know.
    pub fn data(&self) -> Option<Data<'_>> {
        let gauge = self.gauge.as_ref().map(Data::Gauge);
        let sum = || self.sum.as_ref().map(Data::Sum);
        let histogram = || self.histogram.as_ref().map(Data::Histogram);
        let exponential = || self.exponential_histogram.as_ref().map(Data::ExponentialHistogram);
        let summary = || self.summary.as_ref().map(Data::Summary);
        gauge.or_else(sum).or_else(histogram).or_else(exponential).or_else(summary)
    }
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Gauge {
    #[prost(message, repeated, tag = "1")]
    pub data_points: Vec<Number>,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Sum {
    #[prost(message, repeated, tag = "1")]
    pub data_points: Vec<Number>,
    #[prost(int32, tag = "2")]
    pub aggregation_temporality: i32,
    #[prost(bool, tag = "3")]
    pub is_monotonic: bool,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Histogram {
    #[prost(message, repeated, tag = "1")]
    pub data_points: Vec<Distribution>,
    #[prost(int32, tag = "2")]
    pub aggregation_temporality: i32,
}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Exponential {
    #[prost(message, repeated, tag = "1")]
    pub data_points: Vec<Counted>,
}

/// A point that is only counted.
#[derive(Clone, Copy, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Counted {}

#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Summary {
    #[prost(message, repeated, tag = "1")]
    pub data_points: Vec<Quantiles>,
}

/// `NumberDataPoint`.
#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Number {
    #[prost(message, repeated, tag = "7")]
    pub attributes: Vec<Attribute>,
    #[prost(fixed64, tag = "3")]
    #[serde(deserialize_with = "whole")]
    pub time_unix_nano: u64,
    #[prost(double, optional, tag = "4")]
    #[serde(deserialize_with = "some_number")]
    pub as_double: Option<f64>,
    #[prost(sfixed64, optional, tag = "6")]
    #[serde(deserialize_with = "some_whole")]
    pub as_int: Option<i64>,
    #[prost(uint32, tag = "8")]
    pub flags: u32,
}

/// `HistogramDataPoint`.
#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Distribution {
    #[prost(message, repeated, tag = "9")]
    pub attributes: Vec<Attribute>,
    #[prost(fixed64, tag = "3")]
    #[serde(deserialize_with = "whole")]
    pub time_unix_nano: u64,
    #[prost(fixed64, tag = "4")]
    #[serde(deserialize_with = "whole")]
    pub count: u64,
    #[prost(double, optional, tag = "5")]
    #[serde(deserialize_with = "some_number")]
    pub sum: Option<f64>,
    #[prost(fixed64, repeated, tag = "6")]
    #[serde(deserialize_with = "wholes")]
    pub bucket_counts: Vec<u64>,
    #[prost(double, repeated, tag = "7")]
    pub explicit_bounds: Vec<f64>,
    #[prost(uint32, tag = "10")]
    pub flags: u32,
}

/// `SummaryDataPoint`.
#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Quantiles {
    #[prost(message, repeated, tag = "7")]
    pub attributes: Vec<Attribute>,
    #[prost(fixed64, tag = "3")]
    #[serde(deserialize_with = "whole")]
    pub time_unix_nano: u64,
    #[prost(fixed64, tag = "4")]
    #[serde(deserialize_with = "whole")]
    pub count: u64,
    #[prost(double, tag = "5")]
    pub sum: f64,
    #[prost(message, repeated, tag = "6")]
    pub quantile_values: Vec<Quantile>,
    #[prost(uint32, tag = "8")]
    pub flags: u32,
}

#[derive(Clone, Copy, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Quantile {
    #[prost(double, tag = "1")]
    pub quantile: f64,
    #[prost(double, tag = "2")]
    pub value: f64,
}

/// `KeyValue`.
#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(default)]
pub struct Attribute {
    #[prost(string, tag = "1")]
    pub key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<Value>,
}

impl Attribute {
    /// The value as the text of a label; empty for a list, a map or bytes.
    pub fn text(&self) -> String {
        let Some(value) = &self.value else { return String::new() };
        let text = value.string_value.clone();
        let flag = || value.bool_value.map(|flag| flag.to_string());
        let whole = || value.int_value.map(|whole| whole.to_string());
        let number = || value.double_value.map(|number| number.to_string());
        text.or_else(flag).or_else(whole).or_else(number).unwrap_or_default()
    }
}

/// `AnyValue`, as far as it is a label.
#[derive(Clone, PartialEq, Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Value {
    #[prost(string, optional, tag = "1")]
    string_value: Option<String>,
    #[prost(bool, optional, tag = "2")]
    bool_value: Option<bool>,
    #[prost(int64, optional, tag = "3")]
    #[serde(deserialize_with = "some_whole")]
    int_value: Option<i64>,
    #[prost(double, optional, tag = "4")]
    #[serde(deserialize_with = "some_number")]
    double_value: Option<f64>,
}

/// `ExportMetricsServiceResponse`.
#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    #[prost(message, optional, tag = "1")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial_success: Option<Partial>,
}

/// `ExportMetricsPartialSuccess`.
#[derive(Clone, PartialEq, Message, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Partial {
    #[prost(int64, tag = "1")]
    pub rejected_data_points: i64,
    #[prost(string, tag = "2")]
    pub error_message: String,
}

/// A number of JSON, which may be written as a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written<T> {
    Number(T),
    Text(String),
}

impl<T: std::str::FromStr> Written<T> {
    fn read<E: Error>(self) -> Result<T, E> {
        match self {
            Written::Number(number) => Ok(number),
            // JSON has no number for these three.
            Written::Text(text) => {
                text.replace("Infinity", "inf").parse().map_err(|_| E::custom(format!("{text:?} is not a number")))
            }
        }
    }
}

fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    Written::deserialize(from)?.read()
}

fn wholes<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u64>, D::Error> {
    Vec::<Written<u64>>::deserialize(from)?.into_iter().map(Written::read).collect()
}

fn some_whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Option::<Written<i64>>::deserialize(from)?.map(Written::read).transpose()
}

fn some_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    Option::<Written<f64>>::deserialize(from)?.map(Written::read).transpose()
}
