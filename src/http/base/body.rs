//! Reading request bodies: with limits of size, time and shared memory, and decompression.

use std::time::Duration;

use actix_web::dev::{Decompress, Payload};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpMessage, HttpRequest, web};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use tokio::sync::OwnedSemaphorePermit;

use super::memory::{Memory, Reservation, SMALL, crowded};
use crate::app::App;
use crate::error::{Code, Error, Result};

/// Size of the chunks in which a body is decompressed. The output may be a thousand times larger than the input, so the
/// limits are checked after each chunk.
const COMPRESSED_PIECE: usize = 1024;

/// Waits until there is enough memory to process a large body; a small one needs no permit.
///
/// # Errors
/// 503 if the wait takes too long.
pub async fn turn(
    app: &App,
    request: &HttpRequest,
    held: Option<&Reservation>,
    body: &Bytes,
) -> Result<Option<OwnedSemaphorePermit>> {
    if held.is_none() {
        return Ok(None);
    }
    memory(request)?.turn(body.len(), Duration::from_secs(app.config.body_timeout)).await.map(Some)
}

fn memory(request: &HttpRequest) -> Result<&web::Data<Memory>> {
    request.app_data::<web::Data<Memory>>().ok_or_else(|| Error::internal("no memory to share"))
}

/// A body in memory.
pub struct Body {
    /// The bytes of the body.
    pub bytes: Bytes,
    /// Its reservation in the memory for large requests; `None` for a small body.
    pub held: Option<Reservation>,
}

/// Reads the fields of a form.
///
/// # Errors
/// 400, 408, 413, 415.
pub async fn read_form(request: &HttpRequest, payload: Payload, limit: usize) -> Result<Vec<(String, String)>> {
    let app = request.app_data::<web::Data<App>>().ok_or_else(|| Error::internal("no app"))?;
    expect_type(request, &["application/x-www-form-urlencoded"])?;
    let body = read_body(app, request, decompressed(request, payload)?, limit).await?;
    serde_urlencoded::from_bytes(&body.bytes).map_err(|_| Code::MalformedRequest.into())
}

/// Checks that the body has one of these media types.
///
/// # Errors
/// 415.
pub fn expect_type(request: &HttpRequest, types: &[&str]) -> Result<()> {
    let sent = request.content_type().to_ascii_lowercase();
    if types.contains(&sent.as_str()) {
        return Ok(());
    }
    Err(Error::new(Code::UnsupportedMediaType, format!("Send the body as {}.", types.join(" or "))))
}

/// Decompresses the body as its `Content-Encoding` says.
///
/// # Errors
/// 415 for an unsupported encoding.
pub fn decompressed(
    request: &HttpRequest,
    payload: Payload,
) -> Result<impl Stream<Item = std::result::Result<Bytes, PayloadError>> + Unpin> {
    let encoding = request.headers().get(header::CONTENT_ENCODING).map(|v| v.as_bytes().to_ascii_lowercase());
    let piece = match encoding.as_deref() {
        None | Some(b"identity") => usize::MAX,
        Some(b"gzip" | b"deflate") => COMPRESSED_PIECE,
        Some(_) => {
            let detail = "Content-Encoding may be gzip, deflate or identity.";
            return Err(Error::new(Code::UnsupportedMediaType, detail));
        }
    };
    let pieces = move |mut rest: Bytes| {
        std::iter::from_fn(move || (!rest.is_empty()).then(|| Ok(rest.split_to(rest.len().min(piece)))))
    };
    let payload = payload.map_ok(move |bytes| stream::iter(pieces(bytes))).try_flatten();
    Ok(Decompress::from_headers(payload, request.headers()))
}

/// Reads and decompresses a whole body.
///
/// # Errors
/// 408, 413 above the limit in the settings, 415 for an unsupported encoding.
pub async fn compressed_body(app: &App, request: &HttpRequest, payload: Payload) -> Result<Body> {
    read_body(app, request, decompressed(request, payload)?, app.config.body_limit).await
}

/// Reads a whole body exactly as it was sent, because signatures are computed over these bytes.
///
/// # Errors
/// 408, 413 above the limit in the settings, 415 if it is compressed.
pub async fn raw_body(app: &App, request: &HttpRequest, payload: Payload) -> Result<Body> {
    if request.headers().get(header::CONTENT_ENCODING).is_some_and(|v| !v.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(Error::new(Code::UnsupportedMediaType, "A signed body can't be compressed."));
    }
    read_body(app, request, payload, app.config.body_limit).await
}

/// Reads a whole body of at most `limit` bytes, counted after decompression, within the time limit in the settings.
pub async fn read_body<E>(
    app: &App,
    request: &HttpRequest,
    body: impl Stream<Item = std::result::Result<Bytes, E>> + Unpin,
    limit: usize,
) -> Result<Body> {
    let patience = Duration::from_secs(app.config.body_timeout);
    tokio::time::timeout(patience, collect_body(request, body, limit)).await.map_err(|_| {
        Error::new(Code::RequestTimeout, format!("A body must arrive within {} seconds.", patience.as_secs()))
    })?
}

async fn collect_body<E>(
    request: &HttpRequest,
    mut body: impl Stream<Item = std::result::Result<Bytes, E>> + Unpin,
    limit: usize,
) -> Result<Body> {
    let too_large = || Error::new(Code::TooLarge, format!("A body may have at most {limit} bytes, uncompressed."));
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let mut bytes = BytesMut::new();
    let mut held: Option<Reservation> = None;
    while let Some(chunk) = body.next().await {
        let chunk = chunk
            .map_err(|_| Error::new(Code::MalformedRequest, "The body is incomplete or can't be decompressed."))?;
        if bytes.len() + chunk.len() > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
        if bytes.len() > SMALL {
            let (held, more) = match &mut held {
                Some(held) => (held, chunk.len()),
                None => (held.insert(memory(request)?.requests.open()), bytes.len()),
            };
            if !held.grow(more) {
                return Err(crowded("requests"));
            }
        }
    }
    Ok(Body { bytes: bytes.freeze(), held })
}
