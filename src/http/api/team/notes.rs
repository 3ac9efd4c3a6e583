//! Internal notes on feedback, stories, customers and closures, and `/v1/me/mentions`.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use crate::domain::base::{Id, Page};
use crate::domain::team::note::{MentionQuery, NewNote, Note, NoteEdit, NoteMention, NoteSubject, WrittenNote};
use crate::http::api::stories::resource::PartQuery;
use crate::http::api::stories::story_path::StoryPath;
use crate::http::base::extract::{By, Path, Query};
use crate::http::base::reply::{Answer, AppData, Reply, Write, page, paging, resource};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::store::team::{note_mentions, notes as stored_notes};
use crate::usecase::team::notes;

/// What a note is for, and who reads it; the same for every subject.
macro_rules! writing {
    ($($more:literal)?) => {
        concat!(
            "Only the team can read it: it never appears in mails to customers, answer pages, changelogs, trackers or \
             messages to support desks. `@` followed by the full name or the e-mail address of an active member mentions \
             them; so does `mentions`. Mentioned members see the note at `GET /v1/me/mentions`, and get a mail if mail is \
             set up. A name that does not match exactly one member mentions nobody and is reported in `warnings`.",
            $($more)?
        )
    };
}

const WRITING: &str = writing!();
const WRITING_ABOUT_A_CUSTOMER: &str =
    writing!(" If the customer was merged, the note belongs to the customer who remains.");

/// A page of the notes on a resource.
async fn list(app: AppData, request: HttpRequest, kind: NoteSubject, id: Id, query: PartQuery) -> Answer {
    let paging = paging(&request, &query)?;
    let read = move |conn: &mut _| {
        let subject = notes::subject(conn, kind, id)?;
        stored_notes::about(conn, kind, subject, &paging)
    };
    Ok(page(&request, &app.store.read(read).await?))
}

/// Creates a note on a resource.
async fn create(app: AppData, write: Write, kind: NoteSubject, id: Id) -> Answer {
    let create = move |tx: &mut Tx<'_>, input: &NewNote| {
        let written = notes::create(tx, kind, id, input)?;
        Ok(Reply::created(format!("/v1/notes/{}", written.note.id), &written))
    };
    write.run(&app, create).await
}

/// List the internal notes on a feedback item, newest first
#[utoipa::path(get, path = "/v1/feedback/{id}/notes", tag = "notes", params(("id" = Id, Path), PartQuery),
    responses((status = 200, body = Page<Note>)))]
pub async fn list_feedback_notes(app: AppData, request: HttpRequest, path: Path, query: Query<PartQuery>) -> Answer {
    list(app, request, NoteSubject::Feedback, path.0, query.0).await
}

/// Write an internal note on a feedback item
#[utoipa::path(post, path = "/v1/feedback/{id}/notes", tag = "notes", description = WRITING, params(("id" = Id, Path)), request_body = NewNote,
    responses((status = 201, body = WrittenNote, description = "Written",
        headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_feedback_note(app: AppData, path: Path, write: Write) -> Answer {
    create(app, write, NoteSubject::Feedback, path.0).await
}

/// List the internal notes on a story, newest first
#[utoipa::path(get, path = "/v1/stories/{id}/notes", tag = "notes", params(("id" = String, Path, description = "Id or number of the story", example = "HB-17"), PartQuery),
    responses((status = 200, body = Page<Note>)))]
pub async fn list_story_notes(app: AppData, request: HttpRequest, path: StoryPath, query: Query<PartQuery>) -> Answer {
    list(app, request, NoteSubject::Story, path.0, query.0).await
}

/// Write an internal note on a story
#[utoipa::path(post, path = "/v1/stories/{id}/notes", tag = "notes", description = WRITING, params(("id" = String, Path, description = "Id or number of the story", example = "HB-17")), request_body = NewNote,
    responses((status = 201, body = WrittenNote, description = "Written",
        headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_story_note(app: AppData, path: StoryPath, write: Write) -> Answer {
    create(app, write, NoteSubject::Story, path.0).await
}

/// List the internal notes on a customer, newest first
///
/// Notes on a merged customer belong to the customer who remains, and both ids return them.
#[utoipa::path(get, path = "/v1/customers/{id}/notes", tag = "notes", params(("id" = Id, Path), PartQuery),
    responses((status = 200, body = Page<Note>)))]
pub async fn list_customer_notes(app: AppData, request: HttpRequest, path: Path, query: Query<PartQuery>) -> Answer {
    list(app, request, NoteSubject::Customer, path.0, query.0).await
}

/// Write an internal note on a customer
#[utoipa::path(post, path = "/v1/customers/{id}/notes", tag = "notes", description = WRITING_ABOUT_A_CUSTOMER, params(("id" = Id, Path)), request_body = NewNote,
    responses((status = 201, body = WrittenNote, description = "Written",
        headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_customer_note(app: AppData, path: Path, write: Write) -> Answer {
    create(app, write, NoteSubject::Customer, path.0).await
}

/// List the internal notes on a closure, newest first
#[utoipa::path(get, path = "/v1/closures/{id}/notes", tag = "notes", params(("id" = Id, Path), PartQuery),
    responses((status = 200, body = Page<Note>)))]
pub async fn list_closure_notes(app: AppData, request: HttpRequest, path: Path, query: Query<PartQuery>) -> Answer {
    list(app, request, NoteSubject::Closure, path.0, query.0).await
}

/// Write an internal note on a closure
#[utoipa::path(post, path = "/v1/closures/{id}/notes", tag = "notes", description = WRITING, params(("id" = Id, Path)), request_body = NewNote,
    responses((status = 201, body = WrittenNote, description = "Written",
        headers(("Location" = String), ("ETag" = String)))))]
pub async fn create_closure_note(app: AppData, path: Path, write: Write) -> Answer {
    create(app, write, NoteSubject::Closure, path.0).await
}

/// Read an internal note
#[utoipa::path(get, path = "/v1/notes/{id}", tag = "notes", params(("id" = Id, Path)),
    responses((status = 200, body = Note, headers(("ETag" = String)))))]
pub async fn get_note(app: AppData, path: Path) -> Answer {
    let found = app.store.read(move |conn| stored_notes::get(conn, path.0)).await?;
    Ok(resource(&found))
}

/// Change an internal note
///
/// Only its author and admins may change it; others get 403. A changed text is searched for mentions again. Newly
/// mentioned members get a mail; a member who already got a mail about this note does not get another one.
#[utoipa::path(patch, path = "/v1/notes/{id}", tag = "notes", params(("id" = Id, Path)),
    request_body(content = NoteEdit, content_type = "application/merge-patch+json"),
    responses((status = 200, body = WrittenNote, headers(("ETag" = String)))))]
pub async fn edit_note(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, patch, caller) = (write.if_match, write.body.value.clone(), write.caller.clone());
    let edit = move |tx: &mut Tx<'_>| Ok(Reply::ok(&notes::edit(tx, path.0, &caller, if_match, &patch)?));
    write.run_raw(&app, edit).await
}

/// Delete an internal note
///
/// It can't be restored. Only its author and admins may delete it; others get 403. A mail about it that has not left
/// yet is not sent.
#[utoipa::path(delete, path = "/v1/notes/{id}", tag = "notes", params(("id" = Id, Path)),
    responses((status = 204, description = "Deleted")))]
pub async fn delete_note(app: AppData, path: Path, write: Write) -> Answer {
    let (if_match, caller) = (write.if_match, write.caller.clone());
    let delete = move |tx: &mut Tx<'_>| notes::delete(tx, path.0, &caller, if_match);
    app.store.write(write.caller.actor(), delete).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// List the internal notes that mention you, newest mention first
///
/// `unread=true` lists only notes that you have not marked as read. A token without a member (a service) is never
/// mentioned.
#[utoipa::path(get, path = "/v1/me/mentions", tag = "notes", params(MentionQuery),
    responses((status = 200, body = Page<NoteMention>)))]
pub async fn list_my_mentions(
    app: AppData,
    request: HttpRequest,
    By(caller): By,
    query: Query<MentionQuery>,
) -> Answer {
    let (paging, query) = (paging(&request, &query.0)?, query.0);
    let read = move |conn: &mut _| match caller.member_id {
        Some(member) => note_mentions::of_member(conn, member, &query, &paging),
        None => Ok(Page { data: Vec::new(), next_cursor: None }),
    };
    Ok(page(&request, &app.store.read(read).await?))
}

/// Mark a note that mentions you as read
///
/// 404 if the note does not mention you. Marking it again changes nothing.
#[utoipa::path(post, path = "/v1/notes/{id}/read", tag = "notes", params(("id" = Id, Path)),
    responses((status = 200, body = NoteMention)))]
pub async fn read_note(app: AppData, path: Path, write: Write) -> Answer {
    let caller = write.caller.clone();
    write.run_raw(&app, move |tx| Ok(Reply::ok(&notes::read(tx, path.0, &caller)?))).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(
    list_feedback_notes,
    create_feedback_note,
    list_story_notes,
    create_story_note,
    list_customer_notes,
    create_customer_note,
    list_closure_notes,
    create_closure_note,
    get_note,
    edit_note,
    delete_note,
    list_my_mentions,
    read_note
))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/feedback/{id}/notes").get(list_feedback_notes).post(create_feedback_note))
        .service(at("/v1/stories/{id}/notes").get(list_story_notes).post(create_story_note))
        .service(at("/v1/customers/{id}/notes").get(list_customer_notes).post(create_customer_note))
        .service(at("/v1/closures/{id}/notes").get(list_closure_notes).post(create_closure_note))
        .service(at("/v1/notes/{id}").get(get_note).patch(edit_note).delete(delete_note))
        .service(at("/v1/notes/{id}/read").post(read_note))
        .service(at("/v1/me/mentions").get(list_my_mentions));
}
