//! `/console/themes/map`: the themes of a product by meaning.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use crate::domain::team::Product;
use crate::domain::themes::{ProposalState, ThemePoint};
use crate::error::Error;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::chart::{self, Circle};
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{PagesBeforeIds, page_at};
use crate::store::Conn;
use crate::store::team::products;
use crate::store::themes::proposals;
use crate::usecase::themes::overview;

/// The side of the picture, and the sizes of its letters on a small screen and on a large one.
const SIDE: f64 = 760.0;
const LETTERS: [f64; 2] = [22.0, 15.0];
/// The longest label in the picture, in characters.
const LABEL: usize = 26;

/// A theme in the picture.
struct Spot {
    point: ThemePoint,
    circle: Circle,
    /// Its label, shortened.
    label: String,
}

#[derive(Template)]
#[template(path = "console/themes/theme_map.html")]
struct MapPage {
    shell: Shell,
    products: Vec<Product>,
    product: Product,
    spots: Vec<Spot>,
    open: i64,
    /// The grouping is still being loaded.
    is_unknown: bool,
}

impl MapPage {
    /// A length in the picture.
    fn at(&self, value: &f64) -> String {
        format!("{value:.1}")
    }

    /// A coordinate in the table.
    fn coordinate(&self, value: &f64) -> String {
        format!("{value:.2}")
    }
}

fn shortened(label: &str) -> String {
    match label.chars().count() {
        count if count <= LABEL => label.to_owned(),
        _ => format!("{}…", label.chars().take(LABEL - 1).collect::<String>().trim_end()),
    }
}

fn spots(points: Vec<ThemePoint>) -> Vec<Spot> {
    let labels: Vec<String> = points.iter().map(|point| shortened(&point.theme.label)).collect();
    let places: Vec<([f64; 2], f64, &str)> = points
        .iter()
        .zip(&labels)
        .map(|(point, label)| ([point.x, point.y], f64::from(point.theme.size), label.as_str()))
        .collect();
    let circles = chart::circles(&places, SIDE, LETTERS);
    let spots = points.into_iter().zip(circles).zip(labels.clone());
    spots.map(|((point, circle), label)| Spot { point, circle, label }).collect()
}

async fn map(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    let (asked, groups) = (Form::of_query(&request)?, app.groups.clone());
    let named = asked.given("product").map(str::to_owned);
    let read = move |conn: &mut Conn| {
        let product = match products::named(conn, named.as_deref())? {
            Some(product) => product,
            // The oldest that the member may see: they may not see the default product.
            None => products::all(conn)?.into_iter().next().ok_or_else(|| Error::not_found("product"))?,
        };
        let map = overview::map(conn, &groups, product.id)?;
        Ok((
            products::offered(conn, &product)?,
            product,
            map.data,
            !map.complete,
            proposals::count(conn, ProposalState::Open)?,
        ))
    };
    let (products, product, points, is_unknown, open) = visit.read(&app, read).await?;
    let shell = Shell::new(&request, |t| t.map_title());
    show(&request, &MapPage { shell, products, product, spots: spots(points), open, is_unknown })
}

inventory::submit!(PagesBeforeIds(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/themes/map", &[("GET", May("get_theme_map"))]).get(map));
}
