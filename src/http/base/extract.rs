//! Extractors for JSON bodies, queries and paths. Each refuses invalid input with a list of all errors.

use std::any::TypeId;
use std::collections::HashMap;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::{LazyLock, RwLock};

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use jsonschema::Validator;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::OwnedSemaphorePermit;
use utoipa::{IntoParams, ToSchema};

use super::auth::reach;
use super::body::{Body, decompressed, expect_type, read_body, turn};
use super::context::Route;
use super::memory::Reservation;
use crate::app::App;
use crate::domain::base::Id;
use crate::domain::base::decode::{self, check_with, decode, validator_for};
use crate::domain::team::Caller;
use crate::error::{Code, Error, FieldError, Result};

/// Limit of JSON values in a large body. A batch of 1,000 feedback items with all fields and tags has fewer.
const MOST_VALUES: usize = 200_000;

/// Who asks.
pub struct By(pub Caller);

impl FromRequest for By {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Caller>().cloned().map(By).ok_or_else(|| Code::Unauthorized.into()))
    }
}

/// The id in the path. Text that is not an id is answered with 404.
pub struct Path(pub Id);

impl FromRequest for Path {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").and_then(|text| text.parse().ok());
        ready(id.map(Path).ok_or_else(|| Error::not_found("resource")))
    }
}

/// Another segment of the path, by name.
///
/// # Errors
/// 404 if it can't be parsed.
pub fn segment<T: std::str::FromStr>(request: &HttpRequest, name: &str) -> Result<T> {
    let text = request.match_info().get(name).filter(|text| !text.contains('\0'));
    let found = text.and_then(|text| text.parse().ok());
    found.ok_or_else(|| Error::not_found("resource"))
}

/// The query, validated against the parameters of its type in the OpenAPI description.
pub struct Query<T>(pub T);

impl<T: IntoParams + DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let member = request.extensions().get::<Caller>().and_then(|caller| caller.member_id);
        ready(read_query(request.query_string(), member).map(Query))
    }
}

/// Reads a query string, validated against the parameters of its type.
///
/// # Errors
/// 422 with every wrong parameter.
pub fn read_query<T: IntoParams + DeserializeOwned + 'static>(query: &str, member: Option<Id>) -> Result<T> {
    static SCHEMAS: LazyLock<RwLock<HashMap<TypeId, &'static (Value, Validator)>>> = LazyLock::new(Default::default);
    let key = TypeId::of::<T>();
    let known = SCHEMAS.read().ok().and_then(|map| map.get(&key).copied());
    let (schema, validator) = known.unwrap_or_else(|| {
        let schema = query_schema::<T>();
        // Leaked on purpose: there is one schema for each query type, and it lives as long as the process.
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
        if let (Some(Value::Array(had)), Value::Array(more)) = (fields.get_mut(&name), &value) {
            had.extend(more.iter().cloned());
        } else if fields.insert(name.clone(), value).is_some() {
            repeated.push(FieldError::new(format!("/{name}"), "repeated", "must be given once"));
        }
    }
    let mut value = Value::Object(fields);
    name_me(&mut value, member)?;
    let mut errors = check_with(validator, &value);
    // A value of a list is named by its parameter: a query string has no JSON to point into.
    for error in &mut errors {
        if let Some(at) = error.pointer.char_indices().skip(1).find(|(_, c)| *c == '/').map(|(at, _)| at) {
            error.pointer.truncate(at);
        }
    }
    errors.extend(repeated);
    if !errors.is_empty() {
        return Err(Error::invalid(errors));
    }
    serde_json::from_value(value).map_err(|_| Error::field("", "invalid", "the query can't be read"))
}

/// Fields and parameters that name a member; `me` in them means the member of the token. `submitted_by` is not in this
/// list, because it can name a service too.
const MEMBERS: [&str; 8] =
    ["owner", "owner_id", "assignee", "assignee_id", "member", "member_id", "mentions", "deciders"];

/// Replaces `me` by the id of the caller's member in every field that names a member.
///
/// # Errors
/// 422 if the token belongs to no member.
pub fn name_me(input: &mut Value, member: Option<Id>) -> Result<()> {
    let Some(fields) = input.as_object_mut() else { return Ok(()) };
    let mut wrong = Vec::new();
    for name in MEMBERS {
        let values = match fields.get_mut(name) {
            Some(Value::Array(values)) => values.iter_mut().collect(),
            Some(value) => vec![value],
            None => Vec::new(),
        };
        let names_me = |value: &Value| value.as_str().is_some_and(|text| text.split(',').any(|part| part == "me"));
        for value in values.into_iter().filter(|value| names_me(value)) {
            match member {
                Some(member) => {
                    let member = member.to_string();
                    let parts = value.as_str().unwrap_or_default().split(',');
                    let parts: Vec<&str> =
                        parts.map(|part| if part == "me" { member.as_str() } else { part }).collect();
                    *value = json!(parts.join(","));
                }
                None => wrong.push(FieldError::new(
                    format!("/{name}"),
                    "not_a_member",
                    "`me` needs a token that belongs to a member",
                )),
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}

/// Whether every `%` begins an escape, and the escapes are UTF-8. A lenient parser would search for something else than
/// the client meant, without an error.
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

/// Converts a query's text to the type in its schema. If it can't be converted it stays text, and validation reports
/// it. Several values of a list are separated by commas, or given one by one.
fn typed(schema: &Value, text: String) -> Value {
    let wants =
        |kind: &str| schema["type"] == kind || schema["type"].as_array().is_some_and(|t| t.contains(&json!(kind)));
    if wants("array") {
        return text.split(',').map(|part| typed(&schema["items"], part.to_owned())).collect();
    }
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

/// A JSON body before decoding.
pub struct Json {
    /// The parsed value.
    pub value: Value,
    /// SHA-256 of the bytes, for `Idempotency-Key`.
    pub hash: Vec<u8>,
    /// The reservations of a large body; they are kept until the request is answered.
    pub large: Option<Large>,
}

/// A large request's reservation in the shared memory, and its permit to be processed.
pub struct Large {
    _bytes: Reservation,
    _turn: OwnedSemaphorePermit,
}

impl Json {
    /// Decodes the body as a `T` and takes it.
    ///
    /// # Errors
    /// 422 with every wrong field.
    pub async fn decode<T: ToSchema + DeserializeOwned + Send + 'static>(&mut self) -> Result<T> {
        let value = std::mem::take(&mut self.value);
        away_if(self.large.is_some(), move || Ok(decode(value)?)).await
    }
}

/// Runs work on the blocking thread pool if it takes long, otherwise in place.
///
/// # Errors
/// The errors of `work`.
pub async fn away_if<T: Send + 'static>(long: bool, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    if long { web::block(work).await.map_err(Error::internal)? } else { work() }
}

impl FromRequest for Json {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let app = request.app_data::<web::Data<App>>().ok_or_else(|| Error::internal("no app"))?;
            // An action without input accepts an empty body.
            let empty = request.headers().get(header::CONTENT_LENGTH).is_none_or(|length| length == "0")
                && !request.headers().contains_key(header::TRANSFER_ENCODING);
            if empty && request.method() == Method::PATCH {
                return Err(Error::new(
                    Code::MalformedRequest,
                    "A PATCH needs a body: a JSON object with the fields to change.",
                ));
            }
            if empty {
                return Ok(Json { value: json!({}), hash: Sha256::digest([]).to_vec(), large: None });
            }
            expect_type(&request, &["application/json", "application/merge-patch+json"])?;
            let (limit, most) = limits(app, &request);
            let body = read_body(app, &request, decompressed(&request, payload)?, limit).await?;
            let json = read_json(app, &request, body, most).await?;
            reach::check_body(&request, &json.value).await?;
            Ok(json)
        })
    }
}

/// The limits of bytes and JSON values for a request's body: high only for operations that accept batches.
fn limits(app: &App, request: &HttpRequest) -> (usize, usize) {
    let is_batch = request.extensions().get::<Route>().is_some_and(|route| route.0.ends_with("/batch"));
    match is_batch {
        true => (app.config.body_limit, MOST_VALUES),
        false => (app.config.resource_limit.min(app.config.body_limit), decode::MOST_VALUES),
    }
}

/// Parses JSON. A large body waits for a permit and is parsed on the blocking thread pool.
async fn read_json(app: &App, request: &HttpRequest, body: Body, most: usize) -> Result<Json> {
    let turn = turn(app, request, body.held.as_ref(), &body.bytes).await?;
    let large = body.held.zip(turn).map(|(bytes, turn)| Large { _bytes: bytes, _turn: turn });
    let bytes = body.bytes;
    let work = move || Ok((parse_at_most(&bytes, most)?, Sha256::digest(&bytes).to_vec()));
    let (value, hash) = away_if(large.is_some(), work).await?;
    Ok(Json { value, hash, large })
}

/// Reads JSON of at most [`MOST_VALUES`] values.
///
/// # Errors
/// 400, 413.
pub fn parse(bytes: &[u8]) -> Result<Value> {
    parse_at_most(bytes, MOST_VALUES)
}

/// Parses JSON of at most `most` values. A parsed value takes far more memory than its bytes, so the values are counted
/// before parsing.
fn parse_at_most(bytes: &[u8], most: usize) -> Result<Value> {
    if values_in(bytes) > most {
        return Err(Error::new(Code::TooLarge, format!("A body may contain at most {most} JSON values here.")));
    }
    serde_json::from_slice(bytes).map_err(malformed)
}

/// Estimates the number of values in a JSON text: one for each separator and each bracket outside of strings.
fn values_in(json: &[u8]) -> usize {
    let (mut count, mut in_string, mut escaped) = (1, false, false);
    for byte in json {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
        } else {
            match byte {
                b'"' => in_string = true,
                b',' | b'[' | b'{' => count += 1,
                _ => {}
            }
        }
    }
    count
}

fn malformed(error: serde_json::Error) -> Error {
    let at = format!("line {}, column {}", error.line(), error.column());
    Error::new(
        Code::MalformedRequest,
        format!("The body is not valid JSON (at {at}). {}", Code::MalformedRequest.advice()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_before_they_are_read() {
        for (json, most) in [("1", 1), ("[1,2,3]", 4), (r#"{"a":"x,[{\"y\\","b":[]}"#, 4), ("[[[[]]]]", 5)] {
            assert!(parse_at_most(json.as_bytes(), most).is_ok(), "{json}");
            assert_eq!(parse_at_most(json.as_bytes(), most - 1).map_err(|e| e.code), Err(Code::TooLarge), "{json}");
        }
    }
}
