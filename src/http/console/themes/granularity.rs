//! `/console/themes/granularity`: how fine the themes of a product are, why, and what other values would give.

use actix_web::HttpRequest;
use actix_web::web::{self, Payload, ServiceConfig};
use askama::Template;
use serde_json::json;

use crate::domain::base::{Id, Reference};
use crate::domain::team::Product;
use crate::domain::themes::{Granularity, GranularityPreview, ProposalState};
use crate::error::{Error, Result};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{PagesBeforeIds, page_at};
use crate::store::Conn;
use crate::store::team::products;
use crate::store::themes::proposals;
use crate::usecase::team::products as acts;
use crate::usecase::themes::granularity;

#[derive(Template)]
#[template(path = "console/themes/granularity.html")]
struct GranularityPage {
    shell: Shell,
    products: Vec<Product>,
    product: Product,
    explained: Granularity,
    preview: Option<GranularityPreview>,
    open: i64,
    refusal: Refusal,
}

impl GranularityPage {
    /// Whether this value is in use.
    fn is_chosen(&self, value: &f64) -> bool {
        (self.explained.chosen - value).abs() < 1e-6
    }

    fn share(&self, value: &f64) -> String {
        format!("{:.0}%", 100.0 * value)
    }

    /// The candidates by their value.
    fn candidates(&self) -> Vec<&crate::domain::themes::GranularityCandidate> {
        let mut all: Vec<_> = self.explained.candidates.iter().collect();
        all.sort_by(|a, b| a.granularity.total_cmp(&b.granularity));
        all
    }
}

fn product_of(conn: &mut Conn, named: Option<&str>) -> Result<Product> {
    match products::named(conn, named)? {
        Some(product) => Ok(product),
        // The oldest that the member may see: they may not see the default product.
        None => products::all(conn)?.into_iter().next().ok_or_else(|| Error::not_found("product")),
    }
}

/// The preview of other values; one at a time for a product, as in the API.
async fn previewed(app: &AppData, visit: &Visit, product: Id) -> Result<GranularityPreview> {
    let protected = visit.read(app, move |conn| proposals::protected(conn, product)).await?;
    let (groups, running) = (app.groups.clone(), app.groups.begin_preview(product)?);
    let work = move || {
        let preview = granularity::preview(&groups, product, None, &protected);
        drop(running);
        preview
    };
    web::block(work).await.map_err(Error::internal)
}

async fn page(app: &AppData, request: &HttpRequest, visit: Visit, named: Option<String>, refusal: Refusal) -> Shown {
    let read = move |conn: &mut Conn| {
        let product = product_of(conn, named.as_deref())?;
        let explained = granularity::explained(conn, &product)?;
        Ok((products::offered(conn, &product)?, product, explained, proposals::count(conn, ProposalState::Open)?))
    };
    let (products, product, explained, open) = visit.read(app, read).await?;
    let shell = Shell::new(request, |t| t.granularity());
    let wanted = Form::of_query(request)?.get("preview") == "yes" && shell.may("preview_granularity");
    let preview = if wanted { Some(previewed(app, &visit, product.id).await?) } else { None };
    show_as(refusal.status(), request, &GranularityPage { shell, products, product, explained, preview, open, refusal })
}

async fn show(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    let named = Form::of_query(&request)?.given("product").map(str::to_owned);
    page(&app, &request, visit, named, Refusal::default()).await
}

async fn set(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let key = form.given("product").map(str::to_owned).ok_or_else(|| Reference::Product.refusal("/product"))?;
    let if_match = form.get("version").parse().ok();
    let value: f64 = form
        .trimmed("granularity")
        .replace(',', ".")
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())
        .unwrap_or(-1.0);
    let named = key.clone();
    let act = move |tx: &mut crate::store::Tx<'_>| {
        let product = products::known(tx.conn, &named)?;
        acts::edit(tx, product.id, if_match, &json!({ "settings": { "granularity": value } })).map(drop)
    };
    match visit.write(&app, act).await {
        Ok(()) => {
            let query = serde_urlencoded::to_string([("product", &key)]).unwrap_or_default();
            Ok(done(&request, &format!("/console/themes/granularity?{query}"), Flash::Granular))
        }
        Err(error) if Refusal::fits(&error) => {
            let t = Shell::new(&request, |_| String::new()).t;
            page(&app, &request, visit, Some(key), Refusal::of(error, form, t)).await
        }
        Err(error) => Err(error),
    }
}

inventory::submit!(PagesBeforeIds(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("get_granularity")), ("POST", May("update_product"))];
    config.service(page_at("/console/themes/granularity", rules).get(show).post(set));
}
