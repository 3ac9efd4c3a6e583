//! `/console/find/customers`: the known customers for what is typed, as a part of a page. The script asks for it while
//! somebody types; pages include the same part.

use actix_web::HttpRequest;
use actix_web::web::{Query, ServiceConfig};
use askama::Template;
use serde::Deserialize;

use crate::app::App;
use crate::domain::base::{Id, Paging};
use crate::domain::feedback::{Customer, CustomerQuery};
use crate::error::Result;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::feedback::{customers, tallies};

/// Customers that are shown.
const MOST: i64 = 8;
/// A shorter text matches too many.
const SHORTEST: usize = 2;

/// A customer with what they said, and what they are still to be told.
pub struct Known {
    pub customer: Customer,
    pub said: i64,
    pub waiting: i64,
}

/// The customers whose name, address or account has these words, newest first; without the one with the id `except`.
///
/// # Errors
/// Those of the database.
pub async fn known(app: &App, visit: &Visit, words: &str, except: Option<Id>) -> Result<Vec<Known>> {
    let q: String = words.trim().chars().take(200).collect();
    if q.chars().count() < SHORTEST {
        return Ok(Vec::new());
    }
    let read = move |conn: &mut Conn| {
        let query = CustomerQuery { q: Some(q), ..CustomerQuery::default() };
        let found = customers::list(conn, &query, &Paging::new(Some(MOST), None, String::new())?)?.data;
        let ids: Vec<Id> = found.iter().map(|customer| customer.id).collect();
        let tallies = tallies::of_customers(conn, &ids)?;
        let shown = |customer: Customer| {
            let tally = tallies.get(&customer.id).copied().unwrap_or_default();
            Known { said: tally.said, waiting: tally.waiting, customer }
        };
        let present = found.into_iter().filter(|customer| Some(customer.id) != except && customer.erased_at.is_none());
        Ok(present.map(shown).collect())
    };
    visit.read(app, read).await
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "console/support/customer_choices.html")]
struct ChoicesPart {
    shell: Shell,
    known: Vec<Known>,
    chosen: String,
    /// Whether a new customer can be chosen too.
    may_be_new: bool,
}

async fn part(app: AppData, request: HttpRequest, visit: Visit, typed: Query<Typed>) -> Shown {
    let known = known(&app, &visit, &typed.q, None).await?;
    let shell = Shell::new(&request, |t| t.known_customers());
    show(&request, &ChoicesPart { shell, known, chosen: String::new(), may_be_new: true })
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/find/customers", &[("GET", May("list_customers"))]).get(part));
}
