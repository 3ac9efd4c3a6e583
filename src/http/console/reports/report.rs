//! `/console/reports/{id}`: a report as a stakeholder reads it, with what can be done with it beside.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use crate::app::App;
use crate::domain::base::{Id, Time};
use crate::domain::reports::document::{Block, Document};
use crate::domain::reports::link::{ReportLinks, ShownReportLink};
use crate::domain::reports::report::{
    ReportDelivery, ReportDeliveryState, ReportKind, ReportScope, ReportState, StatusReport,
};
use crate::domain::reports::subscription::Subscription;
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
use crate::store::reports::{deliveries, subscriptions};
use crate::store::team::members;
use crate::usecase::reports::{links, reading};

/// The most subscriptions to choose from.
const MOST_SUBSCRIPTIONS: i64 = 200;

/// What the page reads.
struct Found {
    report: StatusReport,
    document: Document,
    links: ReportLinks,
    deliveries: Vec<ReportDelivery>,
    /// Who could get it: active subscriptions to reports of its product.
    subscriptions: Vec<Subscription>,
    names: HashMap<Id, String>,
}

#[derive(Template)]
#[template(path = "console/reports/report.html")]
struct ReportPage {
    shell: Shell,
    found: Found,
    document: Document,
    now: Time,
    refusal: Refusal,
}

impl ReportPage {
    fn kind(&self) -> String {
        self.shell.t.named("repkind", self.found.report.kind.as_str())
    }

    fn state(&self) -> String {
        self.shell.t.named("repstate", self.found.report.state.as_str())
    }

    fn is_sent(&self) -> bool {
        self.found.report.state == ReportState::Sent
    }

    fn to_approve(&self) -> bool {
        self.found.report.waits_for_approval()
    }

    /// How many subscribers wait for it.
    fn waiting(&self) -> usize {
        self.found.deliveries.iter().filter(|one| one.state == ReportDeliveryState::Waiting).count()
    }

    fn received(&self) -> usize {
        let got = [ReportDeliveryState::Sent, ReportDeliveryState::Queued];
        self.found.deliveries.iter().filter(|one| got.contains(&one.state)).count()
    }

    /// Whether a subscription is to reports like this one, so that it is chosen at first.
    fn suits(&self, subscription: &Subscription) -> bool {
        let report = &self.found.report;
        subscription.kind == report.kind
            && subscription.account_id == report.account_id
            && subscription.language == report.language
            && report.kind != ReportKind::Release
    }

    fn is_for(&self, subscription: &Subscription) -> bool {
        self.found.deliveries.iter().any(|delivery| delivery.subscription_id == subscription.id)
    }

    fn reader(&self, subscription: &Subscription) -> String {
        reader(&self.shell, subscription, &self.found.names)
    }

    fn introduction(&self) -> &str {
        let stored = self.found.report.introduction.as_deref().unwrap_or_default();
        self.refusal.form.given("introduction").unwrap_or(stored)
    }

    fn names_customers(&self, link: &ShownReportLink) -> bool {
        link.link.scope == ReportScope::Customers
    }

    fn link_state(&self, link: &ShownReportLink) -> Option<String> {
        match (link.link.revoked_at, link.link.is_open(self.now)) {
            (Some(_), _) => Some(self.shell.t.rep_revoked()),
            (None, false) => Some(self.shell.t.rep_expired()),
            (None, true) => None,
        }
    }
}

/// The reader of a subscription: a name, an address, or a webhook.
pub fn reader(shell: &Shell, subscription: &Subscription, names: &HashMap<Id, String>) -> String {
    match (subscription.member_id, &subscription.email) {
        (Some(member), _) => names.get(&member).cloned().unwrap_or_default(),
        (None, Some(email)) => email.clone(),
        (None, None) => shell.t.named("repreader", "webhook"),
    }
}

fn read(conn: &mut Conn, id: Id, base: &str, may_send: bool) -> Result<Found> {
    let shown = reading::shown(conn, id, ReportScope::Customers)?;
    let (subscriptions, links, deliveries) = match may_send {
        true => (
            subscriptions::active_of(conn, shown.report.product_id, MOST_SUBSCRIPTIONS)?,
            links::list(conn, id, base)?,
            deliveries::of_report(conn, id)?,
        ),
        false => (Vec::new(), ReportLinks { data: Vec::new() }, Vec::new()),
    };
    let readers: Vec<Id> = subscriptions.iter().filter_map(|subscription| subscription.member_id).collect();
    let names = members::names_of(conn, &readers)?;
    let document = reading::document(&shown);
    Ok(Found { report: shown.report, document, links, deliveries, subscriptions, names })
}

/// The page of a report; with why an act was refused.
///
/// # Errors
/// 404, 503.
pub async fn page(app: &App, request: &HttpRequest, visit: Visit, id: Id, refused: Option<(Error, Form)>) -> Shown {
    let (now, base, may_send) = (app.store.clock.now(), app.config.public_url(), visit.may("send_report"));
    let found = visit.read(app, move |conn| read(conn, id, &base, may_send)).await?;
    let title = found.document.title.clone();
    let shell = Shell::new(request, |t| if refused.is_some() { t.error_in_title(title) } else { title });
    let refusal = refused.map_or_else(Refusal::default, |(error, form)| Refusal::of(error, form, shell.t));
    let document = found.document.clone();
    show_as(refusal.status(), request, &ReportPage { shell, found, document, now, refusal })
}

async fn report(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    page(&app, &request, visit, path.0, None).await
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/reports/{id}", &[("GET", May("get_report"))]).get(report));
}
