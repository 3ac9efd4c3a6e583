//! `/v1/imports`.

use std::time::{Duration, Instant};

use actix_web::http::header;
use actix_web::web::{Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, OpenApi};

use super::at;
use super::extract::{Path, Query, decompressed, expect_type};
use super::reply::{Answer, AppData, InFlight, Reply, idempotency_key, json as answer, once, page, paging};
use crate::app::App;
use crate::connectors::{Format, Preset};
use crate::domain::{
    Caller, Id, Import, ImportError, ImportErrorQuery, ImportJob, ImportOptions, ImportQuery, Page, Role, Source,
};
use crate::error::{Code, Error, FieldError, Result};
use crate::jobs::import_options;
use crate::store::{imports, wanted};

/// The body is spooled in pieces of at least this size.
const CHUNK: usize = 256 * 1024;

/// What has arrived is spooled at least this often.
const SIGN_OF_LIFE: Duration = Duration::from_secs(60);

const TYPES: [&str; 8] = [
    "text/csv",
    "application/x-ndjson",
    "application/json",
    "application/octet-stream",
    "text/plain",
    "text/tab-separated-values",
    "application/ndjson",
    "application/jsonl",
];

/// How to read the file.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportUpload {
    /// Seen from the file where absent.
    #[param(schema_with = formats)]
    pub format: Option<String>,
    /// Whose export it is; seen from the file where absent.
    #[param(schema_with = presets)]
    pub preset: Option<String>,
    /// JSON: our field to their column, dotted where nested.
    #[param(max_length = 10_000, example = "{\"text\": \"Body\", \"customer.email\": \"Requester email\"}")]
    pub mapping: Option<String>,
    /// Check and count the rows, and file nothing.
    pub dry_run: Option<bool>,
    /// Key or id of the product of rows that name none; the default product where absent.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// Source of rows that name none.
    #[param(inline)]
    pub source: Option<Source>,
    /// Origin of rows that name none; the preset's name where absent.
    #[param(max_length = 100)]
    pub origin: Option<String>,
}

fn formats() -> Schema {
    one_of(Format::NAMES)
}

fn presets() -> Schema {
    one_of(Preset::NAMES)
}

fn one_of(names: &[&str]) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names.iter().copied())).into()
}

/// The options a caller gave, all that is wrong with them named at once.
async fn options(app: &App, query: Result<Query<ImportUpload>>, raw: &str) -> Result<ImportOptions> {
    // A wrong query still tells what else is wrong: the part that the schema can't check is read by itself.
    #[derive(Default, Deserialize)]
    struct Loose {
        mapping: Option<String>,
        product: Option<String>,
    }
    let (upload, mut errors) = match query {
        Ok(Query(upload)) => (upload, Vec::new()),
        Err(e) => {
            let loose: Loose = serde_urlencoded::from_str(raw).unwrap_or_default();
            (ImportUpload { mapping: loose.mapping, product: loose.product, ..ImportUpload::default() }, e.fields)
        }
    };
    let mapping = upload.mapping.as_deref().map(import_options::mapping_from).transpose();
    let options = ImportOptions {
        format: upload.format,
        preset: upload.preset,
        dry_run: upload.dry_run.unwrap_or_default(),
        product: upload.product,
        source: upload.source,
        origin: upload.origin,
        mapping: collect(mapping, &mut errors).flatten(),
    };
    let checked = app.store.read(move |conn| import_options::check(conn, options)).await;
    match collect(checked, &mut errors) {
        Some(options) if errors.is_empty() => Ok(options),
        _ => {
            let mut seen = std::collections::HashSet::new();
            errors.retain(|e: &FieldError| seen.insert(e.pointer.clone()));
            Err(Error::invalid(errors))
        }
    }
}

/// The value, or its wrong fields among the others.
fn collect<T>(result: Result<T>, errors: &mut Vec<FieldError>) -> Option<T> {
    result.map_err(|e| errors.extend(e.fields)).ok()
}

/// Import a file
///
/// CSV, NDJSON or JSON of any size, also compressed. It is stored before the answer and read after it: good rows go in even
/// when others are bad, and the same file again creates nothing new. `GET /v1/imports/{id}` says how far it is.
#[utoipa::path(post, path = "/v1/imports", tag = "imports", params(ImportUpload),
    request_body(content(
        (String = "text/csv", example = "text,customer.email\nThe refund still hasn't arrived.,minji@example.com\n"),
        (String = "application/x-ndjson"), (String = "application/json"), (String = "application/octet-stream"),
        (String = "text/plain"),
    )),
    responses((status = 202, body = Import, description = "Stored; it waits for its turn",
        headers(("Location" = String)))))]
pub async fn create_import(
    app: AppData,
    request: HttpRequest,
    caller: Caller,
    query: Result<Query<ImportUpload>>,
    body: Payload,
) -> Answer {
    expect_type(&request, &TYPES)?;
    let limit = app.config.import_limit;
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let options = options(&app, query, request.query_string()).await?;
    let key = idempotency_key(&request, &caller)?;
    let _running = key.as_ref().map(InFlight::start).transpose()?;

    let id = Id::next();
    let job = ImportJob { options, may_restore: caller.role == Role::Admin, by_command: false };
    let actor = caller.actor();
    app.store.write(actor.clone(), move |tx| imports::begin(tx, id, &job, 0, None)).await?;
    let stored = match spool(&app, &caller, id, &request, body).await {
        Ok(hash) => {
            let mut queue = move |tx: &mut crate::store::Tx<'_>| {
                imports::queue(tx, id)?;
                tx.event("import.created", id, None, json!({}));
                Ok(Reply::new(202, &imports::get(tx.conn, id)?).at(format!("/v1/imports/{id}")))
            };
            let queue = move |tx: &mut crate::store::Tx<'_>| match &key {
                Some(key) => once(tx, key, &hash, &mut queue),
                None => queue(tx),
            };
            app.store.write(actor.clone(), queue).await
        }
        Err(e) => Err(e),
    };
    // What is not the import of this answer is removed soon.
    if stored.as_ref().map_or(true, Reply::is_replayed) {
        let _ = app.store.write(actor, move |tx| imports::abandon(tx, id)).await;
    }
    stored.map(HttpResponse::from)
}

/// Stores the body piece by piece, and answers the hash of the request: its query and its body.
async fn spool(app: &AppData, caller: &Caller, id: Id, request: &HttpRequest, body: Payload) -> Result<Vec<u8>> {
    let limit = app.config.import_limit;
    let idle = Duration::from_secs(app.config.import_idle_timeout);
    let mut body = decompressed(request, body.into_inner())?;
    let mut hash = Sha256::new().chain_update(request.query_string()).chain_update([0]);
    let (mut piece, mut number, mut total) = (Vec::with_capacity(CHUNK), 0, 0);
    let mut stored = Instant::now();
    loop {
        let next = tokio::time::timeout(idle, body.next()).await.map_err(|_| {
            Error::new(Code::RequestTimeout, format!("An import may pause for {} seconds at most.", idle.as_secs()))
        })?;
        let Some(bytes) = next else { break };
        let bytes =
            bytes.map_err(|_| Error::new(Code::MalformedRequest, "The body broke off or can't be decompressed."))?;
        total += bytes.len() as u64;
        if total > limit {
            return Err(too_large(limit));
        }
        hash.update(&bytes);
        piece.extend_from_slice(&bytes);
        // A slow upload shows now and then that it is alive.
        if piece.len() >= CHUNK || stored.elapsed() > SIGN_OF_LIFE {
            stored = Instant::now();
            store(app, caller, id, number, std::mem::take(&mut piece)).await?;
            number += 1;
        }
    }
    if !piece.is_empty() {
        store(app, caller, id, number, piece).await?;
    }
    Ok(hash.finalize().to_vec())
}

/// Waits for room in the queue rather than refuse: a large file must not lose against small requests.
async fn store(app: &AppData, caller: &Caller, id: Id, number: i32, bytes: Vec<u8>) -> Result<()> {
    let (store, actor) = (app.store.clone(), caller.actor());
    let write = move || store.write_now(actor, move |tx| imports::add_chunk(tx, id, number, &bytes));
    wanted::answer(wanted::PATIENCE, async { actix_web::web::block(write).await.map_err(Error::internal)? }).await
}

fn too_large(limit: u64) -> Error {
    Error::new(Code::TooLarge, format!("An import may have at most {limit} bytes, uncompressed."))
}

/// List imports, newest first
#[utoipa::path(get, path = "/v1/imports", tag = "imports", params(ImportQuery),
    responses((status = 200, body = Page<Import>)))]
pub async fn list_imports(app: AppData, request: HttpRequest, query: Query<ImportQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| imports::list(conn, &query.0, &paging)).await?;
    Ok(page(&request, &found))
}

/// Read an import: how far it is
#[utoipa::path(get, path = "/v1/imports/{id}", tag = "imports", params(("id" = Id, Path)),
    responses((status = 200, body = Import)))]
pub async fn get_import(app: AppData, path: Path) -> Answer {
    let found = app.store.read(move |conn| imports::get(conn, path.0)).await?;
    Ok(answer(&found))
}

/// List the rows an import did not take, in the order of the file
#[utoipa::path(get, path = "/v1/imports/{id}/errors", tag = "imports", params(("id" = Id, Path), ImportErrorQuery),
    responses((status = 200, body = Page<ImportError>)))]
pub async fn list_import_errors(
    app: AppData,
    request: HttpRequest,
    path: Path,
    query: Query<ImportErrorQuery>,
) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| imports::errors(conn, path.0, &paging)).await?;
    Ok(page(&request, &found))
}

/// The operations of this file.
#[derive(OpenApi)]
#[openapi(paths(create_import, list_imports, get_import, list_import_errors))]
pub struct Api;

/// Their addresses.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/imports").get(list_imports).post(create_import))
        .service(at("/v1/imports/{id}").get(get_import))
        .service(at("/v1/imports/{id}/errors").get(list_import_errors));
}
