//! `/console/settings/tokens`: access tokens of the API.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::{Payload, Query, ServiceConfig};
use askama::Template;
use serde_json::{Value, json};

use super::fields::{Field, SecretPage, refusal, show_secret, status};
use super::members::Place;
use crate::domain::base::decode::decode;
use crate::domain::base::{Id, Paging, Time};
use crate::domain::team::{NewToken, Role, Token, TokenQuery};
use crate::error::Result;
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::team::{members, tokens as store};
use crate::usecase::team::tokens;

const HERE: &str = "/console/settings/tokens";
/// The lifetimes to choose from, in days.
const LIFETIMES: [i64; 3] = [30, 90, 365];

#[derive(Template)]
#[template(path = "console/settings/tokens.html")]
struct TokensPage {
    shell: Shell,
    tokens: Vec<Token>,
    names: HashMap<Id, String>,
    now: Time,
    fields: Vec<Field>,
    wrong: Wrong,
    first: Option<String>,
    next: Option<String>,
}

impl TokensPage {
    fn owner(&self, token: &Token) -> String {
        let name = token.member_id.and_then(|id| self.names.get(&id).cloned());
        name.unwrap_or_else(|| self.shell.t.set_a_service())
    }

    fn expired(&self, token: &Token) -> bool {
        token.expires_at.is_some_and(|at| at <= self.now)
    }
}

async fn page(app: &AppData, request: &HttpRequest, visit: Visit, place: Place, form: Option<(Form, Wrong)>) -> Shown {
    let paging = Paging::of(HERE, &TokenQuery { cursor: place.cursor(), ..TokenQuery::default() })?;
    let read = move |conn: &mut Conn| {
        let found = store::list(conn, &paging)?;
        let everybody = Paging::new(Some(200), None, String::new())?;
        let people = members::list(conn, None, Some(true), &everybody)?.data;
        let owners: Vec<Id> = found.data.iter().filter_map(|token| token.member_id).collect();
        Ok((found, people, members::names_of(conn, &owners)?))
    };
    let (found, people, names) = visit.read(app, read).await?;
    let (form, wrong) = form.map_or((None, Wrong::default()), |(form, wrong)| (Some(form), wrong));
    let shell =
        Shell::new(request, |t| if wrong.is_empty() { t.set_tokens() } else { t.error_in_title(t.set_tokens()) });
    let (t, sent) = (shell.t, form.as_ref());
    let roles = Role::ALL.iter().map(|role| (role.as_str().to_owned(), t.value(role.as_str())));
    let people = people.into_iter().map(|member| (member.id.to_string(), member.name));
    let owners = std::iter::once((String::new(), t.set_a_service())).chain(people);
    let lifetimes = LIFETIMES.into_iter().map(|days| (days.to_string(), t.set_for_days(days)));
    let lifetimes = lifetimes.chain([(String::new(), t.set_for_ever())]);
    let fields = [
        Field::line("name", t.set_name()).hint(t.set_token_name_hint()).required().value(sent, ""),
        Field::choice("role", t.set_role(), roles).hint(t.set_token_role_hint()).value(sent, Role::Ingest.as_str()),
        Field::choice("member_id", t.set_owner_of_token(), owners).value(sent, ""),
        Field::choice("expires_at", t.set_lifetime(), lifetimes).value(sent, "90"),
    ];
    let fields = fields.into_iter().map(|field| field.checked(&wrong, &t)).collect();
    let (status, now) = (status(&wrong), app.store.clock.now());
    let (first, next) = (place.first(HERE), Place::next(HERE, found.next_cursor));
    let page = TokensPage { shell, tokens: found.data, names, now, fields, wrong, first, next };
    show_as(status, request, &page)
}

async fn list(app: AppData, request: HttpRequest, visit: Visit, place: Query<Place>) -> Shown {
    page(&app, &request, visit, place.into_inner(), None).await
}

/// The token of the form, as the API would get it.
fn input(form: &Form, now: Time) -> Result<NewToken> {
    let mut input = json!({ "name": form.trimmed("name"), "role": form.get("role") });
    if let Some(member) = form.given("member_id") {
        input["member_id"] = json!(member);
    }
    if let Some(days) = form.given("expires_at") {
        // A text that is no number is passed on as it is, so that the API names the wrong field.
        let at = days.parse::<i64>().map(|days| now.plus(days.clamp(0, 36_500) * Time::DAY));
        input["expires_at"] = at.map_or_else(|_| Value::from(days), |at| json!(at));
    }
    Ok(decode(input)?)
}

async fn create(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let secret = tokens::new_secret()?;
    let made = match input(&form, app.store.clock.now()) {
        Ok(input) => visit.write(&app, move |tx| tokens::create_token(tx, &input, &secret)).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(minted) => {
            let shell = Shell::new(&request, |t| t.set_token_made());
            let (label, about) = (shell.t.set_token_named(&minted.token.name), shell.t.set_token_use());
            show_secret(&request, &SecretPage { shell, label, secret: minted.secret, about, next: HERE.to_owned() })
        }
        Err(error) => {
            let wrong = refusal(error, "name")?;
            page(&app, &request, visit, Place::default(), Some((form, wrong))).await
        }
    }
}

async fn revoke(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let id = path.0;
    visit.write(&app, move |tx| tokens::revoke_token(tx, id)).await?;
    app.verifier.forget();
    Ok(done(&request, HERE, Flash::TokenRevoked))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_tokens")), ("POST", May("create_token"))];
    config
        .service(page_at("/console/settings/tokens", rules).get(list).post(create))
        .service(page_at("/console/settings/tokens/{id}/revoke", &[("POST", May("revoke_token"))]).post(revoke));
}
