//! The actions of postmortems, which are stories.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::domain::base::Id;
use crate::domain::operations::postmortem::action::{ActionPage, ActionQuery, NewPostmortemAction, PostmortemAction};
use crate::http::api::stories::story_path::StoryPath;
use crate::http::base::extract::{Path, Query, segment};
use crate::http::base::reply::{Answer, AppData, Reply, Write, WrittenPage, json, paging, written_page};
use crate::http::{Part, at};
use crate::store::operations::{postmortem_actions as stored, postmortems};
use crate::store::{Conn, Tx};
use crate::usecase::operations::postmortem::actions;

/// Actions of one postmortem or one story; all of them.
#[derive(Serialize, ToSchema)]
pub struct ActionList {
    pub data: Vec<PostmortemAction>,
}

/// List the actions of a postmortem, oldest first
#[utoipa::path(get, path = "/v1/postmortems/{id}/actions", tag = "postmortems", params(("id" = Id, Path)),
    responses((status = 200, body = ActionList)))]
pub async fn list_postmortem_actions(app: AppData, path: Path) -> Answer {
    let now = app.store.clock.now();
    let read = move |conn: &mut Conn| {
        let postmortem = postmortems::get(conn, path.0)?.id;
        stored::of_postmortems(conn, &[postmortem], now)
    };
    Ok(json(&ActionList { data: app.store.read(read).await? }))
}

/// Add an action to a postmortem
///
/// The action is a story with an owner and a due date: a new one with `title`, or one that is there with `story`. `covers`
/// names actions of earlier postmortems that it does too, so that nothing is asked for twice and nothing is forgotten.
#[utoipa::path(post, path = "/v1/postmortems/{id}/actions", tag = "postmortems", params(("id" = Id, Path)),
    request_body = NewPostmortemAction,
    responses((status = 201, body = PostmortemAction, description = "Added", headers(("Location" = String)))))]
pub async fn create_postmortem_action(app: AppData, path: Path, write: Write) -> Answer {
    let create = move |tx: &mut Tx<'_>, input: &NewPostmortemAction| {
        let action = actions::create(tx, path.0, input)?;
        Ok(Reply::created(format!("/v1/stories/{}", action.story_id), &action))
    };
    write.run(&app, create).await
}

/// Take an action out of a postmortem
///
/// Its story stays.
#[utoipa::path(delete, path = "/v1/postmortems/{id}/actions/{action_id}", tag = "postmortems",
    params(("id" = Id, Path), ("action_id" = Id, Path)), responses((status = 204, description = "Taken out")))]
pub async fn remove_postmortem_action(app: AppData, request: HttpRequest, path: Path, write: Write) -> Answer {
    let action: Id = segment(&request, "action_id")?;
    app.store.write(write.caller.actor(), move |tx| actions::remove(tx, path.0, action)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// List the actions of all postmortems, oldest first
///
/// With counts: how many are open, overdue, done and dropped, and the share of done ones.
#[utoipa::path(get, path = "/v1/postmortem-actions", tag = "postmortems", params(ActionQuery),
    responses((status = 200, body = ActionPage)))]
pub async fn list_all_postmortem_actions(app: AppData, request: HttpRequest, query: Query<ActionQuery>) -> Answer {
    let (paging, now) = (paging(&request, &query.0)?, app.store.clock.now());
    let read = move |conn: &mut Conn| {
        let found = stored::list(conn, &query.0, &paging, now)?;
        let counts = stored::counts(conn, query.0.product.as_deref(), now)?;
        Ok(ActionPage { data: found.data, next_cursor: found.next_cursor, counts })
    };
    let found = app.store.read(read).await?;
    Ok(written_page(&request, &WrittenPage::with(found.next_cursor.clone(), &found)))
}

/// List the postmortems that a story comes from
///
/// As the actions that it is, each with its postmortem and incident.
#[utoipa::path(get, path = "/v1/stories/{id}/postmortems", tag = "postmortems",
    params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")),
    responses((status = 200, body = ActionList)))]
pub async fn list_story_postmortems(app: AppData, path: StoryPath) -> Answer {
    let now = app.store.clock.now();
    let read = move |conn: &mut Conn| {
        let story = crate::store::stories::rows::get(conn, path.0)?.id;
        stored::of_story(conn, story, now)
    };
    Ok(json(&ActionList { data: app.store.read(read).await? }))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    list_postmortem_actions,
    create_postmortem_action,
    remove_postmortem_action,
    list_all_postmortem_actions,
    list_story_postmortems
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/postmortems/{id}/actions").get(list_postmortem_actions).post(create_postmortem_action))
        .service(at("/v1/postmortems/{id}/actions/{action_id}").delete(remove_postmortem_action))
        .service(at("/v1/postmortem-actions").get(list_all_postmortem_actions))
        .service(at("/v1/stories/{id}/postmortems").get(list_story_postmortems));
}
