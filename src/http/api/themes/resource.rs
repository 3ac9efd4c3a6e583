//! `/v1/themes`: listing, reading and correcting themes.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use super::corrections::corrected;
use crate::domain::base::{Id, Page};
use crate::domain::themes::{
    Corrected, FoundInState, Merge, Mute, Split, SubTheme, Theme, ThemeDetail, ThemeEdit, ThemeQuery,
};
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Write, json, page, paging, resource};
use crate::http::{Part, at};
use crate::store::themes;
use crate::usecase::themes::{corrections, granularity};

/// List themes
///
/// Newest first, or highest first with `sort`. Empty and merged themes are not listed; muted themes only on request.
#[utoipa::path(get, path = "/v1/themes", tag = "themes", params(ThemeQuery),
    responses((status = 200, body = Page<Theme>)))]
pub async fn list_themes(app: AppData, request: HttpRequest, query: Query<ThemeQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| themes::list::list(conn, &query.0, &paging)).await?;
    Ok(page(&request, &found))
}

/// Read a theme with its timeline and quotes
#[utoipa::path(get, path = "/v1/themes/{id}", tag = "themes", params(("id" = Id, Path)),
    responses((status = 200, body = ThemeDetail, headers(("ETag" = String)))))]
pub async fn get_theme(app: AppData, path: Path) -> Answer {
    let found = app.store.read(move |conn| themes::list::detail(conn, path.0)).await?;
    Ok(resource(&found))
}

/// List the sub-themes of a theme
///
/// The second, finer level: the parts that the engine finds in the theme at the next finer granularity at which the
/// product's themes are good (four times its own where none is known), largest first,
/// each with at least 3 items. Empty if the theme does not split into several parts. Items outside these parts belong
/// to no sub-theme.
#[utoipa::path(get, path = "/v1/themes/{id}/sub-themes", tag = "themes", params(("id" = Id, Path)),
    responses((status = 200, body = FoundInState<SubTheme>)))]
pub async fn list_sub_themes(app: AppData, path: Path) -> Answer {
    let groups = app.groups.clone();
    Ok(json(&app.store.read(move |conn| granularity::sub_themes(conn, &groups, path.0)).await?))
}

/// Rename a theme
///
/// The engine no longer changes its label. `Location` is the correction, which can undo this.
#[utoipa::path(patch, path = "/v1/themes/{id}", tag = "themes", params(("id" = Id, Path)),
    request_body(content = ThemeEdit, content_type = "application/merge-patch+json", example = json!({"label": "Refunds are late"})),
    responses((status = 200, body = Corrected<Theme>, headers(("Location" = String), ("ETag" = String)))))]
pub async fn rename_theme(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match, patch) = (path.0, write.if_match, write.body.value.clone());
    write.run_raw(&app, move |tx| corrections::rename(tx, id, if_match, &patch).map(corrected)).await
}

/// Merge another theme into this one
///
/// All feedback of the other theme moves here and is pinned. If both themes have a story, this theme keeps its own, and
/// the other story is proposed as its duplicate. The answer is this theme; `Location` is the correction, which can undo
/// this.
#[utoipa::path(post, path = "/v1/themes/{id}/merge", tag = "themes", params(("id" = Id, Path)),
    request_body = Merge,
    responses((status = 200, body = Corrected<Theme>, headers(("Location" = String), ("ETag" = String)))))]
pub async fn merge_theme(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match) = (path.0, write.if_match);
    write.run(&app, move |tx, input: &Merge| corrections::merge(tx, id, if_match, input.theme_id).map(corrected)).await
}

/// Split feedback off a theme into a new theme
///
/// The feedback is pinned in the new theme, which is the answer. `Location` is the correction, which can undo this.
#[utoipa::path(post, path = "/v1/themes/{id}/split", tag = "themes", params(("id" = Id, Path)),
    request_body = Split,
    responses((status = 200, body = Corrected<Theme>, headers(("Location" = String), ("ETag" = String)))))]
pub async fn split_theme(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match) = (path.0, write.if_match);
    write.run(&app, move |tx, input: &Split| corrections::split(tx, id, if_match, input).map(corrected)).await
}

/// Mute a theme, or unmute it
///
/// Muted themes get no draft story and are left out of lists and of similarity searches. `Location` is the correction,
/// which can undo this.
#[utoipa::path(post, path = "/v1/themes/{id}/mute", tag = "themes", params(("id" = Id, Path)),
    request_body = Option<Mute>,
    responses((status = 200, body = Corrected<Theme>, headers(("Location" = String), ("ETag" = String)))))]
pub async fn mute_theme(app: AppData, path: Path, write: Write) -> Answer {
    let (id, if_match) = (path.0, write.if_match);
    write.run(&app, move |tx, input: &Mute| corrections::mute(tx, id, if_match, input.muted).map(corrected)).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_themes, get_theme, list_sub_themes, rename_theme, merge_theme, split_theme, mute_theme))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/themes").get(list_themes))
        .service(at("/v1/themes/{id}").get(get_theme).patch(rename_theme))
        .service(at("/v1/themes/{id}/sub-themes").get(list_sub_themes))
        .service(at("/v1/themes/{id}/merge").post(merge_theme))
        .service(at("/v1/themes/{id}/split").post(split_theme))
        .service(at("/v1/themes/{id}/mute").post(mute_theme));
}
