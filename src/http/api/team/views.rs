//! `/v1/views`: saved views of the console's lists.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::team::view::{NewSavedView, SavedView, SavedViewEdit, SavedViewQuery};
use crate::error::Error;
use crate::http::base::extract::{By, Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, page, paging, resource};
use crate::http::console::base::kept::views::read;
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::team::views as stored;
use crate::usecase::team::views;

/// List the saved views that you may see
///
/// Your own ones and those that are shared, of the lists that your role may read; pinned ones first, then the oldest. A
/// token without a member sees the shared ones.
#[utoipa::path(get, path = "/v1/views", tag = "views", params(SavedViewQuery),
    responses((status = 200, body = Page<SavedView>)))]
pub async fn list_views(app: AppData, request: HttpRequest, By(caller): By, query: Query<SavedViewQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let mut pages = views::pages_of(&caller);
    pages.retain(|page| query.0.page.is_none_or(|wanted| wanted == *page));
    let found = app.store.read(move |conn| stored::visible(conn, caller.member_id, &pages, &paging)).await?;
    Ok(page(&request, &found.map(|found| found.view)))
}

/// Save a view of a list
///
/// A view is a list of the console with its filters, as in the query of the list's address. The query is read as the list
/// reads it: what the list refuses is refused, what it does not know is left out, and so is the position in the list. A
/// filter by `me` means each member who opens the view. Views belong to members: a token without one gets 403.
#[utoipa::path(post, path = "/v1/views", tag = "views", request_body = NewSavedView,
    responses((status = 201, body = SavedView, description = "Saved",
        headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_view(app: AppData, write: Write) -> Answer {
    let caller = write.caller.clone();
    let create = move |tx: &mut Tx<'_>, input: &NewSavedView| {
        let view = views::create(tx, &caller, input, read)?;
        Ok(Reply::created(format!("/v1/views/{}", view.id), &view))
    };
    write.run(&app, create).await
}

/// Read a saved view
///
/// 404 for a view of another member that is not shared.
#[utoipa::path(get, path = "/v1/views/{id}", tag = "views", params(("id" = Id, Path)),
    responses((status = 200, body = SavedView, headers(("ETag" = String)))))]
pub async fn get_view(app: AppData, By(caller): By, path: Path) -> Answer {
    let found = app.store.read(move |conn| stored::get(conn, path.0, caller.member_id)).await?;
    if !views::pages_of(&caller).contains(&found.view.page) {
        return Err(Error::not_found("view"));
    }
    Ok(resource(&found.view))
}

/// Change a saved view
///
/// Its owner and admins may rename it, share it, pin it, or give it other filters. Where a view is no longer shared, the
/// lists of others no longer open with it.
#[utoipa::path(patch, path = "/v1/views/{id}", tag = "views", params(("id" = Id, Path)),
    request_body(content = SavedViewEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = SavedView, headers(("ETag" = String)))))]
pub async fn edit_view(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, patch, caller) = (write.if_match, write.body.value.clone(), write.caller.clone());
    let edit = move |tx: &mut Tx<'_>| Ok(Reply::ok(&views::edit(tx, path.0, &caller, if_match, &patch, read)?));
    write.run_raw(&app, edit).await
}

/// Delete a saved view
///
/// Its owner and admins may delete it. Lists that opened with it are whole again.
#[utoipa::path(delete, path = "/v1/views/{id}", tag = "views", params(("id" = Id, Path)),
    responses((status = 204, description = "Deleted")))]
pub async fn delete_view(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, caller) = (write.if_match, write.caller.clone());
    let delete = move |tx: &mut Tx<'_>| views::delete(tx, path.0, &caller, if_match);
    app.store.write(write.caller.actor(), delete).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Open a list with a view
///
/// The list opens with this view for you, in the place of any other one. Doing it again changes nothing.
#[utoipa::path(post, path = "/v1/views/{id}/open_with", tag = "views", params(("id" = Id, Path)),
    responses((status = 200, body = SavedView)))]
pub async fn open_with_view(app: AppData, path: Path, write: Write) -> Answer {
    let caller = write.caller.clone();
    write.run_raw(&app, move |tx| Ok(Reply::ok(&views::open_with(tx, path.0, &caller, true)?))).await
}

/// Open a list without a view
///
/// The list opens whole for you if it opened with this view. Doing it again changes nothing.
#[utoipa::path(post, path = "/v1/views/{id}/open_without", tag = "views", params(("id" = Id, Path)),
    responses((status = 200, body = SavedView)))]
pub async fn open_without_view(app: AppData, path: Path, write: Write) -> Answer {
    let caller = write.caller.clone();
    write.run_raw(&app, move |tx| Ok(Reply::ok(&views::open_with(tx, path.0, &caller, false)?))).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_views, create_view, get_view, edit_view, delete_view, open_with_view, open_without_view))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/views").get(list_views).post(create_view))
        .service(at("/v1/views/{id}").get(get_view).patch(edit_view).delete(delete_view))
        .service(at("/v1/views/{id}/open_with").post(open_with_view))
        .service(at("/v1/views/{id}/open_without").post(open_without_view));
}
