//! What people do with a rota: take a shift, ask for cover, answer, and change who takes turns.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use chrono::NaiveDateTime;
use chrono_tz::Tz;
use serde_json::json;

use super::candidates::{Candidate, candidates, id_of};
use super::rotas::{AskedRotas, page};
use crate::app::App;
use crate::domain::base::Id;
use crate::domain::base::decode::decode;
use crate::domain::operations::rota::{NewRotaOverride, OverrideState, Rota};
use crate::domain::operations::turns::instant;
use crate::error::{Error, Result};
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::operations::rotas as stored;
use crate::store::team::members;
use crate::usecase::operations::{overrides, rotas};

/// The rotas again with the message of the act; or with why it was refused.
async fn after(app: &App, request: &HttpRequest, visit: Visit, form: Form, acted: Result<Flash>) -> Shown {
    let want = AskedRotas::of(&form);
    match acted {
        Ok(flash) => Ok(done(request, &want.address(), flash)),
        Err(error) if Refusal::fits(&error) => page(app, request, visit, want, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

/// A time of a form: an instant, or a local time of the rota.
fn time(form: &Form, name: &str, zone: Tz) -> Result<String> {
    let text = form.trimmed(name);
    let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
    let parsed = local.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    match parsed {
        Some(local) => Ok(instant(zone, local).to_string()),
        None if text.is_empty() => Err(Error::field(format!("/{name}"), "required", "is required")),
        None => Ok(text.to_owned()),
    }
}

/// A rota, and the members whom its forms name: those who can be on duty, and those who take turns.
async fn rota_and_people(app: &App, visit: &Visit, id: Id) -> Result<(Rota, Vec<Candidate>)> {
    let read = move |conn: &mut Conn| {
        let rota = stored::get(conn, id)?;
        let mut people = candidates(conn, rota.product_id)?;
        let names = members::names_of(conn, &rota.members)?;
        people.extend(names.into_iter().map(|(id, name)| Candidate { id, name }));
        Ok((rota, people))
    };
    visit.read(app, read).await
}

fn new_override(form: &Form, zone: Tz, people: &[Candidate]) -> Result<NewRotaOverride> {
    let mut input = json!({ "starts_at": time(form, "starts_at", zone)?, "ends_at": time(form, "ends_at", zone)? });
    if let Some(name) = form.given("member_id") {
        input["member_id"] = json!(id_of(people, name, "/member_id")?);
    }
    if let Some(note) = form.given("note") {
        input["note"] = json!(note);
    }
    Ok(decode(input)?)
}

async fn take(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let (rota, people) = rota_and_people(&app, &visit, id).await?;
    let caller = visit.caller.clone();
    let acted = match new_override(&form, rota.time_zone.parse().unwrap_or(Tz::UTC), &people) {
        Ok(input) => visit.write(&app, move |tx| overrides::create(tx, id, &caller, &input)).await,
        Err(error) => Err(error),
    };
    let flash = acted.map(|made| match made.state {
        OverrideState::Accepted => Flash::ShiftTaken,
        _ => Flash::CoverAsked,
    });
    after(&app, &request, visit, form, flash).await
}

async fn decide(
    app: AppData,
    request: HttpRequest,
    visit: Visit,
    id: Id,
    body: Payload,
    to: (OverrideState, Flash),
) -> Shown {
    let (form, caller) = (Form::read(&request, body).await?, visit.caller.clone());
    let acted = visit.write(&app, move |tx| overrides::decide(tx, id, &caller, to.0)).await;
    after(&app, &request, visit, form, acted.map(|_| to.1)).await
}

async fn accept(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    decide(app, request, visit, path.0, body, (OverrideState::Accepted, Flash::ShiftTaken)).await
}

async fn decline(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    decide(app, request, visit, path.0, body, (OverrideState::Declined, Flash::CoverDeclined)).await
}

async fn withdraw(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    decide(app, request, visit, path.0, body, (OverrideState::Withdrawn, Flash::CoverWithdrawn)).await
}

/// Changes the name and the order of a rota; what the form does not show stays.
async fn edit(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let version = form.get("version").parse().ok();
    let (_, people) = rota_and_people(&app, &visit, id).await?;
    let named = form.all("member").into_iter().enumerate();
    let members: Result<Vec<String>> =
        named.map(|(place, text)| id_of(&people, text, &format!("/members/{place}"))).collect();
    let acted = match members {
        Ok(members) => {
            let (name, hand_over) = (form.trimmed("name"), form.trimmed("hand_over"));
            let patch = json!({ "name": name, "hand_over": hand_over, "members": members });
            visit.write(&app, move |tx| rotas::edit(tx, id, version, &patch)).await
        }
        Err(error) => Err(error),
    };
    after(&app, &request, visit, form, acted.map(|_| Flash::Saved)).await
}

async fn delete(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let version = form.get("version").parse().ok();
    let acted = visit.write(&app, move |tx| rotas::delete(tx, id, version)).await;
    after(&app, &request, visit, form, acted.map(|()| Flash::RotaDeleted)).await
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/rotas/{id}/overrides", &[("POST", May("create_rota_override"))]).post(take))
        .service(page_at("/console/rotas/{id}/edit", &[("POST", May("edit_rota"))]).post(edit))
        .service(page_at("/console/rotas/{id}/delete", &[("POST", May("delete_rota"))]).post(delete))
        .service(page_at("/console/overrides/{id}/accept", &[("POST", May("accept_rota_override"))]).post(accept))
        .service(page_at("/console/overrides/{id}/decline", &[("POST", May("decline_rota_override"))]).post(decline))
        .service(
            page_at("/console/overrides/{id}/withdraw", &[("POST", May("withdraw_rota_override"))]).post(withdraw),
        );
}
