//! `/v1/customers/{id}/consents`: on which basis a customer is contacted, by purpose.

use actix_web::web::ServiceConfig;
use utoipa::OpenApi;

use crate::domain::base::Id;
use crate::domain::privacy::consent::{ConsentWithdrawal, Consents, NewConsent};
use crate::http::base::extract::Path;
use crate::http::base::reply::{Answer, AppData, Reply, Write, json};
use crate::http::{Part, at};
use crate::store::Tx;
use crate::usecase::privacy::consents;

/// Read on which basis a customer is contacted
///
/// One entry for each purpose, and all records. Messages about what they asked for need no consent; surveys, research and
/// marketing do.
#[utoipa::path(get, path = "/v1/customers/{id}/consents", tag = "privacy", params(("id" = Id, Path)),
    responses((status = 200, body = Consents)))]
pub async fn list_consents(app: AppData, path: Path) -> Answer {
    Ok(json(&app.store.read(move |conn| consents::of(conn, path.0)).await?))
}

/// Record the basis of a purpose
///
/// It takes the place of the earlier one, also of a withdrawal.
#[utoipa::path(post, path = "/v1/customers/{id}/consents", tag = "privacy", params(("id" = Id, Path)),
    request_body = NewConsent, responses((status = 200, body = Consents)))]
pub async fn record_consent(app: AppData, path: Path, write: Write) -> Answer {
    let record = move |tx: &mut Tx<'_>, input: &NewConsent| Ok(Reply::ok(&consents::record(tx, path.0, input)?));
    write.run(&app, record).await
}

/// Withdraw the basis of a purpose
///
/// Also an objection to messages about what they asked for (`closure`): messages that have not left are stopped, and no
/// more are planned. Withdrawing again changes nothing.
#[utoipa::path(post, path = "/v1/customers/{id}/consents/withdraw", tag = "privacy", params(("id" = Id, Path)),
    request_body = ConsentWithdrawal, responses((status = 200, body = Consents)))]
pub async fn withdraw_consent(app: AppData, path: Path, write: Write) -> Answer {
    let withdraw =
        move |tx: &mut Tx<'_>, input: &ConsentWithdrawal| Ok(Reply::ok(&consents::withdraw(tx, path.0, input)?));
    write.run(&app, withdraw).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(list_consents, record_consent, withdraw_consent))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/v1/customers/{id}/consents").get(list_consents).post(record_consent))
        .service(at("/v1/customers/{id}/consents/withdraw").post(withdraw_consent));
}
