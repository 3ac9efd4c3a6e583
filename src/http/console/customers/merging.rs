//! `/console/customers/{id}/merge` and `/erase`: two records become one person, and a person is erased. Both say first
//! what will happen.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Payload, Query, ServiceConfig};
use askama::Template;
use serde::Deserialize;

use super::customer::name_of;
use crate::domain::base::{Id, Reference};
use crate::domain::feedback::Customer;
use crate::error::{Code, FieldError, Result};
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::console::support::finder::{Known, known};
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::feedback::customers;
use crate::store::feedback::tallies::{self, Tally};
use crate::usecase::feedback::customers as merging;
use crate::usecase::privacy::preview::{self, ErasurePreview};
use crate::usecase::privacy::retention::held_erasure::{self, AskedErasure};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    other: String,
}

/// The two customers before a merge.
struct Pair {
    other: Customer,
    had: Tally,
    /// How much the other customer said, and how much they wait for.
    brings: Tally,
}

#[derive(Template)]
#[template(path = "console/customers/merge.html")]
struct MergePage {
    shell: Shell,
    customer: Customer,
    q: String,
    known: Vec<Known>,
    pair: Option<Pair>,
    wrong: Wrong,
}

impl MergePage {
    /// The value that stays: that of the remaining customer, else that of the other.
    fn kept(&self, own: &Option<String>, other: &Option<String>) -> String {
        own.clone().or_else(|| other.clone()).unwrap_or_else(|| "–".to_owned())
    }

    fn shown(&self, value: &Option<String>) -> String {
        value.clone().unwrap_or_else(|| "–".to_owned())
    }

    fn account(&self, customer: &Customer) -> String {
        self.shown(&account_name(customer))
    }

    fn kept_account(&self, other: &Customer) -> String {
        self.kept(&account_name(&self.customer), &account_name(other))
    }
}

fn account_name(customer: &Customer) -> Option<String> {
    customer.account.as_ref().map(|account| account.name.clone())
}

fn read_pair(conn: &mut Conn, id: Id, other: Option<Id>) -> Result<(Customer, Option<Pair>)> {
    let customer = customers::get(conn, id)?;
    let Some(other) = other else { return Ok((customer, None)) };
    let found = Reference::Customer.found(customers::get(conn, other), "/other")?;
    let mut tallies = tallies::of_customers(conn, &[id, other])?;
    let mut tally = |id: Id| tallies.remove(&id).unwrap_or_default();
    let pair = Pair { had: tally(id), brings: tally(other), other: found };
    Ok((customer, Some(pair)))
}

async fn merge_page(app: &AppData, request: &HttpRequest, visit: Visit, id: Id, asked: Asked, wrong: Wrong) -> Shown {
    let other = Some(asked.other.trim()).filter(|text| !text.is_empty()).map(|text| text.parse::<Id>());
    let other = other.transpose().map_err(|_| Reference::Customer.refusal("/other"))?;
    let (customer, pair) = visit.read(app, move |conn| read_pair(conn, id, other)).await?;
    let known = known(app, &visit, &asked.q, Some(id)).await?;
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell = Shell::new(request, |t| t.merge_customers());
    show_as(status, request, &MergePage { shell, customer, q: asked.q, known, pair, wrong })
}

async fn choose(app: AppData, request: HttpRequest, visit: Visit, path: Path, asked: Query<Asked>) -> Shown {
    merge_page(&app, &request, visit, path.0, asked.into_inner(), Wrong::default()).await
}

async fn merge(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, if_match) = (path.0, form.get("version").parse().ok());
    let other: Id = form.get("other").parse().map_err(|_| Reference::Customer.refusal("/other"))?;
    match visit.write(&app, move |tx| merging::merge(tx, id, if_match, other).map(drop)).await {
        Ok(()) => Ok(done(&request, &format!("/console/customers/{id}"), Flash::CustomersMerged)),
        Err(error) if error.code == Code::Invalid => {
            merge_page(&app, &request, visit, id, Asked::default(), Wrong::new(error.fields)).await
        }
        Err(error) => Err(error),
    }
}

#[derive(Template)]
#[template(path = "console/customers/erase.html")]
struct ErasePage {
    shell: Shell,
    customer: Customer,
    preview: ErasurePreview,
    /// What the member types to confirm.
    word: String,
    wrong: Wrong,
}

async fn erase_page(app: &AppData, request: &HttpRequest, visit: Visit, id: Id, wrong: Wrong) -> Shown {
    let read = move |conn: &mut Conn| Ok((customers::get(conn, id)?, preview::of(conn, id)?));
    let (customer, preview) = visit.read(app, read).await?;
    if customer.erased_at.is_some() {
        return Err(Code::Gone.into());
    }
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell =
        Shell::new(request, |t| if wrong.is_empty() { t.erase_person() } else { t.error_in_title(t.erase_person()) });
    let word = word_of(&customer);
    show_as(status, request, &ErasePage { shell, customer, preview, word, wrong })
}

/// What confirms an erasure: the name, else the address, else the id.
fn word_of(customer: &Customer) -> String {
    name_of(customer).unwrap_or_else(|| customer.id.to_string())
}

async fn ask_to_erase(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    erase_page(&app, &request, visit, path.0, Wrong::default()).await
}

async fn erase(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, if_match) = (path.0, form.get("version").parse().ok());
    let customer = visit.read(&app, move |conn| customers::get(conn, id)).await?;
    if form.trimmed("confirm") != word_of(&customer).trim() {
        let wrong = FieldError::new("/confirm", "different", "must be what stands above");
        return erase_page(&app, &request, visit, id, Wrong::new(vec![wrong])).await;
    }
    let flash = match visit.write(&app, move |tx| held_erasure::ask(tx, id, if_match, None)).await? {
        AskedErasure::Done => Flash::Erased,
        AskedErasure::Waits => Flash::ErasureWaits,
    };
    Ok(done(&request, &format!("/console/customers/{id}"), flash))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("merge_customer")), ("POST", May("merge_customer"))];
    let erasing = &[("GET", May("preview_erasure")), ("POST", May("erase_customer"))];
    config
        .service(page_at("/console/customers/{id}/merge", rules).get(choose).post(merge))
        .service(page_at("/console/customers/{id}/erase", erasing).get(ask_to_erase).post(erase));
}
