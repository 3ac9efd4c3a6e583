//! Where a request comes from: the address of the client, https or not, and whether a form is one of ours.

use std::net::IpAddr;

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, web};

use crate::app::App;
use crate::error::{Code, Error, Result};

fn text(request: &HttpRequest, name: impl header::AsHeaderName) -> Option<&str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

/// The host that the browser asked for.
fn host(request: &HttpRequest) -> &str {
    text(request, header::HOST).unwrap_or_default()
}

/// The public address of this server from the settings.
fn public_url(request: &HttpRequest) -> String {
    request.app_data::<web::Data<App>>().map(|app| app.config.public_url()).unwrap_or_default()
}

/// Whether the browser reached this server by https: the public address says so, or a proxy. Where a client only claims
/// it, its own cookies become stricter.
pub fn is_https(request: &HttpRequest) -> bool {
    let forwarded = text(request, "x-forwarded-proto").is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
    forwarded || public_url(request).strip_prefix("https://").is_some_and(|own| own == host(request))
}

/// The client's address. Only a trusted proxy may name another one than its own.
pub fn client(request: &HttpRequest) -> String {
    let Some(peer) = request.peer_addr().map(|peer| peer.ip()) else { return String::new() };
    let trusted = request.app_data::<web::Data<App>>().and_then(|app| app.config.proxies()).unwrap_or_default();
    if !trusted.contains(&peer) {
        return peer.to_string();
    }
    let forwarded = text(request, "x-forwarded-for").unwrap_or_default().rsplit(',').map(str::trim);
    let mut named = forwarded.filter_map(|address| address.parse::<IpAddr>().ok());
    named.find(|address| !trusted.contains(address)).unwrap_or(peer).to_string()
}

/// Refuses a request that changes something and was not sent by a page of ours (CSRF). Browsers say where a request
/// comes from in `Sec-Fetch-Site`; older ones in `Origin`. What says neither is refused too.
///
/// # Errors
/// 403.
pub fn check(request: &HttpRequest) -> Result<()> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let is_ours = match text(request, "sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => text(request, header::ORIGIN).is_some_and(|origin| is_own(request, origin)),
    };
    if is_ours {
        return Ok(());
    }
    Err(Error::new(
        Code::Forbidden,
        "This form was not sent by a page of this server. Open the page and send it again.",
    ))
}

fn is_own(request: &HttpRequest, origin: &str) -> bool {
    let scheme = if is_https(request) { "https" } else { "http" };
    origin == public_url(request) || origin == format!("{scheme}://{}", host(request))
}
