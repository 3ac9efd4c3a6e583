//! Internal notes on feedback, stories and customers: shown apart from what customers see, written, changed, deleted.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::json;

use super::referer::back;
use crate::domain::base::decode::decode;
use crate::domain::base::{Id, Paging};
use crate::domain::team::note::{NewNote, Note, NoteSubject};
use crate::domain::team::{Caller, Role};
use crate::error::{Code, Result};
use crate::http::api::stories::story_path::StoryPath;
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
use crate::store::team::{members, notes as stored};
use crate::usecase::team::notes;

/// Notes that a page shows.
const SHOWN: i64 = 50;

/// A note with the names of its author and of the mentioned members.
pub struct ShownNote {
    pub note: Note,
    pub by: Option<String>,
    pub mentions: Vec<String>,
    /// Whether the member may change it.
    pub is_own: bool,
}

/// The notes about a resource.
pub struct Notes {
    /// The address that a new note is sent to.
    pub action: String,
    pub list: Vec<ShownNote>,
}

impl Notes {
    /// The operation that writes such a note.
    pub fn operation(&self) -> &'static str {
        match () {
            () if self.action.starts_with("/console/stories/") => "create_story_note",
            () if self.action.starts_with("/console/customers/") => "create_customer_note",
            () => "create_feedback_note",
        }
    }
}

/// Reads the notes about a resource, newest first.
///
/// # Errors
/// 404.
pub fn read(conn: &mut Conn, kind: NoteSubject, id: Id, caller: &Caller) -> Result<Notes> {
    let paging = Paging::new(Some(SHOWN), None, String::new())?;
    let found = stored::about(conn, kind, id, &paging)?.data;
    let people = found.iter().flat_map(|note| note.author_id.into_iter().chain(note.mentions.iter().copied()));
    let people: Vec<Id> = people.collect();
    let names = members::names_of(conn, &people)?;
    let shown = |note: Note| ShownNote {
        by: note.author_id.and_then(|id| names.get(&id).cloned()),
        mentions: note.mentions.iter().filter_map(|id| names.get(id).cloned()).collect(),
        is_own: caller.role == Role::Admin || (note.author_id.is_some() && note.author_id == caller.member_id),
        note,
    };
    let action = format!("/console/{}/{id}/notes", kind.collection());
    Ok(Notes { action, list: found.into_iter().map(shown).collect() })
}

/// The page with one note: to change it, or to correct one that was refused.
#[derive(Template)]
#[template(path = "console/support/note.html")]
struct NotePage {
    shell: Shell,
    action: String,
    back: String,
    text: String,
    version: String,
    wrong: Wrong,
    is_conflict: bool,
    /// What the note says now, where somebody changed it meanwhile.
    now: Option<String>,
}

fn refused(request: &HttpRequest, form: &Form, back: String, error: crate::error::Error, now: Option<Note>) -> Shown {
    let shell = Shell::new(request, |t| t.error_in_title(t.internal_note()));
    let is_conflict = error.code == Code::VersionMismatch;
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    let version = now.as_ref().map_or_else(|| form.get("version").to_owned(), |note| note.version.to_string());
    let page = NotePage {
        shell,
        action: request.path().to_owned(),
        back,
        text: form.get("text").to_owned(),
        version,
        wrong: Wrong::new(error.fields),
        is_conflict,
        now: now.map(|note| note.text),
    };
    show_as(status, request, &page)
}

async fn add(app: &AppData, request: &HttpRequest, visit: Visit, subject: (NoteSubject, Id), body: Payload) -> Shown {
    let form = Form::read(request, body).await?;
    let (kind, id) = subject;
    let back = back(request, &form);
    let written = match decode::<NewNote>(json!({ "text": form.trimmed("text") })) {
        Ok(input) => visit.write(app, move |tx| notes::create(tx, kind, id, &input)).await,
        Err(error) => Err(error.into()),
    };
    match written {
        Ok(written) if written.warnings.is_empty() => Ok(done(request, &back, Flash::NoteSaved)),
        Ok(_) => Ok(done(request, &back, Flash::NoteUnknown)),
        Err(error) if error.code == Code::Invalid => refused(request, &form, back, error, None),
        Err(error) => Err(error),
    }
}

async fn on_feedback(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    add(&app, &request, visit, (NoteSubject::Feedback, path.0), body).await
}

async fn on_customer(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    add(&app, &request, visit, (NoteSubject::Customer, path.0), body).await
}

async fn on_story(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    add(&app, &request, visit, (NoteSubject::Story, path.0), body).await
}

async fn note(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let id = path.0;
    let note = visit.read(&app, move |conn| stored::get(conn, id)).await?;
    let page = NotePage {
        shell: Shell::new(&request, |t| t.internal_note()),
        action: format!("/console/notes/{id}"),
        back: back(&request, &Form::default()),
        text: note.text,
        version: note.version.to_string(),
        wrong: Wrong::default(),
        is_conflict: false,
        now: None,
    };
    show_as(StatusCode::OK, &request, &page)
}

async fn save(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, caller, back) = (path.0, visit.caller.clone(), back(&request, &form));
    let (patch, if_match) = (json!({ "text": form.trimmed("text") }), form.get("version").parse().ok());
    match visit.write(&app, move |tx| notes::edit(tx, id, &caller, if_match, &patch)).await {
        Ok(written) if written.warnings.is_empty() => Ok(done(&request, &back, Flash::NoteSaved)),
        Ok(_) => Ok(done(&request, &back, Flash::NoteUnknown)),
        Err(error) if error.code == Code::Invalid => refused(&request, &form, back, error, None),
        Err(error) if error.code == Code::VersionMismatch => {
            let now = visit.read(&app, move |conn| stored::get(conn, id)).await?;
            refused(&request, &form, back, error, Some(now))
        }
        Err(error) => Err(error),
    }
}

async fn delete(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, caller) = (path.0, visit.caller.clone());
    visit.write(&app, move |tx| notes::delete(tx, id, &caller, None)).await?;
    Ok(done(&request, &back(&request, &form), Flash::NoteDeleted))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("get_note")), ("POST", May("edit_note"))];
    config
        .service(page_at("/console/feedback/{id}/notes", &[("POST", May("create_feedback_note"))]).post(on_feedback))
        .service(page_at("/console/customers/{id}/notes", &[("POST", May("create_customer_note"))]).post(on_customer))
        .service(page_at("/console/stories/{id}/notes", &[("POST", May("create_story_note"))]).post(on_story))
        .service(page_at("/console/notes/{id}", rules).get(note).post(save))
        .service(page_at("/console/notes/{id}/delete", &[("POST", May("delete_note"))]).post(delete));
}
