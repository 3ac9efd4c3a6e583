//! `/console/themes/{id}`: a theme with its timeline, its quotes and what can be done with it.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use crate::domain::base::{Id, Paging, Time, money};
use crate::domain::feedback::{Feedback, FeedbackQuery};
use crate::domain::releases::Release;
use crate::domain::stories::Story;
use crate::domain::themes::{NearTheme, ThemeDetail, Week};
use crate::error::{Error, Result};
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, show_as};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::{Conn, feedback, releases, stories, themes};
use crate::usecase::themes::groupers::Groups;
use crate::usecase::themes::overview;

/// A chart of fewer weeks has room at its end, so that bars stay narrow.
const FEW_WEEKS: usize = 26;
/// Feedback on a page, and releases in the timeline.
const FEEDBACK: i64 = 20;
const RELEASES: i64 = 20;
/// Near themes to move feedback to, in one click.
const NEAR: usize = 6;
/// The longest words that can be quoted.
const LONGEST_QUOTE: usize = 2_000;

/// A release in the timeline.
pub struct Ship {
    pub name: String,
    pub at: Time,
    /// The week of the timeline, from 0.
    pub week: usize,
}

/// A part of a customer's text: quoted in the story, or not.
pub struct Part {
    pub text: String,
    pub is_quoted: bool,
}

/// A theme with all that its page shows.
struct ThemeView {
    detail: ThemeDetail,
    story: Option<Story>,
    ships: Vec<Ship>,
    near: Vec<NearTheme>,
    /// A page of its feedback, without what is shown as typical.
    rest: Vec<Feedback>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "console/themes/theme.html")]
struct ThemePage {
    shell: Shell,
    view: ThemeView,
    asked: Form,
    refusal: Refusal,
}

impl ThemePage {
    /// The height of a week's bar, in percent of the highest.
    fn height(&self, week: &Week) -> i64 {
        let most = self.view.detail.timeline.iter().map(|week| week.items).max().unwrap_or(1);
        week.items * 100 / most.max(1)
    }

    fn top(&self, week: &Week) -> i64 {
        100 - self.height(week)
    }

    fn x(&self, index: &usize) -> usize {
        index * 10
    }

    fn width(&self) -> usize {
        self.view.detail.timeline.len().max(FEW_WEEKS) * 10
    }

    fn value(&self) -> String {
        let value = &self.view.detail.theme.value;
        money::whole_units(value.amount_minor as f64, &value.currency)
    }

    /// The releases of a week, by name.
    fn shipped(&self, index: &usize) -> String {
        let of_week = self.view.ships.iter().filter(|ship| ship.week == *index);
        of_week.map(|ship| ship.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The name in the form: as sent, else as it is.
    fn label(&self) -> &str {
        self.refusal.form.given("label").unwrap_or(&self.view.detail.theme.label)
    }

    /// What a person wrote for this feedback before the act was refused.
    fn sent<'a>(&'a self, quote: &Feedback, name: &str) -> &'a str {
        let form = &self.refusal.form;
        if form.get("feedback_id") == quote.id.to_string() { form.get(name) } else { "" }
    }

    /// The words to quote: those that were sent, else the whole text where it is short enough.
    fn words<'a>(&'a self, quote: &'a Feedback) -> &'a str {
        match self.sent(quote, "text") {
            "" if quote.text.chars().count() <= LONGEST_QUOTE => &quote.text,
            sent => sent,
        }
    }

    /// The text of a feedback, with the parts that the story quotes.
    fn parts(&self, quote: &Feedback) -> Vec<Part> {
        let criteria = self.view.story.iter().flat_map(|story| &story.acceptance_criteria);
        let quotes = criteria.flat_map(|criterion| &criterion.quotes).filter(|own| own.feedback_id == quote.id);
        parts(&quote.text, quotes.map(|own| own.text.as_str()))
    }

    /// Whether a feedback was chosen before the act was refused.
    fn is_chosen(&self, quote: &Feedback) -> bool {
        self.refusal.form.has("feedback", &quote.id.to_string())
    }
}

/// A text in parts: those that are quoted, and those between them.
fn parts<'a>(text: &str, quotes: impl Iterator<Item = &'a str>) -> Vec<Part> {
    let mut places: Vec<(usize, usize)> =
        quotes.filter_map(|quote| text.find(quote).map(|at| (at, at + quote.len()))).collect();
    places.sort_unstable();
    let (mut shown, mut at) = (Vec::new(), 0);
    let mut push = |range: &str, is_quoted| {
        if !range.is_empty() {
            shown.push(Part { text: range.to_owned(), is_quoted });
        }
    };
    for (from, to) in places {
        let from = from.max(at);
        if to > from {
            push(&text[at..from], false);
            push(&text[from..to], true);
            at = to;
        }
    }
    push(&text[at..], false);
    shown
}

fn ships(timeline: &[Week], releases: Vec<Release>) -> Vec<Ship> {
    let Some(first) = timeline.first() else { return Vec::new() };
    let week = |at: Time| usize::try_from((at.0 - first.starts_at.0).div_euclid(7 * Time::DAY)).ok();
    let ship = |release: Release| {
        let at = release.shipped_at?;
        let week = week(at).filter(|week| *week < timeline.len().max(FEW_WEEKS))?;
        Some(Ship { name: release.name, at, week })
    };
    let mut ships: Vec<Ship> = releases.into_iter().filter_map(ship).collect();
    ships.sort_by_key(|ship| ship.at);
    ships
}

fn read(conn: &mut Conn, groups: &Groups, id: Id, cursor: Option<String>) -> Result<ThemeView> {
    let detail = themes::list::detail(conn, id)?;
    let story = detail.theme.story_id.map(|story| stories::rows::get(conn, story)).transpose()?;
    let query = FeedbackQuery { theme: Some(id), cursor, limit: Some(FEEDBACK), ..FeedbackQuery::default() };
    let found = feedback::list::list(conn, &query, &Paging::of("/console/themes/{id}", &query)?)?;
    let typical: BTreeMap<Id, ()> = detail.quotes.iter().map(|quote| (quote.id, ())).collect();
    let rest = found.data.into_iter().filter(|said| !typical.contains_key(&said.id)).collect();
    let shipped =
        releases::rows::shipped(conn, detail.theme.product_id, &Paging::new(Some(RELEASES), None, String::new())?)?;
    let ships = ships(&detail.timeline, shipped.data);
    let near = overview::near(conn, groups, id, NEAR)?.data;
    Ok(ThemeView { detail, story, ships, near, rest, next: found.next_cursor })
}

/// The page of a theme; after an act that was refused, with what the form held.
pub async fn page(app: &AppData, request: &HttpRequest, visit: Visit, id: Id, refused: Option<(Error, Form)>) -> Shown {
    let asked = Form::of_query(request)?;
    let (groups, cursor) = (app.groups.clone(), asked.given("cursor").map(str::to_owned));
    let mut view = visit.read(app, move |conn| read(conn, &groups, id, cursor)).await?;
    view.next = view.next.map(|cursor| asked.address(&format!("/console/themes/{id}"), "cursor", &cursor));
    let mut shell = Shell::new(request, |_| view.detail.theme.label.clone()).about(format!("/console/themes/{id}"));
    let refusal = refused.map(|(error, form)| Refusal::of(error, form, shell.t)).unwrap_or_default();
    if refusal.is_some() {
        shell.title = shell.t.error_in_title(&shell.title);
        shell.here = format!("/console/themes/{id}");
    }
    show_as(refusal.status(), request, &ThemePage { shell, view, asked, refusal })
}

async fn theme(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    page(&app, &request, visit, path.0, None).await
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/themes/{id}", &[("GET", May("get_theme"))]).get(theme));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_words_are_marked_where_they_stand() {
        let shown = |text: &str, quotes: &[&str]| -> Vec<(String, bool)> {
            parts(text, quotes.iter().copied()).into_iter().map(|part| (part.text, part.is_quoted)).collect()
        };
        let one = |text: &str, is_quoted| (text.to_owned(), is_quoted);
        assert_eq!(
            shown("I waited. Two weeks!", &["Two weeks"]),
            [one("I waited. ", false), one("Two weeks", true), one("!", false)]
        );
        assert_eq!(shown("환불이 늦어요", &["환불이 늦어요", "늦어요"]), [one("환불이 늦어요", true)]);
        assert_eq!(shown("abcd", &["bc", "cd", "x"]), [one("a", false), one("bc", true), one("d", true)]);
        assert!(shown("", &["x"]).is_empty());
    }
}
