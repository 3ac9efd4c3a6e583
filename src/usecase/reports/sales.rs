//! The sales view of an account.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::domain::base::text::cut;
use crate::domain::base::{Id, Paging, Time};
use crate::domain::closure::{Closure, ClosureQuery};
use crate::domain::feedback::own_words::own_text;
use crate::domain::reports::sales::{SalesFeedback, SalesRelease, SalesStory, SalesTold, SalesView};
use crate::domain::stories::Story;
use crate::domain::stories::stage::Stage;
use crate::error::Result;
use crate::store::Conn;
use crate::store::closure::closures;
use crate::store::feedback::{customers, tallies};
use crate::store::reports::facts;
use crate::store::{feedback, releases, stories};

/// The most stories that are read.
const MOST_STORIES: usize = 300;
/// The most items of feedback without a story.
const MOST_UNPLANNED: i64 = 20;
/// The most characters of an item.
const LONGEST: usize = 300;

/// What an account asked for, what shipped, what is promised, and who was told.
///
/// # Errors
/// 404.
pub fn of(conn: &mut Conn, account: Id, now: Time) -> Result<SalesView> {
    let account = customers::account(conn, account)?;
    let tally = tallies::of_accounts(conn, &[account.id])?.remove(&account.id).unwrap_or_default();
    let behind = facts::stories_of_account(conn, account.id)?;
    let mut ids: Vec<Id> = behind.keys().copied().collect();
    ids.sort_unstable_by(|a, b| b.cmp(a));
    let incomplete = ids.len() > MOST_STORIES;
    ids.truncate(MOST_STORIES);
    let found = stories::rows::get_many(conn, &ids)?;
    let planned: HashMap<Id, SalesRelease> = releases::rows::open_of(conn, &ids)?
        .into_iter()
        .map(|(story, id, name)| (story, SalesRelease { id, name }))
        .collect();
    let mut told = told(conn, account.id)?;
    let mut all: Vec<SalesStory> = Vec::new();
    for story in found.into_iter().filter(|story| story.stage != Stage::Duplicate) {
        let told = told.remove(&story.id).unwrap_or_default();
        let items = behind.get(&story.id).copied().unwrap_or(0);
        let release = planned.get(&story.id).cloned();
        all.push(shown(story, items, release, told, now));
    }
    let mut view = SalesView {
        unplanned: unplanned(conn, account.id)?,
        account,
        customers: tally.customers,
        feedback: tally.said,
        asked: Vec::new(),
        promised: Vec::new(),
        shipped: Vec::new(),
        declined: Vec::new(),
        incomplete,
    };
    for story in all {
        match story.stage {
            Stage::Draft => view.asked.push(story),
            Stage::Declined => view.declined.push(story),
            stage if stage.is_shipped() => view.shipped.push(story),
            _ => view.promised.push(story),
        }
    }
    view.asked.sort_by_key(|story| (Reverse(story.feedback), story.story_id));
    view.promised.sort_by_key(|story| (story.due_at.is_none(), story.due_at, story.story_id));
    view.shipped.sort_by_key(|story| (Reverse(story.released_at), story.story_id));
    view.declined.sort_by_key(|story| Reverse(story.story_id));
    Ok(view)
}

fn shown(story: Story, items: i64, planned: Option<SalesRelease>, told: Vec<SalesTold>, now: Time) -> SalesStory {
    let is_open = story.stage < Stage::Released;
    SalesStory {
        story_id: story.id,
        product_id: story.product_id,
        overdue: is_open && story.missed(now).is_some(),
        number: story.number,
        title: story.title,
        stage: story.stage,
        reason: story.stage_reason.filter(|_| story.stage == Stage::Declined),
        feedback: items,
        due_at: story.due_at,
        planned_release: planned,
        released_at: story.released_at,
        told,
    }
}

/// The latest closure of each of the account's people in each story.
fn told(conn: &mut Conn, account: Id) -> Result<HashMap<Id, Vec<SalesTold>>> {
    let query = ClosureQuery { account: Some(account), limit: Some(200), ..ClosureQuery::default() };
    let mut found: HashMap<Id, Vec<SalesTold>> = HashMap::new();
    let mut cursor = None;
    for _ in 0..5 {
        let asked = ClosureQuery { cursor: cursor.take(), ..query.clone() };
        let page = closures::list(conn, &asked, None, &Paging::of("sales", &asked)?)?;
        for closure in page.data {
            let of_story = found.entry(closure.story.id).or_default();
            // They come newest first.
            if !of_story.iter().any(|known| known.customer_id == closure.customer.id) {
                of_story.push(one(closure));
            }
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    Ok(found)
}

fn one(closure: Closure) -> SalesTold {
    SalesTold {
        customer_id: closure.customer.id,
        name: closure.customer.name,
        state: closure.state,
        told_at: closure.told_at,
        answered_at: closure.answered_at,
    }
}

fn unplanned(conn: &mut Conn, account: Id) -> Result<Vec<SalesFeedback>> {
    let ids = facts::unplanned_of_account(conn, account, MOST_UNPLANNED)?;
    let item = |item: crate::domain::feedback::Feedback| SalesFeedback {
        feedback_id: item.id,
        text: cut(own_text(&item.text).into_owned(), LONGEST),
        customer: item.customer.and_then(|customer| customer.name),
        occurred_at: item.occurred_at,
        theme_id: item.theme.map(|theme| theme.id),
    };
    Ok(feedback::rows::get_many(conn, &ids)?.into_iter().map(item).collect())
}
