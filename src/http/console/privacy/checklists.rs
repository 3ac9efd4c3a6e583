//! `/console/privacy/checklists`: the checklists of laws, and which of them a product adopted.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::json;

use crate::domain::base::Id;
use crate::domain::base::decode::decode;
use crate::domain::privacy::checklist::{Checklist, ChecklistAdoption, Law};
use crate::domain::team::Product;
use crate::error::{Error, Result};
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::closure::closures;
use crate::store::team::{members, products};
use crate::usecase::privacy::checklists;

/// The address of the page.
const HERE: &str = "/console/privacy/checklists";

struct Found {
    products: Vec<Product>,
    product: Product,
    checklists: Vec<Checklist>,
    members: HashMap<Id, String>,
    /// The numbers of stories that signed an item.
    stories: HashMap<Id, String>,
}

#[derive(Template)]
#[template(path = "console/privacy/checklists.html")]
struct ChecklistsPage {
    shell: Shell,
    found: Found,
}

impl ChecklistsPage {
    fn member(&self, id: &Option<Id>) -> String {
        id.and_then(|id| self.found.members.get(&id).cloned()).unwrap_or_default()
    }

    fn story(&self, id: &Id) -> String {
        self.found.stories.get(id).cloned().unwrap_or_default()
    }
}

fn named(conn: &mut Conn, key: &str) -> Result<Product> {
    let all = products::all(conn)?;
    let is_it = |product: &Product| key.is_empty() || product.key == key;
    all.into_iter().find(is_it).ok_or_else(|| Error::not_found("product"))
}

fn read(conn: &mut Conn, key: &str) -> Result<Found> {
    let product = named(conn, key)?;
    let checklists = checklists::of(conn, product.id)?.data;
    let signed = || checklists.iter().flat_map(|list| &list.items).filter_map(|item| item.last_signed.as_ref());
    let mut team: Vec<Id> = signed().filter_map(|last| last.member_id).collect();
    team.extend(checklists.iter().filter_map(|list| list.adopted_by));
    team.sort_unstable();
    team.dedup();
    let stories: Vec<Id> = signed().map(|last| last.story_id).collect();
    Ok(Found {
        products: products::all(conn)?,
        members: members::names_of(conn, &team)?,
        stories: closures::mentions(conn, &stories)?.into_iter().map(|(id, story)| (id, story.number)).collect(),
        checklists,
        product,
    })
}

async fn page(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    let key = Form::of_query(&request)?.get("product").to_owned();
    let found = visit.read(&app, move |conn| read(conn, &key)).await?;
    let shell = Shell::new(&request, |t| t.ck_title());
    show(&request, &ChecklistsPage { shell, found })
}

async fn adopt(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let key = form.get("product").to_owned();
    let named_key = key.clone();
    let product = visit.read(&app, move |conn| named(conn, &named_key)).await?.id;
    let input: ChecklistAdoption = decode(json!({ "law": form.trimmed("law"), "language": visit.member.language }))?;
    visit.write(&app, move |tx| checklists::adopt(tx, product, &input)).await?;
    Ok(done(&request, &format!("{HERE}?product={key}"), Flash::ChecklistAdopted))
}

async fn drop_law(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let key = form.get("product").to_owned();
    let named_key = key.clone();
    let product = visit.read(&app, move |conn| named(conn, &named_key)).await?.id;
    let law: Law = form.trimmed("law").parse().map_err(|()| Error::not_found("checklist"))?;
    visit.write(&app, move |tx| checklists::drop_law(tx, product, law)).await?;
    Ok(done(&request, &format!("{HERE}?product={key}"), Flash::ChecklistDropped))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_checklists")), ("POST", May("adopt_checklist"))];
    config
        .service(page_at("/console/privacy/checklists", rules).get(page).post(adopt))
        .service(page_at("/console/privacy/checklists/drop", &[("POST", May("drop_checklist"))]).post(drop_law));
}
