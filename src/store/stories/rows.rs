//! Stories and their themes.

use std::collections::HashMap;

use super::depending::{blockers, days};
use super::{evidence, facts, texts};
use crate::domain::base::{Id, Time};
use crate::domain::stories::priority::{Factors, Method, Priority, SetFactors};
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{Facts, Story, StoryText, Texts};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, insert_rows, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json, name};
use crate::store::schema::{draft_sources, products, roll_backs, stories, story_themes};

/// A row of `stories` without the number, which never changes.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = stories, treat_none_as_null = true)]
pub(in crate::store) struct Row {
    id: DbId,
    product_id: DbId,
    title: String,
    as_a: String,
    i_want: String,
    so_that: String,
    acceptance_criteria: String,
    in_scope: String,
    out_of_scope: String,
    owner_id: Option<DbId>,
    stage: String,
    stage_reason: Option<String>,
    drafted_by: String,
    duplicate_of: Option<DbId>,
    proposed_duplicate_of: Option<DbId>,
    set_factors: String,
    factors: String,
    score: f64,
    feedback_count: i32,
    customer_count: i32,
    edited: bool,
    due_at: Option<DbTime>,
    respond_by: Option<DbTime>,
    overdue_at: Option<DbTime>,
    released_at: Option<DbTime>,
    round: i32,
    recurrences: i32,
    version: i32,
    created_at: DbTime,
    updated_at: DbTime,
}

impl From<&Story> for Row {
    fn from(story: &Story) -> Self {
        Row {
            id: story.id.into(),
            product_id: story.product_id.into(),
            title: story.title.clone(),
            as_a: story.as_a.clone(),
            i_want: story.i_want.clone(),
            so_that: story.so_that.clone(),
            acceptance_criteria: json(&story.acceptance_criteria),
            in_scope: json(&story.in_scope),
            out_of_scope: json(&story.out_of_scope),
            owner_id: story.owner_id.map(DbId),
            stage: story.stage.as_str().to_owned(),
            stage_reason: story.stage_reason.clone(),
            drafted_by: story.drafted_by.clone(),
            duplicate_of: story.duplicate_of.map(DbId),
            proposed_duplicate_of: story.proposed_duplicate_of.map(DbId),
            set_factors: json(&story.set),
            factors: json(&story.priority.factors),
            score: story.priority.score,
            feedback_count: story.feedback_count,
            customer_count: story.customer_count,
            edited: story.edited,
            due_at: story.due_at.map(DbTime),
            respond_by: story.respond_by.map(DbTime),
            overdue_at: story.overdue_at.map(DbTime),
            released_at: story.released_at.map(DbTime),
            round: story.round,
            recurrences: story.recurrences,
            version: story.version,
            created_at: story.created_at.into(),
            updated_at: story.updated_at.into(),
        }
    }
}

/// A story's row, its number, and the key of its product.
pub(in crate::store) type JoinedStory = (Row, i32, String);

macro_rules! joined {
    () => {
        stories::table.inner_join(products::table.on(stories::product_id.eq(products::id))).select((
            Row::as_select(),
            stories::number,
            products::key,
        ))
    };
}
pub(in crate::store) use joined;

/// The parts of a story that are stored in other tables.
struct Beside {
    theme_ids: Vec<Id>,
    texts: Texts<StoryText>,
    facts: Facts,
    to_tell: Option<i32>,
    days: Option<i32>,
    blocked: bool,
}

fn show((row, number, key): JoinedStory, beside: Beside) -> Result<Story> {
    let Beside { theme_ids, texts, facts, to_tell, days, blocked } = beside;
    let factors: Factors = serde_json::from_str(&row.factors).map_err(Error::internal)?;
    let set: SetFactors = serde_json::from_str(&row.set_factors).map_err(Error::internal)?;
    Ok(Story {
        id: row.id.into(),
        product_id: row.product_id.into(),
        number: format!("{key}-{number}"),
        title: row.title,
        as_a: row.as_a,
        i_want: row.i_want,
        so_that: row.so_that,
        acceptance_criteria: serde_json::from_str(&row.acceptance_criteria).unwrap_or_default(),
        in_scope: serde_json::from_str(&row.in_scope).unwrap_or_default(),
        out_of_scope: serde_json::from_str(&row.out_of_scope).unwrap_or_default(),
        texts,
        facts,
        effort: set.effort,
        days,
        blocked,
        owner_id: row.owner_id.map(Id::from),
        stage: name(&row.stage)?,
        stage_reason: row.stage_reason,
        theme_ids,
        feedback_count: row.feedback_count,
        customer_count: row.customer_count,
        drafted_by: row.drafted_by,
        priority: Priority { method: Method::Rice, score: row.score, factors },
        duplicate_of: row.duplicate_of.map(Id::from),
        proposed_duplicate_of: row.proposed_duplicate_of.map(Id::from),
        due_at: row.due_at.map(Time::from),
        respond_by: row.respond_by.map(Time::from),
        overdue_at: row.overdue_at.map(Time::from),
        released_at: row.released_at.map(Time::from),
        round: row.round,
        recurrences: row.recurrences,
        roll_back_to_tell: to_tell,
        version: row.version,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
        set,
        edited: row.edited,
    })
}

pub(in crate::store) fn show_all(conn: &mut Conn, rows: Vec<JoinedStory>) -> Result<Vec<Story>> {
    let links: Vec<(DbId, DbId)> = story_themes::table
        .filter(story_themes::story_id.eq_any(rows.iter().map(|r| r.0.id)))
        .select((story_themes::story_id, story_themes::theme_id))
        .order(story_themes::theme_id.asc())
        .load(conn)?;
    let mut themes: HashMap<DbId, Vec<Id>> = HashMap::new();
    for (story, theme) in links {
        themes.entry(story).or_default().push(theme.into());
    }
    let to_tell: HashMap<DbId, i32> = roll_backs::table
        .filter(roll_backs::story_id.eq_any(rows.iter().map(|r| r.0.id)))
        .load(conn)?
        .into_iter()
        .collect();
    let ids: Vec<Id> = rows.iter().map(|row| row.0.id.into()).collect();
    let mut texts = texts::of_stories(conn, &ids)?;
    let mut facts = facts::of_stories(conn, &ids)?;
    let (days, blocked) = (days::of_stories(conn, &ids)?, blockers::blocked(conn, &ids)?);
    rows.into_iter()
        .map(|row| {
            let id = row.0.id;
            let beside = Beside {
                theme_ids: themes.remove(&id).unwrap_or_default(),
                texts: texts.remove(&id.into()).unwrap_or_default(),
                facts: facts.remove(&id.into()).unwrap_or_default(),
                to_tell: to_tell.get(&id).copied(),
                days: days.get(&id.into()).copied(),
                blocked: blocked.contains(&id.into()),
            };
            show(row, beside)
        })
        .collect()
}

/// Sets the round whose customers may still have to be told that the release was rolled back; `None` for no round.
pub fn set_roll_back_to_tell(tx: &mut Tx<'_>, story: Id, round: Option<i32>) -> Result<()> {
    diesel::delete(roll_backs::table.find(DbId(story))).execute(tx.conn)?;
    if let Some(round) = round {
        let row = (roll_backs::story_id.eq(DbId(story)), roll_backs::round.eq(round));
        diesel::insert_into(roll_backs::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}

/// A story.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Story> {
    get_many(conn, &[id])?.pop().ok_or_else(|| Error::not_found("story"))
}

/// These stories, oldest first; those not there are left out.
pub fn get_many(conn: &mut Conn, ids: &[Id]) -> Result<Vec<Story>> {
    let wanted = stories::id.eq_any(ids.iter().map(|id| DbId(*id)));
    let rows: Vec<JoinedStory> = joined!().filter(wanted).order(stories::id.asc()).load(conn)?;
    show_all(conn, rows)
}

/// These stories as [`get_many`] reads them, locked until the commit, so that a later write overwrites no concurrent
/// change. SQLite needs no lock: it has one writer.
pub fn lock(tx: &mut Tx<'_>, ids: &[Id]) -> Result<Vec<Story>> {
    if let Conn::Postgres(c) = &mut *tx.conn {
        let wanted = stories::table.filter(stories::id.eq_any(ids.iter().map(|id| DbId(*id))));
        // Always in the same order, so that two writers can't deadlock.
        wanted.select(stories::id).order(stories::id.asc()).for_no_key_update().load::<DbId>(c)?;
    }
    get_many(tx.conn, ids)
}

/// Adds a story with its themes, under a number from [`crate::store::team::products::next_story_number`].
pub fn insert(tx: &mut Tx<'_>, story: &Story, number: i32) -> Result<()> {
    let row = Row::from(story);
    diesel::insert_into(stories::table).values((row, stories::number.eq(number))).execute(tx.conn)?;
    texts::set_of_story(tx, story.id, &story.texts)?;
    facts::set(tx, story.id, &story.facts)?;
    days::set(tx, story.id, story.days)?;
    link(tx, story.id, &story.theme_ids)
}

/// Adds to the feedback that a story was drafted from.
pub fn add_drafted_from(tx: &mut Tx<'_>, story: Id, items: &[Id]) -> Result<()> {
    let source = |item: &Id| (draft_sources::story_id.eq(DbId(story)), draft_sources::feedback_id.eq(DbId(*item)));
    let sources: Vec<_> = items.iter().map(source).collect();
    insert_rows!(&mut *tx.conn, draft_sources::table, &sources);
    Ok(())
}

/// The feedback that each of these stories was drafted from; empty where it was not recorded.
pub fn drafted_from(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, Vec<Id>>> {
    let rows: Vec<(DbId, DbId)> = draft_sources::table
        .filter(draft_sources::story_id.eq_any(ids.iter().map(|id| DbId(*id))))
        .order((draft_sources::story_id.asc(), draft_sources::feedback_id.asc()))
        .select((draft_sources::story_id, draft_sources::feedback_id))
        .load(conn)?;
    let mut sources: HashMap<Id, Vec<Id>> = HashMap::new();
    for (story, item) in rows {
        sources.entry(story.into()).or_default().push(item.into());
    }
    Ok(sources)
}

/// The drafts of a product that nobody has edited or moved and that have no theme left, oldest first.
pub fn homeless(conn: &mut Conn, product: Id) -> Result<Vec<Id>> {
    let ids: Vec<DbId> = stories::table
        .filter(stories::product_id.eq(DbId(product)))
        .filter(stories::stage.eq(Stage::Draft.as_str()))
        .filter(stories::edited.eq(false))
        .filter(stories::version.eq(1))
        .filter(diesel::dsl::not(diesel::dsl::exists(
            story_themes::table.filter(story_themes::story_id.eq(stories::id)),
        )))
        .order(stories::id.asc())
        .select(stories::id)
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// Writes the current state of a story, without its themes (see [`link`]) and its texts in other languages (see
/// [`texts`]).
pub fn update(tx: &mut Tx<'_>, story: &Story) -> Result<()> {
    diesel::update(stories::table.find(DbId(story.id))).set(Row::from(story)).execute(tx.conn)?;
    Ok(())
}

/// Writes a story's counts and priority; `until` is the end of the 90 days that its reach was counted over.
pub fn set_priority(tx: &mut Tx<'_>, story: &Story, until: Option<Time>) -> Result<()> {
    diesel::update(stories::table.find(DbId(story.id)))
        .set((
            stories::feedback_count.eq(story.feedback_count),
            stories::customer_count.eq(story.customer_count),
            stories::factors.eq(json(&story.priority.factors)),
            stories::score.eq(story.priority.score),
            stories::counted_until.eq(until.map(DbTime)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Stories of a product whose reach was counted over 90 days with another end, oldest first; duplicates are not
/// counted.
pub fn counted_otherwise(conn: &mut Conn, product: Id, until: Time, limit: i64) -> Result<Vec<Id>> {
    let otherwise = stories::counted_until.is_null().or(stories::counted_until.ne(DbTime(until)));
    let ids: Vec<DbId> = stories::table
        .filter(stories::product_id.eq(DbId(product)))
        .filter(stories::stage.ne(Stage::Duplicate.as_str()))
        .filter(otherwise)
        .select(stories::id)
        .order(stories::id.asc())
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// Adds these themes to a story.
pub fn link(tx: &mut Tx<'_>, story: Id, themes: &[Id]) -> Result<()> {
    for theme in themes {
        let link = (story_themes::story_id.eq(DbId(story)), story_themes::theme_id.eq(DbId(*theme)));
        on_each!(tx.conn, c => diesel::insert_into(story_themes::table)
            .values(link).on_conflict_do_nothing().execute(c))?;
    }
    Ok(())
}

/// Removes these themes from a story; answers how many of them it had.
pub fn unlink(tx: &mut Tx<'_>, story: Id, themes: &[Id]) -> Result<usize> {
    let links = story_themes::table
        .filter(story_themes::story_id.eq(DbId(story)))
        .filter(story_themes::theme_id.eq_any(themes.iter().map(|id| DbId(*id))));
    Ok(diesel::delete(links).execute(tx.conn)?)
}

/// The stories of each of these themes, in any stage, oldest first.
pub fn of_themes(conn: &mut Conn, themes: &[Id]) -> Result<HashMap<Id, Vec<Id>>> {
    let links: Vec<(DbId, DbId)> = story_themes::table
        .filter(story_themes::theme_id.eq_any(themes.iter().map(|id| DbId(*id))))
        .select((story_themes::theme_id, story_themes::story_id))
        .order(story_themes::story_id.asc())
        .load(conn)?;
    let mut stories: HashMap<Id, Vec<Id>> = HashMap::new();
    for (theme, story) in links {
        stories.entry(theme.into()).or_default().push(story.into());
    }
    Ok(stories)
}

/// The ids of a product's stories with these numbers (the part after the key), by number.
pub fn numbered(conn: &mut Conn, product: Id, numbers: &[i32]) -> Result<HashMap<i32, Id>> {
    let rows: Vec<(i32, DbId)> = stories::table
        .filter(stories::product_id.eq(DbId(product)))
        .filter(stories::number.eq_any(numbers))
        .select((stories::number, stories::id))
        .load(conn)?;
    Ok(rows.into_iter().map(|(number, id)| (number, id.into())).collect())
}

/// The story that has the most of these feedbacks as evidence (the oldest if several), if any.
pub fn holding_most(conn: &mut Conn, feedback: &[Id]) -> Result<Option<Id>> {
    let mut held: HashMap<Id, usize> = HashMap::new();
    for story in evidence::stories_holding(conn, feedback)? {
        *held.entry(story).or_default() += 1;
    }
    let most = held.into_iter().max_by_key(|(story, items)| (*items, std::cmp::Reverse(*story)));
    Ok(most.map(|(story, _)| story))
}

/// Sets or removes the proposal that a story is a duplicate of another; a person decides about it.
pub fn propose_duplicate(tx: &mut Tx<'_>, story: Id, of: Option<Id>) -> Result<()> {
    diesel::update(stories::table.find(DbId(story)))
        .set(stories::proposed_duplicate_of.eq(of.map(DbId)))
        .execute(tx.conn)?;
    Ok(())
}
