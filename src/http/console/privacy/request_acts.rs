//! What people do with a request: check the identity, make the copy, answer, extend and refuse.

use actix_web::http::header;
use actix_web::web::{Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::request::page;
use crate::app::App;
use crate::domain::base::Id;
use crate::domain::base::decode::decode;
use crate::domain::privacy::person_request::{
    CopyOrder, IdentityCheck, MadeCopy, PersonRequestState, RequestAnswer, RequestReason,
};
use crate::error::{Error, Result};
use crate::http::api::privacy::copy_page::written;
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::usecase::privacy::person_requests;

/// The version that the form was made from.
fn version(form: &Form) -> Option<i32> {
    form.get("version").parse().ok()
}

/// The request again with the message of the act; or with why it was refused.
async fn after(app: &App, request: &HttpRequest, visit: Visit, id: Id, form: Form, acted: Result<Flash>) -> Shown {
    match acted {
        Ok(flash) => Ok(done(request, &format!("/console/privacy/requests/{id}"), flash)),
        Err(error) if Refusal::fits(&error) => page(app, request, visit, id, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

async fn identity(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let if_match = version(&form);
    let mut input = json!({ "how": form.trimmed("how") });
    if let Some(customer) = form.given("customer_id") {
        input["customer_id"] = json!(customer);
    }
    let acted = match decode::<IdentityCheck>(input) {
        Ok(input) => visit.write(&app, move |tx| person_requests::check_identity(tx, id, if_match, &input)).await,
        Err(error) => Err(error.into()),
    };
    after(&app, &request, visit, id, form, acted.map(|_| Flash::IdentityChecked)).await
}

async fn copy(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let input = match form.trimmed("copy") {
        "json" => json!({ "format": "json" }),
        language => json!({ "format": "html", "language": language }),
    };
    let made = match decode::<CopyOrder>(input) {
        Ok(order) => visit.write(&app, move |tx| person_requests::copy(tx, id, &order, written)).await,
        Err(error) => Err(error.into()),
    };
    match made {
        Ok(made) => Ok(download(made)),
        Err(error) => after(&app, &request, visit, id, form, Err(error)).await,
    }
}

/// The copy as a file. The browser keeps it nowhere else.
fn download(made: MadeCopy) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(format!("{}; charset=utf-8", made.media_type))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", made.file_name)))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(made.content)
}

async fn answer(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let if_match = version(&form);
    let mut input = json!({});
    if let Some(outcome) = form.given("outcome") {
        input["outcome"] = json!(outcome);
    }
    let acted = match decode::<RequestAnswer>(input) {
        Ok(input) => visit.write(&app, move |tx| person_requests::answer(tx, id, if_match, &input)).await,
        Err(error) => Err(error.into()),
    };
    let flash = acted.map(|request| match request.state {
        PersonRequestState::Waiting => Flash::RequestWaits,
        _ => Flash::RequestDone,
    });
    after(&app, &request, visit, id, form, flash).await
}

fn reason(form: &Form) -> Result<String> {
    Ok(decode::<RequestReason>(json!({ "reason": form.trimmed("reason") }))?.reason)
}

async fn extend(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let if_match = version(&form);
    let acted = match reason(&form) {
        Ok(reason) => visit.write(&app, move |tx| person_requests::extend(tx, id, if_match, &reason)).await,
        Err(error) => Err(error),
    };
    after(&app, &request, visit, id, form, acted.map(|_| Flash::RequestExtended)).await
}

async fn refuse(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let if_match = version(&form);
    let acted = match reason(&form) {
        Ok(reason) => visit.write(&app, move |tx| person_requests::refuse(tx, id, if_match, &reason)).await,
        Err(error) => Err::<_, Error>(error),
    };
    after(&app, &request, visit, id, form, acted.map(|_| Flash::RequestRefused)).await
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(
            page_at("/console/privacy/requests/{id}/identity", &[("POST", May("check_person_identity"))])
                .post(identity),
        )
        .service(page_at("/console/privacy/requests/{id}/copy", &[("POST", May("copy_person"))]).post(copy))
        .service(page_at("/console/privacy/requests/{id}/done", &[("POST", May("answer_person_request"))]).post(answer))
        .service(
            page_at("/console/privacy/requests/{id}/extend", &[("POST", May("extend_person_request"))]).post(extend),
        )
        .service(
            page_at("/console/privacy/requests/{id}/refuse", &[("POST", May("refuse_person_request"))]).post(refuse),
        );
}
