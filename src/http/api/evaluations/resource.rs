//! `/v1/evaluations`: build, buy or open source, and why.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::evaluations::evaluation::Evaluation;
use crate::domain::evaluations::requests::{EvaluationEdit, EvaluationQuery, NewEvaluation, OptionNamed, ScoreToGive};
use crate::domain::evaluations::scorecard::ScorecardFile;
use crate::domain::evaluations::shown::ShownEvaluation;
use crate::error::Result;
use crate::http::base::extract::{Path, Query};
use crate::http::base::memory::answer_body;
use crate::http::base::reply::{Answer, AppData, Reply, Write, page, paging, resource};
use crate::http::{Part, at};
use crate::store::evaluations::rows;
use crate::store::{Conn, Tx};
use crate::usecase::evaluations::{markdown, reading, writing};

/// List evaluations, newest first
///
/// `due=true` lists those that should be looked at again.
#[utoipa::path(get, path = "/v1/evaluations", tag = "evaluations", params(EvaluationQuery),
    responses((status = 200, body = Page<Evaluation>)))]
pub async fn list_evaluations(app: AppData, request: HttpRequest, query: Query<EvaluationQuery>) -> Answer {
    let (paging, now) = (paging(&request, &query.0)?, app.store.clock.now());
    let found = app.store.read(move |conn| rows::list(conn, &query.0, &paging, now)).await?;
    Ok(page(&request, &found))
}

/// The answer to a change.
fn answer(tx: &mut Tx<'_>, evaluation: Evaluation) -> Result<ShownEvaluation> {
    let now = tx.now;
    reading::shown(tx.conn, evaluation, now)
}

/// Begin an evaluation of solutions
///
/// For a story (`story_id`), or for a product. Options are judged by criteria with weights: each gets a score from 0 to 5,
/// with why. The answer has the result: the mean of the scores by weight as an exact fraction. An option without all scores
/// is shown and not ranked, one that fails a must-have is out. The result says how much one weight must change so that
/// another option wins, and whether that is little (`fragile`). Licences are SPDX expressions.
#[utoipa::path(post, path = "/v1/evaluations", tag = "evaluations", request_body = NewEvaluation, responses(
    (status = 201, body = ShownEvaluation, description = "Begun", headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_evaluation(app: AppData, write: Write) -> Answer {
    let create = |tx: &mut Tx<'_>, input: &NewEvaluation| {
        let evaluation = writing::create(tx, input)?;
        let address = format!("/v1/evaluations/{}", evaluation.id);
        Ok(Reply::created(address, &answer(tx, evaluation)?))
    };
    write.run(&app, create).await
}

/// Read an evaluation with its result
///
/// Beside it stands who waits for the story that it serves, and their value.
#[utoipa::path(get, path = "/v1/evaluations/{id}", tag = "evaluations", params(("id" = Id, Path)),
    responses((status = 200, body = ShownEvaluation, headers(("ETag" = String)))))]
pub async fn get_evaluation(app: AppData, path: Path) -> Answer {
    let now = app.store.clock.now();
    Ok(resource(&app.store.read(move |conn| reading::get(conn, path.0, now)).await?))
}

/// Read an evaluation as Markdown
///
/// In the form of MADR 4 (Markdown architectural decision records).
#[utoipa::path(get, path = "/v1/evaluations/{id}.md", tag = "evaluations", params(("id" = Id, Path)),
    responses((status = 200, content((String = "text/markdown", example = "---\nstatus: \"proposed\"\n---\n\n# Who moves the money of refunds\n")))))]
pub async fn get_evaluation_markdown(app: AppData, path: Path) -> Answer {
    let now = app.store.clock.now();
    let read = move |conn: &mut Conn| {
        let shown = reading::get(conn, path.0, now)?;
        markdown::written(conn, &shown)
    };
    let text = app.store.read(read).await?;
    Ok(HttpResponse::Ok().content_type("text/markdown; charset=utf-8").body(answer_body(text)))
}

/// Change an evaluation, or decide it
///
/// `status` is that of MADR 4. `accepted` needs a `decision`: the name of the option. A story whose accepted evaluation has
/// chosen an option with a licence that its product denies can't become `ready` or `released`, until the decision changes or
/// an admin overrides that like a gate.
#[utoipa::path(patch, path = "/v1/evaluations/{id}", tag = "evaluations", params(("id" = Id, Path)),
    request_body(content = EvaluationEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = ShownEvaluation, headers(("ETag" = String)))))]
pub async fn edit_evaluation(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    let edit = move |tx: &mut Tx<'_>| {
        let edited = writing::edit(tx, path.0, if_match, &patch)?;
        Ok(Reply::ok(&answer(tx, edited)?))
    };
    write.run_raw(&app, edit).await
}

/// Give an option of an evaluation a score
///
/// It replaces the score that is there; `null` takes it away.
#[utoipa::path(post, path = "/v1/evaluations/{id}/scores", tag = "evaluations", params(("id" = Id, Path)), request_body = ScoreToGive,
    responses((status = 200, body = ShownEvaluation, headers(("ETag" = String)))))]
pub async fn score_evaluation(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    let score = move |tx: &mut Tx<'_>, input: &ScoreToGive| {
        let scored = writing::score(tx, path.0, if_match, input)?;
        Ok(Reply::ok(&answer(tx, scored)?))
    };
    write.run(&app, score).await
}

/// Import the OpenSSF Scorecard of an option
///
/// The body is the file that `scorecard --format json` writes. Nothing outside is asked. -1 says that a check is
/// inconclusive, and becomes `null`.
#[utoipa::path(post, path = "/v1/evaluations/{id}/scorecard", tag = "evaluations", params(("id" = Id, Path), OptionNamed), request_body = ScorecardFile,
    responses((status = 200, body = ShownEvaluation, headers(("ETag" = String)))))]
pub async fn import_scorecard(app: AppData, path: Path, query: Query<OptionNamed>, write: Write) -> Answer {
    let if_match = write.if_match;
    let import = move |tx: &mut Tx<'_>, file: &ScorecardFile| {
        let scored = writing::import_scorecard(tx, path.0, if_match, &query.0.option, file)?;
        Ok(Reply::ok(&answer(tx, scored)?))
    };
    write.run(&app, import).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    list_evaluations,
    create_evaluation,
    get_evaluation_markdown,
    get_evaluation,
    edit_evaluation,
    score_evaluation,
    import_scorecard
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations. The address that ends in `.md` comes first: an id would match it as well.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/evaluations").get(list_evaluations).post(create_evaluation))
        .service(at("/v1/evaluations/{id}.md").get(get_evaluation_markdown))
        .service(at("/v1/evaluations/{id}").get(get_evaluation).patch(edit_evaluation))
        .service(at("/v1/evaluations/{id}/scores").post(score_evaluation))
        .service(at("/v1/evaluations/{id}/scorecard").post(import_scorecard));
}
