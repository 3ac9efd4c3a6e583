//! `/v1/members`: the people of the team.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::team::{Member, MemberEdit, MemberQuery, NewMember};
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, page, paging, resource};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::team::members as store;
use crate::usecase::team::members;

/// List members, newest first
#[utoipa::path(get, path = "/v1/members", tag = "access", params(MemberQuery),
    responses((status = 200, body = Page<Member>)))]
pub async fn list_members(app: AppData, request: HttpRequest, query: Query<MemberQuery>) -> Answer {
    let (paging, query) = (paging(&request, &query.0)?, query.0);
    let found = app.store.read(move |conn| store::list(conn, query.role, query.active, &paging)).await?;
    Ok(page(&request, &found))
}

/// Create a member
///
/// 409 if a member has this e-mail address.
#[utoipa::path(post, path = "/v1/members", tag = "access", request_body = NewMember, responses(
    (status = 201, body = Member, description = "Created", headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_member(app: AppData, write: Write) -> Answer {
    let create = |tx: &mut Tx<'_>, input: &NewMember| {
        let member = members::create(tx, input)?;
        Ok(Reply::created(format!("/v1/members/{}", member.id), &member))
    };
    write.run(&app, create).await
}

/// Read a member
#[utoipa::path(get, path = "/v1/members/{id}", tag = "access", params(("id" = Id, Path)),
    responses((status = 200, body = Member, headers(("ETag" = String)))))]
pub async fn get_member(app: AppData, path: Path) -> Answer {
    let found = app.store.read(move |conn| store::get(conn, path.0)).await?;
    Ok(resource(&found))
}

/// Change or deactivate a member
///
/// The tokens of an inactive member (`"active": false`) stop working. If a member's role is reduced, their tokens with
/// a higher role are revoked.
#[utoipa::path(patch, path = "/v1/members/{id}", tag = "access", params(("id" = Id, Path)),
    request_body(content = MemberEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Member, headers(("ETag" = String)))))]
pub async fn update_member(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    let answer = write.run_raw(&app, move |tx| Ok(Reply::ok(&members::edit(tx, path.0, if_match, &patch)?))).await;
    app.verifier.forget();
    answer
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_members, create_member, get_member, update_member))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/members").get(list_members).post(create_member))
        .service(at("/v1/members/{id}").get(get_member).patch(update_member));
}
