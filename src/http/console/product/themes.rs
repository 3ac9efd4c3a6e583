//! `/console/themes`: what customers talk about.

use actix_web::HttpRequest;
use actix_web::web::{Query, ServiceConfig};
use askama::Template;
use serde::{Deserialize, Serialize};

use crate::domain::base::{Id, Paging};
use crate::domain::team::Product;
use crate::domain::team::view::ViewPage;
use crate::domain::themes::{Theme, ThemeQuery, ThemeSort, Trend};
use crate::error::{Error, Result};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::views::{ListAddress, ListPage};
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::team::products;
use crate::store::{Conn, themes};

/// Languages named for a theme.
const LANGUAGES: usize = 3;

/// What the address says: the state of the page.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Asked {
    product: String,
    sort: String,
    q: String,
    muted: String,
    cursor: String,
}

impl ListAddress for Asked {
    fn check(&self, _: Id) -> Result<()> {
        self.query().map(drop)
    }
}

inventory::submit!(ListPage::of::<Asked>(ViewPage::Themes));

impl Asked {
    fn query(&self) -> Result<ThemeQuery> {
        let given = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let sort = given(&self.sort).map(|sort| sort.parse::<ThemeSort>()).transpose();
        let sort = sort.map_err(|()| Error::field("/sort", "enum", "is not an order of themes"))?;
        Ok(ThemeQuery {
            product: given(&self.product),
            q: given(&self.q),
            muted: Some(self.muted == "true"),
            cursor: given(&self.cursor),
            sort: sort.or(Some(ThemeSort::Size)),
            ..ThemeQuery::default()
        })
    }

    fn is_filtered(&self) -> bool {
        self.muted == "true" || [&self.product, &self.q].into_iter().any(|text| !text.trim().is_empty())
    }
}

#[derive(Template)]
#[template(path = "console/product/themes.html")]
struct ThemesPage {
    shell: Shell,
    asked: Asked,
    products: Vec<Product>,
    themes: Vec<Theme>,
    next: Option<String>,
}

impl ThemesPage {
    fn sorts(&self) -> [ThemeSort; 5] {
        use ThemeSort::{Customers, Growth, Recent, Size, Value};
        [Size, Customers, Recent, Growth, Value]
    }

    fn trend(&self, growth: &f64) -> &'static str {
        Trend::of(*growth).as_str()
    }

    /// The languages of a theme's feedback with their shares: `ko 60%, en 40%`.
    fn mix(&self, theme: &Theme) -> String {
        let all: i64 = theme.languages.values().sum();
        let mut counts: Vec<(&String, i64)> = theme.languages.iter().map(|(name, count)| (name, *count)).collect();
        counts.sort_by_key(|(_, count)| -count);
        let share =
            |(language, count): &(&String, i64)| format!("{language} {}%", (count * 100 + all / 2) / all.max(1));
        counts.iter().take(LANGUAGES).map(share).collect::<Vec<_>>().join(", ")
    }
}

async fn list(app: AppData, request: HttpRequest, visit: Visit, asked: Query<Asked>) -> Shown {
    let asked = asked.into_inner();
    let query = asked.query()?;
    let paging = Paging::of("/console/themes", &query)?;
    let read = move |conn: &mut Conn| Ok((products::all(conn)?, themes::list::list(conn, &query, &paging)?));
    let (products, found) = visit.read(&app, read).await?;
    let next = found.next_cursor.map(|cursor| {
        let next = Asked { cursor, ..asked.clone() };
        format!("/console/themes?{}", serde_urlencoded::to_string(&next).unwrap_or_default())
    });
    let shell = Shell::new(&request, |t| t.nav_themes());
    show(&request, &ThemesPage { shell, asked, products, themes: found.data, next })
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/themes", &[("GET", May("list_themes"))]).get(list));
}
