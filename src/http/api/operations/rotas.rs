//! `/v1/rotas`, their overrides and shifts, and `/v1/on-call`.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use crate::domain::base::{Id, Page, Time};
use crate::domain::operations::rota::{
    NewRota, NewRotaOverride, OnCall, OnCallQuery, OverrideState, Rota, RotaEdit, RotaOverride, RotaQuery, ShiftQuery,
    Shifts,
};
use crate::http::api::stories::resource::PartQuery;
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging, resource};
use crate::http::{Part, at};
use crate::store::operations::{overrides as stored_overrides, rotas as stored};
use crate::store::team::products;
use crate::store::{Conn, Tx};
use crate::usecase::operations::{duty, overrides, rotas};

/// List rotas, newest first
#[utoipa::path(get, path = "/v1/rotas", tag = "operations", params(RotaQuery), responses((status = 200, body = Page<Rota>)))]
pub async fn list_rotas(app: AppData, request: HttpRequest, query: Query<RotaQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let read = move |conn: &mut Conn| {
        let product = products::named(conn, query.0.product.as_deref())?.map(|product| product.id);
        let found = stored::list(conn, product, &paging)?;
        let data: crate::error::Result<Vec<Rota>> =
            found.data.into_iter().map(|rota| duty::with_unavailable(conn, rota)).collect();
        Ok(Page { data: data?, next_cursor: found.next_cursor })
    };
    Ok(page(&request, &app.store.read(read).await?))
}

/// Create a rota
///
/// The members take turns of equal length, which change at a local time: a turn that changes at 09:00 does so in summer
/// and in winter. Where the clock skips the local time, the turn changes when the clock goes on; where it occurs twice, at
/// the first time. With `restrictions` somebody is on duty only between local times of some days.
#[utoipa::path(post, path = "/v1/rotas", tag = "operations", request_body = NewRota,
    responses((status = 201, body = Rota, description = "Created",
        headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_rota(app: AppData, write: Write) -> Answer {
    let create = move |tx: &mut Tx<'_>, input: &NewRota| {
        let rota = rotas::create(tx, input)?;
        Ok(Reply::created(format!("/v1/rotas/{}", rota.id), &rota))
    };
    write.run(&app, create).await
}

/// Read a rota
#[utoipa::path(get, path = "/v1/rotas/{id}", tag = "operations", params(("id" = Id, Path)),
    responses((status = 200, body = Rota, headers(("ETag" = String)))))]
pub async fn get_rota(app: AppData, path: Path) -> Answer {
    let read = move |conn: &mut Conn| {
        let rota = stored::get(conn, path.0)?;
        duty::with_unavailable(conn, rota)
    };
    Ok(resource(&app.store.read(read).await?))
}

/// Change a rota
///
/// A change counts from the start of the rota: past shifts are computed anew too.
#[utoipa::path(patch, path = "/v1/rotas/{id}", tag = "operations", params(("id" = Id, Path)),
    request_body(content = RotaEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Rota, headers(("ETag" = String)))))]
pub async fn edit_rota(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    write.run_raw(&app, move |tx| Ok(Reply::ok(&rotas::edit(tx, path.0, if_match, &patch)?))).await
}

/// Delete a rota with its overrides
#[utoipa::path(delete, path = "/v1/rotas/{id}", tag = "operations", params(("id" = Id, Path)),
    responses((status = 204, description = "Deleted")))]
pub async fn delete_rota(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    app.store.write(write.caller.actor(), move |tx| rotas::delete(tx, path.0, if_match)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// List the shifts of a rota
///
/// All shifts that overlap the range, each with its whole length, in their order. A shift whose `member_id` is `null`, or
/// with `because` `passed_over`, is a gap to fill: the member whose turn it is can't take it.
#[utoipa::path(get, path = "/v1/rotas/{id}/shifts", tag = "operations", params(("id" = Id, Path), ShiftQuery),
    responses((status = 200, body = Shifts)))]
pub async fn list_rota_shifts(app: AppData, path: Path, query: Query<ShiftQuery>) -> Answer {
    let from = query.0.from.unwrap_or_else(|| app.store.clock.now());
    let to = query.0.to.unwrap_or_else(|| from.plus(14 * Time::DAY));
    let data = app.store.read(move |conn| duty::shifts(conn, path.0, from, to)).await?;
    Ok(json(&Shifts { data }))
}

/// Read who is on duty for a product
///
/// The rotas of the product are asked by `layer`; the first with somebody on duty counts.
#[utoipa::path(get, path = "/v1/on-call", tag = "operations", params(OnCallQuery), responses((status = 200, body = OnCall)))]
pub async fn get_on_call(app: AppData, query: Query<OnCallQuery>) -> Answer {
    let at = query.0.at.unwrap_or_else(|| app.store.clock.now());
    let read = move |conn: &mut Conn| {
        let product = products::known(conn, &query.0.product)?.id;
        duty::at(conn, product, at)
    };
    Ok(json(&app.store.read(read).await?))
}

/// List the overrides of a rota, newest first
#[utoipa::path(get, path = "/v1/rotas/{id}/overrides", tag = "operations", params(("id" = Id, Path), PartQuery),
    responses((status = 200, body = Page<RotaOverride>)))]
pub async fn list_rota_overrides(app: AppData, request: HttpRequest, path: Path, query: Query<PartQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let read = move |conn: &mut Conn| {
        let rota = stored::get(conn, path.0)?.id;
        stored_overrides::list(conn, rota, &paging)
    };
    Ok(page(&request, &app.store.read(read).await?))
}

/// Take a shift, or ask another member to
///
/// For the caller it counts at once. Another member is asked, and is on duty once they accept. It changes who is on duty,
/// not when the rota has somebody on duty. Of several at one time the last one counts.
#[utoipa::path(post, path = "/v1/rotas/{id}/overrides", tag = "operations", params(("id" = Id, Path)),
    request_body = NewRotaOverride,
    responses((status = 201, body = RotaOverride, description = "Made",
        headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_rota_override(app: AppData, path: Path, write: Write) -> Answer {
    let caller = write.caller.clone();
    let create = move |tx: &mut Tx<'_>, input: &NewRotaOverride| {
        let new = overrides::create(tx, path.0, &caller, input)?;
        Ok(Reply::created(format!("/v1/overrides/{}", new.id), &new))
    };
    write.run(&app, create).await
}

/// Read an override of a rota
#[utoipa::path(get, path = "/v1/overrides/{id}", tag = "operations", params(("id" = Id, Path)),
    responses((status = 200, body = RotaOverride, headers(("ETag" = String)))))]
pub async fn get_rota_override(app: AppData, path: Path) -> Answer {
    let found = app.store.read(move |conn| stored_overrides::get(conn, path.0)).await?;
    Ok(resource(&found))
}

/// Accepts, declines or withdraws an override.
async fn decide(app: AppData, path: Path, write: Write, to: OverrideState) -> Answer {
    let caller = write.caller.clone();
    write.run_raw(&app, move |tx| Ok(Reply::ok(&overrides::decide(tx, path.0, &caller, to)?))).await
}

/// Accept an override
///
/// Only the member who was asked may. From then on they are on duty for its time.
#[utoipa::path(post, path = "/v1/overrides/{id}/accept", tag = "operations", params(("id" = Id, Path)),
    responses((status = 200, body = RotaOverride)))]
pub async fn accept_rota_override(app: AppData, path: Path, write: Write) -> Answer {
    decide(app, path, write, OverrideState::Accepted).await
}

/// Decline an override
///
/// Only the member who was asked may.
#[utoipa::path(post, path = "/v1/overrides/{id}/decline", tag = "operations", params(("id" = Id, Path)),
    responses((status = 200, body = RotaOverride)))]
pub async fn decline_rota_override(app: AppData, path: Path, write: Write) -> Answer {
    decide(app, path, write, OverrideState::Declined).await
}

/// Withdraw an override
///
/// The member who asked, the one on duty, and admins may. The turns of the rota count again.
#[utoipa::path(post, path = "/v1/overrides/{id}/withdraw", tag = "operations", params(("id" = Id, Path)),
    responses((status = 200, body = RotaOverride)))]
pub async fn withdraw_rota_override(app: AppData, path: Path, write: Write) -> Answer {
    decide(app, path, write, OverrideState::Withdrawn).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    list_rotas,
    create_rota,
    get_rota,
    edit_rota,
    delete_rota,
    list_rota_shifts,
    get_on_call,
    list_rota_overrides,
    create_rota_override,
    get_rota_override,
    accept_rota_override,
    decline_rota_override,
    withdraw_rota_override
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/rotas").get(list_rotas).post(create_rota))
        .service(at("/v1/rotas/{id}").get(get_rota).patch(edit_rota).delete(delete_rota))
        .service(at("/v1/rotas/{id}/shifts").get(list_rota_shifts))
        .service(at("/v1/rotas/{id}/overrides").get(list_rota_overrides).post(create_rota_override))
        .service(at("/v1/on-call").get(get_on_call))
        .service(at("/v1/overrides/{id}").get(get_rota_override))
        .service(at("/v1/overrides/{id}/accept").post(accept_rota_override))
        .service(at("/v1/overrides/{id}/decline").post(decline_rota_override))
        .service(at("/v1/overrides/{id}/withdraw").post(withdraw_rota_override));
}
