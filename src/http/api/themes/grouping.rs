//! `/v1/grouping`: the backlog and the embedder of the grouping.

use actix_web::web::ServiceConfig;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::domain::base::Time;
use crate::domain::feedback::State;
use crate::error::Result;
use crate::http::base::reply::{Answer, AppData, json};
use crate::http::{Part, at};
use crate::store::team::products;
use crate::store::themes::assignments;
use crate::store::themes::embeddings::{self, BUILTIN};
use crate::store::{Conn, themes};

/// Progress of the grouping.
#[derive(Serialize, ToSchema)]
pub struct GroupingStatus {
    /// The sum of feedback items that wait to be read, themes whose label or stories are out of date, and products whose
    /// refinement is due. 0 means that the grouping is up to date.
    #[schema(example = 0)]
    pending: i64,
    /// Themes that contain feedback.
    #[schema(example = 73)]
    themes: i64,
    /// Feedback like which nothing was found, so that it has no theme yet (`state` `ungrouped`).
    #[schema(example = 4)]
    ungrouped: i64,
    /// Feedback that is set aside because it is not feedback: automatic replies, bounces, advertising, tests,
    /// greetings. It gets no theme.
    #[schema(example = 12)]
    set_aside: i64,
    last_refined_at: Option<Time>,
    embedder: EmbedderStatus,
}

/// The embedder whose vectors compare feedback.
#[derive(Serialize, ToSchema)]
pub struct EmbedderStatus {
    /// The embedder in the settings: `builtin`, or `api:` and the model.
    #[schema(example = "builtin")]
    model: String,
    /// The embedder in use now. It differs from `model` until that one has computed a vector for all feedback.
    #[schema(example = "builtin")]
    present: String,
    /// `working`; `retrying` after a failure; `open` after several failures (circuit breaker: it is called only now and
    /// then).
    #[schema(example = "working")]
    state: String,
    /// Feedback that waits for a vector of `model`.
    #[schema(example = 0)]
    waiting: i64,
}

/// Read the progress of the grouping
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
        ungrouped: assignments::count_in(conn, State::Ungrouped)?,
        set_aside: assignments::count_in(conn, State::SetAside)?,
        embedder: embedder(conn, model, state)?,
        last_refined_at: refinements.iter().filter_map(|r| r.at).max(),
    })
}

fn embedder(conn: &mut Conn, model: String, state: &str) -> Result<EmbedderStatus> {
    let present = embeddings::present(conn)?;
    let mut waiting = 0;
    if model != BUILTIN {
        waiting += embeddings::count_lacking(conn, &model, &[State::Pending])?;
    }
    if model != present {
        waiting += embeddings::count_otherwise(conn, &model)?;
    }
    Ok(EmbedderStatus { model, present, state: state.to_owned(), waiting })
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(get_grouping))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/grouping").get(get_grouping));
}
