//! `/console/customers` and `/console/accounts`: lists with a search by name, address and company.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::{Query, ServiceConfig};
use askama::Template;
use serde::{Deserialize, Serialize};

use crate::domain::base::{Id, Paging, money};
use crate::domain::feedback::{Account, AccountQuery, Customer, CustomerQuery};
use crate::domain::team::view::ViewPage;
use crate::error::{Error, Result};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::kept::views::ListPage;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::feedback::customers;
use crate::store::feedback::tallies::{self, Tally};

/// Rows of a page.
const ROWS: i64 = 50;
/// The longest words of the API's search.
const LONGEST: usize = 200;

/// What the address says: the state of the page.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Asked {
    q: String,
    cursor: String,
}

impl Asked {
    fn words(&self) -> Result<Option<String>> {
        let words = self.q.trim();
        if words.chars().count() > LONGEST {
            return Err(Error::field("/q", "too_long", format!("must have at most {LONGEST} characters")));
        }
        Ok(Some(words.to_owned()).filter(|words| !words.is_empty()))
    }

    fn cursor(&self) -> Option<String> {
        Some(self.cursor.clone()).filter(|cursor| !cursor.is_empty())
    }

    fn next(&self, path: &str, cursor: Option<String>) -> Option<String> {
        let query = serde_urlencoded::to_string(Asked { cursor: cursor?, ..self.clone() });
        Some(format!("{path}?{}", query.unwrap_or_default()))
    }
}

#[derive(Template)]
#[template(path = "console/customers/list.html")]
struct CustomersPage {
    shell: Shell,
    asked: Asked,
    customers: Vec<(Customer, Tally)>,
    next: Option<String>,
}

async fn list_customers(app: AppData, request: HttpRequest, visit: Visit, asked: Query<Asked>) -> Shown {
    let asked = asked.into_inner();
    let query =
        CustomerQuery { q: asked.words()?, cursor: asked.cursor(), limit: Some(ROWS), ..CustomerQuery::default() };
    let paging = Paging::of("/console/customers", &query)?;
    let read = move |conn: &mut Conn| {
        let found = customers::list(conn, &query, &paging)?;
        let ids: Vec<Id> = found.data.iter().map(|customer| customer.id).collect();
        Ok((found, tallies::of_customers(conn, &ids)?))
    };
    let (found, tallies) = visit.read(&app, read).await?;
    let next = asked.next("/console/customers", found.next_cursor);
    let shell = Shell::new(&request, |t| t.nav_customers());
    let customers = with(found.data, &tallies, |customer| customer.id);
    show(&request, &CustomersPage { shell, asked, customers, next })
}

fn with<T>(rows: Vec<T>, tallies: &HashMap<Id, Tally>, id: impl Fn(&T) -> Id) -> Vec<(T, Tally)> {
    let tally = |row: &T| tallies.get(&id(row)).copied().unwrap_or_default();
    rows.into_iter().map(|row| (tally(&row), row)).map(|(tally, row)| (row, tally)).collect()
}

#[derive(Template)]
#[template(path = "console/customers/accounts.html")]
struct AccountsPage {
    shell: Shell,
    asked: Asked,
    accounts: Vec<(Account, Tally)>,
    next: Option<String>,
}

/// What an account pays a year, as people write it.
pub fn value_of(account: &Account) -> Option<String> {
    account.annual_value.as_ref().map(|value| money::whole_units(value.amount_minor as f64, &value.currency))
}

impl AccountsPage {
    fn value(&self, account: &Account) -> String {
        value_of(account).unwrap_or_default()
    }
}

async fn list_accounts(app: AppData, request: HttpRequest, visit: Visit, asked: Query<Asked>) -> Shown {
    let asked = asked.into_inner();
    let query =
        AccountQuery { q: asked.words()?, cursor: asked.cursor(), limit: Some(ROWS), ..AccountQuery::default() };
    let paging = Paging::of("/console/accounts", &query)?;
    let read = move |conn: &mut Conn| {
        let found = customers::list_accounts(conn, &query, &paging)?;
        let ids: Vec<Id> = found.data.iter().map(|account| account.id).collect();
        Ok((found, tallies::of_accounts(conn, &ids)?))
    };
    let (found, tallies) = visit.read(&app, read).await?;
    let next = asked.next("/console/accounts", found.next_cursor);
    let shell = Shell::new(&request, |t| t.accounts());
    let accounts = with(found.data, &tallies, |account| account.id);
    show(&request, &AccountsPage { shell, asked, accounts, next })
}

inventory::submit!(ListPage::of(ViewPage::Customers, &["q"], |_, _| true));
inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/customers", &[("GET", May("list_customers"))]).get(list_customers))
        .service(page_at("/console/accounts", &[("GET", May("list_accounts"))]).get(list_accounts));
}
