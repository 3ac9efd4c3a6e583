//! `/v1/accounts`.

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

/// The operations of this file.
#[derive(OpenApi)]
#[openapi(paths())]
pub struct Api;

/// Their addresses.
pub fn routes(_config: &mut ServiceConfig) {}
