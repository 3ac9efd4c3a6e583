//! `/console/stories/{number}/decline`: what customers will read is shown before the story is declined.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;

use crate::domain::base::{Id, Paging};
use crate::domain::closure::{PreviewAct, StoryPreview, TellPreview};
use crate::domain::stories::Story;
use crate::error::Result;
use crate::http::api::stories::story_path::StoryPath;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::{Conn, stories};
use crate::usecase::closure::previews::{self, PreviewOptions};

/// Customers that are listed.
const LISTED: i64 = 50;

#[derive(Template)]
#[template(path = "console/product/story_decline.html")]
struct DeclinePage {
    shell: Shell,
    story: Story,
    form: Form,
    preview: TellPreview,
    /// Whether the reason was written, so that the message is whole.
    is_written: bool,
}

impl DeclinePage {
    fn of_story(&self) -> Option<&StoryPreview> {
        self.preview.stories.first()
    }

    /// How many customers are told.
    fn told(&self) -> u64 {
        self.of_story().map_or(0, |story| story.told.email + story.told.desk + story.told.agent)
    }

    /// Whether customers are told; so, unless the box was cleared.
    fn tells(&self) -> bool {
        !self.is_written || self.form.get("tell_customers") == "yes"
    }
}

async fn page(app: &AppData, request: &HttpRequest, visit: Visit, id: Id, form: Form) -> Shown {
    let reason = form.given("reason").map(|reason| reason.chars().take(2_000).collect::<String>());
    let (has_mail, is_written) = (app.config.smtp_url.is_some(), reason.is_some());
    let read = move |conn: &mut Conn| -> Result<(Story, TellPreview)> {
        let asked = PreviewOptions { act: PreviewAct::Decline, reason: reason.as_deref(), told: Some(true), has_mail };
        let paging = Paging::new(Some(LISTED), None, String::new())?;
        Ok((stories::rows::get(conn, id)?, previews::of_story(conn, id, &asked, &paging)?))
    };
    let (story, preview) = visit.read(app, read).await?;
    let shell = Shell::new(request, |t| t.decline_title(&story.number));
    show(request, &DeclinePage { shell, story, form, preview, is_written })
}

async fn ask(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath) -> Shown {
    page(&app, &request, visit, path.0, Form::default()).await
}

/// Shows the messages with the reason; nothing is changed.
async fn preview(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    page(&app, &request, visit, path.0, form).await
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("move_story")), ("POST", May("move_story"))];
    config.service(page_at("/console/stories/{id}/decline", rules).get(ask).post(preview));
}
