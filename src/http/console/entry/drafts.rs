//! `/console/drafts`: keeps what a member writes in a form, a second after their last key.

use actix_web::web::{Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use crate::domain::team::form_draft::FormPlace;
use crate::error::{Error, Result};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::SignedIn;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done, local};
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::team::{form_drafts as stored, presences};
use crate::store::{Conn, Tx};
use crate::usecase::team::{form_drafts, presence};

/// The longest path and the longest name of a form.
const LONGEST: usize = 300;

/// A path of the console in a field of the request.
fn path(form: &Form, name: &str) -> Result<String> {
    let text = form.get(name);
    let path = text.split(['?', '#']).next().unwrap_or_default();
    if path == local(path) && path.len() <= LONGEST {
        return Ok(path.to_owned());
    }
    Err(Error::field(format!("/{name}"), "format", "must be the path of a page of the console"))
}

/// The fields of the form, beside which the names that begin with a colon say where it is.
async fn keep(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let name: String = form.get(":form").chars().take(LONGEST).collect();
    let place = FormPlace { page: path(&form, ":page")?, action: path(&form, ":action")?, form: name };
    let fields: Vec<(String, String)> =
        form.fields().iter().filter(|(name, _)| !name.starts_with(':')).cloned().collect();
    let (member, access) = (visit.member.id, visit.caller.access.clone());
    let (is_as_before, about) = (form.get(":same") == "true", form.get(":place").to_owned());
    // Read as the member: nobody is shown as present at a resource that they may not see.
    let read = move |conn: &mut Conn| presence::looked_at(conn, &|operation| access.may(operation), &about);
    let looked_at = visit.read(&app, read).await?;
    let keep = move |tx: &mut Tx<'_>| {
        if is_as_before {
            presences::stop_writing(tx, member)?;
            return stored::remove(tx, member, &place);
        }
        if let Some(at) = &looked_at {
            presences::look(tx, member, at, true)?;
        }
        form_drafts::keep(tx, member, &place, &fields)
    };
    visit.write(&app, keep).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn discard(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let id = form.get("id").parse().map_err(|_| Error::not_found("draft"))?;
    let member = visit.member.id;
    let page = visit.write(&app, move |tx| form_drafts::discard(tx, member, id)).await?;
    // A draft that is gone was discarded elsewhere, or its form was sent.
    Ok(done(&request, page.as_deref().unwrap_or("/console/"), Flash::DraftDiscarded))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/drafts", &[("POST", SignedIn)]).post(keep))
        .service(page_at("/console/drafts/discard", &[("POST", SignedIn)]).post(discard));
}
