//! `/console/themes`: what customers talk about.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use crate::domain::base::{Id, Paging, money};
use crate::domain::search::several::Several;
use crate::domain::team::Product;
use crate::domain::team::view::ViewPage;
use crate::domain::themes::{ProposalState, Theme, ThemeQuery, ThemeSort, ThemeWeeks, Trend, Week};
use crate::error::{Error, Result};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::chart;
use crate::http::console::base::form::Form;
use crate::http::console::base::kept::views::ListPage;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::team::products;
use crate::store::themes::{proposals, weeks};
use crate::store::{Conn, themes};

/// Languages named for a theme, and languages to filter by.
const LANGUAGES: usize = 3;
const FILTERS: usize = 12;

/// What the address asks for.
fn query(asked: &Form) -> Result<ThemeQuery> {
    let given = |name: &str| asked.given(name).map(str::to_owned);
    let sort = asked.given("sort").map(|sort| sort.parse::<ThemeSort>()).transpose();
    let sort = sort.map_err(|()| Error::field("/sort", "enum", "is not an order of themes"))?;
    let trends: std::result::Result<Vec<Trend>, ()> = asked.all("trend").into_iter().map(str::parse).collect();
    let trends = trends.map_err(|()| Error::field("/trend", "enum", "is not a trend of themes"))?;
    let languages: Vec<String> = asked.all("language").into_iter().map(str::to_owned).collect();
    let has_story = asked.given("story").map(|story| story == "yes");
    // Themes of archived products are listed only where the filter asks for them, or for one of those products.
    let archived = match (asked.get("archived"), asked.given("product")) {
        ("true", _) => Some(true),
        (_, None) => Some(false),
        (_, Some(_)) => None,
    };
    Ok(ThemeQuery {
        product: given("product"),
        q: given("q"),
        muted: Some(asked.get("muted") == "true"),
        archived,
        has_story,
        trend: (!trends.is_empty()).then_some(Several(trends)),
        language: (!languages.is_empty()).then_some(Several(languages)),
        cursor: given("cursor"),
        sort: sort.or(Some(ThemeSort::Size)),
        ..ThemeQuery::default()
    })
}

#[derive(Template)]
#[template(path = "console/themes/themes.html")]
struct ThemesPage {
    shell: Shell,
    asked: Form,
    products: Vec<Product>,
    /// Whether there are archived products, whose themes can be asked for.
    has_archived: bool,
    themes: Vec<Theme>,
    weeks: HashMap<Id, Vec<Week>>,
    /// Languages of the listed themes, and those asked for, to filter by.
    languages: Vec<String>,
    /// Proposals that wait for a decision.
    open: i64,
    next: Option<String>,
}

impl ThemesPage {
    fn sorts(&self) -> [ThemeSort; 5] {
        use ThemeSort::{Customers, Growth, Recent, Size, Value};
        [Size, Customers, Recent, Growth, Value]
    }

    fn trends(&self) -> &'static [Trend] {
        Trend::ALL
    }

    fn trend(&self, growth: &f64) -> &'static str {
        Trend::of(*growth).as_str()
    }

    fn value(&self, theme: &Theme) -> String {
        money::whole_units(theme.value.amount_minor as f64, &theme.value.currency)
    }

    fn line(&self, theme: &Theme) -> String {
        self.weeks.get(&theme.id).map(|weeks| chart::line(weeks)).unwrap_or_default()
    }

    fn numbers(&self, theme: &Theme) -> String {
        self.weeks.get(&theme.id).map(|weeks| chart::numbers(weeks)).unwrap_or_default()
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

    /// Whether the list is not that of all themes.
    fn is_filtered(&self) -> bool {
        let names = ["product", "q", "muted", "trend", "language", "story", "archived"];
        names.iter().any(|name| self.asked.given(name).is_some())
    }

    /// How many values of a filter are chosen.
    fn chosen(&self, name: &str) -> usize {
        self.asked.all(name).len()
    }

    /// The address of this list in another order.
    fn sorted(&self, sort: &ThemeSort) -> String {
        let first = Form::from_fields(self.asked.fields().iter().filter(|(name, _)| name != "cursor").cloned());
        first.address("/console/themes", "sort", sort.as_str())
    }

    fn is_sorted(&self, sort: &ThemeSort) -> bool {
        let asked = self.asked.given("sort").unwrap_or(ThemeSort::Size.as_str());
        asked == sort.as_str()
    }
}

/// The languages to filter by: those asked for, then those of the themes.
fn languages(asked: &Form, themes: &[Theme]) -> Vec<String> {
    let mut counts: HashMap<&str, i64> = HashMap::new();
    for (language, count) in themes.iter().flat_map(|theme| &theme.languages) {
        *counts.entry(language).or_default() += count;
    }
    let mut found: Vec<(&str, i64)> = counts.into_iter().collect();
    found.sort_by_key(|(name, count)| (-count, *name));
    let mut all: Vec<String> = asked.all("language").into_iter().map(str::to_owned).collect();
    for (name, _) in found {
        if all.len() < FILTERS && !all.iter().any(|known| known == name) {
            all.push(name.to_owned());
        }
    }
    all
}

async fn list(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    let (asked, now) = (Form::of_query(&request)?, app.store.clock.now());
    let query = query(&asked)?;
    let paging = Paging::of("/console/themes", &query)?;
    let read = move |conn: &mut Conn| {
        let found = themes::list::list(conn, &query, &paging)?;
        let ids: Vec<Id> = found.data.iter().map(|theme| theme.id).collect();
        let weeks = weeks::last(conn, &ids, now)?;
        let open = proposals::count(conn, ProposalState::Open)?;
        Ok(((products::current(conn)?, products::has_archived(conn)?), found, weeks, open))
    };
    let ((products, has_archived), found, weeks, open) = visit.read(&app, read).await?;
    let next = found.next_cursor.map(|cursor| asked.address("/console/themes", "cursor", &cursor));
    let weeks = weeks.into_iter().map(|of: ThemeWeeks| (of.theme_id, of.weeks)).collect();
    let languages = languages(&asked, &found.data);
    let shell = Shell::new(&request, |t| t.nav_themes());
    let page = ThemesPage { shell, asked, products, has_archived, themes: found.data, weeks, languages, open, next };
    show(&request, &page)
}

/// Whether a filter can have this value.
fn is_valid(name: &str, value: &str) -> bool {
    match name {
        "sort" => value.parse::<ThemeSort>().is_ok(),
        "trend" => value.split(',').all(|part| part.parse::<Trend>().is_ok()),
        _ => true,
    }
}

inventory::submit!(ListPage::of(
    ViewPage::Themes,
    &["product", "sort", "trend", "language", "story", "muted", "archived", "q"],
    is_valid
));
inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/themes", &[("GET", May("list_themes"))]).get(list));
}
