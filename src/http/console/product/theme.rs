//! `/console/themes/{id}`: a theme with its timeline and quotes; rename it, mute it.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::json;

use crate::domain::base::{Id, money};
use crate::domain::stories::Story;
use crate::domain::themes::{ThemeDetail, Week};
use crate::error::Code;
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::{Conn, stories, themes};
use crate::usecase::themes::corrections;

/// A chart of fewer weeks has room at its end, so that bars stay narrow.
const FEW_WEEKS: usize = 26;

#[derive(Template)]
#[template(path = "console/product/theme.html")]
struct ThemePage {
    shell: Shell,
    detail: ThemeDetail,
    story: Option<Story>,
    label: String,
    /// Somebody else changed the theme meanwhile.
    is_conflict: bool,
    wrong: Wrong,
}

impl ThemePage {
    /// The height of a week's bar, in percent of the highest.
    fn height(&self, week: &Week) -> i64 {
        let most = self.detail.timeline.iter().map(|week| week.items).max().unwrap_or(1);
        week.items * 100 / most.max(1)
    }

    fn top(&self, week: &Week) -> i64 {
        100 - self.height(week)
    }

    fn x(&self, index: &usize) -> usize {
        index * 10
    }

    fn width(&self) -> usize {
        self.detail.timeline.len().max(FEW_WEEKS) * 10
    }

    fn value(&self) -> String {
        let value = &self.detail.theme.value;
        money::whole_units(value.amount_minor as f64, &value.currency)
    }
}

async fn page(
    app: &AppData,
    request: &HttpRequest,
    visit: Visit,
    id: Id,
    refused: Option<(u16, Form, Wrong)>,
) -> Shown {
    let read = move |conn: &mut Conn| {
        let detail = themes::list::detail(conn, id)?;
        let story = detail.theme.story_id.map(|story| stories::rows::get(conn, story)).transpose()?;
        Ok((detail, story))
    };
    let (detail, story) = visit.read(app, read).await?;
    let (status, form, wrong) = refused.unwrap_or((200, Form::default(), Wrong::default()));
    let label = form.given("label").unwrap_or(&detail.theme.label).to_owned();
    let mut shell = Shell::new(request, |_| detail.theme.label.clone()).about(format!("/console/themes/{id}"));
    if status != 200 {
        shell.title = shell.t.error_in_title(&shell.title);
    }
    let is_conflict = status == Code::VersionMismatch.status();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    show_as(status, request, &ThemePage { shell, detail, story, label, is_conflict, wrong })
}

async fn theme(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    page(&app, &request, visit, path.0, None).await
}

async fn rename(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, if_match) = (path.0, form.get("version").parse().ok());
    let patch = json!({ "label": form.trimmed("label") });
    match visit.write(&app, move |tx| corrections::rename(tx, id, if_match, &patch).map(drop)).await {
        Ok(()) => Ok(done(&request, &format!("/console/themes/{id}"), Flash::Renamed)),
        Err(error) if matches!(error.code, Code::Invalid | Code::VersionMismatch) => {
            let refused = (error.code.status(), form, Wrong::new(error.fields));
            page(&app, &request, visit, id, Some(refused)).await
        }
        Err(error) => Err(error),
    }
}

async fn mute(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, muted) = (path.0, form.get("muted") == "true");
    visit.write(&app, move |tx| corrections::mute(tx, id, None, muted).map(drop)).await?;
    let flash = if muted { Flash::Muted } else { Flash::Unmuted };
    Ok(done(&request, &format!("/console/themes/{id}"), flash))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/themes/{id}", &[("GET", May("get_theme"))]).get(theme))
        .service(page_at("/console/themes/{id}/rename", &[("POST", May("rename_theme"))]).post(rename))
        .service(page_at("/console/themes/{id}/mute", &[("POST", May("mute_theme"))]).post(mute));
}
