//! `/console/themes/{id}/merge` and `/console/themes/{id}/move`: the other theme is chosen, among the nearest ones or by
//! a search; for a merge, what each of the two would be afterwards is shown.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::json;

use super::acts::{Done, answer};
use crate::domain::base::decode::decode;
use crate::domain::base::{Id, Paging, Reference};
use crate::domain::feedback::Feedback;
use crate::domain::stories::Story;
use crate::domain::themes::{MoveFeedback, Split, Theme, ThemeDetail, ThemeQuery, ThemeSort};
use crate::error::{Error, Result};
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::team::products;
use crate::store::{Conn, feedback, stories, themes};
use crate::usecase::themes::groupers::Groups;
use crate::usecase::themes::{corrections, overview};

/// Themes to choose from.
const CANDIDATES: i64 = 12;
/// Quotes of each theme, before a merge.
const QUOTES: usize = 3;
/// The most feedback that is moved at once.
const CHOSEN: usize = 200;

/// The themes to choose from.
#[derive(Default)]
struct Choice {
    themes: Vec<Theme>,
    /// They were searched for; otherwise they are the nearest ones.
    is_searched: bool,
}

/// One of the two themes of a merge.
struct Side {
    detail: ThemeDetail,
    story: Option<Story>,
}

/// What would be after a merge.
struct After {
    size: i32,
    /// The most customers that the merged theme can have. Customers who are in both themes count twice.
    customers: i32,
    languages: Vec<String>,
}

impl After {
    fn of(one: &Theme, other: &Theme) -> Self {
        let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
        for (language, count) in one.languages.iter().chain(&other.languages) {
            *counts.entry(language).or_default() += count;
        }
        let languages = counts.into_iter().map(|(language, count)| format!("{language} {count}")).collect();
        Self { size: one.size + other.size, customers: one.customers + other.customers, languages }
    }
}

#[derive(Template)]
#[template(path = "console/themes/theme_merge.html")]
struct MergePage {
    shell: Shell,
    theme: Theme,
    asked: Form,
    choice: Choice,
    /// The two themes, once the other one is chosen.
    sides: Option<(Side, Side, After)>,
}

#[derive(Template)]
#[template(path = "console/themes/theme_move.html")]
struct MovePage {
    shell: Shell,
    theme: Theme,
    asked: Form,
    choice: Choice,
    chosen: Vec<Feedback>,
}

fn candidates(conn: &mut Conn, groups: &Groups, theme: &Theme, words: Option<&str>) -> Result<Choice> {
    let Some(words) = words else {
        let near = overview::near(conn, groups, theme.id, overview::NEAR)?.data;
        return Ok(Choice { themes: near.into_iter().map(|near| near.theme).collect(), is_searched: false });
    };
    let product = products::get(conn, theme.product_id)?;
    let (q, limit) = (Some(words.to_owned()), Some(CANDIDATES));
    let query =
        ThemeQuery { product: Some(product.key), q, limit, sort: Some(ThemeSort::Size), ..ThemeQuery::default() };
    let mut found = themes::list::list(conn, &query, &Paging::new(limit, None, String::new())?)?.data;
    found.retain(|other| other.id != theme.id);
    Ok(Choice { themes: found, is_searched: true })
}

fn side(conn: &mut Conn, id: Id) -> Result<Side> {
    let mut detail = themes::list::detail(conn, id)?;
    detail.quotes.truncate(QUOTES);
    let story = detail.theme.story_id.map(|story| stories::rows::get(conn, story)).transpose()?;
    Ok(Side { detail, story })
}

async fn to_merge(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let (asked, id, groups) = (Form::of_query(&request)?, path.0, app.groups.clone());
    let other = asked.given("with").map(|other| other.parse::<Id>().map_err(|_| Reference::Theme.refusal("/with")));
    let (other, words) = (other.transpose()?, asked.given("q").map(str::to_owned));
    let read = move |conn: &mut Conn| {
        let theme = themes::list::get(conn, id)?;
        let Some(other) = other else {
            let choice = candidates(conn, &groups, &theme, words.as_deref())?;
            return Ok((theme, choice, None));
        };
        let (one, other) = (side(conn, id)?, side(conn, other)?);
        let after = After::of(&one.detail.theme, &other.detail.theme);
        Ok((theme, Choice::default(), Some((one, other, after))))
    };
    let (theme, choice, sides) = visit.read(&app, read).await?;
    let shell = Shell::new(&request, |t| format!("{} · {}", t.merge(), theme.label));
    show(&request, &MergePage { shell, theme, asked, choice, sides })
}

async fn to_move(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let (asked, id, groups) = (Form::of_query(&request)?, path.0, app.groups.clone());
    let ids: Vec<Id> = asked.all("feedback").iter().take(CHOSEN).filter_map(|id| id.parse().ok()).collect();
    let words = asked.given("q").map(str::to_owned);
    let read = move |conn: &mut Conn| {
        let theme = themes::list::get(conn, id)?;
        let choice = candidates(conn, &groups, &theme, words.as_deref())?;
        let mut chosen = feedback::rows::get_many(conn, &ids)?;
        chosen.retain(|said| said.theme.as_ref().is_some_and(|own| own.id == id));
        Ok((theme, choice, chosen))
    };
    let (theme, choice, chosen) = visit.read(&app, read).await?;
    let shell = Shell::new(&request, |t| t.move_title(chosen.len()));
    show(&request, &MovePage { shell, theme, asked, choice, chosen })
}

/// Merges two themes; the one in the address stays.
async fn merge(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let into = path.0;
    let merged = match form.get("theme_id").parse::<Id>() {
        Ok(from) => visit.write(&app, move |tx| corrections::merge(tx, into, None, from)).await,
        Err(_) => Err(Reference::Theme.refusal("/theme_id").into()),
    };
    let merged = merged.map(|done| Done { theme: into, correction: done.correction_id, flash: Flash::Merged });
    answer(&app, &request, visit, into, merged, form).await
}

/// Moves the chosen feedback to another theme, or to a new one.
async fn move_chosen(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let moved = move_by(&app, &visit, path.0, &form).await;
    answer(&app, &request, visit, path.0, moved, form).await
}

async fn move_by(app: &AppData, visit: &Visit, id: Id, form: &Form) -> Result<Done> {
    let chosen = form.all("feedback");
    if chosen.is_empty() {
        return Err(Error::field("/feedback", "required", "must be chosen first"));
    }
    let Some(to) = form.given("to") else {
        let input: Split = decode(json!({ "feedback_ids": chosen, "label": form.given("label") }))?;
        let done = visit.write(app, move |tx| corrections::split(tx, id, None, &input)).await?;
        return Ok(Done { theme: done.resource.id, correction: done.correction_id, flash: Flash::Split });
    };
    let input: MoveFeedback = decode(json!({ "feedback_ids": chosen, "theme_id": to }))?;
    let done = visit.write(app, move |tx| corrections::move_chosen(tx, id, None, &input)).await?;
    Ok(Done { theme: id, correction: done.correction_id, flash: Flash::MovedFeedback })
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let merges = &[("GET", May("list_near_themes")), ("POST", May("merge_theme"))];
    let moves = &[("GET", May("list_near_themes")), ("POST", May("move_theme_feedback"))];
    config
        .service(page_at("/console/themes/{id}/merge", merges).get(to_merge).post(merge))
        .service(page_at("/console/themes/{id}/move", moves).get(to_move).post(move_chosen));
}
