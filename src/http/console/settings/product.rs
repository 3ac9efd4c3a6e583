//! `/console/settings/products/{id}`: all settings of a product.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;

use super::fields::{refusal, status};
use super::product_fields::{Section, ShownProduct, patch, sections};
use crate::app::App;
use crate::domain::base::Paging;
use crate::domain::team::{DEFAULT_PRODUCT, Product};
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
use crate::store::team::{access, products as store};
use crate::store::{Conn, Tx};
use crate::usecase::team::products;

/// The most members who are shown as possible owners.
const OWNERS: usize = 500;

#[derive(Template)]
#[template(path = "console/settings/product.html")]
struct ProductPage {
    shell: Shell,
    product: Product,
    sections: Vec<Section>,
    wrong: Wrong,
}

impl ProductPage {
    /// Whether the member may archive it, or take it out of the archive.
    fn may_archive(&self) -> bool {
        self.product.id != DEFAULT_PRODUCT && self.shell.may("archive_product")
    }
}

/// The product that the address names by its key or id.
async fn product_of(app: &App, visit: &Visit, request: &HttpRequest) -> Result<ShownProduct> {
    let key: String = segment(request, "id")?;
    let read = move |conn: &mut Conn| {
        let product = store::find(conn, &key)?.ok_or_else(|| Error::not_found("product"))?;
        let members =
            access::of_product(conn, product.id, &Paging { limit: OWNERS, after: None, list: String::new() })?.data;
        Ok(ShownProduct { product, members })
    };
    visit.read(app, read).await
}

fn page(request: &HttpRequest, shown: ShownProduct, form: Option<(Form, Wrong)>) -> Shown {
    let (form, wrong) = form.map_or((None, Wrong::default()), |(form, wrong)| (Some(form), wrong));
    let name = shown.product.name.clone();
    let shell = Shell::new(request, |t| if wrong.is_empty() { name } else { t.error_in_title(name) });
    let sections = sections(&shell.t, &shown, form.as_ref(), &wrong);
    let product = shown.product;
    show_as(status(&wrong), request, &ProductPage { shell, product, sections, wrong })
}

async fn show(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    page(&request, product_of(&app, &visit, &request).await?, None)
}

/// The errors of single gates and branches stand at the field of all of them.
fn wrong_of(error: Error) -> Result<Wrong> {
    let mut error = error;
    for field in &mut error.fields {
        for all in [
            "/settings/gates",
            "/settings/done_branches",
            "/settings/days_off",
            "/settings/allowed_licences",
            "/settings/denied_licences",
        ] {
            if field.pointer.starts_with(all) {
                field.pointer = all.to_owned();
            }
        }
    }
    refusal(error, "name")
}

async fn save(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let product = product_of(&app, &visit, &request).await?.product;
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
            let shown = product_of(&app, &visit, &request).await?;
            page(&request, shown, Some((form, wrong)))
        }
    }
}

/// Archives the product, or takes it out of the archive.
async fn set_archived(app: AppData, request: HttpRequest, visit: Visit, archived: bool) -> Shown {
    let product = product_of(&app, &visit, &request).await?.product;
    let id = product.id;
    let write = move |tx: &mut Tx<'_>| match archived {
        true => products::archive(tx, id, None).map(drop),
        false => products::restore(tx, id, None).map(drop),
    };
    visit.write(&app, write).await?;
    let flash = if archived { Flash::ProductArchived } else { Flash::ProductRestored };
    Ok(done(&request, &format!("/console/settings/products/{}", product.key), flash))
}

async fn archive(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    set_archived(app, request, visit, true).await
}

async fn restore(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    set_archived(app, request, visit, false).await
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("get_product")), ("POST", May("update_product"))];
    config
        .service(page_at("/console/settings/products/{id}", rules).get(show).post(save))
        .service(page_at("/console/settings/products/{id}/archive", &[("POST", May("archive_product"))]).post(archive))
        .service(page_at("/console/settings/products/{id}/restore", &[("POST", May("restore_product"))]).post(restore));
}
