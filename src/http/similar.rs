//! `/v1/similar`: what is near to a text.

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use super::at;
use super::extract::Json;
use super::reply::{Answer, AppData, json};
use crate::usecase::similar::{self, Similar, SimilarTo};

/// What is near to a text
///
/// The nearest themes, stories and feedback: what an agent sees while typing. Changes nothing, and needs no
/// `Idempotency-Key`.
#[utoipa::path(post, path = "/v1/similar", tag = "feedback", request_body = SimilarTo,
    responses((status = 200, body = Similar)))]
pub async fn find_similar(app: AppData, body: Json) -> Answer {
    let input: SimilarTo = body.decode()?;
    let groups = app.groups.clone();
    Ok(json(&app.store.read(move |conn| similar::find(conn, &groups, &input)).await?))
}

/// The operations of this file.
#[derive(OpenApi)]
#[openapi(paths(find_similar))]
pub struct Api;

/// Their addresses.
pub fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/similar").post(find_similar));
}
