//! `/v1/similar`: the themes, stories and feedback most similar to a text.

use actix_web::web::{self, ServiceConfig};
use utoipa::OpenApi;

use crate::domain::feedback::own_words::own_words;
use crate::error::{Error, Result};
use crate::http::base::extract::Json;
use crate::http::base::reply::{Answer, AppData, json};
use crate::http::{Part, at};
use crate::store::themes::embeddings::{self, BUILTIN};
use crate::usecase::feedback::similar::{self, Compared, Similar, SimilarTo};
use crate::usecase::themes::embedding::question;

/// Find what is similar to a text
///
/// Returns the most similar themes, stories and feedback, for example while an agent types. Of equal feedback items,
/// only the oldest is listed. Changes nothing and needs no `Idempotency-Key`. While an instance still loads feedback after
/// its start, it answers from what it has and from the words of the text, and `complete` is false.
#[utoipa::path(post, path = "/v1/similar", tag = "feedback", request_body = SimilarTo,
    responses((status = 200, body = Similar)))]
pub async fn find_similar(app: AppData, mut body: Json) -> Answer {
    let input: SimilarTo = body.decode().await?;
    let groups = app.groups.clone();
    let compared = compared(&app, &input.text).await?;
    Ok(json(&app.store.read(move |conn| similar::find(conn, &groups, &input, &compared)).await?))
}

/// How a text is compared now, with its vector where the external embedder gives one.
///
/// # Errors
/// 503 where the external embedder does not answer.
pub async fn compared(app: &AppData, text: &str) -> Result<Compared> {
    let mut present = app.groups.embedder();
    if present.is_empty() {
        // The loading has not begun.
        present = app.store.read(embeddings::present).await?;
    }
    if present == BUILTIN {
        return Ok(Compared::Builtin);
    }
    let Some(asked) = app.embedder.clone().filter(|asked| asked.name() == present) else {
        return Ok(Compared::Otherwise);
    };
    let text = question(&own_words(None, text));
    web::block(move || asked.look_up(text)).await.map_err(Error::internal)?.map(Compared::External)
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
