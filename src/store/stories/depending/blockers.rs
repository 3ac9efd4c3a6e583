//! What stories need and is not there yet. The view `story_blockers` computes it; nothing of it is stored.

use std::collections::{HashMap, HashSet};

use crate::domain::base::Id;
use crate::domain::stories::dependency::{DependencyState, OpenNeed};
use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::{DbId, name};
use crate::store::schema::{story_blockers as blockers, story_dependencies as edges};

/// The most ids per statement.
const CHUNK: usize = 500;
const SATISFIED: &str = DependencyState::Satisfied.as_str();

type Row = (DbId, DbId, Option<DbId>, String, i32);

macro_rules! needs {
    () => {
        blockers::table.inner_join(edges::table.on(edges::id.eq(blockers::dependency_id))).select((
            blockers::dependency_id,
            blockers::story_id,
            blockers::blocker_id,
            blockers::state,
            edges::lag_days,
        ))
    };
}

fn need((dependency, story, blocker, state, lag_days): Row) -> Result<OpenNeed> {
    Ok(OpenNeed {
        dependency_id: dependency.into(),
        story_id: story.into(),
        blocker_id: blocker.map(Id::from),
        state: name(&state)?,
        lag_days,
    })
}

/// Which of these stories need something that is not there yet.
pub fn blocked(conn: &mut Conn, ids: &[Id]) -> Result<HashSet<Id>> {
    let mut found = HashSet::new();
    for ids in ids.chunks(CHUNK) {
        let own = blockers::table.filter(blockers::story_id.eq_any(ids.iter().map(|id| DbId(*id))));
        let rows: Vec<DbId> = own.filter(blockers::state.ne(SATISFIED)).select(blockers::story_id).load(conn)?;
        found.extend(rows.into_iter().map(Id::from));
    }
    Ok(found)
}

/// What a story needs and is not there yet, oldest first.
pub fn of_story(conn: &mut Conn, story: Id) -> Result<Vec<OpenNeed>> {
    let rows: Vec<Row> = needs!()
        .filter(blockers::story_id.eq(DbId(story)))
        .filter(blockers::state.ne(SATISFIED))
        .order(blockers::dependency_id.asc())
        .load(conn)?;
    rows.into_iter().map(need).collect()
}

/// Everything that stories need and is not there yet, oldest first.
pub fn all_open(conn: &mut Conn) -> Result<Vec<OpenNeed>> {
    let rows: Vec<Row> =
        needs!().filter(blockers::state.ne(SATISFIED)).order(blockers::dependency_id.asc()).load(conn)?;
    rows.into_iter().map(need).collect()
}

/// The state of each of these dependencies, with the story that satisfies it: the other story, or the original of that.
pub fn states(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, (Option<Id>, DependencyState)>> {
    let mut found = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<Row> =
            needs!().filter(blockers::dependency_id.eq_any(ids.iter().map(|id| DbId(*id)))).load(conn)?;
        for row in rows {
            let need = need(row)?;
            found.insert(need.dependency_id, (need.blocker_id, need.state));
        }
    }
    Ok(found)
}

/// How many stories need this one, or a duplicate of it.
pub fn count_waiting(conn: &mut Conn, blocker: Id) -> Result<i64> {
    Ok(blockers::table.filter(blockers::blocker_id.eq(DbId(blocker))).count().get_result(conn)?)
}
