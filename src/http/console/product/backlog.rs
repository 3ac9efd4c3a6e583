//! `/console/backlog`: the ranked stories.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use super::backlog_query::{Choices, ME, choices, query};
use crate::domain::base::{Id, Paging, Time};
use crate::domain::evaluations::evaluation::Evaluation;
use crate::domain::evaluations::requests::EvaluationQuery;
use crate::domain::search::several::Several;
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{Story, StoryQuery};
use crate::domain::team::view::ViewPage;
use crate::error::Result;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::Form;
use crate::http::console::base::kept::views::ListPage;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::evaluations::rows as evaluations;
use crate::store::stories::list;

/// The most stories, and the most evaluations, that are shown above a member's own stories.
const SHOWN: i64 = 20;

#[derive(Template)]
#[template(path = "console/product/backlog.html")]
struct BacklogPage {
    shell: Shell,
    asked: Form,
    choices: Choices,
    stories: Vec<Story>,
    mine: MyWork,
    /// How many stories the earlier pages have shown.
    before: usize,
    /// The address of the next page.
    next: Option<String>,
}

/// What waits for the member beside their stories, on the page of their own ones.
#[derive(Default)]
struct MyWork {
    /// Stories of theirs that need a story which was declined.
    undecided: Vec<Story>,
    /// Evaluations of theirs that should be looked at again.
    evaluations: Vec<Evaluation>,
}

/// The member who looks.
#[derive(Clone, Copy)]
struct Looker {
    member: Option<Id>,
    may_list_evaluations: bool,
}

impl MyWork {
    fn is_empty(&self) -> bool {
        self.undecided.is_empty() && self.evaluations.is_empty()
    }

    fn read(conn: &mut Conn, of: Looker, products: Option<Several<String>>, now: Time) -> Result<Self> {
        let limit = Some(SHOWN);
        let paging = Paging::new(limit, None, String::new())?;
        let undecided = StoryQuery {
            product: products.clone(),
            owner: of.member.map(|member| Several(vec![member])),
            needs_decision: Some(true),
            limit,
            ..StoryQuery::default()
        };
        let mut due = Vec::new();
        if of.may_list_evaluations {
            // Without a choice of products, those of all.
            let each = products.map_or_else(|| vec![None], |some| some.0.into_iter().map(Some).collect());
            for product in each {
                let q = EvaluationQuery {
                    product,
                    member: of.member,
                    due: Some(true),
                    limit,
                    ..EvaluationQuery::default()
                };
                due.extend(evaluations::list(conn, &q, &paging, now)?.data);
            }
            due.truncate(SHOWN as usize);
        }
        Ok(Self { undecided: list::list(conn, &undecided, &paging, now)?.data, evaluations: due })
    }
}

impl BacklogPage {
    /// The place of a story in the list.
    fn rank(&self, index: &usize) -> usize {
        self.before + index + 1
    }

    /// The address of the board with the same filters.
    fn board(&self) -> String {
        self.choices.address(&self.asked, "/console/backlog/board")
    }
}

async fn backlog(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    let (asked, now) = (Form::of_query(&request)?, app.store.clock.now());
    let query = query(&asked, &visit)?;
    let paging = Paging::of("/console/backlog", &query)?;
    let own = matches!(asked.get("owner"), ME | "me");
    let looker = Looker { member: visit.caller.member_id, may_list_evaluations: visit.may("list_evaluations") };
    let read = move |conn: &mut Conn| {
        let mine = match own {
            true => MyWork::read(conn, looker, query.product.clone(), now)?,
            false => MyWork::default(),
        };
        Ok((choices(conn)?, list::list(conn, &query, &paging, now)?, mine))
    };
    let (choices, found, mine) = visit.read(&app, read).await?;
    let before: usize = asked.get("before").parse().unwrap_or_default();
    let next = found.next_cursor.map(|cursor| {
        let counted = (before + found.data.len()).to_string();
        asked.with("before", &counted).address("/console/backlog", "cursor", &cursor)
    });
    let shell = Shell::new(&request, |t| t.nav_backlog());
    show(&request, &BacklogPage { shell, asked, choices, stories: found.data, mine, before, next })
}

inventory::submit!(ListPage::of(
    ViewPage::Backlog,
    &["product", "stage", "owner", "overdue", "blocked", "needs_decision", "q"],
    |name, value| name != "stage" || value.split(',').all(|one| one.parse::<Stage>().is_ok())
));
inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/backlog", &[("GET", May("list_stories"))]).get(backlog));
}
