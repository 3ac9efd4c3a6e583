//! `/v1/breaches`: personal data breaches, their clocks, notices and letters.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::privacy::breach::{
    Breach, BreachEdit, BreachEntry, BreachLetter, BreachLetterQuery, BreachQuery, IncidentBreach, NewBreach,
    NewBreachEntry, NewBreachNotice,
};
use crate::error::Result;
use crate::http::api::operations::incident_path::IncidentPath;
use crate::http::api::stories::resource::PartQuery;
use crate::http::base::extract::{Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, json, page, paging, resource};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::privacy::breaches as stored;
use crate::usecase::privacy::breaches;

/// List breaches, newest first
#[utoipa::path(get, path = "/v1/breaches", tag = "privacy", params(BreachQuery),
    responses((status = 200, body = Page<Breach>)))]
pub async fn list_breaches(app: AppData, request: HttpRequest, query: Query<BreachQuery>) -> Answer {
    let (paging, query, now) = (paging(&request, &query.0)?, query.0, app.store.clock.now());
    let found = app.store.read(move |conn| stored::list(conn, &query, &paging, now)).await?;
    Ok(page(&request, &found))
}

/// Open a breach
///
/// With `incident_id`, title and product are taken from the incident. `duties` says who must be told by when: in Korea
/// persons within 72 hours of knowing, and without delay where it is only possible, the authority within 72 hours from
/// 1,000 persons (or while their number is unknown), for sensitive or identification data, or where somebody got in from
/// outside; in Europe the authority within 72 hours, persons where the risk is high.
#[utoipa::path(post, path = "/v1/breaches", tag = "privacy", request_body = NewBreach, responses(
    (status = 201, body = Breach, description = "Opened", headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_breach(app: AppData, write: Write) -> Answer {
    let create = |tx: &mut Tx<'_>, input: &NewBreach| {
        let breach = breaches::create(tx, input)?;
        Ok(Reply::created(format!("/v1/breaches/{}", breach.id), &breach))
    };
    write.run(&app, create).await
}

/// Open the breach of an incident
///
/// In one act: the body may be empty. The clocks start now, unless it says when the breach was known or possible. If the
/// incident has a breach, that one is answered with 200.
#[utoipa::path(post, path = "/v1/incidents/{id}/breach", tag = "privacy", params(("id" = String, Path, description = "Id or number of the incident", example = "HB-INC-1")),
    request_body = IncidentBreach, responses(
    (status = 200, body = Breach, description = "It was there already", headers(("ETag" = String))),
    (status = 201, body = Breach, description = "Opened", headers(("Location" = String), ("ETag" = String)))))]
pub async fn open_incident_breach(app: AppData, path: IncidentPath, write: Write) -> Answer {
    let open = move |tx: &mut Tx<'_>, input: &IncidentBreach| {
        let (breach, is_new) = breaches::of_incident(tx, path.0, input)?;
        let address = format!("/v1/breaches/{}", breach.id);
        Ok(if is_new { Reply::created(address, &breach) } else { Reply::ok(&breach) })
    };
    write.run(&app, open).await
}

/// Read a breach
#[utoipa::path(get, path = "/v1/breaches/{id}", tag = "privacy", params(("id" = Id, Path)),
    responses((status = 200, body = Breach, headers(("ETag" = String)))))]
pub async fn get_breach(app: AppData, path: Path) -> Answer {
    let now = app.store.clock.now();
    Ok(resource(&app.store.read(move |conn| stored::get(conn, path.0, now)).await?))
}

/// Change what is known of a breach
///
/// Facts may come by and by; the duties follow from what is known.
#[utoipa::path(patch, path = "/v1/breaches/{id}", tag = "privacy", params(("id" = Id, Path)),
    request_body(content = BreachEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Breach, headers(("ETag" = String)))))]
pub async fn edit_breach(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, patch) = (write.if_match, write.body.value.clone());
    write.run_raw(&app, move |tx| Ok(Reply::ok(&breaches::edit(tx, path.0, if_match, &patch)?))).await
}

/// Read a letter about a breach
///
/// In English or Korean, for the persons or the authority, made of what is known now; the Korean one to persons names the
/// remedies (damages and mediation). `missing` lists what the law asks for and is not filled in. Hearback does not send
/// it: send it, then record the notice.
#[utoipa::path(get, path = "/v1/breaches/{id}/letter", tag = "privacy", params(("id" = Id, Path), BreachLetterQuery),
    responses((status = 200, body = BreachLetter)))]
pub async fn get_breach_letter(app: AppData, path: Path, query: Query<BreachLetterQuery>) -> Answer {
    let now = app.store.clock.now();
    Ok(json(&app.store.read(move |conn| breaches::read_letter(conn, path.0, &query.0, now)).await?))
}

/// Record a notice that was sent
///
/// To the authority or to persons, in phases where needed: `is_final: false` says that more follows. The first notice to
/// an authority with a `reference` sets `authority_number`.
#[utoipa::path(post, path = "/v1/breaches/{id}/notices", tag = "privacy", params(("id" = Id, Path)),
    request_body = NewBreachNotice, responses((status = 200, body = Breach, headers(("ETag" = String)))))]
pub async fn notify_breach(app: AppData, path: Path, write: Write) -> Answer {
    let if_match = write.if_match;
    let notify =
        move |tx: &mut Tx<'_>, input: &NewBreachNotice| Ok(Reply::ok(&breaches::notify(tx, path.0, if_match, input)?));
    write.run(&app, notify).await
}

/// List the timeline of a breach, newest entry first
#[utoipa::path(get, path = "/v1/breaches/{id}/timeline", tag = "privacy", params(("id" = Id, Path), PartQuery),
    responses((status = 200, body = Page<BreachEntry>)))]
pub async fn list_breach_timeline(app: AppData, request: HttpRequest, path: Path, query: Query<PartQuery>) -> Answer {
    let (paging, now) = (paging(&request, &query.0)?, app.store.clock.now());
    let read = move |conn: &mut _| {
        stored::get(conn, path.0, now)?;
        stored::timeline(conn, path.0, &paging)
    };
    Ok(page(&request, &app.store.read(read).await?))
}

/// Write a note into the timeline of a breach
#[utoipa::path(post, path = "/v1/breaches/{id}/timeline", tag = "privacy", params(("id" = Id, Path)),
    request_body = NewBreachEntry, responses((status = 201, body = BreachEntry, description = "Written")))]
pub async fn create_breach_entry(app: AppData, path: Path, write: Write) -> Answer {
    let note = move |tx: &mut Tx<'_>, input: &NewBreachEntry| {
        let entry = breaches::note(tx, path.0, input)?;
        Ok(Reply::new(201, &entry))
    };
    write.run(&app, note).await
}

/// Close a breach
///
/// 409 while a notice that the law asks for is open.
#[utoipa::path(post, path = "/v1/breaches/{id}/close", tag = "privacy", params(("id" = Id, Path)),
    responses((status = 200, body = Breach, headers(("ETag" = String)))))]
pub async fn close_breach(app: AppData, path: Path, write: Write) -> Answer {
    act(app, path, write, breaches::close).await
}

/// Open a closed breach again
#[utoipa::path(post, path = "/v1/breaches/{id}/reopen", tag = "privacy", params(("id" = Id, Path)),
    responses((status = 200, body = Breach, headers(("ETag" = String)))))]
pub async fn reopen_breach(app: AppData, path: Path, write: Write) -> Answer {
    act(app, path, write, breaches::reopen).await
}

type BreachAct = fn(&mut Tx<'_>, Id, Option<i32>) -> Result<Breach>;

async fn act(app: AppData, path: Path, write: Write, act: BreachAct) -> Answer {
    let if_match = write.if_match;
    write.run_raw(&app, move |tx| Ok(Reply::ok(&act(tx, path.0, if_match)?))).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    list_breaches,
    create_breach,
    open_incident_breach,
    get_breach,
    edit_breach,
    get_breach_letter,
    notify_breach,
    list_breach_timeline,
    create_breach_entry,
    close_breach,
    reopen_breach
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/breaches").get(list_breaches).post(create_breach))
        .service(at("/v1/breaches/{id}").get(get_breach).patch(edit_breach))
        .service(at("/v1/breaches/{id}/letter").get(get_breach_letter))
        .service(at("/v1/breaches/{id}/notices").post(notify_breach))
        .service(at("/v1/breaches/{id}/timeline").get(list_breach_timeline).post(create_breach_entry))
        .service(at("/v1/breaches/{id}/close").post(close_breach))
        .service(at("/v1/breaches/{id}/reopen").post(reopen_breach))
        .service(at("/v1/incidents/{id}/breach").post(open_incident_breach));
}
