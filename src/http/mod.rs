//! The HTTP API: each handler reads the request, calls a usecase and writes the answer. One file for each noun, with
//! the OpenAPI description beside each handler.

pub mod api;
pub mod base;
pub mod console;
pub mod public;

use std::net::TcpListener;
use std::sync::{LazyLock, Mutex};

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
use base::routing::guarded;

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
        .default_service(web::to(console::entry::home::nothing_here))
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
static ADDRESSES: Mutex<Vec<&str>> = Mutex::new(Vec::new());

/// The path patterns that a running server routes to, in the order in which it compares them with that of a request,
/// whether or not they are in the OpenAPI description.
pub fn addresses() -> Vec<&'static str> {
    ADDRESSES.lock().unwrap_or_else(|e| e.into_inner()).clone()
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
    let mut addresses = ADDRESSES.lock().unwrap_or_else(|e| e.into_inner());
    // Each worker of a server registers all of them, in the same order.
    if !addresses.contains(&pattern) {
        addresses.push(pattern);
    }
    base::routing::note(pattern);
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
    base::routing::note(pattern);
    web::resource(pattern)
        .wrap(from_fn(move |request, next| console::base::access::admit(pattern, rules, request, next)))
}

/// Pages of the console: the routes of a file. Each such file registers itself: `inventory::submit!(Pages(routes));`. No
/// two of them have addresses that match the same path, so their order does not matter.
pub struct Pages(fn(&mut ServiceConfig));

inventory::collect!(Pages);

/// Pages that have a word where another page has an id, such as `/console/themes/map`: they are compared first.
pub struct PagesBeforeIds(fn(&mut ServiceConfig));

inventory::collect!(PagesBeforeIds);

/// A part of the API: the routes of a file, and their OpenAPI description. Each such file registers itself:
/// `inventory::submit!(Part::of::<Api>(routes));`.
pub struct Part {
    routes: fn(&mut ServiceConfig),
    description: fn() -> OpenApiDescription,
    turn: Turn,
    /// The name of the type with the description, which has its module in it.
    name: fn() -> &'static str,
}

/// When the addresses of a part are compared with that of a request: the router takes the first that matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    /// They have a word where an address of another part has an id.
    BeforeIds,
    /// They are asked for most.
    Often,
    /// All others.
    Usual,
}

inventory::collect!(Part);

impl Part {
    /// The part whose routes this function registers and whose description `Api` is.
    const fn of<Api: OpenApi>(routes: fn(&mut ServiceConfig)) -> Self {
        Self { routes, description: Api::openapi, turn: Turn::Usual, name: std::any::type_name::<Api> }
    }

    /// Its addresses come before those of other parts that have an id in the same place.
    const fn before_ids(self) -> Self {
        Self { turn: Turn::BeforeIds, ..self }
    }

    /// Its addresses come before those of parts that are asked for less: fewer are compared for each request.
    const fn asked_often(self) -> Self {
        Self { turn: Turn::Often, ..self }
    }
}

/// Every part of the API, in the order in which the router compares addresses. The linker gathers them in any order, so
/// they are sorted.
fn parts() -> &'static [&'static Part] {
    static PARTS: LazyLock<Vec<&Part>> = LazyLock::new(|| {
        let mut parts: Vec<&Part> = inventory::iter::<Part>.into_iter().collect();
        parts.sort_by_key(|part| (part.turn, (part.name)()));
        parts
    });
    &PARTS
}

fn routes(config: &mut ServiceConfig) {
    for part in parts() {
        config.service(guarded(part.routes));
    }
    for pages in inventory::iter::<PagesBeforeIds> {
        config.service(guarded(pages.0));
    }
    for pages in inventory::iter::<Pages> {
        config.service(guarded(pages.0));
    }
}
