//! The page of a report behind a signed link, and the page on which a reader confirms or ends a subscription. No login,
//! nothing to fetch from anywhere, and nothing happens by looking but that the reading is counted.

use std::sync::LazyLock;

use actix_web::http::{StatusCode, header};
use actix_web::web::{Path, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use utoipa::OpenApi;

use super::pages::{self, View};
use crate::app::App;
use crate::domain::base::language::Language;
use crate::domain::base::{Actor, Id, Time};
use crate::domain::reports::document::{Block, Document};
use crate::domain::reports::subscription::{Subscription, SubscriptionState};
use crate::domain::words::console::Words;
use crate::error::{Code, Error, Result};
use crate::http::base::body::read_form;
use crate::http::base::reply::AppData;
use crate::http::{Part, at};
use crate::store::Conn;
use crate::store::reports::{links as stored_links, subscriptions as stored};
use crate::store::team::products;
use crate::usecase::closure::customer_links::{self, Purpose};
use crate::usecase::reports::subscriptions::{self, EndReason};
use crate::usecase::reports::{links, reading};

/// The styles, as the templates include them: without the line break at their end.
const REPORT_STYLE: &str = include_str!("../../../templates/page/report.css").trim_ascii_end();
const NOTICE_STYLE: &str = include_str!("../../../templates/page/style.css").trim_ascii_end();
/// Bytes of a form at the most.
const FORM_LIMIT: usize = 16 * 1024;

/// Nothing but these styles, and a form that comes back here.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |style: &str| STANDARD.encode(Sha256::digest(style));
    format!(
        "default-src 'none'; style-src 'sha256-{}' 'sha256-{}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        hash(REPORT_STYLE),
        hash(NOTICE_STYLE)
    )
});

#[derive(Template)]
#[template(path = "page/report.html")]
struct ReportPage {
    document: Document,
}

#[derive(Template)]
#[template(path = "page/subscription.html")]
struct SubscriptionPage {
    language: &'static str,
    title: String,
    text: String,
    /// What its button sends, and what stands on it.
    button: Option<(&'static str, String)>,
}

/// The page of a report without anything around it, as it is printed.
pub fn whole(document: Document) -> HttpResponse {
    show(StatusCode::OK, &ReportPage { document })
}

fn answer(status: StatusCode, html: String) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY.as_str()))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("X-Robots-Tag", "noindex, nofollow"));
    response.body(html)
}

/// The language that a browser asks for first; English where it asks for none of ours.
fn preferred(request: &HttpRequest) -> Language {
    let languages = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let first = languages.and_then(|all| all.split([',', ';']).next()).map(|first| first.trim().to_ascii_lowercase());
    Language::of(first.as_deref())
}

fn refusal(error: &Error, language: Language) -> HttpResponse {
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if error.code != Code::Gone {
        return pages::page(status, language, &View::Refused { code: error.code });
    }
    let words = Words(language);
    notice(status, language, words.rep_gone(), words.rep_gone_about())
}

fn notice(status: StatusCode, language: Language, title: String, text: String) -> HttpResponse {
    show(status, &SubscriptionPage { language: language.code(), title, text, button: None })
}

fn show(status: StatusCode, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(html) => answer(status, html),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

/// The page of a report, for readers who have a link to it
///
/// HTML. Looking at it changes nothing but the count of readings. Printed, it is a document of its own.
#[utoipa::path(get, path = "/reports/{token}", tag = "reports", params(("token" = String, Path)), responses(
    (status = 200, body = String, content_type = "text/html", description = "The report"),
    (status = 404, body = String, content_type = "text/html", description = "No link of ours"),
    (status = 410, body = String, content_type = "text/html", description = "Expired, or withdrawn"),
    (status = 503, body = String, content_type = "text/html", description = "Not available just now"),
))]
pub async fn show_report_page(app: AppData, request: HttpRequest, token: Path<String>) -> HttpResponse {
    let (token, now) = (token.into_inner(), app.store.clock.now());
    let read = move |conn: &mut Conn| links::open(conn, &token, now);
    match app.store.read(read).await {
        Ok((link, shown)) => {
            count_reading(&app, link.id).await;
            show(StatusCode::OK, &ReportPage { document: reading::document(&shown) })
        }
        Err(e) => refusal(&e, preferred(&request)),
    }
}

/// Counts a reading. The report is shown all the same where that fails.
async fn count_reading(app: &App, link: Id) {
    let counted = app.store.write(Actor::AUTOMATION, move |tx| stored_links::count_reading(tx, link)).await;
    if let Err(error) = counted {
        tracing::debug!(%error, "a reading of a report was not counted");
    }
}

/// A subscription behind a link, and the names of its products.
struct Found {
    subscription: Subscription,
    products: String,
}

async fn look_up(app: &App, token: String) -> Result<Found> {
    let now = app.store.clock.now();
    app.store.read(move |conn| found(conn, &token, now)).await
}

fn found(conn: &mut Conn, token: &str, now: Time) -> Result<Found> {
    let named = customer_links::resolve(conn, Purpose::Subscription, token)?;
    let subscription = stored::get(conn, named.about)?;
    if subscription.state == SubscriptionState::Pending && named.until < now {
        return Err(Code::Gone.into());
    }
    let mut names = Vec::new();
    for product in &subscription.products {
        names.push(products::get(conn, *product)?.name);
    }
    Ok(Found { subscription, products: names.join(", ") })
}

/// The page on which a reader confirms a subscription, or ends it
///
/// HTML; looking at it changes nothing.
#[utoipa::path(get, path = "/subscriptions/{token}", tag = "reports", params(("token" = String, Path)), responses(
    (status = 200, body = String, content_type = "text/html", description = "The question"),
    (status = 404, body = String, content_type = "text/html", description = "No link of ours"),
    (status = 410, body = String, content_type = "text/html", description = "The link has expired"),
    (status = 503, body = String, content_type = "text/html", description = "Not available just now"),
))]
pub async fn show_subscription_page(app: AppData, request: HttpRequest, token: Path<String>) -> HttpResponse {
    let Found { subscription, products } = match look_up(&app, token.into_inner()).await {
        Ok(found) => found,
        Err(e) => return refusal(&e, preferred(&request)),
    };
    let language = Language::of(Some(&subscription.language));
    let words = Words(language);
    let kind = words.named("repkind", subscription.kind.as_str());
    let (title, text, button) = match subscription.state {
        SubscriptionState::Pending => {
            let title = words.rep_confirm_page(kind, products);
            (title, words.rep_confirm_ignore(), Some(("confirm", words.rep_confirm_button())))
        }
        SubscriptionState::Active => {
            let text = words.rep_end_page_about(kind, products);
            (words.rep_end_page(), text, Some(("end", words.rep_end_button())))
        }
        SubscriptionState::Ended => (words.rep_ended(), words.rep_ended_about(), None),
    };
    show(StatusCode::OK, &SubscriptionPage { language: language.code(), title, text, button })
}

/// Confirm a subscription, or end it
///
/// The form of the page: `act` is `confirm`; anything else ends it, also the one click of a mail program (RFC 8058).
#[utoipa::path(post, path = "/subscriptions/{token}", tag = "reports", params(("token" = String, Path)),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded", example = json!({"act": "confirm"})),
    responses(
        (status = 200, body = String, content_type = "text/html", description = "Done"),
        (status = 400, body = String, content_type = "text/html", description = "Not readable"),
        (status = 404, body = String, content_type = "text/html", description = "No link of ours"),
        (status = 408, body = String, content_type = "text/html", description = "Too slow"),
        (status = 410, body = String, content_type = "text/html", description = "The link has expired, or the subscription has ended"),
        (status = 413, body = String, content_type = "text/html", description = "Too long"),
        (status = 503, body = String, content_type = "text/html", description = "Not available just now"),
    ))]
pub async fn answer_subscription(
    app: AppData,
    request: HttpRequest,
    token: Path<String>,
    body: Payload,
) -> HttpResponse {
    let Found { subscription, products } = match look_up(&app, token.into_inner()).await {
        Ok(found) => found,
        Err(e) => return refusal(&e, preferred(&request)),
    };
    let language = Language::of(Some(&subscription.language));
    let (words, id) = (Words(language), subscription.id);
    // A mail program may send the one click in another form than ours.
    let form = match read_form(&request, body.into_inner(), FORM_LIMIT).await {
        Ok(form) => form,
        Err(e) if e.code == Code::UnsupportedMediaType => Vec::new(),
        Err(e) => return refusal(&e, language),
    };
    let confirms = form.iter().any(|(name, value)| name == "act" && value == "confirm");
    let done = match confirms {
        true => app.store.write(Actor::AUTOMATION, move |tx| subscriptions::confirm(tx, id).map(drop)).await,
        false => {
            app.store.write(Actor::AUTOMATION, move |tx| subscriptions::end(tx, id, EndReason::Unsubscribed)).await
        }
    };
    if let Err(e) = done {
        return refusal(&e, language);
    }
    match confirms {
        true => {
            let kind = words.named("repkind", subscription.kind.as_str());
            notice(StatusCode::OK, language, words.rep_confirmed(), words.rep_confirmed_about(kind, products))
        }
        false => notice(StatusCode::OK, language, words.rep_ended(), words.rep_ended_about()),
    }
}

/// The operations of this file.
#[derive(OpenApi)]
#[openapi(paths(show_report_page, show_subscription_page, answer_subscription))]
struct Api;

inventory::submit!(Part::of::<Api>(routes));

/// Their addresses.
fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/reports/{token}").get(show_report_page))
        .service(at("/subscriptions/{token}").get(show_subscription_page).post(answer_subscription));
}
