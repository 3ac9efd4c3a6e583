//! `/console/undo`: undoes an act on feedback, a correction of the grouping, or that a customer was told. The form stands in
//! the message after the act, and in the list of recent acts.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};

use crate::domain::base::Id;
use crate::domain::closure::UndoAnswer;
use crate::domain::themes::{Correction, CorrectionKind};
use crate::error::{Code, Error};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done, see_other};
use crate::http::console::base::visit::Visit;
use crate::http::console::support::acts::at_once;
use crate::http::{Pages, page_at};
use crate::store::Tx;
use crate::store::closure::closures;
use crate::usecase::closure::recalls;
use crate::usecase::feedback::acts;
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

async fn undo_last(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let id: Id = form.get("correction").parse().map_err(|_| Error::not_found("correction"))?;
    let caller = visit.caller.clone();
    match visit.write(&app, move |tx| acts::undo(tx, id, &caller)).await {
        Ok(act) => {
            let act = at_once(&app, &visit, act).await?;
            if act.state.is_over() && act.kept == 0 {
                return Ok(done(&request, form.get("back"), Flash::ActUndone));
            }
            Ok(see_other(&format!("/console/acts/{id}")))
        }
        Err(error) if error.code == Code::NotFound => undo_other(&app, &request, visit, id, form.get("back")).await,
        Err(error) => Err(error),
    }
}

/// Undoes what is no act on feedback: a closure's telling, else a correction.
async fn undo_other(app: &AppData, request: &HttpRequest, visit: Visit, id: Id, back: &str) -> Shown {
    let closure = visit.read(app, move |conn| closures::get(conn, id)).await;
    if closure.is_ok() && visit.may("undo_tell") {
        let undo = move |tx: &mut Tx<'_>| recalls::undo_tell(tx, id, None, &UndoAnswer::default());
        visit.write(app, undo).await?;
        return Ok(done(request, back, Flash::TellUndone));
    }
    if !visit.may("undo_correction") {
        return Err(Error::not_found("correction"));
    }
    let undone = visit.write(app, move |tx: &mut Tx<'_>| undo::undo(tx, id)).await?;
    Ok(done(request, &next(&undone, back), Flash::Undone))
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/undo", &[("POST", May("undo_act"))]).post(undo_last));
}
