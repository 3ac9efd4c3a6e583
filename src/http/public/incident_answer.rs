//! The page behind the link in a mail at the end of an incident: whether it is over for the customer. Nothing happens by
//! looking.

use actix_web::http::StatusCode;
use actix_web::web::{Path, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use super::answer::{FORM_LIMIT, given, preferred, refusal};
use super::pages::{View, page};
use crate::app::App;
use crate::domain::base::Actor;
use crate::domain::closure::ClosureKind;
use crate::error::Result;
use crate::http::base::body::read_form;
use crate::http::base::reply::AppData;
use crate::http::{Part, at};
use crate::store::Tx;
use crate::usecase::operations::telling::answers::{self, AskedTelling};

/// The page on which a customer says whether an incident is over for them
///
/// HTML, for the person who got the link; looking at it changes nothing.
#[utoipa::path(get, path = "/incident-answer/{token}", tag = "customer pages", params(("token" = String, Path)), responses(
    (status = 200, body = String, content_type = "text/html", description = "The question"),
    (status = 404, body = String, content_type = "text/html", description = "No link of ours, or the customer is erased"),
    (status = 409, body = String, content_type = "text/html", description = "Answered already"),
    (status = 410, body = String, content_type = "text/html", description = "Expired"),
    (status = 503, body = String, content_type = "text/html", description = "Not available just now"),
))]
pub async fn show_incident_answer_page(app: AppData, request: HttpRequest, token: Path<String>) -> HttpResponse {
    match look_up(&app, token.into_inner()).await {
        Ok(asked) => page(StatusCode::OK, asked.language, &View::Over { asked: &asked, because: "", wrong: None }),
        Err(error) => refusal(&error, preferred(&request)),
    }
}

/// Answer whether an incident is over
///
/// The form of the page: `answer` is `over` or `not_over`; the latter with `because`, which is filed as the customer's
/// feedback and linked to the incident. Each link answers once.
#[utoipa::path(post, path = "/incident-answer/{token}", tag = "customer pages", params(("token" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded",
        example = json!({"answer": "not_over", "because": "Payments still fail."})),
    responses(
        (status = 200, body = String, content_type = "text/html", description = "Thank you"),
        (status = 400, body = String, content_type = "text/html", description = "Not readable"),
        (status = 404, body = String, content_type = "text/html", description = "No link of ours, or the customer is erased"),
        (status = 408, body = String, content_type = "text/html", description = "Too slow"),
        (status = 409, body = String, content_type = "text/html", description = "Answered already"),
        (status = 410, body = String, content_type = "text/html", description = "Expired"),
        (status = 413, body = String, content_type = "text/html", description = "Too long"),
        (status = 415, body = String, content_type = "text/html", description = "Not a form"),
        (status = 422, body = String, content_type = "text/html", description = "Something is missing; the form again"),
        (status = 503, body = String, content_type = "text/html", description = "Not available just now"),
    ))]
pub async fn answer_incident_by_link(
    app: AppData,
    request: HttpRequest,
    token: Path<String>,
    body: Payload,
) -> HttpResponse {
    let asked = match look_up(&app, token.into_inner()).await {
        Ok(asked) => asked,
        Err(error) => return refusal(&error, preferred(&request)),
    };
    let form = match read_form(&request, body.into_inner(), FORM_LIMIT).await {
        Ok(form) => form,
        Err(error) => return refusal(&error, asked.language),
    };
    let (because, is_over) = given(&form, ("over", "not_over"));
    let is_over = match is_over {
        Ok(is_over) => is_over,
        Err(wrong) => {
            let view = View::Over { asked: &asked, because: &because, wrong: Some(wrong) };
            return page(StatusCode::UNPROCESSABLE_ENTITY, asked.language, &view);
        }
    };
    let telling = asked.telling;
    let words = (!is_over).then_some(because);
    let write = move |tx: &mut Tx<'_>| answers::answer(tx, telling, is_over, words.clone()).map(drop);
    match app.store.write(Actor::CUSTOMER, write).await {
        Ok(()) => page(StatusCode::OK, asked.language, &View::Thanks { kind: ClosureKind::Release, solved: is_over }),
        Err(error) => refusal(&error, asked.language),
    }
}

async fn look_up(app: &App, token: String) -> Result<AskedTelling> {
    let now = app.store.clock.now();
    app.store.read(move |conn| answers::asked(conn, &token, now)).await
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(show_incident_answer_page, answer_incident_by_link))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the routes of these operations.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/incident-answer/{token}").get(show_incident_answer_page).post(answer_incident_by_link));
}
