//! What people do with a postmortem: write it, move it on, and add actions.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use serde_json::{Value, json};

use super::postmortem::page;
use crate::domain::base::Id;
use crate::domain::base::decode::decode;
use crate::domain::operations::postmortem::PostmortemSection;
use crate::domain::operations::postmortem::PostmortemState;
use crate::domain::operations::postmortem::action::NewPostmortemAction;
use crate::error::{Error, Result};
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::usecase::operations::postmortem::{actions, writing};

/// The version that the form was made from.
fn version(form: &Form) -> Option<i32> {
    form.get("version").parse().ok()
}

/// The postmortem again with the message of the act; or with why it was refused.
async fn after(app: AppData, request: HttpRequest, visit: Visit, id: Id, acted: (Form, Result<()>)) -> Shown {
    match acted {
        (_, Ok(())) => Ok(done(&request, &format!("/console/postmortems/{id}"), Flash::Saved)),
        (form, Err(error)) if Refusal::fits(&error) => page(&app, &request, visit, id, Some((error, form))).await,
        (_, Err(error)) => Err(error),
    }
}

async fn edit(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let mut patch = json!({ "title": form.trimmed("title") });
    for section in PostmortemSection::ALL {
        let name = section.as_str();
        if form.fields().iter().any(|(field, _)| field == name) {
            let text = form.get(name).replace("\r\n", "\n");
            patch[name] = if text.trim().is_empty() { Value::Null } else { json!(text) };
        }
    }
    let if_match = version(&form);
    let edited = visit.write(&app, move |tx| writing::edit(tx, id, if_match, &patch)).await;
    after(app, request, visit, id, (form, edited.map(drop))).await
}

async fn move_to(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let to = form.get("to").parse::<PostmortemState>();
    let moved = match to.map_err(|()| Error::field("/to", "format", "is not a state of postmortems")) {
        Ok(to) => visit.write(&app, move |tx| writing::move_to(tx, id, None, to)).await.map(drop),
        Err(error) => Err(error),
    };
    after(app, request, visit, id, (form, moved)).await
}

/// The action of a form: an existing story by its number, or a new one by its title.
fn new_action(form: &Form) -> Result<NewPostmortemAction> {
    let mut input = json!({});
    for field in ["story", "title", "owner_id"] {
        if let Some(value) = form.given(field) {
            input[field] = json!(value.trim());
        }
    }
    if let Some(day) = form.given("due_at") {
        input["due_at"] = json!(format!("{}T00:00:00Z", day.trim()));
    }
    Ok(decode(input)?)
}

async fn add(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let added = match new_action(&form) {
        Ok(input) => visit.write(&app, move |tx| actions::create(tx, id, &input)).await.map(drop),
        Err(error) => Err(error),
    };
    after(app, request, visit, id, (form, added)).await
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/postmortems/{id}/edit", &[("POST", May("edit_postmortem"))]).post(edit))
        .service(page_at("/console/postmortems/{id}/move", &[("POST", May("publish_postmortem"))]).post(move_to))
        .service(page_at("/console/postmortems/{id}/actions", &[("POST", May("create_postmortem_action"))]).post(add));
}
