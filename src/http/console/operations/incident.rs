//! `/console/incidents/{id}`: one incident: who owns it and why, who is paged next, what happened, and what to do now.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use super::candidates::{Candidate, candidates};
use crate::app::App;
use crate::domain::base::{Id, Paging};
use crate::domain::operations::escalation::IncidentPages;
use crate::domain::operations::hand_off::{HandOff, HandOffReason};
use crate::domain::operations::incident::{Incident, IncidentState};
use crate::domain::operations::link::{IncidentLink, IncidentTarget};
use crate::domain::operations::timeline::TimelineEntry;
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
use crate::store::operations::{entries, hand_offs, incident_links, incidents};
use crate::store::team::{members, products};
use crate::usecase::operations::paging;

/// Entries of the timeline that the page shows.
const SHOWN: i64 = 200;

/// What the page reads.
struct Found {
    incident: Incident,
    product: Product,
    pages: IncidentPages,
    entries: Vec<TimelineEntry>,
    /// Whether the timeline goes on.
    has_more: bool,
    offer: Option<HandOff>,
    links: Vec<IncidentLink>,
    candidates: Vec<Candidate>,
    names: HashMap<Id, String>,
}

#[derive(Template)]
#[template(path = "console/operations/incident.html")]
struct IncidentPage {
    shell: Shell,
    found: Found,
    me: Option<Id>,
    refusal: Refusal,
}

impl IncidentPage {
    fn name(&self, id: &Id) -> &str {
        self.found.names.get(id).map(String::as_str).unwrap_or_default()
    }

    fn is(&self, state: &str) -> bool {
        self.found.incident.state.as_str() == state
    }

    fn is_me(&self, member: &Id) -> bool {
        self.me == Some(*member)
    }

    fn is_resolved(&self) -> bool {
        self.found.incident.state == IncidentState::Resolved
    }

    fn is_mine(&self) -> bool {
        self.me == Some(self.found.incident.owner_id)
    }

    fn severities(&self) -> std::ops::RangeInclusive<i32> {
        1..=5
    }

    fn reasons(&self) -> [HandOffReason; 4] {
        [HandOffReason::NotMine, HandOffReason::NeedSkill, HandOffReason::ShiftEnd, HandOffReason::Other]
    }

    /// Why the owner owns it, in the language of the page.
    fn because(&self) -> String {
        self.found.incident.ownership.sentence(self.shell.t.0)
    }

    /// The name in the data of an entry, such as of the member who was paged.
    fn named_in(&self, entry: &TimelineEntry, field: &str) -> Option<String> {
        let id: Id = entry.data[field].as_str()?.parse().ok()?;
        self.found.names.get(&id).cloned()
    }

    /// What an entry says beside its text: the state it leads to, or the key of a message about pages.
    fn says(&self, entry: &TimelineEntry) -> Option<String> {
        let t = &self.shell.t;
        if let Some(to) = entry.data["to"].as_str() {
            return Some(t.named("incident", to));
        }
        if let Some(state) = entry.data["state"].as_str() {
            return Some(t.named("handoff", state));
        }
        let key = entry.data["key"].as_str()?;
        Some(t.named("paging", key))
    }

    /// The page of what a link leads to.
    fn address(&self, link: &IncidentLink) -> Option<String> {
        let id = link.target_id;
        Some(match link.target_kind {
            IncidentTarget::Story => format!("/console/stories/{id}"),
            IncidentTarget::Theme => format!("/console/themes/{id}"),
            IncidentTarget::Feedback => format!("/console/feedback/{id}"),
            IncidentTarget::Customer => format!("/console/customers/{id}"),
            IncidentTarget::Deployment => return None,
        })
    }
}

/// The ids of members that entries name.
fn people(entries: &[TimelineEntry]) -> Vec<Id> {
    let mut found = Vec::new();
    for entry in entries {
        let named = ["member_id", "from_id", "to_id"].map(|field| entry.data[field].as_str()?.parse::<Id>().ok());
        found.extend(named.into_iter().flatten().chain(entry.actor_id));
    }
    found
}

/// The page of an incident; with why an act was refused.
///
/// # Errors
/// 404, 503.
pub async fn page(app: &App, request: &HttpRequest, visit: Visit, id: Id, refused: Option<(Error, Form)>) -> Shown {
    let now = app.store.clock.now();
    let read = move |conn: &mut Conn| {
        let incident = incidents::get(conn, id)?;
        let timeline = entries::list(conn, &incident, None, &Paging::new(Some(SHOWN), None, String::new())?)?;
        let (offer, pages) = (hand_offs::open_of(conn, id)?, paging::shown_of(conn, &incident, now)?);
        let mut named = people(&timeline.data);
        named.extend(pages.data.iter().map(|page| page.member_id));
        named.extend(pages.next.iter().filter_map(|next| next.member_id));
        named.extend(offer.iter().flat_map(|offer| [offer.from_id, offer.to_id]));
        named.extend(incident.acknowledged_by.into_iter().chain([incident.owner_id]));
        named.sort_unstable();
        named.dedup();
        Ok(Found {
            product: products::get(conn, incident.product_id)?,
            pages,
            has_more: timeline.next_cursor.is_some(),
            entries: timeline.data,
            offer,
            links: incident_links::of(conn, id)?,
            candidates: candidates(conn, incident.product_id)?,
            names: members::names_of(conn, &named)?,
            incident,
        })
    };
    let me = visit.caller.member_id;
    let found = visit.read(app, read).await?;
    let title = format!("{} {}", found.incident.number, found.incident.title);
    let shell = Shell::new(request, |t| if refused.is_some() { t.error_in_title(title) } else { title });
    let refusal = refused.map_or_else(Refusal::default, |(error, form)| Refusal::of(error, form, shell.t));
    show_as(refusal.status(), request, &IncidentPage { shell, found, me, refusal })
}

async fn incident(app: AppData, request: HttpRequest, visit: Visit, path: IncidentPath) -> Shown {
    page(&app, &request, visit, path.0, None).await
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/incidents/{id}", &[("GET", May("get_incident"))]).get(incident));
}
