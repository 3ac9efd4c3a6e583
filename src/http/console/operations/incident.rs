//! `/console/incidents/{id}`: one incident: who owns it and why, who is paged next, what happened, and what to do now.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use crate::app::App;
use crate::domain::base::Id;
use crate::domain::operations::escalation::IncidentPages;
use crate::domain::operations::incident::Incident;
use crate::domain::team::Product;
use crate::error::Error;
use crate::http::api::operations::incident_path::IncidentPath;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, show_as};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::operations::incidents;
use crate::store::team::{members, products};
use crate::usecase::operations::paging;

/// What the page reads.
struct Found {
    incident: Incident,
    product: Product,
    pages: IncidentPages,
    names: HashMap<Id, String>,
}

#[derive(Template)]
#[template(path = "console/operations/incident.html")]
struct IncidentPage {
    shell: Shell,
    found: Found,
    refusal: Refusal,
}

impl IncidentPage {
    fn name(&self, id: &Id) -> &str {
        self.found.names.get(id).map(String::as_str).unwrap_or_default()
    }

    /// Why the owner owns it, in the language of the page.
    fn because(&self) -> String {
        self.found.incident.ownership.sentence(self.shell.t.0)
    }
}

/// The page of an incident; with why an act was refused.
///
/// # Errors
/// 404, 503.
pub async fn page(app: &App, request: &HttpRequest, visit: Visit, id: Id, refused: Option<(Error, Form)>) -> Shown {
    let now = app.store.clock.now();
    let read = move |conn: &mut Conn| {
        let incident = incidents::get(conn, id)?;
        let pages = paging::shown(conn, id, now)?;
        let mut named: Vec<Id> = pages.data.iter().map(|page| page.member_id).collect();
        named.extend(pages.next.iter().filter_map(|next| next.member_id));
        named.extend(incident.acknowledged_by.into_iter().chain([incident.owner_id]));
        named.sort_unstable();
        named.dedup();
        Ok(Found {
            product: products::get(conn, incident.product_id)?,
            pages,
            names: members::names_of(conn, &named)?,
            incident,
        })
    };
    let found = visit.read(app, read).await?;
    let title = format!("{} {}", found.incident.number, found.incident.title);
    let shell = Shell::new(request, |t| if refused.is_some() { t.error_in_title(title) } else { title });
    let refusal = refused.map_or_else(Refusal::default, |(error, form)| Refusal::of(error, form, shell.t));
    show_as(refusal.status(), request, &IncidentPage { shell, found, refusal })
}

async fn incident(app: AppData, request: HttpRequest, visit: Visit, path: IncidentPath) -> Shown {
    page(&app, &request, visit, path.0, None).await
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/incidents/{id}", &[("GET", May("get_incident"))]).get(incident));
}
