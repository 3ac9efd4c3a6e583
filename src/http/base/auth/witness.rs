//! What the access log notes of a request. Every resource of the API and every page passes through here, and whose data an
//! answer showed is read from the answer itself: a new handler is in the log without doing anything for it.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody, to_bytes};
use actix_web::dev::ServiceResponse;
use actix_web::http::{Method, header};
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, web};

use crate::app::App;
use crate::domain::base::Id;
use crate::domain::privacy::access::log::{Access, AccessAct, hash_of};
use crate::domain::privacy::access::seen_ids::{SeenIds, ids_in};
use crate::domain::team::Caller;
use crate::error::{Code, Error, Result};
use crate::http::console::base::origin;

/// The header in which a reader says why they download something.
pub const REASON: &str = "access-reason";
/// The longest reason, in characters.
const LONGEST: usize = 500;

/// Operations whose answers name customers or feedback by their ids only, or hold only what the caller sent, and so show
/// nobody's data.
pub const SHOW_NOTHING: [(&str, &str); 7] = [
    ("create_feedback", "it answers what the caller filed"),
    ("create_feedback_batch", "it answers what the caller filed"),
    ("create_import", "it answers how the file is read"),
    ("list_events", "events hold ids and names of fields"),
    ("list_audit", "it is about members, and notes its readers itself"),
    ("list_access_log", "it holds ids"),
    ("get_access_review", "it holds ids"),
];

/// The ids that a page showed, before it was compressed.
struct ShownIds(Vec<Id>);

/// Notes the ids of a page. All pages of the console are written in one place, which calls this.
pub fn page(request: &HttpRequest, html: &[u8]) {
    request.extensions_mut().insert(ShownIds(ids_in(html)));
}

/// Notes what an answer of the API shows, and passes it on.
pub async fn note<B: MessageBody + 'static>(
    operation: &'static str,
    response: ServiceResponse<B>,
) -> ServiceResponse<EitherBody<BoxBody>> {
    let is_quiet = SHOW_NOTHING.iter().any(|(name, _)| *name == operation);
    noted(operation, is_quiet, response).await
}

/// As [`note`], for a page. It shows names where its operation answers ids.
pub async fn note_page<B: MessageBody + 'static>(
    operation: &'static str,
    response: ServiceResponse<B>,
) -> ServiceResponse<EitherBody<BoxBody>> {
    noted(operation, false, response).await
}

async fn noted<B: MessageBody + 'static>(
    operation: &'static str,
    is_quiet: bool,
    response: ServiceResponse<B>,
) -> ServiceResponse<EitherBody<BoxBody>> {
    let (request, response) = response.into_parts();
    let response = response.map_into_boxed_body();
    let noted = access_of(operation, &request, &response);
    // A download takes data away, even if it holds only ids.
    let Some(Noted { app, access }) = noted.filter(|noted| !is_quiet || noted.access.act == AccessAct::Download) else {
        return ServiceResponse::new(request, response.map_into_left_body());
    };
    let answer = if access.act == AccessAct::Download {
        download(&app, access, response).await
    } else {
        shown(&app, access, response).await
    };
    let answer = answer.unwrap_or_else(|refusal| refusal.error_response());
    ServiceResponse::new(request, answer.map_into_left_body())
}

/// An access that is to be noted.
struct Noted {
    app: web::Data<App>,
    access: Access,
}

/// The access of a request, if it has to be noted: somebody was let in and got an answer with data.
fn access_of(operation: &'static str, request: &HttpRequest, response: &HttpResponse) -> Option<Noted> {
    let app = request.app_data::<web::Data<App>>()?.clone();
    let is_stream = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
    if !app.access.is_on() || is_stream || response.status().is_client_error() {
        return None;
    }
    let caller = request.extensions().get::<Caller>().cloned()?;
    let mut ids: Vec<Id> = request.extensions_mut().remove::<ShownIds>().map(|shown| shown.0).unwrap_or_default();
    ids.extend(request.match_info().iter().filter_map(|(_, text)| text.parse::<Id>().ok()));
    let actor = caller.actor();
    let access = Access {
        at: app.store.clock.now(),
        actor: actor.kind.to_owned(),
        who: caller.id(),
        token_id: Some(caller.token_id),
        address: origin::client(request),
        operation: operation.to_owned(),
        act: act(request, response),
        status: i32::from(response.status().as_u16()),
        ids,
        query_hash: Some(request.query_string()).filter(|query| !query.is_empty()).map(hash_of),
        reason: reason(request),
    };
    Some(Noted { app, access })
}

fn act(request: &HttpRequest, response: &HttpResponse) -> AccessAct {
    let is_file = |name: header::HeaderName, sign: &str| {
        response.headers().get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.starts_with(sign))
    };
    match *request.method() {
        Method::GET | Method::HEAD => {
            let is_download =
                is_file(header::CONTENT_DISPOSITION, "attachment") || is_file(header::CONTENT_TYPE, "text/csv");
            if is_download { AccessAct::Download } else { AccessAct::Read }
        }
        _ => AccessAct::Write,
    }
}

/// Why the reader downloads something: a header, or a parameter of the address.
fn reason(request: &HttpRequest) -> Option<String> {
    let header = request.headers().get(REASON).and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
    let query = || -> Option<String> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(request.query_string()).ok()?;
        pairs.into_iter().find(|(name, _)| name == "reason").map(|(_, value)| value)
    };
    let said = header.map(str::to_owned).or_else(query)?;
    let said: String = said.trim().chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    Some(said).filter(|said| !said.is_empty())
}

/// A download is written to the log before it is answered.
async fn download(app: &App, mut access: Access, response: HttpResponse) -> Result<HttpResponse> {
    if access.reason.is_none() && app.config.privacy.asks_for_reasons() {
        let detail = "say why you download this, in the header `Access-Reason` or the parameter `reason`";
        return Err(Error::field("/reason", "required", detail));
    }
    let (response, body) = response.into_parts();
    let bytes = to_bytes(body).await.map_err(|_| Error::from(Code::Internal))?;
    access.ids.extend(ids_in(&bytes));
    app.access.write_now(&app.store, access).await?;
    Ok(response.set_body(BoxBody::new(bytes)))
}

/// Every other answer is passed on, and noted by what it shows.
async fn shown(app: &web::Data<App>, mut access: Access, response: HttpResponse) -> Result<HttpResponse> {
    app.access.check_room()?;
    let is_plain = !response.headers().contains_key(header::CONTENT_ENCODING);
    let (response, body) = response.into_parts();
    if !is_plain {
        write_if_many(app, access).await?;
        return Ok(response.set_body(body));
    }
    match body.try_into_bytes() {
        Ok(bytes) => {
            access.ids.extend(ids_in(&bytes));
            write_if_many(app, access).await?;
            Ok(response.set_body(BoxBody::new(bytes)))
        }
        Err(body) => {
            let watched = Watched { body, seen: SeenIds::default(), app: app.clone(), access: Some(access) };
            Ok(response.set_body(BoxBody::new(watched)))
        }
    }
}

/// Adds an access. Where many wait, the request writes them: the log keeps up with the readers.
async fn write_if_many(app: &App, access: Access) -> Result<()> {
    if app.access.add(access) {
        app.access.write_all(&app.store).await.or_else(|_| app.access.check_room())?;
    }
    Ok(())
}

/// A body in pieces: its ids are read as it is sent, and noted before its end is sent, or when it ends otherwise.
struct Watched {
    body: BoxBody,
    seen: SeenIds,
    app: web::Data<App>,
    access: Option<Access>,
}

impl MessageBody for Watched {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.body).poll_next(context);
        match &polled {
            Poll::Ready(Some(Ok(piece))) => this.seen.read(piece),
            Poll::Ready(None) => this.note(),
            _ => {}
        }
        polled
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.note();
    }
}

impl Watched {
    /// Notes what was shown; once.
    fn note(&mut self) {
        if let Some(mut access) = self.access.take() {
            access.ids.extend(std::mem::take(&mut self.seen).into_ids());
            self.app.access.add(access);
        }
    }
}
