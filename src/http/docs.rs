//! `/openapi.json` and `/docs`.

use actix_web::HttpResponse;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use super::at;
use super::operations::description;

/// This description
#[utoipa::path(get, path = "/openapi.json", tag = "operation", responses((status = 200, body = Object)))]
pub async fn get_openapi() -> HttpResponse {
    HttpResponse::Ok().json(description())
}

/// The operations of this file.
#[derive(OpenApi)]
#[openapi(paths(get_openapi))]
pub struct Api;

/// Their addresses.
pub fn routes(config: &mut ServiceConfig) {
    config.service(at("/openapi.json").get(get_openapi));
}
