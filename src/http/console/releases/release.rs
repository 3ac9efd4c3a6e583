//! `/console/releases/{id}`: what is on board, what missed the train and why, gates, deployments and the changelog.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::ServiceConfig;
use askama::Template;

use crate::domain::base::{Id, Paging, Time};
use crate::domain::measures::effect::ReleaseEffect;
use crate::domain::measures::risk::{EarlierDeployments, ReleaseRisk};
use crate::domain::releases::{
    ChangelogRelease, Deployment, DeploymentQuery, Release, ReleaseState, ReleaseStory, Section,
};
use crate::domain::search::several::Several;
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{GateItem, GateState, Story, StoryQuery, StorySort};
use crate::domain::team::Product;
use crate::domain::words::console::Words;
use crate::error::{Error, Result};
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::releases::{deployments, rows};
use crate::store::stories::list;
use crate::store::team::products;
use crate::usecase::measures::{effects, risk};
use crate::usecase::stories::{gates, texts};

/// Stories that could be taken on board.
const CANDIDATES: i64 = 50;
/// Deployments that are shown.
const DEPLOYMENTS: i64 = 20;

/// What the page reads.
struct Found {
    product: Product,
    release: Release,
    gates: HashMap<Id, Vec<GateItem>>,
    /// The releases that stories were moved to.
    moved: HashMap<Id, String>,
    candidates: Vec<Story>,
    deployments: Vec<Deployment>,
    changelog: Option<ChangelogRelease>,
    /// The effect of a release that reached customers.
    effect: Option<ReleaseEffect>,
    /// What a release carries that is not shipped yet.
    risk: Option<ReleaseRisk>,
}

#[derive(Template)]
#[template(path = "console/releases/release.html")]
struct ReleasePage {
    shell: Shell,
    found: Found,
    /// Why the last act was refused.
    refused: Option<String>,
    form: Form,
}

impl ReleasePage {
    /// Why a story can't be released now.
    fn unready(&self, story: &ReleaseStory) -> Option<String> {
        let gates = self.found.gates.get(&story.story_id).map(Vec::as_slice).unwrap_or_default();
        unready(&self.shell.t, story, gates)
    }

    fn gates<'a>(&'a self, story: &ReleaseStory) -> impl Iterator<Item = &'a GateItem> {
        self.found.gates.get(&story.story_id).into_iter().flatten()
    }

    /// The day that it is planned for, as a field of a form has it.
    fn planned_day(&self) -> String {
        let calendar = self.found.product.calendar();
        self.found.release.planned_for.map(|at| calendar.date(at)).unwrap_or_default()
    }

    fn missed(&self) -> Vec<&ReleaseStory> {
        self.found.release.stories.iter().filter(|story| story.moved_to.is_some()).collect()
    }

    fn aboard(&self) -> Vec<&ReleaseStory> {
        self.found.release.aboard().collect()
    }

    fn sections(&self) -> &'static [Section] {
        Section::ALL
    }

    fn moved_name(&self, id: &Id) -> &str {
        self.found.moved.get(id).map(String::as_str).unwrap_or_default()
    }

    /// When the release goes out, in words: the day of the week and the hour, where the team is.
    fn leaves(&self, risk: &ReleaseRisk) -> String {
        let t = self.shell.t;
        let at =
            t.risk_at(t.named("repday", risk.weekday.as_str()), format!("{:02}:00", risk.local_hour), &risk.time_zone);
        if risk.working_day { at } else { format!("{at} · {}", t.risk_day_off()) }
    }

    /// Who wrote the changes, as far as that is known.
    fn authors(&self, risk: &ReleaseRisk) -> Option<String> {
        Some(self.shell.t.risk_authors(risk.authors?, risk.new_authors.unwrap_or_default()))
    }

    /// The earlier deployments that there are any of.
    fn fared<'a>(&self, risk: &'a ReleaseRisk) -> Vec<&'a EarlierDeployments> {
        risk.earlier.iter().filter(|one| one.deployments > 0).collect()
    }

    fn is_open(&self) -> bool {
        self.found.release.state.is_open()
    }

    fn is(&self, state: &str) -> bool {
        self.found.release.state.as_str() == state
    }

    fn unready_count(&self) -> usize {
        self.found.release.aboard().filter(|story| self.unready(story).is_some()).count()
    }
}

/// Why a story can't be released now: its stage, or its open gates.
pub fn unready(t: &Words, story: &ReleaseStory, gates: &[GateItem]) -> Option<String> {
    if story.stage.is_shipped() {
        return None;
    }
    if story.stage != Stage::Ready {
        return Some(t.rel_still_in_stage(t.value(story.stage.as_str())));
    }
    let open: Vec<&str> =
        gates.iter().filter(|gate| gate.state == GateState::Open).map(|gate| gate.title.as_str()).collect();
    (!open.is_empty()).then(|| t.rel_waits_for_gates(open.join(", ")))
}

fn read(conn: &mut Conn, id: Id, language: &str, now: Time, may_see_risk: bool) -> Result<Found> {
    let release = rows::get(conn, id)?;
    let product = products::get(conn, release.product_id)?;
    let aboard: Vec<Id> = release.aboard().map(|story| story.story_id).collect();
    let gates = gates::of_stories(conn, &product.settings, &aboard)?;
    let moved: Vec<Id> = release.stories.iter().filter_map(|story| story.moved_to).collect();
    let moved = rows::names_of(conn, &moved)?;
    let mut candidates = Vec::new();
    if release.state == ReleaseState::Planned {
        let query = StoryQuery {
            product: Some(Several(vec![product.id.to_string()])),
            stage: Some(Several(vec![Stage::Ready])),
            sort: Some(StorySort::Priority),
            limit: Some(CANDIDATES),
            ..StoryQuery::default()
        };
        let ready = list::list(conn, &query, &Paging::of("candidates", &query)?, now)?.data;
        let ids: Vec<Id> = ready.iter().map(|story| story.id).collect();
        let taken: Vec<Id> = rows::open_of(conn, &ids)?.into_iter().map(|(story, ..)| story).collect();
        candidates = ready.into_iter().filter(|story| !taken.contains(&story.id)).collect();
    }
    let query = DeploymentQuery { release: Some(id), limit: Some(DEPLOYMENTS), ..DeploymentQuery::default() };
    let deployments = deployments::list(conn, &query, &Paging::of("deployments", &query)?)?.data;
    let changelog = texts::of_releases(conn, std::slice::from_ref(&release), Some(language))?.pop();
    let is_out = release.shipped_at.or(release.deployed_at).is_some();
    let effect = is_out.then(|| effects::of_release(conn, id, now)).transpose()?;
    let risk = (may_see_risk && release.state.is_open()).then(|| risk::of_release(conn, id, now)).transpose()?;
    Ok(Found { product, release, gates, moved, candidates, deployments, changelog, effect, risk })
}

/// The page of a release; after an act that was refused, with the reason and what was entered.
pub async fn page(app: &AppData, request: &HttpRequest, visit: Visit, id: Id, refused: Option<(Error, Form)>) -> Shown {
    let status = refused.as_ref().map_or(StatusCode::OK, |(error, _)| {
        StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY)
    });
    let (language, now) = (crate::http::console::base::visit::language(request), app.store.clock.now());
    let may_see_risk = visit.may("get_release_risk");
    let found = visit.read(app, move |conn| read(conn, id, language.code(), now, may_see_risk)).await?;
    let title = found.release.name.clone();
    let shell = Shell::new(request, |t| if refused.is_some() { t.error_in_title(title) } else { title });
    let said = |error: &Error| Some(said(error, shell.t));
    let (refused, form) = refused.map_or((None, Form::default()), |(error, form)| (said(&error), form));
    show_as(status, request, &ReleasePage { shell, found, refused, form })
}

/// An error with its fields, in a sentence or several.
pub fn said(error: &Error, t: Words) -> String {
    let fields = error.fields.iter().map(|field| t.wrong(field));
    let detail = (error.fields.is_empty()).then(|| t.detail(&error.detail));
    detail.into_iter().chain(fields).collect::<Vec<_>>().join(" ")
}

async fn show(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    page(&app, &request, visit, path.0, None).await
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/releases/{id}", &[("GET", May("get_release"))]).get(show));
}
