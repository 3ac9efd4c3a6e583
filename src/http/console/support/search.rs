//! `/console/search`: over feedback, themes and stories.

use actix_web::HttpRequest;
use actix_web::web::{Query, ServiceConfig};
use askama::Template;
use serde::{Deserialize, Serialize};

use crate::domain::base::{Paging, Reference};
use crate::domain::feedback::{Feedback, FeedbackQuery};
use crate::domain::stories::{Story, StoryQuery, StorySort};
use crate::domain::team::view::ViewPage;
use crate::domain::themes::{Theme, ThemeQuery, ThemeSort};
use crate::error::{Error, Result};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::kept::views::ListPage;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::{Conn, feedback, stories, themes};

/// Themes and stories that are shown of each.
const FEW: i64 = 6;
/// The longest words of the API's searches.
const LONGEST: usize = 200;

/// What the address says: the state of the page.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Asked {
    q: String,
    /// Only the feedback of a theme, by its id.
    theme: String,
    /// Only the feedback behind a story, by its number.
    story: String,
    cursor: String,
}

inventory::submit!(ListPage::of(ViewPage::Search, &["q", "theme", "story"], |_, _| true));

impl Asked {
    fn given(text: &str) -> Option<String> {
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn feedback(&self) -> Result<FeedbackQuery> {
        let theme = Self::given(&self.theme).map(|id| id.parse()).transpose();
        Ok(FeedbackQuery {
            q: Self::given(&self.q),
            theme: theme.map_err(|_| Reference::Theme.refusal("/theme"))?,
            story: Self::given(&self.story),
            cursor: Self::given(&self.cursor),
            limit: Some(30),
            ..FeedbackQuery::default()
        })
    }

    fn asks(&self) -> bool {
        [&self.q, &self.theme, &self.story].into_iter().any(|text| !text.trim().is_empty())
    }

    /// Whether themes and stories are looked for too: not where the feedback of one is asked for.
    fn is_over_all(&self) -> bool {
        self.theme.is_empty() && self.story.is_empty() && self.cursor.is_empty() && !self.q.trim().is_empty()
    }
}

#[derive(Default)]
struct Results {
    stories: Vec<Story>,
    themes: Vec<Theme>,
    feedback: Vec<Feedback>,
    next: Option<String>,
    /// The theme whose feedback is listed.
    of_theme: Option<Theme>,
}

#[derive(Template)]
#[template(path = "console/support/search.html")]
struct SearchPage {
    shell: Shell,
    asked: Asked,
    results: Results,
}

impl SearchPage {
    /// The same search over everything.
    fn over_all(&self) -> String {
        format!("/console/search?{}", serde_urlencoded::to_string([("q", &self.asked.q)]).unwrap_or_default())
    }
}

fn read(conn: &mut Conn, asked: &Asked, now: crate::domain::base::Time) -> Result<Results> {
    let query = asked.feedback()?;
    let paging = Paging::of("/console/search", &query)?;
    let of_theme = query.theme.map(|id| themes::list::get(conn, id)).transpose()?;
    let found = feedback::list::list(conn, &query, &paging)?;
    let (mut of_stories, mut of_themes) = (Vec::new(), Vec::new());
    if asked.is_over_all() {
        let (q, limit) = (Asked::given(&asked.q), Some(FEW));
        let few = Paging::new(limit, None, String::new())?;
        let query = StoryQuery { q: q.clone(), limit, sort: Some(StorySort::Priority), ..StoryQuery::default() };
        of_stories = stories::list::list(conn, &query, &few, now)?.data;
        let query = ThemeQuery { q, limit, sort: Some(ThemeSort::Size), ..ThemeQuery::default() };
        of_themes = themes::list::list(conn, &query, &few)?.data;
    }
    Ok(Results { stories: of_stories, themes: of_themes, feedback: found.data, next: found.next_cursor, of_theme })
}

async fn search(app: AppData, request: HttpRequest, visit: Visit, asked: Query<Asked>) -> Shown {
    let (asked, now) = (asked.into_inner(), app.store.clock.now());
    if asked.q.chars().count() > LONGEST {
        return Err(Error::field("/q", "too_long", format!("must have at most {LONGEST} characters")));
    }
    let mut results = Results::default();
    if asked.asks() {
        let wanted = asked.clone();
        results = visit.read(&app, move |conn| read(conn, &wanted, now)).await?;
    }
    results.next = results.next.map(|cursor| {
        let next = Asked { cursor, ..asked.clone() };
        format!("/console/search?{}", serde_urlencoded::to_string(&next).unwrap_or_default())
    });
    let shell = Shell::new(&request, |t| match asked.q.trim() {
        "" => t.nav_search(),
        q => format!("{q} · {}", t.nav_search()),
    });
    show(&request, &SearchPage { shell, asked, results })
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/search", &[("GET", May("list_feedback"))]).get(search));
}
