//! `/v1/feedback/{id}`: read, change, move, dismiss, restore.

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use super::at;
use super::feedback::get_feedback;

/// The operations of this file.
#[derive(OpenApi)]
#[openapi(paths())]
pub struct Api;

/// Their addresses.
pub fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/feedback/{id}").get(get_feedback));
}
