//! Authentication and authorization, before any other processing of a request.
//!
//! Each resource ([`super::at`]) checks after routing, by the path pattern that the router matched, and never parses
//! the path again. One path can be written in several ways ("/v1/%74okens"), so a second parser could find another
//! pattern than the router, or none.

pub(in crate::http) mod reach;
pub(in crate::http) mod source;
pub mod witness;

use std::time::Instant;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error as ActixError, HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::context::Route;
use super::rate_limit::{Allowance, RateLimit};
use super::{operations, problem};
use crate::app::App;
use crate::domain::team::Caller;
use crate::domain::team::access::Scope;
use crate::error::{Code, Error, Result};
use reach::Reach;

/// Passes a request to the resource at `pattern` with its [`Caller`], or refuses it. The order of the checks is 401,
/// 429, 405, 403.
pub async fn authorize<B: MessageBody + 'static>(
    pattern: &'static str,
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<EitherBody<BoxBody>>, ActixError> {
    request.extensions_mut().insert(Route(pattern));
    let operation = operations::operation(request.method().as_str(), pattern).unwrap_or_default();
    let mut response = match admit(pattern, request.request()).await {
        Ok(reach) => witness::note(operation, source::call(reach, request, &next).await?).await,
        Err(refusal) => request.into_response(refusal).map_into_right_body(),
    };
    let allowance = response.request().extensions().get::<Allowance>().copied();
    if let Some(allowance) = allowance {
        allowance.tell(response.headers_mut());
    }
    Ok(response)
}

/// The answer for a path that does not exist. It needs a token like every other path, so that strangers can't find out
/// which paths exist.
pub async fn nothing_here(request: HttpRequest) -> HttpResponse {
    let error = match identify(&request).await {
        Ok(_) => Error::new(Code::NotFound, "There is nothing at this address; /openapi.json lists the operations."),
        Err(refusal) => refusal,
    };
    let mut response = error.error_response();
    if let Some(allowance) = request.extensions().get::<Allowance>() {
        allowance.tell(response.headers_mut());
    }
    response
}

/// Denies by default: a request passes only if the OpenAPI description has an operation with this method and path, and
/// if the operation is open or `api/roles.csv` grants it to the caller's role, in the instance or in some product. Answers
/// what the request may read and write.
async fn admit(pattern: &str, request: &HttpRequest) -> std::result::Result<Scope, HttpResponse> {
    let operation = operations::operation(request.method().as_str(), pattern);
    if operation.is_some_and(|id| operations::OPEN.contains(&id)) {
        return Ok(Scope::All);
    }
    let caller = identify(request).await.map_err(|refusal| refusal.error_response())?;
    let Some(operation) = operation else { return Err(problem::method_not_allowed(&operations::methods_of(pattern))) };
    if !caller.access.may(operation) {
        let refusal = Error::new(Code::Forbidden, format!("The role {} may not do this.", caller.role));
        return Err(refusal.error_response());
    }
    let reach = Reach::of(&caller, operation);
    request.extensions_mut().insert(reach.clone());
    if !request.method().is_safe() {
        reach::check_address(request).await.map_err(|refusal| refusal.error_response())?;
    }
    Ok(reach.permitted)
}

/// Authenticates the caller and applies the rate limit of the token. The log names the token of refused requests too.
async fn identify(request: &HttpRequest) -> Result<Caller> {
    let caller = caller(request).await?;
    request.extensions_mut().insert(caller.clone());
    limit(request, &caller)?;
    Ok(caller)
}

async fn caller(request: &HttpRequest) -> Result<Caller> {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let (scheme, secret) = header.split_once(' ').unwrap_or_default();
    let bearer = Some(secret.trim()).filter(|secret| scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty());
    let basic = if is_hook(request) { secret_in_header(request) } else { None };
    let secret = bearer.map(str::to_owned).or(basic).ok_or(Code::Unauthorized)?;
    let app = request.app_data::<web::Data<App>>().ok_or_else(incomplete)?;
    app.verifier.verify(&app.store, &secret).await
}

fn is_hook(request: &HttpRequest) -> bool {
    request.path().starts_with("/v1/hooks/")
}

fn limit(request: &HttpRequest, caller: &Caller) -> Result<()> {
    let limit = request.app_data::<web::Data<RateLimit>>().ok_or_else(incomplete)?;
    let Some(allowance) = limit.take(caller.token_id, Instant::now()) else { return Ok(()) };
    request.extensions_mut().insert(allowance);
    // Alertmanager and others send again after 503 only: 429 would lose the message.
    allowance.check().map_err(|refusal| match is_hook(request) {
        true => Error { retry_after: refusal.retry_after, ..Error::new(Code::Busy, refusal.detail) },
        false => refusal,
    })
}

/// The caller with a secret that a hook carries in its own way, and what they may write by this operation.
///
/// # Errors
/// 401, 403, and 503 where the token has sent too much.
pub async fn by_secret(request: &HttpRequest, secret: &str, operation: &str) -> Result<(Caller, Scope)> {
    let app = request.app_data::<web::Data<App>>().ok_or_else(incomplete)?;
    let caller = app.verifier.verify(&app.store, secret).await?;
    request.extensions_mut().insert(caller.clone());
    limit(request, &caller)?;
    if !caller.access.may(operation) {
        return Err(Error::new(Code::Forbidden, format!("The role {} may not do this.", caller.role)));
    }
    let scope = caller.scope_for(operation);
    Ok((caller, scope))
}

/// The secret in `Authorization`: of a bearer, or the password of basic authentication, which some senders only know.
pub fn secret_in_header(request: &HttpRequest) -> Option<String> {
    let header = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = header.split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.to_owned()).filter(|secret| !secret.is_empty());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}

fn incomplete() -> Error {
    Error::internal("the app is not complete")
}
