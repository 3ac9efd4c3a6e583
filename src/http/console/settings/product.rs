//! `/console/settings/products/{id}`: all settings of a product.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;

use super::fields::{refusal, status};
use super::product_fields::{Section, patch, sections};
use crate::app::App;
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
use crate::http::{Pages, page_at};
use crate::store::team::products as store;
use crate::usecase::team::products;

#[derive(Template)]
#[template(path = "console/settings/product.html")]
struct ProductPage {
    shell: Shell,
    product: Product,
    sections: Vec<Section>,
    wrong: Wrong,
}

/// The product that the address names by its key or id.
async fn product_of(app: &App, visit: &Visit, request: &HttpRequest) -> Result<Product> {
    let key: String = segment(request, "id")?;
    let found = visit.read(app, move |conn| store::find(conn, &key)).await?;
    found.ok_or_else(|| Error::not_found("product"))
}

fn page(request: &HttpRequest, product: Product, form: Option<(Form, Wrong)>) -> Shown {
    let (form, wrong) = form.map_or((None, Wrong::default()), |(form, wrong)| (Some(form), wrong));
    let name = product.name.clone();
    let shell = Shell::new(request, |t| if wrong.is_empty() { name } else { t.error_in_title(name) });
    let sections = sections(&shell.t, &product, form.as_ref(), &wrong);
    show_as(status(&wrong), request, &ProductPage { shell, product, sections, wrong })
}

async fn show(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    page(&request, product_of(&app, &visit, &request).await?, None)
}

/// The errors of single gates and branches stand at the field of all of them.
fn wrong_of(error: Error) -> Result<Wrong> {
    let mut error = error;
    for field in &mut error.fields {
        for all in ["/settings/gates", "/settings/done_branches"] {
            if field.pointer.starts_with(all) {
                field.pointer = all.to_owned();
            }
        }
    }
    refusal(error, "name")
}

async fn save(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let product = product_of(&app, &visit, &request).await?;
    let form = Form::read(&request, body).await?;
    let (id, version) = (product.id, form.get("version").parse().ok());
    let saved = match patch(&form) {
        Ok(patch) => visit.write(&app, move |tx| products::edit(tx, id, version, &patch).map(drop)).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(done(&request, &format!("/console/settings/products/{}", product.key), Flash::Saved)),
        Err(error) => {
            let wrong = wrong_of(error)?;
            // A refused version was read before the change of somebody else.
            let product = product_of(&app, &visit, &request).await?;
            page(&request, product, Some((form, wrong)))
        }
    }
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("get_product")), ("POST", May("update_product"))];
    config.service(page_at("/console/settings/products/{id}", rules).get(show).post(save));
}
