//! What people do with a breach: fill in what is known, record notices, write notes, close it.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use serde_json::{Value, json};

use super::breach::{FLAGS, TEXTS, page};
use super::breaches::countries;
use crate::app::App;
use crate::domain::base::Id;
use crate::domain::base::decode::decode;
use crate::domain::privacy::breach::{Breach, NewBreachEntry, NewBreachNotice};
use crate::error::Result;
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Tx;
use crate::usecase::privacy::breaches;

/// The version that the form was made from.
fn version(form: &Form) -> Option<i32> {
    form.get("version").parse().ok()
}

/// The breach again with the message of the act; or with why it was refused.
async fn after(app: &App, request: &HttpRequest, visit: Visit, id: Id, form: Form, acted: Result<Flash>) -> Shown {
    match acted {
        Ok(flash) => Ok(done(request, &format!("/console/privacy/breaches/{id}"), flash)),
        Err(error) if Refusal::fits(&error) => page(app, request, visit, id, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

/// A number of a form; the text where it is none, so that the field is named; null where it is empty.
fn number(text: &str) -> Value {
    match text.parse::<i64>() {
        Ok(number) => json!(number),
        Err(_) if text.is_empty() => Value::Null,
        Err(_) => json!(text),
    }
}

/// What the form says of a breach. Its times are in UTC.
fn facts(form: &Form) -> Value {
    let mut patch = json!({ "title": form.trimmed("title"), "countries": countries(form.trimmed("countries")) });
    patch["person_count"] = number(form.trimmed("person_count"));
    for name in ["known_at", "possible_at", "happened_at"] {
        let time = form.given(name).map(|time| if time.len() == 16 { format!("{time}:00Z") } else { time.to_owned() });
        patch[name] = json!(time);
    }
    for name in TEXTS.into_iter().chain(["authority_number"]) {
        patch[name] = json!(form.given(name));
    }
    for name in FLAGS {
        patch[name] = json!(form.get(name) == "true");
    }
    patch
}

async fn edit(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let (if_match, patch) = (version(&form), facts(&form));
    let edited = visit.write(&app, move |tx| breaches::edit(tx, id, if_match, &patch)).await;
    after(&app, &request, visit, id, form, edited.map(|_| Flash::Saved)).await
}

async fn notify(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let mut input = json!({
        "country": form.trimmed("country"), "audience": form.trimmed("audience"), "how": form.trimmed("how"),
        "is_final": form.get("first_phase") != "yes",
    });
    for name in ["reference", "language"] {
        if let Some(value) = form.given(name) {
            input[name] = json!(value);
        }
    }
    if form.given("person_count").is_some() {
        input["person_count"] = number(form.trimmed("person_count"));
    }
    let noted = match decode::<NewBreachNotice>(input) {
        Ok(input) => visit.write(&app, move |tx| breaches::notify(tx, id, None, &input)).await,
        Err(error) => Err(error.into()),
    };
    after(&app, &request, visit, id, form, noted.map(|_| Flash::NoticeRecorded)).await
}

async fn note(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let noted = match decode::<NewBreachEntry>(json!({ "text": form.trimmed("text") })) {
        Ok(input) => visit.write(&app, move |tx| breaches::note(tx, id, &input)).await,
        Err(error) => Err(error.into()),
    };
    after(&app, &request, visit, id, form, noted.map(|_| Flash::Saved)).await
}

/// An act that leads to another state.
type StateAct = fn(&mut Tx<'_>, Id, Option<i32>) -> Result<Breach>;

async fn state(
    app: AppData,
    request: HttpRequest,
    visit: Visit,
    id: Id,
    body: Payload,
    act: (StateAct, Flash),
) -> Shown {
    let form = Form::read(&request, body).await?;
    let acted = visit.write(&app, move |tx| (act.0)(tx, id, None)).await;
    after(&app, &request, visit, id, form, acted.map(|_| act.1)).await
}

async fn close(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    state(app, request, visit, path.0, body, (breaches::close, Flash::BreachClosed)).await
}

async fn reopen(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    state(app, request, visit, path.0, body, (breaches::reopen, Flash::BreachReopened)).await
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/privacy/breaches/{id}/edit", &[("POST", May("edit_breach"))]).post(edit))
        .service(page_at("/console/privacy/breaches/{id}/notices", &[("POST", May("notify_breach"))]).post(notify))
        .service(page_at("/console/privacy/breaches/{id}/notes", &[("POST", May("create_breach_entry"))]).post(note))
        .service(page_at("/console/privacy/breaches/{id}/close", &[("POST", May("close_breach"))]).post(close))
        .service(page_at("/console/privacy/breaches/{id}/reopen", &[("POST", May("reopen_breach"))]).post(reopen));
}
