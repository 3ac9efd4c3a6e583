//! What people do with the bases on which a customer is contacted: record one, and record a withdrawal.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use serde_json::json;

use super::customer::page;
use crate::app::App;
use crate::domain::base::Id;
use crate::domain::base::decode::decode;
use crate::domain::privacy::consent::{ConsentWithdrawal, NewConsent};
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
use crate::usecase::privacy::consents;

/// The customer again with the message of the act; or with why it was refused.
async fn after(app: &AppData, request: &HttpRequest, visit: Visit, id: Id, form: Form, acted: Result<Flash>) -> Shown {
    match acted {
        Ok(flash) => Ok(done(request, &format!("/console/customers/{id}"), flash)),
        Err(error) if Refusal::fits(&error) => page(app, request, visit, id, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

async fn write_record(app: &App, visit: &Visit, id: Id, form: &Form) -> Result<Flash> {
    let input = json!({
        "purpose": form.trimmed("purpose"), "basis": form.trimmed("basis"), "source": form.trimmed("source"),
    });
    let input: NewConsent = decode(input)?;
    visit.write(app, move |tx| consents::record(tx, id, &input)).await?;
    Ok(Flash::ConsentRecorded)
}

async fn record(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let acted = write_record(&app, &visit, id, &form).await;
    after(&app, &request, visit, id, form, acted).await
}

async fn write_withdrawal(app: &App, visit: &Visit, id: Id, form: &Form) -> Result<Flash> {
    let input = json!({ "purpose": form.trimmed("purpose"), "how": form.trimmed("how") });
    let input: ConsentWithdrawal = decode(input)?;
    visit.write(app, move |tx| consents::withdraw(tx, id, &input)).await?;
    Ok(Flash::ConsentWithdrawn)
}

async fn withdraw(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let acted = write_withdrawal(&app, &visit, id, &form).await;
    after(&app, &request, visit, id, form, acted).await
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/customers/{id}/consents", &[("POST", May("record_consent"))]).post(record))
        .service(
            page_at("/console/customers/{id}/consents/withdraw", &[("POST", May("withdraw_consent"))]).post(withdraw),
        );
}
