//! What people do with a report: introduce, approve, send and delete it, and make links to it.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use serde_json::{Value, json};

use super::report::page;
use crate::domain::base::Id;
use crate::domain::base::decode::decode;
use crate::domain::reports::link::NewReportLink;
use crate::domain::reports::report::SendReport;
use crate::error::Result;
use crate::http::base::extract::{Path, segment};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::usecase::reports::{links, making};

/// The version that the form was made from.
fn version(form: &Form) -> Option<i32> {
    form.get("version").parse().ok()
}

/// The report again with the message of the act; or with why it was refused.
async fn after(app: AppData, request: HttpRequest, visit: Visit, id: Id, acted: (Form, Result<()>)) -> Shown {
    match acted {
        (_, Ok(())) => Ok(done(&request, &format!("/console/reports/{id}"), Flash::Saved)),
        (form, Err(error)) if Refusal::fits(&error) => page(&app, &request, visit, id, Some((error, form))).await,
        (_, Err(error)) => Err(error),
    }
}

async fn introduce(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let text = form.given("introduction").map_or(Value::Null, |text| json!(text));
    let (patch, if_match) = (json!({ "introduction": text }), version(&form));
    let edited = visit.write(&app, move |tx| making::edit(tx, id, if_match, &patch)).await;
    after(app, request, visit, id, (form, edited.map(drop))).await
}

async fn approve(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let if_match = version(&form);
    let approved = visit.write(&app, move |tx| making::approve(tx, id, if_match)).await;
    after(app, request, visit, id, (form, approved.map(drop))).await
}

async fn send(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let if_match = version(&form);
    let sent = match decode::<SendReport>(json!({ "subscription_ids": form.all("subscription_id") })) {
        Ok(input) => visit.write(&app, move |tx| making::send(tx, id, if_match, &input)).await.map(drop),
        Err(error) => Err(error.into()),
    };
    after(app, request, visit, id, (form, sent)).await
}

async fn delete(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let if_match = version(&form);
    match visit.write(&app, move |tx| making::delete(tx, id, if_match)).await {
        Ok(()) => Ok(done(&request, "/console/reports", Flash::Saved)),
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, id, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

async fn link(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let days = form.trimmed("days").parse::<i64>().map_or_else(|_| json!(form.trimmed("days")), |days| json!(days));
    let input = decode::<NewReportLink>(json!({ "days": days, "scope": form.given("scope").unwrap_or("summary") }));
    let base = app.config.public_url();
    let made = match input {
        Ok(input) => visit.write(&app, move |tx| links::create(tx, id, &input, &base)).await.map(drop),
        Err(error) => Err(error.into()),
    };
    after(app, request, visit, id, (form, made)).await
}

async fn revoke(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let (id, link): (Id, Id) = (segment(&request, "id")?, segment(&request, "link_id")?);
    let form = Form::read(&request, body).await?;
    let revoked = visit.write(&app, move |tx| links::revoke(tx, id, link)).await;
    after(app, request, visit, id, (form, revoked)).await
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/reports/{id}/introduction", &[("POST", May("edit_report"))]).post(introduce))
        .service(page_at("/console/reports/{id}/approve", &[("POST", May("approve_report"))]).post(approve))
        .service(page_at("/console/reports/{id}/send", &[("POST", May("send_report"))]).post(send))
        .service(page_at("/console/reports/{id}/delete", &[("POST", May("delete_report"))]).post(delete))
        .service(page_at("/console/reports/{id}/links", &[("POST", May("create_report_link"))]).post(link))
        .service(
            page_at("/console/reports/{id}/links/{link_id}/revoke", &[("POST", May("revoke_report_link"))])
                .post(revoke),
        );
}
