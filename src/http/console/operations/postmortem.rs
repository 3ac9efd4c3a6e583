//! `/console/postmortems/{id}`: one postmortem, edited in sections with hints beside them, and its actions.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use crate::app::App;
use crate::domain::base::Id;
use crate::domain::operations::postmortem::action::PostmortemAction;
use crate::domain::operations::postmortem::facts::in_words;
use crate::domain::operations::postmortem::hints::HintReason;
use crate::domain::operations::postmortem::{PostmortemSection, PostmortemState, ShownPostmortem};
use crate::error::Error;
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
use crate::store::team::members;
use crate::usecase::operations::postmortem::{markdown, writing};

/// A section of the form.
struct Section {
    key: &'static str,
    heading: String,
    text: String,
    /// Hints on its wording, as sentences.
    hints: Vec<String>,
}

#[derive(Template)]
#[template(path = "console/operations/postmortem.html")]
struct PostmortemPage {
    shell: Shell,
    shown: ShownPostmortem,
    sections: Vec<Section>,
    names: HashMap<Id, String>,
    /// The members who may own an action.
    people: Vec<(Id, String)>,
    is_late: bool,
    refusal: Refusal,
}

impl PostmortemPage {
    fn state(&self, state: &PostmortemState) -> String {
        state_name(&self.shell, *state)
    }

    fn name(&self, id: &Id) -> &str {
        self.names.get(id).map(String::as_str).unwrap_or_default()
    }

    fn lasted(&self) -> String {
        self.shown.facts.durations.to_mitigate.map_or_else(|| "–".to_owned(), in_words)
    }

    fn is_open(&self, action: &PostmortemAction) -> bool {
        action.state == crate::domain::operations::postmortem::action::ActionState::Open
    }

    fn title(&self) -> &str {
        self.refusal.form.given("title").unwrap_or(&self.shown.postmortem.title)
    }

    fn is_published(&self) -> bool {
        self.shown.postmortem.state == PostmortemState::Published
    }

    fn is_draft(&self) -> bool {
        self.shown.postmortem.state == PostmortemState::Draft
    }
}

/// The name of a state on a page.
pub fn state_name(shell: &Shell, state: PostmortemState) -> String {
    match state {
        PostmortemState::Draft => shell.t.pm_draft(),
        PostmortemState::InReview => shell.t.pm_in_review(),
        PostmortemState::Published => shell.t.pm_published(),
    }
}

fn sections(shell: &Shell, shown: &ShownPostmortem, form: &Form) -> Vec<Section> {
    let section = |section: &PostmortemSection| {
        let written = shown.postmortem.text.section(*section).unwrap_or_default();
        let is_sent = form.fields().iter().any(|(name, _)| name == section.as_str());
        let hints = shown.hints.iter().filter(|hint| hint.section == *section).map(|hint| match hint.reason {
            HintReason::PersonBlamed => shell.t.pm_hint_person(hint.words.as_str()),
            HintReason::Hindsight => shell.t.pm_hint_hindsight(hint.words.as_str()),
            HintReason::HumanError => shell.t.pm_hint_error(hint.words.as_str()),
        });
        Section {
            key: section.as_str(),
            heading: markdown::heading(shell.t.0, *section),
            text: if is_sent { form.get(section.as_str()) } else { written }.to_owned(),
            hints: hints.collect(),
        }
    };
    PostmortemSection::ALL.iter().map(section).collect()
}

/// The page of a postmortem; with why an act was refused.
///
/// # Errors
/// 404, 503.
pub async fn page(app: &App, request: &HttpRequest, visit: Visit, id: Id, refused: Option<(Error, Form)>) -> Shown {
    let now = app.store.clock.now();
    let read = move |conn: &mut Conn| {
        let shown = writing::shown(conn, id, now)?;
        let mut named: Vec<Id> = shown.actions.iter().filter_map(|action| action.owner_id).collect();
        named.extend(shown.postmortem.facilitator_id.into_iter().chain(shown.postmortem.authors.clone()));
        let active: Vec<Id> = members::active(conn)?.into_iter().collect();
        named.extend(active.iter().copied());
        let names = members::names_of(conn, &named)?;
        let mut people: Vec<(Id, String)> =
            active.into_iter().filter_map(|id| Some((id, names.get(&id)?.clone()))).collect();
        people.sort_by(|a, b| (&a.1, a.0).cmp(&(&b.1, b.0)));
        Ok((shown, names, people))
    };
    let (shown, names, people) = visit.read(app, read).await?;
    let title = format!("{} {}", shown.postmortem.incident_number, shown.postmortem.title);
    let shell = Shell::new(request, |t| if refused.is_some() { t.error_in_title(title) } else { title });
    let refusal = refused.map_or_else(Refusal::default, |(error, form)| Refusal::of(error, form, shell.t));
    let sections = sections(&shell, &shown, &refusal.form);
    let is_late = shown.postmortem.is_overdue(now);
    let status = refusal.status();
    show_as(status, request, &PostmortemPage { shell, shown, sections, names, people, is_late, refusal })
}

async fn postmortem(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    page(&app, &request, visit, path.0, None).await
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/postmortems/{id}", &[("GET", May("get_postmortem"))]).get(postmortem));
}
