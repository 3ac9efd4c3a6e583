//! The edges between stories.

use std::collections::HashMap;

use crate::domain::base::{Id, Time};
use crate::domain::stories::dependency::{Dependency, DependencyKind, External, StoryBrief};
use crate::domain::stories::priority::SetFactors;
use crate::domain::stories::stage::Stage;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::base::work::advisory::{self, Hold, Lock};
use crate::store::schema::{products, stories, story_days, story_dependencies as edges};

/// The most ids per statement.
const CHUNK: usize = 500;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = edges, treat_none_as_null = true)]
struct Row {
    id: DbId,
    story_id: DbId,
    kind: String,
    other_id: Option<DbId>,
    external_title: Option<String>,
    external_team: Option<String>,
    external_vendor: Option<String>,
    external_due: Option<String>,
    lag_days: i32,
    satisfied_at: String,
    closed_at: Option<DbTime>,
    closed_by: Option<DbId>,
    created_by: Option<DbId>,
    created_at: DbTime,
    updated_at: DbTime,
}

impl From<&Dependency> for Row {
    fn from(of: &Dependency) -> Self {
        let external = of.external.clone();
        let (title, team, vendor, due) = match external {
            Some(External { title, team, vendor, due }) => (Some(title), team, vendor, due),
            None => (None, None, None, None),
        };
        Row {
            id: of.id.into(),
            story_id: of.story_id.into(),
            kind: of.kind.as_str().to_owned(),
            other_id: of.other_id.map(DbId),
            external_title: title,
            external_team: team,
            external_vendor: vendor,
            external_due: due,
            lag_days: of.lag_days,
            satisfied_at: of.satisfied_at.as_str().to_owned(),
            closed_at: of.closed_at.map(DbTime),
            closed_by: of.closed_by.map(DbId),
            created_by: of.created_by.map(DbId),
            created_at: of.created_at.into(),
            updated_at: of.updated_at.into(),
        }
    }
}

impl Row {
    fn read(self) -> Result<Dependency> {
        let (team, vendor, due) = (self.external_team, self.external_vendor, self.external_due);
        Ok(Dependency {
            id: self.id.into(),
            story_id: self.story_id.into(),
            kind: name(&self.kind)?,
            other_id: self.other_id.map(Id::from),
            external: self.external_title.map(|title| External { title, team, vendor, due }),
            lag_days: self.lag_days,
            satisfied_at: name(&self.satisfied_at)?,
            closed_at: self.closed_at.map(Time::from),
            closed_by: self.closed_by.map(Id::from),
            created_by: self.created_by.map(Id::from),
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}

/// A dependency.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Dependency> {
    let row: Option<Row> = edges::table.find(DbId(id)).first(conn).optional()?;
    row.ok_or_else(|| Error::not_found("dependency"))?.read()
}

/// A dependency, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<Dependency> {
    lock_row!(tx, edges, id);
    get(tx.conn, id)
}

/// These dependencies, oldest first.
pub fn get_many(conn: &mut Conn, ids: &[Id]) -> Result<Vec<Dependency>> {
    let mut found = Vec::new();
    for ids in ids.chunks(CHUNK) {
        let wanted = edges::table.filter(edges::id.eq_any(ids.iter().map(|id| DbId(*id))));
        let rows: Vec<Row> = wanted.order(edges::id.asc()).load(conn)?;
        found.extend(rows.into_iter().map(Row::read).collect::<Result<Vec<_>>>()?);
    }
    Ok(found)
}

/// The dependencies of which a story is one end, oldest first.
pub fn of_story(conn: &mut Conn, story: Id) -> Result<Vec<Dependency>> {
    let own = edges::story_id.eq(DbId(story)).or(edges::other_id.eq(DbId(story)).assume_not_null());
    let rows: Vec<Row> = edges::table.filter(own).order(edges::id.asc()).load(conn)?;
    rows.into_iter().map(Row::read).collect()
}

/// The dependency of one story on another, if there is one.
pub fn between(conn: &mut Conn, story: Id, kind: DependencyKind, other: Id) -> Result<Option<Dependency>> {
    let row: Option<Row> = edges::table
        .filter(edges::story_id.eq(DbId(story)))
        .filter(edges::kind.eq(kind.as_str()))
        .filter(edges::other_id.eq(DbId(other)))
        .first(conn)
        .optional()?;
    row.map(Row::read).transpose()
}

/// Adds a dependency.
pub fn insert(tx: &mut Tx<'_>, dependency: &Dependency) -> Result<()> {
    diesel::insert_into(edges::table).values(Row::from(dependency)).execute(tx.conn)?;
    Ok(())
}

/// Writes the current state of a dependency.
pub fn update(tx: &mut Tx<'_>, dependency: &Dependency) -> Result<()> {
    let row = Row::from(dependency);
    diesel::update(edges::table.find(row.id)).set(&row).execute(tx.conn)?;
    Ok(())
}

/// Removes a dependency.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    diesel::delete(edges::table.find(DbId(id))).execute(tx.conn)?;
    Ok(())
}

/// Has other transactions that change edges, or merge stories, wait until the commit of this one. So two of them can't
/// make a circle together. SQLite needs no lock: it has one writer.
pub fn lock_all(tx: &mut Tx<'_>) -> Result<()> {
    advisory::lock(tx.conn, Lock::Dependencies, Hold::Alone).map(drop)
}

/// Every edge from a story that waits to the one that it needs, and from each duplicate to its original.
pub fn all_ways(conn: &mut Conn) -> Result<Vec<(Id, Id)>> {
    let needs: Vec<(DbId, DbId)> = edges::table
        .filter(edges::kind.eq(DependencyKind::Needs.as_str()))
        .filter(edges::other_id.is_not_null())
        .select((edges::story_id, edges::other_id.assume_not_null()))
        .load(conn)?;
    let duplicates: Vec<(DbId, DbId)> = stories::table
        .filter(stories::stage.eq(Stage::Duplicate.as_str()))
        .filter(stories::duplicate_of.is_not_null())
        .select((stories::id, stories::duplicate_of.assume_not_null()))
        .load(conn)?;
    Ok(needs.into_iter().chain(duplicates).map(|(from, to)| (from.into(), to.into())).collect())
}

type BriefRow = (DbId, DbId, i32, String, String, String, Option<DbTime>, Option<DbId>, String, i32, Option<i32>);

/// These stories in brief, by id.
pub fn briefs(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, StoryBrief>> {
    let mut found = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<BriefRow> = stories::table
            .inner_join(products::table.on(products::id.eq(stories::product_id)))
            .left_join(story_days::table.on(story_days::story_id.eq(stories::id)))
            .filter(stories::id.eq_any(ids.iter().map(|id| DbId(*id))))
            .select((
                stories::id,
                stories::product_id,
                stories::number,
                products::key,
                stories::title,
                stories::stage,
                stories::due_at,
                stories::owner_id,
                stories::set_factors,
                stories::customer_count,
                story_days::days.nullable(),
            ))
            .load(conn)?;
        for row in rows {
            let brief = brief(row)?;
            found.insert(brief.id, brief);
        }
    }
    Ok(found)
}

fn brief((id, product, number, key, title, stage, due, owner, set, customers, days): BriefRow) -> Result<StoryBrief> {
    let set: SetFactors = serde_json::from_str(&set).map_err(Error::internal)?;
    Ok(StoryBrief {
        id: id.into(),
        product_id: product.into(),
        number: format!("{key}-{number}"),
        title,
        stage: name(&stage)?,
        due_at: due.map(Time::from),
        owner_id: owner.map(Id::from),
        effort: set.effort,
        days,
        customer_count: customers,
    })
}

/// The stories of a product that are accepted and not released.
pub fn in_development(conn: &mut Conn, product: Id) -> Result<Vec<Id>> {
    let stages = Stage::ALL.iter().filter(|stage| stage.in_development()).map(|stage| stage.as_str());
    let ids: Vec<DbId> = stories::table
        .filter(stories::product_id.eq(DbId(product)))
        .filter(stories::stage.eq_any(stages))
        .select(stories::id)
        .order(stories::id.asc())
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}
