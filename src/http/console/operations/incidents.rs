//! `/console/incidents`: the incidents, newest first, and the form that opens one.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::json;

use crate::app::App;
use crate::domain::base::decode::decode;
use crate::domain::base::{Id, Paging};
use crate::domain::operations::incident::{Incident, IncidentQuery, IncidentState, NewIncident};
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
use crate::store::operations::incidents as stored;
use crate::store::team::{members, products};
use crate::usecase::operations::incidents;

/// The address of the page.
const HERE: &str = "/console/incidents";

#[derive(Template)]
#[template(path = "console/operations/incidents.html")]
struct IncidentsPage {
    shell: Shell,
    asked: Form,
    products: Vec<Product>,
    incidents: Vec<Incident>,
    names: HashMap<Id, String>,
    next: Option<String>,
    refusal: Refusal,
}

impl IncidentsPage {
    fn states(&self) -> &'static [IncidentState] {
        IncidentState::ALL
    }

    fn severities(&self) -> std::ops::RangeInclusive<i32> {
        1..=5
    }

    fn name(&self, id: &Id) -> &str {
        self.names.get(id).map(String::as_str).unwrap_or_default()
    }

    /// Whether the list shows less than all incidents that are not resolved.
    fn is_filtered(&self) -> bool {
        ["product", "state", "severity", "owner"].iter().any(|name| self.asked.given(name).is_some())
    }

    fn is_severity(&self, form: &Form, severity: &i32, otherwise: &str) -> bool {
        form.given("severity").unwrap_or(otherwise) == severity.to_string()
    }
}

/// What the address asks for: without a state, all that are not resolved.
fn query(asked: &Form, visit: &Visit) -> Result<IncidentQuery> {
    let mut query = IncidentQuery {
        product: asked.given("product").map(str::to_owned),
        cursor: asked.given("cursor").map(str::to_owned),
        ..IncidentQuery::default()
    };
    let wrong = |name: &str| Error::field(format!("/{name}"), "format", "is not a filter of this list");
    match asked.given("state") {
        None => query.resolved = Some(false),
        Some("all") => {}
        Some(state) => query.state = Some(state.parse().map_err(|()| wrong("state"))?),
    }
    if let Some(severity) = asked.given("severity") {
        query.severity = Some(severity.parse().map_err(|_| wrong("severity"))?);
    }
    query.owner = match asked.given("owner") {
        None => None,
        Some("@me") => visit.caller.member_id,
        Some(id) => Some(id.parse().map_err(|_| wrong("owner"))?),
    };
    Ok(query)
}

async fn page(app: &App, request: &HttpRequest, visit: Visit, refused: Option<(Error, Form)>) -> Shown {
    let asked = Form::of_query(request)?;
    let query = query(&asked, &visit)?;
    let paging = Paging::of(HERE, &query)?;
    let read = move |conn: &mut Conn| {
        let found = stored::list(conn, &query, &paging)?;
        let owners: Vec<Id> = found.data.iter().map(|incident| incident.owner_id).collect();
        Ok((products::current(conn)?, members::names_of(conn, &owners)?, found))
    };
    let (products, names, found) = visit.read(app, read).await?;
    let next = found.next_cursor.map(|cursor| asked.address(HERE, "cursor", &cursor));
    let shell = Shell::new(request, |t| match &refused {
        Some(_) => t.error_in_title(t.nav_incidents()),
        None => t.nav_incidents(),
    });
    let refusal = refused.map_or_else(Refusal::default, |(error, form)| Refusal::of(error, form, shell.t));
    let status = refusal.status();
    let page = IncidentsPage { shell, asked, products, incidents: found.data, names, next, refusal };
    show_as(status, request, &page)
}

async fn list(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    page(&app, &request, visit, None).await
}

fn new_incident(form: &Form) -> Result<NewIncident> {
    let services = form.get("services").split([',', '\n']).map(str::trim).filter(|name| !name.is_empty());
    let mut input = json!({
        "title": form.trimmed("title"), "services": services.collect::<Vec<_>>(),
        "severity": form.trimmed("severity").parse::<i32>().unwrap_or_default(),
    });
    for field in ["product", "summary"] {
        if let Some(value) = form.given(field) {
            input[field] = json!(value);
        }
    }
    Ok(decode(input)?)
}

async fn open(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let opened = match new_incident(&form) {
        Ok(input) => visit.write(&app, move |tx| incidents::open(tx, &input)).await,
        Err(error) => Err(error),
    };
    match opened {
        Ok(incident) => Ok(done(&request, &format!("{HERE}/{}", incident.number), Flash::IncidentOpened)),
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_incidents")), ("POST", May("create_incident"))];
    config.service(page_at("/console/incidents", rules).get(list).post(open));
}
