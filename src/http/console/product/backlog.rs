//! `/console/backlog`: the ranked stories.

use actix_web::HttpRequest;
use actix_web::web::{Query, ServiceConfig};
use askama::Template;
use serde::{Deserialize, Serialize};

use crate::domain::base::{Id, Paging};
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{Story, StoryQuery, StorySort};
use crate::domain::team::Product;
use crate::domain::team::view::ViewPage;
use crate::error::{Error, Result};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::views::{ListAddress, ListPage};
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::stories::list;
use crate::store::team::products;

/// What the address says: the state of the page.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Asked {
    #[serde(default)]
    product: String,
    #[serde(default)]
    stage: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    cursor: String,
    /// How many stories the earlier pages have shown.
    #[serde(default)]
    before: usize,
}

impl ListAddress for Asked {
    fn check(&self, _: Id) -> Result<()> {
        self.query().map(drop)
    }
}

inventory::submit!(ListPage::of::<Asked>(ViewPage::Backlog));

impl Asked {
    fn query(&self) -> Result<StoryQuery> {
        let given = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let stage = given(&self.stage).map(|stage| stage.parse::<Stage>());
        let stage = stage.transpose().map_err(|()| Error::field("/stage", "enum", "is not a stage of stories"))?;
        Ok(StoryQuery {
            product: given(&self.product),
            stage,
            q: given(&self.q),
            cursor: given(&self.cursor),
            sort: Some(StorySort::Priority),
            ..StoryQuery::default()
        })
    }

    /// Whether the list is not the whole backlog.
    fn is_filtered(&self) -> bool {
        [&self.product, &self.stage, &self.q].into_iter().any(|text| !text.trim().is_empty())
    }
}

#[derive(Template)]
#[template(path = "console/product/backlog.html")]
struct BacklogPage {
    shell: Shell,
    asked: Asked,
    products: Vec<Product>,
    stories: Vec<Story>,
    /// The address of the next page.
    next: Option<String>,
}

impl BacklogPage {
    /// The place of a story in the list.
    fn rank(&self, index: &usize) -> usize {
        self.asked.before + index + 1
    }
}

async fn backlog(app: AppData, request: HttpRequest, visit: Visit, asked: Query<Asked>) -> Shown {
    let (asked, now) = (asked.into_inner(), app.store.clock.now());
    let query = asked.query()?;
    let paging = Paging::of("/console/backlog", &query)?;
    let read = move |conn: &mut Conn| Ok((products::all(conn)?, list::list(conn, &query, &paging, now)?));
    let (products, found) = visit.read(&app, read).await?;
    let before = asked.before + found.data.len();
    let next = found.next_cursor.map(|cursor| {
        let next = Asked { cursor, before, ..asked.clone() };
        format!("/console/backlog?{}", serde_urlencoded::to_string(&next).unwrap_or_default())
    });
    let shell = Shell::new(&request, |t| t.nav_backlog());
    show(&request, &BacklogPage { shell, asked, products, stories: found.data, next })
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/backlog", &[("GET", May("list_stories"))]).get(backlog));
}
