//! `/console/products/{id}/escalation`: who is paged for the incidents of a product, step by step.

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::{Value, json};

use super::candidates::{Candidate, candidates};
use super::rotas::chosen;
use crate::app::App;
use crate::domain::operations::escalation::{EscalationPolicy, EscalationStep, PageTarget};
use crate::domain::operations::rota::Rota;
use crate::domain::team::Product;
use crate::error::Error;
use crate::http::base::extract::segment;
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
use crate::store::operations::{escalations as stored, rotas};
use crate::store::team::products;
use crate::usecase::operations::escalations;

/// The most steps of a policy.
const MOST: usize = 10;

/// What the page reads.
struct Found {
    product: Product,
    policy: EscalationPolicy,
    rotas: Vec<Rota>,
    candidates: Vec<Candidate>,
}

#[derive(Template)]
#[template(path = "console/operations/escalation.html")]
struct EscalationPage {
    shell: Shell,
    found: Found,
    refusal: Refusal,
}

impl EscalationPage {
    /// The targets that need no name.
    fn targets(&self) -> [PageTarget; 3] {
        [PageTarget::Owner, PageTarget::NextOnRota, PageTarget::ProductOwner]
    }

    /// The steps, and an empty one to add.
    fn places(&self) -> std::ops::Range<usize> {
        0..(self.found.policy.steps.len() + 1).min(MOST)
    }

    /// What was sent for a field, or else what is stored.
    fn or(&self, name: String, stored: String) -> String {
        let form = &self.refusal.form;
        if form.fields().is_empty() { stored } else { form.get(&name).to_owned() }
    }

    fn after(&self, place: &usize) -> String {
        let stored = self.found.policy.steps.get(*place).map(|step| step.after_minutes.to_string());
        self.or(format!("after-{place}"), stored.unwrap_or_default())
    }

    fn is_target(&self, place: &usize, value: impl AsRef<str>) -> bool {
        let stored = self.found.policy.steps.get(*place).map(target).unwrap_or_default();
        self.or(format!("whom-{place}"), stored) == value.as_ref()
    }

    fn number(&self, name: &str, stored: &i32) -> String {
        self.or(name.to_owned(), stored.to_string())
    }
}

/// Whom a step pages, as the form names it.
fn target(step: &EscalationStep) -> String {
    let named = step.rota_id.or(step.member_id);
    named.map_or_else(|| step.whom.as_str().to_owned(), |id| format!("{}:{id}", step.whom.as_str()))
}

/// The policy of a form, as a merge patch. A step without a target is left out.
fn patch(form: &Form) -> Value {
    let number = |name: &str| {
        let text = form.trimmed(name);
        text.parse::<i64>().map_or_else(|_| json!(text), Value::from)
    };
    let step = |place: usize| {
        let target = form.given(&format!("whom-{place}"))?;
        let after = number(&format!("after-{place}"));
        Some(match target.split_once(':') {
            Some((whom, id)) => json!({ "after_minutes": after, "whom": whom, format!("{whom}_id"): id }),
            None => json!({ "after_minutes": after, "whom": target }),
        })
    };
    json!({
        "steps": (0..MOST).filter_map(step).collect::<Vec<_>>(),
        "repeats": number("repeats"),
        "repeat_after_minutes": number("repeat_after_minutes"),
        "acknowledged_minutes": number("acknowledged_minutes"),
    })
}

fn read(conn: &mut Conn, key: &str) -> crate::error::Result<Found> {
    let product = chosen(&products::all(conn)?, key)?;
    Ok(Found {
        policy: stored::policy(conn, product.id)?,
        rotas: rotas::in_order(conn, &[product.id])?,
        candidates: candidates(conn, product.id)?,
        product,
    })
}

/// The page of a product's escalation; with why a form was refused.
async fn page(app: &App, request: &HttpRequest, visit: Visit, key: String, refused: Option<(Error, Form)>) -> Shown {
    let found = visit.read(app, move |conn| read(conn, &key)).await?;
    let shell = Shell::new(request, |t| {
        let title = format!("{} {}", t.ops_escalation(), found.product.name);
        if refused.is_some() { t.error_in_title(title) } else { title }
    });
    let refusal = refused.map_or_else(Refusal::default, |(error, form)| Refusal::of(error, form, shell.t));
    show_as(refusal.status(), request, &EscalationPage { shell, found, refusal })
}

async fn escalation(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    let key: String = segment(&request, "id")?;
    page(&app, &request, visit, key, None).await
}

async fn save(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let key: String = segment(&request, "id")?;
    let form = Form::read(&request, body).await?;
    let (patch, if_match, named) = (patch(&form), form.get("version").parse().ok(), key.clone());
    let saved = visit.write(&app, move |tx| {
        let product = chosen(&products::all(tx.conn)?, &named)?;
        escalations::edit(tx, product.id, if_match, &patch)
    });
    match saved.await {
        Ok(_) => Ok(done(&request, &format!("/console/products/{key}/escalation"), Flash::EscalationSaved)),
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, key, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("get_escalation")), ("POST", May("edit_escalation"))];
    config.service(page_at("/console/products/{id}/escalation", rules).get(escalation).post(save));
}
