//! `/console/sign-in/oidc`: sign-in by an OpenID Connect provider.

use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::sign_in::{end_earlier, entered};
use crate::app::App;
use crate::domain::base::Actor;
use crate::domain::team::external_sign_in::ExternalIdentity;
use crate::error::{Code, Error, Result};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::Anyone;
use crate::http::console::base::page::{Shown, local, see_other};
use crate::http::console::base::sign_in_form::{again, refused};
use crate::http::console::base::{cookie, visit};
use crate::http::{Pages, page_at};
use crate::outside::oidc::{Oidc, PendingSignIn};
use crate::store::Tx;
use crate::usecase::team::external::{self, Entry};
use crate::usecase::team::tokens;

/// The cookie with the sign-in that waits for the provider's answer, and how long it waits, in seconds.
const PENDING: &str = "hearback_oidc";
const PATIENCE: i64 = 600;
/// The longest code or state that a provider sends.
const LONGEST: usize = 4_096;

#[derive(Deserialize)]
struct Next {
    next: Option<String>,
}

/// Sends the browser to the provider. It keeps state, nonce and verifier in a cookie of its own, so that nobody can make
/// it take the answer to another sign-in.
async fn start(app: AppData, request: HttpRequest, query: Query<Next>) -> Shown {
    let oidc = provider(&app)?;
    let next = local(query.next.as_deref().unwrap_or("/console/")).to_owned();
    let begun = web::block(move || oidc.start(&next)).await.map_err(Error::internal)?;
    let (url, pending) = match begun {
        Ok(begun) => begun,
        Err(problem) => return failed(&request, &problem),
    };
    let kept = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&pending).map_err(Error::internal)?);
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, url))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::SET_COOKIE, cookie::set(&request, PENDING, &kept, PATIENCE)))
        .finish())
}

#[derive(Deserialize)]
struct Answered {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// Takes the provider's answer and signs the member in.
async fn callback(app: AppData, request: HttpRequest, query: Query<Answered>) -> Shown {
    let oidc = provider(&app)?;
    let mut answer = match take(&request, query.0) {
        Err(problem) => failed(&request, problem)?,
        Ok((code, pending)) => {
            let next = pending.next.clone();
            match web::block(move || oidc.finish(&code, &pending)).await.map_err(Error::internal)? {
                Err(problem) => failed(&request, &problem)?,
                Ok(person) => enter(&app, &request, person, &next).await?,
            }
        }
    };
    if let Ok(value) = header::HeaderValue::from_str(&cookie::set(&request, PENDING, "", 0)) {
        answer.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(answer)
}

/// The code of an answer to a sign-in that this browser began.
fn take(request: &HttpRequest, answered: Answered) -> std::result::Result<(String, PendingSignIn), &'static str> {
    let kept = cookie::value(request, PENDING).ok_or("the browser began no sign-in, or too long ago")?;
    let kept = URL_SAFE_NO_PAD.decode(kept).map_err(|_| "the cookie of the sign-in can't be read")?;
    let pending: PendingSignIn = serde_json::from_slice(&kept).map_err(|_| "the cookie can't be read")?;
    let state = answered.state.unwrap_or_default();
    if state.len() > LONGEST || !bool::from(subtle::ConstantTimeEq::ct_eq(state.as_bytes(), pending.state.as_bytes())) {
        return Err("the answer is of another sign-in");
    }
    if answered.error.is_some() {
        return Err("the provider refused the sign-in");
    }
    let code = answered.code.filter(|code| !code.is_empty() && code.len() <= LONGEST);
    Ok((code.ok_or("the provider sent no code")?, pending))
}

async fn enter(app: &App, request: &HttpRequest, person: ExternalIdentity, next: &str) -> Result<HttpResponse> {
    end_earlier(app, request).await?;
    let secret = tokens::new_secret()?;
    let entry =
        Entry { device: visit::device(request), secret: secret.clone(), lifetime: app.config.session_lifetime() };
    let rules = app.config.sign_in.groups().map_err(Error::internal)?;
    let work = move |tx: &mut Tx<'_>| external::enter(tx, &person, &rules, &entry);
    match app.store.write(Actor::AUTOMATION, work).await? {
        Ok(_) => {
            // The role may be another one now.
            app.verifier.forget();
            Ok(entered(app, request, &secret, see_other(next)))
        }
        Err(refusal) => refused(request, refusal),
    }
}

fn provider(app: &App) -> Result<Arc<Oidc>> {
    app.oidc.clone().ok_or_else(|| Code::NotFound.into())
}

/// The sign-in form after a sign-in that failed; the reason is in the log, since it is about the provider.
fn failed(request: &HttpRequest, problem: &str) -> Shown {
    tracing::warn!(problem, "sign-in by OpenID Connect failed");
    again(request, StatusCode::BAD_GATEWAY, |shell| shell.t.oidc_failed())
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/sign-in/oidc", &[("GET", Anyone)]).get(start))
        .service(page_at("/console/sign-in/oidc/callback", &[("GET", Anyone)]).get(callback));
}
