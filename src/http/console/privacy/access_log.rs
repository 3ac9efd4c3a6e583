//! `/console/privacy/access`: the access log, with filters.

use std::collections::{BTreeSet, HashMap};

use actix_web::HttpRequest;
use actix_web::web::{Query, ServiceConfig};
use askama::Template;
use serde::{Deserialize, Serialize};

use crate::domain::base::{Id, Paging, Time};
use crate::domain::privacy::access::log::{AccessAct, AccessChain, AccessEntry, AccessQuery};
use crate::error::{Error, Result};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::Wrong;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::console::settings::members::Place;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::feedback::customers;
use crate::store::privacy::access::list;
use crate::store::team::{members, tokens};

const HERE: &str = "/console/privacy/access";
/// The customers of an entry that are shown by name.
const SHOWN: usize = 3;

/// What the address says: the state of the page.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Asked {
    customer: String,
    who: String,
    act: String,
    reason: String,
    chain: String,
    since: String,
    until: String,
    #[serde(skip_serializing)]
    cursor: String,
}

fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// The start of a day, in UTC, this many days later.
fn day(field: &str, text: &str, later: i64) -> Result<Option<Time>> {
    let Some(text) = given(text) else { return Ok(None) };
    let start = Time::parse(&format!("{text}T00:00:00Z"));
    let start = start.ok_or_else(|| Error::field(format!("/{field}"), "format", "must be a date"))?;
    Ok(Some(start.plus(later * Time::DAY)))
}

fn id(field: &str, text: &str) -> Result<Option<Id>> {
    let parsed = given(text).map(str::parse::<Id>).transpose();
    parsed.map_err(|_| Error::field(format!("/{field}"), "format", "is not an id"))
}

impl Asked {
    fn query(&self) -> Result<AccessQuery> {
        Ok(AccessQuery {
            chain: self.chain.parse::<AccessChain>().ok(),
            customer: id("customer", &self.customer)?,
            actor: id("who", &self.who)?,
            operation: None,
            act: self.act.parse::<AccessAct>().ok(),
            address: None,
            with_reason: match self.reason.as_str() {
                "given" => Some(true),
                "missing" => Some(false),
                _ => None,
            },
            since: day("since", &self.since, 0)?,
            until: day("until", &self.until, 1)?,
            limit: None,
            cursor: given(&self.cursor).map(str::to_owned),
        })
    }

    fn is_filtered(&self) -> bool {
        let all = [&self.customer, &self.who, &self.act, &self.reason, &self.chain, &self.since, &self.until];
        all.into_iter().any(|text| given(text).is_some())
    }

    fn address(&self) -> String {
        format!("{HERE}?{}", serde_urlencoded::to_string(self).unwrap_or_default())
    }
}

/// What the page reads.
#[derive(Default)]
struct Found {
    people: Vec<(Id, String)>,
    entries: Vec<AccessEntry>,
    names: HashMap<Id, String>,
    customers: HashMap<Id, String>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "console/privacy/access.html")]
struct AccessPage {
    shell: Shell,
    asked: Asked,
    days: u32,
    found: Found,
    about: Option<String>,
    wrong: Wrong,
    first: Option<String>,
    next: Option<String>,
}

impl AccessPage {
    fn acts(&self) -> [AccessAct; 3] {
        [AccessAct::Read, AccessAct::Write, AccessAct::Download]
    }

    fn who(&self, entry: &AccessEntry) -> String {
        let name = entry.actor_id.and_then(|id| self.found.names.get(&id).cloned());
        name.unwrap_or_else(|| self.shell.t.actor_name(&entry.actor))
    }

    fn what(&self, entry: &AccessEntry) -> String {
        match entry.chain {
            AccessChain::Reads => self.shell.t.named("accop", &entry.operation),
            AccessChain::Permissions => self.shell.t.audit_kind(&entry.operation),
        }
    }

    fn subject(&self, entry: &AccessEntry) -> Option<&String> {
        entry.subject_id.and_then(|id| self.found.names.get(&id))
    }

    /// The first customers of an entry, with their names.
    fn shown(&self, entry: &AccessEntry) -> Vec<(Id, String)> {
        let name = |id: &Id| self.found.customers.get(id).cloned().unwrap_or_else(|| id.to_string());
        // Who asks for one person sees that person first.
        let first = self.asked.customer.parse::<Id>().ok().filter(|id| entry.customer_ids.contains(id));
        let others = entry.customer_ids.iter().copied().filter(|id| Some(*id) != first);
        first.into_iter().chain(others).take(SHOWN).map(|id| (id, name(&id))).collect()
    }

    fn more(&self, entry: &AccessEntry) -> usize {
        entry.customer_ids.len().saturating_sub(SHOWN)
    }
}

fn read(conn: &mut Conn, query: &AccessQuery, paging: &Paging) -> Result<Found> {
    let page = list::list(conn, query, paging)?;
    let everybody = Paging::new(Some(200), None, String::new())?;
    let people = members::list(conn, None, None, &everybody)?.data;
    let ids: BTreeSet<Id> = page.data.iter().flat_map(|entry| [entry.actor_id, entry.subject_id]).flatten().collect();
    let ids: Vec<Id> = ids.into_iter().collect();
    let mut names = members::names_of(conn, &ids)?;
    names.extend(tokens::names_of(conn, &ids)?);
    let shown = page.data.iter().flat_map(|entry| entry.customer_ids.iter().take(SHOWN).copied());
    let shown: BTreeSet<Id> = shown.chain(query.customer).collect();
    let shown: Vec<Id> = shown.into_iter().collect();
    let rows = customers::by_id(conn, &shown)?;
    let named = rows.into_iter().filter_map(|row| {
        let email = row.email.map(|email| email.text);
        Some((row.id, row.name.or(email)?))
    });
    Ok(Found {
        customers: named.collect(),
        people: people.into_iter().map(|member| (member.id, member.name)).collect(),
        entries: page.data,
        names,
        next: page.next_cursor,
    })
}

async fn access(app: AppData, request: HttpRequest, visit: Visit, asked: Query<Asked>) -> Shown {
    let asked = asked.into_inner();
    let (found, wrong) = match asked.query() {
        Ok(query) => {
            app.access.write_all(&app.store).await?;
            let paging = Paging::of(HERE, &query)?;
            (visit.read(&app, move |conn| read(conn, &query, &paging)).await?, Wrong::default())
        }
        Err(error) => (Found::default(), Wrong::of(error)?),
    };
    let shell = Shell::new(&request, |t| t.acc_log());
    let customer = asked.customer.trim().parse::<Id>().ok();
    let about = customer.map(|id| found.customers.get(&id).cloned().unwrap_or_else(|| id.to_string()));
    let (place, here) = (Place { cursor: asked.cursor.clone() }, asked.address());
    let page = AccessPage {
        shell,
        days: app.config.privacy.access_days,
        about,
        wrong,
        first: place.first(&here),
        next: Place::next(&here, found.next.clone()),
        found,
        asked,
    };
    show(&request, &page)
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/privacy/access", &[("GET", May("list_access_log"))]).get(access));
}
