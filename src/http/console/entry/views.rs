//! `/console/views`: saved views of lists: rename, share, pin, delete, and choose what a list opens with.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::json;

use crate::domain::base::decode::decode;
use crate::domain::base::{Id, Paging};
use crate::domain::team::Role;
use crate::domain::team::view::{NewSavedView, SavedView, ViewPage};
use crate::error::{Code, Error};
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::kept::views::{address, lists, read};
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Tx;
use crate::store::team::members;
use crate::store::team::views as stored;
use crate::usecase::team::views;

const HERE: &str = "/console/views";
/// The most views on the page.
const SHOWN: i64 = 200;

/// A view as the page shows it.
struct Line {
    view: SavedView,
    address: String,
    /// The owner, if it is somebody else.
    owner: Option<String>,
    may_change: bool,
}

/// A list with its views.
struct Group {
    name: String,
    page: ViewPage,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "console/entry/views.html")]
struct ViewsPage {
    shell: Shell,
    groups: Vec<Group>,
    /// A view that could not be saved.
    form: Form,
    wrong: Wrong,
    /// Why the last act was refused.
    refusal: Option<String>,
}

async fn page(app: &AppData, request: &HttpRequest, visit: Visit, refused: Option<(Error, Form)>) -> Shown {
    let (me, role) = (visit.member.id, visit.caller.role);
    let pages: Vec<ViewPage> =
        lists().into_iter().filter(|page| views::pages_of(&visit.caller).contains(page)).collect();
    let wanted = pages.clone();
    let paging = Paging::new(Some(SHOWN), None, String::new())?;
    let (found, names) = visit
        .read(app, move |conn| {
            let found = stored::visible(conn, Some(me), &wanted, &paging)?.data;
            let owners: Vec<Id> = found.iter().map(|one| one.view.member_id).filter(|owner| *owner != me).collect();
            let names = members::names_of(conn, &owners)?;
            Ok((found, names))
        })
        .await?;
    let line = |view: SavedView| Line {
        address: address(&view),
        owner: names.get(&view.member_id).cloned(),
        may_change: view.member_id == me || role == Role::Admin,
        view,
    };
    let mut lines: Vec<Line> = found.into_iter().map(|found| line(found.view)).collect();
    let (error, form) = refused.map_or((None, Form::default()), |(error, form)| (Some(error), form));
    let shell = Shell::new(request, |t| if error.is_none() { t.views() } else { t.error_in_title(t.views()) });
    let mut group = |page: ViewPage| {
        let (own, others) = std::mem::take(&mut lines).into_iter().partition(|line: &Line| line.view.page == page);
        lines = others;
        Group { name: shell.t.list_name(page.as_str()), page, lines: own }
    };
    let groups = pages.into_iter().map(&mut group).filter(|group| !group.lines.is_empty()).collect();
    let status = error.as_ref().map_or(200, |error| error.code.status());
    let refusal = error.as_ref().filter(|error| error.code == Code::Conflict).map(|_| shell.t.view_taken());
    let wrong = error.map(|error| Wrong::new(error.fields)).unwrap_or_default();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    show_as(status, request, &ViewsPage { shell, groups, form, wrong, refusal })
}

async fn list(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    page(&app, &request, visit, None).await
}

/// Saves what a list shows, and shows it again.
async fn save(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let caller = visit.caller.clone();
    let input = json!({
        "page": form.get("page"), "name": form.trimmed("name"), "query": form.get("query"),
        "shared": form.get("shared") == "true", "pinned": form.get("pinned") == "true",
    });
    let saved = match decode::<NewSavedView>(input) {
        Ok(input) => visit.write(&app, move |tx: &mut Tx<'_>| views::create(tx, &caller, &input, read)).await,
        Err(error) => Err(error.into()),
    };
    match saved {
        Ok(view) => Ok(done(&request, &address(&view), Flash::ViewSaved)),
        Err(error) => refused(&app, &request, visit, error, form).await,
    }
}

async fn refused(app: &AppData, request: &HttpRequest, visit: Visit, error: Error, form: Form) -> Shown {
    match error.code {
        Code::Invalid | Code::Conflict => page(app, request, visit, Some((error, form))).await,
        _ => Err(error),
    }
}

async fn edit(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, caller, if_match) = (path.0, visit.caller.clone(), form.get("version").parse().ok());
    let patch = json!({
        "name": form.trimmed("name"), "shared": form.get("shared") == "true", "pinned": form.get("pinned") == "true",
    });
    match visit.write(&app, move |tx| views::edit(tx, id, &caller, if_match, &patch, read).map(drop)).await {
        Ok(()) => Ok(done(&request, HERE, Flash::Saved)),
        // The form of a view that exists has its own place on the page, so only the reason is shown.
        Err(error) => refused(&app, &request, visit, error, Form::default()).await,
    }
}

async fn delete(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let (id, caller) = (path.0, visit.caller.clone());
    visit.write(&app, move |tx| views::delete(tx, id, &caller, None)).await?;
    Ok(done(&request, HERE, Flash::ViewDeleted))
}

/// Chooses, or no longer chooses, the view that its list opens with.
async fn open_with(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, caller, opens) = (path.0, visit.caller.clone(), form.get("opens") == "true");
    visit.write(&app, move |tx| views::open_with(tx, id, &caller, opens).map(drop)).await?;
    Ok(done(&request, HERE, Flash::Saved))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_views")), ("POST", May("create_view"))];
    config
        .service(page_at("/console/views", rules).get(list).post(save))
        .service(page_at("/console/views/{id}", &[("POST", May("edit_view"))]).post(edit))
        .service(page_at("/console/views/{id}/delete", &[("POST", May("delete_view"))]).post(delete))
        .service(page_at("/console/views/{id}/opening", &[("POST", May("open_with_view"))]).post(open_with));
}
