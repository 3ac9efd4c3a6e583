//! The API over HTTP: extract, call a usecase, answer. One file a noun, the OpenAPI beside each handler.

mod accounts;
mod answer_page;
mod atom;
mod auth;
mod changelog;
mod closures;
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
mod granularity;
mod grouping;
mod head;
mod health;
mod hooks;
mod imports;
mod links;
mod members;
mod metrics;
pub mod operations;
mod problem;
mod products;
mod proposals;
mod rate_limit;
mod release_acts;
mod releases;
mod reply;
mod similar;
mod store_metrics;
mod stories;
mod themes;
mod tokens;
mod trace;
mod trials;
mod webhooks;

use std::net::TcpListener;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App as ActixApp, HttpServer, Resource};

use crate::app::App;
use metrics::Metrics;
use rate_limit::RateLimit;

/// A server on this socket; it runs when awaited, and stops gracefully when told to.
///
/// # Errors
/// Where the socket can't be used.
pub fn server(app: App, listener: TcpListener) -> std::io::Result<Server> {
    let metrics = web::Data::new(Metrics::new().map_err(std::io::Error::other)?);
    let limit = web::Data::new(RateLimit::new(app.config.rate_limit));
    let workers = app.config.workers;
    let reads = web::Data::new(feedback::Reads::of(&app));
    let app = web::Data::new(app);
    let factory = move || {
        ActixApp::new()
            .app_data(app.clone())
            .app_data(metrics.clone())
            .app_data(limit.clone())
            .app_data(reads.clone())
            .wrap(from_fn(auth::authorize))
            .wrap(from_fn(head::answer))
            .wrap(from_fn(context::surround))
            .configure(routes)
            .default_service(web::to(problem::not_found))
    };
    let server = HttpServer::new(factory).shutdown_timeout(30).disable_signals();
    let server = if workers > 0 { server.workers(workers) } else { server };
    Ok(server.listen(listener)?.run())
}

/// An address whose other methods answer 405 with `Allow`.
fn at(path: &str) -> Resource {
    web::resource(path).default_service(web::to(problem::method_not_allowed))
}

fn routes(config: &mut ServiceConfig) {
    config
        // Addresses are tried in this order: the busiest first.
        .configure(feedback::routes)
        .configure(feedback_acts::routes)
        .configure(health::routes)
        .configure(metrics::routes)
        .configure(docs::routes)
        .configure(products::routes)
        .configure(granularity::routes)
        .configure(members::routes)
        .configure(tokens::routes)
        .configure(accounts::routes)
        .configure(customers::routes)
        .configure(imports::routes)
        .configure(grouping::routes)
        .configure(themes::routes)
        .configure(corrections::routes)
        .configure(proposals::routes)
        .configure(similar::routes)
        .configure(stories::routes)
        .configure(closures::routes)
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
        .configure(links::routes)
        .configure(hooks::routes)
        .configure(trace::routes);
}
