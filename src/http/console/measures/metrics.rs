//! `/console/metrics`: the metrics of a product with where they stand, and defining one.

use actix_web::HttpRequest;
use actix_web::web::{Payload, Query, ServiceConfig};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::fields::{fields, input};
use crate::app::App;
use crate::domain::base::decode::decode;
use crate::domain::base::{Paging, Time};
use crate::domain::measures::metric::{Metric, MetricDirection, MetricKind, MetricQuery, MetricSummary, NewMetric};
use crate::domain::team::Product;
use crate::error::{Error, Result};
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
use crate::store::measures::metrics;
use crate::store::team::products;
use crate::usecase::measures::{definitions, reading};

const HERE: &str = "/console/metrics";
/// The metrics that are shown.
const SHOWN: i64 = 200;

/// What the address says: the state of the page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    product: String,
    archived: Option<String>,
}

#[derive(Template)]
#[template(path = "console/measures/metrics.html")]
struct MetricsPage {
    shell: Shell,
    products: Vec<Product>,
    product: Product,
    metrics: Vec<MetricSummary>,
    archived: bool,
    fields: Vec<Field>,
    wrong: Wrong,
}

impl MetricsPage {
    /// The kinds of which there are metrics, business first.
    fn kinds(&self) -> Vec<(&'static str, Vec<&MetricSummary>)> {
        let of = |kind: &MetricKind| self.metrics.iter().filter(|one| one.metric.kind == *kind).collect::<Vec<_>>();
        MetricKind::ALL.iter().map(|kind| (kind.as_str(), of(kind))).filter(|(_, own)| !own.is_empty()).collect()
    }

    fn trend(&self, summary: &MetricSummary) -> Option<TrendShown> {
        trend(&self.shell, summary)
    }
}

/// The trend of a metric in words.
pub struct TrendShown {
    /// `good`, `bad` or nothing, by the direction in which the metric becomes better.
    pub class: &'static str,
    pub text: String,
}

/// The last seven days beside the seven before.
pub fn trend(shell: &Shell, summary: &MetricSummary) -> Option<TrendShown> {
    let trend = summary.trend?;
    let (now, before) = (trend.last_7_days, trend.previous_7_days);
    let text = shell.t.met_trend(shell.number(&now), shell.number(&before));
    // Less than one in a hundred is no change worth a colour.
    let is_same = (now - before).abs() <= 0.01 * before.abs().max(1e-12);
    let is_better = (now > before) == (summary.metric.direction == MetricDirection::Up);
    let class = match (is_same, is_better) {
        (true, _) => "",
        (false, true) => "good",
        (false, false) => "bad",
    };
    Some(TrendShown { class, text })
}

/// What the page reads.
struct Found {
    products: Vec<Product>,
    product: Product,
    metrics: Vec<MetricSummary>,
}

fn read(conn: &mut Conn, asked: &Asked, now: Time) -> Result<Found> {
    let products = products::current(conn)?;
    let key = &asked.product;
    let named = products.iter().find(|one| key.is_empty() || one.key == *key || one.id.to_string() == *key);
    let product = named.cloned().ok_or_else(|| Error::not_found("product"))?;
    let query = MetricQuery {
        product: Some(product.id.to_string()),
        archived: asked.archived.is_some().then_some(true),
        limit: Some(SHOWN),
        ..MetricQuery::default()
    };
    let found = metrics::list(conn, &query, &Paging::of(HERE, &query)?)?.data;
    let mut metrics = reading::summaries_of(conn, found, now)?;
    metrics.sort_by_key(|one| one.metric.name.to_lowercase());
    Ok(Found { products, product, metrics })
}

async fn page(app: &AppData, request: &HttpRequest, visit: Visit, asked: Asked, form: Option<(Form, Wrong)>) -> Shown {
    let (now, archived) = (app.store.clock.now(), asked.archived.is_some());
    let found = visit.read(app, move |conn| read(conn, &asked, now)).await?;
    let (form, wrong) = form.map_or((None, Wrong::default()), |(form, wrong)| (Some(form), wrong));
    let shell =
        Shell::new(request, |t| if wrong.is_empty() { t.nav_metrics() } else { t.error_in_title(t.nav_metrics()) });
    let fields = fields(&shell.t, None, form.as_ref(), &wrong);
    let status = status(&wrong);
    let Found { products, product, metrics } = found;
    show_as(status, request, &MetricsPage { shell, products, product, metrics, archived, fields, wrong })
}

async fn list(app: AppData, request: HttpRequest, visit: Visit, asked: Query<Asked>) -> Shown {
    page(&app, &request, visit, asked.into_inner(), None).await
}

async fn define(app: &App, visit: &Visit, form: &Form) -> Result<Metric> {
    let mut new = input(form, None)?;
    new["key"] = json!(form.trimmed("key"));
    new["counter"] = json!(form.has("counter", "true"));
    if let Some(product) = form.given("product") {
        new["product"] = json!(product);
    }
    let new: NewMetric = decode(new)?;
    let allow_private = app.config.allow_private_addresses;
    visit.write(app, move |tx| definitions::create(tx, &new, &|url: &str| check_url(url, allow_private))).await
}

async fn create(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    match define(&app, &visit, &form).await {
        Ok(metric) => Ok(done(&request, &format!("{HERE}/{}", metric.id), Flash::MetricDefined)),
        Err(error) => {
            let wrong = refusal(error, "key")?;
            let asked = Asked { product: form.get("product").to_owned(), archived: None };
            page(&app, &request, visit, asked, Some((form, wrong))).await
        }
    }
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_metrics")), ("POST", May("create_metric"))];
    config.service(page_at("/console/metrics", rules).get(list).post(create));
}
