//! `/console/reports/{id}/...`: a report as a file, and as a page to print.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::ServiceConfig;

use crate::domain::base::Id;
use crate::domain::reports::report::{ReportScope, ShownReport};
use crate::domain::reports::{csv, wording};
use crate::error::{Error, Result};
use crate::http::base::extract::Path;
use crate::http::base::memory::answer_body;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::page::Shown;
use crate::http::console::base::visit::Visit;
use crate::http::public::report_page;
use crate::http::{Pages, page_at};
use crate::outside::mail::{ReportFooter, report_html};
use crate::usecase::reports::reading;

async fn read(app: &AppData, visit: &Visit, id: Id) -> Result<ShownReport> {
    visit.read(app, move |conn| reading::shown(conn, id, ReportScope::Customers)).await
}

/// The answer with a file, named after the product and the last day of the report.
fn file(shown: &ShownReport, ending: &str, content_type: &str, body: String) -> HttpResponse {
    let day = wording::last_day(&shown.report, &shown.content);
    let name = format!("attachment; filename=\"report-{}-{day}.{ending}\"", shown.content.product.key);
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(answer_body(body))
}

async fn markdown(app: AppData, visit: Visit, path: Path) -> Shown {
    let shown = read(&app, &visit, path.0).await?;
    let text = reading::document(&shown).markdown();
    Ok(file(&shown, "md", "text/markdown; charset=utf-8", text))
}

async fn table(app: AppData, visit: Visit, path: Path) -> Shown {
    let shown = read(&app, &visit, path.0).await?;
    let text = csv::written(&shown.content);
    Ok(file(&shown, "csv", "text/csv; charset=utf-8", text))
}

async fn html(app: AppData, visit: Visit, path: Path) -> Shown {
    let shown = read(&app, &visit, path.0).await?;
    let footer = ReportFooter { page: None, unsubscribe: None, is_member: true };
    let text = report_html(&reading::document(&shown), &footer);
    Ok(file(&shown, "html", "text/html; charset=utf-8", text))
}

async fn json(app: AppData, visit: Visit, path: Path) -> Shown {
    let shown = read(&app, &visit, path.0).await?;
    let text = serde_json::to_string_pretty(&shown).map_err(Error::internal)?;
    Ok(file(&shown, "json", "application/json", text))
}

async fn print(app: AppData, visit: Visit, path: Path) -> Shown {
    let shown = read(&app, &visit, path.0).await?;
    Ok(report_page::whole(reading::document(&shown)))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/reports/{id}/markdown", &[("GET", May("get_report_markdown"))]).get(markdown))
        .service(page_at("/console/reports/{id}/csv", &[("GET", May("get_report_csv"))]).get(table))
        .service(page_at("/console/reports/{id}/html", &[("GET", May("get_report_html"))]).get(html))
        .service(page_at("/console/reports/{id}/json", &[("GET", May("get_report"))]).get(json))
        .service(page_at("/console/reports/{id}/print", &[("GET", May("get_report"))]).get(print));
}
