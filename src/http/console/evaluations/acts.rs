//! What people do with an evaluation: give scores, describe options, weigh, import a Scorecard, decide; and its Markdown.

use actix_web::web::{Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::list::{criteria, lines};
use super::option_form;
use super::page::page;
use crate::domain::base::Id;
use crate::domain::base::decode::decode;
use crate::domain::evaluations::requests::{EvaluationEdit, ScoreToGive};
use crate::domain::evaluations::scorecard::ScorecardFile;
use crate::error::{Error, Result};
use crate::http::base::extract::Path;
use crate::http::base::memory::answer_body;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::evaluations::rows;
use crate::store::team::products;
use crate::store::{Conn, Tx};
use crate::usecase::evaluations::{markdown, reading, writing};

/// The version that the form was made from.
fn version(form: &Form) -> Option<i32> {
    form.get("version").parse().ok()
}

/// Does an act. Then the page follows with its message, or with why it was refused.
async fn act<W>(app: AppData, request: HttpRequest, visit: Visit, id: Id, form: Form, work: Result<W>) -> Shown
where
    W: FnMut(&mut Tx<'_>) -> Result<()> + Send + 'static,
{
    let acted = match work {
        Ok(work) => visit.write(&app, work).await,
        Err(error) => Err(error),
    };
    match acted {
        Ok(()) => Ok(done(&request, &format!("/console/evaluations/{id}"), Flash::Saved)),
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, id, Some((lines(error), form))).await,
        Err(error) => Err(error),
    }
}

fn score_of(form: &Form) -> Result<ScoreToGive> {
    let mut input = json!({ "option": form.trimmed("option"), "criterion": form.trimmed("criterion") });
    input["score"] = match form.given("score") {
        None => Value::Null,
        Some(text) => {
            let score = text.trim().replace(',', ".").parse::<f64>().ok().filter(|score| score.is_finite());
            json!(score.ok_or_else(|| Error::field("/score", "type", "must be a number"))?)
        }
    };
    if let Some(why) = form.given("why") {
        input["why"] = json!(why);
    }
    Ok(decode(input)?)
}

async fn score(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let work = score_of(&form).map(|input| move |tx: &mut Tx<'_>| writing::score(tx, id, None, &input).map(drop));
    act(app, request, visit, id, form, work).await
}

async fn import_card(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let option = form.trimmed("option").to_owned();
    let file = serde_json::from_str::<Value>(form.get("file"))
        .map_err(|_| Error::field("/file", "format", "must be the JSON of a Scorecard"))
        .and_then(|value| Ok(decode::<ScorecardFile>(value)?));
    let work =
        file.map(|file| move |tx: &mut Tx<'_>| writing::import_scorecard(tx, id, None, &option, &file).map(drop));
    act(app, request, visit, id, form, work).await
}

async fn describe_option(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let sent = form.clone();
    // Who changes an option has seen a version of it; who adds one takes nothing away.
    let if_match = form.given("known").and_then(|_| version(&form));
    let work = move |tx: &mut Tx<'_>| {
        let current = rows::lock(tx, id)?;
        let currency = products::get(tx.conn, current.product_id)?.currency;
        let patch = option_form::patch(EvaluationEdit::from(&current), &sent, &currency)?;
        writing::edit(tx, id, if_match, &patch).map(drop).map_err(option_form::at_fields)
    };
    act(app, request, visit, id, form, Ok(work)).await
}

async fn weigh(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let (if_match, patch) = (version(&form), json!({ "criteria": criteria(form.get("criteria")) }));
    let work = move |tx: &mut Tx<'_>| writing::edit(tx, id, if_match, &patch).map(drop);
    act(app, request, visit, id, form, Ok(work)).await
}

async fn decide(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let mut patch = json!({ "status": form.get("status") });
    for name in ["decision", "because", "consequences", "revisit_date", "superseded_by"] {
        patch[name] = form.given(name).map_or(Value::Null, |value| json!(value.trim()));
    }
    if form.get("status") != "superseded" {
        patch["superseded_by"] = Value::Null;
    }
    if let Some(me) = visit.caller.member_id.filter(|_| form.get("status") != "proposed") {
        patch["me"] = json!(me);
    }
    let if_match = version(&form);
    let work = move |tx: &mut Tx<'_>| {
        let mut patch = patch.clone();
        // Who decides here is one of the deciders.
        if let Some(me) = patch.as_object_mut().and_then(|patch| patch.remove("me")) {
            let current = rows::lock(tx, id)?;
            let mut deciders: Vec<Value> = current.deciders.iter().map(|id| json!(id)).collect();
            if !deciders.contains(&me) {
                deciders.push(me);
            }
            patch["deciders"] = json!(deciders);
        }
        writing::edit(tx, id, if_match, &patch).map(drop)
    };
    act(app, request, visit, id, form, Ok(work)).await
}

async fn download(app: AppData, visit: Visit, path: Path) -> Shown {
    let now = app.store.clock.now();
    let read = move |conn: &mut Conn| {
        let shown = reading::get(conn, path.0, now)?;
        markdown::written(conn, &shown)
    };
    let text = visit.read(&app, read).await?;
    let name = format!("attachment; filename=\"evaluation-{}.md\"", path.0);
    let mut answer = HttpResponse::Ok();
    answer.content_type("text/markdown; charset=utf-8").insert_header(("Content-Disposition", name));
    Ok(answer.body(answer_body(text)))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/evaluations/{id}/score", &[("POST", May("score_evaluation"))]).post(score))
        .service(page_at("/console/evaluations/{id}/scorecard", &[("POST", May("import_scorecard"))]).post(import_card))
        .service(page_at("/console/evaluations/{id}/option", &[("POST", May("edit_evaluation"))]).post(describe_option))
        .service(page_at("/console/evaluations/{id}/weights", &[("POST", May("edit_evaluation"))]).post(weigh))
        .service(page_at("/console/evaluations/{id}/decide", &[("POST", May("edit_evaluation"))]).post(decide))
        .service(
            page_at("/console/evaluations/{id}/markdown", &[("GET", May("get_evaluation_markdown"))]).get(download),
        );
}
