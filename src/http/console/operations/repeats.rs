//! `/console/incidents/{id}/repeats`: the earlier postmortems that an incident is like, those with open actions first.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use super::postmortem::state_name;
use crate::domain::operations::incident::Incident;
use crate::domain::operations::postmortem::repeat::SimilarPostmortem;
use crate::domain::operations::postmortem::{Postmortem, PostmortemState};
use crate::http::api::operations::incident_path::IncidentPath;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::operations::{incidents, postmortems};
use crate::usecase::operations::postmortem::repeats;

#[derive(Template)]
#[template(path = "console/operations/repeats.html")]
struct RepeatsPage {
    shell: Shell,
    incident: Incident,
    postmortem: Option<Postmortem>,
    repeats: Vec<SimilarPostmortem>,
}

impl RepeatsPage {
    fn state(&self, state: &PostmortemState) -> String {
        state_name(&self.shell, *state)
    }
}

async fn show_repeats(app: AppData, request: HttpRequest, visit: Visit, path: IncidentPath) -> Shown {
    let now = app.store.clock.now();
    let read = move |conn: &mut Conn| {
        let incident = incidents::get(conn, path.0)?;
        let postmortem = postmortems::of_incident(conn, incident.id)?;
        Ok((repeats::of(conn, incident.id, now)?.data, postmortem, incident))
    };
    let (repeats, postmortem, incident) = visit.read(&app, read).await?;
    let shell = Shell::new(&request, |t| format!("{} {}", incident.number, t.pm_repeats()));
    show(&request, &RepeatsPage { shell, incident, postmortem, repeats })
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(
        page_at("/console/incidents/{id}/repeats", &[("GET", May("list_incident_repeats"))]).get(show_repeats),
    );
}
