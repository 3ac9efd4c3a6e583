//! The member behind a request of the console: their session, language and time zone.

use std::cell::Cell;
use std::future::{Ready, ready};
use std::rc::Rc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};

use super::{cookie, origin, proxy};
use crate::app::App;
use crate::domain::base::language::Language;
use crate::domain::base::{Actor, Id};
use crate::domain::team::access::Scope;
use crate::domain::team::session::Session;
use crate::domain::team::{Caller, Member};
use crate::error::{Code, Error, Result};
use crate::store::base::{scope, statements_run};
use crate::store::team::sessions as stored;
use crate::store::{Conn, Tx};
use crate::usecase::team::sessions::{self, Device};
use crate::usecase::team::tokens::hash;

/// How long a page waits until the use of its session is written.
const PATIENCE: Duration = Duration::from_millis(250);
/// The header of requests that a page sends by itself: they are no use of the session, which would never end otherwise.
const BY_ITSELF: &str = "x-hearback-live";
/// The cookie with the language of pages before sign-in.
pub const LANGUAGE: &str = "hearback_language";

/// Who opens a page.
#[derive(Clone, Debug)]
pub struct Visit {
    pub caller: Caller,
    pub member: Member,
    pub session: Id,
    queries: Rc<Cell<u64>>,
}

/// The statements that the pages of a request have run.
#[derive(Clone, Default)]
pub struct Statements(pub Rc<Cell<u64>>);

impl FromRequest for Visit {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(of(request).ok_or_else(|| Code::Unauthorized.into()))
    }
}

/// The visit of a request, once it is known.
pub fn of(request: &HttpRequest) -> Option<Visit> {
    request.extensions().get::<Visit>().cloned()
}

/// Finds the session of a request, and keeps it with the request.
///
/// # Errors
/// Those of the database.
pub async fn look_up(request: &HttpRequest) -> Result<Option<Visit>> {
    let Some(app) = request.app_data::<web::Data<App>>() else {
        return Err(Error::internal("the app is not complete"));
    };
    let statements = Statements::default();
    request.extensions_mut().insert(statements.clone());
    let Some(secret) = cookie::session(request) else { return Ok(None) };
    let now = app.store.clock.now();
    let idle_since = now.plus(-app.config.session_lifetime().idle);
    let found = app.store.read(move |conn| stored::verify(conn, &hash(&secret), now, idle_since)).await?;
    let Some((session, member)) = found else { return Ok(None) };
    if proxy::names_another(request, &member) {
        return Ok(None);
    }
    if sessions::is_due(&session, now) && !request.headers().contains_key(BY_ITSELF) {
        note_use(app, &session).await;
    }
    let access = app.verifier.access_of(&app.store, &member).await?;
    let caller = Caller { token_id: session.id, member_id: Some(member.id), role: member.role, access };
    let visit = Visit { caller: caller.clone(), member, session: session.id, queries: statements.0 };
    // The log names the session as it names the token of a request.
    request.extensions_mut().insert(caller);
    request.extensions_mut().insert(visit.clone());
    Ok(Some(visit))
}

/// Writes that a session is used. A page is shown all the same if the database takes no writes just now.
async fn note_use(app: &App, session: &Session) {
    let id = session.id;
    let written = app.store.write(Actor::AUTOMATION, move |tx| stored::touch(tx, id));
    let _ = tokio::time::timeout(PATIENCE, written).await;
}

impl Visit {
    /// Whether the member may call an operation of the API.
    pub fn may(&self, operation: &str) -> bool {
        self.caller.access.may(operation)
    }

    /// Reads for a page, and counts the statements.
    ///
    /// # Errors
    /// Those of `work`.
    pub async fn read<T, F>(&self, app: &App, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    {
        let counted = move |conn: &mut Conn| {
            let before = statements_run();
            let found = work(conn)?;
            Ok((found, statements_run() - before))
        };
        let (found, statements) = app.store.read(counted).await?;
        self.queries.set(self.queries.get() + statements);
        Ok(found)
    }

    /// Reads without the limits of the member, and counts the statements. The work must leave out what they may not see.
    ///
    /// # Errors
    /// Those of `work`.
    pub async fn read_whole<T, F>(&self, app: &App, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    {
        scope::within(Scope::All, self.read(app, work)).await
    }

    /// Writes as the member.
    ///
    /// # Errors
    /// Those of `work`.
    pub async fn write<T, F>(&self, app: &App, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        app.store.write(self.caller.actor(), work).await
    }
}

/// The device of a request.
pub fn device(request: &HttpRequest) -> Device {
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Device { agent: agent.to_owned(), address: origin::client(request) }
}

/// The language of a page: that of the member, else the one chosen in this browser, else the first of ours that the
/// browser asks for.
pub fn language(request: &HttpRequest) -> Language {
    let member = of(request).map(|visit| visit.member.language);
    let chosen = member.or_else(|| cookie::value(request, LANGUAGE));
    let asked = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let asked = asked.unwrap_or_default().split(',').map(|part| part.split(';').next().unwrap_or_default());
    let all = chosen.iter().map(String::as_str).chain(asked);
    all.filter_map(ours).next().unwrap_or(Language::English)
}

fn ours(code: &str) -> Option<Language> {
    match code.trim().split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "ko" => Some(Language::Korean),
        "en" => Some(Language::English),
        _ => None,
    }
}
