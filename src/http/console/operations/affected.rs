//! `/console/incidents/{id}/customers`: the customers whom an incident affects, what they are told, and what they answer.

use std::collections::{BTreeMap, HashMap};

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::json;

use crate::app::App;
use crate::domain::base::Id;
use crate::domain::base::decode::decode;
use crate::domain::feedback::CustomerRecord;
use crate::domain::operations::incident::{Incident, IncidentState};
use crate::domain::operations::telling::{AffectedCustomer, NewTelling, Telling, TellingNews, TellingPhase};
use crate::error::{Error, Result};
use crate::http::api::operations::incident_path::IncidentPath;
use crate::http::base::extract::segment;
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
use crate::store::feedback::customers;
use crate::store::operations::incidents;
use crate::usecase::operations::telling::{answers, sending};

/// The most customers that are listed.
const SHOWN: usize = 200;

/// A name to show.
#[derive(Clone)]
struct Who {
    name: Option<String>,
    email: Option<String>,
}

/// An affected customer with their name.
struct AffectedLine {
    who: Who,
    one: AffectedCustomer,
}

impl AffectedLine {
    /// What they were told, or are to be told, in a phase.
    fn told(&self, phase: TellingPhase) -> Option<&Telling> {
        self.one.tellings.iter().find(|telling| telling.phase == phase)
    }
}

#[derive(Template)]
#[template(path = "console/operations/affected.html")]
struct AffectedPage {
    shell: Shell,
    incident: Incident,
    lines: Vec<AffectedLine>,
    /// All affected customers; not all are listed.
    count: usize,
    refusal: Refusal,
}

impl AffectedPage {
    fn phases(&self) -> [TellingPhase; 2] {
        [TellingPhase::Start, TellingPhase::End]
    }

    /// The phase that the form proposes: the end once the incident is mitigated.
    fn is_proposed(&self, phase: &TellingPhase) -> bool {
        let is_over = matches!(self.incident.state, IncidentState::Mitigated | IncidentState::Resolved);
        let usual = if is_over { TellingPhase::End } else { TellingPhase::Start };
        self.refusal.form.given("phase").unwrap_or(usual.as_str()) == phase.as_str()
    }

    /// Customers who were not told in a phase yet.
    fn left(&self, phase: &TellingPhase) -> usize {
        self.lines.iter().filter(|line| line.told(*phase).is_none()).count()
    }
}

/// The customers of an incident; with why an act was refused.
async fn page(app: &App, request: &HttpRequest, visit: Visit, id: Id, refused: Option<(Error, Form)>) -> Shown {
    let read = move |conn: &mut Conn| {
        let incident = incidents::get(conn, id)?;
        let mut people = sending::affected(conn, id)?;
        let count = people.len();
        people.truncate(SHOWN);
        let ids: Vec<Id> = people.iter().map(|one| one.customer_id).collect();
        let mut known: HashMap<Id, CustomerRecord> =
            customers::by_id(conn, &ids)?.into_iter().map(|customer| (customer.id, customer)).collect();
        let line = |one: AffectedCustomer| {
            let record = known.remove(&one.customer_id)?;
            Some(AffectedLine { who: Who { name: record.name, email: record.email.map(|email| email.text) }, one })
        };
        Ok((incident, people.into_iter().filter_map(line).collect::<Vec<_>>(), count))
    };
    let (incident, lines, count) = visit.read(app, read).await?;
    let shell = Shell::new(request, |t| {
        let title = format!("{} {}", incident.number, t.ops_customers());
        if refused.is_some() { t.error_in_title(title) } else { title }
    });
    let refusal = refused.map_or_else(Refusal::default, |(error, form)| Refusal::of(error, form, shell.t));
    show_as(refusal.status(), request, &AffectedPage { shell, incident, lines, count, refusal })
}

async fn affected(app: AppData, request: HttpRequest, visit: Visit, path: IncidentPath) -> Shown {
    page(&app, &request, visit, path.0, None).await
}

/// The page again with the message of the act; or with why it was refused.
async fn after(app: &App, request: &HttpRequest, visit: Visit, id: Id, form: Form, acted: Result<Flash>) -> Shown {
    match acted {
        Ok(flash) => Ok(done(request, &format!("/console/incidents/{id}/customers"), flash)),
        Err(error) if Refusal::fits(&error) => page(app, request, visit, id, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

async fn tell(app: AppData, request: HttpRequest, visit: Visit, path: IncidentPath, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let texts: BTreeMap<&str, &str> =
        ["en", "ko"].into_iter().filter_map(|language| Some((language, form.given(language)?))).collect();
    let mut input = json!({ "phase": form.trimmed("phase"), "texts": texts });
    let chosen = form.all("customer");
    if form.get("whom") == "chosen" {
        input["customer_ids"] = json!(chosen);
    }
    let acted = match decode::<NewTelling>(input) {
        Ok(input) => visit.write(&app, move |tx| sending::tell(tx, id, &input)).await,
        Err(error) => Err(error.into()),
    };
    after(&app, &request, visit, id, form, acted.map(|_| Flash::CustomersTold)).await
}

async fn heard(app: AppData, request: HttpRequest, visit: Visit, path: IncidentPath, body: Payload) -> Shown {
    let customer: Id = segment(&request, "customer_id")?;
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let mut input = json!({ "phase": form.trimmed("phase") });
    match form.get("answer") {
        "over" => input["is_over"] = json!(true),
        "not_over" => {
            input["is_over"] = json!(false);
            input["because"] = form.given("because").map_or(json!(null), |because| json!(because));
        }
        _ => {}
    }
    let acted = match decode::<TellingNews>(input) {
        Ok(input) => visit.write(&app, move |tx| answers::heard(tx, id, customer, &input)).await,
        Err(error) => Err(error.into()),
    };
    after(&app, &request, visit, id, form, acted.map(|_| Flash::Saved)).await
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let page = &[("GET", May("list_affected_customers")), ("POST", May("tell_affected_customers"))];
    let one = &[("POST", May("record_affected_customer"))];
    config
        .service(page_at("/console/incidents/{id}/customers", page).get(affected).post(tell))
        .service(page_at("/console/incidents/{id}/customers/{customer_id}/told", one).post(heard));
}
