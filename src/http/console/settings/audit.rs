//! `/console/settings/audit`: the audit log, with filters, and as a CSV file.

use std::collections::{BTreeSet, HashMap};

use actix_web::web::{Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::csv::{Csv, download};
use super::members::Place;
use crate::domain::base::{Id, Paging, Time};
use crate::domain::team::Caller;
use crate::domain::team::audit::{AuditEntry, AuditQuery};
use crate::error::{Error, Result};
use crate::http::api::team::audit::note_reading;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::agent;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::team::{audit as store, members, tokens};

const HERE: &str = "/console/settings/audit";
/// The filters by what was done.
const KINDS: [&str; 9] = [
    "member.signed_in",
    "member.sign_in_failed",
    "member.*",
    "token.*",
    "webhook.*",
    "product.*",
    "customer.*",
    "export.*",
    "audit.*",
];
/// The most rows of a file.
const MOST: usize = 100_000;

/// What the address says: the state of the page.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Asked {
    kind: String,
    who: String,
    since: String,
    until: String,
    #[serde(skip_serializing)]
    cursor: String,
}

/// The start of a day, in UTC, and this many days later.
fn day(field: &str, text: &str, later: i64) -> Result<Option<Time>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let start = Time::parse(&format!("{}T00:00:00Z", text.trim()));
    let start = start.ok_or_else(|| Error::field(format!("/{field}"), "format", "must be a date"))?;
    Ok(Some(start.plus(later * Time::DAY)))
}

impl Asked {
    fn query(&self) -> Result<AuditQuery> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let who = given(&self.who).map(|id| id.parse::<Id>());
        let actor = who.transpose().map_err(|_| Error::field("/who", "format", "is not an id"))?;
        Ok(AuditQuery {
            kind: given(&self.kind),
            actor,
            subject: None,
            since: day("since", &self.since, 0)?,
            until: day("until", &self.until, 1)?,
            limit: None,
            cursor: given(&self.cursor),
        })
    }

    fn is_filtered(&self) -> bool {
        [&self.kind, &self.who, &self.since, &self.until].into_iter().any(|text| !text.trim().is_empty())
    }

    /// The address of this list, or of its file.
    fn address(&self, path: &str) -> String {
        let query = serde_urlencoded::to_string(self).unwrap_or_default();
        format!("{path}?{query}")
    }
}

/// The names of the members and tokens in these entries.
fn names(conn: &mut Conn, entries: &[AuditEntry]) -> Result<HashMap<Id, String>> {
    let ids: BTreeSet<Id> = entries.iter().flat_map(|entry| [entry.actor_id, entry.subject_id]).flatten().collect();
    let ids: Vec<Id> = ids.into_iter().collect();
    let mut names = HashMap::new();
    for ids in ids.chunks(500) {
        names.extend(members::names_of(conn, ids)?);
        names.extend(tokens::names_of(conn, ids)?);
    }
    Ok(names)
}

#[derive(Template)]
#[template(path = "console/settings/audit.html")]
struct AuditPage {
    shell: Shell,
    asked: Asked,
    days: u32,
    people: Vec<(Id, String)>,
    entries: Vec<AuditEntry>,
    names: HashMap<Id, String>,
    csv: String,
    first: Option<String>,
    next: Option<String>,
}

impl AuditPage {
    fn kinds(&self) -> [&'static str; 9] {
        KINDS
    }

    fn who(&self, entry: &AuditEntry) -> String {
        let name = entry.actor_id.and_then(|id| self.names.get(&id).cloned());
        name.unwrap_or_else(|| self.shell.t.actor_name(&entry.actor))
    }

    /// The name of the entry's subject; `None` where the actor is the subject, as in a sign-in.
    fn subject(&self, entry: &AuditEntry) -> Option<&String> {
        let id = entry.subject_id.filter(|id| Some(*id) != entry.actor_id)?;
        self.names.get(&id)
    }

    fn detail(&self, entry: &AuditEntry) -> Option<String> {
        let t = &self.shell.t;
        let text = |name: &str| entry.data[name].as_str().map(|text| t.value(text));
        let fields = entry.data["fields"].as_array().map(|fields| {
            let names = fields.iter().filter_map(Value::as_str).map(|name| t.field_name(name));
            names.collect::<Vec<_>>().join(", ")
        });
        let rows = entry.data["rows"].as_u64().map(|rows| t.set_rows_so_far(rows as i64));
        let all: Vec<String> = fields.into_iter().chain(text("role")).chain(rows).collect();
        (!all.is_empty()).then(|| all.join(" · "))
    }

    fn browser(&self, name: &str) -> String {
        agent::browser(name)
    }
}

async fn audit(app: AppData, request: HttpRequest, visit: Visit, asked: Query<Asked>) -> Shown {
    let asked = asked.into_inner();
    let query = asked.query()?;
    let paging = Paging::of(HERE, &query)?;
    let read = move |conn: &mut Conn| {
        let found = store::list(conn, &query, &paging)?;
        let everybody = Paging::new(Some(200), None, String::new())?;
        let people = members::list(conn, None, None, &everybody)?.data;
        let names = names(conn, &found.data)?;
        Ok((found, people, names))
    };
    let (found, people, names) = visit.read(&app, read).await?;
    if asked.cursor.is_empty() {
        note_reading(&app, &request, &visit.caller, "audit.viewed", Some(asked.kind.clone())).await;
    }
    let shell = Shell::new(&request, |t| t.set_audit());
    let here = asked.address(HERE);
    let place = Place { cursor: asked.cursor.clone() };
    let page = AuditPage {
        shell,
        days: app.config.audit_days,
        people: people.into_iter().map(|member| (member.id, member.name)).collect(),
        entries: found.data,
        names,
        csv: asked.address("/console/settings/audit.csv"),
        first: place.first(&here),
        next: Place::next(&here, found.next_cursor),
        asked,
    };
    show(&request, &page)
}

/// All entries that match, up to [`MOST`], page by page.
fn all(conn: &mut Conn, query: &AuditQuery) -> Result<(Vec<AuditEntry>, HashMap<Id, String>)> {
    let mut entries: Vec<AuditEntry> = Vec::new();
    let mut cursor = None;
    loop {
        let paging = Paging::new(Some(200), cursor.as_deref(), "audit".to_owned())?;
        let page = store::list(conn, query, &paging)?;
        entries.extend(page.data);
        cursor = page.next_cursor;
        if cursor.is_none() || entries.len() >= MOST {
            let names = names(conn, &entries)?;
            return Ok((entries, names));
        }
    }
}

async fn csv(app: AppData, request: HttpRequest, visit: Visit, asked: Query<Asked>) -> Result<HttpResponse> {
    let query = AuditQuery { cursor: None, ..asked.query()? };
    let caller: Caller = visit.caller.clone();
    let (entries, names) = visit.read(&app, move |conn| all(conn, &query)).await?;
    note_reading(&app, &request, &caller, "audit.downloaded", Some(asked.kind.clone())).await;
    let mut file = Csv::new(&["at", "kind", "actor", "actor_id", "name", "subject_id", "address", "agent", "data"]);
    for entry in entries {
        let id = |id: Option<Id>| id.map(|id| id.to_string()).unwrap_or_default();
        let name = entry.actor_id.and_then(|id| names.get(&id).cloned()).unwrap_or_default();
        file.row(&[
            entry.at.to_string(),
            entry.kind,
            entry.actor,
            id(entry.actor_id),
            name,
            id(entry.subject_id),
            entry.address.unwrap_or_default(),
            entry.agent.unwrap_or_default(),
            entry.data.to_string(),
        ]);
    }
    Ok(download("audit.csv", file))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/settings/audit", &[("GET", May("list_audit"))]).get(audit))
        .service(page_at("/console/settings/audit.csv", &[("GET", May("list_audit"))]).get(csv));
}
