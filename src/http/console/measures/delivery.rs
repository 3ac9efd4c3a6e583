//! `/console/products/{id}/delivery`: the five delivery figures, each with its rows.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use super::figure_cards::{FigureCard, cards};
use crate::domain::measures::arrivals::Arrival;
use crate::domain::measures::delivery::{Blamed, DeliveryFigures, FiguresQuery};
use crate::domain::team::Product;
use crate::error::{Error, Result};
use crate::http::base::extract::segment;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::team::products;
use crate::usecase::measures::delivery;

/// What the page reads.
struct Found {
    figures: DeliveryFigures,
    services: Vec<String>,
}

#[derive(Template)]
#[template(path = "console/measures/delivery.html")]
struct DeliveryPage {
    shell: Shell,
    product: Product,
    asked: Form,
    delivery: DeliveryFigures,
    /// The services with deployments in the period.
    services: Vec<String>,
    cards: Vec<FigureCard>,
}

impl DeliveryPage {
    /// The first and the last day of the period, as fields of a form have them.
    fn first_day(&self) -> String {
        self.product.calendar().date(self.delivery.from)
    }

    fn end_day(&self) -> String {
        self.product.calendar().date(self.delivery.to)
    }

    /// The last day that belongs to the period.
    fn last_day(&self) -> String {
        self.shell.planned_day(&self.delivery.to.plus(-1), &self.product)
    }

    fn is_chosen(&self, service: &str) -> bool {
        self.asked.get("service") == service
    }

    /// What a deployment is called: its version, or else the beginning of its revision.
    fn name(&self, arrival: &Arrival) -> String {
        let revision = arrival.revision.as_deref().map(|text| text.chars().take(12).collect());
        arrival.version.clone().or(revision).unwrap_or_else(|| self.shell.t.dlv_deployment())
    }

    fn hours(&self, hours: &Option<f64>) -> String {
        hours.map(|hours| super::figure_cards::duration(&self.shell, hours)).unwrap_or_else(|| "–".to_owned())
    }

    fn incident(&self, blamed: &Blamed) -> String {
        match blamed.inferred {
            true => format!("{} ({})", blamed.number, self.shell.t.dlv_inferred()),
            false => blamed.number.clone(),
        }
    }
}

/// What the address asks for.
fn query(asked: &Form) -> FiguresQuery {
    let given = |name: &str| asked.given(name).map(str::to_owned);
    FiguresQuery {
        from: given("from"),
        to: given("to"),
        environment: given("environment"),
        service: given("service"),
        inferred: (asked.get("inferred") == "false").then_some(false),
    }
}

async fn page(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    let (asked, key): (Form, String) = (Form::of_query(&request)?, segment(&request, "id")?);
    let (wanted, now) = (query(&asked), app.store.clock.now());
    let read = move |conn: &mut Conn| -> Result<(Product, Found)> {
        let product = products::find(conn, &key)?.ok_or_else(|| Error::not_found("product"))?;
        let figures = delivery::figures(conn, &product, &wanted, now)?;
        // All services stay in the choice when one is chosen.
        let all = match wanted.service {
            None => figures.services.clone(),
            Some(_) => {
                delivery::figures(conn, &product, &FiguresQuery { service: None, ..wanted.clone() }, now)?.services
            }
        };
        let services = all.into_iter().filter_map(|of_one| of_one.service).collect();
        Ok((product, Found { figures, services }))
    };
    let (product, Found { figures: delivery, services }) = visit.read(&app, read).await?;
    let name = product.name.clone();
    let shell = Shell::new(&request, |t| t.dlv_title(name));
    let cards = cards(&shell, &delivery);
    show(&request, &DeliveryPage { shell, product, asked, delivery, services, cards })
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/products/{id}/delivery", &[("GET", May("get_delivery_figures"))]).get(page));
}
