//! HEAD: the answer of GET without its body.

use std::convert::Infallible;

use actix_web::Error as ActixError;
use actix_web::body::{BodySize, BodyStream, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use futures_util::stream::{self, Empty};

/// An empty body.
type Nothing = BodyStream<Empty<Result<Bytes, Infallible>>>;

/// Answers HEAD for every GET, with the same authorization, status and headers, and with the length that the body would
/// have.
pub async fn answer<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, Nothing>>, ActixError> {
    if request.method() != Method::HEAD {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    request.head_mut().method = Method::GET;
    let mut response = next.call(request).await?;
    if let BodySize::Sized(length) = response.response().body().size() {
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    }
    // Set Content-Length explicitly. actix-http would decide by the method of the request it read last, which is
    // another request if the client pipelines.
    response.response_mut().head_mut().no_chunking(true);
    Ok(response.map_body(|_, _| EitherBody::right(BodyStream::new(stream::empty()))))
}
