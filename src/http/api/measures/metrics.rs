//! `/v1/metrics`: the metrics that the team shares, their samples and series.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::{Page, Time};
use crate::domain::measures::metric::{
    Metric, MetricEdit, MetricProduct, MetricQuery, MetricSummary, NewMetric, NewSamples, SamplesTaken,
};
use crate::domain::measures::sampling::samples::Sample;
use crate::domain::measures::series::{MetricSeries, SeriesQuery};
use crate::error::{Error, FieldError, Result};
use crate::http::base::extract::{Query, segment};
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging, resource};
use crate::http::{Part, at};
use crate::outside::client::check_url;
use crate::store::Tx;
use crate::store::measures::metrics as stored;
use crate::usecase::measures::intake::{self, Incoming};
use crate::usecase::measures::{definitions, reading};

/// Wrong labels named in one answer at most.
const MOST_NAMED: usize = 200;

/// List metrics, newest first
///
/// Each has its latest value, and the last seven whole days beside the seven before. Archived metrics are left out unless
/// `archived=true`.
#[utoipa::path(get, path = "/v1/metrics", tag = "metrics", params(MetricQuery),
    responses((status = 200, body = Page<MetricSummary>)))]
pub async fn list_metrics(app: AppData, request: HttpRequest, query: Query<MetricQuery>) -> Answer {
    let (paging, now) = (paging(&request, &query.0)?, app.store.clock.now());
    let read = move |conn: &mut _| {
        let found = stored::list(conn, &query.0, &paging)?;
        reading::summaries(conn, found, now)
    };
    Ok(page(&request, &app.store.read(read).await?))
}

/// Define a metric
///
/// Samples come in one of three ways: `POST /v1/metrics/{id}/samples`; `prometheus`, an expression that is asked for on
/// a schedule; or `selector`, the series that are kept of what a Prometheus sends to `/v1/prometheus/write`.
///
/// Of a `counter`, the samples are readings of a number that only grows. What is kept is how much it grew between two
/// readings; a lower reading means that it began again at zero.
#[utoipa::path(post, path = "/v1/metrics", tag = "metrics", request_body = NewMetric,
    responses((status = 201, body = Metric, description = "Created", headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_metric(app: AppData, write: Write) -> Answer {
    let allow_private = app.config.allow_private_addresses;
    let create = move |tx: &mut Tx<'_>, input: &NewMetric| {
        let metric = definitions::create(tx, input, &|url: &str| check_url(url, allow_private))?;
        Ok(Reply::created(format!("/v1/metrics/{}", metric.id), &metric))
    };
    write.run(&app, create).await
}

/// Read a metric
///
/// `id` is its key or its id.
#[utoipa::path(get, path = "/v1/metrics/{id}", tag = "metrics",
    params(("id" = String, Path, description = "Key or id of the metric", example = "signups"), MetricProduct),
    responses((status = 200, body = Metric, headers(("ETag" = String)))))]
pub async fn get_metric(app: AppData, request: HttpRequest, query: Query<MetricProduct>) -> Answer {
    let key: String = segment(&request, "id")?;
    let found = app.store.read(move |conn| definitions::named(conn, &key, query.0.product.as_deref())).await?;
    Ok(resource(&found))
}

/// Change a metric
///
/// `archived: true` archives it: it takes no more samples, and lists leave it out; its series stay. `counter` and the key
/// can't be changed, because the stored samples would mean something else.
#[utoipa::path(patch, path = "/v1/metrics/{id}", tag = "metrics",
    params(("id" = String, Path, description = "Key or id of the metric", example = "signups"), MetricProduct),
    request_body(content = MetricEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Metric, headers(("ETag" = String)))))]
pub async fn edit_metric(app: AppData, request: HttpRequest, query: Query<MetricProduct>, write: Write) -> Answer {
    let key: String = segment(&request, "id")?;
    let allow_private = app.config.allow_private_addresses;
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    let edit = move |tx: &mut Tx<'_>| {
        let metric = definitions::named_in_reach(tx, &key, query.0.product.as_deref())?;
        let check = |url: &str| check_url(url, allow_private);
        Ok(Reply::ok(&definitions::edit(tx, metric.id, if_match, &patch, &check)?))
    };
    write.run_raw(&app, edit).await
}

/// Add samples to a metric
///
/// A sample is told by the time and the labels of its series: sent again it changes nothing, and with another value it
/// replaces the earlier one (`replaced`). A sample may be up to 24 hours behind the newest one of its series, so history
/// is sent in order, the oldest first; it may be up to ten minutes in the future. What is refused is counted, and the
/// first hundred are named in `problems`. Where every sample is refused, the answer is 422 and nothing is counted.
///
/// A metric has at most 20 series, an instance 1,000; a series takes at most 3,600 samples in an hour. Samples in the text
/// format of Prometheus go to `/v1/metrics/{id}/samples/text`.
#[utoipa::path(post, path = "/v1/metrics/{id}/samples", tag = "metrics",
    params(("id" = String, Path, description = "Key or id of the metric", example = "signups"), MetricProduct),
    request_body = NewSamples, responses((status = 200, body = SamplesTaken)))]
pub async fn add_samples(app: AppData, request: HttpRequest, query: Query<MetricProduct>, write: Write) -> Answer {
    let key: String = segment(&request, "id")?;
    let add = move |tx: &mut Tx<'_>, input: &NewSamples| {
        let incoming = incoming(input)?;
        let metric = definitions::named_in_reach(tx, &key, query.0.product.as_deref())?;
        let metric = stored::lock(tx, metric.id)?;
        let taken = intake::take(tx, metric, incoming)?;
        if taken.refused == input.samples.len() as i64 { Err(all_refused(taken)) } else { Ok(Reply::ok(&taken)) }
    };
    write.run(&app, add).await
}

/// The error of a request of which every sample was refused, with the reason for each that is named.
pub(super) fn all_refused(taken: SamplesTaken) -> Error {
    let wrong = taken.problems.into_iter();
    Error::invalid(wrong.map(|one| FieldError::new(one.pointer, one.code.as_str(), one.detail)).collect())
}

/// The samples of a request.
///
/// # Errors
/// 422 for wrong labels.
fn incoming(input: &NewSamples) -> Result<Vec<Incoming>> {
    let mut wrong = Vec::new();
    let mut found = Vec::with_capacity(input.samples.len());
    for (place, sample) in input.samples.iter().enumerate() {
        if !sample.labels.is_empty() && wrong.len() < MOST_NAMED {
            wrong.extend(intake::wrong_labels(&sample.labels, &format!("/samples/{place}/labels")));
        }
        let Time(at) = sample.at;
        let own = Sample { at: at.div_euclid(1000), value: sample.value };
        found.push(Incoming { sample: own, labels: sample.labels.clone(), place });
    }
    if wrong.is_empty() { Ok(found) } else { Err(Error::invalid(wrong)) }
}

/// Read the series of a metric
///
/// Samples are kept in buckets of five minutes for 14 days, of an hour for 100 days, and of a day for five years. `step`
/// in the answer is the length of a point; it is longer than the one asked for where the period reaches back beyond what
/// is kept. Days begin and end in the time zone of the product, so one has 23 or 25 hours where the clocks change.
#[utoipa::path(get, path = "/v1/metrics/{id}/series", tag = "metrics",
    params(("id" = String, Path, description = "Key or id of the metric", example = "signups"), SeriesQuery),
    responses((status = 200, body = MetricSeries)))]
pub async fn get_metric_series(app: AppData, request: HttpRequest, query: Query<SeriesQuery>) -> Answer {
    let key: String = segment(&request, "id")?;
    let now = app.store.clock.now();
    let read = move |conn: &mut _| {
        let metric = definitions::named(conn, &key, query.0.product.as_deref())?;
        reading::read(conn, &metric, &query.0, now)
    };
    Ok(json(&app.store.read(read).await?))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_metrics, create_metric, get_metric, edit_metric, add_samples, get_metric_series))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/metrics").get(list_metrics).post(create_metric))
        .service(at("/v1/metrics/{id}").get(get_metric).patch(edit_metric))
        .service(at("/v1/metrics/{id}/samples").post(add_samples))
        .service(at("/v1/metrics/{id}/series").get(get_metric_series));
}
