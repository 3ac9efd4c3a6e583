//! What people do on the page of a story: move it, set the factors of its priority, its owner and its due date.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use chrono::{NaiveDate, SecondsFormat, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::story::page;
use crate::domain::base::Id;
use crate::domain::base::decode::decode;
use crate::domain::stories::Transition;
use crate::domain::stories::stage::Stage;
use crate::error::{Error, FieldError, Result};
use crate::http::api::stories::story_path::StoryPath;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done, local};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Tx;
use crate::usecase::stories::{planning, transitions};

/// The version that the form was made from: a change of somebody else in between is not overwritten.
pub fn version(form: &Form) -> Option<i32> {
    form.get("version").parse().ok()
}

fn transition(form: &Form) -> Result<Transition> {
    let to = form.get("to");
    let mut input = json!({ "to": to });
    if let Some(reason) = form.given("reason") {
        input["reason"] = json!(reason);
    }
    if let Some(other) = form.given("duplicate_of") {
        input["duplicate_of"] = json!(other);
    }
    if let Some(why) = form.given("unreachable_reason") {
        input["unreachable_reason"] = json!(why);
    }
    if form.get("override_gates") == "yes" {
        input["override_gates"] = json!(true);
    }
    if to == Stage::Declined.as_str() {
        input["tell_customers"] = json!(form.get("tell_customers") == "yes");
    }
    Ok(decode(input)?)
}

async fn move_story(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, if_match, role) = (path.0, version(&form), visit.caller.role);
    let done_by = match transition(&form) {
        Ok(input) => {
            let act = move |tx: &mut Tx<'_>| {
                let story = transitions::transition(tx, id, if_match, role, &input)?;
                Ok((story.number, input.to))
            };
            visit.write(&app, act).await
        }
        Err(error) => Err(error),
    };
    match done_by {
        Ok((number, to)) => {
            let flash = if to == Stage::Declined { Flash::Declined } else { Flash::Moved };
            let story = format!("/console/stories/{number}");
            // A card of the board moves on the board.
            let back = form.given("back").map_or(story, |back| local(back).to_owned());
            Ok(done(&request, &back, flash))
        }
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, id, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

/// The factors that a person sets; an empty one is computed from the evidence again.
fn factors(form: &Form) -> Result<Value> {
    let mut wrong = Vec::new();
    let mut number = |name: &str| {
        let text = form.given(name)?;
        let parsed: Option<f64> = text.replace(',', ".").parse().ok().filter(|value: &f64| value.is_finite());
        if parsed.is_none() {
            let pointer = if name == "effort" { "/effort".to_owned() } else { format!("/priority/{name}") };
            wrong.push(FieldError::new(pointer, "type", "must be a number"));
        }
        parsed
    };
    let (reach, impact) = (number("reach"), number("impact"));
    let (confidence, effort) = (number("confidence"), number("effort"));
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    Ok(json!({ "effort": effort, "priority": { "reach": reach, "impact": impact, "confidence": confidence } }))
}

async fn set_factors(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let patch = factors(&form);
    edit(&app, &request, visit, path.0, form, patch).await
}

/// Saves a change of a story, or shows the form again.
async fn edit(app: &AppData, request: &HttpRequest, visit: Visit, id: Id, form: Form, patch: Result<Value>) -> Shown {
    let if_match = version(&form);
    let saved = match patch {
        Ok(patch) => visit.write(app, move |tx| planning::edit(tx, id, if_match, &patch)).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(story) => Ok(done(request, &format!("/console/stories/{}", story.number), Flash::Saved)),
        Err(error) if Refusal::fits(&error) => page(app, request, visit, id, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

/// Owner and due date; a day ends at midnight in the member's zone, else in UTC.
fn planned(form: &Form, zone: Option<Tz>) -> Result<Value> {
    let mut patch = json!({ "owner_id": form.given("owner") });
    if form.get("not_duplicate") == "yes" {
        return Ok(json!({ "proposed_duplicate_of": null }));
    }
    // The form of "take it" has no days.
    if let Some((_, days)) = form.fields().iter().find(|(name, _)| name == "days") {
        patch["days"] = match days.trim() {
            "" => Value::Null,
            days => match days.parse::<i64>() {
                Ok(days) => json!(days),
                Err(_) => return Err(Error::field("/days", "type", "must be a whole number")),
            },
        };
    }
    patch["due_at"] = match form.given("due") {
        None => Value::Null,
        Some(day) => {
            let wrong = || Error::field("/due_at", "format", "must be a day, as 2026-03-31");
            let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").map_err(|_| wrong())?;
            let end = day.succ_opt().and_then(|next| next.and_hms_opt(0, 0, 0)).ok_or_else(wrong)?;
            let end = zone.unwrap_or(Tz::UTC).from_local_datetime(&end).earliest().ok_or_else(wrong)?;
            json!((end.with_timezone(&Utc) - TimeDelta::seconds(1)).to_rfc3339_opts(SecondsFormat::Secs, true))
        }
    };
    Ok(patch)
}

async fn plan(app: AppData, request: HttpRequest, visit: Visit, path: StoryPath, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let zone = visit.member.time_zone.as_deref().and_then(|zone| zone.parse().ok());
    let patch = planned(&form, zone);
    edit(&app, &request, visit, path.0, form, patch).await
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/stories/{id}/plan", &[("POST", May("edit_story"))]).post(plan))
        .service(page_at("/console/stories/{id}/move", &[("POST", May("move_story"))]).post(move_story))
        .service(page_at("/console/stories/{id}/factors", &[("POST", May("edit_story"))]).post(set_factors));
}
