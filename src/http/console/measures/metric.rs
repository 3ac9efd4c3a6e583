//! `/console/metrics/{id}`: a metric drawn over time with releases and deployments, its numbers, and its definition.

use actix_web::HttpRequest;
use actix_web::web::{Payload, Query, ServiceConfig};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::chart::{LineChart, drawn, named};
use super::fields::{fields, input};
use super::metrics::{TrendShown, trend};
use crate::domain::base::{Id, Time};
use crate::domain::measures::annotation::Annotation;
use crate::domain::measures::metric::{Metric, MetricSummary};
use crate::domain::measures::selector::Labels;
use crate::domain::measures::series::{MetricSeries, Point, SeriesQuery};
use crate::domain::team::Product;
use crate::error::{Error, Result};
use crate::http::base::extract::segment;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::console::settings::fields::{Field, refusal, status};
use crate::http::{Pages, page_at};
use crate::outside::client::check_url;
use crate::store::Conn;
use crate::store::team::products;
use crate::usecase::measures::{annotations, definitions, reading};

/// The periods that can be chosen, in days.
const PERIODS: [i64; 5] = [1, 7, 28, 90, 365];
/// Rows of the table.
const ROWS: usize = 100;

/// What the address says: the state of the page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    product: Option<String>,
    days: Option<i64>,
}

impl Asked {
    fn days(&self) -> i64 {
        self.days.filter(|days| PERIODS.contains(days)).unwrap_or(28)
    }
}

/// What the page reads.
struct Found {
    product: Product,
    summary: MetricSummary,
    series: MetricSeries,
    happened: Vec<Annotation>,
}

#[derive(Template)]
#[template(path = "console/measures/metric.html")]
struct MetricPage {
    shell: Shell,
    found: Found,
    chart: LineChart,
    days: i64,
    fields: Vec<Field>,
    wrong: Wrong,
}

impl MetricPage {
    fn metric(&self) -> &Metric {
        &self.found.summary.metric
    }

    fn periods(&self) -> &'static [i64] {
        &PERIODS
    }

    fn trend(&self) -> Option<TrendShown> {
        trend(&self.shell, &self.found.summary)
    }

    /// The latest rows of the table: a series and its point.
    fn rows(&self) -> Vec<(&Labels, &Point)> {
        let all = self.found.series.series.iter();
        let mut rows: Vec<(&Labels, &Point)> =
            all.flat_map(|one| one.points.iter().map(move |point| (&one.labels, point))).collect();
        rows.sort_by_key(|(_, point)| std::cmp::Reverse(point.at));
        rows.truncate(ROWS);
        rows
    }

    fn series_name(&self, labels: &Labels) -> String {
        named(labels)
    }

    fn drawn(&self, point: &Point) -> String {
        self.shell.number(&drawn(point, self.metric().counter))
    }

    /// The time of a point; of a day only its date, which is that of the product's time zone.
    fn at(&self, point: &Point) -> String {
        if self.found.series.step == "1d" {
            self.shell.planned_day(&point.at, &self.found.product)
        } else {
            self.shell.time(&point.at)
        }
    }

    /// Samples that were refused, by the reason.
    fn refused(&self) -> Vec<(&'static str, i64)> {
        let intake = &self.metric().intake;
        let all = [
            ("too_old", intake.too_old),
            ("in_future", intake.in_future),
            ("not_finite", intake.not_finite),
            ("too_many_series", intake.too_many_series),
            ("too_frequent", intake.too_frequent),
        ];
        all.into_iter().filter(|(_, count)| *count > 0).collect()
    }
}

fn read(conn: &mut Conn, key: &str, asked: &Asked, now: Time) -> Result<Found> {
    let metric = definitions::named(conn, key, asked.product.as_deref())?;
    let product = products::get(conn, metric.product_id)?;
    let from = now.plus(-asked.days() * Time::DAY);
    let query = SeriesQuery { from: Some(from), ..SeriesQuery::default() };
    let series = reading::read(conn, &metric, &query, now)?;
    let happened = annotations::between(conn, Some(product.id), from, now.plus(1))?;
    let summary = reading::summaries_of(conn, vec![metric], now)?.pop().ok_or_else(|| Error::not_found("metric"))?;
    Ok(Found { product, summary, series, happened })
}

async fn page(app: &AppData, request: &HttpRequest, visit: Visit, asked: Asked, form: Option<(Form, Wrong)>) -> Shown {
    let key: String = segment(request, "id")?;
    let (now, days) = (app.store.clock.now(), asked.days());
    let found = visit.read(app, move |conn| read(conn, &key, &asked, now)).await?;
    let (form, wrong) = form.map_or((None, Wrong::default()), |(form, wrong)| (Some(form), wrong));
    let metric = &found.summary.metric;
    let name = metric.name.clone();
    let shell = Shell::new(request, |t| if wrong.is_empty() { name } else { t.error_in_title(name) });
    let chart = LineChart::of(&found.series, metric.counter, metric.target, &found.happened);
    let fields = fields(&shell.t, Some(metric), form.as_ref(), &wrong);
    let status = status(&wrong);
    show_as(status, request, &MetricPage { shell, found, chart, days, fields, wrong })
}

async fn show(app: AppData, request: HttpRequest, visit: Visit, asked: Query<Asked>) -> Shown {
    page(&app, &request, visit, asked.into_inner(), None).await
}

/// The metric that the address names, for a form.
async fn metric_of(app: &AppData, request: &HttpRequest, visit: &Visit) -> Result<Metric> {
    let key: String = segment(request, "id")?;
    visit.read(app, move |conn| definitions::named(conn, &key, None)).await
}

async fn save(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let metric = metric_of(&app, &request, &visit).await?;
    let (id, version) = (metric.id, form.get("version").parse().ok());
    let allow_private = app.config.allow_private_addresses;
    let saved = match input(&form, metric.prometheus.map(|pull| pull.every)) {
        Ok(patch) => {
            let check = move |url: &str| check_url(url, allow_private);
            visit.write(&app, move |tx| definitions::edit(tx, id, version, &patch, &check).map(drop)).await
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(done(&request, &address(id), Flash::Saved)),
        Err(error) => {
            let wrong = refusal(error, "name")?;
            page(&app, &request, visit, Asked::default(), Some((form, wrong))).await
        }
    }
}

async fn archive(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let id = metric_of(&app, &request, &visit).await?.id;
    let archived = form.get("archived") == "true";
    let patch = json!({ "archived": archived });
    let unchecked = |_: &str| Ok(());
    visit.write(&app, move |tx| definitions::edit(tx, id, None, &patch, &unchecked).map(drop)).await?;
    Ok(done(&request, &address(id), if archived { Flash::MetricArchived } else { Flash::MetricRestored }))
}

fn address(id: Id) -> String {
    format!("/console/metrics/{id}")
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("get_metric_series")), ("POST", May("edit_metric"))];
    config
        .service(page_at("/console/metrics/{id}", rules).get(show).post(save))
        .service(page_at("/console/metrics/{id}/archive", &[("POST", May("edit_metric"))]).post(archive));
}
