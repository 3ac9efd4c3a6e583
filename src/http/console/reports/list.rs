//! `/console/reports`: the reports, drafts to approve first, and a form that makes one.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::json;

use crate::app::App;
use crate::domain::base::decode::decode;
use crate::domain::base::{Id, Paging};
use crate::domain::reports::report::{ReportKind, ReportQuery, ReportState, StatusReport};
use crate::domain::team::Product;
use crate::error::{Error, Result};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::reports::heard::{self, ShippedRelease};
use crate::store::reports::rows as stored;
use crate::store::team::products;
use crate::usecase::reports::making;

/// The address of the page.
const HERE: &str = "/console/reports";
/// The most releases in the form.
const MOST_RELEASES: i64 = 20;

/// What the page reads.
struct Found {
    waiting: Vec<StatusReport>,
    reports: Vec<StatusReport>,
    products: Vec<Product>,
    /// The releases that a report can be about.
    releases: Vec<(Id, String)>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "console/reports/list.html")]
struct ReportsPage {
    shell: Shell,
    asked: Form,
    found: Found,
    names: HashMap<Id, String>,
    refusal: Refusal,
}

impl ReportsPage {
    fn kinds(&self) -> &'static [ReportKind] {
        ReportKind::ALL
    }

    fn states(&self) -> &'static [ReportState] {
        ReportState::ALL
    }

    fn kind(&self, kind: &ReportKind) -> String {
        self.shell.t.named("repkind", kind.as_str())
    }

    fn state(&self, state: &ReportState) -> String {
        self.shell.t.named("repstate", state.as_str())
    }

    fn product(&self, id: &Id) -> &str {
        self.names.get(id).map(String::as_str).unwrap_or_default()
    }

    /// What a report covers: its days.
    fn days(&self, report: &StatusReport) -> String {
        let last = report.period_to.plus(-1);
        let product = self.found.products.iter().find(|product| product.id == report.product_id);
        match product {
            Some(product) => {
                let (from, to) = (&report.period_from, &last);
                format!("{} – {}", self.shell.planned_day(from, product), self.shell.planned_day(to, product))
            }
            None => String::new(),
        }
    }
}

fn query(asked: &Form) -> Result<ReportQuery> {
    let wrong = |name: &'static str| Error::field(name, "format", "is not known");
    let kind = asked.given("kind").map(|kind| kind.parse().map_err(|()| wrong("/kind"))).transpose()?;
    let state = asked.given("state").map(|state| state.parse().map_err(|()| wrong("/state"))).transpose()?;
    Ok(ReportQuery {
        product: asked.given("product").map(str::to_owned),
        kind,
        state,
        cursor: asked.given("cursor").map(str::to_owned),
        ..ReportQuery::default()
    })
}

fn read(conn: &mut Conn, asked: &Form, query: &ReportQuery) -> Result<Found> {
    let is_first = query.cursor.is_none() && query.state.is_none() && query.kind.is_none();
    let to_approve = ReportQuery { to_approve: Some(true), limit: Some(50), ..ReportQuery::default() };
    let waiting = match is_first {
        true => stored::list(conn, &to_approve, &Paging::of(HERE, &to_approve)?)?.data,
        false => Vec::new(),
    };
    let page = stored::list(conn, query, &Paging::of(HERE, query)?)?;
    let products = products::current(conn)?;
    let shipped = heard::newest_shipped(conn, MOST_RELEASES)?;
    let name_of = |id: Id| products.iter().find(|product| product.id == id).map(|product| product.name.clone());
    let choice = |release: ShippedRelease| {
        let label = format!("{} {}", name_of(release.product)?, release.name);
        Some((release.id, label))
    };
    let releases = shipped.into_iter().filter_map(choice);
    Ok(Found {
        reports: page.data.into_iter().filter(|one| !waiting.iter().any(|known| known.id == one.id)).collect(),
        next: page.next_cursor.map(|cursor| asked.address(HERE, "cursor", &cursor)),
        releases: releases.collect(),
        waiting,
        products,
    })
}

async fn page(app: &App, request: &HttpRequest, visit: Visit, refused: Option<(Error, Form)>) -> Shown {
    let asked = Form::of_query(request)?;
    let (query, form) = (query(&asked)?, asked.clone());
    let found = visit.read(app, move |conn| read(conn, &form, &query)).await?;
    let shell = Shell::new(request, |t| match &refused {
        Some(_) => t.error_in_title(t.nav_reports()),
        None => t.nav_reports(),
    });
    let refusal = refused.map_or_else(Refusal::default, |(error, form)| Refusal::of(error, form, shell.t));
    let names = found.products.iter().map(|product| (product.id, product.name.clone())).collect();
    show_as(refusal.status(), request, &ReportsPage { shell, asked, found, names, refusal })
}

async fn list(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    page(&app, &request, visit, None).await
}

/// The form as the API would get it.
fn input(form: &Form) -> serde_json::Value {
    let mut input = json!({ "kind": form.trimmed("kind"), "approval": form.given("approval").is_some() });
    for field in ["product", "language"] {
        if let Some(value) = form.given(field) {
            input[field] = json!(value);
        }
    }
    // The choice of a release counts only for its kind.
    if form.trimmed("kind") == ReportKind::Release.as_str()
        && let Some(release) = form.given("release")
    {
        input["release"] = json!(release);
    }
    input
}

async fn create(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let made = match decode(input(&form)) {
        Ok(input) => visit.write(&app, move |tx| making::create(tx, &input)).await,
        Err(error) => Err(error.into()),
    };
    match made {
        Ok(report) => Ok(done(&request, &format!("{HERE}/{}", report.id), Flash::Saved)),
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config.service(
        page_at("/console/reports", &[("GET", May("list_reports")), ("POST", May("create_report"))])
            .get(list)
            .post(create),
    );
}
