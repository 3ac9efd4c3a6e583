//! `/v1/reports/{id}/links`: links by which a report is read without sign-in.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use crate::domain::base::Id;
use crate::domain::reports::link::{NewReportLink, ReportLinks, ShownReportLink};
use crate::http::base::extract::{Path, segment};
use crate::http::base::reply::{Answer, AppData, Reply, Write, json};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::usecase::reports::links;

/// List the links of a report, newest first
///
/// With how often each was read. Those without `created_by` were made for mails and digests.
#[utoipa::path(get, path = "/v1/reports/{id}/links", tag = "reports", params(("id" = Id, Path)),
    responses((status = 200, body = ReportLinks)))]
pub async fn list_report_links(app: AppData, path: Path) -> Answer {
    let base = app.config.public_url();
    let found = app.store.read(move |conn| links::list(conn, path.0, &base)).await?;
    Ok(json(&found))
}

/// Make a link to a report
///
/// A reader who has the link needs no sign-in, until it expires or is withdrawn. Customers and accounts are shown
/// only if its `scope` is `customers`.
#[utoipa::path(post, path = "/v1/reports/{id}/links", tag = "reports", params(("id" = Id, Path)),
    request_body = Option<NewReportLink>, responses((status = 201, body = ShownReportLink, description = "Made")))]
pub async fn create_report_link(app: AppData, path: Path, write: Write) -> Answer {
    let base = app.config.public_url();
    let create =
        move |tx: &mut Tx<'_>, input: &NewReportLink| Ok(Reply::new(201, &links::create(tx, path.0, input, &base)?));
    // The address lets anybody read the report: it is kept nowhere.
    write.never_kept().run(&app, create).await
}

/// Withdraw a link to a report
#[utoipa::path(delete, path = "/v1/reports/{id}/links/{link_id}", tag = "reports",
    params(("id" = Id, Path), ("link_id" = Id, Path)), responses((status = 204, description = "Withdrawn")))]
pub async fn revoke_report_link(app: AppData, request: HttpRequest, write: Write) -> Answer {
    let (report, link): (Id, Id) = (segment(&request, "id")?, segment(&request, "link_id")?);
    app.store.write(write.caller.actor(), move |tx| links::revoke(tx, report, link)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_report_links, create_report_link, revoke_report_link))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/reports/{id}/links").get(list_report_links).post(create_report_link))
        .service(at("/v1/reports/{id}/links/{link_id}").delete(revoke_report_link));
}
