//! `/v1/imports`: uploading files of feedback and following their progress.

use actix_web::http::header;
use actix_web::web::{Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, OpenApi};

use super::import_spool::{no_room, spool, too_large, waiting};
use crate::app::App;
use crate::domain::base::{Actor, Id, Page, Paging};
use crate::domain::feedback::{
    Import, ImportError, ImportErrorQuery, ImportJob, ImportOptions, ImportQuery, ImportWarning, Source,
};
use crate::domain::team::Caller;
use crate::error::{Code, Error, FieldError, Result};
use crate::http::base::body::{decompressed, expect_type};
use crate::http::base::extract::{By, Path, Query};
use crate::http::base::reply::{Answer, AppData, InFlight, Reply, idempotency_key, json as answer, once, page, paging};
use crate::http::{Part, at};
use crate::outside::import::{Charset, DateOrder, DecimalMark, Format, Preset};
use crate::store::feedback::{importing::import_notes, imports};
use crate::store::{Conn, Tx};
use crate::usecase::feedback::import_options;

const TYPES: [&str; 10] = [
    "text/csv",
    "application/x-ndjson",
    "application/json",
    "application/octet-stream",
    "text/plain",
    "text/tab-separated-values",
    "application/ndjson",
    "application/jsonl",
    "application/gzip",
    "application/x-gzip",
];

/// How to read the file.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportUpload {
    /// Format of the file; detected from its content if absent.
    #[param(schema_with = formats)]
    pub format: Option<String>,
    /// The system that exported the file; detected from its content if absent.
    #[param(schema_with = presets)]
    pub preset: Option<String>,
    /// JSON object from our field to the file's column, with dots for nested names; `null` if no column is that field,
    /// whatever the columns are called. The description of the operation lists the fields.
    #[param(max_length = 10_000, example = "{\"text\": \"Body\", \"customer.email\": \"Requester email\"}")]
    pub mapping: Option<String>,
    /// Check and count the rows without filing anything.
    pub dry_run: Option<bool>,
    /// Key or id of the product of rows that do not name one; the default product if absent.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// Source of rows that do not name one.
    #[param(inline)]
    pub source: Option<Source>,
    /// Origin of rows that do not name one; the preset's name if absent. Ids are unique within an origin: a file whose
    /// ids already belong to other feedback is refused until it has its own origin.
    #[param(max_length = 100)]
    pub origin: Option<String>,
    /// The encoding, such as `utf-8`, `cp949`, `windows-1252` or `shift_jis`; detected from all bytes of the file if
    /// absent.
    #[param(max_length = 40)]
    pub encoding: Option<String>,
    /// The order of day, month and year in numeric dates; detected for each column if absent. A column whose dates
    /// could be read in two ways is refused.
    #[param(schema_with = date_orders)]
    pub date_order: Option<String>,
    /// The time zone of times without one, such as `+09:00` or `Europe/Berlin`; UTC if absent.
    #[param(max_length = 40)]
    pub time_zone: Option<String>,
    /// The decimal separator of amounts; detected for each column if absent.
    #[param(schema_with = decimal_marks)]
    pub decimal_mark: Option<String>,
    /// The highest possible rating, such as 10; detected for each column if absent.
    #[param(minimum = 2, maximum = 1000)]
    pub rating_scale: Option<u32>,
    /// The currency of amounts that do not name one (ISO 4217); the product's if absent.
    #[param(min_length = 3, max_length = 3)]
    pub currency: Option<String>,
}

fn date_orders() -> Schema {
    one_of(DateOrder::NAMES)
}

fn decimal_marks() -> Schema {
    one_of(DecimalMark::NAMES)
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

/// The options of the query; all wrong ones are reported together.
async fn options(app: &App, query: Result<Query<ImportUpload>>, raw: &str) -> Result<ImportOptions> {
    // If the query is invalid, `mapping` is still checked on its own, because the schema can't describe it: the answer
    // names every error.
    #[derive(Default, Deserialize)]
    struct Loose {
        mapping: Option<String>,
        product: Option<String>,
        encoding: Option<String>,
        time_zone: Option<String>,
        currency: Option<String>,
    }
    let (upload, mut errors) = match query {
        Ok(Query(upload)) => (upload, Vec::new()),
        Err(e) => {
            let loose: Loose = serde_urlencoded::from_str(raw).unwrap_or_default();
            let Loose { mapping, product, encoding, time_zone, currency } = loose;
            (ImportUpload { mapping, product, encoding, time_zone, currency, ..ImportUpload::default() }, e.fields)
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
        encoding: upload.encoding,
        date_order: upload.date_order,
        time_zone: upload.time_zone,
        decimal_mark: upload.decimal_mark,
        rating_scale: upload.rating_scale,
        currency: upload.currency,
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

/// The value; on an error, its wrong fields are added to the others.
fn collect<T>(result: Result<T>, errors: &mut Vec<FieldError>) -> Option<T> {
    result.map_err(|e| errors.extend(e.fields)).ok()
}

/// Import a file
///
/// Accepts CSV, NDJSON or JSON, also compressed with gzip. The file is stored before the answer and read afterwards.
/// Valid rows are filed even if others are invalid, and importing the same file again creates nothing new. `GET
/// /v1/imports/{id}` shows the progress and how the file was read (`reading`): its encoding, the order of its dates and
/// the scale of its ratings are decided from the whole file. A value that can't be read is left out of its row and
/// reported (`GET /v1/imports/{id}/warnings`). A row is rejected only if it has no readable text, or names an unknown
/// product.
///
/// Fields that columns can be mapped to: `text` (the customer's words), `title` (used if a row has no text), `source`,
/// `origin`, `external_id` (the same id means the same feedback), `url`, `occurred_at`, `rating` (any scale), `nps`,
/// `votes`, `severity`, `sentiment`, `kind`, `language`, `tags`, `product`, `customer.external_id`, `customer.email`,
/// `customer.name`, `customer.account.name`, `customer.account.segment`, `customer.account.annual_value` (`1,200.50
/// EUR`), `customer.account.annual_value.currency` (if it has its own column) and `fields.<name>` (any other value).
#[utoipa::path(post, path = "/v1/imports", tag = "imports", params(ImportUpload),
    request_body(content(
        (String = "text/csv", example = "text,customer.email\nThe refund still hasn't arrived.,minji@example.com\n"),
        (String = "application/x-ndjson"), (String = "application/json"), (String = "application/octet-stream"),
        (String = "text/plain"),
    )),
    responses((status = 202, body = Import, description = "Stored; it is read when the imports before it are done",
        headers(("Location" = String)))))]
pub async fn create_import(
    app: AppData,
    request: HttpRequest,
    By(caller): By,
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
    let job = ImportJob { charset: charset(&request)?, ..ImportJob::of(&caller, options) };
    let (actor, most) = (caller.actor(), app.config.import_waiting_limit);
    if waiting(&app).await? + announced.unwrap_or(0) > most {
        return Err(no_room(most));
    }
    app.store.write(actor.clone(), move |tx| imports::begin(tx, id, &job, 0, None)).await?;
    let file = decompressed(&request, body.into_inner())?;
    let hash = Sha256::new().chain_update(request.query_string()).chain_update([0]);
    let stored = match spool(&app, &caller, id, hash, file).await {
        Ok(hash) => {
            let mut queue = move |tx: &mut Tx| {
                let queued = crate::usecase::feedback::imports::queue(tx, id)?;
                Ok(Reply::new(202, &queued).at(format!("/v1/imports/{id}")))
            };
            let queue = move |tx: &mut Tx| match &key {
                Some(key) => once(tx, key, &hash, &mut queue),
                None => queue(tx),
            };
            app.store.write(actor.clone(), queue).await
        }
        Err(e) => Err(e),
    };
    // An upload that did not become this import (an error, or a repeated request) is removed soon.
    if stored.as_ref().map_or(true, Reply::is_replayed) {
        let _ = app.store.write(actor, move |tx| imports::abandon(tx, id)).await;
    }
    stored.map(HttpResponse::from)
}

/// The encoding that the `Content-Type` names.
fn charset(request: &HttpRequest) -> Result<Option<String>> {
    let header = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let parameter = |part: &str| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_owned())
    };
    let Some(name) = header.split(';').skip(1).find_map(parameter) else { return Ok(None) };
    match name.parse::<Charset>() {
        Ok(_) => Ok(Some(name)),
        Err(()) => Err(Error::new(Code::UnsupportedMediaType, "The charset in the Content-Type is unknown.")),
    }
}

/// List imports, newest first
#[utoipa::path(get, path = "/v1/imports", tag = "imports", params(ImportQuery),
    responses((status = 200, body = Page<Import>)))]
pub async fn list_imports(app: AppData, request: HttpRequest, query: Query<ImportQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| imports::list(conn, &query.0, &paging)).await?;
    Ok(page(&request, &found))
}

/// The token or member whose imports a caller may read; `None` if the caller may read all.
fn readable_by(caller: &Caller) -> Option<Actor> {
    (!caller.access.may("list_imports")).then(|| caller.actor())
}

/// Read an import and its progress
///
/// A role that may not list imports can read only those of the same token, or of the same member.
#[utoipa::path(get, path = "/v1/imports/{id}", tag = "imports", params(("id" = Id, Path)),
    responses((status = 200, body = Import)))]
pub async fn get_import(app: AppData, By(caller): By, path: Path) -> Answer {
    let owner = readable_by(&caller);
    let found = app.store.read(move |conn| imports::get_of(conn, path.0, owner.as_ref())).await?;
    Ok(answer(&found))
}

/// List the rejected rows of an import, in the order of the file: the first 1,000
///
/// A role that may not list imports can read only those of the same token, or of the same member.
#[utoipa::path(get, path = "/v1/imports/{id}/errors", tag = "imports", params(("id" = Id, Path), ImportErrorQuery),
    responses((status = 200, body = Page<ImportError>)))]
pub async fn list_import_errors(
    app: AppData,
    request: HttpRequest,
    By(caller): By,
    path: Path,
    query: Query<ImportErrorQuery>,
) -> Answer {
    notes(&app, &request, &caller, (path.0, query.0), import_notes::errors).await
}

/// List the warnings of an import: values that were left out, and notes about the file; the first 1,000
///
/// A role that may not list imports can read only those of the same token, or of the same member.
#[utoipa::path(get, path = "/v1/imports/{id}/warnings", tag = "imports", params(("id" = Id, Path), ImportErrorQuery),
    responses((status = 200, body = Page<ImportWarning>)))]
pub async fn list_import_warnings(
    app: AppData,
    request: HttpRequest,
    By(caller): By,
    path: Path,
    query: Query<ImportErrorQuery>,
) -> Answer {
    notes(&app, &request, &caller, (path.0, query.0), import_notes::warnings).await
}

/// A page of errors or warnings of an import that the caller may read.
async fn notes<T: Serialize + Send + 'static>(
    app: &AppData,
    request: &HttpRequest,
    caller: &Caller,
    (import, query): (Id, ImportErrorQuery),
    read: fn(&mut Conn, Id, &Paging) -> Result<Page<T>>,
) -> Answer {
    let (paging, owner) = (paging(request, &query)?, readable_by(caller));
    let of_reader = move |conn: &mut Conn| {
        imports::get_of(conn, import, owner.as_ref())?;
        read(conn, import, &paging)
    };
    Ok(page(request, &app.store.read(of_reader).await?))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(create_import, list_imports, get_import, list_import_errors, list_import_warnings))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/imports").get(list_imports).post(create_import))
        .service(at("/v1/imports/{id}").get(get_import))
        .service(at("/v1/imports/{id}/errors").get(list_import_errors))
        .service(at("/v1/imports/{id}/warnings").get(list_import_warnings));
}
