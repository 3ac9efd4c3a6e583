//! `/v1/grouping`: how much still waits for its theme.

use actix_web::web::ServiceConfig;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::at;
use super::reply::{Answer, AppData, json};
use crate::domain::Time;
use crate::error::Result;
use crate::store::{Conn, feedback, products, themes};

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
    last_refined_at: Option<Time>,
}

/// How much still waits to be grouped
#[utoipa::path(get, path = "/v1/grouping", tag = "themes", responses((status = 200, body = GroupingStatus)))]
pub async fn get_grouping(app: AppData) -> Answer {
    Ok(json(&app.store.read(status).await?))
}

fn status(conn: &mut Conn) -> Result<GroupingStatus> {
    let refinements = products::refinements(conn)?;
    let due = refinements.iter().filter(|r| r.due).count() as i64;
    Ok(GroupingStatus {
        pending: feedback::count_pending(conn)? + themes::count_stale(conn)? + due,
        themes: themes::count(conn)?,
        last_refined_at: refinements.iter().filter_map(|r| r.at).max(),
    })
}

/// The operations of this file.
#[derive(OpenApi)]
#[openapi(paths(get_grouping))]
pub struct Api;

/// Their addresses.
pub fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/grouping").get(get_grouping));
}
