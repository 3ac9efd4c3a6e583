//! `/console/settings/webhooks`: the addresses that receive events.

use actix_web::HttpRequest;
use actix_web::web::{Payload, Query, ServiceConfig};
use askama::Template;
use serde_json::{Value, json};

use super::fields::{Field, SecretPage, refusal, show_secret, status};
use super::members::Place;
use crate::app::App;
use crate::domain::base::Paging;
use crate::domain::base::decode::decode;
use crate::domain::integrations::{MessageFormat, NewWebhook, Webhook, WebhookQuery, new_webhook_secret};
use crate::domain::team::Product;
use crate::domain::words::console::Words;
use crate::error::Result;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::page::{Shown, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::outside::webhook_signature::check_url;
use crate::store::integrations::webhooks as store;
use crate::store::team::products;
use crate::store::{Conn, Tx};
use crate::usecase::integrations::webhooks;

const HERE: &str = "/console/settings/webhooks";

#[derive(Template)]
#[template(path = "console/settings/webhooks.html")]
struct WebhooksPage {
    shell: Shell,
    webhooks: Vec<Webhook>,
    fields: Vec<Field>,
    wrong: Wrong,
    first: Option<String>,
    next: Option<String>,
}

/// The fields of a webhook: what was sent, else what is stored.
pub fn fields(
    t: &Words,
    products: &[Product],
    sent: Option<&Form>,
    stored: Option<&Webhook>,
    wrong: &Wrong,
) -> Vec<Field> {
    let all = std::iter::once((String::new(), t.all_products()));
    let products = all.chain(products.iter().map(|product| (product.id.to_string(), product.name.clone())));
    let formats = MessageFormat::ALL.iter().map(|format| (format.to_string(), t.format_name(format.as_str())));
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    let events = stored.map(|webhook| webhook.events.join("\n")).unwrap_or_default();
    let product = stored.and_then(|webhook| webhook.product_id).map(|id| id.to_string()).unwrap_or_default();
    let format = stored.map_or(MessageFormat::usual(), |webhook| webhook.format);
    let fields = [
        Field::new("url", t.set_address(), "url")
            .required()
            .hint(t.set_url_hint())
            .value(sent, &text(stored.map(|webhook| &webhook.url))),
        Field::line("description", t.set_description())
            .value(sent, &text(stored.and_then(|webhook| webhook.description.as_ref()))),
        Field::new("events", t.set_events(), "area").hint(t.set_events_hint()).value(sent, &events),
        Field::choice("product", t.product(), products).value(sent, &product),
        Field::choice("format", t.set_format(), formats).hint(t.set_format_hint()).value(sent, format.as_str()),
        Field::line("desk_origin", t.set_desk_origin())
            .hint(t.set_desk_origin_hint())
            .value(sent, &text(stored.and_then(|webhook| webhook.desk_origin.as_ref()))),
    ];
    fields.into_iter().map(|field| field.checked(wrong, t)).collect()
}

/// The form as the API would get it; an empty field is `null`.
pub fn input(form: &Form) -> Value {
    let events: Vec<&str> = form.get("events").split([' ', ',', '\n', '\t']).filter(|kind| !kind.is_empty()).collect();
    json!({
        "url": form.trimmed("url"), "description": form.given("description"), "events": events,
        "product": form.given("product"), "desk_origin": form.given("desk_origin"),
        "format": form.given("format").unwrap_or("event"),
    })
}

/// What is wrong with the form of a webhook: the errors of single events stand at the field of all of them.
///
/// # Errors
/// Errors that do not concern the form.
pub fn wrong_of(error: crate::error::Error) -> Result<Wrong> {
    let mut error = error;
    for field in &mut error.fields {
        if field.pointer.starts_with("/events/") {
            field.pointer = "/events".to_owned();
        }
    }
    refusal(error, "url")
}

async fn page(app: &AppData, request: &HttpRequest, visit: Visit, place: Place, form: Option<(Form, Wrong)>) -> Shown {
    let paging = Paging::of(HERE, &WebhookQuery { cursor: place.cursor(), ..WebhookQuery::default() })?;
    let read = move |conn: &mut Conn| Ok((products::all(conn)?, store::list(conn, &paging)?));
    let (products, found) = visit.read(app, read).await?;
    let (form, wrong) = form.map_or((None, Wrong::default()), |(form, wrong)| (Some(form), wrong));
    let shell =
        Shell::new(request, |t| if wrong.is_empty() { t.set_webhooks() } else { t.error_in_title(t.set_webhooks()) });
    let fields = fields(&shell.t, &products, form.as_ref(), None, &wrong);
    let (first, next) = (place.first(HERE), Place::next(HERE, found.next_cursor));
    show_as(status(&wrong), request, &WebhooksPage { shell, webhooks: found.data, fields, wrong, first, next })
}

async fn list(app: AppData, request: HttpRequest, visit: Visit, place: Query<Place>) -> Shown {
    page(&app, &request, visit, place.into_inner(), None).await
}

async fn make(app: &App, visit: &Visit, form: &Form, secret: &str) -> Result<Webhook> {
    let (input, secret) = (decode::<NewWebhook>(input(form))?, secret.to_owned());
    let allow_private = app.config.allow_private_addresses;
    let create =
        move |tx: &mut Tx<'_>| webhooks::create(tx, &input, &secret, &|url: &str| check_url(url, allow_private));
    visit.write(app, create).await
}

async fn create(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let secret = new_webhook_secret()?;
    match make(&app, &visit, &form, &secret).await {
        Ok(webhook) => show_webhook_secret(&request, &webhook, secret),
        Err(error) => {
            let wrong = wrong_of(error)?;
            page(&app, &request, visit, Place::default(), Some((form, wrong))).await
        }
    }
}

/// The page with the secret of a webhook.
pub fn show_webhook_secret(request: &HttpRequest, webhook: &Webhook, secret: String) -> Shown {
    let shell = Shell::new(request, |t| t.set_webhook_secret());
    let (label, about) = (shell.t.set_secret(), shell.t.set_webhook_secret_about());
    let next = format!("{HERE}/{}", webhook.id);
    show_secret(request, &SecretPage { shell, label, secret, about, next })
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_webhooks")), ("POST", May("create_webhook"))];
    config.service(page_at("/console/settings/webhooks", rules).get(list).post(create));
}
