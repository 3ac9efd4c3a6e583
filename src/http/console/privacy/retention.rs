//! `/console/privacy/retention`: retention rules with their dry runs, legal holds, and what went.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::{Value, json};

use super::requests::names_of;
use crate::app::App;
use crate::domain::base::decode::decode;
use crate::domain::base::{Id, Paging, Time};
use crate::domain::privacy::retention::{
    LegalHold, NewLegalHold, NewRetentionRule, RetentionCount, RetentionDryRun, RetentionKind, RetentionRule,
};
use crate::domain::team::Product;
use crate::error::{Error, Result};
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
use crate::store::Conn;
use crate::store::feedback::customers;
use crate::store::privacy::retention::{holds as stored_holds, rules as stored};
use crate::store::team::products;
use crate::usecase::privacy::retention::{holds, rules};

/// The address of the page.
const HERE: &str = "/console/privacy/retention";
/// The days of the report that are shown.
const DAYS: i64 = 50;

struct Found {
    rules: Vec<RetentionRule>,
    /// What the rule in the address would remove.
    dry_run: Option<RetentionDryRun>,
    holds: Vec<LegalHold>,
    report: Vec<RetentionCount>,
    products: Vec<Product>,
    customers: HashMap<Id, String>,
    accounts: HashMap<Id, String>,
}

#[derive(Template)]
#[template(path = "console/privacy/retention.html")]
struct RetentionPage {
    shell: Shell,
    found: Found,
    refusal: Refusal,
}

impl RetentionPage {
    fn kinds(&self) -> &'static [RetentionKind] {
        RetentionKind::ALL
    }

    fn kind(&self, kind: &RetentionKind) -> String {
        self.shell.t.named("retention", kind.as_str())
    }

    /// The product of a rule or a count.
    fn product(&self, id: &Option<Id>) -> String {
        let product = id.and_then(|id| self.found.products.iter().find(|product| product.id == id));
        product.map_or_else(|| self.shell.t.rt_all(), |product| product.name.clone())
    }

    fn dry_run_of(&self, rule: &RetentionRule) -> Option<&RetentionDryRun> {
        self.found.dry_run.as_ref().filter(|run| run.rule_id == rule.id)
    }

    /// What a hold keeps, in words.
    fn kept(&self, hold: &LegalHold) -> String {
        let t = self.shell.t;
        let name = |names: &HashMap<Id, String>, id: Id, noun: String| names.get(&id).cloned().unwrap_or(noun);
        match (hold.customer_id, hold.account_id) {
            (Some(id), _) => name(&self.found.customers, id, t.rt_customer()),
            (_, Some(id)) => name(&self.found.accounts, id, t.rt_account()),
            _ => self.product(&hold.product_id),
        }
    }
}

fn read(conn: &mut Conn, rule: Option<Id>, now: Time) -> Result<Found> {
    let active = stored_holds::active(conn)?;
    let people: Vec<Id> = active.iter().filter_map(|hold| hold.customer_id).collect();
    let companies: Vec<Id> = active.iter().filter_map(|hold| hold.account_id).collect();
    let paging = Paging::new(Some(DAYS), None, String::new())?;
    let dry_run = match rule {
        Some(rule) => Some(rules::dry_run(conn, rule, now)?),
        None => None,
    };
    Ok(Found {
        rules: stored::all(conn)?,
        dry_run,
        report: stored::report(conn, &paging)?.data.into_iter().map(|(_, count)| count).collect(),
        products: products::all(conn)?,
        customers: names_of(conn, &people)?,
        accounts: customers::accounts_by_id(conn, &companies)?.into_iter().map(|one| (one.id, one.name)).collect(),
        holds: active,
    })
}

async fn page(app: &App, request: &HttpRequest, visit: Visit, refused: Option<(Error, Form)>) -> Shown {
    let (asked, now) = (Form::of_query(request)?, app.store.clock.now());
    let rule = asked.given("rule").and_then(|rule| rule.parse().ok());
    let found = visit.read(app, move |conn| read(conn, rule, now)).await?;
    let shell = Shell::new(request, |t| match &refused {
        Some(_) => t.error_in_title(t.rt_title()),
        None => t.rt_title(),
    });
    let refusal = refused.map_or_else(Refusal::default, |(error, form)| Refusal::of(error, form, shell.t));
    show_as(refusal.status(), request, &RetentionPage { shell, found, refusal })
}

async fn show(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    page(&app, &request, visit, None).await
}

/// The page again with the message of the act; or with why it was refused.
async fn after(app: &App, request: &HttpRequest, visit: Visit, form: Form, acted: Result<(String, Flash)>) -> Shown {
    match acted {
        Ok((address, flash)) => Ok(done(request, &address, flash)),
        Err(error) if Refusal::fits(&error) => page(app, request, visit, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

/// Fields of a form that hold something, as the body of a request.
fn given(form: &Form, names: &[&str]) -> Value {
    let mut input = json!({});
    for name in names {
        if let Some(value) = form.given(name) {
            input[*name] = json!(value);
        }
    }
    input
}

async fn add(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let mut input = given(&form, &["kind", "product"]);
    input["days"] = form.trimmed("days").parse::<i64>().map_or_else(|_| json!(form.trimmed("days")), Value::from);
    let added = match decode::<NewRetentionRule>(input) {
        Ok(input) => visit.write(&app, move |tx| rules::create(tx, &input)).await,
        Err(error) => Err(error.into()),
    };
    // The next page shows what the new rule would remove.
    let added = added.map(|rule| (format!("{HERE}?rule={}", rule.id), Flash::RuleAdded));
    after(&app, &request, visit, form, added).await
}

async fn switch(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let if_match = form.get("version").parse().ok();
    let patch = json!({ "enabled": form.get("enabled") == "true" });
    let acted = visit.write(&app, move |tx| rules::edit(tx, id, if_match, &patch)).await;
    after(&app, &request, visit, form, acted.map(|_| (HERE.to_owned(), Flash::Saved))).await
}

async fn delete(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let if_match = form.get("version").parse().ok();
    let acted = visit.write(&app, move |tx| rules::delete(tx, id, if_match)).await;
    after(&app, &request, visit, form, acted.map(|()| (HERE.to_owned(), Flash::RuleDeleted))).await
}

async fn place(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let input = given(&form, &["case", "reason", "product", "customer_id", "account_id"]);
    let placed = match decode::<NewLegalHold>(input) {
        Ok(input) => visit.write(&app, move |tx| holds::place(tx, &input)).await,
        Err(error) => Err(error.into()),
    };
    after(&app, &request, visit, form, placed.map(|_| (HERE.to_owned(), Flash::HoldPlaced))).await
}

async fn end(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let (id, form) = (path.0, Form::read(&request, body).await?);
    let if_match = form.get("version").parse().ok();
    let ended = visit.write(&app, move |tx| holds::end(tx, id, if_match)).await;
    after(&app, &request, visit, form, ended.map(|_| (HERE.to_owned(), Flash::HoldEnded))).await
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_retention_rules")), ("POST", May("create_retention_rule"))];
    config
        .service(page_at("/console/privacy/retention", rules).get(show).post(add))
        .service(
            page_at("/console/privacy/retention/{id}/switch", &[("POST", May("edit_retention_rule"))]).post(switch),
        )
        .service(
            page_at("/console/privacy/retention/{id}/delete", &[("POST", May("delete_retention_rule"))]).post(delete),
        )
        .service(page_at("/console/privacy/holds", &[("POST", May("create_legal_hold"))]).post(place))
        .service(page_at("/console/privacy/holds/{id}/end", &[("POST", May("end_legal_hold"))]).post(end));
}
