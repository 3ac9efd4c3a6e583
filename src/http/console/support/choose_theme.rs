//! The choice of a theme, where feedback is moved to a theme that is named by words: the one with this name, or a page
//! with those that match.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::similar::{Nearest, nearest};
use crate::app::App;
use crate::domain::base::text::fold;
use crate::domain::base::{Id, Paging};
use crate::domain::themes::{Theme, ThemeQuery, ThemeSort};
use crate::error::Result;
use crate::http::base::reply::AppData;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::show;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::store::{Conn, feedback, themes};

/// Themes that are shown.
const MOST: i64 = 12;

/// The theme, or the page that asks for it.
pub enum Choice {
    Found(Id),
    Ask(HttpResponse),
}

#[derive(Template)]
#[template(path = "console/support/choose_theme.html")]
struct ChoicePage {
    shell: Shell,
    words: String,
    ids: Vec<String>,
    scope: String,
    matching: String,
    back: String,
    /// The address that the form is sent to.
    action: String,
    themes: Vec<Theme>,
    nearest: Nearest,
}

/// Themes whose names have these words, the largest first.
pub async fn themes_named(app: &App, visit: &Visit, words: &str) -> Result<Vec<Theme>> {
    let q = Some(words.trim().chars().take(200).collect::<String>()).filter(|words| !words.is_empty());
    let query = ThemeQuery { q, limit: Some(MOST), sort: Some(ThemeSort::Size), ..ThemeQuery::default() };
    let read = move |conn: &mut Conn| {
        let paging = Paging::new(Some(MOST), None, String::new())?;
        Ok(themes::list::list(conn, &query, &paging)?.data)
    };
    visit.read(app, read).await
}

/// Finds the theme that the form names.
///
/// # Errors
/// 404 for a single feedback that is not there.
pub async fn choose(
    app: &AppData,
    request: &HttpRequest,
    visit: &Visit,
    form: &Form,
    ids: &[String],
    back: &str,
) -> Result<Choice> {
    let words = form.trimmed("theme").to_owned();
    let themes = themes_named(app, visit, &words).await?;
    let same: Vec<&Theme> = themes.iter().filter(|theme| fold(&theme.label) == fold(&words)).collect();
    if let [only] = same.as_slice() {
        return Ok(Choice::Found(only.id));
    }
    let single: Option<Id> = match ids {
        [id] if form.get("scope") != "matching" => id.parse().ok(),
        _ => None,
    };
    let mut near = Nearest::default();
    if let Some(id) = single.filter(|_| visit.may("find_similar")) {
        let item = visit.read(app, move |conn| feedback::rows::get(conn, id)).await?;
        near = nearest(app, visit, &item.text, Some(item.product_id.to_string()), Some(id)).await?;
        near.themes.retain(|theme| item.theme.as_ref().is_none_or(|own| own.id != theme.id));
    }
    let shell = Shell::new(request, |t| t.choose_theme());
    let page = ChoicePage {
        shell,
        words,
        ids: ids.to_vec(),
        scope: form.get("scope").to_owned(),
        matching: form.get("matching").to_owned(),
        back: back.to_owned(),
        action: "/console/acts".to_owned(),
        themes,
        nearest: near,
    };
    Ok(Choice::Ask(show(request, &page)?))
}
