//! `/v1/data-map`: what each column holds, and the record of processing.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use crate::app::App;
use crate::domain::base::language::Language;
use crate::domain::base::{Id, Page};
use crate::domain::privacy::records::data_map::{DataMap, DataMapQuery, OutsideSystem, markdown};
use crate::domain::privacy::records::data_party::{DataParty, DataPartyEdit, NewDataParty, PartyQuery};
use crate::domain::words::console::Words;
use crate::error::Result;
use crate::http::base::extract::{Path, Query};
use crate::http::base::memory::answer_body;
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging, resource};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::privacy::records::data_parties as stored;
use crate::usecase::privacy::records::mapping::{self, KeptDays};
use crate::usecase::privacy::records::parties;

/// Read the data map
///
/// What each column of each table holds - data of a person, of a business, words, secrets or nothing personal -, why it is
/// handled, on which basis, for how long, and what erasing a person does to it. It is made from the declarations by which
/// the program exports and erases, so it can't differ from what the program does. With it come the parties of the record of
/// processing, and the systems outside that the settings name.
#[utoipa::path(get, path = "/v1/data-map", tag = "privacy", responses((status = 200, body = DataMap)))]
pub async fn get_data_map(app: AppData) -> Answer {
    Ok(json(&read(&app).await?))
}

/// Read the record of processing as Markdown
///
/// As the GDPR (article 30) asks for: parties, purposes with their basis, categories of persons and data, transfers, time
/// limits and measures; in English or Korean.
#[utoipa::path(get, path = "/v1/data-map.md", tag = "privacy", params(DataMapQuery),
    responses((status = 200, body = String, content_type = "text/markdown")))]
pub async fn get_data_map_markdown(app: AppData, query: Query<DataMapQuery>) -> Answer {
    let language = if query.0.language.as_deref() == Some("ko") { Language::Korean } else { Language::English };
    let text = markdown(&read(&app).await?, &Words(language));
    Ok(HttpResponse::Ok().content_type("text/markdown; charset=utf-8").body(answer_body(text)))
}

/// The data map of this instance.
///
/// # Errors
/// Those of the database.
pub(in crate::http) async fn read(app: &App) -> Result<DataMap> {
    let config = &app.config;
    let days = KeptDays { audit: config.audit_days, access: config.privacy.access_days, ledger: config.ledger_days };
    let (systems, now) = (systems(app), app.store.clock.now());
    app.store.read(move |conn| mapping::of(conn, days, systems, now)).await
}

/// The systems outside that the settings name.
fn systems(app: &App) -> Vec<OutsideSystem> {
    let config = &app.config;
    let all = [
        ("mail_server", config.smtp_url.as_deref(), false),
        ("embedder", config.embeddings_url.as_deref(), true),
        ("language_model", config.llm_url.as_deref(), true),
        ("github", config.github_token.as_ref().map(|_| config.github_api.as_str()), false),
        ("gitlab", config.gitlab_token.as_ref().map(|_| config.gitlab_api.as_str()), false),
        ("prometheus", config.prometheus_url.as_deref(), false),
        ("identity_provider", config.sign_in.oidc_issuer.as_deref(), false),
    ];
    let system = |(name, url, redacted): (&str, Option<&str>, bool)| {
        let url = url.filter(|url| !url.is_empty())?;
        Some(OutsideSystem { name: name.to_owned(), host: host(url), redacted })
    };
    all.into_iter().filter_map(system).collect()
}

/// The host of an address, without user, path and query, which may hold secrets.
fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default().to_owned()
}

/// List the parties of the record of processing
///
/// The controller, its representative and protection officer, processors and other recipients, with transfers to other
/// countries.
#[utoipa::path(get, path = "/v1/data-map/processors", tag = "privacy", params(PartyQuery),
    responses((status = 200, body = Page<DataParty>)))]
pub async fn list_data_parties(app: AppData, request: HttpRequest, query: Query<PartyQuery>) -> Answer {
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| stored::list(conn, &paging)).await?;
    Ok(page(&request, &found))
}

/// Add a party to the record of processing
#[utoipa::path(post, path = "/v1/data-map/processors", tag = "privacy", request_body = NewDataParty,
    responses((status = 201, body = DataParty, description = "Added", headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_data_party(app: AppData, write: Write) -> Answer {
    let create = |tx: &mut Tx<'_>, input: &NewDataParty| {
        let party = parties::create(tx, input)?;
        Ok(Reply::created(format!("/v1/data-map/processors/{}", party.id), &party))
    };
    write.run(&app, create).await
}

/// Read a party of the record of processing
#[utoipa::path(get, path = "/v1/data-map/processors/{id}", tag = "privacy", params(("id" = Id, Path)),
    responses((status = 200, body = DataParty, headers(("ETag" = String)))))]
pub async fn get_data_party(app: AppData, path: Path) -> Answer {
    Ok(resource(&app.store.read(move |conn| stored::get(conn, path.0)).await?))
}

/// Change a party of the record of processing
#[utoipa::path(patch, path = "/v1/data-map/processors/{id}", tag = "privacy", params(("id" = Id, Path)),
    request_body(content = DataPartyEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = DataParty, headers(("ETag" = String)))))]
pub async fn edit_data_party(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    write.run_raw(&app, move |tx| Ok(Reply::ok(&parties::edit(tx, path.0, if_match, &patch)?))).await
}

/// Remove a party from the record of processing
#[utoipa::path(delete, path = "/v1/data-map/processors/{id}", tag = "privacy", params(("id" = Id, Path)),
    responses((status = 204, description = "Removed")))]
pub async fn delete_data_party(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    app.store.write(write.caller.actor(), move |tx| parties::delete(tx, path.0, if_match)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    get_data_map,
    get_data_map_markdown,
    list_data_parties,
    create_data_party,
    get_data_party,
    edit_data_party,
    delete_data_party
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/data-map").get(get_data_map))
        .service(at("/v1/data-map.md").get(get_data_map_markdown))
        .service(at("/v1/data-map/processors").get(list_data_parties).post(create_data_party))
        .service(
            at("/v1/data-map/processors/{id}").get(get_data_party).patch(edit_data_party).delete(delete_data_party),
        );
}
