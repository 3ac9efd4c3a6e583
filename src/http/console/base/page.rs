//! Answers of the console: pages with their headers, redirects and pages about errors.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use askama::Template;
use flate2::Compression;

use super::assets::{gzip, takes_gzip};
use super::flash::{self, Flash, Waiting};
use super::kept::drafts;
use super::shell::Shell;
use super::visit::Statements;
use crate::domain::base::Id;
use crate::error::{Code, Error, Result};
use crate::http::base::auth::witness;
use crate::http::base::context;

/// Only our own style, script and images; forms only to us; in nobody's frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/// Pages below this size are not worth compressing.
const SMALL: usize = 1_400;

/// The answer of a handler.
pub type Shown = Result<HttpResponse>;

/// 200 with a page.
///
/// # Errors
/// 500 where the template fails.
pub fn show(request: &HttpRequest, template: &impl Template) -> Shown {
    show_as(StatusCode::OK, request, template)
}

/// A page with a status.
///
/// # Errors
/// As for [`show`].
pub fn show_as(status: StatusCode, request: &HttpRequest, template: &impl Template) -> Shown {
    let html = drafts::restore(request, template.render().map_err(Error::internal)?)?;
    witness::page(request, html.as_bytes());
    let mut response = HttpResponse::build(status);
    response
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::X_FRAME_OPTIONS, "DENY"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // Not "no-referrer": browsers then send forms with `Origin: null`.
        .insert_header((header::REFERRER_POLICY, "same-origin"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("Cross-Origin-Opener-Policy", "same-origin"))
        .insert_header(("Permissions-Policy", "camera=(), geolocation=(), microphone=()"))
        .insert_header(("X-Robots-Tag", "noindex, nofollow"))
        .insert_header((header::VARY, "Cookie, Accept-Language, Accept-Encoding"));
    // What a script fetches is a part of a page, and shows no message.
    if let Some(cookie) = html.starts_with("<!doctype").then(|| flash::shown(request)).flatten() {
        response.append_header((header::SET_COOKIE, cookie));
    }
    if let Some(statements) = request.extensions().get::<Statements>() {
        response.insert_header(("Server-Timing", format!("db;desc=\"{} statements\"", statements.0.get())));
    }
    if html.len() > SMALL && takes_gzip(request) {
        response.insert_header(header::ContentEncoding::Gzip);
        return Ok(response.body(gzip(html.as_bytes(), Compression::fast())));
    }
    Ok(response.body(html))
}

/// The next page after an act: the browser gets it, so that a reload does not act again.
pub fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, local(address)))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

/// The next page, with a message.
pub fn done(request: &HttpRequest, address: &str, flash: Flash) -> HttpResponse {
    done_undoable(request, address, flash, None)
}

/// The next page, with a message and a form that undoes the correction which the act made.
pub fn done_undoable(request: &HttpRequest, address: &str, flash: Flash, correction: Option<Id>) -> HttpResponse {
    let mut response = see_other(address);
    let message = Waiting { flash, undo: correction };
    if let Ok(value) = header::HeaderValue::from_str(&message.keep(request)) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// The address of a page of the console; any other address becomes the first page, so that no link leads elsewhere.
pub fn local(address: &str) -> &str {
    let plain = address.bytes().all(|byte| (b'!'..=b'~').contains(&byte) && byte != b'\\');
    let inside = address == "/console" || address.starts_with("/console/") || address.starts_with("/console?");
    if plain && inside && !address.contains("/..") { address } else { "/console/" }
}

/// The page about an error.
#[derive(Template)]
#[template(path = "console/entry/error.html")]
struct ErrorPage {
    shell: Shell,
    heading: String,
    text: String,
    detail: Option<String>,
    request_id: Option<String>,
    back: &'static str,
}

/// The page about an error. It shows what the caller may know; of an internal error, only the id in the log.
pub fn error(request: &HttpRequest, error: &Error) -> HttpResponse {
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let shell = Shell::new(request, |t| t.error_title(error.code));
    let (heading, text) = (shell.title.clone(), shell.t.error_text(error.code));
    let told = matches!(error.code.status(), 409 | 410 | 413 | 422) || error.code == Code::MalformedRequest;
    let detail = told.then(|| shell.t.refusal(&error.clone().into()));
    let request_id = (error.code.status() >= 500).then(context::request_id);
    let back = if shell.visit.is_some() { "/console/" } else { "/console/sign-in" };
    let page = ErrorPage { shell, heading, text, detail, request_id, back };
    let mut answer = show_as(status, request, &page).unwrap_or_else(|_| HttpResponse::new(status));
    if let Some(seconds) = error.retry_after {
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn the_next_page_is_one_of_the_console() {
        for ours in ["/console/", "/console", "/console/backlog?product=HB&q=%ED%99%98", "/console?x=1"] {
            assert_eq!(local(ours), ours);
        }
        for other in [
            "//evil.example",
            "https://evil.example/console/",
            "/console/../v1",
            "/v1/stories",
            "/consolex",
            "",
            "/\\evil",
            "/console/\r\nSet-Cookie: a=b",
            "javascript:alert(1)",
            "/console/환불",
        ] {
            assert_eq!(local(other), "/console/", "{other}");
        }
    }
}
