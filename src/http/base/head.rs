//! HEAD: what GET would answer, but for the body.

use std::convert::Infallible;

use actix_web::Error as ActixError;
use actix_web::body::{BodySize, BodyStream, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use futures_util::stream::{self, Empty};

/// A body of no bytes.
type Nothing = BodyStream<Empty<Result<Bytes, Infallible>>>;

/// Answers HEAD wherever GET is answered, to whom it is answered: the same status and headers, with the length that the
/// body would have.
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
    // The length is written as it is then. Left to itself, the server goes by the method of the request it has read last:
    // that is another one where a client sends several at once.
    response.response_mut().head_mut().no_chunking(true);
    Ok(response.map_body(|_, _| EitherBody::right(BodyStream::new(stream::empty()))))
}
