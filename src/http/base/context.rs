//! Context of every request: its id, its log line, its metrics and its trace id.

use std::time::Instant;

use actix_web::Error as ActixError;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};

use super::auth::Route;
use super::metrics::Metrics;
use crate::domain::base::Id;
use crate::domain::team::Caller;

tokio::task_local! {
    static REQUEST_ID: String;
}

/// The id of the current request.
pub fn request_id() -> String {
    REQUEST_ID.try_with(Clone::clone).unwrap_or_default()
}

/// Middleware for every request.
pub async fn surround<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, ActixError> {
    let started = Instant::now();
    let id = Id::next().0.simple().to_string();
    let trace = request.headers().get("traceparent").and_then(trace_id).unwrap_or_default();
    let method = request.method().clone();
    let metrics = request.app_data::<web::Data<Metrics>>().cloned();
    let mut response = REQUEST_ID.scope(id.clone(), next.call(request)).await?;

    let route = response.request().extensions().get::<Route>().map_or("(none)", |route| route.0);
    let status = response.status().as_u16();
    let seconds = started.elapsed().as_secs_f64();
    let token = response.request().extensions().get::<Caller>().map(|c| c.token_id.to_string()).unwrap_or_default();
    if let Some(metrics) = metrics {
        metrics.observe(method.as_str(), route, status, seconds);
    }
    tracing::info!(request_id = id, %method, route, status, seconds, token, trace_id = trace, "request");
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    Ok(response)
}

/// The trace id in a W3C `traceparent` header.
fn trace_id(header: &HeaderValue) -> Option<String> {
    let mut parts = header.to_str().ok()?.split('-');
    let (_version, trace) = (parts.next()?, parts.next()?);
    let well_formed = trace.len() == 32 && trace.bytes().all(|b| b.is_ascii_hexdigit());
    (well_formed && trace.bytes().any(|b| b != b'0')).then(|| trace.to_ascii_lowercase())
}
