//! Links of stories to branches, commits, pull requests and issues.

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::integrations::Repository;
use crate::domain::stories::{Link, LinkKind, LinkProvider, LinkQuery, LinkReason, LinkState, LinkTarget, StoryNumber};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, name};
use crate::store::schema::{deliveries, feedback, links, products, repositories, stories};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = links)]
pub(in crate::store) struct Row {
    id: DbId,
    story_id: DbId,
    provider: String,
    repository: String,
    kind: String,
    reference: String,
    url: Option<String>,
    state: Option<String>,
    created_at: DbTime,
    updated_at: DbTime,
    reason: String,
}

pub(in crate::store) fn show(row: Row) -> Result<Link> {
    Ok(Link {
        id: row.id.into(),
        story_id: row.story_id.into(),
        provider: name(&row.provider)?,
        repository: row.repository,
        kind: name(&row.kind)?,
        reference: row.reference,
        url: row.url,
        state: row.state.as_deref().map(name).transpose()?,
        reason: name(&row.reason)?,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
    })
}

fn show_all(rows: Vec<Row>) -> Result<Vec<Link>> {
    rows.into_iter().map(show).collect()
}

/// A link.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Link> {
    let row = links::table.find(DbId(id)).select(Row::as_select()).first(conn).optional()?;
    show(row.ok_or_else(|| Error::not_found("link"))?)
}

/// A story's links, newest first.
///
/// # Errors
/// 422 for a wrong cursor.
pub fn of_story(conn: &mut Conn, story: Id, kind: Option<LinkKind>, paging: &Paging) -> Result<Page<Link>> {
    let mut query = links::table.filter(links::story_id.eq(DbId(story))).select(Row::as_select()).into_boxed();
    if let Some(kind) = kind {
        query = query.filter(links::kind.eq(kind.as_str()));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(links::id.lt(DbId(after)));
    }
    let rows = query.order(links::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    Ok(paging.page(show_all(rows)?, |link| vec![link.id.to_string()]))
}

/// The links that a query asks for; see [`of_story`].
///
/// # Errors
/// 404 for the story, 422 for a wrong cursor.
pub fn list(conn: &mut Conn, story: Id, query: &LinkQuery, paging: &Paging) -> Result<Page<Link>> {
    super::rows::get(conn, story)?;
    of_story(conn, story, query.kind, paging)
}

/// The links of all stories to this target, oldest first.
pub fn to(conn: &mut Conn, target: &LinkTarget) -> Result<Vec<Link>> {
    let rows = links::table
        .filter(links::provider.eq(target.provider.as_str()))
        .filter(links::repository.eq(&target.repository))
        .filter(links::kind.eq(target.kind.as_str()))
        .filter(links::reference.eq(&target.reference))
        .select(Row::as_select())
        .order(links::id.asc())
        .load(conn)?;
    show_all(rows)
}

/// The links of all stories to a commit of a repository whose hash begins with this prefix, oldest first.
pub fn to_commit(conn: &mut Conn, target: &LinkTarget) -> Result<Vec<Link>> {
    let rows = links::table
        .filter(links::provider.eq(target.provider.as_str()))
        .filter(links::repository.eq(&target.repository))
        .filter(links::kind.eq(LinkKind::Commit.as_str()))
        .filter(links::reference.ge(&target.reference))
        .filter(links::reference.lt(format!("{}g", target.reference)))
        .select(Row::as_select())
        .order(links::id.asc())
        .load(conn)?;
    show_all(rows)
}

/// Stores the current name of a repository; answers its earlier name, if it was another one.
pub fn seen_repository(tx: &mut Tx<'_>, seen: &Repository) -> Result<Option<String>> {
    let Ok(id) = i64::try_from(seen.id) else { return Ok(None) };
    let known = repositories::table.find((seen.provider.as_str(), id));
    let before: Option<String> = known.select(repositories::name).first(tx.conn).optional()?;
    match before {
        Some(before) if before == seen.name => Ok(None),
        Some(before) => {
            diesel::update(known)
                .set((repositories::name.eq(&seen.name), repositories::updated_at.eq(DbTime(tx.now))))
                .execute(tx.conn)?;
            Ok(Some(before))
        }
        None => {
            let row = (
                repositories::provider.eq(seen.provider.as_str()),
                repositories::external_id.eq(id),
                repositories::name.eq(&seen.name),
                repositories::updated_at.eq(DbTime(tx.now)),
            );
            on_each!(tx.conn, c => diesel::insert_into(repositories::table)
                .values(row).on_conflict_do_nothing().execute(c))?;
            Ok(None)
        }
    }
}

/// All links into a repository, oldest first.
pub fn of_repository(conn: &mut Conn, provider: LinkProvider, repository: &str) -> Result<Vec<Link>> {
    let rows = links::table
        .filter(links::provider.eq(provider.as_str()))
        .filter(links::repository.eq(repository))
        .select(Row::as_select())
        .order(links::id.asc())
        .load(conn)?;
    show_all(rows)
}

/// Renames the repository in the external ids of issues that became feedback.
pub fn rename_issues(tx: &mut Tx<'_>, origin: &str, before: &str, name: &str) -> Result<()> {
    let (from, to) = (format!("{before}#"), format!("{before}$"));
    let known: Vec<(DbId, Option<String>)> = feedback::table
        .filter(feedback::origin.eq(origin))
        .filter(feedback::external_id.ge(&from))
        .filter(feedback::external_id.lt(&to))
        .select((feedback::id, feedback::external_id))
        .load(tx.conn)?;
    for (id, known) in known {
        let Some(number) = known.as_deref().and_then(|known| known.strip_prefix(&from)) else { continue };
        let renamed = format!("{name}#{number}");
        let taken = feedback::table
            .filter(feedback::origin.eq(origin))
            .filter(feedback::external_id.eq(&renamed))
            .count()
            .get_result::<i64>(tx.conn)?;
        if taken == 0 {
            diesel::update(feedback::table.filter(feedback::id.eq(id)))
                .set(feedback::external_id.eq(&renamed))
                .execute(tx.conn)?;
        }
    }
    Ok(())
}

/// Writes the repository of a link.
pub fn set_repository(tx: &mut Tx<'_>, link: &Link) -> Result<()> {
    diesel::update(links::table.find(DbId(link.id)))
        .set((
            links::repository.eq(&link.repository),
            links::url.eq(&link.url),
            links::updated_at.eq(DbTime(link.updated_at)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// A story's first link to an issue of this repository: its own issue there.
pub fn issue_of(conn: &mut Conn, story: Id, provider: &str, repository: &str) -> Result<Option<Link>> {
    let row = links::table
        .filter(links::story_id.eq(DbId(story)))
        .filter(links::kind.eq(LinkKind::Issue.as_str()))
        .filter(links::provider.eq(provider))
        .filter(links::repository.eq(repository))
        .select(Row::as_select())
        .order(links::id.asc())
        .first(conn)
        .optional()?;
    row.map(show).transpose()
}

/// The stories among these that have an issue in any repository, each with its product.
pub fn with_issue(conn: &mut Conn, ids: &[Id]) -> Result<Vec<(Id, Id)>> {
    let mut found = Vec::new();
    for ids in ids.chunks(500) {
        let rows: Vec<(DbId, DbId)> = links::table
            .inner_join(stories::table.on(stories::id.eq(links::story_id)))
            .filter(links::kind.eq(LinkKind::Issue.as_str()))
            .filter(links::story_id.eq_any(ids.iter().map(|id| DbId(*id))))
            .select((stories::id, stories::product_id))
            .distinct()
            .load(conn)?;
        found.extend(rows.into_iter().map(|(story, product)| (Id::from(story), Id::from(product))));
    }
    found.sort_unstable();
    Ok(found)
}

/// Links a story to a target, unless it is linked already; answers the link and whether it is new.
pub fn add(
    tx: &mut Tx<'_>,
    story: Id,
    target: &LinkTarget,
    url: Option<&str>,
    state: Option<LinkState>,
    reason: LinkReason,
) -> Result<(Link, bool)> {
    let now = DbTime(tx.now);
    let row = Row {
        id: Id::next().into(),
        story_id: story.into(),
        provider: target.provider.as_str().to_owned(),
        repository: target.repository.clone(),
        kind: target.kind.as_str().to_owned(),
        reference: target.reference.clone(),
        url: url.map(str::to_owned),
        state: state.map(|state| state.as_str().to_owned()),
        created_at: now,
        updated_at: now,
        reason: reason.as_str().to_owned(),
    };
    let added = on_each!(tx.conn, c => diesel::insert_into(links::table)
        .values(&row).on_conflict_do_nothing().execute(c))?;
    let there = to(tx.conn, target)?.into_iter().find(|link| link.story_id == story);
    Ok((there.ok_or_else(|| Error::internal("a link that was added is not there"))?, added > 0))
}

/// Writes the address and state of a link.
pub fn update(tx: &mut Tx<'_>, link: &Link) -> Result<()> {
    diesel::update(links::table.find(DbId(link.id)))
        .set((
            links::url.eq(&link.url),
            links::state.eq(link.state.map(LinkState::as_str)),
            links::reason.eq(link.reason.as_str()),
            links::updated_at.eq(DbTime(link.updated_at)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Removes a link.
pub fn remove(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    diesel::delete(links::table.find(DbId(id))).execute(tx.conn)?;
    Ok(())
}

/// The ids of the stories with these numbers, oldest first; unknown numbers are left out.
pub fn stories_numbered(conn: &mut Conn, numbers: &[StoryNumber]) -> Result<Vec<Id>> {
    let mut keys: Vec<&str> = numbers.iter().map(|number| number.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut found = Vec::new();
    for key in keys {
        let wanted = numbers.iter().filter(|number| number.key == key).map(|number| number.number);
        let ids: Vec<DbId> = stories::table
            .inner_join(products::table.on(stories::product_id.eq(products::id)))
            .filter(products::key.eq(key))
            .filter(stories::number.eq_any(wanted))
            .select(stories::id)
            .load(conn)?;
        found.extend(ids.into_iter().map(Id::from));
    }
    found.sort_unstable();
    Ok(found)
}

/// When the first tracker delivery was queued for a story. An issue created by Hearback can't be older.
pub fn first_asked(conn: &mut Conn, story: Id) -> Result<Option<Time>> {
    let first: Option<DbTime> = deliveries::table
        .filter(deliveries::target_id.eq(DbId(story)))
        .filter(deliveries::channel.eq("tracker"))
        .select(deliveries::created_at)
        .order(deliveries::id.asc())
        .first(conn)
        .optional()?;
    Ok(first.map(Time::from))
}
