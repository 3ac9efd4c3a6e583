//! `/console/privacy/erasures`: whether all erasures are applied, and the proof that somebody is gone.

use actix_web::HttpRequest;
use actix_web::web::{Query, ServiceConfig};
use askama::Template;
use serde::Deserialize;

use crate::domain::base::Id;
use crate::domain::privacy::ledger::LedgerState;
use crate::error::Error;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::{Pages, page_at};
use crate::usecase::privacy::replay;

/// What the address says.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    customer: String,
}

#[derive(Template)]
#[template(path = "console/privacy/erasures.html")]
struct ErasuresPage {
    shell: Shell,
    state: LedgerState,
    asked: String,
    /// Whether what was asked for is an id.
    is_id: bool,
}

async fn erasures(app: AppData, request: HttpRequest, asked: Query<Asked>) -> Shown {
    let asked = asked.into_inner().customer.trim().to_owned();
    let customer = asked.parse::<Id>().ok();
    let store = app.store.clone();
    let state = tokio::task::spawn_blocking(move || replay::state(&store, customer));
    let state = state.await.map_err(Error::internal)??;
    let shell = Shell::new(&request, |t| t.era_title());
    show(&request, &ErasuresPage { shell, state, asked, is_id: customer.is_some() })
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/privacy/erasures", &[("GET", May("get_erasure_ledger"))]).get(erasures));
}
