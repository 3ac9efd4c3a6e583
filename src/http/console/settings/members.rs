//! `/console/settings/members`: the people of the team, and inviting somebody.

use actix_web::HttpRequest;
use actix_web::web::{Payload, Query, ServiceConfig};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::fields::{Field, SecretPage, refusal, show_secret, status};
use crate::app::App;
use crate::domain::base::decode::decode;
use crate::domain::base::{Id, Paging};
use crate::domain::team::session::Invited;
use crate::domain::team::{Member, MemberQuery, NewMember, Role};
use crate::domain::words::console::Words;
use crate::error::Result;
use crate::http::api::team::invitations::hand_over;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Tx;
use crate::store::team::members as store;
use crate::usecase::team::{invitations, members};

const HERE: &str = "/console/settings/members";

/// The place in a list that the address names.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Place {
    pub cursor: String,
}

impl Place {
    /// The cursor, if there is one.
    pub fn cursor(&self) -> Option<String> {
        Some(self.cursor.clone()).filter(|cursor| !cursor.is_empty())
    }

    /// The address of the first page, where this is another.
    pub fn first(&self, here: &str) -> Option<String> {
        self.cursor().map(|_| here.to_owned())
    }

    /// The address of the next page.
    pub fn next(here: &str, cursor: Option<String>) -> Option<String> {
        let query = |cursor: String| serde_urlencoded::to_string([("cursor", cursor)]).unwrap_or_default();
        let mark = if here.contains('?') { '&' } else { '?' };
        cursor.map(|cursor| format!("{here}{mark}{}", query(cursor)))
    }
}

#[derive(Template)]
#[template(path = "console/settings/members.html")]
struct MembersPage {
    shell: Shell,
    members: Vec<Member>,
    fields: Vec<Field>,
    wrong: Wrong,
    first: Option<String>,
    next: Option<String>,
}

/// The roles of people; `ingest` is for services.
pub fn roles(t: &Words) -> Vec<(String, String)> {
    let people = Role::ALL.iter().filter(|role| **role != Role::Ingest);
    people.map(|role| (role.as_str().to_owned(), t.value(role.as_str()))).collect()
}

/// The languages of the console, each in its own name.
pub fn languages() -> [(String, String); 2] {
    [("en", "English"), ("ko", "한국어")].map(|(code, name)| (code.to_owned(), name.to_owned()))
}

async fn page(app: &AppData, request: &HttpRequest, visit: Visit, place: Place, form: Option<(Form, Wrong)>) -> Shown {
    let query = MemberQuery { cursor: place.cursor(), ..MemberQuery::default() };
    let paging = Paging::of(HERE, &query)?;
    let found = visit.read(app, move |conn| store::list(conn, None, None, &paging)).await?;
    let (form, wrong) = form.map_or((None, Wrong::default()), |(form, wrong)| (Some(form), wrong));
    let shell =
        Shell::new(request, |t| if wrong.is_empty() { t.set_members() } else { t.error_in_title(t.set_members()) });
    let (t, sent) = (shell.t, form.as_ref());
    let fields = [
        Field::line("name", t.set_name()).required().value(sent, ""),
        Field::new("email", t.email(), "email").required().value(sent, ""),
        Field::choice("role", t.set_role(), roles(&t)).hint(t.set_roles_hint()).value(sent, Role::Support.as_str()),
        Field::choice("language", t.language_label(), languages()).value(sent, t.0.code()),
    ];
    let fields = fields.into_iter().map(|field| field.checked(&wrong, &t)).collect();
    let status = status(&wrong);
    let (first, next) = (place.first(HERE), Place::next(HERE, found.next_cursor));
    show_as(status, request, &MembersPage { shell, members: found.data, fields, wrong, first, next })
}

async fn list(app: AppData, request: HttpRequest, visit: Visit, place: Query<Place>) -> Shown {
    page(&app, &request, visit, place.into_inner(), None).await
}

/// A new member with their link.
async fn create(app: &App, visit: &Visit, form: &Form) -> Result<Invited> {
    let input: NewMember = decode(json!({
        "name": form.trimmed("name"), "email": form.trimmed("email"), "role": form.get("role"),
        "language": form.given("language").unwrap_or("en"),
    }))?;
    let secret = invitations::new_secret()?;
    let kept = secret.clone();
    let invite = move |tx: &mut Tx<'_>| {
        let member = members::create(tx, &input)?;
        invitations::invite(tx, member.id, &kept)
    };
    let (member, invitation) = visit.write(app, invite).await?;
    hand_over(app, member, &invitation, &secret).await
}

async fn invite(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    match create(&app, &visit, &form).await {
        Ok(invited) => show_invited(&request, &invited),
        Err(error) => {
            let wrong = refusal(error, "email")?;
            page(&app, &request, visit, Place::default(), Some((form, wrong))).await
        }
    }
}

/// The link of an invitation where it was not mailed; otherwise the page of the member.
pub fn show_invited(request: &HttpRequest, invited: &Invited) -> Shown {
    let next = member_address(invited.member_id);
    let Some(link) = invited.link.clone() else { return Ok(done(request, &next, Flash::Invited)) };
    let shell = Shell::new(request, |t| t.set_invited_title());
    let (label, about) = (shell.t.set_invitation_link(), shell.t.set_invitation_about());
    show_secret(request, &SecretPage { shell, label, secret: link, about, next })
}

/// The page of a member.
pub fn member_address(id: Id) -> String {
    format!("{HERE}/{id}")
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_members")), ("POST", May("create_member"))];
    config.service(page_at("/console/settings/members", rules).get(list).post(invite));
}
