//! `/v1/feedback`.

use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};

use super::at;
use super::extract::{Path, Query};
use super::reply::{Answer, AppData, Reply, Write, WrittenPage, paging, resource, written_page};
use crate::app::App;
use crate::domain::decode::decode;
use crate::domain::{Caller, Feedback, FeedbackQuery, Id, NewFeedback, Page, Paging};
use crate::error::{Error, FieldError, Result};
use crate::store::together::Together;
use crate::store::{Conn, Tx, feedback, feedback_list};
use crate::usecase::intake::{self, Filed, Outcome};

/// File a feedback
///
/// The customer and account named inline are found or created. The same `(origin, external_id)` again answers 200 with the
/// same id and updates what differs, except what a person edited.
#[utoipa::path(post, path = "/v1/feedback", tag = "feedback", request_body = NewFeedback, responses(
    (status = 201, body = Feedback, description = "Filed", headers(("Location" = String), ("ETag" = String))),
    (status = 200, body = Feedback, description = "It was there already", headers(("Location" = String), ("ETag" = String))),
))]
pub async fn create_feedback(app: AppData, write: Write) -> Answer {
    if write.has_key() {
        let file =
            |tx: &mut Tx<'_>, input: &NewFeedback| first(intake::file(tx, std::slice::from_ref(input))?).map(reply);
        return write.run(&app, file).await;
    }
    let input = write.body.decode()?;
    Ok(reply(app.intake.file(write.caller.actor(), input).await?).into())
}

fn first(results: Vec<Result<Filed>>) -> Result<Filed> {
    results.into_iter().next().unwrap_or_else(|| Err(Error::internal("nothing was filed")))
}

fn reply(filed: Filed) -> Reply {
    let location = format!("/v1/feedback/{}", filed.feedback.id);
    match filed.outcome {
        Outcome::Created => Reply::created(location, &filed.feedback),
        Outcome::Updated | Outcome::Unchanged => Reply::ok(&filed.feedback).at(location),
    }
}

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
    /// 201 filed, 200 was there already, 422 refused.
    #[schema(example = 201)]
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    feedback: Option<Feedback>,
    /// What is wrong with a refused item.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// File up to 1,000 feedbacks
///
/// Good ones go in even when others are bad.
#[utoipa::path(post, path = "/v1/feedback/batch", tag = "feedback", request_body = Batch,
    responses((status = 200, body = BatchResult)))]
pub async fn create_feedback_batch(app: AppData, write: Write) -> Answer {
    write.run(&app, |tx, batch: &Batch| Ok(Reply::ok(&BatchResult { results: file_batch(tx, &batch.feedback)? }))).await
}

fn file_batch(tx: &mut Tx<'_>, items: &[Value]) -> Result<Vec<ItemResult>> {
    let decoded: Vec<Result<NewFeedback>> = items.iter().map(|item| decode(item.clone())).collect();
    let good: Vec<NewFeedback> = decoded.iter().flatten().cloned().collect();
    let mut filed = intake::file(tx, &good)?.into_iter();
    let outcome = |item: Result<NewFeedback>| match item.and_then(|_| filed.next().unwrap_or_else(|| first(Vec::new())))
    {
        Ok(Filed { outcome: Outcome::Created, feedback }) => item_result(201, Some(feedback), Vec::new()),
        Ok(Filed { feedback, .. }) => item_result(200, Some(feedback), Vec::new()),
        Err(e) => item_result(e.code.status(), None, e.fields),
    };
    Ok(decoded.into_iter().map(outcome).collect())
}

fn item_result(status: u16, feedback: Option<Feedback>, errors: Vec<FieldError>) -> ItemResult {
    ItemResult { status, feedback, errors }
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
    let mut lane = request.query_string().to_owned();
    // `me` is another for each caller: they don't share a read.
    if query.submitted_by.as_deref() == Some("me") {
        let me = caller.member_id.unwrap_or(caller.token_id).to_string();
        lane = format!("{lane}#{me}");
        query.submitted_by = Some(me);
    }
    let found = reads.lists.ask(lane, (query, paging)).await?;
    Ok(written_page(&request, &found))
}

/// Read a feedback
#[utoipa::path(get, path = "/v1/feedback/{id}", tag = "feedback", params(("id" = crate::domain::Id, Path)),
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
        Self { single: Together::new(app.store.clone(), feedback::get_each), lanes, lists }
    }

    fn lane(&self, id: Id) -> usize {
        id.0.as_u128() as usize % self.lanes
    }
}

/// The page that all of one lane ask for.
fn read_list(conn: &mut Conn, asked: &[(FeedbackQuery, Paging)]) -> Result<Vec<WrittenPage>> {
    let Some((query, paging)) = asked.first() else { return Ok(Vec::new()) };
    let page = WrittenPage::of(&feedback_list::list(conn, query, paging)?);
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
