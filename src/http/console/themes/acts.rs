//! What people do on the page of a theme: rename it, mute it, draft its story and quote its customers in it. Corrections
//! can be undone from the message of the next page.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use serde_json::json;

use super::theme::page;
use crate::domain::base::decode::decode;
use crate::domain::base::{Id, Reference};
use crate::domain::stories::{NewCriterionQuote, NewStory};
use crate::error::Result;
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done, done_undoable, local};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Tx;
use crate::usecase::stories::{criterion_quotes, planning};
use crate::usecase::themes::corrections;

/// A correction that was made, or that changed nothing.
pub struct Done {
    /// The theme whose page is shown next.
    pub theme: Id,
    pub correction: Option<Id>,
    pub flash: Flash,
}

/// The next page after an act on a theme: the message with its undo, or the page with what was refused.
pub async fn answer(
    app: &AppData,
    request: &HttpRequest,
    visit: Visit,
    id: Id,
    done: Result<Done>,
    form: Form,
) -> Shown {
    match done {
        Ok(done) => {
            let own = format!("/console/themes/{}", done.theme);
            let back = Some(local(form.get("back"))).filter(|back| back.starts_with(&own)).map(str::to_owned);
            let flash = if done.correction.is_some() { done.flash } else { Flash::Nothing };
            Ok(done_undoable(request, &back.unwrap_or(own), flash, done.correction))
        }
        Err(error) if Refusal::fits(&error) => page(app, request, visit, id, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

async fn rename(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, if_match) = (path.0, form.get("version").parse().ok());
    let patch = json!({ "label": form.trimmed("label") });
    let renamed = visit.write(&app, move |tx| corrections::rename(tx, id, if_match, &patch)).await;
    let renamed = renamed.map(|done| Done { theme: id, correction: done.correction_id, flash: Flash::Renamed });
    answer(&app, &request, visit, id, renamed, form).await
}

async fn mute(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, muted) = (path.0, form.get("muted") == "true");
    let flash = if muted { Flash::Muted } else { Flash::Unmuted };
    let done = visit.write(&app, move |tx| corrections::mute(tx, id, None, muted)).await;
    let done = done.map(|done| Done { theme: id, correction: done.correction_id, flash });
    answer(&app, &request, visit, id, done, form).await
}

async fn draft(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let id = path.0;
    let input: NewStory = decode(json!({ "theme_id": id }))?;
    match visit.write(&app, move |tx| planning::create(tx, &input)).await {
        Ok(story) => Ok(done(&request, &format!("/console/stories/{}", story.number), Flash::Drafted)),
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, id, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

/// Quotes words of a feedback of the theme in its story.
async fn quote(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let id = path.0;
    let quoted = match new_quote(&form) {
        Ok((story, input)) => {
            let act = move |tx: &mut Tx<'_>| criterion_quotes::add(tx, story, None, &input).map(drop);
            visit.write(&app, act).await
        }
        Err(error) => Err(error),
    };
    match quoted {
        Ok(()) => {
            let back = format!("{}#f-{}", local(form.get("back")), form.get("feedback_id"));
            Ok(done(&request, &back, Flash::Quoted))
        }
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, id, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

fn new_quote(form: &Form) -> Result<(Id, NewCriterionQuote)> {
    let story = form.get("story_id").parse().map_err(|_| Reference::Story.refusal("/story_id"))?;
    let mut input = json!({ "feedback_id": form.get("feedback_id"), "text": form.trimmed("text") });
    match form.get("criterion").parse::<i32>() {
        Ok(number) => input["criterion"] = json!(number),
        Err(_) => input["new_criterion"] = json!(form.trimmed("new_criterion")),
    }
    Ok((story, decode(input)?))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/themes/{id}/rename", &[("POST", May("rename_theme"))]).post(rename))
        .service(page_at("/console/themes/{id}/mute", &[("POST", May("mute_theme"))]).post(mute))
        .service(page_at("/console/themes/{id}/story", &[("POST", May("create_story"))]).post(draft))
        .service(page_at("/console/themes/{id}/quote", &[("POST", May("quote_in_story"))]).post(quote));
}
