//! `/console/stories/{number}/dependencies`: what a story needs and blocks, as a list, a graph and a plan, and what a slip of
//! it would move.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;
use serde_json::json;

use super::graph::{Graph, graph};
use crate::domain::base::decode::decode;
use crate::domain::base::money::whole_units;
use crate::domain::base::{Id, Money, Paging};
use crate::domain::stories::dependency::{Dependencies, DependencyKind, ShownDependency};
use crate::domain::stories::plan::{Plan, PlanDoubt, PlanQuery, PlannedItem, Slip, TriedSlip};
use crate::domain::stories::{Story, StoryQuery};
use crate::error::{Error, Result};
use crate::http::api::stories::story_path::StoryPath;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, show_as};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::{Conn, stories};
use crate::usecase::stories::depending::{plans, shown, slips};

/// The most stories that a search shows.
const FOUND: i64 = 10;

/// What the page reads.
struct Found {
    story: Story,
    dependencies: Dependencies,
    plan: Plan,
    /// What the tried slip would move.
    slip: Option<std::result::Result<Slip, Error>>,
}

#[derive(Template)]
#[template(path = "console/dependencies/page.html")]
struct DependenciesPage {
    shell: Shell,
    story: Story,
    dependencies: Dependencies,
    plan: Plan,
    graph: Option<Graph>,
    slip: Option<Slip>,
    /// Stories that the words of the search find.
    matches: Vec<Story>,
    asked: Form,
    refusal: Refusal,
}

impl DependenciesPage {
    fn of(&self, kind: &DependencyKind) -> Vec<&ShownDependency> {
        self.dependencies.data.iter().filter(|one| one.kind == *kind).collect()
    }

    fn kinds(&self) -> &'static [DependencyKind] {
        DependencyKind::ALL
    }

    fn is_closable(&self, one: &ShownDependency) -> bool {
        one.external.is_some()
    }
}

/// The name of an item of a plan.
pub fn name(shell: &Shell, item: &PlannedItem) -> String {
    match (&item.story, &item.external) {
        (Some(story), _) => story.title.clone(),
        (None, Some(title)) => title.clone(),
        (None, None) => shell.t.dep_hidden(),
    }
}

/// Why the dates of a plan may be wrong, as a sentence.
pub fn doubt(shell: &Shell, doubt: &PlanDoubt) -> String {
    use crate::domain::stories::plan::DoubtReason as R;
    match doubt.reason {
        R::Assumed => shell.t.plan_assumed(doubt.of.as_str()),
        R::Undated => shell.t.plan_undated(doubt.of.as_str()),
        R::PastDue => shell.t.plan_past_due(doubt.of.as_str()),
        R::Declined => shell.t.plan_declined(doubt.of.as_str()),
    }
}

/// Amounts as people read them.
pub fn money(values: &[Money]) -> String {
    let shown = values.iter().map(|money| whole_units(money.amount_minor as f64, &money.currency));
    shown.collect::<Vec<_>>().join(" + ")
}

/// The slip that the address tries.
fn tried(asked: &Form) -> Result<Option<TriedSlip>> {
    let mut input = json!({});
    if let Some(days) = asked.given("days") {
        let days = days.trim().parse::<i64>().map_err(|_| Error::field("/days", "type", "must be a whole number"))?;
        input["days"] = json!(days);
    }
    if let Some(to) = asked.given("to") {
        input["to"] = json!(to.trim());
    }
    if input == json!({}) {
        return Ok(None);
    }
    Ok(Some(decode(input)?))
}

/// The page; after an act that was refused, with what the form held.
pub async fn page(app: &AppData, request: &HttpRequest, visit: Visit, id: Id, refused: Option<(Error, Form)>) -> Shown {
    let (asked, now, access) = (Form::of_query(request)?, app.store.clock.now(), visit.caller.access.clone());
    let (tried, mut refused) = match (tried(&asked), refused) {
        (Ok(tried), refused) => (tried, refused),
        (Err(error), None) => (None, Some((error, asked.clone()))),
        (Err(_), refused) => (None, refused),
    };
    // What the member may not see is not found; what follows is read without their limits.
    visit.read(app, move |conn| stories::rows::get(conn, id).map(drop)).await?;
    let read = move |conn: &mut Conn| {
        let slip = tried.map(|tried| slips::dry_run(conn, &access, id, &tried, now));
        Ok(Found {
            story: stories::rows::get(conn, id)?,
            dependencies: shown::of_story(conn, &access, id)?,
            plan: plans::of_story(conn, &access, id, &PlanQuery::default(), now)?,
            slip,
        })
    };
    let Found { story, dependencies, plan, slip } = visit.read_whole(app, read).await?;
    let slip = match slip {
        None => None,
        Some(Ok(slip)) => Some(slip),
        Some(Err(error)) if Refusal::fits(&error) => {
            refused.get_or_insert((error, asked.clone()));
            None
        }
        Some(Err(error)) => return Err(error),
    };
    let matches = matches(app, &visit, &asked, id).await?;
    let shell = Shell::new(request, |t| format!("{} {}", story.number, t.dep_title()));
    let mut shell = shell.about(format!("/console/stories/{}", story.number));
    let refusal = refused.map(|(error, form)| Refusal::of(error, form, shell.t)).unwrap_or_default();
    if refusal.is_some() {
        shell.title = shell.t.error_in_title(&shell.title);
        shell.here = format!("/console/stories/{}/dependencies", story.number);
    }
    let graph = graph(&plan, Some(&story.number), &shell.t.dep_hidden());
    let page = DependenciesPage { shell, story, dependencies, plan, graph, slip, matches, asked, refusal };
    show_as(page.refusal.status(), request, &page)
}

/// The stories that the words of the search find, without this one.
async fn matches(app: &AppData, visit: &Visit, asked: &Form, id: Id) -> Result<Vec<Story>> {
    let Some(words) = asked.given("q").map(|words| words.trim().to_owned()) else { return Ok(Vec::new()) };
    let now = app.store.clock.now();
    let query = StoryQuery { q: Some(words), limit: Some(FOUND), ..StoryQuery::default() };
    let paging = Paging::new(Some(FOUND), None, String::new())?;
    let found = visit.read(app, move |conn| stories::list::list(conn, &query, &paging, now)).await?;
    Ok(found.data.into_iter().filter(|story| story.id != id).collect())
}

async fn show(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath) -> Shown {
    page(&app, &request, visit, path.0, None).await
}

inventory::submit!(Pages(routes));

/// Registers the routes. What is sent to this address is in `acts.rs`.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/stories/{id}/dependencies", &[("GET", May("list_dependencies"))]).get(show));
}
