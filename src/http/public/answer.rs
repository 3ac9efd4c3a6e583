//! The pages behind the links customers get: no login, nothing to fetch from anywhere, and nothing happens by looking:
//! a mail scanner that follows every link changes nothing.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Path, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use super::pages::{self, AskedStory, View, page};
use crate::app::App;
use crate::domain::base::language::Language;
use crate::domain::base::{Actor, Id};
use crate::domain::closure::{ClosureAnswer, ClosureState};
use crate::error::{Code, Error};
use crate::http::base::body::read_form;
use crate::http::base::reply::AppData;
use crate::http::{Part, at};
use crate::store::Tx;
use crate::usecase::closure::{answers, case, messages};

/// Characters of an answer at the most.
const MOST: usize = 5_000;
/// Bytes of a form at the most: an answer, each byte escaped.
pub(super) const FORM_LIMIT: usize = 64 * 1024;

/// The page on which a customer says whether it is solved
///
/// HTML, for the person who got the link; looking at it changes nothing.
#[utoipa::path(get, path = "/answer/{token}", tag = "customer pages", params(("token" = String, Path)), responses(
    (status = 200, body = String, content_type = "text/html", description = "The question"),
    (status = 404, body = String, content_type = "text/html", description = "No link of ours"),
    (status = 409, body = String, content_type = "text/html", description = "Answered already"),
    (status = 410, body = String, content_type = "text/html", description = "Expired, or the customer is erased"),
    (status = 503, body = String, content_type = "text/html", description = "Not available just now"),
))]
pub async fn show_answer_page(app: AppData, request: HttpRequest, token: Path<String>) -> HttpResponse {
    match look_up(&app, token.into_inner()).await {
        Ok((asked, _)) => {
            page(StatusCode::OK, asked.language, &View::Question { asked: &asked, because: "", wrong: None })
        }
        Err(refused) => refused.answer(&request),
    }
}

/// Answer whether it is solved
///
/// The form of the page: `answer` is `solved` or `not_solved`; the latter with `because`. About a decline or a roll-back it
/// is `understood` or `more`, the latter with `because`. Each link answers once.
#[utoipa::path(post, path = "/answer/{token}", tag = "customer pages", params(("token" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded",
        example = json!({"answer": "not_solved", "because": "It still takes two weeks."})),
    responses(
        (status = 200, body = String, content_type = "text/html", description = "Thank you"),
        (status = 400, body = String, content_type = "text/html", description = "Not readable"),
        (status = 404, body = String, content_type = "text/html", description = "No link of ours"),
        (status = 408, body = String, content_type = "text/html", description = "Too slow"),
        (status = 409, body = String, content_type = "text/html", description = "Answered already"),
        (status = 410, body = String, content_type = "text/html", description = "Expired, or the customer is erased"),
        (status = 413, body = String, content_type = "text/html", description = "Too long"),
        (status = 415, body = String, content_type = "text/html", description = "Not a form"),
        (status = 422, body = String, content_type = "text/html", description = "Something is missing; the form again"),
        (status = 503, body = String, content_type = "text/html", description = "Not available just now"),
    ))]
pub async fn answer_by_link(app: AppData, request: HttpRequest, token: Path<String>, body: Payload) -> HttpResponse {
    let (asked, closure) = match look_up(&app, token.into_inner()).await {
        Ok(found) => found,
        Err(refused) => return refused.answer(&request),
    };
    let form = match read_form(&request, body.into_inner(), FORM_LIMIT).await {
        Ok(form) => form,
        Err(e) => return refusal(&e, asked.language),
    };
    let (because, solved) = given(&form, pages::values(asked.kind));
    let solved = match solved {
        Ok(solved) => solved,
        Err(wrong) => {
            let view = View::Question { asked: &asked, because: &because, wrong: Some(wrong) };
            return page(StatusCode::UNPROCESSABLE_ENTITY, asked.language, &view);
        }
    };
    let input = ClosureAnswer { solved, because: (!solved).then(|| because.clone()) };
    let write = move |tx: &mut Tx<'_>| answers::answer(tx, closure, None, &input).map(drop);
    match app.store.write(Actor::CUSTOMER, write).await {
        Ok(()) => page(StatusCode::OK, asked.language, &View::Thanks { kind: asked.kind, solved }),
        Err(e) => refusal(&e, asked_for(&request).unwrap_or(asked.language)),
    }
}

/// The page on which a customer says that they want no more mail
///
/// HTML, for the person who got the link; looking at it changes nothing.
#[utoipa::path(get, path = "/unsubscribe/{token}", tag = "customer pages", params(("token" = String, Path)), responses(
    (status = 200, body = String, content_type = "text/html", description = "The question"),
    (status = 404, body = String, content_type = "text/html", description = "No link of ours"),
    (status = 410, body = String, content_type = "text/html", description = "The customer is erased"),
    (status = 503, body = String, content_type = "text/html", description = "Not available just now"),
))]
pub async fn show_unsubscribe_page(app: AppData, request: HttpRequest, token: Path<String>) -> HttpResponse {
    let language = preferred(&request);
    let (token, read) = (token.into_inner(), app.store.clone());
    let found = read.read(move |conn| case::subscriber(conn, &token)).await;
    match found {
        Ok(found) => {
            let view = if found.has_unsubscribed { View::Unsubscribed } else { View::Unsubscribe };
            page(StatusCode::OK, found.language.unwrap_or(language), &view)
        }
        Err(e) => refusal(&e, language),
    }
}

/// Get no more mail
///
/// With one click (RFC 8058), by a mail program or by the page's button; whatever the body says. Again is nothing new.
#[utoipa::path(post, path = "/unsubscribe/{token}", tag = "customer pages", params(("token" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded",
        example = json!({"List-Unsubscribe": "One-Click"})),
    responses(
        (status = 200, body = String, content_type = "text/html", description = "Done"),
        (status = 404, body = String, content_type = "text/html", description = "No link of ours"),
        (status = 410, body = String, content_type = "text/html", description = "The customer is erased"),
        (status = 503, body = String, content_type = "text/html", description = "Not available just now"),
    ))]
pub async fn unsubscribe_by_link(app: AppData, request: HttpRequest, token: Path<String>) -> HttpResponse {
    let language = preferred(&request);
    let (token, store) = (token.into_inner(), app.store.clone());
    let (language, about) = match store.read(move |conn| case::subscriber(conn, &token)).await {
        Ok(found) => (found.language.unwrap_or(language), found.about),
        Err(e) => return refusal(&e, language),
    };
    match app.store.write(Actor::CUSTOMER, move |tx| messages::unsubscribe(tx, about)).await {
        Ok(()) => page(StatusCode::OK, language, &View::Unsubscribed),
        Err(e) => refusal(&e, language),
    }
}

/// Why a link asks nothing, and the language of its case where that is known.
struct Refused {
    error: Error,
    language: Option<Language>,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self { error, language: None }
    }
}

impl Refused {
    /// In the language that the browser asks for; where it asks for none, in that of the case.
    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let language = asked_for(request).or(self.language).unwrap_or(Language::English);
        refusal(&self.error, language)
    }
}

/// What a link asks that can still be answered, and its closure.
async fn look_up(app: &App, token: String) -> std::result::Result<(AskedStory, Id), Refused> {
    let now = app.store.clock.now();
    let (case, link) = app.store.read(move |conn| case::by_link(conn, &token)).await?;
    let language = case.language();
    let refused = |code: Code| Err(Refused { error: code.into(), language: Some(language) });
    match case.closure.state {
        _ if case.customer.erased_at.is_some() => refused(Code::Gone),
        ClosureState::Confirmed | ClosureState::Reopened => refused(Code::Conflict),
        ClosureState::Expired | ClosureState::Withdrawn => refused(Code::Gone),
        _ if link.until < now => refused(Code::Gone),
        _ => Ok((AskedStory::from(case), link.about)),
    }
}

/// The language of a page for somebody we don't know: what their browser asks for first.
pub(super) fn preferred(request: &HttpRequest) -> Language {
    asked_for(request).unwrap_or(Language::English)
}

/// The language that a browser asks for first, where it asks for one.
fn asked_for(request: &HttpRequest) -> Option<Language> {
    let languages = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok())?;
    let first = languages.split([',', ';']).next().map(str::trim).filter(|first| !first.is_empty() && *first != "*")?;
    Some(Language::of(Some(&first.to_ascii_lowercase())))
}

/// What a form says: the words, and whether all is well (`fine`) or there is more to say (`more`), which needs words.
pub(super) fn given(
    form: &[(String, String)],
    (fine, more): (&str, &str),
) -> (String, std::result::Result<bool, pages::Wrong>) {
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let because = plain(field("because").unwrap_or_default());
    let solved = match field("answer") {
        Some(answer) if answer == fine => Ok(true),
        Some(answer) if answer == more && because.is_empty() => Err(pages::Wrong::Because),
        Some(answer) if answer == more && because.chars().count() > MOST => Err(pages::Wrong::TooLong),
        Some(answer) if answer == more => Ok(false),
        _ => Err(pages::Wrong::Answer),
    };
    (because, solved)
}

pub(super) fn refusal(error: &Error, language: Language) -> HttpResponse {
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    page(status, language, &View::Refused { code: error.code })
}

/// What somebody typed: without what no text needs and a database can't hold.
fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    text.trim().to_owned()
}

/// The operations of this file.
#[derive(OpenApi)]
#[openapi(paths(show_answer_page, answer_by_link, show_unsubscribe_page, unsubscribe_by_link))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Their addresses.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/answer/{token}").get(show_answer_page).post(answer_by_link))
        .service(at("/unsubscribe/{token}").get(show_unsubscribe_page).post(unsubscribe_by_link));
}
