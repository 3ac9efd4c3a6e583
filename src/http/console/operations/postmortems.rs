//! `/console/postmortems`: the postmortems, those that are late first, and the actions that are not done.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::web::{Payload, ServiceConfig};
use askama::Template;
use serde_json::json;

use super::postmortem::state_name;
use crate::app::App;
use crate::domain::base::decode::decode;
use crate::domain::base::{Id, Paging};
use crate::domain::operations::postmortem::action::{ActionCounts, ActionQuery, ActionState, PostmortemAction};
use crate::domain::operations::postmortem::{Postmortem, PostmortemQuery, PostmortemState};
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
use crate::store::operations::{postmortem_actions, postmortems as stored};
use crate::store::team::members;
use crate::usecase::operations::postmortem::writing;

/// The address of the page.
const HERE: &str = "/console/postmortems";
/// The most actions that the page shows.
const MOST_ACTIONS: i64 = 100;

/// What the page reads.
struct Found {
    late: Vec<Postmortem>,
    postmortems: Vec<Postmortem>,
    actions: Vec<PostmortemAction>,
    counts: ActionCounts,
    names: HashMap<Id, String>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "console/operations/postmortems.html")]
struct PostmortemsPage {
    shell: Shell,
    asked: Form,
    found: Found,
    refusal: Refusal,
}

impl PostmortemsPage {
    fn states(&self) -> &'static [PostmortemState] {
        PostmortemState::ALL
    }

    fn state(&self, state: &PostmortemState) -> String {
        state_name(&self.shell, *state)
    }

    fn name(&self, id: &Id) -> &str {
        self.found.names.get(id).map(String::as_str).unwrap_or_default()
    }

    /// The share of done actions, in percent.
    fn done(&self) -> String {
        self.found.counts.done_rate.map_or_else(|| "–".to_owned(), |rate| format!("{:.0} %", rate * 100.0))
    }
}

fn query(asked: &Form) -> Result<PostmortemQuery> {
    let state = asked
        .given("state")
        .map(|state| state.parse().map_err(|()| Error::field("/state", "format", "is not a state of postmortems")));
    Ok(PostmortemQuery {
        state: state.transpose()?,
        cursor: asked.given("cursor").map(str::to_owned),
        ..PostmortemQuery::default()
    })
}

async fn page(app: &App, request: &HttpRequest, visit: Visit, refused: Option<(Error, Form)>) -> Shown {
    let (asked, now) = (Form::of_query(request)?, app.store.clock.now());
    let query = query(&asked)?;
    let paging = Paging::of(HERE, &query)?;
    let is_first = query.state.is_none() && query.cursor.is_none();
    let form = asked.clone();
    let read = move |conn: &mut Conn| {
        let late = PostmortemQuery { overdue: Some(true), ..PostmortemQuery::default() };
        let late = match is_first {
            true => stored::list(conn, &late, &Paging::of(HERE, &late)?, now)?.data,
            false => Vec::new(),
        };
        let open = ActionQuery { state: Some(ActionState::Open), limit: Some(MOST_ACTIONS), ..ActionQuery::default() };
        let mut actions = postmortem_actions::list(conn, &open, &Paging::of(HERE, &open)?, now)?.data;
        actions.sort_by_key(|action| (!action.overdue, action.due_at.is_none(), action.due_at, action.id));
        let found = stored::list(conn, &query, &paging, now)?;
        let named: Vec<Id> = actions.iter().filter_map(|action| action.owner_id).collect();
        Ok(Found {
            counts: postmortem_actions::counts(conn, None, now)?,
            names: members::names_of(conn, &named)?,
            postmortems: found.data.into_iter().filter(|one| !late.iter().any(|late| late.id == one.id)).collect(),
            next: found.next_cursor.map(|cursor| form.address(HERE, "cursor", &cursor)),
            late,
            actions,
        })
    };
    let found = visit.read(app, read).await?;
    let shell = Shell::new(request, |t| match &refused {
        Some(_) => t.error_in_title(t.nav_postmortems()),
        None => t.nav_postmortems(),
    });
    let refusal = refused.map_or_else(Refusal::default, |(error, form)| Refusal::of(error, form, shell.t));
    show_as(refusal.status(), request, &PostmortemsPage { shell, asked, found, refusal })
}

async fn list(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    page(&app, &request, visit, None).await
}

async fn create(app: AppData, request: HttpRequest, visit: Visit, body: Payload) -> Shown {
    let form = Form::read(&request, body).await?;
    let made = match decode(json!({ "incident": form.trimmed("incident") })) {
        Ok(input) => visit.write(&app, move |tx| writing::create(tx, &input)).await,
        Err(error) => Err(error.into()),
    };
    match made {
        Ok((postmortem, _)) => Ok(done(&request, &format!("{HERE}/{}", postmortem.id), Flash::Saved)),
        Err(error) if Refusal::fits(&error) => page(&app, &request, visit, Some((error, form))).await,
        Err(error) => Err(error),
    }
}

inventory::submit!(Pages(routes));

/// Registers the routes.
fn routes(config: &mut ServiceConfig) {
    config.service(
        page_at("/console/postmortems", &[("GET", May("list_postmortems")), ("POST", May("create_postmortem"))])
            .get(list)
            .post(create),
    );
}
