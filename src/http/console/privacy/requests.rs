//! `/console/privacy/requests`: the requests of persons, the first due first, and filing one.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::json;

use crate::app::App;
use crate::domain::base::decode::decode;
use crate::domain::base::{Id, Paging};
use crate::domain::feedback::CustomerRecord;
use crate::domain::privacy::person_request::{NewPersonRequest, PersonRequest, PersonRequestKind, PersonRequestQuery};
use crate::domain::words::console::Words;
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
use crate::store::feedback::customers;
use crate::store::privacy::person_requests as stored;
use crate::usecase::privacy::person_requests;

/// The address of the page.
const HERE: &str = "/console/privacy/requests";
/// The most requests to answer that are shown.
const MOST: i64 = 100;

struct Found {
    open: Vec<PersonRequest>,
    answered: Vec<PersonRequest>,
    /// What the customers are called.
    names: HashMap<Id, String>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "console/privacy/requests.html")]
struct RequestsPage {
    shell: Shell,
    asked: Form,
    found: Found,
    refusal: Refusal,
}

impl RequestsPage {
    fn kinds(&self) -> &'static [PersonRequestKind] {
        PersonRequestKind::ALL
    }

    /// What was sent, or else what the address proposes.
    fn field(&self, name: &str) -> String {
        self.refusal.form.given(name).unwrap_or(self.asked.get(name)).to_owned()
    }

    fn country(&self) -> String {
        let usual = if self.shell.language() == "ko" { "KR" } else { "EU" };
        self.refusal.form.given("country").unwrap_or(usual).to_owned()
    }

    fn person(&self, request: &PersonRequest) -> String {
        called(request, &self.found.names, self.shell.t)
    }
}

/// What the person of a request is called: the customer's name, else the contact.
pub fn called(request: &PersonRequest, names: &HashMap<Id, String>, t: Words) -> String {
    let named = request.customer_id.and_then(|id| names.get(&id).cloned());
    named.or_else(|| request.contact.clone()).unwrap_or_else(|| t.some_customer())
}

/// What customers are called: their name, else their address.
pub fn names_of(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, String>> {
    let name = |row: CustomerRecord| Some((row.id, row.name.or(row.email.map(|email| email.text))?));
    Ok(customers::by_id(conn, ids)?.into_iter().filter_map(name).collect())
}

async fn page(app: &App, request: &HttpRequest, visit: Visit, refused: Option<(Error, Form)>) -> Shown {
    let (asked, now) = (Form::of_query(request)?, app.store.clock.now());
    let query = PersonRequestQuery {
        open: Some(false),
        cursor: asked.given("cursor").map(str::to_owned),
        limit: Some(20),
        ..PersonRequestQuery::default()
    };
    let paging = Paging::of(HERE, &query)?;
    let form = asked.clone();
    let read = move |conn: &mut Conn| {
        let open = stored::open(conn, MOST, now)?;
        let answered = stored::list(conn, &query, &paging, now)?;
        let mut ids: Vec<Id> = open.iter().chain(&answered.data).filter_map(|one| one.customer_id).collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(Found {
            names: names_of(conn, &ids)?,
            open,
            next: answered.next_cursor.map(|cursor| form.address(HERE, "cursor", &cursor)),
            answered: answered.data,
        })
    };
    let found = visit.read(app, read).await?;
    let shell = Shell::new(request, |t| match &refused {
        Some(_) => t.error_in_title(t.rq_requests()),
        None => t.rq_requests(),
    });
    let refusal = refused.map_or_else(Refusal::default, |(error, form)| Refusal::of(error, form, shell.t));
    show_as(refusal.status(), request, &RequestsPage { shell, asked, found, refusal })
}

async fn list(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    page(&app, &request, visit, None).await
}

/// A new request of a form. A day stands for its beginning where the member lives.
fn new_request(form: &Form) -> Result<NewPersonRequest> {
    let mut input = json!({ "kind": form.trimmed("kind"), "country": form.trimmed("country").to_uppercase() });
    for field in ["contact", "customer_id", "note"] {
        if let Some(value) = form.given(field) {
            input[field] = json!(value);
        }
    }
    if let Some(day) = form.given("received_at") {
        input["received_at"] = json!(format!("{day}T00:00:00Z"));
    }
    Ok(decode(input)?)
}

async fn file(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let filed = match new_request(&form) {
        Ok(input) => visit.write(&app, move |tx| person_requests::create(tx, &input)).await,
        Err(error) => Err(error),
    };
    match filed {
        Ok(filed) => Ok(done(&request, &format!("{HERE}/{}", filed.id), Flash::RequestFiled)),
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_person_requests")), ("POST", May("create_person_request"))];
    config.service(page_at("/console/privacy/requests", rules).get(list).post(file));
}
