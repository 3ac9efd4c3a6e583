//! What people do with the dependencies of a story: add, remove, close and open again.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use serde_json::{Value, json};

use super::page::page;
use crate::domain::base::Id;
use crate::domain::base::decode::decode;
use crate::domain::stories::dependency::NewDependency;
use crate::error::{Error, Result};
use crate::http::api::stories::story_path::StoryPath;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::{Tx, stories};
use crate::usecase::stories::depending::dependencies;

/// Does an act. Then the page follows with its message, or with why it was refused.
async fn act<W>(app: AppData, request: HttpRequest, visit: Visit, id: Id, form: Form, work: Result<W>) -> Shown
where
    W: FnMut(&mut Tx<'_>) -> Result<()> + Send + 'static,
{
    let acted = match work {
        Ok(mut work) => {
            let whole = move |tx: &mut Tx<'_>| {
                work(tx)?;
                Ok(stories::rows::get(tx.conn, id)?.number)
            };
            visit.write(&app, whole).await
        }
        Err(error) => Err(error),
    };
    match acted {
        Ok(number) => Ok(done(&request, &format!("/console/stories/{number}/dependencies"), Flash::Saved)),
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, id, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

/// The dependency of a form: on a story, or on something outside.
fn new_dependency(form: &Form) -> Result<NewDependency> {
    let mut input = json!({ "kind": form.given("kind").unwrap_or("needs") });
    if let Some(story) = form.given("story_id") {
        input["story_id"] = json!(story.trim());
    }
    if let Some(lag) = form.given("lag_days") {
        let lag = lag.trim().parse::<i64>();
        input["lag_days"] = json!(lag.map_err(|_| Error::field("/lag_days", "type", "must be a whole number"))?);
    }
    if form.get("satisfied_at") == "ready" {
        input["satisfied_at"] = json!("ready");
    }
    if let Some(title) = form.given("title") {
        let who = form.given("who").map(str::trim);
        let mut external: Value = json!({ "title": title.trim() });
        if let Some(who) = who {
            let party = if form.get("party") == "team" { "team" } else { "vendor" };
            external[party] = json!(who);
        }
        if let Some(due) = form.given("due") {
            external["due"] = json!(due.trim());
        }
        input["external"] = external;
    }
    Ok(decode(input)?)
}

async fn add(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let work = new_dependency(&form).map(|input| move |tx: &mut Tx<'_>| dependencies::add(tx, id, &input).map(drop));
    act(app, request, visit, id, form, work).await
}

/// The dependency that a form names.
fn named(form: &Form) -> Result<Id> {
    form.get("dependency").parse().map_err(|_| Error::not_found("dependency"))
}

async fn remove(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let work = named(&form).map(|dependency| move |tx: &mut Tx<'_>| dependencies::remove(tx, id, dependency));
    act(app, request, visit, id, form, work).await
}

async fn close(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let closed = form.get("open") != "yes";
    let work =
        named(&form).map(|dependency| move |tx: &mut Tx<'_>| dependencies::close(tx, id, dependency, closed).map(drop));
    act(app, request, visit, id, form, work).await
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/stories/{id}/dependencies/add", &[("POST", May("create_dependency"))]).post(add))
        .service(
            page_at("/console/stories/{id}/dependencies/remove", &[("POST", May("delete_dependency"))]).post(remove),
        )
        .service(page_at("/console/stories/{id}/dependencies/close", &[("POST", May("close_dependency"))]).post(close));
}
