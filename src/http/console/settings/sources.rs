//! `/console/settings/sources`: where feedback comes from, and how fresh each source is.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use crate::domain::base::Time;
use crate::domain::integrations::source::{ALERTING, SourceKind, SourceState};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::integrations::sources as store;

/// A source that brought something, but nothing for this long, is marked.
const SILENT: i64 = 7 * Time::DAY;

#[derive(Template)]
#[template(path = "console/settings/sources.html")]
struct SourcesPage {
    shell: Shell,
    sources: Vec<SourceState>,
    now: Time,
}

impl SourcesPage {
    /// Whether a source is silent for long. A hook of alerts is silent while all is well.
    fn is_stale(&self, source: &SourceState) -> bool {
        let takes_alerts = source.kind == SourceKind::Hook && ALERTING.contains(&source.name.as_str());
        !takes_alerts && source.last_received_at.is_some_and(|at| self.now.0 - at.0 > SILENT)
    }
}

async fn sources(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    let now = app.store.clock.now();
    let sources = visit.read(&app, move |conn| store::all(conn, now)).await?;
    let shell = Shell::new(&request, |t| t.set_sources());
    show(&request, &SourcesPage { shell, sources, now })
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/settings/sources", &[("GET", May("list_sources"))]).get(sources));
}
