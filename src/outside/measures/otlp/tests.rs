use serde_json::json;

use super::messages::{Gauge, Metric};
use super::*;

fn series(sent: &SentMetrics) -> Vec<(String, Vec<(i64, f64)>)> {
    let text = |series: &SentSeries| {
        let labels = series.labels.iter().filter(|(name, _)| *name != "__name__");
        let labels: Vec<String> = labels.map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}{{{}}}", series.labels["__name__"], labels.join(","))
    };
    sent.series.iter().map(|series| (text(series), series.samples.clone())).collect()
}

fn of_json(metric: serde_json::Value) -> SentMetrics {
    let resource = json!({ "attributes": [
        { "key": "service.name", "value": { "stringValue": "checkout" } },
        { "key": "service.namespace", "value": { "stringValue": "shop" } },
        { "key": "service.instance.id", "value": { "stringValue": "a1" } },
        { "key": "host.name", "value": { "stringValue": "not a label" } },
    ] });
    let scopes = json!([{ "scope": { "name": "x" }, "metrics": [metric] }]);
    let message =
        json!({ "resourceMetrics": [{ "resource": resource, "scopeMetrics": scopes, "schemaUrl": "later" }] });
    read(Encoding::Json, message.to_string().as_bytes()).expect("a message")
}

/// A field with a length: its tag and its bytes.
fn field(tag: u8, bytes: &[u8]) -> Vec<u8> {
    [&[tag << 3 | 2, bytes.len() as u8], bytes].concat()
}

#[test]
fn a_message_is_read_as_it_is_encoded_by_hand() {
    let attribute = [field(1, b"http.route"), field(2, &field(1, b"/pay"))].concat();
    // time_unix_nano = 3 (fixed64), as_int = 6 (sfixed64), attributes = 7.
    let at = 5_000_000_u64.to_le_bytes();
    let point = [&[3 << 3 | 1][..], &at, &[6 << 3 | 1], &7_i64.to_le_bytes(), &field(7, &attribute)].concat();
    let sum = [field(1, &point), vec![2 << 3, 2, 3 << 3, 1]].concat();
    let metric = [field(1, b"http.requests"), field(2, b"skipped"), field(3, b"{request}"), field(7, &sum)].concat();
    let name = [field(1, b"service.name"), field(2, &field(1, b"api"))].concat();
    let resource = field(1, &field(1, &name));
    let message = field(1, &[resource, field(2, &field(2, &metric))].concat());
    let sent = read(Encoding::Protobuf, &message).expect("a message");
    assert_eq!(series(&sent), [("http_requests_total{http_route=/pay,job=api}".to_owned(), vec![(5, 7.0)])]);
    assert!(read(Encoding::Protobuf, &[0x0a, 50, 1]).unwrap_err().contains("can't be read"));
    assert!(read(Encoding::Json, b"{").unwrap_err().contains("can't be read"));
}

#[test]
fn numbers_of_json_may_be_texts_and_points_without_a_value_are_gaps() {
    let point = |more: serde_json::Value| {
        let mut point = json!({ "timeUnixNano": "1700000000123456789" });
        point.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        point
    };
    let points = [
        point(json!({ "asInt": "-3" })),
        point(json!({ "asDouble": 1.5, "timeUnixNano": 1_700_000_001_000_000_000_u64 })),
        point(json!({ "asDouble": "NaN" })),
        point(json!({ "asInt": "9", "flags": 1 })),
        point(json!({})),
    ];
    let sent = of_json(json!({ "name": "queue.size", "unit": "1", "gauge": { "dataPoints": points } }));
    let [(name, samples)] = &series(&sent)[..] else { panic!("{sent:?}") };
    assert_eq!(name, "queue_size_ratio{instance=a1,job=shop/checkout}");
    assert_eq!(samples[..2], [(1_700_000_000_123, -3.0), (1_700_000_001_000, 1.5)]);
    assert!(samples[2].1.is_nan());
    assert_eq!(samples.len(), 3);
}

#[test]
fn histograms_and_summaries_become_the_series_of_prometheus() {
    let at = "1000000";
    let histogram = json!({ "name": "request.duration", "unit": "ms", "histogram": { "aggregationTemporality": 2,
        "dataPoints": [{ "timeUnixNano": at, "count": "6", "sum": 12.5, "bucketCounts": ["1", "2", "3"],
            "explicitBounds": [10, 50.5] }] } });
    let found = series(&of_json(histogram));
    let is = |name: &str, value: f64| (name.replace('}', "instance=a1,job=shop/checkout}"), vec![(1, value)]);
    assert_eq!(
        found[..2],
        [is("request_duration_milliseconds_count{}", 6.0), is("request_duration_milliseconds_sum{}", 12.5)]
    );
    let buckets: Vec<(String, f64)> = found[2..].iter().map(|(name, at)| (name.clone(), at[0].1)).collect();
    let bucket = |bound: &str, count: f64| {
        (format!("request_duration_milliseconds_bucket{{instance=a1,job=shop/checkout,le={bound}}}"), count)
    };
    assert_eq!(buckets, [bucket("10", 1.0), bucket("50.5", 3.0), bucket("+Inf", 6.0)]);
    let summary = json!({ "name": "gc", "unit": "s", "summary": { "dataPoints": [{ "timeUnixNano": at, "count": 2, "sum": 3,
        "quantileValues": [{ "quantile": 0.5, "value": 1 }] }] } });
    let found = series(&of_json(summary));
    assert_eq!(found[0], is("gc_seconds_count{}", 2.0));
    assert_eq!(found[2].0, "gc_seconds{instance=a1,job=shop/checkout,quantile=0.5}");
}

#[test]
fn what_can_not_be_added_up_is_rejected_and_counted() {
    let delta = json!({ "name": "a", "sum": { "aggregationTemporality": 1, "dataPoints": [{ "asInt": "1" }, {}] } });
    assert_eq!(of_json(delta).rejected, Rejected { delta: 2, exponential: 0 });
    let exponential = json!({ "name": "a", "exponentialHistogram": { "dataPoints": [{ "scale": 3 }] } });
    assert_eq!(of_json(exponential).rejected, Rejected { delta: 0, exponential: 1 });
    assert_eq!(of_json(json!({ "name": "of a later version" })), SentMetrics::default());
    assert!(answer(Encoding::Protobuf, 0, "").is_empty());
    assert_eq!(answer(Encoding::Json, 0, ""), b"{}");
    let partial = br#"{"partialSuccess":{"rejectedDataPoints":2,"errorMessage":"why"}}"#;
    assert_eq!(answer(Encoding::Json, 2, "why"), partial);
}

#[test]
fn names_and_units_are_those_of_prometheus() {
    let metric = Metric::default();
    assert!(metric.data().is_none());
    let gauge = Gauge::default();
    let named = |name: &str, unit: &str| metric_name(name, unit, Data::Gauge(&gauge));
    let cases = [
        ("system.memory.usage", "By", "system_memory_usage_bytes"),
        ("system.network.io", "By/s", "system_network_io_bytes_per_second"),
        ("process.cpu.time.seconds", "s", "process_cpu_time_seconds"),
        ("load", "1", "load_ratio"),
        ("queue", "{message}", "queue"),
        ("5xx--share", "%", "_5xx_share_percent"),
        ("오류.count", "", "count"),
    ];
    for (name, unit, is) in cases {
        assert_eq!(named(name, unit), is, "{name} in {unit}");
    }
    assert_eq!(label_name("http.request.method"), "http_request_method");
    assert_eq!(label_name("2nd"), "key_2nd");
}

#[test]
fn a_short_message_does_not_become_a_huge_one() {
    let long = "x".repeat(100_000);
    let bounds: Vec<f64> = (0..2_000).map(f64::from).collect();
    let point = json!({ "attributes": [{ "key": "a", "value": { "stringValue": long } }], "explicitBounds": bounds,
        "bucketCounts": vec!["18446744073709551615"; 2_001] });
    let metric = json!({ "name": "a", "histogram": { "aggregationTemporality": 2, "dataPoints": [point] } });
    let message = json!({ "resourceMetrics": [{ "scopeMetrics": [{ "metrics": [metric] }] }] }).to_string();
    assert!(read(Encoding::Json, message.as_bytes()).unwrap_err().contains("Send fewer points at once"));
    // A few buckets with more than can be counted.
    let most = u64::MAX.to_string();
    let point = json!({ "explicitBounds": [1], "bucketCounts": [most, most] });
    let sent = of_json(json!({ "name": "a", "histogram": { "dataPoints": [point] } }));
    assert_eq!(sent.series.last().expect("a bucket").samples, [(0, u64::MAX as f64)]);
}

#[test]
fn values_of_attributes_whose_names_become_one_are_joined() {
    let attribute = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
    let attributes = [attribute("http.route", "a"), attribute("http_route", "b"), attribute("job", "hidden")];
    let sent = of_json(json!({ "name": "x", "gauge": { "dataPoints": [{ "asInt": 1, "attributes": attributes }] } }));
    assert_eq!(series(&sent)[0].0, "x{http_route=a;b,instance=a1,job=shop/checkout}");
}
