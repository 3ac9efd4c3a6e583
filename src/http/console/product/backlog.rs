//! `/console/backlog`: the ranked stories.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use super::backlog_query::{Choices, choices, query};
use crate::domain::base::Paging;
use crate::domain::stories::Story;
use crate::domain::stories::stage::Stage;
use crate::domain::team::view::ViewPage;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::Form;
use crate::http::console::base::kept::views::ListPage;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::stories::list;

#[derive(Template)]
#[template(path = "console/product/backlog.html")]
struct BacklogPage {
    shell: Shell,
    asked: Form,
    choices: Choices,
    stories: Vec<Story>,
    /// How many stories the earlier pages have shown.
    before: usize,
    /// The address of the next page.
    next: Option<String>,
}

impl BacklogPage {
    /// The place of a story in the list.
    fn rank(&self, index: &usize) -> usize {
        self.before + index + 1
    }

    /// The address of the board with the same filters.
    fn board(&self) -> String {
        self.choices.address(&self.asked, "/console/backlog/board")
    }
}

async fn backlog(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    let (asked, now) = (Form::of_query(&request)?, app.store.clock.now());
    let query = query(&asked, &visit)?;
    let paging = Paging::of("/console/backlog", &query)?;
    let read = move |conn: &mut Conn| Ok((choices(conn)?, list::list(conn, &query, &paging, now)?));
    let (choices, found) = visit.read(&app, read).await?;
    let before: usize = asked.get("before").parse().unwrap_or_default();
    let next = found.next_cursor.map(|cursor| {
        let counted = (before + found.data.len()).to_string();
        asked.with("before", &counted).address("/console/backlog", "cursor", &cursor)
    });
    let shell = Shell::new(&request, |t| t.nav_backlog());
    show(&request, &BacklogPage { shell, asked, choices, stories: found.data, before, next })
}

inventory::submit!(ListPage::of(
    ViewPage::Backlog,
    &["product", "stage", "owner", "overdue", "blocked", "q"],
    |name, value| name != "stage" || value.split(',').all(|one| one.parse::<Stage>().is_ok())
));
inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/backlog", &[("GET", May("list_stories"))]).get(backlog));
}
