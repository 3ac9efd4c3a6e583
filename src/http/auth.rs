//! Tokens and roles, checked before anything else of a request is looked at.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error as ActixError, HttpMessage, ResponseError, web};

use super::operations;
use super::rate_limit::RateLimit;
use crate::app::App;
use crate::domain::{Caller, Id, Time};
use crate::error::{Code, Error, Result};
use crate::store::tokens;
use crate::usecase::access::hash;

/// How long a verified token is believed without looking again: a revocation takes at most this long.
const BELIEVED: Duration = Duration::from_secs(5);

/// Verified tokens, and when they were last used.
#[derive(Default)]
pub struct Tokens {
    verified: Mutex<HashMap<Vec<u8>, (Caller, Instant)>>,
    used: Mutex<HashMap<Id, Time>>,
}

impl Tokens {
    async fn verify(&self, app: &App, secret: &str) -> Result<Caller> {
        let hash = hash(secret);
        if let Some((caller, at)) = lock(&self.verified).get(&hash)
            && at.elapsed() < BELIEVED
        {
            return Ok(caller.clone());
        }
        let (now, wanted) = (app.store.clock.now(), hash.clone());
        let caller = app.store.read(move |conn| tokens::verify(conn, &wanted, now)).await?;
        let caller = caller.ok_or(Code::Unauthorized)?;
        let mut verified = lock(&self.verified);
        verified.retain(|_, (_, at)| at.elapsed() < BELIEVED);
        verified.insert(hash, (caller.clone(), Instant::now()));
        lock(&self.used).insert(caller.token_id, now);
        Ok(caller)
    }

    /// The uses since the last call, to be written once a minute.
    pub fn take_uses(&self) -> HashMap<Id, Time> {
        std::mem::take(&mut *lock(&self.used))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

/// Lets a request through with its [`Caller`], or refuses it: 401, then 403.
pub async fn authorize<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<EitherBody<B>>, ActixError> {
    match admit(&request).await {
        Ok(()) => next.call(request).await.map(ServiceResponse::map_into_left_body),
        Err(e) => Ok(request.into_response(e.error_response()).map_into_right_body()),
    }
}

async fn admit(request: &ServiceRequest) -> Result<()> {
    let pattern = request.match_pattern().unwrap_or_default();
    let operation = operations::operation(request.method().as_str(), &pattern);
    if operation.is_some_and(|id| operations::OPEN.contains(&id)) || pattern.starts_with("/docs") {
        return Ok(());
    }
    let caller = caller(request).await?;
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
    let missing = || Error::internal("the app is not complete");
    let app = request.app_data::<web::Data<App>>().ok_or_else(missing)?;
    let tokens = request.app_data::<web::Data<Tokens>>().ok_or_else(missing)?;
    let caller = tokens.verify(app, secret).await?;
    if let Some(limit) = request.app_data::<web::Data<RateLimit>>() {
        limit.take(caller.token_id)?;
    }
    Ok(caller)
}
