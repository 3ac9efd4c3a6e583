//! `/console/privacy/data-map`: what is kept and why, and who handles it.

use actix_web::web::{Payload, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::base::decode::decode;
use crate::domain::base::language::Language;
use crate::domain::privacy::records::data_map::{DataKind, DataMap, MappedColumn, MappedTable, markdown};
use crate::domain::privacy::records::data_party::{NewDataParty, PartyRole};
use crate::domain::words::console::Words;
use crate::error::{Error, Result};
use crate::http::api::privacy::data_map::read;
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, done, show_as};
use crate::http::console::base::refusal::Refusal;
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::usecase::privacy::records::parties;

const HERE: &str = "/console/privacy/data-map";
/// The fields of the form of a new party.
const FIELDS: [&str; 7] = ["role", "name", "contact", "purpose", "data", "country", "transfer"];

#[derive(Template)]
#[template(path = "console/privacy/data_map.html")]
struct MapPage {
    shell: Shell,
    map: DataMap,
    refusal: Refusal,
}

impl MapPage {
    fn roles(&self) -> &'static [PartyRole] {
        PartyRole::ALL
    }

    /// The columns with personal data.
    fn columns<'a>(&self, table: &'a MappedTable) -> Vec<&'a MappedColumn> {
        table.columns.iter().filter(|column| column.holds != DataKind::None).collect()
    }

    /// The columns with nothing personal.
    fn others<'a>(&self, table: &'a MappedTable) -> Vec<&'a MappedColumn> {
        table.columns.iter().filter(|column| column.holds == DataKind::None).collect()
    }

    /// The tables with personal data.
    fn tables(&self) -> Vec<&MappedTable> {
        self.map.tables.iter().filter(|table| !self.columns(table).is_empty()).collect()
    }

    fn word(&self, group: &str, name: &str) -> String {
        self.shell.t.named(&format!("datamap-{group}"), name)
    }
}

async fn page(app: &App, request: &HttpRequest, refused: Option<(Error, Form)>) -> Shown {
    let map = read(app).await?;
    let shell = Shell::new(request, |t| t.dmap_title());
    let refusal = refused.map(|(error, form)| Refusal::of(error, form, shell.t)).unwrap_or_default();
    let page = MapPage { shell, map, refusal };
    show_as(page.refusal.status(), request, &page)
}

async fn data_map(app: AppData, request: HttpRequest) -> Shown {
    page(&app, &request, None).await
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Download {
    language: String,
}

async fn record(app: AppData, query: Query<Download>) -> Result<HttpResponse> {
    let language = if query.language == "ko" { Language::Korean } else { Language::English };
    let text = markdown(&read(&app).await?, &Words(language));
    Ok(HttpResponse::Ok().content_type("text/markdown; charset=utf-8").body(text))
}

fn new_party(form: &Form) -> Result<NewDataParty> {
    let fields = FIELDS.iter().filter_map(|name| Some(((*name).to_owned(), json!(form.given(name)?))));
    Ok(decode(Value::Object(fields.collect()))?)
}

async fn add(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let added = match new_party(&form) {
        Ok(input) => visit.write(&app, move |tx| parties::create(tx, &input)).await,
        Err(error) => Err(error),
    };
    match added {
        Ok(_) => Ok(done(&request, HERE, Flash::PartyAdded)),
        Err(error) if Refusal::fits(&error) => page(&app, &request, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

async fn remove(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    visit.write(&app, move |tx| parties::delete(tx, path.0, None)).await?;
    Ok(done(&request, HERE, Flash::PartyRemoved))
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/privacy/data-map", &[("GET", May("get_data_map"))]).get(data_map))
        .service(page_at("/console/privacy/data-map.md", &[("GET", May("get_data_map_markdown"))]).get(record))
        .service(page_at("/console/privacy/parties", &[("POST", May("create_data_party"))]).post(add))
        .service(page_at("/console/privacy/parties/{id}/remove", &[("POST", May("delete_data_party"))]).post(remove));
}
