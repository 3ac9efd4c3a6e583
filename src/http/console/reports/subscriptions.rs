//! `/console/subscriptions`: who gets reports, and a form that subscribes somebody.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::{Value, json};

use super::report::reader;
use crate::app::App;
use crate::domain::base::calendar::Weekday;
use crate::domain::base::decode::decode;
use crate::domain::base::text::fold;
use crate::domain::base::{Id, Paging};
use crate::domain::reports::report::{ReportKind, ReportScope, ReportSection};
use crate::domain::reports::subscription::{NewSubscription, Subscription, SubscriptionQuery, SubscriptionState};
use crate::domain::team::Product;
use crate::error::{Error, Result};
use crate::http::api::reports::subscriptions::subscriber;
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
use crate::store::feedback::customers;
use crate::store::reports::subscriptions as stored;
use crate::store::team::{members, products};
use crate::store::{Conn, Tx};
use crate::usecase::reports::subscriptions;

/// The address of the page.
const HERE: &str = "/console/subscriptions";

/// What the page reads.
struct Found {
    subscriptions: Vec<Subscription>,
    products: Vec<Product>,
    names: HashMap<Id, String>,
    /// The names of the accounts that reports are limited to.
    accounts: HashMap<Id, String>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "console/reports/subscriptions.html")]
struct SubscriptionsPage {
    shell: Shell,
    asked: Form,
    found: Found,
    /// Whether the member may subscribe others.
    for_others: bool,
    time_zone: String,
    refusal: Refusal,
}

impl SubscriptionsPage {
    fn kinds(&self) -> &'static [ReportKind] {
        ReportKind::ALL
    }

    fn kind(&self, kind: &ReportKind) -> String {
        self.shell.t.named("repkind", kind.as_str())
    }

    fn sections(&self) -> &'static [ReportSection] {
        ReportSection::ALL
    }

    fn section(&self, section: &ReportSection) -> String {
        self.shell.t.named("repsection", section.as_str())
    }

    fn weekdays(&self) -> &'static [Weekday] {
        Weekday::ALL
    }

    fn weekday(&self, day: &Weekday) -> String {
        self.shell.t.named("repday", day.as_str())
    }

    fn hours(&self) -> impl Iterator<Item = (i32, String)> {
        (0..24).map(|hour| (hour, format!("{hour:02}:00")))
    }

    fn is_hour(&self, hour: &i32) -> bool {
        self.refusal.form.given("hour").unwrap_or("9") == hour.to_string()
    }

    fn is_chosen(&self, field: &str, value: &str, usual: &str) -> bool {
        self.refusal.form.given(field).unwrap_or(usual) == value
    }

    fn zone(&self) -> &str {
        self.refusal.form.given("time_zone").unwrap_or(&self.time_zone)
    }

    fn is_language(&self, code: &str) -> bool {
        self.refusal.form.given("language").unwrap_or(self.shell.language()) == code
    }

    fn state(&self, one: &Subscription) -> String {
        self.shell.t.named("substate", one.state.as_str())
    }

    fn is_active(&self, one: &Subscription) -> bool {
        one.state == SubscriptionState::Active
    }

    fn has_ended(&self, one: &Subscription) -> bool {
        one.state == SubscriptionState::Ended
    }

    fn names_customers(&self, one: &Subscription) -> bool {
        one.scope == ReportScope::Customers
    }

    /// The account in the form: as sent, or as the address names it.
    fn account(&self) -> &str {
        self.refusal.form.given("account").unwrap_or_else(|| self.asked.get("account"))
    }

    /// The name of the account that the reports are limited to.
    fn account_of(&self, one: &Subscription) -> Option<&str> {
        one.account_id.and_then(|id| self.found.accounts.get(&id)).map(String::as_str)
    }

    fn reader(&self, one: &Subscription) -> String {
        reader(&self.shell, one, &self.found.names)
    }

    fn products(&self, one: &Subscription) -> String {
        let named = one.products.iter().filter_map(|id| self.found.products.iter().find(|product| product.id == *id));
        named.map(|product| product.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// When its reports come, in words.
    fn when(&self, one: &Subscription) -> String {
        let (t, hour) = (self.shell.t, format!("{:02}:00 {}", one.hour, one.time_zone));
        match one.kind {
            ReportKind::Weekly => t.rep_every_week(self.weekday(&one.weekday.unwrap_or(Weekday::Monday)), hour),
            ReportKind::Monthly => t.rep_every_month(one.day.unwrap_or(1), hour),
            ReportKind::Release => t.rep_every_release(),
        }
    }
}

async fn page(app: &App, request: &HttpRequest, visit: Visit, refused: Option<(Error, Form)>) -> Shown {
    let asked = Form::of_query(request)?;
    let query = SubscriptionQuery { cursor: asked.given("cursor").map(str::to_owned), ..SubscriptionQuery::default() };
    let by = subscriber(&visit.caller);
    let only = if by.for_others { None } else { Some(visit.member.id) };
    let (paging, form) = (Paging::of(HERE, &query)?, asked.clone());
    let read = move |conn: &mut Conn| {
        let page = stored::list(conn, &query, only, &paging)?;
        let readers: Vec<Id> = page.data.iter().filter_map(|one| one.member_id).collect();
        let accounts: Vec<Id> = page.data.iter().filter_map(|one| one.account_id).collect();
        let accounts = customers::accounts_by_id(conn, &accounts)?;
        Ok(Found {
            accounts: accounts.into_iter().map(|account| (account.id, account.name)).collect(),
            products: products::current(conn)?,
            names: members::names_of(conn, &readers)?,
            next: page.next_cursor.map(|cursor| form.address(HERE, "cursor", &cursor)),
            subscriptions: page.data,
        })
    };
    let found = visit.read(app, read).await?;
    let shell = Shell::new(request, |t| match &refused {
        Some(_) => t.error_in_title(t.rep_subscriptions()),
        None => t.rep_subscriptions(),
    });
    let refusal = refused.map_or_else(Refusal::default, |(error, form)| Refusal::of(error, form, shell.t));
    let zone = visit.member.time_zone.clone();
    let zone = zone.or_else(|| found.products.first().map(|product| product.settings.time_zone.clone()));
    let page = SubscriptionsPage {
        shell,
        asked,
        found,
        for_others: by.for_others,
        time_zone: zone.unwrap_or_else(|| "UTC".to_owned()),
        refusal,
    };
    show_as(page.refusal.status(), request, &page)
}

async fn list(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    page(&app, &request, visit, None).await
}

/// The form as the API would get it. Fields of another kind of reports do not count.
fn input(form: &Form, member: Id) -> Value {
    let number =
        |name: &str| form.trimmed(name).parse::<i64>().map_or_else(|_| json!(form.trimmed(name)), |n| json!(n));
    let kind = form.trimmed("kind");
    let mut input = json!({
        "kind": kind, "products": form.all("products"), "sections": form.all("sections"), "hour": number("hour"),
        "scope": form.given("scope").unwrap_or("summary"), "approval": form.given("approval").is_some(),
    });
    match form.given("email") {
        Some(email) => input["email"] = json!(email),
        None => input["member_id"] = json!(member),
    }
    for field in ["language", "time_zone"] {
        if let Some(value) = form.given(field) {
            input[field] = json!(value);
        }
    }
    if kind == ReportKind::Weekly.as_str()
        && let Some(day) = form.given("weekday")
    {
        input["weekday"] = json!(day);
    }
    if kind == ReportKind::Monthly.as_str() && form.given("day").is_some() {
        input["day"] = number("day");
    }
    input
}

/// The account with this name.
fn account_named(tx: &mut Tx<'_>, name: &str) -> Result<Id> {
    let found = customers::accounts_by_name(tx.conn, &[fold(name)])?;
    let unknown = || Error::field("/account", "unknown", "is not the name of an account");
    found.first().map(|account| account.id).ok_or_else(unknown)
}

async fn create(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let by = subscriber(&visit.caller);
    let account = form.given("account").map(str::to_owned);
    let made: Result<Subscription> = match decode::<NewSubscription>(input(&form, visit.member.id)) {
        Ok(input) => {
            let create = move |tx: &mut Tx<'_>| {
                let account = account.as_deref().map(|name| account_named(tx, name)).transpose()?;
                subscriptions::create(tx, &NewSubscription { account, ..input.clone() }, by)
            };
            visit.write(&app, create).await
        }
        Err(error) => Err(error.into()),
    };
    match made {
        Ok(_) => Ok(done(&request, HERE, Flash::Saved)),
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

async fn end(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let by = subscriber(&visit.caller);
    match visit.write(&app, move |tx| subscriptions::remove(tx, id, None, by)).await {
        Ok(()) => Ok(done(&request, HERE, Flash::Saved)),
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_subscriptions")), ("POST", May("create_subscription"))];
    config
        .service(page_at("/console/subscriptions", rules).get(list).post(create))
        .service(page_at("/console/subscriptions/{id}/end", &[("POST", May("end_subscription"))]).post(end));
}
