//! `/console/privacy/review`: the monthly review of the access log, and its signature.

use std::collections::{BTreeSet, HashMap};

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::json;

use crate::app::App;
use crate::domain::base::Id;
use crate::domain::base::decode::decode;
use crate::domain::privacy::access::log::LogCheck;
use crate::domain::privacy::access::review::{AccessReview, ReviewSignature};
use crate::error::{Error, Result};
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
use crate::store::privacy::access::chain;
use crate::store::team::{members, tokens};
use crate::usecase::privacy::access::reviewing;

/// What the page reads.
struct Found {
    review: AccessReview,
    check: LogCheck,
    names: HashMap<Id, String>,
}

#[derive(Template)]
#[template(path = "console/privacy/review.html")]
struct ReviewPage {
    shell: Shell,
    found: Found,
    refusal: Refusal,
}

impl ReviewPage {
    fn name(&self, id: &Option<Id>) -> String {
        match id.and_then(|id| self.found.names.get(&id).cloned()) {
            Some(name) => name,
            None if id.is_none() => self.shell.t.actor_name("command"),
            None => self.shell.t.actor_name("service"),
        }
    }

    fn checked(&self) -> i64 {
        self.found.check.chains.iter().map(|chain| chain.entries).sum()
    }

    fn broken(&self) -> Option<i64> {
        self.found.check.chains.iter().find_map(|chain| chain.broken.as_ref().map(|broken| broken.seq))
    }
}

fn read(conn: &mut Conn, month: Option<&str>, now: crate::domain::base::Time) -> Result<Found> {
    let review = reviewing::of_month(conn, month, reviewing::MANY, now)?;
    let nights = review.at_night.iter().map(|night| night.actor_id);
    let many = review.many_persons.iter().map(|day| day.actor_id);
    let addresses = review.new_addresses.iter().map(|address| address.actor_id);
    let downloads = review.without_reason.iter().map(|entry| entry.actor_id);
    let signed = review.signed.iter().map(|signed| signed.actor_id);
    let ids: BTreeSet<Id> = nights.chain(many).chain(addresses).chain(downloads).chain(signed).flatten().collect();
    let ids: Vec<Id> = ids.into_iter().collect();
    let mut names = members::names_of(conn, &ids)?;
    names.extend(tokens::names_of(conn, &ids)?);
    Ok(Found { review, check: chain::check(conn)?, names })
}

async fn page(app: &App, request: &HttpRequest, visit: Visit, month: String, refused: Option<(Error, Form)>) -> Shown {
    app.access.write_all(&app.store).await?;
    let now = app.store.clock.now();
    let month = Some(month).filter(|month| !month.is_empty());
    let found = visit.read(app, move |conn| read(conn, month.as_deref(), now)).await?;
    let shell = Shell::new(request, |t| t.rev_title());
    let refusal = refused.map(|(error, form)| Refusal::of(error, form, shell.t)).unwrap_or_default();
    let page = ReviewPage { shell, found, refusal };
    show_as(page.refusal.status(), request, &page)
}

async fn review(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    let form = Form::of_query(&request)?;
    page(&app, &request, visit, form.trimmed("month").to_owned(), None).await
}

async fn sign(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let month = form.trimmed("month").to_owned();
    let input = decode::<ReviewSignature>(json!({ "month": month, "note": form.trimmed("note") }));
    app.access.write_all(&app.store).await?;
    let signed = match input {
        Ok(input) => visit.write(&app, move |tx| reviewing::sign(tx, &input)).await,
        Err(error) => Err(error.into()),
    };
    match signed {
        Ok(_) => {
            let address = format!("/console/privacy/review?month={month}");
            Ok(done(&request, &address, Flash::ReviewSigned))
        }
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, month, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/privacy/review", &[("GET", May("get_access_review"))]).get(review))
        .service(page_at("/console/privacy/review/sign", &[("POST", May("sign_access_review"))]).post(sign));
}
