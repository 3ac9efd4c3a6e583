//! `/assets/`: the style sheet, the script and the icon.

use actix_web::http::header;
use actix_web::web::{Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use crate::error::{Error, Result};
use crate::http::console::base::access::Access::Anyone;
use crate::http::console::base::assets::{at, takes_gzip};
use crate::http::{Pages, page_at};

/// A file. Another content has another address, so browsers keep it forever.
async fn file(request: HttpRequest) -> Result<HttpResponse> {
    let found = at(request.path()).ok_or_else(|| Error::not_found("file"))?;
    let mut response = HttpResponse::Ok();
    response
        .content_type(found.kind)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::VARY, "Accept-Encoding"));
    if takes_gzip(&request) {
        response.insert_header(header::ContentEncoding::Gzip);
        return Ok(response.body(found.gzip.clone()));
    }
    Ok(response.body(Bytes::from_static(found.plain)))
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/assets/{file}", &[("GET", Anyone)]).get(file));
}
