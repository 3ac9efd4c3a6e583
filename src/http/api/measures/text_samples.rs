//! `/v1/metrics/{id}/samples/text`: samples as exporters of Prometheus write them.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use utoipa::OpenApi;

use crate::domain::measures::metric::{SamplesTaken, TextSamplesQuery};
use crate::error::{Code, Error, FieldError, Result};
use crate::http::api::measures::metrics::all_refused;
use crate::http::base::body::{Body, expect_type, read_body, turn};
use crate::http::base::extract::{By, Query, away_if, segment};
use crate::http::base::memory::SMALL;
use crate::http::base::reply::{Answer, AppData, json};
use crate::http::{Part, at};
use crate::outside::measures::exposition::{self, BadLine, ExposedSample, LONGEST, MOST};
use crate::store::measures::metrics as stored;
use crate::usecase::measures::definitions;
use crate::usecase::measures::intake::{self, Incoming};

/// Wrong lines named in one answer at most.
const MOST_NAMED: usize = 200;

/// Add samples to a metric as text
///
/// In the text format of Prometheus, as exporters write it: `signups{plan="pro"} 17 1769851800000`. The time is in
/// milliseconds, and now where it is missing. All lines are samples of this metric, so they have one name; with `name`, lines
/// of other names are passed over, so that the whole output of an exporter can be sent. What is true of
/// `POST /v1/metrics/{id}/samples` is true here. Example:
/// `curl -H 'Content-Type: text/plain' --data-binary 'signups 17' ...`
#[utoipa::path(post, path = "/v1/metrics/{id}/samples/text", tag = "metrics",
    params(("id" = String, Path, description = "Key or id of the metric", example = "signups"), TextSamplesQuery),
    request_body(content = String, content_type = "text/plain", example = "signups{plan=\"pro\"} 17\n"),
    responses((status = 200, body = SamplesTaken)))]
pub async fn add_samples_as_text(
    app: AppData,
    request: HttpRequest,
    query: Query<TextSamplesQuery>,
    By(caller): By,
    body: Payload,
) -> Answer {
    expect_type(&request, &["text/plain"])?;
    let key: String = segment(&request, "id")?;
    let Body { bytes, held } = read_body(&app, &request, body.into_inner(), LONGEST).await?;
    let _turn = turn(&app, &request, held.as_ref(), &bytes).await?;
    let (length, now) = (bytes.len(), app.store.clock.now().0.div_euclid(1000));
    let TextSamplesQuery { product, name } = query.0;
    let read = move || {
        let text =
            std::str::from_utf8(&bytes).map_err(|_| Error::new(Code::MalformedRequest, "The text is no UTF-8."))?;
        of_one_name(exposition::read(text, now).map_err(no_samples)?, name.as_deref())
    };
    let samples = away_if(length > SMALL / 4, read).await?;
    let count = samples.len() as i64;
    let add = move |tx: &mut crate::store::Tx<'_>| {
        let metric = definitions::named_in_reach(tx, &key, product.as_deref())?;
        let metric = stored::lock(tx, metric.id)?;
        let mut taken = intake::take(tx, metric, samples.clone())?;
        // The places are numbers of lines.
        for problem in &mut taken.problems {
            problem.pointer = problem.pointer.replace("/samples/", "/lines/");
        }
        if taken.refused == count { Err(all_refused(taken)) } else { Ok(taken) }
    };
    Ok(json(&app.store.write(caller.actor(), add).await?))
}

fn no_samples(bad: Vec<BadLine>) -> Error {
    let named = bad.into_iter().take(MOST_NAMED);
    Error::invalid(named.map(|one| FieldError::new(format!("/lines/{}", one.line), "format", one.why)).collect())
}

/// The samples of one name: the one that is asked for, or the only one there is.
fn of_one_name(samples: Vec<ExposedSample>, name: Option<&str>) -> Result<Vec<Incoming>> {
    let only =
        name.map(str::to_owned).or_else(|| samples.first().map(|sample| sample.name.clone())).unwrap_or_default();
    let (mut wrong, mut found) = (Vec::new(), Vec::new());
    for one in samples {
        let pointer = format!("/lines/{}", one.line);
        if one.name != only {
            if name.is_none() && wrong.len() < MOST_NAMED {
                let detail = "must have the name of the first line; name the one to take with `name`";
                wrong.push(FieldError::new(pointer, "conflict", detail));
            }
            continue;
        }
        if !one.labels.is_empty() && wrong.len() < MOST_NAMED {
            wrong.extend(intake::wrong_labels(&one.labels, &pointer));
        }
        found.push(Incoming { sample: one.sample, labels: one.labels, place: one.line });
    }
    if found.is_empty() {
        wrong.push(FieldError::new("", "too_short", "must have at least one sample"));
    } else if found.len() > MOST {
        wrong.push(FieldError::new("", "too_long", format!("must have at most {MOST} samples")));
    }
    if wrong.is_empty() { Ok(found) } else { Err(Error::invalid(wrong)) }
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(add_samples_as_text))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/metrics/{id}/samples/text").post(add_samples_as_text));
}
