//! The HTTP API: each handler reads the request, calls a usecase and writes the answer. One file for each noun, with
//! the OpenAPI description beside each handler.

pub mod api;
pub mod base;
pub mod public;

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::Mutex;

use actix_web::body::{BoxBody, EitherBody};
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App as ActixApp, Resource};

use crate::app::App;
use base::memory::Memory;
use base::metrics::Metrics;
use base::rate_limit::RateLimit;

/// Creates a server on this socket. It runs while it is awaited, and stops gracefully when it is told to.
///
/// # Errors
/// If the socket can't be used.
pub fn server(app: App, listener: TcpListener) -> std::io::Result<Server> {
    let metrics = web::Data::new(Metrics::new().map_err(std::io::Error::other)?);
    let limit = web::Data::new(RateLimit::new(app.config.rate_limit));
    let memory = web::Data::new(Memory::new(app.config.bytes_in_flight, app.config.body_limit));
    let reads = web::Data::new(api::feedback::resource::Reads::of(&app));
    let seen = web::Data::new(base::seen::Seen::default());
    let (app, parts) = (web::Data::new(app.clone()), app);
    let factory = move || {
        ActixApp::new()
            .app_data(app.clone())
            .app_data(metrics.clone())
            .app_data(limit.clone())
            .app_data(reads.clone())
            .app_data(memory.clone())
            .app_data(seen.clone())
            .wrap(from_fn(base::conditional::answer))
            .wrap(from_fn(base::head::answer))
            .wrap(from_fn(base::context::surround))
            .configure(routes)
            .default_service(web::to(base::auth::nothing_here))
    };
    base::connection::serve(&parts, listener, factory)
}

/// Every registered path pattern, in order of registration.
static ADDRESSES: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());

/// The path patterns that a running server routes to, whether or not they are in the OpenAPI description.
pub fn addresses() -> Vec<&'static str> {
    ADDRESSES.lock().unwrap_or_else(|e| e.into_inner()).iter().copied().collect()
}

/// A resource at a path of the API. Roles are checked here, after routing, by the path pattern that the router matched.
/// An operation that is missing in the OpenAPI description or in `api/roles.csv` is refused.
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
    open_at(pattern).wrap(from_fn(move |request, next| base::auth::authorize(pattern, request, next)))
}

/// A resource that needs no token and is not in the OpenAPI description: only for the files of the documentation.
fn open_at(pattern: &'static str) -> Resource {
    ADDRESSES.lock().unwrap_or_else(|e| e.into_inner()).insert(pattern);
    web::resource(pattern)
}

fn routes(config: &mut ServiceConfig) {
    config
        // Paths are matched in this order, so the most frequent come first.
        // Must come before the paths that have an id in the same position.
        .configure(api::bulk::routes)
        .configure(api::feedback::resource::routes)
        .configure(api::feedback::feedback_acts::routes)
        .configure(api::base::health::routes)
        .configure(base::metrics::routes)
        .configure(base::docs::routes)
        .configure(api::base::root::routes)
        .configure(api::team::products::routes)
        .configure(api::themes::granularity::routes)
        .configure(api::team::members::routes)
        .configure(api::team::tokens::routes)
        .configure(api::team::me::routes)
        .configure(api::feedback::accounts::routes)
        .configure(api::feedback::customers::routes)
        .configure(api::feedback::imports::routes)
        .configure(api::themes::grouping::routes)
        .configure(api::themes::resource::routes)
        .configure(api::themes::corrections::routes)
        .configure(api::themes::proposals::routes)
        .configure(api::feedback::similar::routes)
        .configure(api::stories::resource::routes)
        .configure(api::stories::attachments::routes)
        .configure(api::closure::closures::routes)
        .configure(api::closure::previews::routes)
        .configure(public::answer::routes)
        .configure(api::stories::trials::routes)
        .configure(api::stories::gates::routes)
        .configure(api::releases::resource::routes)
        .configure(api::releases::release_acts::routes)
        .configure(api::releases::deployments::routes)
        .configure(api::releases::changelog::routes)
        .configure(api::integrations::webhooks::routes)
        .configure(api::integrations::deliveries::routes)
        .configure(api::base::events::routes)
        .configure(api::team::notes::routes)
        .configure(api::stories::links::routes)
        .configure(api::integrations::hooks::routes)
        .configure(api::base::trace::routes);
}
