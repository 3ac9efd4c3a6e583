//! Health checks.

use actix_web::web::ServiceConfig;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::at;
use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::store::migrate;

/// A health check's answer.
#[derive(Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "ok")]
    status: &'static str,
}

/// The process is alive
#[utoipa::path(get, path = "/livez", tag = "operation", responses((status = 200, body = Health)))]
pub async fn livez() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok" })
}

/// Requests can be answered: the database is there and its schema up to date
#[utoipa::path(get, path = "/readyz", tag = "operation", responses(
    (status = 200, body = Health),
    (status = 503, body = super::problem::Problem, content_type = "application/problem+json", description = "Not yet, or not now"),
))]
pub async fn readyz(app: web::Data<App>) -> Result<HttpResponse> {
    if !app.is_ready() {
        return Err(Error::new(Code::Unavailable, "Still starting."));
    }
    let pending = app.store.read(migrate::pending).await?;
    if !pending.is_empty() {
        return Err(Error::new(Code::Unavailable, "The database schema is not up to date."));
    }
    Ok(HttpResponse::Ok().json(Health { status: "ok" }))
}

/// The operations of this file.
#[derive(OpenApi)]
#[openapi(paths(livez, readyz))]
pub struct Api;

/// Their addresses.
pub fn routes(config: &mut ServiceConfig) {
    config.service(at("/livez").get(livez)).service(at("/readyz").get(readyz));
}
