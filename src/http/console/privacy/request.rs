//! `/console/privacy/requests/{id}`: one request, what is to be done next, and the proofs of the answer.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use super::requests::{called, names_of};
use crate::app::App;
use crate::domain::base::{Id, Paging, Time};
use crate::domain::feedback::{Customer, CustomerQuery};
use crate::domain::privacy::person_request::{PersonRequest, PersonRequestKind};
use crate::error::{Error, Result};
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, show_as};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::feedback::customers;
use crate::store::privacy::person_requests as stored;
use crate::store::team::members;
use crate::usecase::privacy::preview::{self, ErasurePreview};
use crate::usecase::privacy::retention::held_erasure;

struct Found {
    request: PersonRequest,
    customers: HashMap<Id, String>,
    members: HashMap<Id, String>,
    /// Customers with the address of the contact.
    candidates: Vec<Customer>,
    /// What an erasure would remove.
    erasure: Option<ErasurePreview>,
    is_held: bool,
}

#[derive(Template)]
#[template(path = "console/privacy/request.html")]
struct RequestPage {
    shell: Shell,
    found: Found,
    refusal: Refusal,
}

impl RequestPage {
    fn heading(&self) -> String {
        let kind = self.shell.t.named("request", self.found.request.kind.as_str());
        format!("{kind} · {}", called(&self.found.request, &self.found.customers, self.shell.t))
    }

    fn member(&self, id: &Option<Id>) -> String {
        id.and_then(|id| self.found.members.get(&id).cloned()).unwrap_or_else(|| self.shell.t.rq_nobody())
    }

    fn is(&self, state: &str) -> bool {
        self.found.request.state.as_str() == state
    }

    fn wants(&self, kind: &str) -> bool {
        self.found.request.kind.as_str() == kind
    }

    fn candidate(&self, customer: &Customer) -> String {
        let name = customer.name.clone().or_else(|| customer.email.clone());
        name.unwrap_or_else(|| self.shell.t.some_customer())
    }
}

fn read(conn: &mut Conn, id: Id, now: Time) -> Result<Found> {
    let request = stored::get(conn, id, now)?;
    let people: Vec<Id> = request.customer_id.into_iter().collect();
    let mut team: Vec<Id> = [request.identity_checked_by, request.ended_by, request.filed_by]
        .into_iter()
        .flatten()
        .chain(request.proofs.iter().filter_map(|proof| proof.made_by))
        .collect();
    team.sort_unstable();
    team.dedup();
    let candidates = match (&request.contact, request.customer_id) {
        (Some(contact), None) if contact.contains('@') => {
            let query = CustomerQuery { email: Some(contact.clone()), ..CustomerQuery::default() };
            customers::list(conn, &query, &Paging::new(Some(10), None, String::new())?)?.data
        }
        _ => Vec::new(),
    };
    let to_erase =
        request.customer_id.filter(|_| request.kind == PersonRequestKind::Erasure && !request.state.is_ended());
    let (erasure, is_held) = match to_erase {
        Some(customer) => (Some(preview::of(conn, customer)?), held_erasure::is_held(conn, customer)?),
        None => (None, false),
    };
    Ok(Found {
        customers: names_of(conn, &people)?,
        members: members::names_of(conn, &team)?,
        request,
        candidates,
        erasure,
        is_held,
    })
}

/// The page of a request; with why an act was refused.
///
/// # Errors
/// 404, 503.
pub async fn page(app: &App, request: &HttpRequest, visit: Visit, id: Id, refused: Option<(Error, Form)>) -> Shown {
    let now = app.store.clock.now();
    let found = visit.read(app, move |conn| read(conn, id, now)).await?;
    let shell = Shell::new(request, |t| {
        let title = t.named("request", found.request.kind.as_str());
        if refused.is_some() { t.error_in_title(title) } else { title }
    });
    let refusal = refused.map_or_else(Refusal::default, |(error, form)| Refusal::of(error, form, shell.t));
    show_as(refusal.status(), request, &RequestPage { shell, found, refusal })
}

async fn request(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    page(&app, &request, visit, path.0, None).await
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/privacy/requests/{id}", &[("GET", May("get_person_request"))]).get(request));
}
