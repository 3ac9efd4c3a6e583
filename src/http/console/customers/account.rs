//! `/console/accounts/{id}`: everything that the people of one company said and were told; edit it.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::{Value, json};

use super::list::value_of;
use super::timeline::{self, Moment, What};
use crate::domain::base::{Id, Money, Paging, money};
use crate::domain::closure::ClosureQuery;
use crate::domain::feedback::{Account, Customer, CustomerQuery, FeedbackQuery, FeedbackSort};
use crate::error::{Error, Result};
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::closure::closures;
use crate::store::feedback::tallies::{self, Tally};
use crate::store::feedback::{customers, list};
use crate::store::team::products;
use crate::usecase::feedback::accounts;

/// The newest feedback and closures of a timeline, and customers.
const SHOWN: i64 = 100;

struct AccountView {
    account: Account,
    customers: Vec<Customer>,
    tally: Tally,
    moments: Vec<Moment>,
    more: bool,
    /// The currency of a value that is set for the first time.
    currency: String,
}

#[derive(Template)]
#[template(path = "console/customers/account.html")]
struct AccountPage {
    shell: Shell,
    view: AccountView,
    refusal: Refusal,
}

impl AccountPage {
    fn field(&self, name: &str, stored: &str) -> String {
        let sent = self.refusal.form.fields().iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        sent.unwrap_or_else(|| stored.to_owned())
    }

    fn segment(&self) -> String {
        self.field("segment", self.view.account.segment.as_deref().unwrap_or_default())
    }

    fn currency(&self) -> String {
        let stored = self.view.account.annual_value.as_ref().map(|value| value.currency.clone());
        self.field("currency", &stored.unwrap_or_else(|| self.view.currency.clone()))
    }

    /// The value in whole units of its currency, for the field.
    fn amount(&self) -> String {
        let stored = self.view.account.annual_value.as_ref().map(decimal);
        self.field("value", &stored.unwrap_or_default())
    }

    fn value(&self) -> Option<String> {
        value_of(&self.view.account)
    }
}

fn read(conn: &mut Conn, id: Id) -> Result<AccountView> {
    let account = customers::account(conn, id)?;
    let paging = || Paging::new(Some(SHOWN), None, String::new());
    let query = CustomerQuery { account: Some(id), ..CustomerQuery::default() };
    let people = customers::list(conn, &query, &paging()?)?.data;
    let query = FeedbackQuery { account: Some(id), sort: Some(FeedbackSort::Said), ..FeedbackQuery::default() };
    let said = list::list(conn, &query, &paging()?)?;
    let query = ClosureQuery { account: Some(id), ..ClosureQuery::default() };
    let told = closures::list(conn, &query, None, &paging()?)?.data;
    let tally = tallies::of_accounts(conn, &[id])?.remove(&id).unwrap_or_default();
    let currency = products::all(conn)?.into_iter().next().map(|product| product.currency).unwrap_or_default();
    let more = said.next_cursor.is_some();
    Ok(AccountView { account, customers: people, tally, moments: timeline::of(said.data, told), more, currency })
}

/// The page; after an edit that was refused, with what the form held.
async fn page(app: &AppData, request: &HttpRequest, visit: Visit, id: Id, refused: Option<(Error, Form)>) -> Shown {
    let view = visit.read(app, move |conn| read(conn, id)).await?;
    let mut shell = Shell::new(request, |_| view.account.name.clone());
    let refusal = refused.map(|(error, form)| Refusal::of(error, form, shell.t)).unwrap_or_default();
    if refusal.is_some() {
        shell.title = shell.t.error_in_title(&shell.title);
    }
    show_as(refusal.status(), request, &AccountPage { shell, view, refusal })
}

async fn account(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    page(&app, &request, visit, path.0, None).await
}

/// An amount in whole units, as in a field: `1200.5`.
fn decimal(value: &Money) -> String {
    let decimals = money::exponent(&value.currency).unwrap_or(2);
    let unit = 10_i64.pow(decimals);
    let (whole, rest) = (value.amount_minor / unit, value.amount_minor % unit);
    let text = format!("{whole}.{rest:0>width$}", width = decimals as usize);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The form as the API would get it: the value is typed in whole units.
fn patch(form: &Form) -> Result<Value> {
    let segment = form.given("segment").map_or(Value::Null, |segment| json!(segment));
    let mut patch = json!({ "name": form.trimmed("name"), "segment": segment, "annual_value": null });
    if let Some(typed) = form.given("value") {
        let currency = form.trimmed("currency").to_uppercase();
        let plain: String = typed.chars().filter(|c| !matches!(c, ',' | ' ' | '\u{a0}')).collect();
        let value = Money::from_decimal(&plain, &currency);
        let value = value.ok_or_else(|| Error::field("/value", "type", "must be an amount in a known currency"))?;
        patch["annual_value"] = json!(value);
    }
    Ok(patch)
}

async fn edit(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, if_match) = (path.0, form.get("version").parse().ok());
    let saved = match patch(&form) {
        Ok(patch) => visit.write(&app, move |tx| accounts::edit(tx, id, if_match, &patch).map(drop)).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(done(&request, &format!("/console/accounts/{id}"), Flash::Saved)),
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, id, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/accounts/{id}", &[("GET", May("get_account"))]).get(account))
        .service(page_at("/console/accounts/{id}/edit", &[("POST", May("update_account"))]).post(edit));
}
