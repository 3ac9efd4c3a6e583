//! `/v1/feedback`.

use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};

use crate::app::App;
use crate::domain::base::decode::{decode, decode_shallow};
use crate::domain::base::{Id, Page, Paging};
use crate::domain::feedback::{Feedback, FeedbackQuery, NewFeedback, State};
use crate::domain::team::{Caller, FilingRights};
use crate::error::{Error, FieldError, Result};
use crate::http::at;
use crate::http::base::extract::{Path, Query, away_if};
use crate::http::base::reply::{Answer, AppData, Reply, Write, WrittenPage, paging, resource, written_page};
use crate::store::base::coalesce::Together;
use crate::store::{Conn, Tx, feedback};
use crate::usecase::feedback::filing::{self, Filed, Outcome};

/// File a feedback
///
/// The customer and account named inline are found or created. The same `(origin, external_id)` again answers 200 with the
/// same id and updates what differs, except what a person edited.
///
/// What is there already changes only as far as the token's role may change it otherwise. Without the right to change
/// customers and accounts, only what is empty of them is filled, and `left_out` names the rest. Where a person corrected who
/// said it, another `customer` is left out. Without the right to change
/// feedback, the token may correct what it filed itself (tokens of one member count as one); what another filed is left
/// alone and answered 409. Without the right to read feedback, the answer is `id`, `state` and `outcome`.
#[utoipa::path(post, path = "/v1/feedback", tag = "feedback", request_body = NewFeedback, responses(
    (status = 201, body = FiledAnswer, description = "Filed", headers(("Location" = String), ("ETag" = String))),
    (status = 200, body = FiledAnswer, description = "It was there already", headers(("Location" = String), ("ETag" = String))),
))]
pub async fn create_feedback(app: AppData, mut write: Write) -> Answer {
    let rights = FilingRights::of(write.caller.role);
    if write.has_key() {
        let file = move |tx: &mut Tx<'_>, input: &NewFeedback| {
            first(filing::file_by(tx, std::slice::from_ref(input), rights)?).map(|filed| reply(filed, rights))
        };
        return write.run(&app, file).await;
    }
    let input = write.body.decode().await?;
    Ok(reply(app.intake.file(write.caller.actor(), rights, input).await?, rights).into())
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

/// What filing answers.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum FiledAnswer {
    /// To who may read feedback.
    Feedback(Box<FiledFeedback>),
    /// To who may not.
    Receipt(Receipt),
}

impl FiledAnswer {
    fn of(filed: Filed, rights: FilingRights) -> Self {
        let Filed { outcome, feedback, left_out } = filed;
        if rights.reading {
            return Self::Feedback(Box::new(FiledFeedback { feedback, left_out }));
        }
        Self::Receipt(Receipt { id: feedback.id, state: feedback.state, outcome, left_out })
    }
}

/// The feedback as it is now.
#[derive(Serialize, ToSchema)]
pub struct FiledFeedback {
    #[serde(flatten)]
    feedback: Feedback,
    /// JSON Pointers of what was not taken of the customer and account: it was set already and the token may not change
    /// it, the e-mail address is another customer's, or a person corrected who said it (`/customer`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, required = false, example = json!(["/customer/email"]))]
    left_out: Vec<&'static str>,
}

/// That it was filed, and nothing of what is stored.
#[derive(Serialize, ToSchema)]
pub struct Receipt {
    id: Id,
    state: State,
    outcome: Outcome,
    /// JSON Pointers of what was set already of the customer and account, and stays as it is, whether or not it is what
    /// was sent; or the e-mail address is another customer's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, required = false, example = json!(["/customer/email"]))]
    left_out: Vec<&'static str>,
}

/// Wrong fields named in the answer to a batch before it names one an item.
const MOST_BATCH_ERRORS: usize = 2_000;

/// Many feedbacks at once.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Up to 1,000, each as for `POST /v1/feedback`.
    #[schema(min_items = 1, max_items = 1000, example = json!([{"text": "Checkout fails with my new card"}]))]
    feedback: Vec<Value>,
}

/// The outcome of each, in the order sent.
#[derive(Serialize, ToSchema)]
pub struct BatchResult {
    results: Vec<ItemResult>,
}

/// The outcome of one item of a batch.
#[derive(Serialize, ToSchema)]
pub struct ItemResult {
    /// 201 filed, 200 was there already, 409 another filed it and this token may not change it, 422 refused.
    #[schema(example = 201)]
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    feedback: Option<FiledAnswer>,
    /// What is wrong with a refused item.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// File up to 1,000 feedbacks
///
/// Good ones go in even when others are bad.
#[utoipa::path(post, path = "/v1/feedback/batch", tag = "feedback", request_body = Batch,
    responses((status = 200, body = BatchResult)))]
pub async fn create_feedback_batch(app: AppData, mut write: Write) -> Answer {
    let rights = FilingRights::of(write.caller.role);
    let value = std::mem::take(&mut write.body.value);
    let items = away_if(write.body.large.is_some(), move || decode_batch(value)).await?;
    let (good, wrong): (Vec<Option<NewFeedback>>, Vec<Option<Error>>) = items.into_iter().map(split).unzip();
    let good: Vec<NewFeedback> = good.into_iter().flatten().collect();
    let file = move |tx: &mut Tx<'_>| {
        let mut filed = filing::file_by(tx, &good, rights)?.into_iter();
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

/// Decodes each item by itself, one after the other. Beyond a number of wrong fields in all, one of each wrong item is named.
fn decode_batch(value: Value) -> Result<Vec<Result<NewFeedback>>> {
    let batch: Batch = decode_shallow(value)?;
    let mut left = MOST_BATCH_ERRORS;
    let one = |item| {
        decode(item).map_err(|mut error: Error| {
            error.fields.truncate(left.max(1));
            left = left.saturating_sub(error.fields.len());
            error
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

/// List feedback, newest arrival first
#[utoipa::path(get, path = "/v1/feedback", tag = "feedback", params(FeedbackQuery),
    responses((status = 200, body = Page<Feedback>)))]
pub async fn list_feedback(
    reads: Data<Reads>,
    request: HttpRequest,
    caller: Caller,
    query: Query<FeedbackQuery>,
) -> Answer {
    let (paging, mut query) = (paging(&request, &query.0)?, query.0);
    // A service has filed things too.
    if query.submitted_by.as_deref() == Some("me") {
        query.submitted_by = Some(caller.member_id.unwrap_or(caller.token_id).to_string());
    }
    // By what was understood, not by what was written: `me` is another for each.
    let lane = serde_json::to_string(&query).unwrap_or_default();
    let found = reads.lists.ask(lane, (query, paging)).await?;
    Ok(written_page(&request, &found))
}

/// Read a feedback
#[utoipa::path(get, path = "/v1/feedback/{id}", tag = "feedback", params(("id" = crate::domain::base::Id, Path)),
    responses((status = 200, body = Feedback, headers(("ETag" = String)))))]
pub async fn get_feedback(reads: Data<Reads>, path: Path) -> Answer {
    let found = reads.single.ask(reads.lane(path.0), path.0).await??;
    let found = found.ok_or_else(|| Error::not_found("feedback"))?;
    Ok::<HttpResponse, Error>(resource(&found))
}

/// The reads that every agent's screen asks for again and again.
pub struct Reads {
    /// One feedback each, in a lane for every two processors: the fuller a lane, the less each read costs.
    single: Together<usize, Id, Result<Option<Feedback>>>,
    lanes: usize,
    /// Lists, a lane each query: who asks the same at the same time gets the same page.
    lists: Together<String, (FeedbackQuery, Paging), WrittenPage>,
}

impl Reads {
    /// Those of an app.
    pub fn of(app: &App) -> Self {
        let lanes = std::thread::available_parallelism().map_or(1, |processors| processors.get().div_ceil(2));
        let lists = Together::new(app.store.clone(), read_list);
        Self { single: Together::new(app.store.clone(), feedback::rows::get_each), lanes, lists }
    }

    fn lane(&self, id: Id) -> usize {
        id.0.as_u128() as usize % self.lanes
    }
}

/// The page that all of one lane ask for.
fn read_list(conn: &mut Conn, asked: &[(FeedbackQuery, Paging)]) -> Result<Vec<WrittenPage>> {
    let Some((query, paging)) = asked.first() else { return Ok(Vec::new()) };
    let page = WrittenPage::of(&feedback::list::list(conn, query, paging)?);
    Ok(vec![page; asked.len()])
}

/// The operations of this file.
#[derive(OpenApi)]
#[openapi(paths(create_feedback, create_feedback_batch, list_feedback, get_feedback))]
pub struct Api;

/// Their addresses.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/feedback").get(list_feedback).post(create_feedback))
        .service(at("/v1/feedback/batch").post(create_feedback_batch));
}
