//! `/console/products/{id}`: a product at a glance, for the whole team.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use super::chart::LineChart;
use super::figure_cards::{FigureCard, cards, duration};
use crate::domain::base::calendar::plus_days;
use crate::domain::base::{Paging, Time};
use crate::domain::measures::annotation::Annotation;
use crate::domain::measures::delivery::{DeliveryFigures, FiguresQuery};
use crate::domain::measures::metric::Metric;
use crate::domain::measures::series::{MetricSeries, SeriesQuery};
use crate::domain::measures::voice::VoiceWeek;
use crate::domain::operations::figures::{IncidentFigures, IncidentFiguresQuery, Spread};
use crate::domain::operations::incident::{Incident, IncidentQuery};
use crate::domain::search::several::Several;
use crate::domain::stories::{Story, StoryQuery};
use crate::domain::team::{Product, Weekday};
use crate::domain::themes::{Theme, ThemeQuery, ThemeSort, Trend};
use crate::error::{Error, Result};
use crate::http::base::extract::segment;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::page::{Shown, see_other, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::measures::{metrics, voice};
use crate::store::operations::incidents;
use crate::store::team::products;
use crate::store::{Conn, stories, themes};
use crate::usecase::measures::zone::zone_of;
use crate::usecase::measures::{annotations, delivery, reading};
use crate::usecase::operations::figures as incident_figures;

/// Weeks of feedback.
const WEEKS: i64 = 8;
/// How far back the figures of incidents go, as those of deployments do, in microseconds.
const RECENT: i64 = 28 * Time::DAY;
/// The most rows of each list.
const SHOWN: usize = 5;
/// Metrics that are drawn; all are on their own page.
const DRAWN: usize = 3;

/// What the page reads.
struct Found {
    product: Product,
    /// All products that the member sees.
    products: Vec<Product>,
    weeks: Vec<VoiceWeek>,
    rising: Vec<Theme>,
    overdue: Vec<Story>,
    waiting: i64,
    incidents: Vec<Incident>,
    passed: IncidentFigures,
    delivery: DeliveryFigures,
    /// Metrics with their last weeks.
    metrics: Vec<(Metric, MetricSeries)>,
    /// Releases, deployments and incidents, to be drawn over the metrics.
    happened: Vec<Annotation>,
}

#[derive(Template)]
#[template(path = "console/measures/dashboard.html")]
struct DashboardPage {
    shell: Shell,
    product: Product,
    found: Found,
    bars: Vec<Bar>,
    cards: Vec<FigureCard>,
    charts: Vec<MetricChart>,
}

/// A metric, drawn.
struct MetricChart {
    metric: Metric,
    chart: LineChart,
}

/// A bar of the chart of feedback.
struct Bar {
    x: usize,
    y: f64,
    height: f64,
}

impl DashboardPage {
    fn rating(&self, week: &VoiceWeek) -> String {
        week.mean_rating.map(|mean| self.shell.number(&mean)).unwrap_or_else(|| self.shell.t.dash_no_rating())
    }

    /// Bounces for each incident.
    fn index(&self) -> String {
        self.found.passed.finger_pointing_index.map(|index| self.shell.number(&index)).unwrap_or_else(|| "–".to_owned())
    }

    /// The median of minutes.
    fn median(&self, spread: &Spread) -> String {
        spread.median.map(|minutes| duration(&self.shell, minutes / 60.0)).unwrap_or_else(|| "–".to_owned())
    }

    /// The numbers of the chart, for those who do not see it.
    fn numbers(&self) -> String {
        self.found.weeks.iter().map(|week| week.items.to_string()).collect::<Vec<_>>().join(", ")
    }
}

/// The starts of the last weeks in the product's calendar, this one too, and the end of this one.
fn starts(product: &Product, now: Time) -> Vec<Time> {
    let calendar = product.calendar();
    let today = calendar.day(now);
    let since_monday = Weekday::ALL.iter().position(|day| *day == calendar.weekday(now)).unwrap_or_default() as i64;
    let monday = plus_days(today, -since_monday);
    (0..=WEEKS).map(|n| calendar.start_of(plus_days(monday, (n - WEEKS + 1) * 7))).collect()
}

fn bars(weeks: &[VoiceWeek]) -> Vec<Bar> {
    let most = weeks.iter().map(|week| week.items).max().unwrap_or_default().max(1) as f64;
    let bar = |(n, week): (usize, &VoiceWeek)| {
        let height = 38.0 * week.items as f64 / most;
        Bar { x: n * 20 + 2, y: 40.0 - height, height }
    };
    weeks.iter().enumerate().map(bar).collect()
}

/// The metrics that have samples, with what happened drawn over them.
fn charts(found: &Found) -> Vec<MetricChart> {
    let chart = |(metric, series): &(Metric, MetricSeries)| MetricChart {
        chart: LineChart::of(series, metric.counter, metric.target, &found.happened),
        metric: metric.clone(),
    };
    found.metrics.iter().map(chart).filter(|one| !one.chart.is_empty()).collect()
}

fn read(conn: &mut Conn, key: &str, now: Time) -> Result<Found> {
    let products = products::all(conn)?;
    let is_named = |product: &&Product| product.key.eq_ignore_ascii_case(key) || product.id.to_string() == key;
    let product = products.iter().find(is_named).cloned().ok_or_else(|| Error::not_found("product"))?;
    let (named, limit) = (Some(product.id.to_string()), Some(SHOWN as i64));
    let paging = Paging { limit: SHOWN, after: None, list: String::new() };
    let growing = ThemeQuery {
        product: named.clone(),
        trend: Some(Several(vec![Trend::Rising])),
        sort: Some(ThemeSort::Growth),
        limit,
        ..ThemeQuery::default()
    };
    let overdue = StoryQuery {
        product: named.clone().map(|id| Several(vec![id])),
        overdue: Some(true),
        limit,
        ..StoryQuery::default()
    };
    let recent = IncidentFiguresQuery { product: named.clone(), from: Some(now.plus(-RECENT)), to: None };
    let open = IncidentQuery { product: named, resolved: Some(false), limit, ..IncidentQuery::default() };
    let mut metrics = metrics::of_product(conn, product.id)?;
    metrics.truncate(DRAWN);
    let drawn = reading::read_all(conn, &metrics, zone_of(&product), &SeriesQuery::default(), now)?;
    let drawn: Vec<(Metric, MetricSeries)> = metrics.into_iter().zip(drawn).collect();
    Ok(Found {
        happened: if drawn.is_empty() {
            Vec::new()
        } else {
            annotations::between(conn, Some(product.id), now.plus(-RECENT), now.plus(1))?
        },
        metrics: drawn,
        weeks: voice::weeks(conn, product.id, &starts(&product, now))?,
        rising: themes::list::list(conn, &growing, &paging)?.data,
        overdue: stories::list::list(conn, &overdue, &paging, now)?.data,
        waiting: voice::waiting(conn, product.id)?,
        incidents: incidents::list(conn, &open, &paging)?.data,
        passed: incident_figures::of(conn, &recent, now)?,
        delivery: delivery::figures(conn, &product, &FiguresQuery::default(), now)?,
        products,
        product,
    })
}

async fn page(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    let key: String = segment(&request, "id")?;
    let now = app.store.clock.now();
    let found = visit.read(&app, move |conn| read(conn, &key, now)).await?;
    let (product, name) = (found.product.clone(), found.product.name.clone());
    let shell = Shell::new(&request, |t| t.dash_title(name));
    let (bars, cards) = (bars(&found.weeks), cards(&shell, &found.delivery));
    let charts = charts(&found);
    show(&request, &DashboardPage { shell, product, found, bars, cards, charts })
}

/// The dashboard of the first product that the member sees.
async fn first(app: AppData, visit: Visit) -> std::result::Result<actix_web::HttpResponse, Error> {
    let products = visit.read(&app, products::all).await?;
    let first = products.first().ok_or_else(|| Error::not_found("product"))?;
    Ok(see_other(&format!("/console/products/{}", first.key)))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/products", &[("GET", May("get_delivery_figures"))]).get(first))
        .service(page_at("/console/products/{id}", &[("GET", May("get_delivery_figures"))]).get(page));
}
