//! `/console/stories/{number}`: a story with its evidence, its moves and its history.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::ServiceConfig;
use askama::Template;

use super::story_view::{StoryView, read};
use crate::domain::base::Id;
use crate::domain::stories::priority::IMPACTS;
use crate::error::{Code, Error};
use crate::http::api::stories::story_path::StoryPath;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::page::{Shown, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};

#[derive(Template)]
#[template(path = "console/product/story.html")]
struct StoryPage {
    shell: Shell,
    view: StoryView,
    /// Why the last act was refused, with the details that the API gives.
    refusal: Option<(String, String)>,
    form: Form,
    wrong: Wrong,
}

impl StoryPage {
    fn impacts(&self) -> [f64; 5] {
        IMPACTS
    }

    /// The value of a factor in the form: as sent, else as set by a person.
    fn factor(&self, name: &str, set: &Option<f64>) -> String {
        match self.form.given(name) {
            Some(sent) => sent.to_owned(),
            None => set.map(|value| self.shell.number(&value)).unwrap_or_default(),
        }
    }
}

/// The page of a story; after an act that was refused, with what the form held.
pub async fn page(app: &AppData, request: &HttpRequest, visit: Visit, id: Id, refused: Option<(Error, Form)>) -> Shown {
    let view = visit.read(app, move |conn| read(conn, id)).await?;
    let (error, form) = refused.map_or((None, Form::default()), |(error, form)| (Some(error), form));
    let status = error.as_ref().map_or(200, |error| error.code.status());
    let mut shell = Shell::new(request, |_| format!("{} {}", view.story.number, view.story.title))
        .about(format!("/console/stories/{}", view.story.number));
    let refusal = error.as_ref().filter(|error| error.code != Code::Invalid).map(|error| {
        let fields = error.fields.iter().map(|field| format!("{} {}", field.pointer, field.detail));
        let detail = std::iter::once(error.detail.clone()).chain(fields).collect::<Vec<_>>().join(" ");
        (shell.t.error_text(error.code), detail)
    });
    let wrong = error.map(|error| Wrong::new(error.fields)).unwrap_or_default();
    if status != 200 {
        shell.title = shell.t.error_in_title(&shell.title);
    }
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    show_as(status, request, &StoryPage { shell, view, refusal, form, wrong })
}

async fn story(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath) -> Shown {
    page(&app, &request, visit, path.0, None).await
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/stories/{id}", &[("GET", May("get_story"))]).get(story));
}
