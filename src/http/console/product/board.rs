//! `/console/backlog/board`: the open stories by stage. A card moves forward by a form of its own; going back needs a
//! reason, which the page of the story asks for.

use std::collections::{BTreeMap, HashMap};

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use super::backlog_query::{Choices, choices, query};
use crate::domain::base::{Id, Paging};
use crate::domain::search::several::Several;
use crate::domain::stories::stage::{Stage, reachable};
use crate::domain::stories::{Story, StoryQuery};
use crate::error::Result;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::form::Form;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::store::Conn;
use crate::store::stories::list;
use crate::store::team::members;

/// The most stories read for the ranks, and the most that the team works on.
const MOST: i64 = 200;
/// The most cards of a column.
const CARDS: usize = 25;
/// The columns.
const COLUMNS: [Stage; 9] = [
    Stage::Draft,
    Stage::Accepted,
    Stage::Scoped,
    Stage::Designing,
    Stage::Building,
    Stage::Testing,
    Stage::Ready,
    Stage::Released,
    Stage::Closing,
];

/// A story on the board.
struct Card {
    story: Story,
    /// Its place in the backlog, where it is among the first.
    rank: Option<usize>,
    owner: Option<String>,
}

impl Card {
    /// The stages that it can move forward to.
    fn moves(&self) -> Vec<Stage> {
        let ahead = |stage: &Stage| *stage > self.story.stage && *stage < Stage::Declined;
        reachable(self.story.stage).into_iter().filter(ahead).collect()
    }
}

/// A column of the board.
struct Column {
    stage: Stage,
    cards: Vec<Card>,
    /// There are more stories than are shown.
    has_more: bool,
}

#[derive(Template)]
#[template(path = "console/product/board.html")]
struct BoardPage {
    shell: Shell,
    asked: Form,
    choices: Choices,
    columns: Vec<Column>,
}

impl BoardPage {
    /// The address of the list of a column.
    fn whole(&self, column: &Column) -> String {
        self.choices.address(&self.asked.with("stage", column.stage.as_str()), "/console/backlog")
    }

    fn is_empty(&self) -> bool {
        self.columns.iter().all(|column| column.cards.is_empty())
    }
}

/// The stories of the board: the first of the backlog, and all that the team works on.
fn read(conn: &mut Conn, wanted: &StoryQuery, now: crate::domain::base::Time) -> Result<Vec<Column>> {
    let shown: Vec<Stage> = match &wanted.stage {
        Some(stages) => COLUMNS.into_iter().filter(|stage| stages.0.contains(stage)).collect(),
        None => COLUMNS.to_vec(),
    };
    let of = |stages: Vec<Stage>| StoryQuery { stage: Some(Several(stages)), cursor: None, ..wanted.clone() };
    let paging = Paging::new(Some(MOST), None, String::new())?;
    let unfiltered = StoryQuery { stage: None, owner: None, q: None, overdue: None, cursor: None, ..wanted.clone() };
    let ranked = list::list(conn, &unfiltered, &paging, now)?.data;
    let ranks: HashMap<Id, usize> = ranked.iter().enumerate().map(|(at, story)| (story.id, at + 1)).collect();
    let (working, others): (Vec<Stage>, Vec<Stage>) =
        shown.iter().copied().partition(|stage| stage.in_development() || *stage == Stage::Closing);
    let mut stories = Vec::new();
    for stages in [working, others].into_iter().filter(|stages| !stages.is_empty()) {
        stories.extend(list::list(conn, &of(stages), &paging, now)?.data);
    }
    // A draft that nobody touched and that has lost its feedback is left out of the backlog, and so of the board.
    stories.retain(|story| !(story.is_untouched() && story.feedback_count == 0));
    let owners: Vec<Id> = stories.iter().filter_map(|story| story.owner_id).collect();
    let names = members::names_of(conn, &owners)?;
    let mut by_stage: BTreeMap<Stage, Vec<Card>> = BTreeMap::new();
    for story in stories {
        let owner = story.owner_id.and_then(|owner| names.get(&owner).cloned());
        let card = Card { rank: ranks.get(&story.id).copied(), owner, story };
        by_stage.entry(card.story.stage).or_default().push(card);
    }
    let column = |stage: Stage| {
        let mut cards = by_stage.remove(&stage).unwrap_or_default();
        let has_more = cards.len() > CARDS;
        cards.truncate(CARDS);
        Column { stage, cards, has_more }
    };
    Ok(shown.into_iter().map(column).collect())
}

async fn board(app: AppData, request: HttpRequest, visit: Visit) -> Shown {
    let (asked, now) = (Form::of_query(&request)?, app.store.clock.now());
    let query = query(&asked, &visit)?;
    let read = move |conn: &mut Conn| Ok((choices(conn)?, read(conn, &query, now)?));
    let (choices, columns) = visit.read(&app, read).await?;
    let shell = Shell::new(&request, |t| t.board());
    show(&request, &BoardPage { shell, asked, choices, columns })
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/backlog/board", &[("GET", May("list_stories"))]).get(board));
}
