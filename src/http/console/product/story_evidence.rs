//! `/console/stories/{number}/evidence`: the feedback behind a story; more is found and added, or taken out.

use std::collections::BTreeSet;

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::json;

use crate::domain::base::decode::decode;
use crate::domain::base::{Id, Paging, Reference};
use crate::domain::feedback::{Feedback, FeedbackQuery, State};
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{AttachFeedback, Story};
use crate::error::Result;
use crate::http::api::stories::story_path::StoryPath;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done, local, show_as};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::stories::story_items;
use crate::store::{Conn, Tx, feedback, stories};
use crate::usecase::stories::attachments;

/// Evidence on a page, and feedback that a search shows.
const SHOWN: i64 = 30;
const FOUND: i64 = 20;

#[derive(Template)]
#[template(path = "console/product/story_evidence.html")]
struct EvidencePage {
    shell: Shell,
    view: Evidence,
    asked: Form,
    refusal: Refusal,
}

impl EvidencePage {
    /// Whether customers of what is added are told at once.
    fn tells_late(&self) -> bool {
        self.view.story.stage.is_shipped() || self.view.story.stage == Stage::Declined
    }
}

/// What the page shows.
struct Evidence {
    story: Story,
    /// A page of the evidence.
    evidence: Vec<Feedback>,
    /// Feedback that the words find, and that is not evidence yet.
    found: Vec<Feedback>,
    next: Option<String>,
}

fn read(conn: &mut Conn, id: Id, asked: &Form) -> Result<Evidence> {
    let story = stories::rows::get(conn, id)?;
    let paging = Paging::new(Some(SHOWN), asked.given("cursor"), format!("evidence of {id}"))?;
    let evidence = feedback::list::of_story(conn, id, &paging)?;
    let mut found = Vec::new();
    if let Some(words) = asked.given("q") {
        let query = FeedbackQuery {
            q: Some(words.chars().take(500).collect()),
            product: Some(story.product_id.to_string()),
            limit: Some(FOUND),
            ..FeedbackQuery::default()
        };
        found = feedback::list::list(conn, &query, &Paging::new(Some(FOUND), None, String::new())?)?.data;
        let ids: Vec<Id> = found.iter().map(|said| said.id).collect();
        let there: BTreeSet<Id> = story_items::among(conn, id, &ids)?.into_iter().collect();
        found.retain(|said| said.state != State::Dismissed && !there.contains(&said.id));
    }
    Ok(Evidence { story, evidence: evidence.data, found, next: evidence.next_cursor })
}

async fn page(app: &AppData, request: &HttpRequest, visit: Visit, id: Id, refusal: Refusal) -> Shown {
    let asked = Form::of_query(request)?;
    let wanted = asked.clone();
    let mut view = visit.read(app, move |conn| read(conn, id, &wanted)).await?;
    let path = format!("/console/stories/{}/evidence", view.story.number);
    view.next = view.next.map(|next| asked.address(&path, "cursor", &next));
    let shell = Shell::new(request, |t| t.evidence_title(&view.story.number));
    show_as(refusal.status(), request, &EvidencePage { shell, view, asked, refusal })
}

async fn list(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath) -> Shown {
    page(&app, &request, visit, path.0, Refusal::default()).await
}

/// The page where the form stood, after an act.
async fn answer(
    app: &AppData,
    request: &HttpRequest,
    visit: Visit,
    id: Id,
    form: Form,
    done_by: Result<Flash>,
) -> Shown {
    match done_by {
        Ok(flash) => Ok(done(request, local(form.get("back")), flash)),
        Err(error) if Refusal::fits(&error) => {
            let t = Shell::new(request, |_| String::new()).t;
            page(app, request, visit, id, Refusal::of(error, form, t)).await
        }
        Err(error) => Err(error),
    }
}

async fn add(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let id = path.0;
    let added = match decode::<AttachFeedback>(json!({ "feedback_ids": form.all("feedback") })) {
        Ok(input) => {
            let act =
                move |tx: &mut Tx<'_>| attachments::attach_feedback(tx, id, None, &input).map(|_| Flash::Attached);
            visit.write(&app, act).await
        }
        Err(error) => Err(error.into()),
    };
    answer(&app, &request, visit, id, form, added).await
}

async fn remove(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let id = path.0;
    let removed = match form.get("feedback").parse::<Id>() {
        Ok(item) => {
            let act = move |tx: &mut Tx<'_>| attachments::detach_feedback(tx, id, None, item).map(|_| Flash::Detached);
            visit.write(&app, act).await
        }
        Err(_) => Err(Reference::Feedback.refusal("/feedback").into()),
    };
    answer(&app, &request, visit, id, form, removed).await
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_story_feedback")), ("POST", May("attach_story_feedback"))];
    let removes = &[("POST", May("detach_story_feedback"))];
    config
        .service(page_at("/console/stories/{id}/evidence", rules).get(list).post(add))
        .service(page_at("/console/stories/{id}/evidence/remove", removes).post(remove));
}
