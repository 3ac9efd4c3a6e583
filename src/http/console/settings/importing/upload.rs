//! `/console/settings/import`: the first step of the assistant, choosing a file. The file is stored as an upload
//! that nobody has queued yet.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use sha2::Sha256;

use super::draft::draft_address;
use crate::domain::base::Id;
use crate::domain::feedback::{ImportJob, ImportOptions};
use crate::error::{Code, Result};
use crate::http::api::feedback::import_spool::{no_room, spool, waiting};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::Wrong;
use crate::http::console::base::multipart::FilePart;
use crate::http::console::base::page::{Shown, see_other, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::console::settings::fields::status;
use crate::http::{Pages, page_at};
use crate::store::feedback::imports;

#[derive(Template)]
#[template(path = "console/settings/import_new.html")]
struct UploadPage {
    shell: Shell,
    wrong: Wrong,
}

fn page(request: &HttpRequest, wrong: Wrong) -> Shown {
    let shell = Shell::new(request, |t| {
        if wrong.is_empty() { t.set_import_a_file() } else { t.error_in_title(t.set_import_a_file()) }
    });
    show_as(status(&wrong), request, &UploadPage { shell, wrong })
}

async fn form(request: HttpRequest) -> Shown {
    page(&request, Wrong::default())
}

/// Stores the file that the form sends.
async fn store(app: &AppData, request: &HttpRequest, visit: &Visit, body: Payload) -> Result<Id> {
    let part = FilePart::open(request, body.into_inner()).await?;
    let (id, caller) = (Id::next(), &visit.caller);
    let most = app.config.import_waiting_limit;
    if waiting(app).await? > most {
        return Err(no_room(most));
    }
    let options = ImportOptions::default();
    let job = ImportJob::of(caller, options);
    visit.write(app, move |tx| imports::begin(tx, id, &job, 0, None)).await?;
    match spool(app, caller, id, <Sha256 as sha2::Digest>::new(), part.bytes()).await {
        Ok(_) => Ok(id),
        Err(error) => {
            // An upload that broke off is removed soon.
            let _ = visit.write(app, move |tx| imports::abandon(tx, id)).await;
            Err(error)
        }
    }
}

async fn upload(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    match store(&app, &request, &visit, body).await {
        Ok(id) => Ok(see_other(&draft_address(id))),
        Err(error) if error.code == Code::Invalid => page(&request, Wrong::of(error)?),
        Err(error) => Err(error),
    }
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("create_import")), ("POST", May("create_import"))];
    config.service(page_at("/console/settings/import", rules).get(form).post(upload));
}
