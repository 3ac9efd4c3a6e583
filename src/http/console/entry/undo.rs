//! `/console/undo`: undoes a correction of the grouping. The form stands in the message after the act, and in the list
//! of recent acts.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};

use crate::domain::base::Id;
use crate::domain::themes::{Correction, CorrectionKind};
use crate::error::Error;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done};
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::usecase::themes::undo;

/// The page after an undo: where the member was. The page of a theme that is empty after the undo is left for the theme
/// that has the feedback again.
fn next(undone: &Correction, back: &str) -> String {
    let emptied = undone.other_theme_id.map(|theme| format!("/console/themes/{theme}"));
    let is_there = emptied.is_some_and(|page| back.starts_with(&page));
    match undone.theme_id {
        Some(theme) if undone.kind == CorrectionKind::Split && is_there => format!("/console/themes/{theme}"),
        _ => back.to_owned(),
    }
}

async fn undo(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let id: Id = form.get("correction").parse().map_err(|_| Error::not_found("correction"))?;
    let undone = visit.write(&app, move |tx| undo::undo(tx, id)).await?;
    Ok(done(&request, &next(&undone, form.get("back")), Flash::Undone))
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/undo", &[("POST", May("undo_correction"))]).post(undo));
}
