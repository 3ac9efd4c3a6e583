//! `/v1/closures/{id}/words`: what a member can send to a customer, word for word.

use actix_web::web::ServiceConfig;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::app::App;
use crate::domain::base::{Actor, Id, Time};
use crate::error::Result;
use crate::http::base::extract::Path;
use crate::http::base::reply::{Answer, AppData, json};
use crate::http::{Part, at};
use crate::outside::mail::Letter;
use crate::store::Conn;
use crate::store::closure::closures;
use crate::usecase::closure::case::{Case, LetterLinks};
use crate::usecase::closure::customer_links::{CustomerLinks, LinkContent, Purpose};
use crate::usecase::closure::messages::Message;

/// The words for one customer: those of the mail, without what only mails need.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClosureWords {
    pub closure_id: Id,
    /// The language of the customer's latest feedback: English or Korean.
    #[schema(example = "en")]
    pub language: String,
    #[schema(example = "Payments: Refund has not arrived")]
    pub subject: String,
    /// The message, with the link at which the customer answers.
    pub text: String,
    /// The link at which the customer answers.
    pub answer_url: String,
    /// The end of the time in which they can answer, if they are told now.
    pub answer_until: Time,
}

/// Composes the words for the customer of a closure, as of now.
///
/// # Errors
/// 404.
pub(in crate::http) async fn words_of(app: &App, id: Id) -> Result<ClosureWords> {
    let now = app.store.clock.now();
    let links = match app.store.read(CustomerLinks::known).await? {
        Some(links) => links,
        None => app.store.write(Actor::AUTOMATION, CustomerLinks::in_transaction).await?,
    };
    let case = app
        .store
        .read(move |conn: &mut Conn| {
            let closure = closures::row(conn, id)?;
            Case::of(conn, closure)
        })
        .await?;
    written(app, &links, case, now)
}

/// The words for a case that was read.
///
/// # Errors
/// None in practice: see [`CustomerLinks::url`].
pub(in crate::http) fn written(app: &App, links: &CustomerLinks, case: Case, now: Time) -> Result<ClosureWords> {
    let (language, until) = (case.language(), case.answer_until(Message::Told, now));
    let about = case.closure.id;
    let answer = links.url(&app.config.public_url(), Purpose::Answer, LinkContent { about, until })?;
    let links = LetterLinks { answer: answer.clone(), until, unsubscribe: String::new(), is_reminder: false };
    let letter = Letter::write(&case.letter(links));
    // What follows the mark of a signature is about mails: why they get one, and how to stop them.
    let text = letter.text.rsplit_once("\n-- \n").map_or(letter.text.as_str(), |(text, _)| text);
    Ok(ClosureWords {
        closure_id: about,
        language: language.code().to_owned(),
        subject: letter.subject,
        text: text.trim_end().to_owned(),
        answer_url: answer,
        answer_until: until,
    })
}

/// Read the words for a customer
///
/// For members who tell a customer themselves: the same words as in the mail, in the customer's language, with a link
/// at which the customer says whether it is solved.
#[utoipa::path(get, path = "/v1/closures/{id}/words", tag = "closures", params(("id" = Id, Path)),
    responses((status = 200, body = ClosureWords)))]
pub async fn get_closure_words(app: AppData, path: Path) -> Answer {
    Ok(json(&words_of(&app, path.0).await?))
}

/// The OpenAPI description of this file's operations.
#[derive(OpenApi)]
#[openapi(paths(get_closure_words))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Registers the route of this operation.
fn routes(config: &mut ServiceConfig) {
    config.service(at("/v1/closures/{id}/words").get(get_closure_words));
}
