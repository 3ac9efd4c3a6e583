//! `/console/sign-in` and `/console/sign-out`.

use std::sync::LazyLock;

use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Payload, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::app::App;
use crate::domain::base::Actor;
use crate::error::{Error, Result};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::Anyone;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done, local, see_other, show, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::sign_in_form::{SignInPage, Unsent, UnsentPage, Ways, refused};
use crate::http::console::base::{cookie, origin, proxy, visit};
use crate::http::{Pages, page_at};
use crate::store::Tx;
use crate::usecase::team::external::{self, Entry};
use crate::usecase::team::{passwords, sessions, sign_in, tokens};

/// Passwords hashed at the same time: each takes 19 MiB.
static HASHING: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

#[derive(Deserialize)]
struct Next {
    next: Option<String>,
}

async fn form(app: AppData, request: HttpRequest, query: Query<Next>) -> Shown {
    let next = local(query.next.as_deref().unwrap_or("/console/")).to_owned();
    if visit::of(&request).is_some() {
        return Ok(see_other(&next));
    }
    if let Some(email) = proxy::named(&request) {
        return by_proxy(&app, &request, &email, &next).await;
    }
    let shell = Shell::new(&request, |t| t.sign_in());
    let (email, unsent, ways) = (String::new(), Unsent::default(), Ways::of(&request));
    show(&request, &SignInPage { shell, next, email, wrong: None, unsent, ways })
}

/// Signs in the member whom the proxy before this server names.
async fn by_proxy(app: &App, request: &HttpRequest, email: &str, next: &str) -> Shown {
    let (email, secret) = (email.to_owned(), tokens::new_secret()?);
    let entry =
        Entry { device: visit::device(request), secret: secret.clone(), lifetime: app.config.session_lifetime() };
    let enter = move |tx: &mut Tx<'_>| external::enter_by_address(tx, &email, &entry);
    match app.store.write(Actor::AUTOMATION, enter).await? {
        Ok(_) => Ok(entered(app, request, &secret, see_other(next))),
        Err(refusal) => refused(request, refusal),
    }
}

/// Runs work on passwords off the threads that answer requests, a few at a time.
///
/// # Errors
/// 503 where the server stops.
pub async fn hashing<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _turn = HASHING.acquire().await.map_err(Error::internal)?;
    web::block(work).await.map_err(Error::internal)
}

/// An unknown address and a wrong password take the same steps and get the same answer.
async fn sign_in(app: AppData, request: HttpRequest, body: Payload) -> Shown {
    let fields = Form::read(&request, body).await?;
    let (email, password) = (fields.trimmed("email").to_owned(), fields.get("password").to_owned());
    // Guesses wait for their turn before they are counted, so that many at once are not all the first.
    let _turn = HASHING.acquire().await.map_err(Error::internal)?;
    let (address, now) = (origin::client(&request), app.store.clock.now());
    let asked = email.clone();
    let candidate = app.store.read(move |conn| sign_in::look_up(conn, &asked, &address, now)).await?;
    let again = |status: StatusCode, wrong: fn(&Shell, i64) -> String, wait: i64| {
        let shell = Shell::new(&request, |t| t.error_in_title(t.sign_in()));
        let wrong = Some(wrong(&shell, wait));
        let next = local(fields.get("next")).to_owned();
        let (email, unsent, ways) = (email.clone(), Unsent::carried(&fields), Ways::of(&request));
        show_as(status, &request, &SignInPage { shell, next, email, wrong, unsent, ways })
    };
    if candidate.wait > 0 {
        let mut answer =
            again(StatusCode::TOO_MANY_REQUESTS, |shell, wait| shell.t.sign_in_wait(wait), candidate.wait)?;
        answer.headers_mut().insert(header::RETRY_AFTER, candidate.wait.into());
        return Ok(answer);
    }
    let stored = candidate.stored.clone();
    let right = web::block(move || passwords::matches(&password, stored.as_deref())).await.map_err(Error::internal)?;
    let (true, Some(member)) = (right, candidate.member.as_ref().map(|member| member.id)) else {
        let device = visit::device(&request);
        app.store.write(Actor::AUTOMATION, move |tx| sign_in::fail(tx, &candidate, &device)).await?;
        return again(StatusCode::UNPROCESSABLE_ENTITY, |shell, _| shell.t.sign_in_wrong(), 0);
    };
    end_earlier(&app, &request).await?;
    let (device, lifetime, secret) = (visit::device(&request), app.config.session_lifetime(), tokens::new_secret()?);
    let new = secret.clone();
    let begin = move |tx: &mut Tx<'_>| sign_in::succeed(tx, member, &device, &new, lifetime).map(drop);
    app.store.write(Actor::AUTOMATION, begin).await?;
    let unsent = Unsent::carried(&fields);
    let next = if unsent.is_empty() {
        see_other(fields.get("next"))
    } else {
        let shell = Shell::new(&request, |t| t.unsent());
        show(&request, &UnsentPage { shell, unsent })?
    };
    Ok(entered(&app, &request, &secret, next))
}

/// Ends the session that this browser had: each sign-in makes a new one.
pub async fn end_earlier(app: &App, request: &HttpRequest) -> Result<()> {
    let Some(visit) = visit::of(request) else { return Ok(()) };
    let (member, session) = (visit.member.id, visit.session);
    visit.write(app, move |tx| sessions::end(tx, member, session)).await
}

/// The answer that signs a browser in.
pub fn entered(app: &App, request: &HttpRequest, secret: &str, mut response: HttpResponse) -> HttpResponse {
    let seconds = i64::from(app.config.session_days) * 24 * 60 * 60;
    if let Ok(value) = header::HeaderValue::from_str(&cookie::set_session(request, secret, seconds)) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

async fn sign_out(app: AppData, request: HttpRequest) -> Shown {
    end_earlier(&app, &request).await?;
    let mut response = done(&request, "/console/sign-in", Flash::SignedOut);
    if let Ok(value) = header::HeaderValue::from_str(&cookie::end_session(&request)) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    // Back must not show pages of the session again.
    response
        .headers_mut()
        .insert(header::HeaderName::from_static("clear-site-data"), header::HeaderValue::from_static("\"cache\""));
    Ok(response)
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/sign-in", &[("GET", Anyone), ("POST", Anyone)]).get(form).post(sign_in))
        .service(page_at("/console/sign-out", &[("POST", Anyone)]).post(sign_out));
}
