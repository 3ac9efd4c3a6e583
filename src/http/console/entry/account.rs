//! `/console/account`: a member's own name, language, time zone, password and signed-in devices.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use chrono_tz::TZ_VARIANTS;
use serde_json::json;

use super::sign_in::hashing;
use crate::domain::base::Id;
use crate::domain::team::session::Session;
use crate::error::FieldError;
use crate::http::base::extract::segment;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::SignedIn;
use crate::http::console::base::agent::browser;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::team::{passwords as stored, sessions as store};
use crate::usecase::team::{invitations, members, passwords, sessions};

const HERE: &str = "/console/account";

/// A signed-in device, as the page names it.
struct Device {
    session: Session,
    name: String,
    is_this: bool,
}

#[derive(Template)]
#[template(path = "console/entry/account.html")]
struct AccountPage {
    shell: Shell,
    visit: Visit,
    name: String,
    zone: String,
    zones: Vec<&'static str>,
    devices: Vec<Device>,
    wrong: Wrong,
}

async fn page(app: &AppData, request: &HttpRequest, visit: Visit, form: Option<(Form, Wrong)>) -> Shown {
    let status = if form.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (member, now) = (visit.member.id, app.store.clock.now());
    let idle_since = now.plus(-app.config.session_lifetime().idle);
    let sessions = visit.read(app, move |conn| store::of_member(conn, member, now, idle_since)).await?;
    let this = visit.session;
    let device = |session: Session| Device { name: browser(&session.agent), is_this: session.id == this, session };
    let devices = sessions.into_iter().map(device).collect();
    let (fields, wrong) = form.unwrap_or_default();
    let shell = Shell::new(request, |t| if wrong.is_empty() { t.account() } else { t.error_in_title(t.account()) });
    let name = fields.given("name").unwrap_or(&visit.member.name).to_owned();
    let zone = visit.member.time_zone.clone().unwrap_or_default();
    let zones =
        TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|name| name.contains('/') || *name == "UTC").collect();
    show_as(status, request, &AccountPage { shell, visit, name, zone, zones, devices, wrong })
}

async fn account(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    page(&app, &request, visit, None).await
}

async fn save(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let fields = Form::read(&request, body).await?;
    let id = visit.member.id;
    let language = if fields.get("language") == "ko" { "ko" } else { "en" };
    let patch = json!({ "name": fields.trimmed("name"), "language": language, "time_zone": fields.given("time_zone"),
        "shortcuts": fields.given("shortcuts").is_some() });
    match visit.write(&app, move |tx| members::edit(tx, id, None, &patch).map(drop)).await {
        Ok(()) => Ok(done(&request, HERE, Flash::Saved)),
        Err(error) => {
            let wrong = Wrong::of(error)?;
            page(&app, &request, visit, Some((fields, wrong))).await
        }
    }
}

/// The new password signs the member out everywhere else.
async fn set_password(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let fields = Form::read(&request, body).await?;
    let member = visit.member.clone();
    let id = member.id;
    let stored = visit.read(&app, move |conn| stored::of_member(conn, id)).await?;
    let (current, new) = (fields.get("current").to_owned(), fields.get("password").to_owned());
    let mut wrong: Vec<FieldError> = passwords::wrong(&new, &member.email).into_iter().collect();
    if new != fields.get("repeated") {
        wrong.push(FieldError::new("/repeated", "different", "is not the same password"));
    }
    // Somebody who finds an open browser can't take the account over. The member of the demo has no password.
    if stored.is_some() && !hashing(move || passwords::matches(&current, stored.as_deref())).await? {
        wrong.push(FieldError::new("/current", "wrong", "is not the current password"));
    }
    if !wrong.is_empty() {
        return page(&app, &request, visit, Some((fields, Wrong::new(wrong)))).await;
    }
    let hash = hashing(move || passwords::hash(&new)).await??;
    let this = visit.session;
    visit.write(&app, move |tx| invitations::set_password(tx, &member, &hash, Some(this))).await?;
    Ok(done(&request, HERE, Flash::PasswordSet))
}

async fn end_device(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    let (member, id): (Id, Id) = (visit.member.id, segment(&request, "id")?);
    visit.write(&app, move |tx| sessions::end(tx, member, id)).await?;
    Ok(done(&request, HERE, Flash::DeviceOut))
}

async fn end_others(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    let (member, this) = (visit.member.id, visit.session);
    visit.write(&app, move |tx| sessions::end_all(tx, member, Some(this)).map(drop)).await?;
    Ok(done(&request, HERE, Flash::DevicesOut))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/account", &[("GET", SignedIn), ("POST", SignedIn)]).get(account).post(save))
        .service(page_at("/console/account/password", &[("POST", SignedIn)]).post(set_password))
        .service(page_at("/console/account/devices", &[("POST", SignedIn)]).post(end_others))
        .service(page_at("/console/account/devices/{id}", &[("POST", SignedIn)]).post(end_device));
}
