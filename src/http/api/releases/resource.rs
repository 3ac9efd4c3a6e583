//! `/v1/releases`: planning releases and their stories; and the release trains of a product.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::releases::{
    Departure, DepartureQuery, NewRelease, NewReleaseStories, Release, ReleaseEdit, ReleaseQuery,
};
use crate::http::base::extract::{Path, Query, segment};
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging, resource};
use crate::http::{Part, at};
use crate::store::{Tx, releases};
use crate::usecase::releases::{planning, trains};

/// List releases, newest first
#[utoipa::path(get, path = "/v1/releases", tag = "releases", params(ReleaseQuery),
    responses((status = 200, body = Page<Release>)))]
pub async fn list_releases(app: AppData, request: HttpRequest, query: Query<ReleaseQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| releases::rows::list(conn, &query.0, &paging)).await?;
    Ok(page(&request, &found))
}

/// Plan a release
///
/// 409 if the product has a release of this name.
#[utoipa::path(post, path = "/v1/releases", tag = "releases", request_body = NewRelease, responses(
    (status = 201, body = Release, description = "Created", headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_release(app: AppData, write: Write) -> Answer {
    let create = |tx: &mut Tx<'_>, input: &NewRelease| {
        let release = planning::create(tx, input)?;
        Ok(Reply::created(format!("/v1/releases/{}", release.id), &release))
    };
    write.run(&app, create).await
}

/// Read a release
#[utoipa::path(get, path = "/v1/releases/{id}", tag = "releases", params(("id" = Id, Path)),
    responses((status = 200, body = Release, headers(("ETag" = String)))))]
pub async fn get_release(app: AppData, path: Path) -> Answer {
    let found = app.store.read(move |conn| releases::rows::get(conn, path.0)).await?;
    Ok(resource(&found))
}

/// Change a release: its name, plan, train and notes
#[utoipa::path(patch, path = "/v1/releases/{id}", tag = "releases", params(("id" = Id, Path)),
    request_body(content = ReleaseEdit, content_type = "application/merge-patch+json", example = json!({"notes": "Refunds are visible."})),
    responses((status = 200, body = Release, headers(("ETag" = String)))))]
pub async fn edit_release(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    write.run_raw(&app, move |tx| Ok(Reply::ok(&planning::edit(tx, path.0, if_match, &patch)?))).await
}

/// Add stories to a release
///
/// Adds stories in development, from `accepted` to `ready`, named by id or number. A story can be in only one release
/// that is not shipped yet. For stories that are in the release already, this changes their section and entry in the
/// changelog, at any time.
#[utoipa::path(post, path = "/v1/releases/{id}/stories", tag = "releases", params(("id" = Id, Path)),
    request_body = NewReleaseStories, responses((status = 200, body = Release, headers(("ETag" = String)))))]
pub async fn add_release_stories(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    let add = move |tx: &mut Tx<'_>, input: &NewReleaseStories| {
        Ok(Reply::ok(&planning::add_stories(tx, path.0, if_match, input)?))
    };
    write.run(&app, add).await
}

/// Remove a story from a release that is not shipped yet
#[utoipa::path(delete, path = "/v1/releases/{id}/stories/{story_id}", tag = "releases",
    params(("id" = Id, Path), ("story_id" = Id, Path)),
    responses((status = 200, body = Release, headers(("ETag" = String)))))]
pub async fn remove_release_story(app: AppData, request: HttpRequest, path: Path, write: Write) -> Answer {
    let (if_match, story) = (write.if_match, segment::<Id>(&request, "story_id")?);
    write.run_raw(&app, move |tx| Ok(Reply::ok(&planning::remove_story(tx, path.0, story, if_match)?))).await
}

/// List the next departures of a product's release train
///
/// The dates are computed from the product's settings. On the day of departure, stories that are not ready move to the
/// release of the next train, which is created if there is none.
#[utoipa::path(get, path = "/v1/products/{id}/trains", tag = "releases", params(("id" = Id, Path), DepartureQuery),
    responses((status = 200, body = Page<Departure>)))]
pub async fn list_trains(app: AppData, path: Path, query: Query<DepartureQuery>) -> Answer {
    let limit = query.0.limit.unwrap_or(10).clamp(1, 200) as usize;
    let now = app.store.clock.now();
    let data = app.store.read(move |conn| trains::upcoming(conn, path.0, now, limit)).await?;
    Ok(json(&Page { data, next_cursor: None }))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    list_releases,
    create_release,
    get_release,
    edit_release,
    add_release_stories,
    remove_release_story,
    list_trains
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/releases").get(list_releases).post(create_release))
        .service(at("/v1/releases/{id}").get(get_release).patch(edit_release))
        .service(at("/v1/releases/{id}/stories").post(add_release_stories))
        .service(at("/v1/releases/{id}/stories/{story_id}").delete(remove_release_story))
        .service(at("/v1/products/{id}/trains").get(list_trains));
}
