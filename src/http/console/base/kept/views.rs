//! Saved views on the pages of lists. A list takes part with two lines: it registers itself,
//! `inventory::submit!(ListPage::of(ViewPage::Backlog, &FILTERS, is_valid));`, and its template includes
//! `console/entry/view_links.html`. A member whose list opens with a view is led there from the list's plain address.

use std::rc::Rc;

use actix_web::http::{Method, header};
use actix_web::{HttpMessage, HttpRequest, web};

use crate::app::App;
use crate::domain::base::Paging;
use crate::domain::team::view::{ListFilters, SavedView, ViewPage};
use crate::error::{Error, Result};
use crate::http::console::base::visit::{self, Visit};
use crate::store::team::views as stored;

/// The most links in the line above a list.
const LINKS: i64 = 24;

/// A list of which views can be saved.
pub struct ListPage {
    pub page: ViewPage,
    /// The names of its filters.
    names: &'static [&'static str],
    /// Whether a filter can have this value.
    valid: fn(&str, &str) -> bool,
}

inventory::collect!(ListPage);

impl ListPage {
    /// The list with these filters, and whether one can have a value.
    pub const fn of(page: ViewPage, names: &'static [&'static str], valid: fn(&str, &str) -> bool) -> Self {
        Self { page, names, valid }
    }

    fn read(&self, query: &str) -> Result<ListFilters> {
        let wrong = || Error::field("/query", "format", "is not the query of an address of this list");
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).map_err(|_| wrong())?;
        let mut kept = ListFilters::default();
        for name in self.names {
            let values = pairs.iter().filter(|(given, value)| given == name && !value.trim().is_empty());
            kept.0.extend(values.map(|(name, value)| (name.clone(), value.trim().to_owned())));
        }
        if kept.0.iter().all(|(name, value)| (self.valid)(name, value)) { Ok(kept) } else { Err(wrong()) }
    }
}

/// Reads the query of a list's address as the list itself does.
///
/// # Errors
/// 422 for a query that the list refuses, and for a list that has no page.
pub fn read(page: ViewPage, query: &str) -> Result<ListFilters> {
    let query = query.trim_start_matches('?');
    let list = inventory::iter::<ListPage>.into_iter().find(|list| list.page == page);
    let list = list.ok_or_else(|| Error::field("/page", "unsupported", "is a list of which no views can be saved"))?;
    list.read(query)
}

/// The lists of which views can be saved.
pub fn lists() -> Vec<ViewPage> {
    let mut pages: Vec<ViewPage> = inventory::iter::<ListPage>.into_iter().map(|list| list.page).collect();
    pages.sort();
    pages
}

/// A link to a view.
pub struct ViewLink {
    pub view: SavedView,
    pub address: String,
    /// Whether it is what the page shows.
    pub is_here: bool,
}

/// The address of a view.
pub fn address(view: &SavedView) -> String {
    let page = view.page.address();
    if view.query.is_empty() { format!("{page}?all=true") } else { format!("{page}?{}", view.query) }
}

/// The line of views above a list.
pub struct ViewLinks {
    pub page: ViewPage,
    pub links: Vec<ViewLink>,
    /// The filters of the page as a query.
    pub query: String,
}

impl ViewLinks {
    /// The address of the whole list.
    pub fn whole(&self) -> String {
        format!("{}?all=true", self.page.address())
    }

    /// Whether the page shows the whole list.
    pub fn is_whole(&self) -> bool {
        self.query.is_empty()
    }

    /// Whether the page shows something that no view is.
    pub fn is_new(&self) -> bool {
        !self.is_whole() && !self.links.iter().any(|link| link.is_here)
    }
}

/// The views of the list at this address, for its template; see [`load`].
pub fn of(request: &HttpRequest) -> Option<Rc<ViewLinks>> {
    request.extensions().get::<Rc<ViewLinks>>().cloned()
}

/// Reads the views of a list that is asked for, and keeps them with the request; answers the address of the view that the
/// list opens with, if the member comes to its plain address from elsewhere.
///
/// # Errors
/// Those of the database.
pub async fn load(request: &HttpRequest) -> Result<Option<String>> {
    let is_get = request.method() == Method::GET;
    let list = inventory::iter::<ListPage>.into_iter().find(|list| is_get && list.page.address() == request.path());
    let (Some(list), Some(visit), Some(app)) = (list, visit::of(request), request.app_data::<web::Data<App>>()) else {
        return Ok(None);
    };
    let Ok(filters) = list.read(request.query_string()) else { return Ok(None) };
    let views = visible(&visit, app, list.page).await?;
    let opening = views.iter().find(|view| view.opens && !view.query.is_empty());
    if let Some(view) = opening.filter(|_| request.uri().query().is_none() && !comes_from_itself(request)) {
        return Ok(Some(address(view)));
    }
    let query = filters.to_query();
    let link = |view: SavedView| ViewLink { address: address(&view), is_here: view.query == query, view };
    let links = views.into_iter().map(link).collect();
    request.extensions_mut().insert(Rc::new(ViewLinks { page: list.page, links, query }));
    Ok(None)
}

async fn visible(visit: &Visit, app: &App, page: ViewPage) -> Result<Vec<SavedView>> {
    let member = Some(visit.member.id);
    let paging = Paging::new(Some(LINKS), None, String::new())?;
    let found = visit.read(app, move |conn| stored::visible(conn, member, &[page], &paging)).await?;
    Ok(found.data.into_iter().map(|found| found.view).collect())
}

/// Whether a link on the same list leads here, such as "clear": then the whole list is meant.
fn comes_from_itself(request: &HttpRequest) -> bool {
    let from = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = from.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    path.and_then(|path| path.split(['?', '#']).next()) == Some(request.path())
}
