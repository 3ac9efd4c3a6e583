//! `/metrics` in Prometheus' text format: base units, no personal data in labels.

use actix_web::web::ServiceConfig;
use actix_web::{HttpResponse, web};
use prometheus::{Encoder, HistogramOpts, HistogramVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder};
use utoipa::OpenApi;

use super::seen::Seen;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::api::base::gauges::Gauges;
use crate::http::api::base::store_metrics::StoreMetrics;
use crate::http::{Part, at};
use crate::meter;
use crate::store::health::wanted;

/// The metrics of this process.
pub struct Metrics {
    registry: Registry,
    requests: HistogramVec,
    writes_waiting: IntGauge,
    store: StoreMetrics,
    connections: IntGaugeVec,
    gauges: Gauges,
}

impl Metrics {
    /// Creates the metrics, all zero.
    ///
    /// # Errors
    /// If two metrics have the same name, which is a programming error.
    pub fn new() -> std::result::Result<Self, prometheus::Error> {
        let options = HistogramOpts::new("http_server_request_duration_seconds", "Duration of requests")
            .buckets(vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0]);
        let requests = HistogramVec::new(options, &["http_request_method", "http_route", "http_response_status_code"])?;
        let writes_waiting = IntGauge::new("hearback_writes_waiting", "Writes that wait in the queue")?;
        let registry = Registry::new();
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(writes_waiting.clone()))?;
        let store = StoreMetrics::new(&registry)?;
        let connections = Opts::new("hearback_database_read_connections", "Read connections: in use, or open and idle");
        let connections = IntGaugeVec::new(connections, &["state"])?;
        registry.register(Box::new(connections.clone()))?;
        let build = IntGaugeVec::new(Opts::new("hearback_build_info", "Version of the running program"), &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        registry.register(Box::new(build))?;
        for collector in meter::collectors() {
            registry.register(collector)?;
        }
        let gauges = Gauges::register(&registry)?;
        Ok(Self { registry, requests, writes_waiting, connections, gauges, store })
    }

    /// Counts one answered request.
    pub fn observe(&self, method: &str, route: &str, status: u16, seconds: f64) {
        // Unknown methods are counted as one label value: strangers must not be able to create labels.
        let known = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"];
        let method = if known.contains(&method) { method } else { "OTHER" };
        self.requests.with_label_values(&[method, route, status_text(status)]).observe(seconds);
    }
}

fn status_text(status: u16) -> &'static str {
    match status {
        200 => "200",
        201 => "201",
        202 => "202",
        204 => "204",
        300..=399 => "3xx",
        401 => "401",
        404 => "404",
        409 => "409",
        422 => "422",
        429 => "429",
        400..=499 => "4xx",
        503 => "503",
        _ => "5xx",
    }
}

/// Read metrics for Prometheus
///
/// Requests, grouping, imports, deliveries by channel, closures by state, jobs, and the database. Values read from the
/// database are at most 10 seconds old. Labels contain no personal data. `examples/monitoring/` has a dashboard and
/// alert rules.
#[utoipa::path(get, path = "/metrics", tag = "operation",
    responses((status = 200, body = String, content_type = "text/plain", description = "Prometheus text format")))]
pub async fn show_metrics(
    app: web::Data<App>,
    metrics: web::Data<Metrics>,
    seen: web::Data<Seen>,
) -> Result<HttpResponse> {
    metrics.writes_waiting.set(app.store.queued() as i64);
    metrics.store.refresh(&app).await;
    let (used, idle) = app.store.read_connections();
    metrics.connections.with_label_values(&["used"]).set(used.into());
    metrics.connections.with_label_values(&["idle"]).set(idle.into());
    // Without its database, the server still shows the metrics of its own process.
    if let Ok(condition) = wanted::answer(wanted::CHECK, seen.condition(&app)).await {
        metrics.gauges.set(&condition, app.store.clock.now());
    }
    if let Ok(census) = wanted::answer(wanted::CHECK, seen.census(&app)).await {
        metrics.gauges.count(&census);
    }
    let mut text = Vec::new();
    TextEncoder::new().encode(&metrics.registry.gather(), &mut text).map_err(Error::internal)?;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(show_metrics))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/metrics").get(show_metrics));
}
