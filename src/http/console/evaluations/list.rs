//! `/console/evaluations`: the evaluations of solutions, those that should be looked at again first, and a form to begin one.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::base::decode::decode;
use crate::domain::base::{Id, Paging};
use crate::domain::evaluations::evaluation::{Evaluation, EvaluationStatus};
use crate::domain::evaluations::requests::{EvaluationQuery, NewEvaluation};
use crate::domain::stories::dependency::StoryBrief;
use crate::domain::team::Product;
use crate::error::{Error, Result};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::evaluations::rows;
use crate::store::stories::depending::edges;
use crate::store::team::products;
use crate::usecase::evaluations::writing;

/// The address of the page.
const HERE: &str = "/console/evaluations";

/// What the page reads.
struct Found {
    evaluations: Vec<Evaluation>,
    stories: HashMap<Id, StoryBrief>,
    products: Vec<Product>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "console/evaluations/list.html")]
struct EvaluationsPage {
    shell: Shell,
    asked: Form,
    found: Found,
    /// Today, as dates are written.
    today: String,
    refusal: Refusal,
}

impl EvaluationsPage {
    fn statuses(&self) -> &'static [EvaluationStatus] {
        EvaluationStatus::ALL
    }

    fn story(&self, of: &Evaluation) -> Option<&str> {
        of.story_id.and_then(|id| self.found.stories.get(&id)).map(|story| story.number.as_str())
    }

    /// What the form holds: as sent, or the story that the address names.
    fn sent(&self, name: &str) -> &str {
        self.refusal.form.given(name).unwrap_or_else(|| if name == "story_id" { self.asked.get("story") } else { "" })
    }
}

fn query(asked: &Form) -> Result<EvaluationQuery> {
    let status = asked
        .given("status")
        .map(|status| status.parse().map_err(|()| Error::field("/status", "format", "is not a status of evaluations")));
    Ok(EvaluationQuery {
        product: asked.given("product").map(str::to_owned),
        status: status.transpose()?,
        due: (asked.get("due") == "true").then_some(true),
        cursor: asked.given("cursor").map(str::to_owned),
        ..EvaluationQuery::default()
    })
}

async fn page(app: &App, request: &HttpRequest, visit: Visit, refused: Option<(Error, Form)>) -> Shown {
    let (asked, now) = (Form::of_query(request)?, app.store.clock.now());
    let query = query(&asked)?;
    let paging = Paging::of(HERE, &query)?;
    let form = asked.clone();
    let today = now.date();
    let read = move |conn: &mut Conn| {
        let found = rows::list(conn, &query, &paging, now)?;
        let mut evaluations = found.data;
        evaluations.sort_by_key(|one| !one.is_due(&now.date()));
        let stories: Vec<Id> = evaluations.iter().filter_map(|one| one.story_id).collect();
        Ok(Found {
            stories: edges::briefs(conn, &stories)?,
            evaluations,
            products: products::current(conn)?,
            next: found.next_cursor.map(|cursor| form.address(HERE, "cursor", &cursor)),
        })
    };
    let found = visit.read(app, read).await?;
    let shell = Shell::new(request, |t| match &refused {
        Some(_) => t.error_in_title(t.ev_title()),
        None => t.ev_title(),
    });
    let refusal = refused.map_or_else(Refusal::default, |(error, form)| Refusal::of(error, form, shell.t));
    show_as(refusal.status(), request, &EvaluationsPage { shell, asked, found, today, refusal })
}

async fn list(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    page(&app, &request, visit, None).await
}

/// The criteria in lines such as `Price 5`, with an exclamation mark after the name of a must-have. A line without a number
/// has the weight 1.
pub fn criteria(text: &str) -> Vec<Value> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let criterion = |line: &str| {
        let (name, weight) = match line.rsplit_once(char::is_whitespace) {
            Some((name, last)) => {
                match last.replace(',', ".").parse::<f64>().ok().filter(|weight| weight.is_finite()) {
                    Some(weight) => (name.trim(), weight),
                    None => (line, 1.0),
                }
            }
            None => (line, 1.0),
        };
        let must = name.ends_with(['!', '！']);
        let name = name.trim_end_matches(['!', '！', ':', '=']).trim();
        if must {
            json!({ "name": name, "weight": weight, "must": true })
        } else {
            json!({ "name": name, "weight": weight })
        }
    };
    lines.map(criterion).collect()
}

/// The evaluation of a form: options begin as something to buy, and are described on their own page.
fn new_evaluation(form: &Form) -> Result<NewEvaluation> {
    let options = form.get("options").lines().map(str::trim).filter(|line| !line.is_empty());
    let options: Vec<Value> = options.map(|name| json!({ "name": name, "kind": "buy" })).collect();
    let mut input =
        json!({ "title": form.trimmed("title"), "criteria": criteria(form.get("criteria")), "options": options });
    for name in ["product", "story_id", "need", "revisit_date"] {
        if let Some(value) = form.given(name) {
            input[name] = json!(value.trim());
        }
    }
    if input.get("story_id").is_some() {
        // The product is that of the story.
        input.as_object_mut().map(|input| input.remove("product"));
    }
    Ok(decode(input)?)
}

async fn create(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let made = match new_evaluation(&form) {
        Ok(input) => visit.write(&app, move |tx| writing::create(tx, &input)).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(evaluation) => Ok(done(&request, &format!("{HERE}/{}", evaluation.id), Flash::Saved)),
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, Some((lines(error), form))).await,
        Err(error) => Err(error),
    }
}

/// The errors of single criteria and options stand at the field of all of them.
pub fn lines(error: Error) -> Error {
    let mut error = error;
    for field in &mut error.fields {
        for all in ["/criteria", "/options"] {
            if field.pointer.starts_with(all) {
                field.pointer = all.to_owned();
            }
        }
    }
    error
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config.service(
        page_at("/console/evaluations", &[("GET", May("list_evaluations")), ("POST", May("create_evaluation"))])
            .get(list)
            .post(create),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criteria_are_read_from_lines() {
        let expected = [
            json!({ "name": "Price a year", "weight": 5.0 }),
            json!({ "name": "법규", "weight": 1.0, "must": true }),
            json!({ "name": "Support", "weight": 1.0 }),
            json!({ "name": "Speed", "weight": 2.5 }),
        ];
        assert_eq!(criteria("Price a year 5\n\n 법규! 1\nSupport\nSpeed: 2,5"), expected);
    }
}
