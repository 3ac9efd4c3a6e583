//! The API over HTTP: extract, call a usecase, answer. One file a noun, the OpenAPI beside each handler.

mod accounts;
mod answer_page;
mod atom;
mod attachments;
mod auth;
mod body;
mod bulk;
mod changelog;
mod closures;
mod conditional;
mod connection;
pub mod context;
mod corrections;
mod customer_pages;
mod customers;
mod deliveries;
mod deployments;
mod docs;
mod events;
mod extract;
mod feedback;
mod feedback_acts;
mod gates;
mod gauges;
mod granularity;
mod grouping;
mod head;
mod health;
mod hooks;
mod imports;
mod links;
mod me;
mod members;
mod memory;
mod metrics;
mod notes;
pub mod operations;
mod previews;
mod problem;
mod products;
mod proposals;
mod rate_limit;
mod release_acts;
mod releases;
mod reply;
mod root;
mod seen;
mod similar;
mod store_metrics;
mod stories;
mod story_path;
mod themes;
mod tokens;
mod trace;
mod trials;
mod webhook_messages;
mod webhooks;

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::Mutex;

use actix_web::body::{BoxBody, EitherBody};
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App as ActixApp, Resource};

use crate::app::App;
use memory::Memory;
use metrics::Metrics;
use rate_limit::RateLimit;

/// A server on this socket; it runs when awaited, and stops gracefully when told to.
///
/// # Errors
/// Where the socket can't be used.
pub fn server(app: App, listener: TcpListener) -> std::io::Result<Server> {
    let metrics = web::Data::new(Metrics::new().map_err(std::io::Error::other)?);
    let limit = web::Data::new(RateLimit::new(app.config.rate_limit));
    let memory = web::Data::new(Memory::new(app.config.bytes_in_flight, app.config.body_limit));
    let reads = web::Data::new(feedback::Reads::of(&app));
    let seen = web::Data::new(seen::Seen::default());
    let (app, parts) = (web::Data::new(app.clone()), app);
    let factory = move || {
        ActixApp::new()
            .app_data(app.clone())
            .app_data(metrics.clone())
            .app_data(limit.clone())
            .app_data(reads.clone())
            .app_data(memory.clone())
            .app_data(seen.clone())
            .wrap(from_fn(conditional::answer))
            .wrap(from_fn(head::answer))
            .wrap(from_fn(context::surround))
            .configure(routes)
            .default_service(web::to(auth::nothing_here))
    };
    connection::serve(&parts, listener, factory)
}

/// Every address that was registered, in any order of registration.
static ADDRESSES: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());

/// The patterns of all addresses that a running server routes to, whether or not the description knows them.
pub fn addresses() -> Vec<&'static str> {
    ADDRESSES.lock().unwrap_or_else(|e| e.into_inner()).iter().copied().collect()
}

/// An address of the API. Who may use it is checked here, behind the router, by the pattern that was routed to; an
/// operation that the description or `api/roles.csv` lacks is refused.
fn at(
    pattern: &'static str,
) -> Resource<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<EitherBody<BoxBody>>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    open_at(pattern).wrap(from_fn(move |request, next| auth::authorize(pattern, request, next)))
}

/// An address that needs no token and stands in no description: only for the files of the documentation.
fn open_at(pattern: &'static str) -> Resource {
    ADDRESSES.lock().unwrap_or_else(|e| e.into_inner()).insert(pattern);
    web::resource(pattern)
}

fn routes(config: &mut ServiceConfig) {
    config
        // Addresses are tried in this order: the busiest first.
        // Before the addresses with an id in the same place.
        .configure(bulk::routes)
        .configure(feedback::routes)
        .configure(feedback_acts::routes)
        .configure(health::routes)
        .configure(metrics::routes)
        .configure(docs::routes)
        .configure(root::routes)
        .configure(products::routes)
        .configure(granularity::routes)
        .configure(members::routes)
        .configure(tokens::routes)
        .configure(me::routes)
        .configure(accounts::routes)
        .configure(customers::routes)
        .configure(imports::routes)
        .configure(grouping::routes)
        .configure(themes::routes)
        .configure(corrections::routes)
        .configure(proposals::routes)
        .configure(similar::routes)
        .configure(stories::routes)
        .configure(attachments::routes)
        .configure(closures::routes)
        .configure(previews::routes)
        .configure(answer_page::routes)
        .configure(trials::routes)
        .configure(gates::routes)
        .configure(releases::routes)
        .configure(release_acts::routes)
        .configure(deployments::routes)
        .configure(changelog::routes)
        .configure(webhooks::routes)
        .configure(deliveries::routes)
        .configure(events::routes)
        .configure(notes::routes)
        .configure(links::routes)
        .configure(hooks::routes)
        .configure(trace::routes);
}
