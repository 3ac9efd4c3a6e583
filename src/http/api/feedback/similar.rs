//! `/v1/similar`: the themes, stories and feedback most similar to a text.

use actix_web::web::{self, ServiceConfig};
use utoipa::OpenApi;

use crate::domain::feedback::own_words::own_words;
use crate::error::{Code, Error, Result};
use crate::http::base::extract::Json;
use crate::http::base::reply::{Answer, AppData, json};
use crate::http::{Part, at};
use crate::store::themes::embeddings::BUILTIN;
use crate::usecase::feedback::similar::{self, Similar, SimilarTo};
use crate::usecase::themes::embedding::question;

/// Find what is similar to a text
///
/// Returns the most similar themes, stories and feedback, for example while an agent types. Of equal feedback items,
/// only the oldest is listed. Changes nothing and needs no `Idempotency-Key`.
#[utoipa::path(post, path = "/v1/similar", tag = "feedback", request_body = SimilarTo,
    responses((status = 200, body = Similar)))]
pub async fn find_similar(app: AppData, mut body: Json) -> Answer {
    let input: SimilarTo = body.decode().await?;
    let groups = app.groups.clone();
    let said = said_of(&app, &input.text).await?;
    Ok(json(&app.store.read(move |conn| similar::find(conn, &groups, &input, said.as_deref())).await?))
}

/// The vector of a text from the external embedder, if items are compared by one.
pub async fn said_of(app: &AppData, text: &str) -> Result<Option<Vec<f32>>> {
    app.groups.check_loaded()?;
    let present = app.groups.embedder();
    if present == BUILTIN {
        return Ok(None);
    }
    let Some(asked) = app.embedder.clone().filter(|asked| asked.name() == present) else {
        return Err(Error::new(
            Code::Unavailable,
            "All feedback is being embedded again, because the embedder was changed.",
        ));
    };
    let text = question(&own_words(None, text));
    web::block(move || asked.look_up(text)).await.map_err(Error::internal)?.map(Some)
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(find_similar))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/similar").post(find_similar));
}
