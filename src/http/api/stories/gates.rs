//! `/v1/stories/{id}/gates`: signatures that a story needs before some stages.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use super::story_path::StoryPath;
use crate::domain::base::Page;
use crate::domain::stories::{GateItem, SignGate};
use crate::domain::themes::Reason;
use crate::http::base::extract::segment;
use crate::http::base::reply::{Answer, AppData, Reply, Write, json};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::usecase::stories::{gates, signoffs};

/// List the gate items of a story, with their signatures
///
/// The product's settings define the items. Unsigned items are open.
#[utoipa::path(get, path = "/v1/stories/{id}/gates", tag = "stories", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")),
    responses((status = 200, body = Page<GateItem>)))]
pub async fn list_gates(app: AppData, path: StoryPath) -> Answer {
    let data = app.store.read(move |conn| gates::list(conn, path.0)).await?;
    Ok(json(&Page { data, next_cursor: None }))
}

/// Sign a gate item of a story
///
/// The signature belongs to a person: the member of the token, or the member whom an admin names. An item that is
/// signed already must be withdrawn before it can be signed again.
#[utoipa::path(post, path = "/v1/stories/{id}/gates/{key}/sign", tag = "stories",
    params(("id" = String, Path, description = "Id or number of the story", example = "HB-17"), ("key" = String, Path, description = "Key of the item")), request_body = SignGate,
    responses((status = 200, body = GateItem)))]
pub async fn sign_gate(app: AppData, request: HttpRequest, path: StoryPath, write: Write) -> Answer {
    let (key, caller) = (segment::<String>(&request, "key")?, write.caller.clone());
    let sign =
        move |tx: &mut Tx<'_>, input: &SignGate| Ok(Reply::ok(&signoffs::sign(tx, path.0, &key, &caller, input)?));
    write.run(&app, sign).await
}

/// Withdraw the signature or override of a gate item
///
/// The item is open again. A story that passed the gate in the meantime stays in its stage.
#[utoipa::path(post, path = "/v1/stories/{id}/gates/{key}/withdraw", tag = "stories",
    params(("id" = String, Path, description = "Id or number of the story", example = "HB-17"), ("key" = String, Path, description = "Key of the item")), request_body = Reason,
    responses((status = 200, body = GateItem)))]
pub async fn withdraw_gate(app: AppData, request: HttpRequest, path: StoryPath, write: Write) -> Answer {
    let key = segment::<String>(&request, "key")?;
    let withdraw =
        move |tx: &mut Tx<'_>, input: &Reason| Ok(Reply::ok(&signoffs::withdraw(tx, path.0, &key, &input.reason)?));
    write.run(&app, withdraw).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_gates, sign_gate, withdraw_gate))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/stories/{id}/gates").get(list_gates))
        .service(at("/v1/stories/{id}/gates/{key}/sign").post(sign_gate))
        .service(at("/v1/stories/{id}/gates/{key}/withdraw").post(withdraw_gate));
}
