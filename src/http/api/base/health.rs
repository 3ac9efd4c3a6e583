//! Health checks.

use actix_web::web::ServiceConfig;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::app::App;
use crate::domain::base::Time;
use crate::error::{Code, Error, Result};
use crate::http::base::seen::Seen;
use crate::http::{Part, at};
use crate::store::Conn;
use crate::store::base::leases::shares::{self, Instance, Shares};
use crate::store::base::leases::{self, Holding};
use crate::store::base::migrate;
use crate::store::health::wanted;
use crate::store::team::products;
use crate::usecase::base::condition::{Trouble, troubles};

/// The answer of a liveness check.
#[derive(Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the instance can answer requests, and which parts of it do not work.
#[derive(Serialize, ToSchema)]
pub struct Readiness {
    /// `ok`, or `degraded`: requests are answered, but something else does not work, for example mail.
    #[schema(example = "ok")]
    status: &'static str,
    /// What does not work; absent if everything works.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    reasons: Vec<Trouble>,
    /// Jobs that only one instance runs at a time, with the instance that runs each.
    leases: Vec<LeaseState>,
    /// The instances that group feedback, the one that has been there longest first. They share the products.
    instances: Vec<InstanceState>,
    /// Products whose feedback no instance groups just now: for some seconds after a start, or after an instance was killed.
    #[schema(example = 0)]
    products_without_instance: usize,
    /// Seconds for which an open transaction in another database of the PostgreSQL cluster has delayed the event log.
    /// Webhooks, mails and event streams wait until it ends. The log names the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    event_log_held_back_seconds: Option<u64>,
}

/// A job that only one instance runs at a time, and who runs it.
#[derive(Serialize, ToSchema)]
pub struct LeaseState {
    #[schema(example = "outbox")]
    name: String,
    /// Whether an instance runs the job now.
    held: bool,
    /// Name of the instance; it changes at each start.
    holder: String,
    /// When this instance took the job.
    since: Option<Time>,
}

/// An instance that groups feedback.
#[derive(Serialize, ToSchema)]
pub struct InstanceState {
    /// Its name; it changes at each start.
    name: String,
    /// Since when it groups.
    since: Time,
    /// How many products it groups.
    #[schema(example = 3)]
    products: usize,
}

/// The instances, each with the number of its products.
fn instances(shares: Shares) -> Vec<InstanceState> {
    let products = |name: &str| shares.holders.values().filter(|holder| *holder == name).count();
    let state = |instance: &Instance| InstanceState {
        name: instance.name.clone(),
        since: instance.since,
        products: products(&instance.name),
    };
    shares.instances.iter().map(state).collect()
}

impl From<Holding> for LeaseState {
    fn from(holding: Holding) -> Self {
        let Holding { name, holder, since, held } = holding;
        Self { name, held, holder, since }
    }
}

/// Check that the process is alive
#[utoipa::path(get, path = "/livez", tag = "operation", responses((status = 200, body = Health)))]
pub async fn livez() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok" })
}

/// Check that requests can be answered
///
/// 200 if the database answers and its schema is up to date, 503 otherwise. The status is also 200 if the instance is
/// `degraded`: requests are answered, and `reasons` lists what else does not work (mail that fails, a tracker, an
/// outbox or a grouping job that is behind). Do not take a degraded instance out of service: it still answers.
#[utoipa::path(get, path = "/readyz", tag = "operation", responses(
    (status = 200, body = Readiness),
    (status = 503, body = crate::http::base::problem::Problem, content_type = "application/problem+json", description = "The instance is starting, or its database does not answer"),
))]
pub async fn readyz(app: web::Data<App>, seen: web::Data<Seen>) -> Result<HttpResponse> {
    if !app.is_ready() {
        return Err(Error::new(Code::Unavailable, "The server is still starting."));
    }
    let clock = app.store.clock.clone();
    let look = move |conn: &mut Conn| {
        let shared = (products::ids(conn)?.len(), shares::read(conn, &clock)?);
        Ok((migrate::pending(conn)?, leases::all(conn, &clock)?, shared))
    };
    let (pending, held, (products, shares)) = app.store.read_within(wanted::CHECK, look).await?;
    if !pending.is_empty() {
        return Err(Error::new(Code::Unavailable, "The database schema is not up to date."));
    }
    let of_jobs = held.into_iter().filter(|lease| ![shares::GROUPING, shares::INSTANCE].contains(&lease.kind()));
    let leases = of_jobs.map(LeaseState::from).collect();
    let products_without_instance = products.saturating_sub(shares.holders.len());
    let instances = instances(shares);
    let event_log_held_back_seconds = app.store.held_back().map(|held| held.lasting.as_secs());
    let condition = wanted::answer(wanted::CHECK, seen.condition(&app)).await?;
    let reasons = troubles(&condition, app.store.clock.now());
    let status = if reasons.is_empty() { "ok" } else { "degraded" };
    Ok(HttpResponse::Ok().json(Readiness {
        status,
        reasons,
        leases,
        instances,
        products_without_instance,
        event_log_held_back_seconds,
    }))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(livez, readyz))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/livez").get(livez)).service(at("/readyz").get(readyz));
}
