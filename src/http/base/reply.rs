//! Answers, and the conventions of writing requests: `Idempotency-Key`, `If-Match`, `ETag`, `Location`.

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::{LazyLock, Mutex};

use actix_web::dev::Payload;
use actix_web::http::{Method, StatusCode, header};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError, web};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use super::extract::{By, Json, name_me};
use super::memory::{Memory, Reservation, SMALL, answer_body, crowded, pieces};
use crate::app::App;
use crate::domain::base::{Page, Paging};
use crate::domain::team::Caller;
use crate::error::{Code, Error, FieldError, Result};
use crate::store::Tx;
use crate::store::base::idempotency::{self, IdempotencyKey, Kept};

/// The return type of a handler.
pub type Answer = Result<HttpResponse>;

/// An answer to a write. It can be stored for repeated requests.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    location: Option<String>,
    version: Option<i64>,
    body: String,
    replayed: bool,
}

impl Reply {
    /// An answer with a status and a body.
    pub fn new<T: Serialize>(status: u16, body: &T) -> Self {
        let body = serde_json::to_string(body).unwrap_or_default();
        Self { status, location: None, version: version_in(&body), body, replayed: false }
    }

    /// 200 with a resource.
    pub fn ok<T: Serialize>(body: &T) -> Self {
        Self::new(200, body)
    }

    /// 201 with a resource and its address.
    pub fn created<T: Serialize>(location: String, body: &T) -> Self {
        Self { location: Some(location), ..Self::new(201, body) }
    }

    /// Whether this is a stored answer of an earlier request.
    pub fn is_replayed(&self) -> bool {
        self.replayed
    }

    /// Sets the address of the resource in the body.
    pub fn at(self, location: String) -> Self {
        Self { location: Some(location), ..self }
    }
}

impl From<Reply> for HttpResponse {
    fn from(reply: Reply) -> Self {
        let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
        let mut response = HttpResponse::build(status);
        if let Some(location) = reply.location {
            response.insert_header((header::LOCATION, location));
        }
        if let Some(version) = reply.version {
            response.insert_header((header::ETAG, format!("\"{version}\"")));
        }
        if reply.replayed {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        response.content_type("application/json").body(answer_body(reply.body))
    }
}

/// 200 with one resource and its `ETag`.
pub fn resource<T: Serialize>(body: &T) -> HttpResponse {
    Reply::ok(body).into()
}

/// 200 with a body that has no version.
pub fn json<T: Serialize>(body: &T) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(answer_body(serde_json::to_string(body).unwrap_or_default()))
}

/// 200 with a page of a list, and a `Link` to the next page.
pub fn page<T: Serialize>(request: &HttpRequest, page: &Page<T>) -> HttpResponse {
    written_page(request, &WrittenPage::of(page))
}

/// A serialized page of a list, shared by all requests that ask for it.
#[derive(Clone)]
pub struct WrittenPage {
    next_cursor: Option<String>,
    body: Bytes,
}

impl WrittenPage {
    /// Serializes a page.
    pub fn of<T: Serialize>(page: &Page<T>) -> Self {
        Self { next_cursor: page.next_cursor.clone(), body: serde_json::to_vec(page).unwrap_or_default().into() }
    }
}

impl WrittenPage {
    /// Serializes a page with more than its rows.
    pub fn with<T: Serialize>(next_cursor: Option<String>, body: &T) -> Self {
        Self { next_cursor, body: serde_json::to_vec(body).unwrap_or_default().into() }
    }
}

/// As [`page`], for a serialized page.
pub fn written_page(request: &HttpRequest, page: &WrittenPage) -> HttpResponse {
    let held = match hold(request, page.body.len()) {
        Ok(held) => held,
        Err(e) => return e.error_response(),
    };
    let mut response: HttpResponseBuilder = HttpResponse::Ok();
    if let Some(cursor) = &page.next_cursor {
        let others = request.query_string().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
        let query: Vec<String> = others.map(str::to_owned).chain([format!("cursor={cursor}")]).collect();
        response.insert_header((header::LINK, format!("<{}?{}>; rel=\"next\"", request.path(), query.join("&"))));
    }
    response.content_type("application/json").body(pieces(page.body.clone(), held))
}

/// Reserves memory for a large answer until it is written.
fn hold(request: &HttpRequest, bytes: usize) -> Result<Option<Reservation>> {
    let Some(memory) = request.app_data::<web::Data<Memory>>().filter(|_| bytes > SMALL) else { return Ok(None) };
    let mut held = memory.answers.open();
    if held.grow(bytes) { Ok(Some(held)) } else { Err(crowded("answers")) }
}

/// The paging of a list from its query; see [`Paging::of`].
///
/// # Errors
/// 422 for a cursor that is not of this list.
pub fn paging<Q: Serialize>(request: &HttpRequest, query: &Q) -> Result<Paging> {
    Ok(Paging::of(request.path(), query)?)
}

/// A writing request: its caller, its body, and the conventions of its headers.
pub struct Write {
    /// The caller.
    pub caller: Caller,
    /// The body; `{}` if there was none.
    pub body: Json,
    /// The version in `If-Match`.
    pub if_match: Option<i32>,
    pub(in crate::http) key: Option<IdempotencyKey>,
    is_patch: bool,
}

/// Refuses a body that is not expected, and names each of its fields.
fn refuse_body(body: &Value) -> Result<()> {
    let fields = match body {
        Value::Object(fields) => fields,
        // The handler has taken the body.
        Value::Null => return Ok(()),
        _ => return Err(Error::field("", "type", "must be an object without fields, or nothing")),
    };
    let unknown = fields.keys().map(|name| {
        let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        FieldError::new(pointer, "unknown_field", "is not a known field")
    });
    let wrong: Vec<FieldError> = unknown.take(MOST_NAMED).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid(wrong)) }
}

/// Unknown fields named in one answer at most.
const MOST_NAMED: usize = 200;

impl FromRequest for Write {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = By::from_request(request, payload);
        let body = Json::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let By(caller) = caller.await?;
            let key = idempotency_key(&request, &caller)?;
            let if_match = if_match(&request)?;
            let is_patch = request.method() == Method::PATCH;
            let mut body = body.await?;
            name_me(&mut body.value, caller.member_id)?;
            Ok(Write { caller, body, if_match, key, is_patch })
        })
    }
}

/// What an operation writes.
type WriteWork = Box<dyn FnMut(&mut Tx<'_>) -> Result<Reply> + Send>;

impl Write {
    /// Decodes the body, runs `work` in a transaction, and answers after the commit. A repeated request with the same
    /// `Idempotency-Key` gets the first answer again.
    ///
    /// # Errors
    /// 422 for an invalid body or a key used for another payload, 409 while the first request runs, and the errors of
    /// `work`.
    pub async fn run<T, F>(self, app: &App, mut work: F) -> Answer
    where
        T: ToSchema + DeserializeOwned + Send + 'static,
        F: FnMut(&mut Tx<'_>, &T) -> Result<Reply> + Send + 'static,
    {
        let mut write = self;
        let input: T = write.body.decode().await?;
        write.perform(app, Box::new(move |tx: &mut Tx<'_>| work(tx, &input))).await
    }

    /// As [`Write::run`], for a PATCH, whose `work` reads the body itself, and for operations without a body, which
    /// refuse every field.
    ///
    /// # Errors
    /// As for [`Write::run`].
    pub async fn run_raw<F>(self, app: &App, work: F) -> Answer
    where
        F: FnMut(&mut Tx<'_>) -> Result<Reply> + Send + 'static,
    {
        if !self.is_patch {
            refuse_body(&self.body.value)?;
        }
        self.perform(app, Box::new(work)).await
    }

    /// The work is boxed, so that this function and what it calls are compiled once, and not for each operation.
    async fn perform(self, app: &App, mut work: WriteWork) -> Answer {
        let actor = self.caller.actor();
        // Keep the reservation of a large request until it is answered.
        let Json { hash: payload_hash, large: _large, .. } = self.body;
        let Some(key) = self.key else {
            return app.store.write(actor, work).await.map(HttpResponse::from);
        };
        let _running = InFlight::start(&key)?;
        let keyed = move |tx: &mut Tx<'_>| once(tx, &key, &payload_hash, &mut work);
        app.store.write(actor, keyed).await.map(HttpResponse::from)
    }

    /// Turns `Idempotency-Key` off: an answer with a secret is never stored, so a repeated request is a new one.
    pub fn never_kept(self) -> Self {
        Self { key: None, ..self }
    }

    /// Whether the request has an `Idempotency-Key`. Then it can't be written in one batch with others.
    pub fn has_key(&self) -> bool {
        self.key.is_some()
    }
}

/// Runs the work of a request with a key once, and returns the stored answer to every repeat with the same payload.
///
/// # Errors
/// 422 if the key was used for another payload, 409 while the first request still runs, and the errors of `work`.
pub(in crate::http) fn once<F>(
    tx: &mut Tx<'_>,
    key: &IdempotencyKey,
    payload_hash: &[u8],
    work: &mut F,
) -> Result<Reply>
where
    F: FnMut(&mut Tx<'_>) -> Result<Reply>,
{
    if let Some(kept) = idempotency::find(tx, key)? {
        return replay(kept, payload_hash);
    }
    let reply = work(tx)?;
    let kept = Kept {
        payload_hash: payload_hash.to_vec(),
        status: reply.status,
        location: reply.location.clone(),
        body: reply.body.clone(),
    };
    idempotency::keep(tx, key, &kept)?;
    Ok(reply)
}

/// The stored answer of the first request.
///
/// # Errors
/// 422 if that had another payload, 410 if the answer contained words of a person who was erased since then.
pub(in crate::http) fn replay(kept: Kept, payload_hash: &[u8]) -> Result<Reply> {
    if kept.payload_hash != payload_hash {
        return Err(Code::IdempotencyMismatch.into());
    }
    if kept.status == Code::Gone.status() {
        let detail = "This request was done before; its answer contained words of a person who has been erased since.";
        return Err(Error::new(Code::Gone, detail));
    }
    let version = version_in(&kept.body);
    Ok(Reply { status: kept.status, location: kept.location, version, body: kept.body, replayed: true })
}

/// The version in a serialized resource, for its `ETag`. Searching the text is cheaper than building a JSON tree.
fn version_in(body: &str) -> Option<i64> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        version: Option<i64>,
    }
    serde_json::from_str::<Versioned>(body).ok()?.version
}

/// The key may be quoted (a structured header) or bare.
pub(in crate::http) fn idempotency_key(request: &HttpRequest, caller: &Caller) -> Result<Option<IdempotencyKey>> {
    let Some(value) = request.headers().get("idempotency-key") else { return Ok(None) };
    let text = printable(value, "/Idempotency-Key")?;
    let key = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
    if key.is_empty() || key.chars().count() > 255 {
        return Err(Error::field("/Idempotency-Key", "format", "must have 1 to 255 visible ASCII characters"));
    }
    let operation = format!("{} {}", request.method(), request.path());
    Ok(Some(IdempotencyKey { token: caller.token_id, operation, key: key.to_owned() }))
}

/// The text of a header: printable ASCII, trimmed.
fn printable<'a>(value: &'a header::HeaderValue, pointer: &str) -> Result<&'a str> {
    let text = value.to_str().map(str::trim).unwrap_or_default();
    if text.is_empty() || text.len() > 257 || !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(Error::field(pointer, "format", "must have 1 to 255 printable ASCII characters"));
    }
    // 257, because a key of 255 characters may be quoted.
    Ok(text)
}

fn if_match(request: &HttpRequest) -> Result<Option<i32>> {
    let Some(value) = request.headers().get(header::IF_MATCH) else { return Ok(None) };
    let text = printable(value, "/If-Match")?;
    if text == "*" {
        return Ok(None);
    }
    // A tag that is not ours matches nothing, and neither do weak tags.
    let tag = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    Ok(Some(tag.and_then(|tag| tag.parse().ok()).unwrap_or(-1)))
}

/// Keys whose first request is still running in this process.
pub(in crate::http) struct InFlight(IdempotencyKey);

static IN_FLIGHT: LazyLock<Mutex<HashSet<IdempotencyKey>>> = LazyLock::new(Default::default);

impl InFlight {
    pub(in crate::http) fn start(key: &IdempotencyKey) -> Result<Self> {
        let mut running = IN_FLIGHT.lock().unwrap_or_else(|e| e.into_inner());
        if running.insert(key.clone()) { Ok(Self(key.clone())) } else { Err(Code::IdempotencyInFlight.into()) }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        IN_FLIGHT.lock().unwrap_or_else(|e| e.into_inner()).remove(&self.0);
    }
}

/// The app, as handlers receive it.
pub type AppData = web::Data<App>;
