//! Who may open a page of the console.
//!
//! The console has no roles of its own. Each method of each page names an operation of the API, and a member may use it
//! exactly where `api/roles.csv` lets their role call that operation, with the products in which it does. A method without
//! a rule is refused to everybody.

use std::collections::BTreeMap;
use std::sync::Mutex;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{Error as ActixError, HttpMessage, HttpRequest, HttpResponse};

use super::kept::{drafts, views};
use super::{origin, page, sign_in_form, visit};
use crate::domain::team::access::Scope;
use crate::error::{Code, Error, Result};
use crate::http::base::auth::reach::{self, Reach};
use crate::http::base::auth::{source, witness};
use crate::http::base::context::Route;
use crate::store::base::scope;

/// Who may use a method of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody, without a session: sign-in, and links that prove themselves.
    Anyone,
    /// Each member who is signed in: what concerns only themselves.
    SignedIn,
    /// The members whose role may call this operation of the API.
    May(&'static str),
}

/// The rules of a page, by method.
pub type Rules = &'static [(&'static str, Access)];

static PAGES: Mutex<BTreeMap<&'static str, Rules>> = Mutex::new(BTreeMap::new());

/// Notes a page when it is registered.
pub(in crate::http) fn register(pattern: &'static str, rules: Rules) {
    PAGES.lock().unwrap_or_else(|e| e.into_inner()).insert(pattern, rules);
}

/// Every page that a running server routes to, with its rules.
pub fn pages() -> Vec<(&'static str, Rules)> {
    PAGES.lock().unwrap_or_else(|e| e.into_inner()).iter().map(|(pattern, rules)| (*pattern, *rules)).collect()
}

/// Passes a request to its page, or answers with a page that says why not. Errors of the page become pages too.
pub(in crate::http) async fn admit<B: MessageBody + 'static>(
    pattern: &'static str,
    rules: Rules,
    mut request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<EitherBody<BoxBody>>, ActixError> {
    request.extensions_mut().insert(Route(pattern));
    let reach = match enter(rules, request.request()).await {
        Ok(reach) => reach,
        Err(refusal) => {
            let answer = refused(&mut request, &refusal).await;
            return Ok(request.into_response(answer).map_into_right_body());
        }
    };
    match scope::within(reach.clone(), prepare(request.request())).await {
        Ok(None) => {}
        Ok(Some(view)) => return Ok(request.into_response(page::see_other(&view)).map_into_right_body()),
        Err(error) => {
            let answer = page::error(request.request(), &error);
            return Ok(request.into_response(answer).map_into_right_body());
        }
    }
    let response = source::call(reach, request, &next).await?;
    if let Err(error) = drafts::sent(response.request(), response.status()).await {
        // The form was done; its draft stands there once more.
        tracing::warn!(%error, "the draft of a form that was sent is still there");
    }
    let error = response.response().error().map(|error| {
        error.as_error::<Error>().cloned().unwrap_or_else(|| Error::new(Code::MalformedRequest, error.to_string()))
    });
    Ok(match error {
        None => witness::note_page(operation_of(rules, response.request()), response).await,
        Some(error) => {
            let answer = page::error(response.request(), &error);
            response.into_response(answer).map_into_right_body()
        }
    })
}

/// The operation that a page stands for, as the access log names it.
fn operation_of(rules: Rules, request: &HttpRequest) -> &'static str {
    let method = if request.method() == Method::HEAD { "GET" } else { request.method().as_str() };
    match rules.iter().find(|(name, _)| *name == method) {
        Some((_, Access::May(operation))) => operation,
        _ => "console",
    }
}

/// Reads what a page shows beside its own content: drafts of its forms, and saved views of its list. Answers the address
/// of the view with which the list opens.
async fn prepare(request: &HttpRequest) -> Result<Option<String>> {
    let view = views::load(request).await?;
    if view.is_none() {
        drafts::load(request).await?;
    }
    Ok(view)
}

/// Answers what the request may read and write.
async fn enter(rules: Rules, request: &HttpRequest) -> Result<Scope> {
    let found = visit::look_up(request).await?;
    let method = if request.method() == Method::HEAD { "GET" } else { request.method().as_str() };
    let rule = rules.iter().find(|(name, _)| *name == method).map(|(_, access)| *access);
    origin::check(request)?;
    let reach = match (rule, found) {
        // Sign-in, and the language of pages: they show nothing of products.
        (Some(Access::Anyone), _) => return Ok(Scope::All),
        (_, None) => return Err(Code::Unauthorized.into()),
        (None, _) => return Err(Code::MethodNotAllowed.into()),
        (Some(Access::SignedIn), Some(visit)) => Reach::of_member(&visit.caller),
        (Some(Access::May(operation)), Some(visit)) if visit.caller.access.may(operation) => {
            Reach::of(&visit.caller, operation)
        }
        (Some(Access::May(_)), Some(_)) => return Err(Code::Forbidden.into()),
    };
    request.extensions_mut().insert(reach.clone());
    if !request.method().is_safe() {
        reach::check_address(request).await?;
    }
    Ok(reach.permitted)
}

/// Without a session, a page asks to sign in and is shown afterwards. A form of an ended session is not lost: its
/// fields go with the sign-in, and are sent again after it.
async fn refused(request: &mut ServiceRequest, error: &Error) -> HttpResponse {
    if error.code != Code::Unauthorized {
        return page::error(request.request(), error);
    }
    if request.method() == Method::GET || request.method() == Method::HEAD {
        let asked = request.uri().path_and_query().map(|asked| asked.as_str()).unwrap_or_default();
        let query = serde_urlencoded::to_string([("next", asked)]).unwrap_or_default();
        return page::see_other(&format!("/console/sign-in?{query}"));
    }
    let body = request.take_payload();
    let shown = sign_in_form::ask(request.request(), body).await;
    let mut answer = shown.unwrap_or_else(|error| page::error(request.request(), &error));
    // RFC 9110 requires a challenge; the scheme for a form has no registered name.
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Form"));
    answer
}
