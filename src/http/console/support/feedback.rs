//! `/console/feedback/{id}`: a feedback with its customer, its theme, what was derived of it, notes, history, and what
//! its customer was told.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::{Map, Value, json};

use super::notes::{self, Notes};
use super::similar::{Nearest, nearest};
use crate::domain::base::{Event, Id};
use crate::domain::closure::Outcome;
use crate::domain::feedback::{Feedback, Kind, Sentiment, Severity, State};
use crate::domain::team::note::NoteSubject;
use crate::error::{Code, Result};
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::console::product::story_view::Entry;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::base::events;
use crate::store::feedback::{outcomes, rows};
use crate::store::team::members;
use crate::usecase::feedback::edits;

/// The newest entries of the history.
const HISTORY: i64 = 30;

struct FeedbackView {
    item: Feedback,
    outcomes: Vec<Outcome>,
    notes: Notes,
    history: Vec<Entry>,
    filed_by: Option<String>,
}

#[derive(Template)]
#[template(path = "console/support/feedback.html")]
struct FeedbackPage {
    shell: Shell,
    view: FeedbackView,
    nearest: Nearest,
    wrong: Wrong,
    /// Somebody else changed it meanwhile.
    is_conflict: bool,
}

impl FeedbackPage {
    fn kinds(&self) -> &'static [Kind] {
        Kind::ALL
    }

    fn severities(&self) -> &'static [Severity] {
        Severity::ALL
    }

    fn sentiments(&self) -> &'static [Sentiment] {
        Sentiment::ALL
    }

    fn kind(&self) -> &'static str {
        self.view.item.kind.map_or("", Kind::as_str)
    }

    fn severity(&self) -> &'static str {
        self.view.item.severity.map_or("", Severity::as_str)
    }

    fn sentiment(&self) -> &'static str {
        self.view.item.sentiment.map_or("", Sentiment::as_str)
    }

    fn is_dismissed(&self) -> bool {
        self.view.item.state == State::Dismissed
    }
}

fn read(conn: &mut Conn, id: Id, caller: &crate::domain::team::Caller) -> Result<FeedbackView> {
    let item = rows::get(conn, id)?;
    let own = outcomes::of_feedback(conn, vec![item.clone()])?.pop();
    let notes = notes::read(conn, NoteSubject::Feedback, id, caller)?;
    let events = events::newest(conn, id, HISTORY)?;
    let people: Vec<Id> = events.iter().filter_map(|event| event.actor_id).chain(item.submitted_by).collect();
    let names = members::names_of(conn, &people)?;
    let by = |event: &Event| event.actor_id.and_then(|id| names.get(&id).cloned());
    let history = events.into_iter().map(|event| Entry { by: by(&event), event }).collect();
    let filed_by = item.submitted_by.and_then(|id| names.get(&id).cloned());
    Ok(FeedbackView { outcomes: own.map(|own| own.outcomes).unwrap_or_default(), item, notes, history, filed_by })
}

async fn page(app: &AppData, request: &HttpRequest, visit: Visit, id: Id, refused: Option<(u16, Wrong)>) -> Shown {
    let caller = visit.caller.clone();
    let view = visit.read(app, move |conn| read(conn, id, &caller)).await?;
    let mut near = Nearest::default();
    if visit.may("find_similar") {
        let product = Some(view.item.product_id.to_string());
        near = nearest(app, &visit, &view.item.text, product, Some(id)).await?;
        let own = view.item.theme.as_ref().map(|theme| theme.id);
        near.themes.retain(|theme| Some(theme.id) != own);
    }
    let (status, wrong) = refused.unwrap_or((200, Wrong::default()));
    let mut shell = Shell::new(request, |t| t.feedback()).about(format!("/console/feedback/{id}"));
    if status != 200 {
        shell.title = shell.t.error_in_title(&shell.title);
    }
    let is_conflict = status == Code::VersionMismatch.status();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    show_as(status, request, &FeedbackPage { shell, view, nearest: near, wrong, is_conflict })
}

async fn feedback(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    page(&app, &request, visit, path.0, None).await
}

/// The fields of the form that a person changed. A derived value that was left alone stays derived.
fn patch(form: &Form) -> Value {
    let mut patch = Map::new();
    for name in ["kind", "severity", "sentiment"] {
        let value = form.trimmed(name);
        if value != form.trimmed(&format!("had_{name}")) {
            patch.insert(name.to_owned(), if value.is_empty() { Value::Null } else { json!(value) });
        }
    }
    if let Some(confirmed) = form.given("confirm") {
        patch.insert(confirmed.to_owned(), json!(form.trimmed(confirmed)));
    }
    Value::Object(patch)
}

async fn correct(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, if_match) = (path.0, form.get("version").parse().ok());
    let (patch, rights) = (patch(&form), visit.caller.access.filing_rights());
    match visit.write(&app, move |tx| edits::edit_by(tx, id, if_match, &patch, rights).map(drop)).await {
        Ok(()) => Ok(done(&request, &format!("/console/feedback/{id}"), Flash::Saved)),
        Err(error) if matches!(error.code, Code::Invalid | Code::VersionMismatch) => {
            page(&app, &request, visit, id, Some((error.code.status(), Wrong::new(error.fields)))).await
        }
        Err(error) => Err(error),
    }
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/feedback/{id}", &[("GET", May("get_feedback"))]).get(feedback))
        .service(page_at("/console/feedback/{id}/edit", &[("POST", May("edit_feedback"))]).post(correct));
}
