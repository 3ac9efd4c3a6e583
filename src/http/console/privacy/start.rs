//! `/console/privacy`: what there is about personal data, each with a line that says what it answers.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use crate::domain::words::console::Words;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::SignedIn;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::{Pages, page_at};

/// A page about privacy.
struct PrivacyLink {
    address: &'static str,
    /// The operation that the page stands for.
    operation: &'static str,
    name: String,
    about: String,
}

#[derive(Template)]
#[template(path = "console/privacy/start.html")]
struct StartPage {
    shell: Shell,
    links: Vec<PrivacyLink>,
}

/// The pages, in the order of the list.
fn links(t: &Words, days: u32) -> Vec<PrivacyLink> {
    let link = |address, operation, name, about| PrivacyLink { address, operation, name, about };
    let log_about = if days > 0 { t.acc_log_about(days) } else { t.acc_off() };
    vec![
        link("/console/privacy/access", "list_access_log", t.acc_log(), log_about),
        link("/console/privacy/review", "get_access_review", t.rev_title(), t.rev_about()),
        link("/console/privacy/data-map", "get_data_map", t.dmap_title(), t.dmap_about()),
        link("/console/privacy/requests", "list_person_requests", t.rq_requests(), t.rq_about()),
        link("/console/privacy/breaches", "list_breaches", t.br_title(), t.br_about()),
        link("/console/privacy/retention", "list_retention_rules", t.rt_title(), t.rt_about()),
        link("/console/privacy/checklists", "list_checklists", t.ck_title(), t.ck_about()),
        link("/console/privacy/erasures", "get_erasure_ledger", t.era_title(), t.era_about()),
    ]
}

async fn start(app: AppData, request: HttpRequest) -> Shown {
    let shell = Shell::new(&request, |t| t.nav_privacy());
    let mut links = links(&shell.t, app.config.privacy.access_days);
    links.retain(|link| shell.may(link.operation));
    show(&request, &StartPage { shell, links })
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/privacy", &[("GET", SignedIn)]).get(start));
}
