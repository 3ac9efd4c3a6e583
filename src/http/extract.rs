//! Reading requests: JSON bodies, queries and paths, each refused with everything that is wrong with it.

use std::any::TypeId;
use std::collections::HashMap;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::{LazyLock, RwLock};
use std::time::Duration;

use actix_web::dev::{Decompress, Payload};
use actix_web::error::PayloadError;
use actix_web::http::{Method, header};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use jsonschema::Validator;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::domain::decode::{check_with, decode, validator_for};
use crate::domain::{Caller, Id};
use crate::error::{Code, Error, FieldError, Result};

/// A compressed body is decompressed by so many bytes at a time: what comes out may be a thousand times as many.
const COMPRESSED_PIECE: usize = 1024;

impl FromRequest for Caller {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Caller>().cloned().ok_or_else(|| Code::Unauthorized.into()))
    }
}

/// The id in the path; what is no id names nothing.
pub struct Path(pub Id);

impl FromRequest for Path {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").and_then(|text| text.parse().ok());
        ready(id.map(Path).ok_or_else(|| Error::not_found("resource")))
    }
}

/// Another part of the path by its name.
///
/// # Errors
/// 404 where it can't be read as what it should be.
pub fn segment<T: std::str::FromStr>(request: &HttpRequest, name: &str) -> Result<T> {
    let found = request.match_info().get(name).and_then(|text| text.parse().ok());
    found.ok_or_else(|| Error::not_found("resource"))
}

/// The query, checked against the parameters its type shows in the API description.
pub struct Query<T>(pub T);

impl<T: IntoParams + DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_query(request.query_string()).map(Query))
    }
}

fn read_query<T: IntoParams + DeserializeOwned + 'static>(query: &str) -> Result<T> {
    static SCHEMAS: LazyLock<RwLock<HashMap<TypeId, &'static (Value, Validator)>>> = LazyLock::new(Default::default);
    let key = TypeId::of::<T>();
    let known = SCHEMAS.read().ok().and_then(|map| map.get(&key).copied());
    let (schema, validator) = known.unwrap_or_else(|| {
        let schema = query_schema::<T>();
        // Leaked on purpose: one for each query type, for the life of the process.
        let made: &'static _ = Box::leak(Box::new((schema.clone(), validator_for(schema))));
        if let Ok(mut map) = SCHEMAS.write() {
            map.insert(key, made);
        }
        made
    });
    let malformed = || Error::field("", "malformed", "the query string can't be read");
    if !well_escaped(query) {
        return Err(malformed());
    }
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).map_err(|_| malformed())?;
    let mut fields = Map::new();
    let mut repeated = Vec::new();
    for (name, text) in pairs {
        let value = typed(&schema["properties"][&name], text);
        if fields.insert(name.clone(), value).is_some() {
            repeated.push(FieldError::new(format!("/{name}"), "repeated", "must be given once"));
        }
    }
    let value = Value::Object(fields);
    let mut errors = check_with(validator, &value);
    errors.extend(repeated);
    if !errors.is_empty() {
        return Err(Error::invalid(errors));
    }
    serde_json::from_value(value).map_err(|_| Error::field("", "invalid", "the query can't be read"))
}

/// Whether each `%` begins an escape and the escapes are UTF-8. The usual lenient reading would look for something else
/// than what was meant, and say nothing.
fn well_escaped(query: &str) -> bool {
    let mut bytes = query.bytes();
    let mut decoded = Vec::with_capacity(query.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(|b| char::from(b).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else { return false };
        decoded.push((high * 16 + low) as u8);
    }
    std::str::from_utf8(&decoded).is_ok()
}

/// A query's text as the type its schema asks for; where it is none, it stays text and the check says so.
fn typed(schema: &Value, text: String) -> Value {
    let wants =
        |kind: &str| schema["type"] == kind || schema["type"].as_array().is_some_and(|t| t.contains(&json!(kind)));
    let parsed = match () {
        () if wants("integer") => text.parse::<i64>().ok().map(Value::from),
        () if wants("number") => text.parse::<f64>().ok().map(Value::from),
        () if wants("boolean") => text.parse::<bool>().ok().map(Value::from),
        () => None,
    };
    parsed.unwrap_or(Value::String(text))
}

fn query_schema<T: IntoParams>() -> Value {
    let parameters = T::into_params(|| None);
    let mut properties = Map::new();
    let mut required = Vec::new();
    for parameter in &parameters {
        let shown = serde_json::to_value(parameter).unwrap_or_default();
        properties.insert(parameter.name.clone(), shown["schema"].clone());
        if shown["required"] == true {
            required.push(parameter.name.clone());
        }
    }
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// A JSON body, before it is decoded.
pub struct Json {
    /// What was sent.
    pub value: Value,
    /// SHA-256 of its bytes, for `Idempotency-Key`.
    pub hash: Vec<u8>,
}

impl Json {
    /// Decodes the body as a `T`.
    ///
    /// # Errors
    /// 422 with every wrong field.
    pub fn decode<T: ToSchema + DeserializeOwned + 'static>(&self) -> Result<T> {
        decode(self.value.clone())
    }
}

impl FromRequest for Json {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let app = request.app_data::<web::Data<App>>().ok_or_else(|| Error::internal("no app"))?;
            // An action without input may come without a body.
            let empty = request.headers().get(header::CONTENT_LENGTH).is_none_or(|length| length == "0")
                && !request.headers().contains_key(header::TRANSFER_ENCODING);
            if empty && request.method() == Method::PATCH {
                return Err(Error::new(
                    Code::MalformedRequest,
                    "A PATCH needs a body: a JSON object with the fields to change.",
                ));
            }
            if empty {
                return Ok(Json { value: json!({}), hash: Sha256::digest([]).to_vec() });
            }
            expect_type(&request, &["application/json", "application/merge-patch+json"])?;
            let bytes = compressed_body(app, &request, payload).await?;
            let value = parse(&bytes)?;
            Ok(Json { value, hash: Sha256::digest(&bytes).to_vec() })
        })
    }
}

/// The fields of a form.
///
/// # Errors
/// 400, 408, 413, 415.
pub async fn read_form(request: &HttpRequest, payload: Payload, limit: usize) -> Result<Vec<(String, String)>> {
    let app = request.app_data::<web::Data<App>>().ok_or_else(|| Error::internal("no app"))?;
    expect_type(request, &["application/x-www-form-urlencoded"])?;
    let bytes = read_body(app, request, decompressed(request, payload)?, limit).await?;
    serde_urlencoded::from_bytes(&bytes).map_err(|_| Code::MalformedRequest.into())
}

/// Refuses a body of another type than these.
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

/// The body with its `Content-Encoding` undone.
///
/// # Errors
/// 415 for an encoding we don't read.
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

/// Reads a whole body with its `Content-Encoding` undone.
///
/// # Errors
/// 408, 413 beyond the limit of the settings, 415 for an encoding we don't read.
pub async fn compressed_body(app: &App, request: &HttpRequest, payload: Payload) -> Result<Bytes> {
    read_body(app, request, decompressed(request, payload)?, app.config.body_limit).await
}

/// Reads a whole body byte by byte as it was sent: what a signature is made over.
///
/// # Errors
/// 408, 413 beyond the limit of the settings, 415 where it is compressed.
pub async fn raw_body(app: &App, request: &HttpRequest, payload: Payload) -> Result<Bytes> {
    if request.headers().get(header::CONTENT_ENCODING).is_some_and(|v| !v.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(Error::new(Code::UnsupportedMediaType, "A signed body can't be compressed."));
    }
    read_body(app, request, payload, app.config.body_limit).await
}

/// Reads a whole body of at most `limit` bytes in the time of the settings, counting what comes out of decompression.
async fn read_body<E>(
    app: &App,
    request: &HttpRequest,
    body: impl Stream<Item = std::result::Result<Bytes, E>> + Unpin,
    limit: usize,
) -> Result<Bytes> {
    let patience = Duration::from_secs(app.config.body_timeout);
    tokio::time::timeout(patience, collect_body(request, body, limit)).await.map_err(|_| {
        Error::new(Code::RequestTimeout, format!("A body must arrive within {} seconds.", patience.as_secs()))
    })?
}

async fn collect_body<E>(
    request: &HttpRequest,
    mut body: impl Stream<Item = std::result::Result<Bytes, E>> + Unpin,
    limit: usize,
) -> Result<Bytes> {
    let too_large = || Error::new(Code::TooLarge, format!("A body may have at most {limit} bytes, uncompressed."));
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let mut bytes = BytesMut::new();
    while let Some(chunk) = body.next().await {
        let chunk =
            chunk.map_err(|_| Error::new(Code::MalformedRequest, "The body broke off or can't be decompressed."))?;
        if bytes.len() + chunk.len() > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// Reads JSON.
///
/// # Errors
/// 400.
pub fn parse(bytes: &[u8]) -> Result<Value> {
    serde_json::from_slice(bytes).map_err(malformed)
}

fn malformed(error: serde_json::Error) -> Error {
    let at = format!("line {}, column {}", error.line(), error.column());
    Error::new(
        Code::MalformedRequest,
        format!("The body is not valid JSON (at {at}). {}", Code::MalformedRequest.advice()),
    )
}
