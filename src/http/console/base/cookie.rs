//! Cookies of the console: the session, the language before sign-in, and the message for the next page.
//!
//! Over https the session's cookie is `__Host-hearback`: browsers accept that name only with `Secure`, from this host
//! and for all its paths, so nobody on a neighbouring host or on plain http can set it. Over plain http, as on
//! `http://127.0.0.1:8080`, browsers refuse that name, and some refuse `Secure`; there the cookie is `hearback`, which
//! is not accepted over https.

use actix_web::HttpRequest;
use actix_web::http::header;

use super::origin;

/// The cookie of the session.
const SESSION: &str = "hearback";

fn name(request: &HttpRequest, name: &str) -> String {
    if origin::is_https(request) { format!("__Host-{name}") } else { name.to_owned() }
}

/// The value of a cookie of ours.
pub fn value(request: &HttpRequest, cookie: &str) -> Option<String> {
    let wanted = name(request, cookie);
    let sent = request.headers().get_all(header::COOKIE).filter_map(|value| value.to_str().ok());
    let mut pairs = sent.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
}

/// The header that sets a cookie, for this many seconds; 0 deletes it. The value must have no character that ends it.
pub fn set(request: &HttpRequest, cookie: &str, value: &str, seconds: i64) -> String {
    let secure = if origin::is_https(request) { "; Secure" } else { "" };
    let name = name(request, cookie);
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

/// The secret of the session.
pub fn session(request: &HttpRequest) -> Option<String> {
    value(request, SESSION).filter(|secret| !secret.is_empty())
}

/// The header that sets the session's cookie.
pub fn set_session(request: &HttpRequest, secret: &str, seconds: i64) -> String {
    set(request, SESSION, secret, seconds)
}

/// The header that deletes it.
pub fn end_session(request: &HttpRequest) -> String {
    set(request, SESSION, "", 0)
}
