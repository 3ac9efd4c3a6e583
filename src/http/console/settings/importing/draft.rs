//! `/console/settings/import/{id}`: the further steps of the assistant. The columns of the file are shown with what each
//! becomes, the mapping is corrected, a dry run shows the counts, and then the file is imported.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Payload, Query, ServiceConfig};
use askama::Template;
use serde::Deserialize;

use super::list::{counts, is_running};
use super::mapping::{fields, options_of};
use crate::app::App;
use crate::domain::base::{Actor, Id};
use crate::domain::feedback::{Import, ImportOptions};
use crate::error::Result;
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::page::{Shown, done, see_other, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::console::settings::fields::Field;
use crate::http::{Pages, page_at};
use crate::outside::import::field_names;
use crate::store::feedback::import_drafts::{self, Draft};
use crate::store::feedback::imports;
use crate::store::team::products;
use crate::store::{Conn, Tx};
use crate::usecase::feedback::import_preview::{ColumnPreview, LOOKED_AT, RowPreview, beginning, look};
use crate::usecase::feedback::{import_options, imports as queueing};

/// The address of an uploaded file.
pub fn draft_address(id: Id) -> String {
    format!("/console/settings/import/{id}")
}

/// The dry run that the address names.
#[derive(Clone, Debug, Default, Deserialize)]
struct Asked {
    dry: Option<Id>,
}

#[derive(Template)]
#[template(path = "console/settings/import_draft.html")]
struct DraftPage {
    shell: Shell,
    id: Id,
    bytes: i64,
    columns: Vec<ColumnPreview>,
    rows: Vec<RowPreview>,
    problem: Option<String>,
    options: Vec<Field>,
    wrong: Wrong,
    dry: Option<Import>,
    running: bool,
}

impl DraftPage {
    fn fields(&self) -> Vec<&'static str> {
        field_names().collect()
    }

    fn counts(&self, import: &Import) -> Vec<(String, i64)> {
        counts(&self.shell.t, import)
    }
}

/// The member as the owner of the file.
fn owner(visit: &Visit) -> Actor {
    visit.caller.actor()
}

/// A form that was refused: the options that it asked for, and what is wrong with them.
type Refused = (ImportOptions, Wrong);

async fn page(
    app: &AppData,
    request: &HttpRequest,
    visit: Visit,
    id: Id,
    dry: Option<Id>,
    refused: Option<Refused>,
) -> Shown {
    let (owner, now) = (owner(&visit), app.store.clock.now());
    let read = move |conn: &mut Conn| {
        let draft = import_drafts::get(conn, id, &owner, now)?;
        let dry = dry.map(|dry| imports::get_of(conn, dry, Some(&owner))).transpose()?;
        let (head, whole) = import_drafts::head(conn, id, LOOKED_AT)?;
        let products = products::current(conn)?;
        let seen = look(&beginning(head, whole), &draft.job, &products, now)?;
        Ok((draft, dry, products, seen))
    };
    let (draft, dry, products, seen) = visit.read(app, read).await?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (options, wrong) = refused.unwrap_or_else(|| (draft.job.options.clone(), Wrong::default()));
    let shell = Shell::new(request, |t| {
        if wrong.is_empty() { t.set_check_the_file() } else { t.error_in_title(t.set_check_the_file()) }
    });
    let options = fields(&shell.t, &options, &products, &wrong);
    let running = dry.as_ref().is_some_and(is_running);
    let page = DraftPage {
        shell,
        id,
        bytes: draft.bytes,
        columns: seen.columns,
        rows: seen.rows,
        problem: seen.problem,
        options,
        wrong,
        dry,
        running,
    };
    show_as(status, request, &page)
}

async fn show(app: AppData, request: HttpRequest, visit: Visit, path: Path, asked: Query<Asked>) -> Shown {
    page(&app, &request, visit, path.0, asked.dry, None).await
}

/// The draft with the options of the form.
async fn settled(app: &App, visit: &Visit, id: Id, options: ImportOptions) -> Result<Draft> {
    let (owner, now) = (owner(visit), app.store.clock.now());
    let read = move |conn: &mut Conn| {
        let mut draft = import_drafts::get(conn, id, &owner, now)?;
        draft.job.options = import_options::check(conn, options.clone())?;
        Ok(draft)
    };
    let draft = visit.read(app, read).await?;
    let job = draft.job.clone();
    visit.write(app, move |tx| import_drafts::keep(tx, id, &job)).await?;
    Ok(draft)
}

async fn change(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let (options, mut wrong) = options_of(&form);
    let settled = match wrong.is_empty() {
        true => settled(&app, &visit, id, options.clone()).await.map(Some),
        false => Ok(None),
    };
    match settled {
        Ok(Some(draft)) if form.get("act") == "dry" => {
            let dry = dry_run(&app, &visit, draft).await?;
            Ok(see_other(&format!("{}?dry={dry}", draft_address(id))))
        }
        Ok(Some(_)) => Ok(see_other(&draft_address(id))),
        Ok(None) => page(&app, &request, visit, id, None, Some((options, wrong))).await,
        Err(error) => {
            wrong = Wrong::of(error)?;
            page(&app, &request, visit, id, None, Some((options, wrong))).await
        }
    }
}

/// Queues a dry run of a copy of the file: the file of an import is deleted when it is done.
async fn dry_run(app: &App, visit: &Visit, draft: Draft) -> Result<Id> {
    let (from, to) = (draft.id, Id::next());
    let mut job = draft.job;
    job.options.dry_run = true;
    visit.write(app, move |tx| imports::begin(tx, to, &job, 0, None)).await?;
    let mut next = Some(0);
    while let Some(first) = next {
        next = visit.write(app, move |tx| import_drafts::copy(tx, from, to, first)).await?;
    }
    visit.write(app, move |tx| queueing::queue(tx, to)).await?;
    Ok(to)
}

async fn go(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let (id, owner, now) = (path.0, owner(&visit), app.store.clock.now());
    let queue = move |tx: &mut Tx<'_>| {
        import_drafts::get(tx.conn, id, &owner, now)?;
        queueing::queue(tx, id).map(drop)
    };
    visit.write(&app, queue).await?;
    Ok(done(&request, &format!("/console/settings/imports/{id}"), Flash::ImportQueued))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("create_import")), ("POST", May("create_import"))];
    config
        .service(page_at("/console/settings/import/{id}", rules).get(show).post(change))
        .service(page_at("/console/settings/import/{id}/go", &[("POST", May("create_import"))]).post(go));
}
