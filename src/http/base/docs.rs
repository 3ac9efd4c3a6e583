//! `/openapi.json`, and `/docs`: the same as web pages, served from the binary without other hosts.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Bytes, Path, ServiceConfig};
use utoipa::OpenApi;
use utoipa_swagger_ui::Config;

use super::memory::answer_body;
use super::operations::text;
use super::reply::Answer;
use crate::error::{Code, Error};
use crate::http::{Part, at, open_at};

/// Content security policy: nothing is loaded from other hosts (Swagger UI would load a validator badge).
const POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'";

static PAGE: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let page = Config::from("../openapi.json").validator_url("none").try_it_out_enabled(true).filter(true);
    Arc::new(page.use_base_layout())
});

/// Read this API description
#[utoipa::path(get, path = "/openapi.json", tag = "operation", responses((status = 200, body = Object)))]
pub async fn get_openapi() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(answer_body(Bytes::from_static(text().as_bytes())))
}

/// Read this API description in a browser and try operations
#[utoipa::path(get, path = "/docs", tag = "operation", responses(
    (status = 308, description = "The documentation is at /docs/", headers(("Location" = String)))))]
pub async fn docs() -> HttpResponse {
    // A relative address: behind a proxy the path may have a prefix.
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "docs/")).finish()
}

/// A file of the documentation; the page itself if no file is named.
async fn docs_file(file: Path<String>) -> Answer {
    let served = utoipa_swagger_ui::serve(&file, PAGE.clone()).map_err(Error::internal)?;
    let Some(served) = served else {
        return Err(Error::new(Code::NotFound, "There is no such file; the page is at /docs/."));
    };
    let mut response = HttpResponse::Ok();
    response.content_type(served.content_type).insert_header((header::CONTENT_SECURITY_POLICY, POLICY));
    if served.gzpipped {
        response.insert_header(header::ContentEncoding::Gzip);
    }
    let bytes = match served.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    let is_page = file.is_empty() || file.as_str() == "index.html";
    Ok(response.body(answer_body(if is_page { titled(bytes) } else { bytes })))
}

/// The page with our own title.
fn titled(page: Bytes) -> Bytes {
    match std::str::from_utf8(&page) {
        Ok(text) => text.replace("<title>Swagger UI</title>", "<title>Hearback API</title>").into(),
        Err(_) => page,
    }
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(get_openapi, docs))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/openapi.json").get(get_openapi))
        .service(at("/docs").get(docs))
        .service(open_at("/docs/{file:.*}").get(docs_file));
}
