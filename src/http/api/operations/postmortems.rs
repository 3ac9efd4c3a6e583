//! `/v1/postmortems`: writing, reviewing and publishing them.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use super::incident_path::IncidentPath;
use crate::domain::base::{Id, Page};
use crate::domain::operations::postmortem::repeat::Repeats;
use crate::domain::operations::postmortem::{
    NewPostmortem, Postmortem, PostmortemEdit, PostmortemQuery, PostmortemState, PostmortemView, ShownPostmortem,
};
use crate::http::base::extract::{Path, Query};
use crate::http::base::memory::answer_body;
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging, resource};
use crate::http::{Part, at};
use crate::store::operations::postmortems as stored;
use crate::store::team::products;
use crate::store::{Conn, Tx};
use crate::usecase::operations::postmortem::{markdown, public, repeats, writing};

/// List postmortems, newest first
#[utoipa::path(get, path = "/v1/postmortems", tag = "postmortems", params(PostmortemQuery),
    responses((status = 200, body = Page<Postmortem>)))]
pub async fn list_postmortems(app: AppData, request: HttpRequest, query: Query<PostmortemQuery>) -> Answer {
    let (paging, now) = (paging(&request, &query.0)?, app.store.clock.now());
    let found = app.store.read(move |conn| stored::list(conn, &query.0, &paging, now)).await?;
    Ok(page(&request, &found))
}

/// Draft the postmortem of an incident
///
/// The program drafts those of SEV1 and SEV2 by itself, as soon as the incident is mitigated or resolved, and they are due
/// five working days later. Any other incident gets one on request. The draft says what the incident says already: its
/// summary, durations, services, affected customers, deployments, diagnosis and status, with times in the product's time
/// zone. An incident has one postmortem:
/// asking again answers 200 with the one that is there.
#[utoipa::path(post, path = "/v1/postmortems", tag = "postmortems", request_body = NewPostmortem, responses(
    (status = 200, body = Postmortem, description = "There already", headers(("Location" = String), ("ETag" = String))),
    (status = 201, body = Postmortem, description = "Drafted", headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_postmortem(app: AppData, write: Write) -> Answer {
    let create = |tx: &mut Tx<'_>, input: &NewPostmortem| {
        let (postmortem, is_new) = writing::create(tx, input)?;
        let address = format!("/v1/postmortems/{}", postmortem.id);
        Ok(if is_new { Reply::created(address, &postmortem) } else { Reply::ok(&postmortem).at(address) })
    };
    write.run(&app, create).await
}

/// Reads a postmortem, or its version without personal data.
async fn read(app: AppData, id: Id, query: PostmortemView) -> crate::error::Result<ShownPostmortem> {
    let now = app.store.clock.now();
    let read = move |conn: &mut Conn| {
        let shown = writing::shown(conn, id, now)?;
        if query.public == Some(true) { public::of(conn, shown, now) } else { Ok(shown) }
    };
    app.store.read(read).await
}

/// Read a postmortem
///
/// `facts` are computed from the incident: nobody enters durations. `hints` point out wordings that blame a person or judge
/// with what is known only afterwards; they never block anything. With `public=true` it has no personal data: names of
/// members and of the customers of the incident are `[name]`, addresses and numbers are redacted, and the words of customers
/// are redacted or left out.
#[utoipa::path(get, path = "/v1/postmortems/{id}", tag = "postmortems", params(("id" = Id, Path), PostmortemView),
    responses((status = 200, body = ShownPostmortem, headers(("ETag" = String)))))]
pub async fn get_postmortem(app: AppData, path: Path, query: Query<PostmortemView>) -> Answer {
    Ok(resource(&read(app, path.0, query.0).await?))
}

/// Read a postmortem as Markdown
///
/// Times are those of the product's time zone, which is named. With `public=true` it has no personal data.
#[utoipa::path(get, path = "/v1/postmortems/{id}/postmortem.md", tag = "postmortems", params(("id" = Id, Path), PostmortemView),
    responses((status = 200, content((String = "text/markdown", example = "# Payments failed at the last step\n\nHB-INC-1, SEV2, 2 h 5 min\n")))))]
pub async fn get_postmortem_markdown(app: AppData, path: Path, query: Query<PostmortemView>) -> Answer {
    let shown = read(app.clone(), path.0, query.0).await?;
    let product = shown.postmortem.product_id;
    let calendar = app.store.read(move |conn| Ok(products::get(conn, product)?.calendar())).await?;
    let text = markdown::written(&shown, &calendar);
    Ok(HttpResponse::Ok().content_type("text/markdown; charset=utf-8").body(answer_body(text)))
}

/// Change a postmortem
///
/// Also after it was published, to correct it.
#[utoipa::path(patch, path = "/v1/postmortems/{id}", tag = "postmortems", params(("id" = Id, Path)),
    request_body(content = PostmortemEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Postmortem, headers(("ETag" = String)))))]
pub async fn edit_postmortem(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    write.run_raw(&app, move |tx| Ok(Reply::ok(&writing::edit(tx, path.0, if_match, &patch)?))).await
}

/// Moves a postmortem to another state.
async fn move_to(app: AppData, path: Path, write: Write, to: PostmortemState) -> Answer {
    let if_match = write.if_match;
    write.run_raw(&app, move |tx| Ok(Reply::ok(&writing::move_to(tx, path.0, if_match, to)?))).await
}

/// Ask the team to review a postmortem
#[utoipa::path(post, path = "/v1/postmortems/{id}/review", tag = "postmortems", params(("id" = Id, Path)),
    responses((status = 200, body = Postmortem, headers(("ETag" = String)))))]
pub async fn review_postmortem(app: AppData, path: Path, write: Write) -> Answer {
    move_to(app, path, write, PostmortemState::InReview).await
}

/// Publish a postmortem to the team
#[utoipa::path(post, path = "/v1/postmortems/{id}/publish", tag = "postmortems", params(("id" = Id, Path)),
    responses((status = 200, body = Postmortem, headers(("ETag" = String)))))]
pub async fn publish_postmortem(app: AppData, path: Path, write: Write) -> Answer {
    move_to(app, path, write, PostmortemState::Published).await
}

/// Make a postmortem a draft again
#[utoipa::path(post, path = "/v1/postmortems/{id}/reopen", tag = "postmortems", params(("id" = Id, Path)),
    responses((status = 200, body = Postmortem, headers(("ETag" = String)))))]
pub async fn reopen_postmortem(app: AppData, path: Path, write: Write) -> Answer {
    move_to(app, path, write, PostmortemState::Draft).await
}

/// List the earlier postmortems that an incident is like
///
/// At most three of the same product, found by what is known when an incident opens: its title, its summary and the first
/// two texts of its timeline. Those with actions that are not done come first, each action with its story. A new incident
/// that is like one with open actions is also told as `incident.repeat_found`.
#[utoipa::path(get, path = "/v1/incidents/{id}/repeats", tag = "postmortems",
    params(("id" = String, Path, description = "Id or number")), responses((status = 200, body = Repeats)))]
pub async fn list_incident_repeats(app: AppData, path: IncidentPath) -> Answer {
    let now = app.store.clock.now();
    Ok(json(&app.store.read(move |conn| repeats::of(conn, path.0, now)).await?))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    list_postmortems,
    create_postmortem,
    get_postmortem,
    get_postmortem_markdown,
    edit_postmortem,
    review_postmortem,
    publish_postmortem,
    reopen_postmortem,
    list_incident_repeats
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/postmortems").get(list_postmortems).post(create_postmortem))
        .service(at("/v1/postmortems/{id}").get(get_postmortem).patch(edit_postmortem))
        .service(at("/v1/postmortems/{id}/postmortem.md").get(get_postmortem_markdown))
        .service(at("/v1/postmortems/{id}/review").post(review_postmortem))
        .service(at("/v1/postmortems/{id}/publish").post(publish_postmortem))
        .service(at("/v1/postmortems/{id}/reopen").post(reopen_postmortem))
        .service(at("/v1/incidents/{id}/repeats").get(list_incident_repeats));
}
