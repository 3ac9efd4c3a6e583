//! Health checks.

use actix_web::web::ServiceConfig;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::app::App;
use crate::domain::base::Time;
use crate::error::{Code, Error, Result};
use crate::http::at;
use crate::http::base::seen::Seen;
use crate::store::base::leases::{self, Holding};
use crate::store::base::migrate;
use crate::store::health::wanted;
use crate::usecase::base::condition::{Trouble, troubles};

/// A health check's answer.
#[derive(Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the instance does all it should.
#[derive(Serialize, ToSchema)]
pub struct Readiness {
    /// `ok`, or `degraded`: it answers, and something else does not work, such as mail.
    #[schema(example = "ok")]
    status: &'static str,
    /// What does not work; absent where all does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    reasons: Vec<Trouble>,
    /// What only one instance does at a time, and which does it.
    leases: Vec<LeaseState>,
    /// Seconds for which another transaction of the PostgreSQL cluster has held the event log back: webhooks, mails and the
    /// feed wait for its end. Which it is says the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    event_log_held_back_seconds: Option<u64>,
}

/// Who does something that only one instance does.
#[derive(Serialize, ToSchema)]
pub struct LeaseState {
    #[schema(example = "grouping")]
    name: String,
    /// Whether anybody does it now.
    held: bool,
    /// Names the holder, differently after each start.
    holder: String,
    /// Since when it does it.
    since: Option<Time>,
}

impl From<Holding> for LeaseState {
    fn from(holding: Holding) -> Self {
        let Holding { name, holder, since, held } = holding;
        Self { name, held, holder, since }
    }
}

/// The process is alive
#[utoipa::path(get, path = "/livez", tag = "operation", responses((status = 200, body = Health)))]
pub async fn livez() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok" })
}

/// Requests can be answered: the database is there and its schema up to date
///
/// 200 also where the instance is `degraded`: it answers, and `reasons` says what else does not work (mail that fails, a
/// tracker, an outbox or a grouping that is behind). Taking it out of service would help nobody then.
#[utoipa::path(get, path = "/readyz", tag = "operation", responses(
    (status = 200, body = Readiness),
    (status = 503, body = crate::http::base::problem::Problem, content_type = "application/problem+json", description = "Not yet, or not now"),
))]
pub async fn readyz(app: web::Data<App>, seen: web::Data<Seen>) -> Result<HttpResponse> {
    if !app.is_ready() {
        return Err(Error::new(Code::Unavailable, "Still starting."));
    }
    let clock = app.store.clock.clone();
    let look = move |conn: &mut _| Ok((migrate::pending(conn)?, leases::all(conn, &clock)?));
    let (pending, held) = app.store.read_within(wanted::CHECK, look).await?;
    if !pending.is_empty() {
        return Err(Error::new(Code::Unavailable, "The database schema is not up to date."));
    }
    let leases = held.into_iter().map(LeaseState::from).collect();
    let event_log_held_back_seconds = app.store.held_back().map(|held| held.lasting.as_secs());
    let condition = wanted::answer(wanted::CHECK, seen.condition(&app)).await?;
    let reasons = troubles(&condition, app.store.clock.now());
    let status = if reasons.is_empty() { "ok" } else { "degraded" };
    Ok(HttpResponse::Ok().json(Readiness { status, reasons, leases, event_log_held_back_seconds }))
}

/// The operations of this file.
#[derive(OpenApi)]
#[openapi(paths(livez, readyz))]
pub struct Api;

/// Their addresses.
pub fn routes(config: &mut ServiceConfig) {
    config.service(at("/livez").get(livez)).service(at("/readyz").get(readyz));
}
