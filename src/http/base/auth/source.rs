//! Which requests may be answered by a read replica: those that only read, of callers without limits.

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error as ActixError, HttpMessage, HttpRequest, web};

use crate::app::App;
use crate::domain::team::Caller;
use crate::domain::team::access::Scope;
use crate::store::base::scope;
use crate::store::fresh::{self, Fresh};

/// Passes a request on in the scope of its caller. Its reads may come from a replica that has everything that was
/// acknowledged before the request came. Where a replica fails in the middle of a read, the request is done again on the
/// primary: it only reads.
///
/// # Errors
/// Those of the handler.
pub async fn call<B: MessageBody + 'static>(
    reach: Scope,
    request: ServiceRequest,
    next: &Next<B>,
) -> Result<ServiceResponse<B>, ActixError> {
    let Some(needs) = needs(&reach, request.request()).await else {
        return scope::within(reach, next.call(request)).await;
    };
    let response = fresh::within(needs.clone(), scope::within(reach.clone(), next.call(request))).await?;
    if !needs.has_failed() || !response.status().is_server_error() {
        return Ok(response);
    }
    let (request, failed) = response.into_parts();
    drop(failed);
    scope::within(reach, next.call(ServiceRequest::from_request(request))).await
}

/// What the reads of a request must see on a replica; `None` where it must be answered by the primary.
async fn needs(reach: &Scope, request: &HttpRequest) -> Option<Arc<Fresh>> {
    if *reach != Scope::All || !request.method().is_safe() {
        return None;
    }
    // A request without a caller, such as a health check, is about this instance and its own database.
    request.extensions().get::<Caller>()?;
    let app = request.app_data::<web::Data<App>>()?.clone();
    app.freshness.now().await
}
