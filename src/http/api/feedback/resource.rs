//! `/v1/feedback`: filing, listing and reading feedback.

use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};

use super::filing_queue::FilingQueue;
use crate::app::App;
use crate::domain::base::decode::{decode, decode_shallow};
use crate::domain::base::{Id, Page, Paging};
use crate::domain::feedback::{Feedback, FeedbackQuery, NewFeedback, State};
use crate::domain::privacy::redact::kinds::MaskCounts;
use crate::domain::team::{Caller, FilingRights};
use crate::error::{Error, FieldError, Result};
use crate::http::base::extract::{By, Path, Query, away_if};
use crate::http::base::reply::{Answer, AppData, Reply, Write, WrittenPage, paging, resource, written_page};
use crate::http::{Part, at};
use crate::meter;
use crate::refusal::Refusal;
use crate::store::base::coalesce::Together;
use crate::store::{Conn, Tx, feedback};
use crate::usecase::feedback::filing::read_ahead::ReadInput;
use crate::usecase::feedback::filing::{self, Filed, Outcome};

/// File a feedback item
///
/// The customer and the account given with it are found or created. The same `(origin, external_id)` again is answered
/// with 200 and the same id, and updates the fields that differ, except those that a person edited.
///
/// An existing record is changed only as far as the token's role may change it by other operations. If the token may
/// not change customers and accounts, only their empty fields are filled, and `left_out` names the other fields. If a
/// person corrected the customer of the feedback, another `customer` is left out. If the token may not change feedback,
/// it can update only items that it filed itself (the tokens of one member count as one); for other items the answer is
/// 409. If the token may not read feedback, the answer contains only `id`, `state` and `outcome`.
#[utoipa::path(post, path = "/v1/feedback", tag = "feedback", request_body = NewFeedback, responses(
    (status = 201, body = FiledAnswer, description = "Filed", headers(("Location" = String), ("ETag" = String))),
    (status = 200, body = FiledAnswer, description = "The feedback exists already", headers(("Location" = String), ("ETag" = String))),
))]
pub async fn create_feedback(app: AppData, queue: Data<FilingQueue>, mut write: Write) -> Answer {
    let rights = write.caller.access.filing_rights();
    if write.has_key() {
        let file = move |tx: &mut Tx<'_>, input: &NewFeedback| {
            first(filing::file_by(tx, std::slice::from_ref(input), rights)?).map(|filed| reply(filed, rights))
        };
        return write.run(&app, file).await;
    }
    let input = write.body.decode().await?;
    Ok(reply(queue.file(&write.caller, input).await?, rights).into())
}

fn first(results: Vec<Result<Filed>>) -> Result<Filed> {
    results.into_iter().next().unwrap_or_else(|| Err(Error::internal("nothing was filed")))
}

fn reply(filed: Filed, rights: FilingRights) -> Reply {
    let location = format!("/v1/feedback/{}", filed.feedback.id);
    let outcome = filed.outcome;
    let answer = FiledAnswer::of(filed, rights);
    match outcome {
        Outcome::Created => Reply::created(location, &answer),
        Outcome::Updated | Outcome::Unchanged => Reply::ok(&answer).at(location),
    }
}

/// The answer to filing.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum FiledAnswer {
    /// For tokens that may read feedback.
    Feedback(Box<FiledFeedback>),
    /// For tokens that may not.
    Receipt(Receipt),
}

impl FiledAnswer {
    fn of(filed: Filed, rights: FilingRights) -> Self {
        let Filed { outcome, feedback, left_out, masked } = filed;
        meter::masked(masked.clone());
        if rights.reading {
            return Self::Feedback(Box::new(FiledFeedback { feedback, left_out, masked }));
        }
        Self::Receipt(Receipt { id: feedback.id, state: feedback.state, outcome, left_out, masked })
    }
}

/// A feedback item after filing.
#[derive(Serialize, ToSchema)]
pub struct FiledFeedback {
    #[serde(flatten)]
    feedback: Feedback,
    /// JSON Pointers to the fields of the customer and account that were not stored: the field was set already and the
    /// token may not change it, the e-mail address belongs to another customer, or a person corrected the customer
    /// (`/customer`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, required = false, example = json!(["/customer/email"]))]
    left_out: Vec<&'static str>,
    /// How much personal data of each kind was masked before the texts were stored, where the product's `mask_at_intake`
    /// asks for it.
    #[serde(skip_serializing_if = "MaskCounts::is_empty")]
    #[schema(value_type = std::collections::BTreeMap<String, usize>, required = false, example = json!({"email": 1}))]
    masked: MaskCounts,
}

/// A confirmation without the stored content.
#[derive(Serialize, ToSchema)]
pub struct Receipt {
    id: Id,
    state: State,
    outcome: Outcome,
    /// JSON Pointers to the fields of the customer and account that were set already and keep their values, whether or
    /// not those equal the values sent; or whose e-mail address belongs to another customer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, required = false, example = json!(["/customer/email"]))]
    left_out: Vec<&'static str>,
    /// How much personal data of each kind was masked before the texts were stored, where the product's `mask_at_intake`
    /// asks for it.
    #[serde(skip_serializing_if = "MaskCounts::is_empty")]
    #[schema(value_type = std::collections::BTreeMap<String, usize>, required = false, example = json!({"email": 1}))]
    masked: MaskCounts,
}

/// If a batch has more wrong fields than this, the answer names only one for each further item.
const MOST_BATCH_ERRORS: usize = 2_000;

/// A batch of feedback items.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Up to 1,000 items, each as for `POST /v1/feedback`.
    #[schema(min_items = 1, max_items = 1000, example = json!([{"text": "Checkout fails with my new card"}]))]
    feedback: Vec<Value>,
}

/// The result of each item, in the order sent.
#[derive(Serialize, ToSchema)]
pub struct BatchResult {
    results: Vec<ItemResult>,
}

/// The result of one item of a batch.
#[derive(Serialize, ToSchema)]
pub struct ItemResult {
    /// 201 created; 200 existed already; 409 another token filed it and this one may not change it; 422 invalid.
    #[schema(example = 201)]
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    feedback: Option<FiledAnswer>,
    /// The errors of a refused item.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// File up to 1,000 feedback items
///
/// Valid items are filed even if others are invalid.
#[utoipa::path(post, path = "/v1/feedback/batch", tag = "feedback", request_body = Batch,
    responses((status = 200, body = BatchResult)))]
pub async fn create_feedback_batch(app: AppData, mut write: Write) -> Answer {
    let rights = write.caller.access.filing_rights();
    let value = std::mem::take(&mut write.body.value);
    let location = app.store.location.clone();
    let read = move |item: Result<NewFeedback>| item.map(|input| ReadInput::of(input, &location));
    let decoded = move || decode_batch(value).map(|items| items.into_iter().map(read).collect::<Vec<_>>());
    let items = away_if(write.body.large.is_some(), decoded).await?;
    let (good, wrong): (Vec<Option<ReadInput>>, Vec<Option<Error>>) = items.into_iter().map(split).unzip();
    let good: Vec<ReadInput> = good.into_iter().flatten().collect();
    let file = move |tx: &mut Tx<'_>| {
        let mut filed = filing::file_read(tx, &good, rights)?.into_iter();
        let one = |wrong: &Option<Error>| match wrong {
            Some(wrong) => Err(wrong.clone()),
            None => filed.next().unwrap_or_else(|| first(Vec::new())),
        };
        let results = wrong.iter().map(one).map(|filed| item_result(filed, rights)).collect();
        Ok(Reply::ok(&BatchResult { results }))
    };
    write.run_raw(&app, file).await
}

fn split<T>(result: Result<T>) -> (Option<T>, Option<Error>) {
    match result {
        Ok(value) => (Some(value), None),
        Err(error) => (None, Some(error)),
    }
}

/// Decodes each item on its own. After [`MOST_BATCH_ERRORS`] wrong fields, only one is named for each further item.
fn decode_batch(value: Value) -> Result<Vec<Result<NewFeedback>>> {
    let batch: Batch = decode_shallow(value)?;
    let mut left = MOST_BATCH_ERRORS;
    let one = |item| {
        decode(item).map_err(|mut error: Refusal| {
            error.fields.truncate(left.max(1));
            left = left.saturating_sub(error.fields.len());
            error.into()
        })
    };
    Ok(batch.feedback.into_iter().map(one).collect())
}

fn item_result(filed: Result<Filed>, rights: FilingRights) -> ItemResult {
    match filed {
        Ok(filed) => {
            let status = if filed.outcome == Outcome::Created { 201 } else { 200 };
            ItemResult { status, feedback: Some(FiledAnswer::of(filed, rights)), errors: Vec::new() }
        }
        Err(e) => ItemResult { status: e.code.status(), feedback: None, errors: e.fields },
    }
}

/// List feedback, newest first by arrival
#[utoipa::path(get, path = "/v1/feedback", tag = "feedback", params(FeedbackQuery),
    responses((status = 200, body = Page<Feedback>)))]
pub async fn list_feedback(
    reads: Data<Reads>,
    request: HttpRequest,
    By(caller): By,
    query: Query<FeedbackQuery>,
) -> Answer {
    let (paging, query) = (paging(&request, &query.0)?, by_me(query.0, &caller));
    // The lane's key is the decoded query, not the query string: `me` means a different member for each caller.
    let lane = serde_json::to_string(&query).unwrap_or_default();
    let found = reads.lists.ask(lane, (query, paging)).await?;
    Ok(written_page(&request, &found))
}

/// The query with the caller's id in place of `me`. Services file feedback too: `submitted_by` may name one.
pub(in crate::http) fn by_me(mut query: FeedbackQuery, caller: &Caller) -> FeedbackQuery {
    if query.submitted_by.as_deref() == Some("me") {
        query.submitted_by = Some(caller.member_id.unwrap_or(caller.token_id).to_string());
    }
    query
}

/// Read a feedback item
#[utoipa::path(get, path = "/v1/feedback/{id}", tag = "feedback", params(("id" = crate::domain::base::Id, Path)),
    responses((status = 200, body = Feedback, headers(("ETag" = String)))))]
pub async fn get_feedback(reads: Data<Reads>, path: Path) -> Answer {
    let found = reads.single.ask(reads.lane(path.0), path.0).await??;
    let found = found.ok_or_else(|| Error::not_found("feedback"))?;
    Ok::<HttpResponse, Error>(resource(&found))
}

/// Coalesced reads of feedback: the requests that agents' screens repeat most.
pub struct Reads {
    /// Single items, with one lane for every two processors: the more reads share a query, the cheaper each is.
    single: Together<usize, Id, Result<Option<Feedback>>>,
    lanes: usize,
    /// Lists, with one lane for each query: equal queries at the same time share one page.
    lists: Together<String, (FeedbackQuery, Paging), WrittenPage>,
}

impl Reads {
    /// The coalesced reads of an app.
    pub fn of(app: &App) -> Self {
        let lanes = std::thread::available_parallelism().map_or(1, |processors| processors.get().div_ceil(2));
        let lists = Together::new(app.store.clone(), read_list);
        Self { single: Together::new(app.store.clone(), feedback::rows::get_each), lanes, lists }
    }

    fn lane(&self, id: Id) -> usize {
        id.0.as_u128() as usize % self.lanes
    }
}

/// The page that all requests of a lane ask for.
fn read_list(conn: &mut Conn, asked: &[(FeedbackQuery, Paging)]) -> Result<Vec<WrittenPage>> {
    let Some((query, paging)) = asked.first() else { return Ok(Vec::new()) };
    let page = WrittenPage::of(&feedback::list::list(conn, query, paging)?);
    Ok(vec![page; asked.len()])
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(create_feedback, create_feedback_batch, list_feedback, get_feedback))]
struct Api;

inventory::submit!(Part::of::<Api>(routes).asked_often());

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/feedback").get(list_feedback).post(create_feedback))
        .service(at("/v1/feedback/batch").post(create_feedback_batch));
}
