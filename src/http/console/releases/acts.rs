//! What people do with a release: put stories on board, take them off, change its texts, freeze it, and ship it or take
//! it back after looking at what will be told to whom.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::{Value, json};

use super::list::start_of;
use super::release::{page, said, unready};
use crate::app::App;
use crate::domain::base::decode::decode;
use crate::domain::base::{Id, Paging};
use crate::domain::closure::{PreviewAct, StoryPreview, TellPreview};
use crate::domain::releases::{NewReleaseStories, Release, RollBack, Ship};
use crate::error::{Code, Error, Result};
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::releases::rows;
use crate::store::team::products;
use crate::store::{Conn, Tx};
use crate::usecase::closure::previews::{self, PreviewOptions};
use crate::usecase::releases::{lifecycle, planning};
use crate::usecase::stories::gates;

/// Customers who are listed by name.
const LISTED: i64 = 100;

/// Refusals that are shown on the page, beside what was sent.
fn belongs_on_the_page(error: &Error) -> bool {
    matches!(
        error.code,
        Code::Invalid | Code::Conflict | Code::QuotesCustomer | Code::VersionMismatch | Code::StageRefused
    )
}

/// The release again with the message of the act; or its page with why the act was refused.
async fn after(app: &AppData, request: &HttpRequest, visit: Visit, id: Id, form: Form, acted: Result<Flash>) -> Shown {
    match acted {
        Ok(flash) => Ok(done(request, &format!("/console/releases/{id}"), flash)),
        Err(error) if belongs_on_the_page(&error) => page(app, request, visit, id, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

/// The numbers of stories in a text, and those that were chosen.
fn numbers(form: &Form) -> Vec<String> {
    let chosen = form.fields().iter().filter(|(name, _)| name == "story").map(|(_, value)| value.as_str());
    let written = form.get("numbers").split([' ', ',', '\n', '\t']).map(str::trim);
    let mut all: Vec<String> =
        chosen.chain(written).filter(|number| !number.is_empty()).map(str::to_uppercase).collect();
    all.sort();
    all.dedup();
    all
}

async fn put_on_board(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let mut input = json!({ "numbers": numbers(&form) });
    for field in ["section", "entry"] {
        if let Some(value) = form.given(field) {
            input[field] = json!(value);
        }
    }
    let changed = form.given("section").is_some();
    let acted = match decode::<NewReleaseStories>(input) {
        Ok(input) => visit.write(&app, move |tx| planning::add_stories(tx, id, None, &input).map(drop)).await,
        Err(error) => Err(error.into()),
    };
    let acted = acted.map(|()| if changed { Flash::Saved } else { Flash::OnBoard });
    after(&app, &request, visit, id, form, acted).await
}

async fn take_off(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let story = form.get("story").parse::<Id>().map_err(|_| Error::field("/story", "format", "is not an id"));
    let acted = match story {
        Ok(story) => visit.write(&app, move |tx| planning::remove_story(tx, id, story, None).map(drop)).await,
        Err(error) => Err(error),
    };
    after(&app, &request, visit, id, form, acted.map(|()| Flash::TakenOff)).await
}

async fn edit(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let version = form.get("version").parse().ok();
    let (day, name, notes) =
        (form.get("planned_for").to_owned(), form.trimmed("name").to_owned(), form.get("notes").to_owned());
    let write = move |tx: &mut Tx<'_>| {
        let product = rows::get(tx.conn, id)?.product_id;
        let product = products::get(tx.conn, product)?;
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let planned_for = start_of(given(&day).as_deref(), &product);
        let patch = json!({ "name": name, "planned_for": planned_for, "notes": given(&notes) });
        planning::edit(tx, id, version, &patch).map(drop)
    };
    let acted = visit.write(&app, write).await;
    after(&app, &request, visit, id, form, acted.map(|()| Flash::Saved)).await
}

async fn freeze(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let id = path.0;
    let acted = visit.write(&app, move |tx| planning::freeze(tx, id, None).map(drop)).await;
    after(&app, &request, visit, id, Form::default(), acted.map(|()| Flash::ReleaseFrozen)).await
}

/// The reason of an act, which must not be empty.
fn reason(form: &Form) -> Result<String> {
    let reason = form.given("reason").map(str::to_owned);
    reason.ok_or_else(|| Error::field("/reason", "required", "is required"))
}

type ForAReason = fn(&mut Tx<'_>, Id, Option<i32>, &str) -> Result<Release>;

async fn for_a_reason(app: &App, visit: &Visit, id: Id, form: &Form, act: ForAReason) -> Result<()> {
    let reason = reason(form)?;
    visit.write(app, move |tx| act(tx, id, None, &reason).map(drop)).await
}

async fn unfreeze(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let acted = for_a_reason(&app, &visit, id, &form, planning::unfreeze).await;
    after(&app, &request, visit, id, form, acted.map(|()| Flash::ReleaseUnfrozen)).await
}

async fn yank(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let acted = for_a_reason(&app, &visit, id, &form, lifecycle::yank).await;
    after(&app, &request, visit, id, form, acted.map(|()| Flash::Yanked)).await
}

/// A story that can't be released now.
struct Unready {
    number: String,
    title: String,
    why: String,
}

/// What will be told to whom, before a release is shipped or rolled back.
#[derive(Template)]
#[template(path = "console/releases/before.html")]
struct BeforePage {
    shell: Shell,
    release: Release,
    unready: Vec<Unready>,
    preview: TellPreview,
    ship: bool,
    form: Form,
    refused: Option<String>,
}

impl BeforePage {
    fn told(&self, story: &StoryPreview) -> u64 {
        story.told.email + story.told.desk + story.told.agent
    }

    fn all_told(&self) -> u64 {
        self.preview.stories.iter().map(|story| self.told(story)).sum()
    }

    fn ticked(&self, name: &str) -> bool {
        self.form.get(name) == "true"
    }
}

async fn before(
    app: &AppData,
    request: &HttpRequest,
    visit: Visit,
    id: Id,
    act: PreviewAct,
    refused: Option<(Error, Form)>,
) -> Shown {
    let has_mail = app.config.smtp_url.is_some();
    let read = move |conn: &mut Conn| {
        let release = rows::get(conn, id)?;
        let asked = PreviewOptions { act, reason: None, told: Some(true), has_mail };
        let preview = previews::of_release(conn, id, &asked, &Paging::new(Some(LISTED), None, String::new())?)?;
        let settings = products::get(conn, release.product_id)?.settings;
        let aboard: Vec<Id> = release.aboard().map(|story| story.story_id).collect();
        let gates = gates::of_stories(conn, &settings, &aboard)?;
        Ok((release, gates, preview))
    };
    let (release, gates, preview) = visit.read(app, read).await?;
    let status = refused.as_ref().map_or(StatusCode::OK, |(error, _)| {
        StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY)
    });
    let ship = act == PreviewAct::Ship;
    let name = release.name.clone();
    let shell = Shell::new(request, |t| {
        let title = if ship { t.rel_ship_title(name) } else { t.rel_roll_back_title(name) };
        if refused.is_some() { t.error_in_title(title) } else { title }
    });
    let said = |error: &Error| Some(said(error, shell.t));
    let (refused, form) = refused.map_or((None, Form::default()), |(error, form)| (said(&error), form));
    let unready = release.aboard().filter(|_| ship).filter_map(|story| {
        let gates = gates.get(&story.story_id).map(Vec::as_slice).unwrap_or_default();
        let why = unready(&shell.t, story, gates)?;
        Some(Unready { number: story.number.clone(), title: story.title.clone(), why })
    });
    let unready = unready.collect();
    show_as(status, request, &BeforePage { shell, release, unready, preview, ship, form, refused })
}

async fn before_ship(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    before(&app, &request, visit, path.0, PreviewAct::Ship, None).await
}

async fn before_roll_back(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    before(&app, &request, visit, path.0, PreviewAct::RollBack, None).await
}

/// The release with the message of the act; or the preview again with why it was refused.
async fn decided(
    app: &AppData,
    request: &HttpRequest,
    visit: Visit,
    id: Id,
    act: (PreviewAct, Flash),
    acted: (Form, Result<()>),
) -> Shown {
    match acted {
        (_, Ok(())) => Ok(done(request, &format!("/console/releases/{id}"), act.1)),
        (form, Err(error)) if belongs_on_the_page(&error) => {
            before(app, request, visit, id, act.0, Some((error, form))).await
        }
        (_, Err(error)) => Err(error),
    }
}

async fn ship(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let deployed = if form.get("deployed") == "true" { json!(true) } else { Value::Null };
    let input = json!({ "move_unready": form.get("move_unready") == "true", "deployed": deployed });
    let version = form.get("version").parse().ok();
    let acted = match decode::<Ship>(input) {
        Ok(input) => visit.write(&app, move |tx| lifecycle::ship(tx, id, version, &input).map(drop)).await,
        Err(error) => Err(error.into()),
    };
    decided(&app, &request, visit, id, (PreviewAct::Ship, Flash::Shipped), (form, acted)).await
}

async fn roll_back(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let tell = match form.get("tell_customers") {
        "yes" => json!(true),
        "no" => json!(false),
        _ => Value::Null,
    };
    let version = form.get("version").parse().ok();
    let input = json!({ "reason": form.trimmed("reason"), "tell_customers": tell });
    let acted = match decode::<RollBack>(input) {
        Ok(input) => visit.write(&app, move |tx| lifecycle::roll_back(tx, id, version, &input).map(drop)).await,
        Err(error) => Err(error.into()),
    };
    decided(&app, &request, visit, id, (PreviewAct::RollBack, Flash::RolledBack), (form, acted)).await
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let ship_rules = &[("GET", May("preview_release")), ("POST", May("ship_release"))];
    let back_rules = &[("GET", May("preview_release")), ("POST", May("roll_back_release"))];
    config
        .service(page_at("/console/releases/{id}/edit", &[("POST", May("edit_release"))]).post(edit))
        .service(page_at("/console/releases/{id}/stories", &[("POST", May("add_release_stories"))]).post(put_on_board))
        .service(page_at("/console/releases/{id}/take_off", &[("POST", May("remove_release_story"))]).post(take_off))
        .service(page_at("/console/releases/{id}/freeze", &[("POST", May("freeze_release"))]).post(freeze))
        .service(page_at("/console/releases/{id}/unfreeze", &[("POST", May("unfreeze_release"))]).post(unfreeze))
        .service(page_at("/console/releases/{id}/yank", &[("POST", May("yank_release"))]).post(yank))
        .service(page_at("/console/releases/{id}/ship", ship_rules).get(before_ship).post(ship))
        .service(page_at("/console/releases/{id}/roll_back", back_rules).get(before_roll_back).post(roll_back));
}
