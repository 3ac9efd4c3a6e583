//! `/console/inbox`: what is new, acts on it, and a form for what a customer said.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload, ServiceConfig};
use askama::Template;
use serde_json::{Value, json};

use super::acts;
use super::asked::Asked;
use super::finder::{Known, known};
use super::similar::{Nearest, nearest};
use crate::domain::base::bulk::FeedbackAct;
use crate::domain::base::decode::decode;
use crate::domain::base::{Id, Paging};
use crate::domain::feedback::act::{Act, NewAct};
use crate::domain::feedback::{Feedback, Kind, NewFeedback, Source, State};
use crate::domain::team::view::ViewPage;
use crate::domain::team::{FilingRights, Product};
use crate::error::{Code, Error, Result};
use crate::http::api::feedback::filing_queue::FilingQueue;
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::flash::Flash;
use crate::http::console::base::form::{Form, Wrong};
use crate::http::console::base::kept::views::ListPage;
use crate::http::console::base::page::{Shown, done, done_undoable, see_other, show_as};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::feedback::list;
use crate::store::team::products;
use crate::store::{Conn, Tx};
use crate::usecase::feedback::filing::{self, Outcome};
use crate::usecase::feedback::{acts as acting, edits};

/// The origin of feedback that is filed by this form.
const ORIGIN: &str = "console";
/// Characters of a feedback that a row shows.
const SHOWN: usize = 280;
/// A page counts what matches up to here only: counting a hundred thousand rows would take longer than the page.
const COUNTED: i64 = 1_000;

/// A list that is one click away: its address, its name, and whether it is shown now.
struct Tab {
    address: &'static str,
    name: String,
    is_here: bool,
}

#[derive(Template)]
#[template(path = "console/support/inbox.html")]
struct InboxPage {
    shell: Shell,
    asked: Asked,
    products: Vec<Product>,
    /// Whether there are archived products, whose feedback can be asked for.
    has_archived: bool,
    feedback: Vec<Feedback>,
    /// How much feedback passes the filters, counted up to a limit.
    total: String,
    next: Option<String>,
    form: Form,
    /// Known by this, a form that is sent twice is filed once.
    form_id: String,
    wrong: Wrong,
    /// What was looked up for the form, where its button asked for it.
    nearest: Option<Nearest>,
    known: Vec<Known>,
    chosen: String,
    may_be_new: bool,
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

    /// Whether this row shows its further acts.
    fn shows_more(&self, quote: &Feedback) -> bool {
        self.asked.get("more") == quote.id.to_string()
    }

    /// Whether people may act on the rows, and whether there is one.
    fn has_acts(&self) -> bool {
        self.shell.may("create_act") && !self.feedback.is_empty()
    }

    /// What customers said, shortened: the page of the feedback shows all of it.
    fn beginning(&self, quote: &Feedback) -> String {
        shortened(&quote.text, SHOWN)
    }

    /// Whether the filters are none of the tabs.
    fn is_custom(&self) -> bool {
        self.asked.is_filtered() && !self.tabs().iter().any(|tab| tab.is_here)
    }

    fn tabs(&self) -> Vec<Tab> {
        let t = self.shell.t;
        let here = self.asked.page("");
        let tab = |(address, name): (&'static str, String)| Tab { address, name, is_here: address == here };
        let all = [
            ("/console/inbox", t.tab_new()),
            ("/console/inbox?state=pending,set_aside", t.tab_not_grouped()),
            ("/console/inbox?state=dismissed", t.tab_dismissed()),
            ("/console/inbox?by=@me", t.tab_mine()),
        ];
        all.into_iter().map(tab).collect()
    }
}

/// A text without its end, where it has more characters than this; cut between words where that loses little.
fn shortened(text: &str, most: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let begun = &text[..end];
    let whole = begun.rfind(char::is_whitespace).filter(|at| begun[*at..].chars().count() <= most / 4);
    format!("{}…", begun[..whole.unwrap_or(end)].trim_end())
}

/// The form of the page: as it was refused, or with what was looked up for it.
#[derive(Default)]
struct Filled {
    form: Form,
    wrong: Wrong,
    looked_up: bool,
}

async fn page(app: &AppData, request: &HttpRequest, visit: Visit, asked: Asked, filled: Filled) -> Shown {
    let Filled { form, wrong, looked_up } = filled;
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let query = asked.query(&visit)?;
    let paging = Paging::of("/console/inbox", &query)?;
    let read = move |conn: &mut Conn| {
        Ok((
            products::current(conn)?,
            list::list(conn, &query, &paging)?,
            list::ids(conn, &query, None, COUNTED + 1)?.len(),
            products::has_archived(conn)?,
        ))
    };
    let (products, found, total, has_archived) = visit.read(app, read).await?;
    let (mut near, mut people) = (None, Vec::new());
    if looked_up {
        if visit.may("find_similar") {
            let product = form.given("product").map(str::to_owned);
            near = Some(nearest(app, &visit, form.get("text"), product, None).await?);
        }
        people = known(app, &visit, typed(&form), None).await?;
    }
    let form_id = form.given("form_id").map_or_else(|| Id::next().to_string(), str::to_owned);
    let title = |t: crate::domain::words::console::Words| {
        if wrong.is_empty() { t.nav_inbox() } else { t.error_in_title(t.nav_inbox()) }
    };
    let page = InboxPage {
        shell: Shell::new(request, title),
        products,
        has_archived,
        feedback: found.data,
        total: if total as i64 > COUNTED { format!("{COUNTED}+") } else { total.to_string() },
        next: found.next_cursor.map(|cursor| asked.page(&cursor)),
        asked,
        chosen: form.get("customer_id").to_owned(),
        form,
        form_id,
        wrong,
        nearest: near,
        known: people,
        may_be_new: true,
    };
    show_as(status, request, &page)
}

/// What identifies the customer best of what was typed.
fn typed(form: &Form) -> &str {
    ["customer_email", "customer_name", "account"].into_iter().find_map(|name| form.given(name)).unwrap_or_default()
}

async fn inbox(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    let asked = Asked::read(request.query_string());
    page(&app, &request, visit, asked, Filled::default()).await
}

/// The form as the API would get it.
fn input(form: &Form) -> Value {
    let mut feedback = json!({ "text": form.get("text").trim(), "origin": ORIGIN });
    for (field, name) in [("source", "source"), ("product", "product"), ("external_id", "form_id")] {
        if let Some(value) = form.given(name) {
            feedback[field] = json!(value);
        }
    }
    if form.given("customer_id").is_some() {
        // A known customer was chosen; what was typed only served to find them.
        return feedback;
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

/// An id in a field of a form.
fn id_in(form: &Form, name: &str) -> Result<Option<Id>> {
    let wrong = |_| Error::field(format!("/{name}"), "format", "is not an id");
    form.given(name).map(|text| text.parse().map_err(wrong)).transpose()
}

/// What was filed, and the act that moved it to its theme.
struct FiledTogether {
    outcome: Outcome,
    id: Id,
    act: Option<Act>,
}

/// Files feedback for a known customer, or into a chosen theme, in one transaction.
fn file_together(
    tx: &mut Tx<'_>,
    input: &NewFeedback,
    rights: FilingRights,
    customer: Option<Id>,
    theme: Option<Id>,
) -> Result<FiledTogether> {
    let filed = filing::file_by(tx, std::slice::from_ref(input), rights)?.pop();
    let filed = filed.ok_or_else(|| Error::internal("nothing was filed"))??;
    let id = filed.feedback.id;
    let is_theirs = |customer: Id| filed.feedback.customer.as_ref().is_some_and(|had| had.id == customer);
    if let Some(customer) = customer.filter(|customer| !is_theirs(*customer)) {
        edits::edit_by(tx, id, None, &json!({ "customer_id": customer }), rights)?;
    }
    let Some(theme) = theme else { return Ok(FiledTogether { outcome: filed.outcome, id, act: None }) };
    let act = NewAct {
        act: FeedbackAct::Move,
        ids: Some(vec![id]),
        matching: None,
        reason: None,
        theme_id: Some(theme),
        new_theme: None,
        tags: None,
        set_aside: None,
    };
    let begun = acting::begin(tx, &act, None)?;
    acting::go_on(tx, begun.id)?;
    let act = crate::store::feedback::acts::get(tx.conn, begun.id)?;
    Ok(FiledTogether { outcome: filed.outcome, id, act: Some(act) })
}

async fn filed(app: &AppData, queue: &FilingQueue, visit: &Visit, form: &Form) -> Result<FiledTogether> {
    let input = decode::<NewFeedback>(input(form))?;
    let (customer, theme) = (id_in(form, "customer_id")?, id_in(form, "same_as")?);
    let rights = visit.caller.access.filing_rights();
    if customer.is_none() && theme.is_none() {
        let filed = queue.file(&visit.caller, input).await?;
        return Ok(FiledTogether { outcome: filed.outcome, id: filed.feedback.id, act: None });
    }
    visit.write(app, move |tx| file_together(tx, &input, rights, customer, theme)).await
}

async fn file(app: AppData, queue: Data<FilingQueue>, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    if form.given("look").is_some() {
        let filled = Filled { form, looked_up: true, ..Filled::default() };
        return page(&app, &request, visit, Asked::default(), filled).await;
    }
    match filed(&app, &queue, &visit, &form).await {
        Ok(FiledTogether { outcome, id, act }) => {
            let there = format!("/console/feedback/{id}");
            match act {
                Some(act) if act.failed > 0 => Ok(acts::next(&request, &act, &there)),
                Some(act) => Ok(done_undoable(&request, &there, Flash::FiledTogether, Some(act.id))),
                None if outcome == Outcome::Created => Ok(done(&request, &there, Flash::Filed)),
                None => Ok(done(&request, &there, Flash::FiledAgain)),
            }
        }
        Err(error) if error.code == Code::Invalid => {
            let filled = Filled { form, wrong: Wrong::new(error.fields), looked_up: false };
            page(&app, &request, visit, Asked::default(), filled).await
        }
        Err(error) => Err(error),
    }
}

/// The address of a feedback in earlier versions.
async fn moved_away(path: Path) -> actix_web::HttpResponse {
    see_other(&format!("/console/feedback/{}", path.0))
}

/// Whether a filter can have this value.
fn is_valid(name: &str, value: &str) -> bool {
    let mut parts = value.split(',');
    match name {
        "state" => parts.all(|part| part.parse::<State>().is_ok()),
        "source" => parts.all(|part| part.parse::<Source>().is_ok()),
        "kind" => parts.all(|part| part.parse::<Kind>().is_ok()),
        _ => true,
    }
}

inventory::submit!(ListPage::of(
    ViewPage::Inbox,
    &["state", "source", "kind", "product", "q", "tag", "by", "archived"],
    is_valid
));
inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    let rules = &[("GET", May("list_feedback")), ("POST", May("create_feedback"))];
    config
        .service(page_at("/console/inbox", rules).get(inbox).post(file))
        .service(page_at("/console/inbox/{id}", &[("GET", May("get_feedback"))]).get(moved_away));
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn a_long_text_is_cut_between_words_and_a_short_one_is_whole() {
        assert_eq!(shortened("환불이 늦어요", 7), "환불이 늦어요");
        assert_eq!(shortened("one two three four", 16), "one two three…");
        assert_eq!(shortened("환불이늦어요정말로", 5), "환불이늦어…", "a word that is longer than the row");
    }
}
