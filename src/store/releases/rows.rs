//! Releases and their stories.

use std::collections::{HashMap, HashSet};

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::releases::{Release, ReleaseQuery, ReleaseState, ReleaseStory, Section};
use crate::domain::stories::{ReleaseText, Texts};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{products as product_table, release_stories, releases, stories};
use crate::store::stories::texts;
use crate::store::team::products;

/// States of releases that are not shipped. A story is in at most one such release.
const OPEN: [&str; 2] = [ReleaseState::Planned.as_str(), ReleaseState::Frozen.as_str()];

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = releases, treat_none_as_null = true)]
struct Row {
    id: DbId,
    product_id: DbId,
    name: String,
    state: String,
    train_at: Option<DbTime>,
    planned_for: Option<DbTime>,
    notes: Option<String>,
    reason: Option<String>,
    frozen_at: Option<DbTime>,
    shipped_at: Option<DbTime>,
    deployed_at: Option<DbTime>,
    ended_at: Option<DbTime>,
    version: i32,
    created_at: DbTime,
    updated_at: DbTime,
    held_deployment_id: Option<DbId>,
}

impl From<&Release> for Row {
    fn from(release: &Release) -> Self {
        Row {
            id: release.id.into(),
            product_id: release.product_id.into(),
            name: release.name.clone(),
            state: release.state.as_str().to_owned(),
            train_at: release.train_at.map(DbTime),
            planned_for: release.planned_for.map(DbTime),
            notes: release.notes.clone(),
            reason: release.reason.clone(),
            frozen_at: release.frozen_at.map(DbTime),
            shipped_at: release.shipped_at.map(DbTime),
            deployed_at: release.deployed_at.map(DbTime),
            ended_at: release.ended_at.map(DbTime),
            version: release.version,
            created_at: release.created_at.into(),
            updated_at: release.updated_at.into(),
            held_deployment_id: release.held_deployment_id.map(DbId),
        }
    }
}

fn show(row: Row, stories: Vec<ReleaseStory>, texts: Texts<ReleaseText>) -> Result<Release> {
    Ok(Release {
        id: row.id.into(),
        product_id: row.product_id.into(),
        name: row.name,
        state: name(&row.state)?,
        planned_for: row.planned_for.map(Time::from),
        train_at: row.train_at.map(Time::from),
        notes: row.notes,
        texts,
        reason: row.reason,
        frozen_at: row.frozen_at.map(Time::from),
        shipped_at: row.shipped_at.map(Time::from),
        deployed_at: row.deployed_at.map(Time::from),
        ended_at: row.ended_at.map(Time::from),
        held_deployment_id: row.held_deployment_id.map(Id::from),
        stories,
        version: row.version,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
    })
}

fn show_all(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Release>> {
    type Columns = (DbId, (DbId, i32, String, String, String, String, Option<String>, Option<DbId>, DbTime));
    let found: Vec<Columns> = release_stories::table
        .inner_join(stories::table.on(stories::id.eq(release_stories::story_id)))
        .inner_join(product_table::table.on(product_table::id.eq(stories::product_id)))
        .filter(release_stories::release_id.eq_any(rows.iter().map(|row| row.id)))
        .select((
            release_stories::release_id,
            (
                stories::id,
                stories::number,
                product_table::key,
                stories::title,
                stories::stage,
                release_stories::section,
                release_stories::entry,
                release_stories::moved_to,
                release_stories::added_at,
            ),
        ))
        .order((release_stories::added_at.asc(), stories::number.asc()))
        .load(conn)?;
    let mut of_release: HashMap<DbId, Vec<ReleaseStory>> = HashMap::new();
    for (release, (story, number, key, title, stage, section, entry, moved_to, added_at)) in found {
        of_release.entry(release).or_default().push(ReleaseStory {
            story_id: story.into(),
            number: format!("{key}-{number}"),
            title,
            stage: name(&stage)?,
            section: name(&section)?,
            entry,
            moved_to: moved_to.map(Id::from),
            added_at: added_at.into(),
        });
    }
    let ids: Vec<Id> = rows.iter().map(|row| row.id.into()).collect();
    let mut texts = texts::of_releases(conn, &ids)?;
    rows.into_iter()
        .map(|row| {
            let own = of_release.remove(&row.id).unwrap_or_default();
            let said = texts.remove(&row.id.into()).unwrap_or_default();
            show(row, own, said)
        })
        .collect()
}

/// A release with its stories.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Release> {
    let row: Option<Row> = releases::table.find(DbId(id)).select(Row::as_select()).first(conn).optional()?;
    let row = row.ok_or_else(|| Error::not_found("release"))?;
    show_all(conn, vec![row])?.pop().ok_or_else(|| Error::not_found("release"))
}

/// A release as [`get`] reads it, locked until the commit. SQLite needs no lock: it has one writer.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<Release> {
    if let Conn::Postgres(c) = &mut *tx.conn {
        releases::table.find(DbId(id)).select(releases::id).for_no_key_update().load::<DbId>(c)?;
    }
    get(tx.conn, id)
}

/// The release of a product with exactly this name, if any.
pub fn by_name(conn: &mut Conn, product: Id, name: &str) -> Result<Option<Id>> {
    by_names(conn, product, &[name])
}

/// The release of a product with the first of these names that exists.
pub fn by_names(conn: &mut Conn, product: Id, names: &[impl AsRef<str>]) -> Result<Option<Id>> {
    let there: Vec<(String, DbId)> = releases::table
        .filter(releases::product_id.eq(DbId(product)))
        .filter(releases::name.eq_any(names.iter().map(AsRef::as_ref)))
        .select((releases::name, releases::id))
        .load(conn)?;
    let there: HashMap<String, DbId> = there.into_iter().collect();
    Ok(names.iter().find_map(|name| there.get(name.as_ref())).map(|id| (*id).into()))
}

/// The names of these releases.
pub fn names_of(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, String>> {
    let ids: Vec<DbId> = ids.iter().map(|id| DbId(*id)).collect();
    let rows: Vec<(DbId, String)> =
        releases::table.filter(releases::id.eq_any(ids)).select((releases::id, releases::name)).load(conn)?;
    Ok(rows.into_iter().map(|(id, name)| (id.into(), name)).collect())
}

/// Releases that pass every filter, newest first.
///
/// # Errors
/// 422 for a wrong cursor or an unknown product.
pub fn list(conn: &mut Conn, q: &ReleaseQuery, paging: &Paging) -> Result<Page<Release>> {
    let mut query = releases::table.select(Row::as_select()).into_boxed();
    if let Some(product) = products::named(conn, q.product.as_deref())? {
        query = query.filter(releases::product_id.eq(DbId(product.id)));
    }
    if let Some(state) = q.state {
        query = query.filter(releases::state.eq(state.as_str()));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(releases::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(releases::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    Ok(paging.page(show_all(conn, rows)?, |release| vec![release.id.to_string()]))
}

/// The releases of a product that are shipped and not rolled back, latest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn shipped(conn: &mut Conn, product: Id, paging: &Paging) -> Result<Page<Release>> {
    let states = [ReleaseState::Shipped.as_str(), ReleaseState::Yanked.as_str()];
    let mut query = releases::table
        .filter(releases::product_id.eq(DbId(product)))
        .filter(releases::state.eq_any(states))
        .select(Row::as_select())
        .into_boxed();
    if let (Some(at), Some(id)) = (paging.key::<i64>(0)?, paging.key::<Id>(1)?) {
        let at = DbTime(Time(at));
        let same = releases::shipped_at.eq(at).and(releases::id.lt(DbId(id)));
        query = query.filter(releases::shipped_at.lt(at).or(same));
    }
    let order = (releases::shipped_at.desc(), releases::id.desc());
    let rows: Vec<Row> = query.order(order).limit(paging.limit as i64 + 1).load(conn)?;
    let key = |release: &Release| vec![release.shipped_at.unwrap_or_default().0.to_string(), release.id.to_string()];
    Ok(paging.page(show_all(conn, rows)?, key))
}

/// The releases of a product that belong to this train, oldest first.
pub fn of_train(conn: &mut Conn, product: Id, leaves_at: Time) -> Result<Vec<(Id, String, ReleaseState)>> {
    let rows: Vec<(DbId, String, String)> = releases::table
        .filter(releases::product_id.eq(DbId(product)))
        .filter(releases::train_at.eq(DbTime(leaves_at)))
        .select((releases::id, releases::name, releases::state))
        .order(releases::id.asc())
        .load(conn)?;
    rows.into_iter().map(|(id, text, state)| Ok((id.into(), text, name(&state)?))).collect()
}

/// Releases that are not shipped although their train has left, oldest first.
pub fn departed(conn: &mut Conn, now: Time) -> Result<Vec<Release>> {
    let rows: Vec<Row> = releases::table
        .filter(releases::train_at.le(DbTime(now)))
        .filter(releases::state.eq_any(OPEN))
        .select(Row::as_select())
        .order(releases::id.asc())
        .load(conn)?;
    show_all(conn, rows)
}

/// The releases of a product that are not shipped and have a train or a date, oldest first.
pub fn dated(conn: &mut Conn, product: Id) -> Result<Vec<Id>> {
    let rows: Vec<DbId> = releases::table
        .filter(releases::product_id.eq(DbId(product)))
        .filter(releases::state.eq_any(OPEN))
        .filter(releases::train_at.is_not_null().or(releases::planned_for.is_not_null()))
        .select(releases::id)
        .order(releases::id.asc())
        .load(conn)?;
    Ok(rows.into_iter().map(Id::from).collect())
}

/// Adds a release.
///
/// # Errors
/// 409 where the product has a release of this name.
pub fn insert(tx: &mut Tx<'_>, release: &Release) -> Result<()> {
    diesel::insert_into(releases::table).values(Row::from(release)).execute(tx.conn)?;
    Ok(())
}

/// Writes the current state of a release, without its stories and its texts in other languages (see [`texts`]).
///
/// # Errors
/// 409 where the product has another release of this name.
pub fn update(tx: &mut Tx<'_>, release: &Release) -> Result<()> {
    let row = Row::from(release);
    diesel::update(releases::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}

/// Adds a story to a release, or changes its section and changelog entry.
pub fn put_story(tx: &mut Tx<'_>, release: Id, story: Id, section: Section, entry: Option<&str>) -> Result<()> {
    let said = (
        release_stories::section.eq(section.as_str()),
        release_stories::entry.eq(entry),
        release_stories::moved_to.eq(None::<DbId>),
    );
    let row = (
        release_stories::release_id.eq(DbId(release)),
        release_stories::story_id.eq(DbId(story)),
        said,
        release_stories::added_at.eq(DbTime(tx.now)),
    );
    on_each!(tx.conn, c => diesel::insert_into(release_stories::table)
        .values(row)
        .on_conflict((release_stories::release_id, release_stories::story_id))
        .do_update()
        .set(said)
        .execute(c))?;
    Ok(())
}

/// Removes a story from a release.
pub fn remove_story(tx: &mut Tx<'_>, release: Id, story: Id) -> Result<()> {
    diesel::delete(release_stories::table.find((DbId(release), DbId(story)))).execute(tx.conn)?;
    Ok(())
}

/// Notes that a story missed this release and moved to another.
pub fn set_moved(tx: &mut Tx<'_>, release: Id, story: Id, to: Id) -> Result<()> {
    diesel::update(release_stories::table.find((DbId(release), DbId(story))))
        .set(release_stories::moved_to.eq(DbId(to)))
        .execute(tx.conn)?;
    Ok(())
}

/// Removes a story from every release that is not shipped; answers these releases.
pub fn leave_open(tx: &mut Tx<'_>, story: Id) -> Result<Vec<Id>> {
    let left: Vec<Id> = open_of(tx.conn, &[story])?.into_iter().map(|(_, release, _)| release).collect();
    for release in &left {
        remove_story(tx, *release, story)?;
    }
    Ok(left)
}

/// The unshipped releases of these stories: story, release, name of the release.
pub fn open_of(conn: &mut Conn, stories: &[Id]) -> Result<Vec<(Id, Id, String)>> {
    let rows: Vec<(DbId, DbId, String)> = release_stories::table
        .inner_join(releases::table.on(releases::id.eq(release_stories::release_id)))
        .filter(release_stories::story_id.eq_any(stories.iter().map(|id| DbId(*id))))
        .filter(release_stories::moved_to.is_null())
        .filter(releases::state.eq_any(OPEN))
        .select((release_stories::story_id, releases::id, releases::name))
        .load(conn)?;
    Ok(rows.into_iter().map(|(story, release, name)| (story.into(), release.into(), name)).collect())
}

/// The unshipped releases of a product that take stories, newest first: id and name.
pub fn open_names(conn: &mut Conn, product: Id, limit: i64) -> Result<Vec<(Id, String)>> {
    let rows: Vec<(DbId, String)> = releases::table
        .filter(releases::product_id.eq(DbId(product)))
        .filter(releases::state.eq(ReleaseState::Planned.as_str()))
        .select((releases::id, releases::name))
        .order(releases::id.desc())
        .limit(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, name)| (id.into(), name)).collect())
}

/// The latest shipped release that contains a story, if any.
pub fn bringing(conn: &mut Conn, story: Id) -> Result<Option<Id>> {
    let latest: Option<DbId> = release_stories::table
        .inner_join(releases::table.on(releases::id.eq(release_stories::release_id)))
        .filter(release_stories::story_id.eq(DbId(story)))
        .filter(release_stories::moved_to.is_null())
        .filter(releases::state.eq(ReleaseState::Shipped.as_str()))
        .select(releases::id)
        .order((releases::shipped_at.desc(), releases::id.desc()))
        .first(conn)
        .optional()?;
    Ok(latest.map(Id::from))
}

/// The latest shipped release of each of these stories: its id and name.
pub fn bringing_each(conn: &mut Conn, stories: &[Id]) -> Result<HashMap<Id, (Id, String)>> {
    let rows: Vec<(DbId, DbId, String)> = release_stories::table
        .inner_join(releases::table.on(releases::id.eq(release_stories::release_id)))
        .filter(release_stories::story_id.eq_any(stories.iter().map(|id| DbId(*id))))
        .filter(release_stories::moved_to.is_null())
        .filter(releases::state.eq(ReleaseState::Shipped.as_str()))
        .select((release_stories::story_id, releases::id, releases::name))
        .order((releases::shipped_at.asc(), releases::id.asc()))
        .load(conn)?;
    // The last of a story stays.
    Ok(rows.into_iter().map(|(story, release, name)| (story.into(), (release.into(), name))).collect())
}

/// The stories among these that another release brought to production later than this one.
pub fn brought_later(conn: &mut Conn, stories: &[Id], release: Id, since: Time) -> Result<HashSet<Id>> {
    let rows: Vec<DbId> = release_stories::table
        .inner_join(releases::table.on(releases::id.eq(release_stories::release_id)))
        .filter(release_stories::story_id.eq_any(stories.iter().map(|id| DbId(*id))))
        .filter(release_stories::moved_to.is_null())
        .filter(releases::id.ne(DbId(release)))
        .filter(releases::state.eq(ReleaseState::Shipped.as_str()))
        .filter(releases::deployed_at.ge(DbTime(since)))
        .select(release_stories::story_id)
        .load(conn)?;
    Ok(rows.into_iter().map(Id::from).collect())
}
