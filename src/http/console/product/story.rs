//! `/console/stories/{number}`: a story with its evidence, its moves and its history.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use super::story_view::{StoryView, read};
use crate::domain::base::{Id, Paging};
use crate::domain::evaluations::evaluation::Evaluation;
use crate::domain::evaluations::requests::EvaluationQuery;
use crate::domain::operations::postmortem::action::PostmortemAction;
use crate::domain::stories::dependency::{Dependencies, DependencyKind, DependencyState, ShownDependency};
use crate::domain::stories::priority::IMPACTS;
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{LinkKind, LinkProvider, TrialKind, Verdict};
use crate::domain::team::note::NoteSubject;
use crate::error::Error;
use crate::http::api::stories::story_path::StoryPath;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, show_as};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::console::support::notes::{self, Notes};
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::evaluations::rows;
use crate::store::operations::postmortem_actions;
use crate::usecase::stories::depending::shown;

/// The most evaluations shown.
const EVALUATIONS: i64 = 10;

#[derive(Template)]
#[template(path = "console/product/story.html")]
struct StoryPage {
    shell: Shell,
    view: StoryView,
    notes: Notes,
    /// The postmortems that it is an action of.
    actions: Vec<PostmortemAction>,
    dependencies: Dependencies,
    /// The evaluations of solutions for it.
    evaluations: Vec<Evaluation>,
    refusal: Refusal,
}

impl StoryPage {
    fn impacts(&self) -> [f64; 5] {
        IMPACTS
    }

    /// The value of a factor in the form: as sent, else as set by a person.
    fn factor(&self, name: &str, set: &Option<f64>) -> String {
        match self.refusal.form.given(name) {
            Some(sent) => sent.to_owned(),
            None => set.map(|value| self.shell.number(&value)).unwrap_or_default(),
        }
    }

    /// Whether the factors that were sent are wrong.
    fn factors_are_wrong(&self) -> bool {
        let names = ["effort", "priority/reach", "priority/impact", "priority/confidence"];
        names.iter().any(|name| self.refusal.wrong.at(name, &self.shell.t).is_some())
    }

    /// Whether a form with this field was refused.
    fn sent(&self, name: &str) -> bool {
        self.refusal.form.given(name).is_some()
    }

    fn providers(&self) -> &'static [LinkProvider] {
        LinkProvider::ALL
    }

    fn link_kinds(&self) -> &'static [LinkKind] {
        LinkKind::ALL
    }

    fn trial_kinds(&self) -> &'static [TrialKind] {
        TrialKind::ALL
    }

    fn verdicts(&self) -> &'static [Verdict] {
        Verdict::ALL
    }

    /// What it needs and is not there yet.
    fn missing(&self) -> Vec<&ShownDependency> {
        let is_missing = |one: &&ShownDependency| {
            one.kind == DependencyKind::Needs && one.state.is_some_and(|state| state != DependencyState::Satisfied)
        };
        self.dependencies.data.iter().filter(is_missing).collect()
    }

    /// The working days in the form: as sent, else as set.
    fn days(&self) -> String {
        match self.refusal.form.given("days") {
            Some(sent) => sent.to_owned(),
            None => self.view.story.days.map(|days| days.to_string()).unwrap_or_default(),
        }
    }

    /// The due day in the form, in the member's zone.
    fn due(&self) -> String {
        match self.refusal.form.given("due") {
            Some(sent) => sent.to_owned(),
            None => self.view.story.due_at.map(|due| self.shell.iso_day(&due)).unwrap_or_default(),
        }
    }

    /// Whether moving it there needs a reason.
    fn goes_back(&self, to: &Stage) -> bool {
        *to < self.view.story.stage
    }
}

/// The page of a story; after an act that was refused, with what the form held.
pub async fn page(app: &AppData, request: &HttpRequest, visit: Visit, id: Id, refused: Option<(Error, Form)>) -> Shown {
    let now = app.store.clock.now();
    let read_all = move |conn: &mut Conn| {
        let query = EvaluationQuery { story: Some(id), ..EvaluationQuery::default() };
        let evaluations = rows::list(conn, &query, &Paging::new(Some(EVALUATIONS), None, String::new())?, now)?.data;
        Ok((read(conn, id)?, postmortem_actions::of_story(conn, id, now)?, evaluations))
    };
    let (view, actions, evaluations) = visit.read(app, read_all).await?;
    let caller = visit.caller.clone();
    let access = caller.access.clone();
    let dependencies = visit.read_whole(app, move |conn| shown::of_story(conn, &access, id)).await?;
    let notes = visit.read(app, move |conn| notes::read(conn, NoteSubject::Story, id, &caller)).await?;
    let place = format!("/console/stories/{}", view.story.number);
    let mut shell = Shell::new(request, |_| format!("{} {}", view.story.number, view.story.title)).about(place);
    let refusal = refused.map(|(error, form)| Refusal::of(error, form, shell.t)).unwrap_or_default();
    if refusal.is_some() {
        shell.title = shell.t.error_in_title(&shell.title);
        shell.here = format!("/console/stories/{}", view.story.number);
    }
    show_as(refusal.status(), request, &StoryPage { shell, view, notes, actions, dependencies, evaluations, refusal })
}

async fn story(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath) -> Shown {
    page(&app, &request, visit, path.0, None).await
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/stories/{id}", &[("GET", May("get_story"))]).get(story));
}
