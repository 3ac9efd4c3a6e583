//! `/console/stories/{number}/edit`: the texts of a story. When somebody else has changed them meanwhile, the page shows
//! both, and nothing is lost or overwritten.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::{Value, json};

use super::story_acts::version;
use crate::domain::base::Id;
use crate::domain::stories::{Criterion, Story};
use crate::error::Code;
use crate::http::api::stories::story_path::StoryPath;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::stories;
use crate::usecase::stories::planning;

/// The texts in the form.
struct Texts {
    title: String,
    as_a: String,
    i_want: String,
    so_that: String,
    /// One criterion a line.
    criteria: String,
}

impl Texts {
    fn of(story: &Story) -> Self {
        let criteria: Vec<&str> = story.acceptance_criteria.iter().map(|criterion| criterion.text.as_str()).collect();
        Self {
            title: story.title.clone(),
            as_a: story.as_a.clone(),
            i_want: story.i_want.clone(),
            so_that: story.so_that.clone(),
            criteria: criteria.iter().map(|text| text.replace('\n', " ")).collect::<Vec<_>>().join("\n"),
        }
    }

    fn sent(form: &Form) -> Self {
        let text = |name| form.get(name).to_owned();
        Self {
            title: text("title"),
            as_a: text("as_a"),
            i_want: text("i_want"),
            so_that: text("so_that"),
            criteria: text("criteria"),
        }
    }

    /// The fields that differ from those of the story as it is now: name and text.
    fn differences(&self, now: &Texts) -> Vec<(&'static str, String)> {
        let fields = [
            ("title", &self.title, &now.title),
            ("as_a", &self.as_a, &now.as_a),
            ("i_want", &self.i_want, &now.i_want),
            ("so_that", &self.so_that, &now.so_that),
            ("criteria", &self.criteria, &now.criteria),
        ];
        let differs = fields.into_iter().filter(|(_, sent, now)| sent.trim() != now.trim());
        differs.map(|(name, _, now)| (name, now.clone())).collect()
    }
}

#[derive(Template)]
#[template(path = "console/product/story_edit.html")]
struct EditPage {
    shell: Shell,
    story: Story,
    texts: Texts,
    /// What the fields hold now that somebody else changed meanwhile; empty without a conflict.
    theirs: Vec<(&'static str, String)>,
    is_conflict: bool,
    wrong: Wrong,
}

impl EditPage {
    /// What a field holds now, where somebody else has changed it.
    fn now(&self, field: &str) -> Option<&str> {
        self.theirs.iter().find(|(name, _)| *name == field).map(|(_, text)| text.as_str())
    }
}

async fn read(app: &AppData, visit: &Visit, id: Id) -> crate::error::Result<Story> {
    visit.read(app, move |conn| stories::rows::get(conn, id)).await
}

async fn form(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath) -> Shown {
    let story = read(&app, &visit, path.0).await?;
    let place = format!("/console/stories/{}", story.number);
    let shell = Shell::new(&request, |t| t.edit_title(&story.number)).about(place);
    let (texts, theirs, wrong) = (Texts::of(&story), Vec::new(), Wrong::default());
    show_as(StatusCode::OK, &request, &EditPage { shell, story, texts, theirs, is_conflict: false, wrong })
}

/// The criteria of the form. A line that is not changed keeps its quotes and the feedback that it cites.
fn criteria(text: &str, before: &[Criterion]) -> Vec<Value> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let criterion = |line: &str| {
        let known = before.iter().find(|criterion| criterion.text.replace('\n', " ").trim() == line);
        known.map_or_else(|| json!({ "text": line }), |known| json!(known))
    };
    lines.map(criterion).collect()
}

async fn save(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let fields = Form::read(&request, body).await?;
    let (id, if_match) = (path.0, version(&fields));
    let texts = Texts::sent(&fields);
    let sent = json!({
        "title": texts.title.trim(), "as_a": texts.as_a.trim(), "i_want": texts.i_want.trim(),
        "so_that": texts.so_that.trim(),
    });
    let lines = texts.criteria.clone();
    let act = move |tx: &mut crate::store::Tx<'_>| {
        let before = stories::rows::get(tx.conn, id)?;
        let mut patch = sent.clone();
        if lines.trim() != Texts::of(&before).criteria.trim() {
            patch["acceptance_criteria"] = json!(criteria(&lines, &before.acceptance_criteria));
        }
        planning::edit(tx, id, if_match, &patch)
    };
    let error = match visit.write(&app, act).await {
        Ok(story) => return Ok(done(&request, &format!("/console/stories/{}", story.number), Flash::Saved)),
        Err(error) if matches!(error.code, Code::Invalid | Code::VersionMismatch | Code::QuotesCustomer) => error,
        Err(error) => return Err(error),
    };
    let story = read(&app, &visit, id).await?;
    let is_conflict = error.code == Code::VersionMismatch;
    let theirs = if is_conflict { texts.differences(&Texts::of(&story)) } else { Vec::new() };
    let place = format!("/console/stories/{}", story.number);
    let shell = Shell::new(&request, |t| t.error_in_title(t.edit_title(&story.number))).about(place);
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = Wrong::new(error.fields);
    show_as(status, &request, &EditPage { shell, story, texts, theirs, is_conflict, wrong })
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("edit_story")), ("POST", May("edit_story"))];
    config.service(page_at("/console/stories/{id}/edit", rules).get(form).post(save));
}
