//! `/v1/stories/{id}/trials`: trials and demos with users.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use super::resource::PartQuery;
use super::story_path::StoryPath;
use crate::domain::base::Page;
use crate::domain::stories::{NewTrial, Trial};
use crate::http::base::extract::Query;
use crate::http::base::reply::{Answer, AppData, Reply, Write, page, paging};
use crate::http::{Part, at};
use crate::store::stories::trials as stored_trials;
use crate::store::{Tx, stories};
use crate::usecase::stories::trials;

/// List the trials and demos of a story, newest first
#[utoipa::path(get, path = "/v1/stories/{id}/trials", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17"), PartQuery),
    responses((status = 200, body = Page<Trial>)))]
pub async fn list_trials(app: AppData, request: HttpRequest, path: StoryPath, query: Query<PartQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let read = move |conn: &mut _| {
        let story = stories::rows::get(conn, path.0)?;
        stored_trials::of_story(conn, story.id, &paging)
    };
    let found = app.store.read(read).await?;
    Ok(page(&request, &found))
}

/// Record a trial or a demo of a story
///
/// Who tried it, when, and what they found: evidence that the story solves the problem. Does not move the story.
#[utoipa::path(post, path = "/v1/stories/{id}/trials", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")),
    request_body = NewTrial, responses((status = 201, body = Trial, description = "Recorded",
        headers(("Location" = String)))))]
pub async fn create_trial(app: AppData, path: StoryPath, write: Write) -> Answer {
    let create = move |tx: &mut Tx<'_>, input: &NewTrial| {
        let trial = trials::record(tx, path.0, input)?;
        Ok(Reply::created(format!("/v1/stories/{}/trials", path.0), &trial))
    };
    write.run(&app, create).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_trials, create_trial))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/stories/{id}/trials").get(list_trials).post(create_trial));
}
