//! `/v1/otlp/v1/metrics`: what OpenTelemetry sends by OTLP/HTTP.

use actix_web::web::{Payload, ServiceConfig};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use utoipa::OpenApi;

use crate::error::{Code, Error, Result};
use crate::http::base::body::{Body, decompressed, expect_type, read_body, turn};
use crate::http::base::extract::{By, away_if};
use crate::http::base::memory::SMALL;
use crate::http::base::reply::{Answer, AppData};
use crate::http::{Part, at};
use crate::outside::measures::otlp::{self, Encoding, LONGEST, Rejected};
use crate::outside::measures::remote_write::SentSeries;
use crate::usecase::measures::remote::{self, RemoteWrite, WrittenSeries};

/// Receive metrics from OpenTelemetry
///
/// OTLP/HTTP, as protobuf or JSON, also compressed with gzip. The metrics get the names and labels that Prometheus gives them
/// (`http.server.request.duration` in `s` becomes `http_server_request_duration_seconds_count`, `_sum` and `_bucket`;
/// `service.name` becomes `job`), and the series that the `selector` of a metric names are kept. Not stored, and counted in
/// the answer: sums and histograms of delta temporality (set the exporter's temporality to cumulative), and exponential
/// histograms. Samples that a metric refuses are counted there and at the metric. Exemplars are not stored.
///
/// An SDK or a Collector needs `OTEL_EXPORTER_OTLP_ENDPOINT=https://hearback.example.com/v1/otlp`,
/// `OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf` and `OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer hb_...`.
#[utoipa::path(post, path = "/v1/otlp/v1/metrics", tag = "metrics",
    request_body(content((String = "application/x-protobuf"), (serde_json::Value = "application/json"))),
    responses((status = 200, description = "Stored; the body is an ExportMetricsServiceResponse in the encoding of the request",
        content((String = "application/x-protobuf"), (serde_json::Value = "application/json")))))]
pub async fn receive_otlp_metrics(app: AppData, request: HttpRequest, By(caller): By, body: Payload) -> Answer {
    let encoding = encoding(&request)?;
    let Body { bytes, held } = read_body(&app, &request, decompressed(&request, body.into_inner())?, LONGEST).await?;
    let _turn = turn(&app, &request, held.as_ref(), &bytes).await?;
    let length = bytes.len();
    let broken = |why| Error::new(Code::MalformedRequest, why);
    let sent = away_if(length > SMALL / 4, move || otlp::read(encoding, &bytes).map_err(broken)).await?;
    let written: Vec<WrittenSeries> = sent.series.into_iter().map(as_written).collect();
    let outcome = app.store.write(caller.actor(), move |tx| remote::write(tx, &written)).await?;
    let (rejected, why) = rejected(sent.rejected, outcome);
    Ok(HttpResponse::Ok().content_type(content_type(encoding)).body(otlp::answer(encoding, rejected, &why)))
}

fn as_written(series: SentSeries) -> WrittenSeries {
    WrittenSeries { labels: series.labels, samples: series.samples }
}

/// How many points are not stored, and why.
fn rejected(unread: Rejected, outcome: RemoteWrite) -> (i64, String) {
    let reasons = [
        (unread.delta, "of delta temporality; set the exporter's temporality to cumulative"),
        (unread.exponential, "of exponential histograms, which are not stored"),
        (outcome.refused, "refused by a metric, which counts why"),
        (outcome.wrong, "of series whose labels can't be kept"),
    ];
    let some = reasons.iter().filter(|(count, _)| *count > 0);
    let why = some.map(|(count, why)| format!("{count} points are {why}.")).chain(outcome.why_wrong);
    (reasons.iter().map(|(count, _)| count).sum(), why.collect::<Vec<_>>().join(" "))
}

/// The encoding of the message, by the header.
fn encoding(request: &HttpRequest) -> Result<Encoding> {
    expect_type(request, &["application/x-protobuf", "application/json"])?;
    Ok(if request.content_type().eq_ignore_ascii_case("application/json") {
        Encoding::Json
    } else {
        Encoding::Protobuf
    })
}

fn content_type(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Protobuf => "application/x-protobuf",
        Encoding::Json => "application/json",
    }
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(receive_otlp_metrics))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/otlp/v1/metrics").post(receive_otlp_metrics));
}
