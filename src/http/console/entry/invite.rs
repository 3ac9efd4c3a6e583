//! `/console/invite/{token}`: a person sets name and password, by a link that works once. `/console/demo/{token}`: the
//! console of the demo.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Path, Payload, ServiceConfig};
use askama::Template;
use serde_json::json;

use super::sign_in::{entered, hashing};
use crate::app::App;
use crate::domain::base::decode::decode;
use crate::domain::base::{Actor, Id};
use crate::domain::team::session::InvitationKind;
use crate::domain::team::{Member, NewMember};
use crate::error::{Code, FieldError, Result};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::Anyone;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::page::{Shown, done, see_other, show, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit;
use crate::http::{Pages, page_at};
use crate::store::Tx;
use crate::usecase::team::invitations::{self, Accepted};
use crate::usecase::team::{passwords, sessions, tokens};

#[derive(Template)]
#[template(path = "console/entry/invite.html")]
struct InvitePage {
    shell: Shell,
    /// The address of a member; the first admin gives theirs.
    known: Option<String>,
    name: String,
    email: String,
    wrong: Wrong,
}

/// The member of the link; `None` for the first admin.
async fn look_up(app: &App, secret: &str, kind: InvitationKind) -> Result<Option<Member>> {
    let (secret, now) = (secret.to_owned(), app.store.clock.now());
    let (invitation, member) = app.store.read(move |conn| invitations::find(conn, &secret, now)).await?;
    if invitation.kind != kind {
        return Err(invitations::gone());
    }
    Ok(member)
}

async fn form(app: AppData, request: HttpRequest, secret: Path<String>) -> Shown {
    let member = look_up(&app, &secret, InvitationKind::Password).await?;
    let shell = Shell::new(&request, |t| t.invite_title());
    let name = member.as_ref().map(|member| member.name.clone()).unwrap_or_default();
    let known = member.map(|member| member.email);
    show(&request, &InvitePage { shell, known, name, email: String::new(), wrong: Wrong::default() })
}

/// What is wrong with the form. The rules of members are those of the API.
fn wrong_fields(fields: &Form, known: Option<&str>, language: &str) -> Vec<FieldError> {
    let email = known.unwrap_or_else(|| fields.trimmed("email"));
    let member = json!({ "name": fields.trimmed("name"), "email": email, "role": "admin", "language": language });
    let mut wrong = decode::<NewMember>(member).err().map(|error| error.fields).unwrap_or_default();
    wrong.extend(passwords::wrong(fields.get("password"), email));
    if fields.get("password") != fields.get("repeated") {
        wrong.push(FieldError::new("/repeated", "different", "is not the same password"));
    }
    wrong
}

async fn accept(app: AppData, request: HttpRequest, secret: Path<String>, body: Payload) -> Shown {
    let member = look_up(&app, &secret, InvitationKind::Password).await?;
    let known = member.map(|member| member.email);
    let fields = Form::read(&request, body).await?;
    let language = visit::language(&request).code();
    let wrong = wrong_fields(&fields, known.as_deref(), language);
    if !wrong.is_empty() {
        let shell = Shell::new(&request, |t| t.error_in_title(t.invite_title()));
        let (name, email) = (fields.get("name").to_owned(), fields.get("email").to_owned());
        let page = InvitePage { shell, known, name, email, wrong: Wrong::new(wrong) };
        return show_as(StatusCode::UNPROCESSABLE_ENTITY, &request, &page);
    }
    let password = fields.get("password").to_owned();
    let hash = hashing(move || passwords::hash(&password)).await??;
    let (name, email) = (fields.trimmed("name").to_owned(), fields.trimmed("email").to_owned());
    let input = Accepted { name, email, language: language.to_owned(), hash };
    let (device, lifetime, new) = (visit::device(&request), app.config.session_lifetime(), tokens::new_secret()?);
    let (link, session) = (secret.into_inner(), new.clone());
    let accept = move |tx: &mut Tx<'_>| {
        let member = invitations::accept(tx, &link, &input)?;
        sessions::begin(tx, &member, &device, &session, lifetime).map(drop)
    };
    app.store.write(Actor::AUTOMATION, accept).await?;
    Ok(entered(&app, &request, &new, done(&request, "/console/", Flash::Welcome)))
}

/// Opens the console of the demo. A link that acts when it is opened is right only here, where there is nothing to lose.
async fn open_demo(app: AppData, request: HttpRequest, secret: Path<String>) -> Shown {
    if visit::of(&request).is_some() {
        return Ok(see_other("/console/backlog"));
    }
    let member = look_up(&app, &secret, InvitationKind::Demo).await?.ok_or(Code::Gone)?;
    let (device, lifetime, new) = (visit::device(&request), app.config.session_lifetime(), tokens::new_secret()?);
    let (session, actor) = (new.clone(), Actor { kind: "member", id: Some(Id(member.id.0)) });
    let begin = move |tx: &mut Tx<'_>| sessions::begin(tx, &member, &device, &session, lifetime).map(drop);
    app.store.write(actor, begin).await?;
    Ok(entered(&app, &request, &new, see_other("/console/backlog")))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/invite/{token}", &[("GET", Anyone), ("POST", Anyone)]).get(form).post(accept))
        .service(page_at("/console/demo/{token}", &[("GET", Anyone)]).get(open_demo));
}
