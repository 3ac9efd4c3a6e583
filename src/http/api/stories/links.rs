//! Links of stories to branches, commits, pull requests and issues.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use super::story_path::StoryPath;
use crate::domain::base::{Id, Page};
use crate::domain::stories::{IssueRequest, Link, LinkQuery, NewLink};
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, page, paging};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::stories::links as stored_links;
use crate::usecase::integrations::tracker;
use crate::usecase::stories::links;

/// List the branches, commits, pull requests and issues of a story, newest first
#[utoipa::path(get, path = "/v1/stories/{id}/links", tag = "links", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17"), LinkQuery),
    responses((status = 200, body = Page<Link>)))]
pub async fn list_story_links(app: AppData, request: HttpRequest, path: StoryPath, query: Query<LinkQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| stored_links::list(conn, path.0, &query.0, &paging)).await?;
    Ok(page(&request, &found))
}

/// Link a branch, commit, pull request or issue to a story
///
/// The hooks of GitHub and GitLab create links without this. Linking does not move the story, but later hooks about the
/// linked object do. The same link again updates its address and state.
#[utoipa::path(post, path = "/v1/stories/{id}/links", tag = "links", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")), request_body = NewLink,
    responses((status = 201, body = Link, description = "Created"),
        (status = 200, body = Link, description = "The link exists already; its address and state are updated")))]
pub async fn create_story_link(app: AppData, path: StoryPath, write: Write) -> Answer {
    let link = move |tx: &mut Tx<'_>, input: &NewLink| {
        let (link, new) = links::add(tx, path.0, input)?;
        Ok(Reply::new(if new { 201 } else { 200 }, &link))
    };
    write.run(&app, link).await
}

/// Remove a link
#[utoipa::path(delete, path = "/v1/links/{id}", tag = "links", params(("id" = Id, Path)),
    responses((status = 204, description = "Removed")))]
pub async fn delete_link(app: AppData, path: Path, write: Write) -> Answer {
    app.store.write(write.caller.actor(), move |tx| links::remove(tx, path.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Request an issue for a story at the product's tracker
///
/// The outbox creates the issue once: the answer is 202, and the link appears at the story later. If the issue exists
/// already, the answer is 200 with the link; an issue of the tracker's repository that was linked by hand counts too.
/// The issue contains the title, the sentence and the acceptance criteria of the story, and no quotes of customers. It
/// is closed when the story is closed, declined or a duplicate, and reopened when the story is reopened.
#[utoipa::path(post, path = "/v1/stories/{id}/issue", tag = "links", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")),
    responses((status = 202, body = IssueRequest, description = "Requested"),
        (status = 200, body = IssueRequest, description = "The issue exists already")))]
pub async fn request_story_issue(app: AppData, path: StoryPath, write: Write) -> Answer {
    let ask = move |tx: &mut Tx<'_>| {
        let asked = tracker::request(tx, path.0)?;
        Ok(Reply::new(if asked.link.is_some() { 200 } else { 202 }, &asked))
    };
    write.run_raw(&app, ask).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_story_links, create_story_link, delete_link, request_story_issue))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/stories/{id}/links").get(list_story_links).post(create_story_link))
        .service(at("/v1/links/{id}").delete(delete_link))
        .service(at("/v1/stories/{id}/issue").post(request_story_issue));
}
