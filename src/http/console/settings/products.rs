//! `/console/settings/products`: the products, and creating one.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::json;

use super::fields::{Field, refusal, status};
use crate::app::App;
use crate::domain::base::decode::decode;
use crate::domain::team::{NewProduct, Product};
use crate::error::Result;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::team::products as store;
use crate::usecase::team::products;

const HERE: &str = "/console/settings/products";

#[derive(Template)]
#[template(path = "console/settings/products.html")]
struct ProductsPage {
    shell: Shell,
    products: Vec<Product>,
    fields: Vec<Field>,
    wrong: Wrong,
}

async fn page(app: &AppData, request: &HttpRequest, visit: Visit, form: Option<(Form, Wrong)>) -> Shown {
    let products = visit.read(app, store::all).await?;
    let (form, wrong) = form.map_or((None, Wrong::default()), |(form, wrong)| (Some(form), wrong));
    let shell =
        Shell::new(request, |t| if wrong.is_empty() { t.set_products() } else { t.error_in_title(t.set_products()) });
    let (t, sent) = (shell.t, form.as_ref());
    let fields = [
        Field::line("name", t.set_name()).required().value(sent, ""),
        Field::line("key", t.set_key()).required().hint(t.set_key_hint()).value(sent, ""),
        Field::line("currency", t.set_currency()).required().hint(t.set_currency_hint()).value(sent, "USD"),
    ];
    let fields = fields.into_iter().map(|field| field.checked(&wrong, &t)).collect();
    show_as(status(&wrong), request, &ProductsPage { shell, products, fields, wrong })
}

async fn list(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    page(&app, &request, visit, None).await
}

async fn make(app: &App, visit: &Visit, form: &Form) -> Result<Product> {
    let input: NewProduct = decode(json!({
        "name": form.trimmed("name"), "key": form.trimmed("key").to_uppercase(),
        "currency": form.trimmed("currency").to_uppercase(),
    }))?;
    visit.write(app, move |tx| products::create(tx, &input)).await
}

async fn create(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    match make(&app, &visit, &form).await {
        Ok(product) => Ok(done(&request, &format!("{HERE}/{}", product.key), Flash::ProductMade)),
        Err(error) => {
            let wrong = refusal(error, "key")?;
            page(&app, &request, visit, Some((form, wrong))).await
        }
    }
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_products")), ("POST", May("create_product"))];
    config.service(page_at("/console/settings/products", rules).get(list).post(create));
}
