//! `/v1/grouping`: how much still waits for its theme.

use actix_web::web::ServiceConfig;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::domain::base::Time;
use crate::domain::feedback::State;
use crate::error::Result;
use crate::http::at;
use crate::http::base::reply::{Answer, AppData, json};
use crate::store::team::products;
use crate::store::themes::assignments;
use crate::store::themes::embeddings::{self, BUILTIN};
use crate::store::{Conn, themes};

/// How far the grouping is.
#[derive(Serialize, ToSchema)]
pub struct GroupingStatus {
    /// Feedback that waits for its theme, themes that wait for their words and stories, and products that wait for a
    /// refinement: 0 only when all is assigned, refined once after an import, and drafted.
    #[schema(example = 0)]
    pending: i64,
    /// Themes that have feedback.
    #[schema(example = 73)]
    themes: i64,
    /// Feedback that is set aside: automatic replies, bounces, advertising, tests, greetings. It gets no theme.
    #[schema(example = 12)]
    set_aside: i64,
    last_refined_at: Option<Time>,
    embedder: EmbedderStatus,
}

/// By what feedback is compared.
#[derive(Serialize, ToSchema)]
pub struct EmbedderStatus {
    /// The embedder of the settings: `builtin`, or `api:` and the model.
    #[schema(example = "builtin")]
    model: String,
    /// The one by which feedback is compared now; another than `model` until that has spoken of everything.
    #[schema(example = "builtin")]
    present: String,
    /// `working`, `retrying` after a failure, `open` after several: then it is asked now and then only.
    #[schema(example = "working")]
    state: String,
    /// Feedback that waits for its vector by `model`.
    #[schema(example = 0)]
    waiting: i64,
}

/// How much still waits to be grouped
#[utoipa::path(get, path = "/v1/grouping", tag = "themes", responses((status = 200, body = GroupingStatus)))]
pub async fn get_grouping(app: AppData) -> Answer {
    let (model, state) = match &app.embedder {
        Some(asked) => (asked.name(), asked.state()),
        None => (BUILTIN.to_owned(), "working"),
    };
    Ok(json(&app.store.read(move |conn| status(conn, model, state)).await?))
}

fn status(conn: &mut Conn, model: String, state: &str) -> Result<GroupingStatus> {
    let refinements = products::refinements(conn)?;
    let due = refinements.iter().filter(|r| r.due).count() as i64;
    Ok(GroupingStatus {
        pending: assignments::count_pending(conn)? + themes::rows::count_stale(conn)? + due,
        themes: themes::rows::count(conn)?,
        set_aside: assignments::count_in(conn, State::SetAside)?,
        embedder: embedder(conn, model, state)?,
        last_refined_at: refinements.iter().filter_map(|r| r.at).max(),
    })
}

fn embedder(conn: &mut Conn, model: String, state: &str) -> Result<EmbedderStatus> {
    let present = embeddings::present(conn)?;
    let mut waiting = 0;
    if model != BUILTIN {
        waiting += embeddings::count_lacking(conn, &model, State::Pending)?;
    }
    if model != present {
        waiting += embeddings::count_otherwise(conn, &model)?;
    }
    Ok(EmbedderStatus { model, present, state: state.to_owned(), waiting })
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(get_grouping))]
pub struct Api;

/// Registers the routes of these operations.
pub fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/grouping").get(get_grouping));
}
