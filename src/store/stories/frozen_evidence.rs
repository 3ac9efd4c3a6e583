//! Frozen evidence: the feedback that stories were released with. Also recurrences (feedback after the release) and the
//! outcomes of a customer's feedback.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::story_items::behind;
use crate::domain::base::{Id, Time};
use crate::domain::closure::{LeftOut, Outcome};
use crate::domain::feedback::{FeedbackRecord, Kind, SetAside};
use crate::domain::stories::Story;
use crate::domain::stories::stage::Stage;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, insert_rows, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::closure::closures;
use crate::store::feedback::feedback_row::{FeedbackRow, records};
use crate::store::schema::{
    feedback, recurrences, release_stories, releases, stories, story_evidence, story_items, story_themes,
};

/// A feedback of the current evidence of stories.
#[derive(Clone, Debug, Queryable)]
pub struct Current {
    pub story_id: Id,
    pub feedback_id: Id,
    pub customer_id: Option<Id>,
    pub origin: String,
    pub submitted_by: Option<Id>,
    pub occurred_at: Time,
    pub language: Option<String>,
    pub kind: Option<Kind>,
    pub set_aside: Option<SetAside>,
}

impl Current {
    /// The reason why it asks for no answer, if it asks for none. `far` contains the (story, feedback) pairs where the
    /// feedback is far from its theme.
    pub fn left_out(&self, far: &HashSet<(Id, Id)>) -> Option<LeftOut> {
        let is_far = far.contains(&(self.story_id, self.feedback_id));
        left_out(self.kind, self.set_aside.is_some(), is_far)
    }
}

/// The reason why such a feedback asks for no answer; `None` where it asks for one.
pub fn left_out(kind: Option<Kind>, set_aside: bool, far: bool) -> Option<LeftOut> {
    if set_aside {
        return Some(LeftOut::Noise);
    }
    if kind == Some(Kind::Praise) {
        return Some(LeftOut::Praise);
    }
    far.then_some(LeftOut::ProbablyNotAboutThis)
}

#[derive(Insertable)]
#[diesel(table_name = story_evidence, treat_none_as_default_value = false)]
struct Row {
    story_id: DbId,
    round: i32,
    feedback_id: DbId,
    customer_id: Option<DbId>,
    left_out: Option<&'static str>,
}

/// Whether the evidence of a round is frozen.
pub fn is_frozen(conn: &mut Conn, story: Id, round: i32) -> Result<bool> {
    let own = story_evidence::table.filter(story_evidence::story_id.eq(DbId(story)));
    let first = own.filter(story_evidence::round.eq(round)).select(story_evidence::round).first::<i32>(conn);
    Ok(first.optional()?.is_some())
}

/// The current feedback of these stories, latest first.
pub fn current(conn: &mut Conn, stories: &[Id]) -> Result<Vec<Current>> {
    Ok(story_items::table
        .inner_join(feedback::table.on(feedback::id.eq(story_items::feedback_id)))
        .filter(story_items::story_id.eq_any(stories.iter().map(|id| DbId(*id))))
        .select((
            story_items::story_id,
            feedback::id,
            feedback::customer_id,
            feedback::origin,
            feedback::submitted_by,
            feedback::occurred_at,
            feedback::language,
            feedback::kind,
            feedback::set_aside,
        ))
        .order((feedback::occurred_at.desc(), feedback::id.desc()))
        .load(conn)?)
}

/// Freezes feedback as the evidence of a story's round, each with the reason why it asks for no answer, if any.
pub fn freeze(tx: &mut Tx<'_>, story: &Story, evidence: &[(&Current, Option<LeftOut>)]) -> Result<()> {
    let row = |(item, left_out): &(&Current, Option<LeftOut>)| Row {
        story_id: story.id.into(),
        round: story.round,
        feedback_id: item.feedback_id.into(),
        customer_id: item.customer_id.map(DbId),
        left_out: left_out.map(LeftOut::as_str),
    };
    let rows: Vec<Row> = evidence.iter().map(row).collect();
    for rows in rows.chunks(5_000) {
        insert_rows!(tx.conn, story_evidence::table, rows);
    }
    Ok(())
}

/// The frozen evidence of each of these stories, over all rounds.
pub fn frozen(conn: &mut Conn, stories: &[Id]) -> Result<HashMap<Id, HashSet<Id>>> {
    let mut found: HashMap<Id, HashSet<Id>> = HashMap::new();
    for stories in stories.chunks(500) {
        let rows: Vec<(DbId, DbId)> = story_evidence::table
            .filter(story_evidence::story_id.eq_any(stories.iter().map(|id| DbId(*id))))
            .select((story_evidence::story_id, story_evidence::feedback_id))
            .load(conn)?;
        for (story, feedback) in rows {
            found.entry(story.into()).or_default().insert(feedback.into());
        }
    }
    Ok(found)
}

/// The text of a feedback of a story.
#[derive(Clone, Debug)]
pub struct SaidBehind {
    pub id: Id,
    pub customer: Option<Id>,
    pub words: String,
}

type Said = (DbId, Option<DbId>, Option<String>, String);

/// The columns that are read of such a feedback.
const TEXT_COLUMNS: (feedback::id, feedback::customer_id, feedback::title, feedback::text) =
    (feedback::id, feedback::customer_id, feedback::title, feedback::text);

impl From<Said> for SaidBehind {
    fn from((id, customer, title, text): Said) -> Self {
        let words = title.map_or_else(|| text.clone(), |title| format!("{title}\n{text}"));
        Self { id: id.into(), customer: customer.map(Id::from), words }
    }
}

/// A page of a boxed query over `feedback`, ordered by id.
macro_rules! a_page {
    ($query:expr, $after:expr, $limit:expr) => {{
        let mut query = $query;
        if let Some(after) = $after {
            query = query.filter(feedback::id.gt(DbId(after)));
        }
        query.order(feedback::id.asc()).limit($limit)
    }};
}

/// A page of a story's feedback, current or frozen in any round, ordered by id.
pub fn said_behind(conn: &mut Conn, story: &Story, after: Option<Id>, limit: i64) -> Result<Vec<SaidBehind>> {
    let frozen = story_evidence::table.filter(story_evidence::story_id.eq(DbId(story.id)));
    let frozen = frozen.select(story_evidence::feedback_id);
    let behind = feedback::id.eq_any(behind!(story.id)).or(feedback::id.eq_any(frozen));
    let query = feedback::table.filter(behind).select(TEXT_COLUMNS).into_boxed();
    let rows: Vec<Said> = a_page!(query, after, limit).load(conn)?;
    Ok(rows.into_iter().map(SaidBehind::from).collect())
}

/// A page of a theme's feedback, ordered by id.
pub fn said_in_theme(conn: &mut Conn, theme: Id, after: Option<Id>, limit: i64) -> Result<Vec<SaidBehind>> {
    let query = feedback::table.filter(feedback::theme_id.eq(DbId(theme))).select(TEXT_COLUMNS).into_boxed();
    let rows: Vec<Said> = a_page!(query, after, limit).load(conn)?;
    Ok(rows.into_iter().map(SaidBehind::from).collect())
}

/// A customer's feedback for a story, over all rounds: first the feedback that asks for an answer, latest first, then
/// the rest.
pub fn said(conn: &mut Conn, story: Id, customer: Id) -> Result<Vec<FeedbackRecord>> {
    let frozen = || story_evidence::table.filter(story_evidence::story_id.eq(DbId(story)));
    let rows: Vec<FeedbackRow> = feedback::table
        .filter(feedback::id.eq_any(frozen().select(story_evidence::feedback_id)))
        .filter(feedback::customer_id.eq(DbId(customer)))
        .select(FeedbackRow::as_select())
        .order((feedback::occurred_at.desc(), feedback::id.desc()))
        .load(conn)?;
    let asking: Vec<DbId> = frozen()
        .filter(story_evidence::feedback_id.eq_any(rows.iter().map(|row| row.id)))
        .filter(story_evidence::left_out.is_null())
        .select(story_evidence::feedback_id)
        .load(conn)?;
    let (mut first, rest): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| asking.contains(&row.id));
    first.extend(rest);
    records(first)
}

/// What customers got: the name of a release, and its changelog entry for each story that has one.
#[derive(Clone, Debug)]
pub struct ReleasedAs {
    pub name: String,
    pub entries: HashMap<Id, String>,
}

/// The name of a release, and its entries for these stories; `None` where it is not there.
pub fn released_as(conn: &mut Conn, stories: &[Id], release: Id) -> Result<Option<ReleasedAs>> {
    let named: Option<String> = releases::table.find(DbId(release)).select(releases::name).first(conn).optional()?;
    let Some(name) = named else { return Ok(None) };
    let rows: Vec<(DbId, Option<String>)> = release_stories::table
        .filter(release_stories::release_id.eq(DbId(release)))
        .filter(release_stories::story_id.eq_any(stories.iter().map(|id| DbId(*id))))
        .select((release_stories::story_id, release_stories::entry))
        .load(conn)?;
    let entries = rows.into_iter().filter_map(|(story, entry)| Some((story.into(), entry?))).collect();
    Ok(Some(ReleasedAs { name, entries }))
}

/// Released stories that are based on one of these themes.
pub fn shipped_on(conn: &mut Conn, themes: &[Id]) -> Result<Vec<(Id, Id)>> {
    let shipped: Vec<&str> = Stage::ALL.iter().filter(|stage| stage.is_shipped()).map(|stage| stage.as_str()).collect();
    let rows: Vec<(DbId, DbId)> = story_themes::table
        .inner_join(stories::table)
        .filter(story_themes::theme_id.eq_any(themes.iter().map(|id| DbId(*id))))
        .filter(stories::released_at.is_not_null())
        .filter(stories::stage.eq_any(shipped))
        .select((story_themes::theme_id, story_themes::story_id))
        .load(conn)?;
    Ok(rows.into_iter().map(|(theme, story)| (theme.into(), story.into())).collect())
}

/// The feedback among these that was said after `time` and that Hearback did not itself ask for.
pub fn said_after(conn: &mut Conn, ids: &[Id], time: Time) -> Result<Vec<Id>> {
    let later: Vec<DbId> = feedback::table
        .filter(feedback::id.eq_any(ids.iter().map(|id| DbId(*id))))
        .filter(feedback::occurred_at.gt(DbTime(time)))
        // Praise confirms that it works, so it is no recurrence.
        .filter(feedback::kind.is_null().or(feedback::kind.ne(Kind::Praise.as_str())))
        .select(feedback::id)
        .order(feedback::id.asc())
        .load(conn)?;
    Ok(later.into_iter().map(Id::from).collect())
}

/// Counts feedback as recurrences of a story; answers those that were not counted before.
pub fn recur(tx: &mut Tx<'_>, story: &Story, ids: &[Id]) -> Result<Vec<Id>> {
    let mut new = Vec::new();
    for id in ids {
        let row = (
            recurrences::story_id.eq(DbId(story.id)),
            recurrences::feedback_id.eq(DbId(*id)),
            recurrences::round.eq(story.round),
            recurrences::noticed_at.eq(DbTime(tx.now)),
        );
        let count = on_each!(tx.conn, c => diesel::insert_into(recurrences::table)
            .values(row).on_conflict_do_nothing().execute(c))?;
        new.extend((count > 0).then_some(*id));
    }
    let all: i64 = recurrences::table.filter(recurrences::story_id.eq(DbId(story.id))).count().get_result(tx.conn)?;
    diesel::update(stories::table.find(DbId(story.id)))
        .set(stories::recurrences.eq(i32::try_from(all).unwrap_or(i32::MAX)))
        .execute(tx.conn)?;
    Ok(new)
}

/// The number of recurrences of a story since its latest release.
pub fn recurrences_of(conn: &mut Conn, story: &Story) -> Result<i64> {
    let own = recurrences::table.filter(recurrences::story_id.eq(DbId(story.id)));
    Ok(own.filter(recurrences::round.eq(story.round)).count().get_result(conn)?)
}

/// The outcomes of a customer's feedback: the stories with it as evidence, newest first, each with the customer's
/// latest case.
pub fn outcomes(conn: &mut Conn, customer: Id) -> Result<Vec<Outcome>> {
    let carried: Vec<(DbId, DbId)> = feedback::table
        .inner_join(story_items::table.on(feedback::id.eq(story_items::feedback_id)))
        .filter(feedback::customer_id.eq(DbId(customer)))
        .select((story_items::story_id, feedback::id))
        .order(feedback::id.desc())
        .load(conn)?;
    let mut said: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for (story, feedback) in carried {
        said.entry(story.into()).or_default().push(feedback.into());
    }
    let mut cases = HashMap::new();
    for row in closures::of_customer(conn, customer)? {
        said.entry(row.story_id).or_default();
        // Rows come in the order of ids, so the latest one stays.
        cases.insert(row.story_id, (row.id, row.state));
    }
    let ids: Vec<Id> = said.keys().copied().collect();
    let mut mentions = closures::mentions(conn, &ids)?;
    let rows: Vec<(DbId, String, Option<String>, Option<DbTime>)> = stories::table
        .filter(stories::id.eq_any(ids.iter().map(|id| DbId(*id))))
        .select((stories::id, stories::stage, stories::stage_reason, stories::released_at))
        .order(stories::id.desc())
        .load(conn)?;
    let outcome = |(id, stage, stage_reason, released_at): (DbId, String, Option<String>, Option<DbTime>)| {
        let id = Id::from(id);
        let case = cases.get(&id).copied();
        Ok(Outcome {
            story: mentions.remove(&id).ok_or_else(|| Error::internal("a story without its product"))?,
            stage: name(&stage)?,
            stage_reason,
            released_at: released_at.map(Time::from),
            feedback_ids: said.remove(&id).unwrap_or_default(),
            closure_id: case.map(|(id, _)| id),
            closure_state: case.map(|(_, state)| state),
        })
    };
    rows.into_iter().map(outcome).collect()
}
