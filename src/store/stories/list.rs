//! The list of stories with its filters, and the stories that are late.

use super::rows::{JoinedStory, Row, joined, show_all};
use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{Story, StoryNumber, StoryQuery, StorySort};
use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::{products, stories, story_blockers, story_themes};
use crate::store::search::containing::{contains, patterns};

/// Stories past their deadline at this time: drafts without an answer in time, and due stories that are not released.
macro_rules! late {
    ($now:expr) => {{
        let now = DbTime($now);
        let unreleased = stories::stage.eq_any(Stage::ALL.iter().filter(|s| **s < Stage::Released).map(|s| s.as_str()));
        let unanswered = stories::stage.eq(Stage::Draft.as_str());
        let response = stories::respond_by.is_not_null().and(stories::respond_by.assume_not_null().lt(now));
        let due = stories::due_at.is_not_null().and(stories::due_at.assume_not_null().lt(now));
        unanswered.and(response).or(unreleased.and(due))
    }};
}

/// Only stories that need something in such a state, where that is wanted; only all others, where it is not.
macro_rules! needing {
    ($query:expr, $wanted:expr, $state:expr) => {{
        let needing = story_blockers::table.filter($state).select(story_blockers::story_id);
        match $wanted {
            Some(true) => $query.filter(stories::id.eq_any(needing)),
            Some(false) => $query.filter(stories::id.ne_all(needing)),
            None => $query,
        }
    }};
}

/// The filters by what stories need.
macro_rules! by_needs {
    ($query:expr, $q:expr) => {{
        let query = needing!($query, $q.blocked, story_blockers::state.ne("satisfied"));
        needing!(query, $q.needs_decision, story_blockers::state.eq("declined"))
    }};
}

/// Stories that are late at this time and not yet marked as late, oldest first.
pub fn newly_late(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<Id>> {
    let ids: Vec<DbId> = stories::table
        .filter(stories::overdue_at.is_null())
        .filter(late!(now))
        .select(stories::id)
        .order(stories::id.asc())
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// The members who own stories, at most this many.
pub fn owners(conn: &mut Conn, limit: i64) -> Result<Vec<Id>> {
    let owned = stories::table.filter(stories::owner_id.is_not_null()).select(stories::owner_id).distinct();
    let owners: Vec<Option<DbId>> = owned.order(stories::owner_id.asc()).limit(limit).load(conn)?;
    Ok(owners.into_iter().flatten().map(Id::from).collect())
}

/// The ids of the products with these keys or ids.
///
/// # Errors
/// 422 for an unknown product.
fn named_products(conn: &mut Conn, names: &[String]) -> Result<Vec<DbId>> {
    names.iter().map(|name| Ok(DbId(crate::store::team::products::known(conn, name.trim())?.id))).collect()
}

/// The place of a story in a list, from which the next page goes on.
fn place_of(story: &Story, by_priority: bool) -> Vec<String> {
    match by_priority {
        true => vec![story.priority.score.to_string(), story.id.to_string()],
        false => vec![story.id.to_string()],
    }
}

/// Stories that pass every filter, newest or highest score first; `now` decides which are overdue.
///
/// # Errors
/// 422 for a wrong cursor or an unknown product.
pub fn list(conn: &mut Conn, q: &StoryQuery, paging: &Paging, now: Time) -> Result<Page<Story>> {
    let by_priority = q.sort == Some(StorySort::Priority);
    let mut query = joined!().into_boxed();
    if let Some(named) = &q.product {
        query = query.filter(stories::product_id.eq_any(named_products(conn, &named.0)?));
    }
    if let Some(owners) = &q.owner {
        query = query.filter(stories::owner_id.eq_any(owners.0.iter().map(|owner| DbId(*owner))));
    }
    if let Some(theme) = q.theme {
        let standing = story_themes::table.filter(story_themes::theme_id.eq(DbId(theme)));
        query = query.filter(stories::id.eq_any(standing.select(story_themes::story_id)));
    }
    if let Some(number) = q.number.as_deref().and_then(|number| number.parse::<StoryNumber>().ok()) {
        query = query.filter(products::key.eq(number.key).and(stories::number.eq(number.number)));
    }
    for pattern in q.q.iter().flat_map(|words| patterns(words)) {
        let words = contains!(
            "stories.title || ' ' || stories.as_a || ' ' || stories.i_want || ' ' || stories.so_that || ' ' || products.key || '-' || stories.number",
            pattern
        );
        query = query.filter(words);
    }
    match q.overdue {
        Some(true) => query = query.filter(late!(now)),
        Some(false) => query = query.filter(diesel::dsl::not(late!(now))),
        None => {}
    }
    query = by_needs!(query, q);
    if let Some(stages) = &q.stage {
        query = query.filter(stories::stage.eq_any(stages.0.iter().map(|stage| stage.as_str())));
    } else if by_priority {
        if q.product.is_none() {
            query = query.filter(products::archived_at.is_null());
        }
        let untouched =
            stories::stage.eq(Stage::Draft.as_str()).and(stories::edited.eq(false)).and(stories::version.eq(1));
        query = query
            .filter(stories::stage.ne_all([Stage::Declined.as_str(), Stage::Duplicate.as_str()]))
            .filter(diesel::dsl::not(untouched.and(stories::feedback_count.eq(0))));
    }
    let query = query.limit(paging.limit as i64 + 1);
    let rows: Vec<JoinedStory> = if by_priority {
        let query = match (paging.key::<f64>(0)?, paging.key::<Id>(1)?) {
            (Some(score), Some(id)) => {
                query.filter(stories::score.lt(score).or(stories::score.eq(score).and(stories::id.lt(DbId(id)))))
            }
            _ => query,
        };
        query.order((stories::score.desc(), stories::id.desc())).load(conn)?
    } else {
        let query = match paging.key::<Id>(0)? {
            Some(after) => query.filter(stories::id.lt(DbId(after))),
            None => query,
        };
        query.order(stories::id.desc()).load(conn)?
    };
    Ok(paging.page(show_all(conn, rows)?, |story| place_of(story, by_priority)))
}
