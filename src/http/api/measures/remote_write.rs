//! `/v1/prometheus/write`: what a Prometheus sends by remote write.

use actix_web::http::header;
use actix_web::web::{Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use crate::error::{Code, Error, Result};
use crate::http::base::body::{Body, read_body, turn};
use crate::http::base::extract::{By, away_if};
use crate::http::base::memory::SMALL;
use crate::http::base::reply::{Answer, AppData};
use crate::http::{Part, at};
use crate::outside::measures::remote_write::{self, LONGEST, SentSeries, Version};
use crate::usecase::measures::remote::{self, WrittenSeries};

/// Receive samples from a Prometheus
///
/// Remote write 1.0 and 2.0: a protobuf message in a snappy block (`Content-Encoding: snappy`). Of all that is sent, the
/// series that the `selector` of a metric names are kept; the others are skipped and counted in
/// `X-Hearback-Samples-Unselected`. Samples that a metric refuses are counted at the metric. The answers follow what
/// senders do: 400 and 415 are never sent again, 5xx is. Histograms and exemplars are not stored; a stale marker is a gap.
///
/// In `prometheus.yml`: `remote_write: [{url: https://hearback.example.com/v1/prometheus/write, authorization:
/// {credentials: hb_...}}]`.
#[utoipa::path(post, path = "/v1/prometheus/write", tag = "metrics",
    request_body(content = String, content_type = "application/x-protobuf"),
    responses((status = 204, description = "Stored",
        headers(("X-Prometheus-Remote-Write-Samples-Written" = String),
            ("X-Prometheus-Remote-Write-Histograms-Written" = String),
            ("X-Prometheus-Remote-Write-Exemplars-Written" = String),
            ("X-Hearback-Samples-Unselected" = String)))))]
pub async fn receive_remote_write(app: AppData, request: HttpRequest, By(caller): By, body: Payload) -> Answer {
    let version = version(&request)?;
    let Body { bytes, held } = read_body(&app, &request, body.into_inner(), LONGEST).await?;
    let _turn = turn(&app, &request, held.as_ref(), &bytes).await?;
    let length = bytes.len();
    let broken = |why| Error::new(Code::MalformedRequest, why);
    let sent = away_if(length > SMALL / 4, move || remote_write::read(version, &bytes).map_err(broken)).await?;
    let written: Vec<WrittenSeries> = sent.into_iter().map(as_written).collect();
    let outcome = app.store.write(caller.actor(), move |tx| remote::write(tx, &written)).await?;
    // The other series are stored; the sender reports the refusal, and sends none of them again.
    if let Some(why) = outcome.why_wrong {
        return Err(Error::new(Code::MalformedRequest, format!("{why} {} samples are not stored.", outcome.wrong)));
    }
    Ok(HttpResponse::NoContent()
        .insert_header(("X-Prometheus-Remote-Write-Samples-Written", outcome.written.to_string()))
        .insert_header(("X-Prometheus-Remote-Write-Histograms-Written", "0"))
        .insert_header(("X-Prometheus-Remote-Write-Exemplars-Written", "0"))
        .insert_header(("X-Hearback-Samples-Unselected", outcome.unselected.to_string()))
        .finish())
}

fn as_written(series: SentSeries) -> WrittenSeries {
    WrittenSeries { labels: series.labels, samples: series.samples }
}

/// The version of the message, by the headers.
fn version(request: &HttpRequest) -> Result<Version> {
    let head = |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let refuse = |detail: &str| Err(Error::new(Code::UnsupportedMediaType, detail));
    match head(header::CONTENT_ENCODING) {
        Some(encoding) if encoding.eq_ignore_ascii_case("snappy") => {}
        _ => return refuse("Send the message with Content-Encoding: snappy."),
    }
    match head(header::CONTENT_TYPE).and_then(Version::of) {
        Some(version) => Ok(version),
        None => {
            refuse("Send application/x-protobuf, with proto=prometheus.WriteRequest or io.prometheus.write.v2.Request.")
        }
    }
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(receive_remote_write))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/prometheus/write").post(receive_remote_write));
}
