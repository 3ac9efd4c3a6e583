//! `/v1/reports`: making, approving and sending reports, and reading them in each format.

use actix_web::http::header;
use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::reports::report::{
    NewReport, ReportDeliveries, ReportEdit, ReportQuery, ReportScope, SendReport, ShownReport, StatusReport,
};
use crate::domain::reports::{csv, wording};
use crate::http::base::extract::{Path, Query};
use crate::http::base::memory::answer_body;
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging, resource};
use crate::http::{Part, at};
use crate::outside::mail::{ReportFooter, report_html};
use crate::store::Tx;
use crate::store::reports::{deliveries, rows as stored};
use crate::usecase::reports::{making, reading};

/// List reports, newest first
///
/// Without what they say.
#[utoipa::path(get, path = "/v1/reports", tag = "reports", params(ReportQuery),
    responses((status = 200, body = Page<StatusReport>)))]
pub async fn list_reports(app: AppData, request: HttpRequest, query: Query<ReportQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| stored::list(conn, &query.0, &paging)).await?;
    Ok(page(&request, &found))
}

/// Make a report
///
/// What it says is computed once, now, and does not change any more, but that an erased person is taken out. It is a draft
/// until it is sent. Texts in it that may quote a customer are left out or replaced, since reports leave the team.
#[utoipa::path(post, path = "/v1/reports", tag = "reports", request_body = NewReport, responses(
    (status = 201, body = StatusReport, description = "Made", headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_report(app: AppData, write: Write) -> Answer {
    let create = |tx: &mut Tx<'_>, input: &NewReport| {
        let report = making::create(tx, input)?;
        Ok(Reply::created(format!("/v1/reports/{}", report.id), &report))
    };
    write.run(&app, create).await
}

async fn read(app: AppData, id: Id) -> crate::error::Result<ShownReport> {
    app.store.read(move |conn| reading::shown(conn, id, ReportScope::Customers)).await
}

/// Read a report
#[utoipa::path(get, path = "/v1/reports/{id}", tag = "reports", params(("id" = Id, Path)),
    responses((status = 200, body = ShownReport, headers(("ETag" = String)))))]
pub async fn get_report(app: AppData, path: Path) -> Answer {
    Ok(resource(&read(app, path.0).await?))
}

/// Read a report as Markdown
#[utoipa::path(get, path = "/v1/reports/{id}.md", tag = "reports", params(("id" = Id, Path)),
    responses((status = 200, content((String = "text/markdown", example = "# Hearback: week to 29 Nov 2026\n\n**In this period: 3 stories shipped.**\n")))))]
pub async fn get_report_markdown(app: AppData, path: Path) -> Answer {
    let text = reading::document(&read(app, path.0).await?).markdown();
    Ok(HttpResponse::Ok().content_type("text/markdown; charset=utf-8").body(answer_body(text)))
}

/// Read a report as CSV
///
/// One line a figure, with the names of the API. Cells that a spreadsheet would take for a formula begin with an apostrophe.
#[utoipa::path(get, path = "/v1/reports/{id}.csv", tag = "reports", params(("id" = Id, Path)),
    responses((status = 200, content((String = "text/csv", example = "section,item,name,measure,value,before,unit\r\nchanges,,,feedback,42,30,\r\n")))))]
pub async fn get_report_csv(app: AppData, path: Path) -> Answer {
    let shown = read(app, path.0).await?;
    let name = format!("report-{}-{}.csv", shown.content.product.key, wording::last_day(&shown.report, &shown.content));
    let disposition = format!("attachment; filename=\"{name}\"");
    let response = HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .body(answer_body(csv::written(&shown.content)));
    Ok(response)
}

/// Read a report as HTML for a mail program
///
/// Tables and inline styles, without scripts, images and links: it can be put into a mail. At most 96 kB: where that is not
/// enough, it says which sections are left out.
#[utoipa::path(get, path = "/v1/reports/{id}.html", tag = "reports", params(("id" = Id, Path)),
    responses((status = 200, content((String = "text/html", example = "<!doctype html>\n<html lang=\"en\">...")))))]
pub async fn get_report_html(app: AppData, path: Path) -> Answer {
    let document = reading::document(&read(app, path.0).await?);
    let html = report_html(&document, &ReportFooter { page: None, unsubscribe: None, is_member: true });
    let response = HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; sandbox"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(answer_body(html));
    Ok(response)
}

/// Change a draft
///
/// Its introduction. A report that was approved has to be approved again. 409 for one that was sent.
#[utoipa::path(patch, path = "/v1/reports/{id}", tag = "reports", params(("id" = Id, Path)),
    request_body(content = ReportEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = StatusReport, headers(("ETag" = String)))))]
pub async fn edit_report(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    write.run_raw(&app, move |tx| Ok(Reply::ok(&making::edit(tx, path.0, if_match, &patch)?))).await
}

/// Delete a report that was never sent
#[utoipa::path(delete, path = "/v1/reports/{id}", tag = "reports", params(("id" = Id, Path)),
    responses((status = 204, description = "Deleted")))]
pub async fn delete_report(app: AppData, path: Path, write: Write) -> Answer {
    let (actor, if_match) = (write.caller.actor(), write.if_match);
    app.store.write(actor, move |tx| making::delete(tx, path.0, if_match)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Approve a report
///
/// One that was made for subscriptions is then sent to them.
#[utoipa::path(post, path = "/v1/reports/{id}/approve", tag = "reports", params(("id" = Id, Path)),
    responses((status = 200, body = StatusReport, headers(("ETag" = String)))))]
pub async fn approve_report(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    write.run_raw(&app, move |tx| Ok(Reply::ok(&making::approve(tx, path.0, if_match)?))).await
}

/// Send a report
///
/// To the subscriptions it was made for, and to those that the body names. It stays as it is now. 409 where it was sent
/// already, or needs approval first.
#[utoipa::path(post, path = "/v1/reports/{id}/send", tag = "reports", params(("id" = Id, Path)),
    request_body = SendReport, responses((status = 200, body = StatusReport, headers(("ETag" = String)))))]
pub async fn send_report(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    let send = move |tx: &mut Tx<'_>, input: &SendReport| Ok(Reply::ok(&making::send(tx, path.0, if_match, input)?));
    write.run(&app, send).await
}

/// List whom a report goes to
#[utoipa::path(get, path = "/v1/reports/{id}/deliveries", tag = "reports", params(("id" = Id, Path)),
    responses((status = 200, body = ReportDeliveries)))]
pub async fn list_report_deliveries(app: AppData, path: Path) -> Answer {
    let read = move |conn: &mut _| {
        let report = stored::get(conn, path.0)?;
        Ok(ReportDeliveries { data: deliveries::of_report(conn, report.id)? })
    };
    Ok(json(&app.store.read(read).await?))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    list_reports,
    create_report,
    get_report,
    get_report_markdown,
    get_report_csv,
    get_report_html,
    edit_report,
    delete_report,
    approve_report,
    send_report,
    list_report_deliveries
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations. Those with an ending come before the id alone, which would match them too.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/reports").get(list_reports).post(create_report))
        .service(at("/v1/reports/{id}.md").get(get_report_markdown))
        .service(at("/v1/reports/{id}.csv").get(get_report_csv))
        .service(at("/v1/reports/{id}.html").get(get_report_html))
        .service(at("/v1/reports/{id}").get(get_report).patch(edit_report).delete(delete_report))
        .service(at("/v1/reports/{id}/approve").post(approve_report))
        .service(at("/v1/reports/{id}/send").post(send_report))
        .service(at("/v1/reports/{id}/deliveries").get(list_report_deliveries));
}
