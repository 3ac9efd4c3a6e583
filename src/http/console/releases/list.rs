//! `/console/releases`: the releases and trains of a product in a calendar, and planning a release.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::web::{Payload, Query, ServiceConfig};
use askama::Template;
use chrono::Datelike;
use serde::Deserialize;
use serde_json::json;

use crate::domain::base::calendar::parse_date;
use crate::domain::base::decode::decode;
use crate::domain::base::{Paging, Time};
use crate::domain::releases::{Departure, NewRelease, Release, ReleaseQuery};
use crate::domain::team::Product;
use crate::domain::team::view::ViewPage;
use crate::error::{Error, Result};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::kept::views::ListPage;
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::console::settings::fields::{Field, refusal, status};
use crate::http::{Pages, page_at};
use crate::store::releases::rows;
use crate::store::team::products;
use crate::store::{Conn, Tx};
use crate::usecase::releases::{planning, trains};

const HERE: &str = "/console/releases";
/// The departures that are shown ahead.
const AHEAD: usize = 8;
/// The releases that are shown.
const SHOWN: i64 = 100;

/// What the address says: the state of the page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    product: String,
}

/// A line of the calendar: a release, or a train that nothing is planned for yet.
struct Line {
    /// When it is planned for, leaves or was shipped.
    at: Option<Time>,
    release: Option<Release>,
    /// Stories on board, and stories that missed their train.
    aboard: usize,
    missed: usize,
}

/// A month of the calendar.
struct Month {
    /// Year and month.
    key: (i32, u32),
    title: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "console/releases/releases.html")]
struct ReleasesPage {
    shell: Shell,
    products: Vec<Product>,
    product: Product,
    months: Vec<Month>,
    /// Releases without a date.
    undated: Vec<Line>,
    now: Time,
    fields: Vec<Field>,
    wrong: Wrong,
}

impl ReleasesPage {
    /// The class of a line.
    fn class(&self, line: &Line) -> &'static str {
        match &line.release {
            None => "empty-train",
            Some(release) if release.shipped_at.is_some() => "shipped",
            Some(_) => "now",
        }
    }

    fn late(&self, line: &Line) -> bool {
        line.release.as_ref().is_some_and(|release| release.state.is_open()) && line.at.is_some_and(|at| at < self.now)
    }
}

/// What the page reads.
struct Found {
    products: Vec<Product>,
    product: Product,
    releases: Vec<Release>,
    departures: Vec<Departure>,
}

fn read(conn: &mut Conn, key: &str, now: Time) -> Result<Found> {
    let products = products::current(conn)?;
    let named = products.iter().find(|product| key.is_empty() || product.key == key || product.id.to_string() == key);
    let product = named.cloned().ok_or_else(|| Error::not_found("product"))?;
    let query = ReleaseQuery { product: Some(product.id.to_string()), limit: Some(SHOWN), ..ReleaseQuery::default() };
    let releases = rows::list(conn, &query, &Paging::of(HERE, &query)?)?.data;
    let departures = trains::upcoming(conn, product.id, now, AHEAD)?;
    Ok(Found { products, product, releases, departures })
}

/// The lines of the calendar by month, the latest month first; and those without a date.
fn calendar(
    shell: &Shell,
    product: &Product,
    releases: Vec<Release>,
    departures: &[Departure],
) -> (Vec<Month>, Vec<Line>) {
    let release_line = |release: Release| {
        let at = release.shipped_at.or(release.train_at).or(release.planned_for);
        let aboard = release.aboard().count();
        Line { at, aboard, missed: release.stories.len() - aboard, release: Some(release) }
    };
    let empty = departures.iter().filter(|departure| departure.release.is_none());
    let empty = empty.map(|departure| Line { at: Some(departure.leaves_at), release: None, aboard: 0, missed: 0 });
    let mut lines: Vec<Line> = releases.into_iter().map(release_line).chain(empty).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    let days = product.calendar();
    let (mut months, mut undated) = (BTreeMap::<(i32, u32), Month>::new(), Vec::new());
    for line in lines {
        let Some(at) = line.at else {
            undated.push(line);
            continue;
        };
        let day = days.day(at);
        let key = (day.year(), day.month());
        let title = shell.t.rel_month_name(key.1, key.0);
        months.entry(key).or_insert_with(|| Month { key, title, lines: Vec::new() }).lines.push(line);
    }
    (months.into_values().rev().collect(), undated)
}

async fn page(
    app: &AppData,
    request: &HttpRequest,
    visit: Visit,
    product: String,
    form: Option<(Form, Wrong)>,
) -> Shown {
    let now = app.store.clock.now();
    let found = visit.read(app, move |conn| read(conn, &product, now)).await?;
    let (form, wrong) = form.map_or((None, Wrong::default()), |(form, wrong)| (Some(form), wrong));
    let shell =
        Shell::new(request, |t| if wrong.is_empty() { t.nav_releases() } else { t.error_in_title(t.nav_releases()) });
    let (t, sent) = (shell.t, form.as_ref());
    let free = found.departures.iter().filter(|departure| departure.release.is_none());
    let free: Vec<(String, String)> = free
        .map(|departure| (departure.leaves_at.to_string(), shell.planned_day(&departure.leaves_at, &found.product)))
        .collect();
    let mut fields = vec![Field::line("name", t.set_name()).required().hint(t.rel_release_name_hint()).value(sent, "")];
    if free.is_empty() {
        fields.push(Field::new("planned_for", t.rel_planned_for(), "date").value(sent, ""));
    } else {
        let trains = std::iter::once((String::new(), t.rel_no_train())).chain(free);
        fields.push(Field::choice("train_at", t.rel_train(), trains).value(sent, ""));
        fields.push(
            Field::new("planned_for", t.rel_planned_for(), "date").hint(t.rel_planned_for_hint()).value(sent, ""),
        );
    }
    let fields = fields.into_iter().map(|field| field.checked(&wrong, &t)).collect();
    let (months, undated) = calendar(&shell, &found.product, found.releases, &found.departures);
    let status = status(&wrong);
    let page =
        ReleasesPage { shell, products: found.products, product: found.product, months, undated, now, fields, wrong };
    show_as(status, request, &page)
}

async fn list(app: AppData, request: HttpRequest, visit: Visit, asked: Query<Asked>) -> Shown {
    page(&app, &request, visit, asked.into_inner().product, None).await
}

/// The start of a day of the product, as the API takes a time; what is no date is left for the API to refuse.
pub fn start_of(day: Option<&str>, product: &Product) -> Option<String> {
    day.map(|text| match parse_date(text) {
        Some(day) => product.calendar().start_of(day).to_string(),
        None => text.to_owned(),
    })
}

fn plan(tx: &mut Tx<'_>, form: &Form) -> Result<Release> {
    let product = planning::product_of(tx.conn, form.given("product"))?;
    let mut input = json!({ "name": form.trimmed("name") });
    for (field, value) in [
        ("product", form.given("product").map(str::to_owned)),
        ("train_at", form.given("train_at").map(str::to_owned)),
        ("planned_for", start_of(form.given("planned_for"), &product)),
    ] {
        if let Some(value) = value {
            input[field] = json!(value);
        }
    }
    let input: NewRelease = decode(input)?;
    planning::create(tx, &input)
}

async fn create(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let sent = form.clone();
    match visit.write(&app, move |tx| plan(tx, &sent)).await {
        Ok(release) => Ok(done(&request, &format!("{HERE}/{}", release.id), Flash::ReleasePlanned)),
        Err(error) => {
            let wrong = refusal(error, "name")?;
            let product = form.get("product").to_owned();
            page(&app, &request, visit, product, Some((form, wrong))).await
        }
    }
}

inventory::submit!(ListPage::of(ViewPage::Releases, &["product"], |_, _| true));
inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_releases")), ("POST", May("create_release"))];
    config.service(page_at("/console/releases", rules).get(list).post(create));
}
