//! The page that a form was on, to return to after an act.

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::http::console::base::form::Form;
use crate::http::console::base::page::local;

/// The page that the form names, else the one that the browser came from, else the inbox.
pub fn back(request: &HttpRequest, form: &Form) -> String {
    if let Some(named) = form.given("back") {
        return local(named).to_owned();
    }
    let referer = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // The browser names a page of this site only to this site.
    let path = referer.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    let path = path.filter(|path| path.starts_with("/console/") && !path.starts_with("/console/sign-in"));
    path.map_or("/console/inbox", local).to_owned()
}
