//! `/console/settings/imports` and `/console/settings/imports/{id}`: imports, their progress and what was not taken.

use actix_web::web::{Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::domain::base::{Id, Paging};
use crate::domain::feedback::{Import, ImportError, ImportQuery, ImportState, ImportWarning};
use crate::domain::words::console::Words;
use crate::error::Result;
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::console::settings::csv::{Csv, download};
use crate::http::console::settings::members::Place;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::feedback::{importing::import_notes, imports};

const HERE: &str = "/console/settings/imports";
/// Rejected rows and warnings that the page shows.
const SHOWN: i64 = 50;

/// Whether an import is not done yet.
pub fn is_running(import: &Import) -> bool {
    matches!(import.state, ImportState::Queued | ImportState::Running)
}

/// Where the rows of an import come from, in a word.
pub fn origin(t: &Words, import: &Import) -> String {
    let preset = || import.reading.as_ref().map(|reading| reading.preset.clone());
    let known = import.options.origin.clone().or_else(|| import.options.preset.clone()).or_else(preset);
    known.unwrap_or_else(|| t.set_a_file())
}

/// The counts of an import, each with its name.
pub fn counts(t: &Words, import: &Import) -> Vec<(String, i64)> {
    let c = &import.counts;
    vec![
        (t.set_rows_created(), c.created),
        (t.set_rows_updated(), c.updated),
        (t.set_rows_unchanged(), c.unchanged),
        (t.set_rows_rejected(), c.rejected),
        (t.set_rows_skipped(), c.skipped),
        (t.set_warnings(), c.warnings),
        (t.set_rows_unreachable(), c.unreachable),
    ]
}

#[derive(Template)]
#[template(path = "console/settings/imports.html")]
struct ImportsPage {
    shell: Shell,
    imports: Vec<Import>,
    running: bool,
    first: Option<String>,
    next: Option<String>,
}

impl ImportsPage {
    fn origin(&self, import: &Import) -> String {
        origin(&self.shell.t, import)
    }
}

async fn list(app: AppData, request: HttpRequest, visit: Visit, place: Query<Place>) -> Shown {
    let query = ImportQuery { cursor: place.cursor(), ..ImportQuery::default() };
    let paging = Paging::of(HERE, &query)?;
    let found = visit.read(&app, move |conn| imports::list(conn, &query, &paging)).await?;
    let running = found.data.iter().any(is_running);
    let (first, next) = (place.first(HERE), Place::next(HERE, found.next_cursor));
    let shell = Shell::new(&request, |t| t.set_imports());
    show(&request, &ImportsPage { shell, imports: found.data, running, first, next })
}

#[derive(Template)]
#[template(path = "console/settings/import.html")]
struct ImportPage {
    shell: Shell,
    import: Import,
    running: bool,
    errors: Vec<ImportError>,
    more_errors: bool,
    warnings: Vec<ImportWarning>,
}

impl ImportPage {
    fn origin(&self, import: &Import) -> String {
        origin(&self.shell.t, import)
    }

    fn counts(&self, import: &Import) -> Vec<(String, i64)> {
        counts(&self.shell.t, import)
    }
}

async fn import(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let id = path.0;
    let read = move |conn: &mut Conn| {
        let some = Paging::new(Some(SHOWN), None, String::new())?;
        let import = imports::get(conn, id)?;
        Ok((import, import_notes::errors(conn, id, &some)?, import_notes::warnings(conn, id, &some)?.data))
    };
    let (import, errors, warnings) = visit.read(&app, read).await?;
    let shell = Shell::new(&request, |t| t.set_import_title());
    let (running, more_errors) = (is_running(&import), errors.next_cursor.is_some());
    show(&request, &ImportPage { shell, import, running, errors: errors.data, more_errors, warnings })
}

/// All rejected rows that are kept.
fn all_errors(conn: &mut Conn, id: Id) -> Result<Vec<ImportError>> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = import_notes::errors(conn, id, &Paging::new(Some(200), cursor.as_deref(), "rejected".to_owned())?)?;
        all.extend(page.data);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

async fn rejected(app: AppData, visit: Visit, path: Path) -> Result<HttpResponse> {
    let id = path.0;
    let errors = visit.read(&app, move |conn| all_errors(conn, id)).await?;
    let mut file = Csv::new(&["row", "code", "reason"]);
    for error in errors {
        file.row(&[error.row.to_string(), error.code, error.detail]);
    }
    Ok(download("rejected.csv", file))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/settings/imports", &[("GET", May("list_imports"))]).get(list))
        .service(page_at("/console/settings/imports/{id}", &[("GET", May("get_import"))]).get(import))
        .service(
            page_at("/console/settings/imports/{id}/rejected.csv", &[("GET", May("list_import_errors"))]).get(rejected),
        );
}
