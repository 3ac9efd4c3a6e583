//! `/v1/feedback/bulk`, `/v1/closures/bulk`, `/v1/corrections/bulk`: one act on many, with what became of each.

use actix_web::HttpResponse;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::app::App;
use crate::domain::base::Id;
use crate::domain::base::bulk::{BulkResult, ClosureBulk, CorrectionBulk, FeedbackBulk, read};
use crate::error::{Error, Result};
use crate::http::at;
use crate::http::base::reply::{Answer, AppData, InFlight, Reply, Write, replay};
use crate::store::Tx;
use crate::store::base::idempotency::{self, Kept, Key};
use crate::usecase::base::bulk;

/// The status under which the results of an act that goes on are kept.
const GOES_ON: u16 = 102;

/// Dismiss, restore, move, tag or set aside up to 500 feedbacks
///
/// Each is done as the same act on this one alone, whole or not at all, and one that is refused does not stop the others:
/// `results` says what became of each. `dismiss` takes a `reason`, `move` a `theme_id`, `tag` and `untag` take `tags`,
/// `set_aside` takes its reason in `set_aside`, and `take_back` takes what was set aside back to its theme. What dismissed,
/// restored or moved can be undone by the `correction_id` of each, many at once with `POST /v1/corrections/bulk`. 422 where
/// the request itself is wrong: then nothing was done. With an `Idempotency-Key`, a repeat after a failure goes on where
/// the first request ended.
#[utoipa::path(post, path = "/v1/feedback/bulk", tag = "feedback", request_body = FeedbackBulk,
    responses((status = 200, body = BulkResult)))]
pub async fn bulk_feedback(app: AppData, mut write: Write) -> Answer {
    let input: FeedbackBulk = read(std::mem::take(&mut write.body.value))?;
    let ids = input.ids.clone();
    in_parts(&app, write, &ids, move |tx, so_far| bulk::feedback(tx, &input, so_far)).await
}

/// Tell, assign, give up, recall or resume up to 500 closures
///
/// Each is done as the same act on this one alone, whole or not at all, and one that is refused does not stop the others:
/// `results` says what became of each. `tell` and `recall` may have a `note` and a `reason`, `unreachable` takes a
/// `reason`, `assign` a `member_id`. 422 where the request itself is wrong: then nothing was done. With an
/// `Idempotency-Key`, a repeat after a failure goes on where the first request ended.
#[utoipa::path(post, path = "/v1/closures/bulk", tag = "closures", request_body = ClosureBulk,
    responses((status = 200, body = BulkResult)))]
pub async fn bulk_closures(app: AppData, mut write: Write) -> Answer {
    let input: ClosureBulk = read(std::mem::take(&mut write.body.value))?;
    let ids = input.ids.clone();
    in_parts(&app, write, &ids, move |tx, so_far| bulk::closures(tx, &input, so_far)).await
}

/// Undo up to 500 corrections
///
/// In the order given: where one stands on another, name the later one first. One that is refused does not stop the
/// others: `results` says what became of each. With an `Idempotency-Key`, a repeat after a failure goes on where the first
/// request ended.
#[utoipa::path(post, path = "/v1/corrections/bulk", tag = "corrections", request_body = CorrectionBulk,
    responses((status = 200, body = BulkResult)))]
pub async fn bulk_corrections(app: AppData, mut write: Write) -> Answer {
    let input: CorrectionBulk = read(std::mem::take(&mut write.body.value))?;
    let ids = input.ids.clone();
    in_parts(&app, write, &ids, move |tx, so_far| bulk::corrections(tx, &input, so_far)).await
}

/// What a part of the work came to.
enum Part {
    /// The results so far.
    Done(BulkResult),
    /// The request was answered before.
    Answered(Reply),
}

/// Does the work in transactions of bounded length, so that others write in between. With an `Idempotency-Key` each
/// transaction keeps the results so far: whoever repeats the request goes on from there, or gets the first answer again.
///
/// # Errors
/// 422 for a key used for another payload, 409 while the first request runs, and those of the first part. An error of a
/// later part is what became of all that are left.
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
                Ok(Part::Done(results))
            }
            Some(key) => keyed(tx, key, &hash, total, &first, &mut work),
        };
        match app.store.write(write.caller.actor(), part).await {
            Ok(Part::Done(results)) => so_far = results,
            Ok(Part::Answered(reply)) => return Ok(HttpResponse::from(reply)),
            Err(e) if so_far.results.is_empty() => return Err(e),
            Err(e) => ids.iter().skip(so_far.results.len()).for_each(|id| so_far.note(*id, &Err(e.clone()))),
        }
    }
    Ok(Reply::ok(&so_far).into())
}

/// The next part of a keyed request, after what is kept of it.
fn keyed<F>(tx: &mut Tx<'_>, key: &Key, hash: &[u8], total: usize, first: &BulkResult, work: &mut F) -> Result<Part>
where
    F: FnMut(&mut Tx<'_>, &mut BulkResult) -> Result<()>,
{
    let mut results = match idempotency::find(tx, key)? {
        Some(kept) if kept.status == GOES_ON && kept.payload_hash == hash => {
            serde_json::from_str(&kept.body).map_err(Error::internal)?
        }
        Some(kept) => return replay(kept, hash).map(Part::Answered),
        None => first.clone(),
    };
    work(tx, &mut results)?;
    let status = if results.results.len() < total { GOES_ON } else { 200 };
    let body = serde_json::to_string(&results).map_err(Error::internal)?;
    idempotency::keep(tx, key, &Kept { payload_hash: hash.to_vec(), status, location: None, body })?;
    Ok(Part::Done(results))
}

/// The operations of this file.
#[derive(OpenApi)]
#[openapi(paths(bulk_feedback, bulk_closures, bulk_corrections))]
pub struct Api;

/// Their addresses.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/feedback/bulk").post(bulk_feedback))
        .service(at("/v1/closures/bulk").post(bulk_closures))
        .service(at("/v1/corrections/bulk").post(bulk_corrections));
}
