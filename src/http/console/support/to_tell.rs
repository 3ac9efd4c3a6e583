//! `/console/to-tell`: the customers that members tell themselves, with the words ready to send; and their answers.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Payload, Query, ServiceConfig};
use askama::Template;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::App;
use crate::domain::base::decode::decode;
use crate::domain::base::{Actor, Id, Paging};
use crate::domain::closure::{
    Assignment, Channel, Closure, ClosureAnswer, ClosureQuery, ClosureState, Told, UndoAnswer, Unreachable,
};
use crate::domain::team::Product;
use crate::error::{Code, Error, Result};
use crate::http::api::closure::words::{ClosureWords, written};
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::page::{Shown, done, done_undoable, local, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::closure::closures;
use crate::store::team::{members, products};
use crate::store::{Conn, Tx};
use crate::usecase::closure::case::Case;
use crate::usecase::closure::customer_links::CustomerLinks;
use crate::usecase::closure::{answers, messages, recalls};

/// How a customer can be told by a member.
const WAYS: [&str; 5] = ["call", "chat", "email", "visit", "other"];

/// What the address says: the state of the page.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Asked {
    /// Whose cases are listed: `@me` (the default), `nobody` or `all`.
    who: String,
    product: String,
    /// `waiting` (also where it is empty) to be told, or `told` and without an answer.
    state: String,
    /// The case that is open beside the list.
    #[serde(skip_serializing_if = "String::is_empty")]
    case: String,
    cursor: String,
}

impl Asked {
    fn query(&self) -> Result<ClosureQuery> {
        let given = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let state = match self.state.as_str() {
            "" | "waiting" => ClosureState::Waiting,
            "told" => ClosureState::Told,
            _ => return Err(Error::field("/state", "enum", "must be `waiting` or `told`")),
        };
        Ok(ClosureQuery {
            product: given(&self.product),
            state: Some(state),
            channel: Some(Channel::Agent),
            cursor: given(&self.cursor),
            limit: Some(30),
            ..ClosureQuery::default()
        })
    }

    /// The filter of the member who tells them.
    fn assignee(&self, member: Id) -> Result<Option<Option<Id>>> {
        match self.who.as_str() {
            "" | "@me" => Ok(Some(Some(member))),
            "nobody" => Ok(Some(None)),
            "all" => Ok(None),
            _ => Err(Error::field("/who", "enum", "must be `@me`, `nobody` or `all`")),
        }
    }

    fn address(&self) -> String {
        let pairs = [
            ("who", &self.who),
            ("product", &self.product),
            ("state", &self.state),
            ("case", &self.case),
            ("cursor", &self.cursor),
        ];
        let given: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let query = serde_urlencoded::to_string(given).unwrap_or_default().replace("%40", "@");
        if query.is_empty() { "/console/to-tell".to_owned() } else { format!("/console/to-tell?{query}") }
    }
}

/// The case that is open, with the words for its customer.
struct OpenCase {
    closure: Closure,
    email: Option<String>,
    words: ClosureWords,
    assignee: Option<String>,
}

#[derive(Template)]
#[template(path = "console/support/to_tell.html")]
struct ToTellPage {
    shell: Shell,
    asked: Asked,
    products: Vec<Product>,
    closures: Vec<Closure>,
    next: Option<String>,
    open: Option<OpenCase>,
    form: Form,
    wrong: Wrong,
    me: Id,
}

impl ToTellPage {
    fn ways(&self) -> [&'static str; 5] {
        WAYS
    }

    /// The address of the list with this case open.
    fn case(&self, id: &Id) -> String {
        Asked { case: id.to_string(), ..self.asked.clone() }.address()
    }

    /// The address of the list without an open case: the next one is open then.
    fn list(&self) -> String {
        Asked { case: String::new(), ..self.asked.clone() }.address()
    }

    fn with_state(&self, state: &str) -> String {
        Asked { state: state.to_owned(), case: String::new(), cursor: String::new(), ..self.asked.clone() }.address()
    }

    fn is_open(&self, id: &Id) -> bool {
        self.open.as_ref().is_some_and(|open| open.closure.id == *id)
    }

    fn is_waiting(&self) -> bool {
        self.asked.state != "told"
    }
}

async fn page(
    app: &AppData,
    request: &HttpRequest,
    visit: Visit,
    asked: Asked,
    refused: Option<(Form, Wrong)>,
) -> Shown {
    let (query, assignee) = (asked.query()?, asked.assignee(visit.member.id)?);
    let list = format!("/console/to-tell {} {} {}", asked.who, asked.product, asked.state);
    let paging = Paging::new(query.limit, query.cursor.as_deref(), list)?;
    let read = move |conn: &mut Conn| Ok((products::current(conn)?, closures::list(conn, &query, assignee, &paging)?));
    let (products, found) = visit.read(app, read).await?;
    let named = Some(asked.case.trim()).filter(|id| !id.is_empty()).map(|id| id.parse::<Id>());
    let named = named.transpose().map_err(|_| Error::not_found("closure"))?;
    let open = match named.or(found.data.first().map(|closure| closure.id)) {
        Some(id) => Some(open_case(app, &visit, id).await?),
        None => None,
    };
    let next = found.next_cursor.map(|cursor| Asked { cursor, case: String::new(), ..asked.clone() }.address());
    let (form, wrong) = refused.unwrap_or_default();
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let title = |t: crate::domain::words::console::Words| {
        if wrong.is_empty() { t.nav_to_tell() } else { t.error_in_title(t.nav_to_tell()) }
    };
    let (shell, me) = (Shell::new(request, title), visit.member.id);
    let page = ToTellPage { shell, asked, products, closures: found.data, next, open, form, wrong, me };
    show_as(status, request, &page)
}

/// Reads a case with the words for its customer.
async fn open_case(app: &App, visit: &Visit, id: Id) -> Result<OpenCase> {
    let now = app.store.clock.now();
    let read = move |conn: &mut Conn| {
        let closure = closures::get(conn, id)?;
        let record = closures::row(conn, id)?;
        let assignee = match closure.assignee_id {
            Some(member) => members::names_of(conn, &[member])?.remove(&member),
            None => None,
        };
        Ok((closure, Case::of(conn, record)?, assignee, CustomerLinks::known(conn)?))
    };
    let (closure, case, assignee, links) = visit.read(app, read).await?;
    let links = match links {
        Some(links) => links,
        None => app.store.write(Actor::AUTOMATION, CustomerLinks::in_transaction).await?,
    };
    let email = case.customer.email.as_ref().map(|email| email.text.clone());
    Ok(OpenCase { words: written(app, &links, case, now)?, closure, email, assignee })
}

async fn to_tell(app: AppData, request: HttpRequest, visit: Visit, asked: Query<Asked>) -> Shown {
    page(&app, &request, visit, asked.into_inner(), None).await
}

/// The version that the form was made from.
fn version(form: &Form) -> Option<i32> {
    form.get("version").parse().ok()
}

/// The page after an act, and the page with the form if it was refused.
async fn acted(app: &AppData, request: &HttpRequest, visit: Visit, id: Id, form: Form, result: Result<Flash>) -> Shown {
    let back = Some(form.get("back")).filter(|back| back.starts_with("/console/")).unwrap_or("/console/to-tell");
    match result {
        // The undo of a telling is named by its closure.
        Ok(Flash::Told) => Ok(done_undoable(request, local(back), Flash::Told, Some(id))),
        Ok(flash) => Ok(done(request, local(back), flash)),
        Err(error) if error.code == Code::Invalid => {
            let query = back.split_once('?').map(|(_, query)| query).unwrap_or_default();
            let mut asked: Asked = serde_urlencoded::from_str(query).unwrap_or_default();
            asked.case = id.to_string();
            page(app, request, visit, asked, Some((form, Wrong::new(error.fields)))).await
        }
        Err(error) => Err(error),
    }
}

/// How the customer was told: the way, and what the member noted.
fn told_note(form: &Form, t: crate::domain::words::console::Words) -> Option<String> {
    let way = form.given("way").filter(|way| WAYS.contains(way)).map(|way| t.named("way", way));
    let parts: Vec<String> = way.into_iter().chain(form.given("note").map(str::to_owned)).collect();
    Some(parts.join(": ")).filter(|note| !note.is_empty())
}

async fn tell(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, if_match) = (path.0, version(&form));
    let note = told_note(&form, Shell::new(&request, |_| String::new()).t);
    let result = match decode::<Told>(json!({ "note": note })) {
        Ok(input) => {
            let tell = move |tx: &mut Tx<'_>| messages::tell(tx, id, if_match, &input).map(drop);
            visit.write(&app, tell).await.map(|()| Flash::Told)
        }
        Err(error) => Err(error.into()),
    };
    acted(&app, &request, visit, id, form, result).await
}

async fn answer(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, if_match, solved) = (path.0, version(&form), form.get("solved") == "true");
    let because = form.given("because").filter(|_| !solved);
    let result = match decode::<ClosureAnswer>(json!({ "solved": solved, "because": because })) {
        Ok(input) => {
            let answer = move |tx: &mut Tx<'_>| answers::answer(tx, id, if_match, &input).map(drop);
            let flash = if solved { Flash::AnswerConfirmed } else { Flash::AnswerReopened };
            visit.write(&app, answer).await.map(|()| flash)
        }
        Err(error) => Err(error.into()),
    };
    acted(&app, &request, visit, id, form, result).await
}

async fn undo_answer(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, if_match) = (path.0, version(&form));
    let undo = move |tx: &mut Tx<'_>| answers::undo(tx, id, if_match, &UndoAnswer::default()).map(drop);
    let result = visit.write(&app, undo).await.map(|()| Flash::AnswerUndone);
    acted(&app, &request, visit, id, form, result).await
}

async fn undo_tell(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, if_match) = (path.0, version(&form));
    let undo = move |tx: &mut Tx<'_>| recalls::undo_tell(tx, id, if_match, &UndoAnswer::default()).map(drop);
    let result = visit.write(&app, undo).await.map(|()| Flash::TellUndone);
    acted(&app, &request, visit, id, form, result).await
}

async fn unreachable(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, if_match) = (path.0, version(&form));
    let result = match decode::<Unreachable>(json!({ "reason": form.trimmed("reason") })) {
        Ok(input) => {
            let mark = move |tx: &mut Tx<'_>| messages::unreachable(tx, id, if_match, &input.reason).map(drop);
            visit.write(&app, mark).await.map(|()| Flash::Unreachable)
        }
        Err(error) => Err(error.into()),
    };
    acted(&app, &request, visit, id, form, result).await
}

/// Takes a case: the member tells this customer.
async fn take(app: AppData, request: HttpRequest, visit: Visit, path: Path, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let (id, if_match, member_id) = (path.0, version(&form), visit.member.id);
    let assign = move |tx: &mut Tx<'_>| messages::assign_to(tx, id, if_match, &Assignment { member_id }).map(drop);
    let result = visit.write(&app, assign).await.map(|()| Flash::Taken);
    acted(&app, &request, visit, id, form, result).await
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config
        .service(page_at("/console/to-tell", &[("GET", May("list_closures"))]).get(to_tell))
        .service(page_at("/console/closures/{id}/tell", &[("POST", May("tell_customer"))]).post(tell))
        .service(page_at("/console/closures/{id}/answer", &[("POST", May("answer_closure"))]).post(answer))
        .service(page_at("/console/closures/{id}/undo-answer", &[("POST", May("undo_answer"))]).post(undo_answer))
        .service(page_at("/console/closures/{id}/undo-tell", &[("POST", May("undo_tell"))]).post(undo_tell))
        .service(page_at("/console/closures/{id}/unreachable", &[("POST", May("mark_unreachable"))]).post(unreachable))
        .service(page_at("/console/closures/{id}/take", &[("POST", May("assign_closure"))]).post(take));
}
