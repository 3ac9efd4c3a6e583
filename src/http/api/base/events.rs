//! `/v1/events`: the event log, as pages or as a stream of server-sent events.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL};
use actix_web::web::{Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream::unfold;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use utoipa::OpenApi;

use crate::domain::base::{Event, EventFilter, EventQuery, Page};
use crate::domain::team::access::Scope;
use crate::error::{Code, Error, Result};
use crate::http::base::extract::Query;
use crate::http::base::reply::{Answer, AppData, page, paging};
use crate::http::{Part, at};
use crate::store::base::events::{self, Logged, Position};
use crate::store::base::scope;
use crate::store::fresh;
use crate::store::team::products;
use crate::usecase::integrations::feed::EventBatch;

/// Time between two heartbeats on a stream without events.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events that a stream reads at a time while it catches up.
const CATCH_UP: i64 = 200;

/// Read the event log
///
/// Returns every change of the data, oldest first, in the order of commit. `next_cursor` is `null` on the last page. To
/// continue later, send the `id` of the last event as `after`.
///
/// With `Accept: text/event-stream` the answer is a stream of server-sent events that does not end by itself: each has
/// the event's `id`, its kind as `event`, and the event itself as `data`. The stream begins after the event in
/// `Last-Event-ID` (or `after`); without one it begins with the next new event. `limit` and `cursor` have no effect on
/// a stream. A comment every 15 seconds keeps the connection alive. The stream ends when the server stops or when the
/// token expires or is revoked.
#[utoipa::path(get, path = "/v1/events", tag = "events",
    params(EventQuery, ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that the client \
        received; for a stream.")),
    responses((status = 200, description = "As asked",
        content((Page<Event> = "application/json"), (String = "text/event-stream")))))]
pub async fn list_events(app: AppData, request: HttpRequest, query: Query<EventQuery>) -> Answer {
    // The order of the log depends on the transactions that are open there.
    fresh::on_primary();
    let filter = filter(&app, &query.0).await?;
    let accept = request.headers().get(ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if accept.contains("text/event-stream") {
        return stream(app, &request, filter, query.0.after.as_deref()).await;
    }
    let place = query.0.after.as_deref().map(|id| position(id, "/after")).transpose()?.unwrap_or_default();
    let paging = paging(&request, &query.0)?;
    let found = app.store.read(move |conn| events::feed(conn, &filter, place, &paging)).await?;
    Ok(page(&request, &found))
}

async fn filter(app: &AppData, query: &EventQuery) -> Result<EventFilter> {
    let (kind, subject) = (query.kind.clone(), query.subject);
    let Some(name) = query.product.clone() else { return Ok(EventFilter { kind, subject, product: None }) };
    let product = app.store.read(move |conn| products::known(conn, &name)).await?;
    Ok(EventFilter { kind, subject, product: Some(product.id) })
}

fn position(id: &str, pointer: &str) -> Result<Position> {
    id.trim().parse().map_err(|()| Error::field(pointer, "format", "is not the id of an event"))
}

async fn stream(app: AppData, request: &HttpRequest, filter: EventFilter, after: Option<&str>) -> Answer {
    let text = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let place = match (text("last-event-id"), after) {
        (Some(id), _) if !id.trim().is_empty() => Some(position(&id, "/Last-Event-ID")?),
        (_, Some(id)) => Some(position(id, "/after")?),
        _ => None,
    };
    // Listen before looking for the end of the log, so that no event is missed in between.
    let live = app.feed.listen().ok_or_else(|| Error::new(Code::Unavailable, "The server is stopping."))?;
    let place = match place {
        Some(place) => place,
        None => app.store.read(events::end).await?,
    };
    let secret = text(AUTHORIZATION.as_str()).unwrap_or_default();
    let secret = secret.split_once(' ').map(|(_, secret)| secret.trim().to_owned()).unwrap_or_default();
    let first = Some("retry: 2000\n\n".to_owned());
    let beat = Instant::now() + HEARTBEAT;
    let reader = EventStream { app, live, place, filter, secret, behind: true, ready: first, beat };
    let body = unfold(reader, |mut reader| async move {
        let chunk = reader.next().await?;
        Some((Ok::<Bytes, Infallible>(Bytes::from(chunk)), reader))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store"))
        // Some proxies buffer responses; this header of nginx turns that off.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(body))
}

/// One client's stream.
struct EventStream {
    app: AppData,
    live: Receiver<Arc<EventBatch>>,
    /// The last event that was sent or skipped.
    place: Position,
    filter: EventFilter,
    secret: String,
    /// Events may have been missed: read them from the log.
    behind: bool,
    ready: Option<String>,
    /// When the token is checked next and a heartbeat is sent.
    beat: Instant,
}

impl EventStream {
    /// The next piece of the stream; `None` at its end.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(chunk) = self.ready.take() {
                // Check the token before each chunk: an expired or revoked one gets nothing. The verifier caches its
                // answer for a few seconds.
                self.app.verifier.verify(&self.app.store, &self.secret).await.ok()?;
                return Some(chunk);
            }
            if self.beat <= Instant::now() {
                self.app.verifier.verify(&self.app.store, &self.secret).await.ok()?;
                self.beat = Instant::now() + HEARTBEAT;
                return Some(": still here\n\n".to_owned());
            }
            if self.behind {
                let place = self.place;
                let scope = self.scope().await?;
                let read = scope::within(scope, self.app.store.read(move |conn| events::after(conn, place, CATCH_UP)));
                let read = read.await;
                // On an error the stream ends; the client reconnects with the id of the last event it received.
                let log = read.ok()?;
                self.behind = log.len() as i64 == CATCH_UP;
                self.take(&log);
                continue;
            }
            match tokio::time::timeout_at(self.beat, self.live.recv()).await {
                // A caller with limits gets their events from the log, which is read in their scope.
                Ok(Ok(_)) if self.scope().await? != Scope::All => self.behind = true,
                Ok(Ok(batch)) if batch.from > self.place => self.behind = true,
                Ok(Ok(batch)) => self.take(&batch.events),
                Ok(Err(RecvError::Lagged(_))) => self.behind = true,
                Ok(Err(RecvError::Closed)) => return None,
                Err(_) => {}
            }
        }
    }

    /// What the caller may read now; `None` where the token is no longer valid.
    async fn scope(&self) -> Option<Scope> {
        let caller = self.app.verifier.verify(&self.app.store, &self.secret).await.ok()?;
        Some(caller.scope_for("list_events"))
    }

    /// Takes the new events that match the filter.
    fn take(&mut self, log: &[Logged]) {
        let mut chunk = String::new();
        for event in log.iter().filter(|event| event.position > self.place) {
            if self.filter.wants(&event.kind, event.subject, event.product) {
                let shown = event.clone().shown();
                let data = serde_json::to_string(&shown).unwrap_or_default();
                let _ = write!(chunk, "id: {}\nevent: {}\ndata: {data}\n\n", shown.id, shown.kind);
            }
        }
        self.place = log.last().map_or(self.place, |last| last.position.max(self.place));
        self.ready = Some(chunk).filter(|chunk| !chunk.is_empty());
    }
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_events))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/events").get(list_events));
}
