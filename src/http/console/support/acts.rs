//! `/console/acts`: acts on feedback, one item or many, each with one undo; how far a long one is; and the member's own
//! recent acts.

use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::{Value, json};

use super::choose_theme;
use super::referer::back;
use crate::app::App;
use crate::domain::base::bulk::{self, FeedbackAct};
use crate::domain::base::{Id, Paging};
use crate::domain::feedback::act::{Act, NewAct};
use crate::domain::themes::{Correction, CorrectionQuery};
use crate::error::Result;
use crate::http::api::feedback::acts::filters;
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done_undoable, see_other, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::feedback::acts as stored;
use crate::store::themes::corrections;
use crate::store::{Conn, Tx};
use crate::usecase::feedback::acts;

/// How long the answer waits for an act to end. A longer one goes on in the background.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// Acts and corrections that are listed.
const LISTED: i64 = 50;

/// The act of a form, for these items or for all that match.
pub fn input(form: &Form, ids: Vec<String>, visit: &Visit) -> Value {
    let act = form.get("act");
    let mut input = json!({ "act": act });
    if form.get("scope") == "matching" {
        input["matching"] = json!(form.get("matching"));
    } else {
        input["ids"] = json!(ids);
    }
    match act {
        "tag" | "untag" => {
            let tags = form.get("tags").split([',', '，', '\n']).map(str::trim).filter(|tag| !tag.is_empty());
            input["tags"] = json!(tags.collect::<Vec<_>>());
        }
        "dismiss" => {
            let said = crate::domain::words::console::Words(crate::domain::base::language::Language::of(Some(
                &visit.member.language,
            )));
            let reason = form.given("reason").map_or_else(|| said.dismissed_here(), str::to_owned);
            input["reason"] = json!(reason);
        }
        "move" => match form.given("new_theme") {
            Some(label) => input["new_theme"] = json!(label),
            None => input["theme_id"] = json!(form.given("theme_id")),
        },
        "set_aside" => input["set_aside"] = json!(form.given("set_aside")),
        _ => {}
    }
    input
}

/// Goes on with an act until it is over, for a moment at most.
pub async fn at_once(app: &App, visit: &Visit, act: Act) -> Result<Act> {
    let (began, id) = (Instant::now(), act.id);
    let mut act = act;
    while !act.state.is_over() && began.elapsed() < PATIENCE {
        let step = move |tx: &mut Tx<'_>| {
            acts::go_on(tx, id)?;
            stored::get(tx.conn, id)
        };
        act = visit.write(app, step).await?;
    }
    Ok(act)
}

/// Does an act: for a moment here, then in the background.
///
/// # Errors
/// 422 with every wrong field.
pub async fn perform(app: &App, visit: &Visit, input: Value) -> Result<Act> {
    let input: NewAct = bulk::read(input)?;
    let filters = filters(&input, &visit.caller)?;
    let begin = move |tx: &mut Tx<'_>| {
        let act = acts::begin(tx, &input, filters.clone())?;
        acts::go_on(tx, act.id)?;
        stored::get(tx.conn, act.id)
    };
    let act = visit.write(app, begin).await?;
    at_once(app, visit, act).await
}

/// The message after an act.
pub fn flash(act: FeedbackAct) -> Flash {
    match act {
        FeedbackAct::Dismiss => Flash::ActDismissed,
        FeedbackAct::Restore => Flash::ActRestored,
        FeedbackAct::Move => Flash::ActMoved,
        FeedbackAct::Tag => Flash::ActTagged,
        FeedbackAct::Untag => Flash::ActUntagged,
        FeedbackAct::SetAside => Flash::ActAside,
        FeedbackAct::TakeBack => Flash::ActTaken,
    }
}

/// The page after an act: where the member was, or how far the act is, where it is not over or was partly refused.
pub fn next(request: &HttpRequest, act: &Act, back: &str) -> actix_web::HttpResponse {
    if !act.state.is_over() || act.failed > 0 {
        return see_other(&format!("/console/acts/{}", act.id));
    }
    done_undoable(request, back, flash(act.act), (act.changed > 0).then_some(act.id))
}

async fn act_on(app: &AppData, request: &HttpRequest, visit: Visit, form: Form, ids: Vec<String>) -> Shown {
    let back = back(request, &form);
    let is_named = ["theme_id", "new_theme"].into_iter().any(|name| form.given(name).is_some());
    if form.get("act") == "move" && !is_named {
        match choose_theme::choose(app, request, &visit, &form, &ids, &back).await? {
            choose_theme::Choice::Ask(page) => return Ok(page),
            choose_theme::Choice::Found(theme) => {
                let mut input = input(&form, ids, &visit);
                input["theme_id"] = json!(theme);
                let act = perform(app, &visit, input).await?;
                return Ok(next(request, &act, &back));
            }
        }
    }
    let act = perform(app, &visit, input(&form, ids, &visit)).await?;
    Ok(next(request, &act, &back))
}

/// The selected items of a form.
fn selected(form: &Form) -> Vec<String> {
    let mut ids: Vec<String> =
        form.fields().iter().filter(|(name, _)| name == "ids").map(|(_, value)| value.clone()).collect();
    ids.dedup();
    ids
}

/// The act of a row's own button, if that sent the form: its name is the act, its value the item.
fn of_row(form: &Form) -> Option<(Form, Vec<String>)> {
    let act = ["dismiss", "restore"].into_iter().find(|act| form.given(act).is_some())?;
    Some((form.with("act", act), vec![form.trimmed(act).to_owned()]))
}

async fn act_on_many(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    if let Some((form, ids)) = of_row(&form) {
        return act_on(&app, &request, visit, form, ids).await;
    }
    let ids = selected(&form);
    act_on(&app, &request, visit, form, ids).await
}

async fn act_on_one(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    act_on(&app, &request, visit, form, vec![path.0.to_string()]).await
}

#[derive(Template)]
#[template(path = "console/support/act.html")]
struct ActPage {
    shell: Shell,
    act: Act,
}

async fn act(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let id = path.0;
    let act = visit.read(&app, move |conn| stored::get(conn, id)).await?;
    let is_over = act.state.is_over();
    let shell = Shell::new(&request, |t| t.act_heading());
    let mut answer = show(&request, &ActPage { shell, act })?;
    if !is_over {
        answer.headers_mut().insert(header::REFRESH, header::HeaderValue::from_static("2"));
    }
    Ok(answer)
}

/// A recent act: on feedback, or a correction of the grouping that no act made.
pub enum Recent {
    Act(Act),
    Correction(Correction),
}

impl Recent {
    fn at(&self) -> Id {
        match self {
            Recent::Act(act) => act.id,
            Recent::Correction(correction) => correction.id,
        }
    }
}

#[derive(Template)]
#[template(path = "console/support/acts.html")]
struct ActsPage {
    shell: Shell,
    recent: Vec<Recent>,
}

fn read_recent(conn: &mut Conn, member: Id) -> Result<Vec<Recent>> {
    let paging = Paging::new(Some(LISTED), None, String::new())?;
    let own = stored::list(conn, Some(member), &paging)?.data;
    let query = CorrectionQuery { member: Some(member.to_string()), ..CorrectionQuery::default() };
    let corrections = corrections::list(conn, &query, &paging)?.data;
    let ids: Vec<Id> = corrections.iter().map(|correction| correction.id).collect();
    let of_acts = stored::of_acts(conn, &ids)?;
    let alone = corrections.into_iter().filter(|correction| !of_acts.contains(&correction.id));
    let mut recent: Vec<Recent> = own.into_iter().map(Recent::Act).chain(alone.map(Recent::Correction)).collect();
    recent.sort_by_key(|one| std::cmp::Reverse(one.at()));
    recent.truncate(LISTED as usize);
    Ok(recent)
}

async fn recent(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    let member = visit.member.id;
    let recent = visit.read(&app, move |conn| read_recent(conn, member)).await?;
    let shell = Shell::new(&request, |t| t.my_acts());
    show(&request, &ActsPage { shell, recent })
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_acts")), ("POST", May("create_act"))];
    config
        .service(page_at("/console/acts", rules).get(recent).post(act_on_many))
        .service(page_at("/console/acts/{id}", &[("GET", May("get_act"))]).get(act))
        .service(page_at("/console/feedback/{id}/acts", &[("POST", May("create_act"))]).post(act_on_one));
}
