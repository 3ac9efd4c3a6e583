//! The HTTP API: each handler reads the request, calls a usecase and writes the answer. One file for each noun, with
//! the OpenAPI description beside each handler.

pub mod api;
pub mod base;
pub mod console;
pub mod public;

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::Mutex;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App as ActixApp, Resource};
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as OpenApiDescription;

use crate::app::App;
use base::memory::Memory;
use base::metrics::Metrics;
use base::rate_limit::RateLimit;

/// What all workers of a server share.
#[derive(Clone)]
pub struct Shared {
    app: web::Data<App>,
    metrics: web::Data<Metrics>,
    limit: web::Data<RateLimit>,
    reads: web::Data<api::feedback::resource::Reads>,
    filing: web::Data<api::feedback::filing_queue::FilingQueue>,
    memory: web::Data<Memory>,
    seen: web::Data<base::seen::Seen>,
}

impl Shared {
    /// Starts what the handlers share.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(app: &App) -> std::io::Result<Self> {
        Ok(Self {
            app: web::Data::new(app.clone()),
            metrics: web::Data::new(Metrics::new().map_err(std::io::Error::other)?),
            limit: web::Data::new(RateLimit::new(app.config.rate_limit)),
            reads: web::Data::new(api::feedback::resource::Reads::of(app)),
            filing: web::Data::new(api::feedback::filing_queue::FilingQueue::start(app.store.clone())?),
            memory: web::Data::new(Memory::new(app.config.bytes_in_flight, app.config.body_limit)),
            seen: web::Data::new(base::seen::Seen::default()),
        })
    }
}

/// The application of one worker: shared state, middleware and routes. A server runs it on a socket, tests without one.
pub fn application(
    shared: Shared,
) -> ActixApp<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    ActixApp::new()
        .app_data(shared.app)
        .app_data(shared.metrics)
        .app_data(shared.limit)
        .app_data(shared.reads)
        .app_data(shared.filing)
        .app_data(shared.memory)
        .app_data(shared.seen)
        .wrap(from_fn(base::conditional::answer))
        .wrap(from_fn(base::head::answer))
        .wrap(from_fn(base::context::surround))
        .configure(routes)
        .default_service(web::to(console::pages::home::nothing_here))
}

/// Creates a server on this socket. It runs while it is awaited, and stops gracefully when it is told to.
///
/// # Errors
/// If the socket can't be used, or the system gives no thread.
pub fn server(app: App, listener: TcpListener) -> std::io::Result<Server> {
    let shared = Shared::start(&app)?;
    base::connection::serve(&app, listener, move || application(shared.clone()))
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

/// A page of the console. Who may open it is checked here, after routing, by the rule of the method; a method without a
/// rule is refused.
fn page_at(
    pattern: &'static str,
    rules: console::base::access::Rules,
) -> Resource<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<EitherBody<BoxBody>>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    console::base::access::register(pattern, rules);
    web::resource(pattern)
        .wrap(from_fn(move |request, next| console::base::access::admit(pattern, rules, request, next)))
}

/// The pages of the console, in the order in which their paths are matched.
const PAGES: &[fn(&mut ServiceConfig)] = &[
    console::base::assets::routes,
    console::pages::home::routes,
    console::pages::sign_in::routes,
    console::pages::invite::routes,
    console::pages::account::routes,
    console::pages::backlog::routes,
    console::pages::story::routes,
    console::pages::story_acts::routes,
    console::pages::story_edit::routes,
    console::pages::inbox::routes,
    console::pages::similar::routes,
    console::pages::themes::routes,
    console::pages::theme::routes,
    console::pages::search::routes,
];

/// A part of the API: the routes of a module, and their OpenAPI description.
pub struct Part {
    routes: fn(&mut ServiceConfig),
    description: fn() -> OpenApiDescription,
}

/// Lists modules as parts: each has a function `routes` and a type `Api` with the description.
macro_rules! parts {
    ($($($module:ident)::+),* $(,)?) => {
        &[$(Part { routes: $($module)::+::routes, description: <$($module)::+::Api as OpenApi>::openapi }),*]
    };
}

/// Every part of the API: the only place where routes and descriptions are registered. Paths are matched in this order, so
/// bulk actions come before paths with an id in the same position, and then the most frequent paths come first.
const PARTS: &[Part] = parts![
    api::base::bulk,
    api::feedback::resource,
    api::feedback::feedback_acts,
    api::base::health,
    base::metrics,
    base::docs,
    api::base::root,
    api::team::products,
    api::themes::granularity,
    api::team::members,
    api::team::invitations,
    api::team::tokens,
    api::team::me,
    api::feedback::accounts,
    api::feedback::customers,
    api::feedback::imports,
    api::themes::grouping,
    api::themes::resource,
    api::themes::corrections,
    api::themes::proposals,
    api::feedback::similar,
    api::stories::resource,
    api::stories::attachments,
    api::closure::closures,
    api::closure::previews,
    public::answer,
    api::stories::trials,
    api::stories::gates,
    api::releases::resource,
    api::releases::release_acts,
    api::releases::deployments,
    api::releases::changelog,
    api::integrations::webhooks,
    api::integrations::deliveries,
    api::base::events,
    api::team::notes,
    api::stories::links,
    api::integrations::hooks,
    api::base::trace,
];

fn routes(config: &mut ServiceConfig) {
    for part in PARTS {
        config.configure(part.routes);
    }
    for routes in PAGES {
        config.configure(routes);
    }
}
