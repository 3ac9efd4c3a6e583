//! `/console/themes/{id}/sub-themes`: the parts that the engine finds in a theme. The page of the theme loads them into
//! itself where scripts run, since finding them takes longer than the rest.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use crate::domain::base::Id;
use crate::domain::feedback::Feedback;
use crate::domain::themes::{SubTheme, Theme};
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::{Conn, feedback, themes};
use crate::usecase::themes::granularity;

/// The most feedback of a part that is split off in one click.
const SPLIT: usize = 1_000;

/// A part of the theme with its typical feedback.
struct Part {
    theme: SubTheme,
    quotes: Vec<Feedback>,
}

#[derive(Template)]
#[template(path = "console/themes/theme_parts.html")]
struct PartsPage {
    shell: Shell,
    theme: Theme,
    parts: Vec<Part>,
    /// The grouping is still being loaded.
    is_unknown: bool,
}

impl PartsPage {
    /// Whether all feedback of a part goes with one form.
    fn is_whole(&self, part: &Part) -> bool {
        part.theme.feedback_ids.len() <= SPLIT && part.theme.item_count as usize == part.theme.feedback_ids.len()
    }
}

async fn parts(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let (id, groups) = (path.0, app.groups.clone());
    let read = move |conn: &mut Conn| {
        let theme = themes::list::get(conn, id)?;
        let page = granularity::sub_themes(conn, &groups, id)?;
        let is_unknown = !page.complete && page.data.is_empty();
        let found = page.data;
        let ids: Vec<Id> = found.iter().flat_map(|part| part.quotes.iter().copied()).collect();
        let said = feedback::rows::get_many(conn, &ids)?;
        let said: HashMap<Id, Feedback> = said.into_iter().map(|said| (said.id, said)).collect();
        let part = |theme: SubTheme| {
            let quotes = theme.quotes.iter().filter_map(|id| said.get(id).cloned()).collect();
            Part { theme, quotes }
        };
        Ok((theme, found.into_iter().map(part).collect::<Vec<Part>>(), is_unknown))
    };
    let (theme, parts, is_unknown) = visit.read(&app, read).await?;
    let shell = Shell::new(&request, |t| format!("{} · {}", t.sub_themes(), theme.label));
    show(&request, &PartsPage { shell, theme, parts, is_unknown })
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/themes/{id}/sub-themes", &[("GET", May("list_sub_themes"))]).get(parts));
}
