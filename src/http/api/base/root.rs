//! `/`: the entry page, which links to the documentation.

use actix_web::http::header;
use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::http::{Part, at};

/// Links to the parts of this server, relative to this address.
#[derive(Serialize, ToSchema)]
pub struct Root {
    #[schema(example = "Hearback")]
    name: &'static str,
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// The API's documentation, for people.
    #[schema(example = "docs/")]
    docs: &'static str,
    /// The API's description, for programs (OpenAPI 3.1).
    #[schema(example = "openapi.json")]
    openapi: &'static str,
    /// The readiness check.
    #[schema(example = "readyz")]
    ready: &'static str,
}

/// List the entry points
///
/// A browser is redirected to the console.
#[utoipa::path(get, path = "/", tag = "operation", responses(
    (status = 200, body = Root),
    (status = 303, description = "For a browser: the console is at /console/", headers(("Location" = String)))))]
pub async fn get_root(request: HttpRequest) -> HttpResponse {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let vary = (header::VARY, "Accept");
    if accepts.contains("text/html") {
        // A relative address: behind a proxy the path may have a prefix.
        return HttpResponse::SeeOther().insert_header((header::LOCATION, "console/")).insert_header(vary).finish();
    }
    let version = env!("CARGO_PKG_VERSION");
    let root = Root { name: "Hearback", version, docs: "docs/", openapi: "openapi.json", ready: "readyz" };
    HttpResponse::Ok().insert_header(vary).json(root)
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(get_root))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/").get(get_root));
}
