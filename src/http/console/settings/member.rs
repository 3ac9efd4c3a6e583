//! `/console/settings/members/{id}`: a member's role, devices and tokens.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::{Value, json};

use super::fields::{Field, refusal, status};
use super::members::{languages, member_address, roles, show_invited};
use crate::domain::base::Id;
use crate::domain::team::rights::allowed;
use crate::domain::team::session::Session;
use crate::domain::team::{Member, Role, Token};
use crate::error::{Error, Result};
use crate::http::api::team::invitations::hand_over;
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::agent;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::team::{members as store, sessions as stored_sessions, tokens};
use crate::store::{Conn, Tx};
use crate::usecase::team::{invitations, members, sessions};

#[derive(Template)]
#[template(path = "console/settings/member.html")]
struct MemberPage {
    shell: Shell,
    member: Member,
    devices: Vec<Session>,
    tokens: Vec<Token>,
    fields: Vec<Field>,
    wrong: Wrong,
}

impl MemberPage {
    fn browser(&self, session: &Session) -> String {
        agent::browser(&session.agent)
    }
}

async fn page(app: &AppData, request: &HttpRequest, visit: Visit, id: Id, form: Option<(Form, Wrong)>) -> Shown {
    let (role, now) = (visit.caller.role, app.store.clock.now());
    let idle_since = now.plus(-app.config.session_lifetime().idle);
    let read = move |conn: &mut Conn| {
        let member = store::get(conn, id)?;
        let may = |operation| allowed(operation, role);
        let devices = match may("list_sessions") {
            true => stored_sessions::of_member(conn, id, now, idle_since)?,
            false => Vec::new(),
        };
        let tokens = if may("list_tokens") { tokens::of_member(conn, id)? } else { Vec::new() };
        Ok((member, devices, tokens))
    };
    let (member, devices, tokens) = visit.read(app, read).await?;
    let (form, wrong) = form.map_or((None, Wrong::default()), |(form, wrong)| (Some(form), wrong));
    let name = member.name.clone();
    let shell = Shell::new(request, |t| if wrong.is_empty() { name } else { t.error_in_title(name) });
    let (t, sent) = (shell.t, form.as_ref());
    let fields = [
        Field::line("name", t.set_name()).required().value(sent, &member.name),
        Field::new("email", t.email(), "email").required().value(sent, &member.email),
        Field::choice("role", t.set_role(), roles(&t)).hint(t.set_role_hint()).value(sent, member.role.as_str()),
        Field::choice("language", t.language_label(), languages()).value(sent, &member.language),
    ];
    let fields = fields.into_iter().map(|field| field.checked(&wrong, &t)).collect();
    show_as(status(&wrong), request, &MemberPage { shell, member, devices, tokens, fields, wrong })
}

async fn show(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    page(&app, &request, visit, path.0, None).await
}

/// Changes a member. The tokens of the member may have ended by that.
async fn change(app: &AppData, visit: &Visit, id: Id, version: Option<i32>, patch: Value) -> Result<()> {
    let changed = visit.write(app, move |tx| members::edit(tx, id, version, &patch).map(drop)).await;
    app.verifier.forget();
    changed
}

async fn save(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let role = form.get("role").parse::<Role>().map_or(json!(form.get("role")), |role| json!(role));
    let patch = json!({
        "name": form.trimmed("name"), "email": form.trimmed("email"), "role": role,
        "language": form.given("language").unwrap_or("en"),
    });
    match change(&app, &visit, path.0, form.get("version").parse().ok(), patch).await {
        Ok(()) => Ok(done(&request, &member_address(path.0), Flash::Saved)),
        Err(error) => {
            let wrong = refusal(error, "email")?;
            page(&app, &request, visit, path.0, Some((form, wrong))).await
        }
    }
}

async fn set_active(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let active = form.get("active") == "true";
    change(&app, &visit, path.0, None, json!({ "active": active })).await?;
    let flash = if active { Flash::Activated } else { Flash::Deactivated };
    Ok(done(&request, &member_address(path.0), flash))
}

async fn new_link(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let (id, secret) = (path.0, invitations::new_secret()?);
    let kept = secret.clone();
    let (member, invitation) = visit.write(&app, move |tx| invitations::invite(tx, id, &kept)).await?;
    show_invited(&request, &hand_over(&app, member, &invitation, &secret).await?)
}

/// Signs the member out on the device that the form names, or on all of them.
async fn end_devices(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, device) = (path.0, form.given("device").map(str::parse::<Id>));
    let one = device.is_some();
    let end = move |tx: &mut Tx<'_>| {
        store::get(tx.conn, id)?;
        match &device {
            Some(Ok(device)) => sessions::end(tx, id, *device),
            Some(Err(_)) => Err(Error::not_found("session")),
            None => sessions::end_all(tx, id, None).map(drop),
        }
    };
    visit.write(&app, end).await?;
    Ok(done(&request, &member_address(id), if one { Flash::DeviceOut } else { Flash::DevicesOut }))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("get_member")), ("POST", May("update_member"))];
    config
        .service(page_at("/console/settings/members/{id}", rules).get(show).post(save))
        .service(page_at("/console/settings/members/{id}/active", &[("POST", May("update_member"))]).post(set_active))
        .service(page_at("/console/settings/members/{id}/invitation", &[("POST", May("invite_member"))]).post(new_link))
        .service(page_at("/console/settings/members/{id}/devices", &[("POST", May("end_sessions"))]).post(end_devices));
}
