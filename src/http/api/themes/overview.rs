//! Overviews of themes: their last weeks, a map by meaning, the nearest ones. And the move of feedback between two.

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use super::corrections::corrected;
use crate::domain::base::{Id, Page};
use crate::domain::themes::{
    Corrected, FoundInState, MoveFeedback, NearTheme, Theme, ThemeMap, ThemeWeeks, ThemeWeeksQuery,
};
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Write, json};
use crate::http::{Part, at};
use crate::store::themes::weeks;
use crate::usecase::themes::{corrections, overview};

/// Read how much feedback several themes got in each of their last 12 weeks
#[utoipa::path(get, path = "/v1/themes/weeks", tag = "themes", params(ThemeWeeksQuery),
    responses((status = 200, body = Page<ThemeWeeks>)))]
pub async fn list_theme_weeks(app: AppData, query: Query<ThemeWeeksQuery>) -> Answer {
    let (ids, now) = (query.0.ids()?, app.store.clock.now());
    let data = app.store.read(move |conn| weeks::last(conn, &ids, now)).await?;
    Ok(json(&Page { data, next_cursor: None }))
}

/// List the themes that are nearest to a theme
///
/// Nearest first, at most 12, by the links between the texts of the themes: candidates for a merge, and for feedback that
/// belongs elsewhere.
#[utoipa::path(get, path = "/v1/themes/{id}/near", tag = "themes", params(("id" = Id, Path)),
    responses((status = 200, body = FoundInState<NearTheme>)))]
pub async fn list_near_themes(app: AppData, path: Path) -> Answer {
    let groups = app.groups.clone();
    Ok(json(&app.store.read(move |conn| overview::near(conn, &groups, path.0, overview::NEAR)).await?))
}

/// Read a map of a product's themes
///
/// Themes of like meaning are near to each other: the positions are the two principal components of the mean vectors of
/// the largest 150 themes.
#[utoipa::path(get, path = "/v1/products/{id}/theme-map", tag = "products", params(("id" = Id, Path)),
    responses((status = 200, body = ThemeMap)))]
pub async fn get_theme_map(app: AppData, path: Path) -> Answer {
    let groups = app.groups.clone();
    Ok(json(&app.store.read(move |conn| overview::map(conn, &groups, path.0)).await?))
}

/// Move feedback of a theme to another theme
///
/// One correction for all of it. The feedback is pinned in the other theme, which is the answer; `Location` is the
/// correction, which can undo this. `POST /v1/themes/{id}/split` moves it to a new theme.
#[utoipa::path(post, path = "/v1/themes/{id}/move", tag = "themes", params(("id" = Id, Path)),
    request_body = MoveFeedback,
    responses((status = 200, body = Corrected<Theme>, headers(("Location" = String), ("ETag" = String)))))]
pub async fn move_theme_feedback(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match) = (path.0, write.if_match);
    write
        .run(&app, move |tx, input: &MoveFeedback| corrections::move_chosen(tx, id, if_match, input).map(corrected))
        .await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_theme_weeks, list_near_themes, get_theme_map, move_theme_feedback))]
struct Api;

// `/v1/themes/weeks` comes before `/v1/themes/{id}`.
inventory::submit!(Part::of::<Api>(routes).before_ids());

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/themes/weeks").get(list_theme_weeks))
        .service(at("/v1/themes/{id}/near").get(list_near_themes))
        .service(at("/v1/products/{id}/theme-map").get(get_theme_map))
        .service(at("/v1/themes/{id}/move").post(move_theme_feedback));
}
