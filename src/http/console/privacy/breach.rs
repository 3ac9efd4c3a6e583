//! `/console/privacy/breaches/{id}`: what is known of a breach, who must be told by when, letters, notices and timeline.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use crate::app::App;
use crate::domain::base::{Id, Paging, Time};
use crate::domain::privacy::breach::clock::DutyState;
use crate::domain::privacy::breach::{
    Breach, BreachDuty, BreachEntry, BreachLetter, BreachLetterQuery, BreachState, NoticeAudience,
};
use crate::error::{Error, Result};
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, show_as};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::operations::incidents;
use crate::store::privacy::breaches as stored;
use crate::store::team::members;
use crate::usecase::privacy::breaches;

/// The entries of the timeline that are shown.
const SHOWN: i64 = 100;
/// The texts of a breach, in the order of the form.
pub const TEXTS: [&str; 6] = ["data_items", "how", "consequences", "what_to_do", "measures", "contact"];
/// The boxes of a breach, in the order of the form.
pub const FLAGS: [&str; 5] = ["sensitive_data", "identification_data", "outside_access", "high_risk", "risk_unlikely"];

struct Found {
    breach: Breach,
    incident: Option<String>,
    entries: Vec<BreachEntry>,
    letter: Option<BreachLetter>,
    members: HashMap<Id, String>,
}

/// A text of the form.
struct TextField {
    name: &'static str,
    heading: String,
    text: String,
}

/// A box of the form.
struct FlagField {
    name: &'static str,
    heading: String,
    is_set: bool,
}

#[derive(Template)]
#[template(path = "console/privacy/breach.html")]
struct BreachPage {
    shell: Shell,
    found: Found,
    refusal: Refusal,
}

impl BreachPage {
    fn member(&self, id: &Option<Id>) -> String {
        id.and_then(|id| self.found.members.get(&id).cloned()).unwrap_or_default()
    }

    fn is_open(&self) -> bool {
        self.found.breach.state == BreachState::Open
    }

    fn is_late(&self, duty: &BreachDuty) -> bool {
        matches!(duty.state, DutyState::Overdue | DutyState::Late)
    }

    fn may_close(&self) -> bool {
        self.is_open() && !self.found.breach.duties.iter().any(BreachDuty::is_open)
    }

    fn audiences(&self) -> &'static [NoticeAudience] {
        NoticeAudience::ALL
    }

    /// The laws of the duties, each once.
    fn laws(&self) -> Vec<String> {
        let mut laws: Vec<String> = self.found.breach.duties.iter().map(|duty| duty.country.clone()).collect();
        laws.dedup();
        laws
    }

    fn texts(&self) -> Vec<TextField> {
        let t = self.shell.t;
        let facts = &self.found.breach.facts;
        let stored = [
            (t.br_data_items(), &facts.data_items),
            (t.br_how(), &facts.how),
            (t.br_consequences(), &facts.consequences),
            (t.br_what_to_do(), &facts.what_to_do),
            (t.br_measures(), &facts.measures),
            (t.br_contact(), &facts.contact),
        ];
        let value = |name: &str, stored: &Option<String>| {
            self.refusal.form.given(name).map(str::to_owned).or_else(|| stored.clone()).unwrap_or_default()
        };
        let field = |(name, (heading, stored)): (&'static str, (String, &Option<String>))| {
            let text = value(name, stored);
            TextField { name, heading, text }
        };
        TEXTS.into_iter().zip(stored).map(field).collect()
    }

    fn flags(&self) -> Vec<FlagField> {
        let t = self.shell.t;
        let facts = &self.found.breach.facts;
        let stored = [
            (t.br_sensitive_data(), facts.sensitive_data),
            (t.br_identification_data(), facts.identification_data),
            (t.br_outside_access(), facts.outside_access),
            (t.br_high_risk(), facts.high_risk),
            (t.br_risk_unlikely(), facts.risk_unlikely),
        ];
        FLAGS.into_iter().zip(stored).map(|(name, (heading, is_set))| FlagField { name, heading, is_set }).collect()
    }

    /// A time as a field of a form holds it, in UTC.
    fn field(&self, time: &Option<Time>) -> String {
        time.map(|time| time.to_string().chars().take(16).collect()).unwrap_or_default()
    }

    fn count(&self) -> String {
        self.found.breach.facts.person_count.map(|count| count.to_string()).unwrap_or_default()
    }

    fn number(&self) -> String {
        self.found.breach.facts.authority_number.clone().unwrap_or_default()
    }

    fn missing(&self, letter: &BreachLetter) -> String {
        let t = self.shell.t;
        let name = |field: &String| match field.as_str() {
            "data_items" => t.br_data_items(),
            "how" => t.br_how(),
            "consequences" => t.br_consequences(),
            "what_to_do" => t.br_what_to_do(),
            "measures" => t.br_measures(),
            "contact" => t.br_contact(),
            "person_count" => t.br_person_count(),
            _ => t.br_known_at(),
        };
        letter.missing.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    fn language_of<'a>(&self, letter: &'a BreachLetter) -> &'a str {
        &letter.language
    }
}

/// The letter that the address asks for.
fn letter(asked: &Form) -> Option<BreachLetterQuery> {
    let audience = asked.given("letter")?.parse().ok();
    let language = asked.given("language").filter(|language| ["en", "ko"].contains(language));
    Some(BreachLetterQuery { audience, language: language.map(str::to_owned) })
}

fn read(conn: &mut Conn, id: Id, asked: Option<BreachLetterQuery>, now: Time) -> Result<Found> {
    let breach = stored::get(conn, id, now)?;
    let entries = stored::timeline(conn, id, &Paging::new(Some(SHOWN), None, String::new())?)?.data;
    let mut team: Vec<Id> = entries.iter().filter_map(|entry| entry.actor_id).collect();
    team.extend(breach.notices.iter().filter_map(|notice| notice.recorded_by));
    team.sort_unstable();
    team.dedup();
    Ok(Found {
        incident: match breach.incident_id {
            Some(incident) => Some(incidents::get(conn, incident)?.number),
            None => None,
        },
        letter: match asked {
            Some(asked) => Some(breaches::read_letter(conn, id, &asked, now)?),
            None => None,
        },
        members: members::names_of(conn, &team)?,
        entries,
        breach,
    })
}

/// The page of a breach; with why an act was refused.
///
/// # Errors
/// 404, 503.
pub async fn page(app: &App, request: &HttpRequest, visit: Visit, id: Id, refused: Option<(Error, Form)>) -> Shown {
    let (asked, now) = (letter(&Form::of_query(request)?), app.store.clock.now());
    let found = visit.read(app, move |conn| read(conn, id, asked, now)).await?;
    let title = found.breach.facts.title.clone();
    let shell = Shell::new(request, |t| if refused.is_some() { t.error_in_title(title) } else { title });
    let refusal = refused.map_or_else(Refusal::default, |(error, form)| Refusal::of(error, form, shell.t));
    show_as(refusal.status(), request, &BreachPage { shell, found, refusal })
}

async fn breach(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    page(&app, &request, visit, path.0, None).await
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/privacy/breaches/{id}", &[("GET", May("get_breach"))]).get(breach));
}
