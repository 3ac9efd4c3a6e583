//! `/console/customers/{id}`: everything that one person said, was promised and was told; edit it.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::{Value, json};

use super::timeline::{self, Moment, What};
use crate::domain::base::text::fold;
use crate::domain::base::{Id, Paging};
use crate::domain::closure::{ClosureQuery, Outcome};
use crate::domain::feedback::{Customer, FeedbackQuery, FeedbackSort, NewAccount};
use crate::domain::privacy::consent::Consents;
use crate::domain::stories::stage::Stage;
use crate::domain::team::Caller;
use crate::domain::team::note::NoteSubject;
use crate::domain::words::console::Words;
use crate::error::{Error, Result};
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done, see_other, show_as};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::console::support::notes::{self, Notes};
use crate::http::{Pages, page_at};
use crate::store::closure::closures;
use crate::store::feedback::{customers, list};
use crate::store::stories::frozen_evidence;
use crate::store::{Conn, Tx};
use crate::usecase::feedback::{accounts, customers as editing};
use crate::usecase::privacy::consents;

/// The newest feedback and closures of a timeline.
const SHOWN: i64 = 100;

struct CustomerView {
    customer: Customer,
    moments: Vec<Moment>,
    /// Whether there is more feedback than the timeline shows.
    more: bool,
    outcomes: Vec<Outcome>,
    notes: Notes,
    consents: Consents,
}

#[derive(Template)]
#[template(path = "console/customers/customer.html")]
struct CustomerPage {
    shell: Shell,
    view: CustomerView,
    refusal: Refusal,
}

impl CustomerPage {
    fn heading(&self) -> String {
        name_of(&self.view.customer).unwrap_or_else(|| self.shell.t.some_customer())
    }

    /// A field as it was sent, else as it is stored.
    fn field(&self, name: &str, stored: &Option<String>) -> String {
        let sent = self.refusal.form.fields().iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        sent.or_else(|| stored.clone()).unwrap_or_default()
    }

    fn account(&self) -> String {
        let stored = self.view.customer.account.as_ref().map(|account| account.name.clone());
        self.field("account", &stored)
    }

    /// The stories that somebody promised and that are not released yet.
    fn promised(&self) -> Vec<&Outcome> {
        let is_promised = |outcome: &&Outcome| {
            !matches!(outcome.stage, Stage::Draft | Stage::Declined | Stage::Duplicate) && outcome.released_at.is_none()
        };
        self.view.outcomes.iter().filter(is_promised).collect()
    }

    /// The other stories that this customer asked for.
    fn asked_for(&self) -> Vec<&Outcome> {
        let promised: Vec<Id> = self.promised().iter().map(|outcome| outcome.story.id).collect();
        self.view.outcomes.iter().filter(|outcome| !promised.contains(&outcome.story.id)).collect()
    }
}

/// The name by which people call a customer: the name, else the address.
pub fn name_of(customer: &Customer) -> Option<String> {
    customer.name.clone().or_else(|| customer.email.clone())
}

fn read(conn: &mut Conn, id: Id, caller: &Caller) -> Result<CustomerView> {
    let customer = customers::get(conn, id)?;
    let query = FeedbackQuery { customer: Some(id), sort: Some(FeedbackSort::Said), ..FeedbackQuery::default() };
    let paging = || Paging::new(Some(SHOWN), None, String::new());
    let said = list::list(conn, &query, &paging()?)?;
    let query = ClosureQuery { customer: Some(id), ..ClosureQuery::default() };
    let told = closures::list(conn, &query, None, &paging()?)?;
    let outcomes = frozen_evidence::outcomes(conn, id)?;
    let notes = notes::read(conn, NoteSubject::Customer, id, caller)?;
    let more = said.next_cursor.is_some();
    let consents = consents::of(conn, id)?;
    Ok(CustomerView { customer, moments: timeline::of(said.data, told.data), more, outcomes, notes, consents })
}

/// The page; after an edit that was refused, with what the form held.
///
/// # Errors
/// 404, 503.
pub async fn page(app: &AppData, request: &HttpRequest, visit: Visit, id: Id, refused: Option<(Error, Form)>) -> Shown {
    let caller = visit.caller.clone();
    let view = visit.read(app, move |conn| read(conn, id, &caller)).await?;
    if let Some(into) = view.customer.merged_into {
        return Ok(see_other(&format!("/console/customers/{into}")));
    }
    let name = |t: Words| name_of(&view.customer).unwrap_or_else(|| t.some_customer());
    let mut shell = Shell::new(request, name).about(format!("/console/customers/{id}"));
    let refusal = refused.map(|(error, form)| Refusal::of(error, form, shell.t)).unwrap_or_default();
    if refusal.is_some() {
        shell.title = shell.t.error_in_title(&shell.title);
    }
    show_as(refusal.status(), request, &CustomerPage { shell, view, refusal })
}

async fn customer(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    page(&app, &request, visit, path.0, None).await
}

/// The account with this name, which is created if there is none.
fn account_named(tx: &mut Tx<'_>, name: &str) -> Result<Id> {
    match customers::accounts_by_name(tx.conn, &[fold(name)])?.pop() {
        Some(account) => Ok(account.id),
        None => {
            let new = NewAccount { name: name.to_owned(), segment: None, annual_value: None };
            Ok(accounts::create(tx, &new)?.id)
        }
    }
}

fn edit_customer(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>, form: &Form) -> Result<()> {
    let text = |name: &str| form.given(name).map_or(Value::Null, |value| json!(value));
    let account = form.given("account").map(|name| account_named(tx, name)).transpose()?;
    let patch = json!({ "name": text("name"), "email": text("email"), "account_id": account });
    editing::edit(tx, id, if_match, &patch).map(drop)
}

async fn edit(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, if_match) = (path.0, form.get("version").parse().ok());
    let sent = form.clone();
    match visit.write(&app, move |tx| edit_customer(tx, id, if_match, &sent)).await {
        Ok(()) => Ok(done(&request, &format!("/console/customers/{id}"), Flash::Saved)),
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, id, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/customers/{id}", &[("GET", May("get_customer"))]).get(customer))
        .service(page_at("/console/customers/{id}/edit", &[("POST", May("update_customer"))]).post(edit));
}
