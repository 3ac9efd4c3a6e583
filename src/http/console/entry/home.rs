//! `/console/`: the first page of a member, and addresses where there is nothing.

use actix_web::http::header;
use actix_web::web::{Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use crate::domain::team::Role;
use crate::error::{Code, Error};
use crate::http::base::auth;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::{Anyone, SignedIn};
use crate::http::console::base::cookie;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{self, Shown, see_other};
use crate::http::console::base::visit::{self, LANGUAGE, Visit};
use crate::http::{Pages, page_at};
use crate::usecase::team::members;

/// A year in seconds.
const YEAR: i64 = 365 * 24 * 60 * 60;

/// The page where a member's day begins: support in the inbox, all others in the backlog.
async fn home(visit: Visit) -> HttpResponse {
    see_other(match visit.caller.role {
        Role::Support => "/console/inbox",
        Role::Ingest => "/console/account",
        _ => "/console/backlog",
    })
}

/// Changes the language of the pages: of the member, or of this browser before sign-in.
async fn choose_language(app: AppData, request: HttpRequest, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let language = if form.get("language") == "ko" { "ko" } else { "en" };
    if let Some(visit) = visit::of(&request) {
        let id = visit.member.id;
        let chosen = json!({ "language": language });
        visit.write(&app, move |tx| members::edit(tx, id, None, &chosen).map(drop)).await?;
    }
    let mut response = see_other(form.get("back"));
    if let Ok(value) = header::HeaderValue::from_str(&cookie::set(&request, LANGUAGE, language, YEAR)) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

/// The answer for an address that does not exist: a page below `/console`, else that of the API.
pub async fn nothing_here(request: HttpRequest) -> HttpResponse {
    let path = request.path();
    if path != "/console" && !path.starts_with("/console/") {
        return auth::nothing_here(request).await;
    }
    match visit::look_up(&request).await {
        Ok(_) => page::error(&request, &Error::from(Code::NotFound)),
        Err(error) => page::error(&request, &error),
    }
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console", &[("GET", SignedIn)]).get(home))
        .service(page_at("/console/", &[("GET", SignedIn)]).get(home))
        .service(page_at("/console/language", &[("POST", Anyone)]).post(choose_language));
}
