//! Tokens and roles, checked before anything else of a request is looked at.

use std::time::Instant;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error as ActixError, HttpMessage, ResponseError, web};

use super::operations;
use super::rate_limit::{Allowance, RateLimit};
use crate::app::App;
use crate::domain::Caller;
use crate::error::{Code, Error, Result};

/// Lets a request through with its [`Caller`], or refuses it: 401, then 429, then 403.
pub async fn authorize<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<EitherBody<B>>, ActixError> {
    let mut response = match admit(&request).await {
        Ok(()) => next.call(request).await?.map_into_left_body(),
        Err(e) => request.into_response(e.error_response()).map_into_right_body(),
    };
    let allowance = response.request().extensions().get::<Allowance>().copied();
    if let Some(allowance) = allowance {
        allowance.tell(response.headers_mut());
    }
    Ok(response)
}

/// The pattern of the address a request is for; empty where there is none.
pub struct Route(pub String);

async fn admit(request: &ServiceRequest) -> Result<()> {
    let pattern = request.match_pattern().unwrap_or_default();
    // Finding it walks all routes: the log and the metrics take it from here.
    request.extensions_mut().insert(Route(pattern.clone()));
    let operation = operations::operation(request.method().as_str(), &pattern);
    if operation.is_some_and(|id| operations::OPEN.contains(&id)) || pattern.starts_with("/docs") {
        return Ok(());
    }
    let caller = caller(request).await?;
    limit(request, &caller)?;
    if let Some(operation) = operation
        && !operations::allowed(operation, caller.role)
    {
        return Err(Error::new(Code::Forbidden, format!("The role {} may not do this.", caller.role)));
    }
    request.extensions_mut().insert(caller);
    Ok(())
}

async fn caller(request: &ServiceRequest) -> Result<Caller> {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let (scheme, secret) = header.split_once(' ').unwrap_or_default();
    let secret = secret.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || secret.is_empty() {
        return Err(Code::Unauthorized.into());
    }
    let app = request.app_data::<web::Data<App>>().ok_or_else(incomplete)?;
    app.verifier.verify(&app.store, secret).await
}

fn limit(request: &ServiceRequest, caller: &Caller) -> Result<()> {
    let limit = request.app_data::<web::Data<RateLimit>>().ok_or_else(incomplete)?;
    let Some(allowance) = limit.take(caller.token_id, Instant::now()) else { return Ok(()) };
    request.extensions_mut().insert(allowance);
    allowance.check()
}

fn incomplete() -> Error {
    Error::internal("the app is not complete")
}
