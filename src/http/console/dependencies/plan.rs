//! `/console/products/{key}/plan`: when the stories of a product can be done, with the critical path.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use super::graph::{Graph, graph};
use super::page::{doubt, name};
use crate::domain::stories::plan::{Plan, PlanQuery};
use crate::domain::team::Product;
use crate::error::Error;
use crate::http::base::extract::segment;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, show_as};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::team::products;
use crate::usecase::stories::depending::plans;

#[derive(Template)]
#[template(path = "console/dependencies/plan.html")]
struct PlanPage {
    shell: Shell,
    product: Product,
    plan: Plan,
    graph: Option<Graph>,
    asked: Form,
    refusal: Refusal,
}

async fn show(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    let (key, asked) = (segment::<String>(&request, "id")?, Form::of_query(&request)?);
    let named = move |conn: &mut Conn| match products::named(conn, Some(&key)) {
        Ok(Some(product)) => Ok(product),
        _ => Err(Error::not_found("product")),
    };
    // Found with the limits of the member, before all else is read without them.
    let product = visit.read(&app, named).await?;
    let (now, access, id) = (app.store.clock.now(), visit.caller.access.clone(), product.id);
    let query = PlanQuery { from: asked.given("from").map(str::to_owned) };
    let read = move |conn: &mut Conn| match plans::of_product(conn, &access, id, &query, now) {
        Err(error) if Refusal::fits(&error) => {
            let plan = plans::of_product(conn, &access, id, &PlanQuery::default(), now)?;
            Ok((plan, Some(error)))
        }
        planned => planned.map(|plan| (plan, None)),
    };
    let (plan, refused) = visit.read_whole(&app, read).await?;
    let mut shell = Shell::new(&request, |t| format!("{} {}", product.name, t.plan_title()));
    let refusal = refused.map(|error| Refusal::of(error, asked.clone(), shell.t)).unwrap_or_default();
    if refusal.is_some() {
        shell.title = shell.t.error_in_title(&shell.title);
    }
    let graph = graph(&plan, None, &shell.t.dep_hidden());
    let page = PlanPage { shell, product, plan, graph, asked, refusal };
    show_as(page.refusal.status(), &request, &page)
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/products/{id}/plan", &[("GET", May("get_product_plan"))]).get(show));
}
