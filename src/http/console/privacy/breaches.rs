//! `/console/privacy/breaches`: the breaches, and opening one; from an incident in one step.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::json;

use crate::app::App;
use crate::domain::base::decode::decode;
use crate::domain::base::{Paging, Time};
use crate::domain::privacy::breach::clock::DutyState;
use crate::domain::privacy::breach::{Breach, BreachDuty, BreachQuery, IncidentBreach, NewBreach};
use crate::error::{Error, Result};
use crate::http::api::operations::incident_path::IncidentPath;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Tx;
use crate::store::privacy::breaches as stored;
use crate::usecase::privacy::breaches;

/// The address of the page.
const HERE: &str = "/console/privacy/breaches";

#[derive(Template)]
#[template(path = "console/privacy/breaches.html")]
struct BreachesPage {
    shell: Shell,
    asked: Form,
    breaches: Vec<Breach>,
    next: Option<String>,
    refusal: Refusal,
}

impl BreachesPage {
    /// The duties that somebody still has to do, the first due first.
    fn open(&self, breach: &Breach) -> Vec<BreachDuty> {
        let mut open: Vec<BreachDuty> = breach.duties.iter().filter(|duty| duty.is_open()).cloned().collect();
        open.sort_by_key(|duty| (duty.due_at.is_none(), duty.due_at));
        open
    }

    fn is_late(&self, duty: &BreachDuty) -> bool {
        duty.state == DutyState::Overdue
    }

    fn countries(&self) -> String {
        self.refusal.form.given("countries").unwrap_or("KR EU").to_owned()
    }
}

/// The codes of countries in a field.
pub fn countries(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| c.is_whitespace() || c == ',').filter(|part| !part.is_empty());
    parts.map(str::to_uppercase).collect()
}

async fn page(app: &App, request: &HttpRequest, visit: Visit, refused: Option<(Error, Form)>) -> Shown {
    let (asked, now) = (Form::of_query(request)?, app.store.clock.now());
    let query = BreachQuery { cursor: asked.given("cursor").map(str::to_owned), ..BreachQuery::default() };
    let paging = Paging::of(HERE, &query)?;
    let found = visit.read(app, move |conn| stored::list(conn, &query, &paging, now)).await?;
    let next = found.next_cursor.map(|cursor| asked.address(HERE, "cursor", &cursor));
    let shell = Shell::new(request, |t| match &refused {
        Some(_) => t.error_in_title(t.br_title()),
        None => t.br_title(),
    });
    let refusal = refused.map_or_else(Refusal::default, |(error, form)| Refusal::of(error, form, shell.t));
    show_as(refusal.status(), request, &BreachesPage { shell, asked, breaches: found.data, next, refusal })
}

async fn list(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    page(&app, &request, visit, None).await
}

fn new_breach(form: &Form, now: Time) -> Result<NewBreach> {
    let mut input = json!({ "title": form.trimmed("title"), "countries": countries(form.trimmed("countries")) });
    if form.get("possible") == "yes" {
        input["possible_at"] = json!(now);
    }
    Ok(decode(input)?)
}

async fn open(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let opened = match new_breach(&form, app.store.clock.now()) {
        Ok(input) => visit.write(&app, move |tx| breaches::create(tx, &input)).await,
        Err(error) => Err(error),
    };
    match opened {
        Ok(breach) => Ok(done(&request, &format!("{HERE}/{}", breach.id), Flash::BreachOpened)),
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

async fn of_incident(app: AppData, request: HttpRequest, visit: Visit, path: IncidentPath, body: Payload) -> Shown {
    Form::read(&request, body).await?;
    let open = move |tx: &mut Tx<'_>| breaches::of_incident(tx, path.0, &IncidentBreach::default());
    let (breach, _) = visit.write(&app, open).await?;
    Ok(done(&request, &format!("{HERE}/{}", breach.id), Flash::BreachOpened))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_breaches")), ("POST", May("create_breach"))];
    config
        .service(page_at("/console/privacy/breaches", rules).get(list).post(open))
        .service(page_at("/console/incidents/{id}/breach", &[("POST", May("open_incident_breach"))]).post(of_incident));
}
