//! `/console/live`: what happens meanwhile, as server-sent events for the page that is open: that others changed what it
//! shows, and who else looks at it. The script says it in a line; nothing on the page moves by itself.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Bytes, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream::unfold;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use super::watching::Watched;
use crate::domain::base::language::Language;
use crate::domain::base::{Actor, Id};
use crate::domain::team::access::Scope;
use crate::domain::team::{Caller, Member};
use crate::domain::words::console::Words;
use crate::error::{Code, Error, Result};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::SignedIn;
use crate::http::console::base::cookie;
use crate::http::console::base::page::Shown;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::base::events::{self, Logged, Position};
use crate::store::base::scope;
use crate::store::fresh;
use crate::store::team::{members, presences, sessions};
use crate::usecase::integrations::feed::EventBatch;
use crate::usecase::team::tokens::hash;

/// How often the session is verified and the presence renewed.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often something is written, so that a page that was closed is noticed: the second write after that fails.
const PING: Duration = Duration::from_secs(5);
/// How often others are looked for.
const POLL: Duration = Duration::from_secs(3);
/// Events that a stream reads at a time while it catches up.
const CATCH_UP: i64 = 200;
/// The most streams of a member at a time. A page has one only while it is in view.
const MOST_STREAMS: usize = 12;

/// What a page asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    list: String,
    place: String,
    /// The last event that the page has seen.
    after: String,
}

async fn live(app: AppData, request: HttpRequest, visit: Visit, asked: Query<Asked>) -> Shown {
    let caller = visit.caller.clone();
    let (list, place) = (asked.list.clone(), asked.place.clone());
    let watched = app.store.read(move |conn| Watched::find(conn, &caller, &list, &place)).await?;
    let watched = watched.ok_or_else(|| Error::not_found("page"))?;
    let slot = Slot::take(visit.member.id)?;
    // Listen before looking for the end of the log, so that no event is missed in between.
    let feed = app.feed.listen().ok_or_else(|| Error::new(Code::Unavailable, "The server is stopping."))?;
    // The order of the log depends on the transactions that are open there.
    fresh::on_primary();
    let end = app.store.read(events::end).await?;
    let mut stream = LiveStream {
        secret: hash(&cookie::session(&request).unwrap_or_default()).to_vec(),
        app,
        feed,
        place: end,
        watched,
        words: Words(language(&visit.member)),
        caller: visit.caller,
        others: Value::Null,
        behind: false,
        ready: VecDeque::from([format!("retry: 5000\nid: {end}\nevent: at\ndata: {{}}\n\n")]),
        beat: Instant::now() + HEARTBEAT,
        ping: Instant::now() + PING,
        poll: Instant::now(),
        _slot: slot,
    };
    stream.look().await?;
    // A browser whose stream broke off comes again with the id of the last event; a page that was out of view names it.
    let last = request.headers().get("last-event-id").and_then(|value| value.to_str().ok());
    if let Ok(after) = last.unwrap_or(&asked.after).parse::<Position>() {
        stream.missed(after).await?;
    }
    let body = unfold(stream, |mut stream| async move {
        let chunk = stream.next().await?;
        Some((Ok::<Bytes, Infallible>(Bytes::from(chunk)), stream))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store"))
        // Some proxies buffer responses; this header of nginx turns that off.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(body))
}

fn language(member: &Member) -> Language {
    if member.language.starts_with("ko") { Language::Korean } else { Language::English }
}

/// One of the streams that a member may have at a time.
struct Slot(Id);

static STREAMS: LazyLock<Mutex<HashMap<Id, usize>>> = LazyLock::new(Mutex::default);

impl Slot {
    fn take(member: Id) -> Result<Self> {
        let mut streams = STREAMS.lock().unwrap_or_else(PoisonError::into_inner);
        let count = streams.entry(member).or_default();
        if *count >= MOST_STREAMS {
            return Err(Code::RateLimited.into());
        }
        *count += 1;
        Ok(Self(member))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut streams = STREAMS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = streams.get_mut(&self.0) {
            *count -= 1;
            if *count == 0 {
                streams.remove(&self.0);
            }
        }
    }
}

/// The stream of one page.
struct LiveStream {
    app: AppData,
    feed: Receiver<Arc<EventBatch>>,
    /// The hash of the session's secret.
    secret: Vec<u8>,
    caller: Caller,
    words: Words,
    watched: Watched,
    /// The last event that was told or skipped.
    place: Position,
    /// What the page was told last about who else is here.
    others: Value,
    /// Events may have been missed: read them from the log.
    behind: bool,
    ready: VecDeque<String>,
    /// When the session is verified next.
    beat: Instant,
    /// When something is written next.
    ping: Instant,
    /// When others are looked for next.
    poll: Instant,
    _slot: Slot,
}

impl LiveStream {
    /// The next piece of the stream; `None` at its end. On an error the stream ends, and the page comes again.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(chunk) = self.ready.pop_front() {
                return Some(chunk);
            }
            if self.beat <= Instant::now() {
                self.verify().await.ok()?;
                self.look().await.ok()?;
                self.beat = Instant::now() + HEARTBEAT;
            }
            if self.ping <= Instant::now() {
                self.ping = Instant::now() + PING;
                return Some(": still here\n\n".to_owned());
            }
            if self.poll <= Instant::now() {
                self.look_around().await.ok()?;
                self.poll = Instant::now() + POLL;
                continue;
            }
            if self.behind {
                let place = self.place;
                let log = self.read(move |conn| events::after(conn, place, CATCH_UP)).await.ok()?;
                self.behind = log.len() as i64 == CATCH_UP;
                self.take(&log).await.ok()?;
                continue;
            }
            match tokio::time::timeout_at(self.beat.min(self.poll).min(self.ping), self.feed.recv()).await {
                // A member with limits gets their events from the log, which is read in their scope.
                Ok(Ok(_)) if self.scope() != Scope::All => self.behind = true,
                Ok(Ok(batch)) if batch.from > self.place => self.behind = true,
                Ok(Ok(batch)) => self.take(&batch.events).await.ok()?,
                Ok(Err(RecvError::Lagged(_))) => self.behind = true,
                Ok(Err(RecvError::Closed)) => return None,
                Err(_) => {}
            }
        }
    }

    /// Fails where the session has ended or the member may no longer see the page.
    async fn verify(&mut self) -> Result<()> {
        let (secret, now) = (self.secret.clone(), self.app.store.clock.now());
        let idle_since = now.plus(-self.app.config.session_lifetime().idle);
        let found = self.app.store.read(move |conn| sessions::verify(conn, &secret, now, idle_since)).await?;
        let Some((_, member)) = found else { return Err(Code::Unauthorized.into()) };
        let access = self.app.verifier.access_of(&self.app.store, &member).await?;
        self.caller = Caller { role: member.role, access, ..self.caller.clone() };
        self.words = Words(language(&member));
        // A resource may have gone to a product of which the member knows nothing.
        let (caller, place) = (self.caller.clone(), self.watched.place().map(|at| at.place.clone()));
        let still = move |conn: &mut Conn| -> Result<bool> {
            let Some(place) = place else { return Ok(true) };
            Ok(Watched::find(conn, &caller, "", &place)?.is_some())
        };
        if !self.watched.is_for(&self.caller) || !self.read(still).await? {
            return Err(Code::Forbidden.into());
        }
        Ok(())
    }

    /// Reads what the member may read.
    async fn read<T: Send + 'static>(&self, work: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static) -> Result<T> {
        scope::within(self.scope(), self.app.store.read(work)).await
    }

    fn scope(&self) -> Scope {
        self.caller.scope_for(self.watched.operation())
    }

    /// Notes that the member looks at the page.
    async fn look(&self) -> Result<()> {
        let (Some(at), member) = (self.watched.place().cloned(), self.caller.id()) else { return Ok(()) };
        let actor = Actor::AUTOMATION;
        self.app.store.write(actor, move |tx| presences::look(tx, member, &at, false)).await
    }

    /// Tells who else is here, if that has changed.
    async fn look_around(&mut self) -> Result<()> {
        let (watched, caller, now) = (self.watched.clone(), self.caller.clone(), self.app.store.clock.now());
        let others = self.read(move |conn| watched.others(conn, &caller, now)).await?;
        let told = self.watched.tell(&others, self.words);
        if told != self.others {
            self.ready.push_back(format!("event: here\ndata: {told}\n\n"));
            self.others = told;
        }
        Ok(())
    }

    /// Takes new events: tells that the page is no longer what it was.
    async fn take(&mut self, log: &[Logged]) -> Result<()> {
        let me = self.caller.id();
        let new: Vec<&Logged> = log.iter().filter(|event| event.position > self.place).collect();
        self.place = log.last().map_or(self.place, |last| last.position.max(self.place));
        let about_me = |event: &&&Logged| event.subject == me && event.kind.starts_with("member.");
        let concerns =
            |event: &&&Logged| event.actor_id != Some(me) && self.watched.concerns(&event.kind, event.subject);
        let changed = new.iter().rfind(concerns).map(|event| event.actor_id);
        if changed.is_some() || new.iter().any(|event| about_me(&event)) {
            self.verify().await?;
        }
        match changed {
            Some(by) => self.changed(by).await,
            None => Ok(()),
        }
    }

    /// Tells what happened while the page was out of view.
    async fn missed(&mut self, after: Position) -> Result<()> {
        let me = self.caller.id();
        match self.watched.place().map(|at| at.id) {
            Some(subject) => {
                let newest = self.read(move |conn| events::newest(conn, subject, 20)).await?;
                let is_new = |id: &str| id.parse::<Position>().is_ok_and(|place| place > after);
                match newest.iter().find(|event| is_new(&event.id) && event.actor_id != Some(me)) {
                    Some(event) => self.changed(event.actor_id).await,
                    None => Ok(()),
                }
            }
            None if after < self.place => self.changed(None).await,
            None => Ok(()),
        }
    }

    async fn changed(&mut self, by: Option<Id>) -> Result<()> {
        let id = self.place;
        if self.watched.place().is_none() {
            self.ready.push_back(format!("id: {id}\nevent: stir\ndata: {{}}\n\n"));
            return Ok(());
        }
        let ids: Vec<Id> = by.into_iter().collect();
        let names = self.app.store.read(move |conn| members::names_of(conn, &ids)).await?;
        let (now, later) = match by.and_then(|by| names.get(&by)) {
            Some(name) => (self.words.live_changed_by(name), self.words.live_changed_by_before(name)),
            None => (self.words.live_changed(), self.words.live_changed_before()),
        };
        let told = json!({ "text": now, "later": later });
        self.ready.push_back(format!("id: {id}\nevent: changed\ndata: {told}\n\n"));
        Ok(())
    }
}

/// The member has left the page. Where the program ends first, the row expires.
impl Drop for LiveStream {
    fn drop(&mut self) {
        let (Some(subject), member) = (self.watched.place().map(|at| at.id), self.caller.id()) else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let store = self.app.store.clone();
        runtime.spawn(async move {
            let actor = Actor::AUTOMATION;
            let _ = store.write(actor, move |tx| presences::leave(tx, member, subject)).await;
        });
    }
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/live", &[("GET", SignedIn)]).get(live));
}
