//! `/console/settings/webhooks/{id}`: a webhook with its deliveries, and `/console/settings/deliveries/{id}`.

use actix_web::HttpRequest;
use actix_web::web::{Payload, Query, ServiceConfig};
use askama::Template;
use serde::Deserialize;

use super::fields::{Field, status};
use super::members::Place;
use super::webhooks::{fields, input, show_webhook_secret, wrong_of};
use crate::domain::base::{Id, Paging};
use crate::domain::integrations::{Attempt, Delivery, DeliveryQuery, DeliveryState, Webhook, new_webhook_secret};
use crate::error::{Error, Result};
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::page::{Shown, done, show, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::outside::webhook_signature::check_url;
use crate::store::integrations::{deliveries, webhooks as store};
use crate::store::team::products;
use crate::store::{Conn, Tx};
use crate::usecase::integrations::{replay, webhooks};

const LIST: &str = "/console/settings/webhooks";

/// What the address says: the state of the page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    state: String,
    cursor: String,
}

#[derive(Template)]
#[template(path = "console/settings/webhook.html")]
struct WebhookPage {
    shell: Shell,
    webhook: Webhook,
    asked: Asked,
    deliveries: Vec<Delivery>,
    fields: Vec<Field>,
    wrong: Wrong,
    first: Option<String>,
    next: Option<String>,
}

impl WebhookPage {
    fn states(&self) -> &'static [DeliveryState] {
        DeliveryState::ALL
    }
}

fn address(id: Id) -> String {
    format!("{LIST}/{id}")
}

async fn page(
    app: &AppData,
    request: &HttpRequest,
    visit: Visit,
    id: Id,
    asked: Asked,
    form: Option<(Form, Wrong)>,
) -> Shown {
    let state = Some(asked.state.as_str()).filter(|state| !state.is_empty()).map(str::parse::<DeliveryState>);
    let state = state.transpose().map_err(|()| Error::field("/state", "enum", "is not a state of deliveries"))?;
    let place = Place { cursor: asked.cursor.clone() };
    let paging = Paging::of(&address(id), &DeliveryQuery { state, limit: Some(25), cursor: place.cursor() })?;
    let read = move |conn: &mut Conn| {
        let webhook = store::get(conn, id)?;
        Ok((webhook, products::all(conn)?, deliveries::of_target(conn, id, state, &paging)?))
    };
    let (webhook, products, found) = visit.read(app, read).await?;
    let (form, wrong) = form.map_or((None, Wrong::default()), |(form, wrong)| (Some(form), wrong));
    let url = webhook.url.clone();
    let shell = Shell::new(request, |t| if wrong.is_empty() { url } else { t.error_in_title(url) });
    let fields = fields(&shell.t, &products, form.as_ref(), Some(&webhook), &wrong);
    let here = match state {
        Some(state) => format!("{}?state={state}", address(id)),
        None => address(id),
    };
    let (first, next) = (place.first(&here), Place::next(&here, found.next_cursor));
    let page = WebhookPage { shell, webhook, asked, deliveries: found.data, fields, wrong, first, next };
    show_as(status(&page.wrong), request, &page)
}

async fn webhook(app: AppData, request: HttpRequest, visit: Visit, path: Path, asked: Query<Asked>) -> Shown {
    page(&app, &request, visit, path.0, asked.into_inner(), None).await
}

async fn save(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, patch, version) = (path.0, input(&form), form.get("version").parse().ok());
    let allow_private = app.config.allow_private_addresses;
    let edit = move |tx: &mut Tx<'_>| {
        webhooks::edit(tx, id, version, &patch, &|url: &str| check_url(url, allow_private)).map(drop)
    };
    match visit.write(&app, edit).await {
        Ok(()) => Ok(done(&request, &address(id), Flash::Saved)),
        Err(error) => {
            let wrong = wrong_of(error)?;
            page(&app, &request, visit, id, Asked::default(), Some((form, wrong))).await
        }
    }
}

async fn test(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let id = path.0;
    visit.write(&app, move |tx| webhooks::test(tx, id).map(drop)).await?;
    Ok(done(&request, &address(id), Flash::TestSent))
}

async fn enable(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let id = path.0;
    visit.write(&app, move |tx| webhooks::enable(tx, id).map(drop)).await?;
    Ok(done(&request, &address(id), Flash::Enabled))
}

async fn disable(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let id = path.0;
    visit.write(&app, move |tx| webhooks::disable(tx, id, "Disabled by a person.").map(drop)).await?;
    Ok(done(&request, &address(id), Flash::Disabled))
}

async fn rotate(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let (id, secret) = (path.0, new_webhook_secret()?);
    let new = secret.clone();
    let webhook = visit.write(&app, move |tx| webhooks::rotate(tx, id, &new)).await?;
    show_webhook_secret(&request, &webhook, secret)
}

async fn delete(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let id = path.0;
    visit.write(&app, move |tx| webhooks::delete(tx, id, None)).await?;
    Ok(done(&request, LIST, Flash::WebhookDeleted))
}

#[derive(Template)]
#[template(path = "console/settings/delivery.html")]
struct DeliveryPage {
    shell: Shell,
    delivery: Delivery,
    log: Vec<Attempt>,
    /// The message as indented JSON.
    body: String,
}

async fn delivery(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let id = path.0;
    let read = move |conn: &mut Conn| Ok((deliveries::get(conn, id)?, deliveries::log(conn, id)?));
    let (delivery, log) = visit.read(&app, read).await?;
    let body = serde_json::to_string_pretty(&delivery.body).unwrap_or_default();
    let shell = Shell::new(&request, |_| delivery.event.clone());
    show(&request, &DeliveryPage { shell, delivery, log, body })
}

async fn send_again(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Result<actix_web::HttpResponse> {
    let id = path.0;
    let again = visit.write(&app, move |tx| replay::replay(tx, id)).await?;
    Ok(done(&request, &format!("/console/settings/deliveries/{}", again.id), Flash::SentAgain))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_webhook_deliveries")), ("POST", May("update_webhook"))];
    config
        .service(page_at("/console/settings/webhooks/{id}", rules).get(webhook).post(save))
        .service(page_at("/console/settings/webhooks/{id}/test", &[("POST", May("test_webhook"))]).post(test))
        .service(page_at("/console/settings/webhooks/{id}/enable", &[("POST", May("enable_webhook"))]).post(enable))
        .service(page_at("/console/settings/webhooks/{id}/disable", &[("POST", May("disable_webhook"))]).post(disable))
        .service(page_at("/console/settings/webhooks/{id}/rotate", &[("POST", May("rotate_webhook"))]).post(rotate))
        .service(page_at("/console/settings/webhooks/{id}/delete", &[("POST", May("delete_webhook"))]).post(delete))
        .service(page_at("/console/settings/deliveries/{id}", &[("GET", May("get_delivery"))]).get(delivery))
        .service(
            page_at("/console/settings/deliveries/{id}/replay", &[("POST", May("replay_delivery"))]).post(send_again),
        );
}
