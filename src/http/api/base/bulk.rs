//! `/v1/feedback/bulk`, `/v1/closures/bulk`, `/v1/corrections/bulk`: one action on many resources, with a result for
//! each.

use actix_web::HttpResponse;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::app::App;
use crate::domain::base::Id;
use crate::domain::base::bulk::{BulkResult, ClosureBulk, CorrectionBulk, FeedbackBulk, read};
use crate::error::{Error, Result};
use crate::http::base::reply::{Answer, AppData, InFlight, Reply, Write, replay};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::base::idempotency::{self, IdempotencyKey, Kept};
use crate::usecase::base::bulk;

/// The status under which the results of an unfinished bulk request are stored.
const GOES_ON: u16 = 102;

/// Dismiss, restore, move, tag or set aside up to 500 feedback items
///
/// Each item is treated as by the operation for a single item, completely or not at all. If one is refused, the others
/// are still processed: `results` has the outcome of each. `dismiss` takes a `reason`, `move` a `theme_id`, `tag` and
/// `untag` take `tags`, `set_aside` takes its reason in `set_aside`, and `take_back` returns items that were set aside
/// to their theme. Dismissing, restoring and moving can be undone with the `correction_id` in each result, many at once
/// with `POST /v1/corrections/bulk`. If the request itself is invalid, the answer is 422 and nothing was changed. With
/// an `Idempotency-Key`, a repeat after a failure continues where the first request ended.
#[utoipa::path(post, path = "/v1/feedback/bulk", tag = "feedback", request_body = FeedbackBulk,
    responses((status = 200, body = BulkResult)))]
pub async fn bulk_feedback(app: AppData, mut write: Write) -> Answer {
    let input: FeedbackBulk = read(std::mem::take(&mut write.body.value))?;
    let ids = input.ids.clone();
    in_parts(&app, write, &ids, move |tx, so_far| bulk::feedback(tx, &input, so_far)).await
}

/// Tell, assign, give up, recall or resume up to 500 closures
///
/// Each closure is treated as by the operation for a single one, completely or not at all. If one is refused, the
/// others are still processed: `results` has the outcome of each. `tell` and `recall` accept a `note` and a `reason`,
/// `unreachable` takes a `reason`, `assign` a `member_id`. If the request itself is invalid, the answer is 422 and
/// nothing was changed. With an `Idempotency-Key`, a repeat after a failure continues where the first request ended.
#[utoipa::path(post, path = "/v1/closures/bulk", tag = "closures", request_body = ClosureBulk,
    responses((status = 200, body = BulkResult)))]
pub async fn bulk_closures(app: AppData, mut write: Write) -> Answer {
    let input: ClosureBulk = read(std::mem::take(&mut write.body.value))?;
    let ids = input.ids.clone();
    in_parts(&app, write, &ids, move |tx, so_far| bulk::closures(tx, &input, so_far)).await
}

/// Undo up to 500 corrections
///
/// They are undone in the order given. If one depends on another, list the later one first. If one is refused, the
/// others are still processed: `results` has the outcome of each. With an `Idempotency-Key`, a repeat after a failure
/// continues where the first request ended.
#[utoipa::path(post, path = "/v1/corrections/bulk", tag = "corrections", request_body = CorrectionBulk,
    responses((status = 200, body = BulkResult)))]
pub async fn bulk_corrections(app: AppData, mut write: Write) -> Answer {
    let input: CorrectionBulk = read(std::mem::take(&mut write.body.value))?;
    let ids = input.ids.clone();
    in_parts(&app, write, &ids, move |tx, so_far| bulk::corrections(tx, &input, so_far)).await
}

/// The result of one part of a bulk request.
enum PartResult {
    /// All results up to now.
    Done(BulkResult),
    /// The request was completed before; this is its stored answer.
    Answered(Reply),
}

/// Works in transactions of limited length, so that other requests can write in between. With an `Idempotency-Key`,
/// each transaction also stores the results up to now: a repeat continues from there, or gets the stored answer.
///
/// # Errors
/// 422 if the key was used for another payload, 409 while the first request runs, and the errors of the first part. An
/// error of a later part becomes the result of all remaining ids.
async fn in_parts<F>(app: &App, write: Write, ids: &[Id], work: F) -> Answer
where
    F: FnMut(&mut Tx<'_>, &mut BulkResult) -> Result<()> + Clone + Send + 'static,
{
    let _running = write.key.as_ref().map(InFlight::start).transpose()?;
    let mut so_far = BulkResult::begin();
    while so_far.results.len() < ids.len() {
        let (first, mut work, total) = (so_far.clone(), work.clone(), ids.len());
        let (key, hash) = (write.key.clone(), write.body.hash.clone());
        let part = move |tx: &mut Tx<'_>| match &key {
            None => {
                let mut results = first.clone();
                work(tx, &mut results)?;
                Ok(PartResult::Done(results))
            }
            Some(key) => keyed(tx, key, &hash, total, &first, &mut work),
        };
        match app.store.write(write.caller.actor(), part).await {
            Ok(PartResult::Done(results)) => so_far = results,
            Ok(PartResult::Answered(reply)) => return Ok(HttpResponse::from(reply)),
            Err(e) if so_far.results.is_empty() => return Err(e),
            Err(e) => ids.iter().skip(so_far.results.len()).for_each(|id| so_far.note(*id, &Err(e.clone()))),
        }
    }
    Ok(Reply::ok(&so_far).into())
}

/// The next part of a request with a key, after the results stored for it.
fn keyed<F>(
    tx: &mut Tx<'_>,
    key: &IdempotencyKey,
    hash: &[u8],
    total: usize,
    first: &BulkResult,
    work: &mut F,
) -> Result<PartResult>
where
    F: FnMut(&mut Tx<'_>, &mut BulkResult) -> Result<()>,
{
    let mut results = match idempotency::find(tx, key)? {
        Some(kept) if kept.status == GOES_ON && kept.payload_hash == hash => {
            serde_json::from_str(&kept.body).map_err(Error::internal)?
        }
        Some(kept) => return replay(kept, hash).map(PartResult::Answered),
        None => first.clone(),
    };
    work(tx, &mut results)?;
    let status = if results.results.len() < total { GOES_ON } else { 200 };
    let body = serde_json::to_string(&results).map_err(Error::internal)?;
    idempotency::keep(tx, key, &Kept { payload_hash: hash.to_vec(), status, location: None, body })?;
    Ok(PartResult::Done(results))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(bulk_feedback, bulk_closures, bulk_corrections))]
struct Api;

inventory::submit!(Part::of::<Api>(routes).before_ids());

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/feedback/bulk").post(bulk_feedback))
        .service(at("/v1/closures/bulk").post(bulk_closures))
        .service(at("/v1/corrections/bulk").post(bulk_corrections));
}
