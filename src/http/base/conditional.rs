//! `If-None-Match`: a client that has the current version of a resource gets 304 without a body.

use actix_web::Error as ActixError;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;

/// Middleware for every request: answers 304 if the client has the current version already.
pub async fn answer<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, ActixError> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let response = next.call(request).await?;
    let Some(known) = known.filter(|_| reads && response.status() == StatusCode::OK) else {
        return Ok(response.map_into_left_body());
    };
    let present = response.headers().get(header::ETAG).and_then(|value| value.to_str().ok());
    if !present.is_some_and(|present| names(&known, present)) {
        return Ok(response.map_into_left_body());
    }
    let mut response = response.map_body(|_, _| EitherBody::right(actix_web::body::BoxBody::new(())));
    *response.response_mut().status_mut() = StatusCode::NOT_MODIFIED;
    for gone in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING] {
        response.headers_mut().remove(gone);
    }
    Ok(response)
}

/// Whether a list of tags contains this one. Weak tags are compared like strong ones (RFC 9110, 13.1.2).
fn names(list: &str, present: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    list.trim() == "*" || list.split(',').any(|tag| bare(tag) == bare(present))
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_list_of_tags_names_the_present_one() {
        assert!(names("\"1\"", "\"1\"") && names("\"0\", W/\"1\"", "\"1\"") && names("*", "\"1\""));
        assert!(!names("\"11\"", "\"1\"") && !names("1", "\"1\"") && !names("", "\"1\""));
    }
}
