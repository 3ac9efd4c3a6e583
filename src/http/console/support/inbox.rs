//! `/console/inbox`: what is new, and a form for what a customer said.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload, Query, ServiceConfig};
use askama::Template;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::similar::{Nearest, nearest};
use crate::domain::base::decode::decode;
use crate::domain::base::{Id, Paging};
use crate::domain::feedback::{Feedback, FeedbackQuery, Kind, NewFeedback, Source, State};
use crate::domain::team::view::ViewPage;
use crate::domain::team::{FilingRights, Product};
use crate::error::{Code, Error, Result};
use crate::http::api::feedback::filing_queue::FilingQueue;
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::page::{Shown, done, show, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::views::{ListAddress, ListPage};
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::feedback::{list, rows};
use crate::store::team::products;
use crate::usecase::feedback::filing::Outcome;

/// The origin of feedback that is filed by this form.
const ORIGIN: &str = "console";

/// What the address says: the state of the page.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Asked {
    product: String,
    state: String,
    source: String,
    kind: String,
    mine: String,
    cursor: String,
}

/// A filter that is chosen from names; empty means all.
fn chosen<T: std::str::FromStr<Err = ()>>(field: &str, text: &str) -> Result<Option<T>> {
    let wrong = |()| Error::field(format!("/{field}"), "enum", "is not one of the choices");
    Some(text.trim()).filter(|text| !text.is_empty()).map(|text| text.parse().map_err(wrong)).transpose()
}

impl ListAddress for Asked {
    fn check(&self, member: Id) -> Result<()> {
        self.query(member).map(drop)
    }
}

inventory::submit!(ListPage::of::<Asked>(ViewPage::Inbox));

impl Asked {
    fn query(&self, member: Id) -> Result<FeedbackQuery> {
        let given = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(FeedbackQuery {
            product: given(&self.product),
            state: chosen::<State>("state", &self.state)?,
            source: chosen::<Source>("source", &self.source)?,
            kind: chosen::<Kind>("kind", &self.kind)?,
            submitted_by: (self.mine == "true").then(|| member.to_string()),
            cursor: given(&self.cursor),
            limit: Some(30),
            ..FeedbackQuery::default()
        })
    }

    fn is_filtered(&self) -> bool {
        [&self.product, &self.state, &self.source, &self.kind, &self.mine].into_iter().any(|text| !text.is_empty())
    }
}

#[derive(Template)]
#[template(path = "console/support/inbox.html")]
struct InboxPage {
    shell: Shell,
    asked: Asked,
    products: Vec<Product>,
    feedback: Vec<Feedback>,
    next: Option<String>,
    form: Form,
    /// Known by this, a form that is sent twice is filed once.
    form_id: String,
    wrong: Wrong,
}

impl InboxPage {
    fn sources(&self) -> &'static [Source] {
        Source::ALL
    }

    fn states(&self) -> &'static [State] {
        State::ALL
    }

    fn kinds(&self) -> &'static [Kind] {
        Kind::ALL
    }
}

async fn page(
    app: &AppData,
    request: &HttpRequest,
    visit: Visit,
    asked: Asked,
    refused: Option<(Form, Wrong)>,
) -> Shown {
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let query = asked.query(visit.member.id)?;
    let paging = Paging::of("/console/inbox", &query)?;
    let read = move |conn: &mut Conn| Ok((products::all(conn)?, list::list(conn, &query, &paging)?));
    let (products, found) = visit.read(app, read).await?;
    let next = found.next_cursor.map(|cursor| {
        let next = Asked { cursor, ..asked.clone() };
        format!("/console/inbox?{}", serde_urlencoded::to_string(&next).unwrap_or_default())
    });
    let (form, wrong) = refused.unwrap_or_default();
    let form_id = form.given("form_id").map_or_else(|| Id::next().to_string(), str::to_owned);
    let title = |t: crate::domain::words::console::Words| {
        if wrong.is_empty() { t.nav_inbox() } else { t.error_in_title(t.nav_inbox()) }
    };
    let shell = Shell::new(request, title);
    let page = InboxPage { shell, asked, products, feedback: found.data, next, form, form_id, wrong };
    show_as(status, request, &page)
}

async fn inbox(app: AppData, request: HttpRequest, visit: Visit, asked: Query<Asked>) -> Shown {
    page(&app, &request, visit, asked.into_inner(), None).await
}

/// The form as the API would get it.
fn input(form: &Form) -> Value {
    let mut feedback = json!({ "text": form.get("text").trim(), "origin": ORIGIN });
    for (field, name) in [("source", "source"), ("product", "product"), ("external_id", "form_id")] {
        if let Some(value) = form.given(name) {
            feedback[field] = json!(value);
        }
    }
    let mut customer = json!({});
    for (field, name) in [("name", "customer_name"), ("email", "customer_email")] {
        if let Some(value) = form.given(name) {
            customer[field] = json!(value);
        }
    }
    if let Some(account) = form.given("account") {
        customer["account"] = json!({ "name": account });
    }
    if customer.as_object().is_some_and(|fields| !fields.is_empty()) {
        feedback["customer"] = customer;
    }
    feedback
}

async fn file(app: AppData, queue: Data<FilingQueue>, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let filed = match decode::<NewFeedback>(input(&form)) {
        Ok(input) => queue.file(visit.caller.actor(), FilingRights::of(visit.caller.role), input).await,
        Err(error) => Err(error),
    };
    match filed {
        Ok(filed) => {
            let flash = if filed.outcome == Outcome::Created { Flash::Filed } else { Flash::FiledAgain };
            Ok(done(&request, &format!("/console/inbox/{}", filed.feedback.id), flash))
        }
        Err(error) if error.code == Code::Invalid => {
            let wrong = Wrong::new(error.fields);
            page(&app, &request, visit, Asked::default(), Some((form, wrong))).await
        }
        Err(error) => Err(error),
    }
}

#[derive(Template)]
#[template(path = "console/support/feedback.html")]
struct FeedbackPage {
    shell: Shell,
    item: Feedback,
    nearest: Nearest,
}

/// A feedback, and who else said the like.
async fn feedback(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let id = path.0;
    let item = visit.read(&app, move |conn| rows::get(conn, id)).await?;
    let nearest = if crate::domain::team::rights::allowed("find_similar", visit.caller.role) {
        nearest(&app, &visit, &item.text, Some(item.product_id.to_string()), Some(id)).await?
    } else {
        Nearest::default()
    };
    let shell = Shell::new(&request, |t| t.feedback()).about(format!("/console/inbox/{id}"));
    show(&request, &FeedbackPage { shell, item, nearest })
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_feedback")), ("POST", May("create_feedback"))];
    config
        .service(page_at("/console/inbox", rules).get(inbox).post(file))
        .service(page_at("/console/inbox/{id}", &[("GET", May("get_feedback"))]).get(feedback));
}
