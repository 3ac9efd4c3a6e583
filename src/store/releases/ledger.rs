//! The ledger of commits and pull requests, and the changes that reporters of deployments name.

use std::collections::HashMap;

use crate::domain::base::{Id, Time};
use crate::domain::releases::ledger::{Change, ChangeOrigin, Commit, NewChange, PullRequest};
use crate::domain::stories::{LinkKind, LinkProvider};
use crate::error::Result;
use crate::store::Tx;
use crate::store::base::conn::{Conn, on_each};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime};
use crate::store::schema::{commits, deployment_changes, links, pull_requests, release_stories};

/// The most rows of the ledger that are read at once, and that a sweep leaves in it.
const MOST: i64 = 50_000;
/// The most values of one condition.
const CHUNK: usize = 500;

#[derive(Queryable, Insertable)]
#[diesel(table_name = commits)]
struct CommitRow {
    id: DbId,
    product_id: DbId,
    provider: String,
    repository: String,
    branch: String,
    sha: String,
    committed_at: DbTime,
    pushed_at: DbTime,
    position: i32,
    author: Option<String>,
    request: Option<String>,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = pull_requests)]
struct RequestRow {
    id: DbId,
    product_id: DbId,
    provider: String,
    repository: String,
    number: String,
    head: String,
    base: String,
    opened_at: Option<DbTime>,
    merged_at: Option<DbTime>,
    merge_sha: Option<String>,
    seen_at: DbTime,
}

/// Adds a commit; one that is known on its branch stays as it is.
pub fn add_commit(tx: &mut Tx<'_>, product: Id, provider: LinkProvider, commit: &Commit) -> Result<()> {
    let row = CommitRow {
        id: Id::next().into(),
        product_id: product.into(),
        provider: provider.as_str().to_owned(),
        repository: commit.repository.clone(),
        branch: commit.branch.clone(),
        sha: commit.sha.clone(),
        committed_at: commit.committed_at.into(),
        pushed_at: commit.pushed_at.into(),
        position: commit.position,
        author: commit.author.clone(),
        request: commit.request.clone(),
    };
    on_each!(tx.conn, c => diesel::insert_into(commits::table).values(&row).on_conflict_do_nothing().execute(c))?;
    Ok(())
}

/// Adds a pull request, or writes what is new of it; and marks the commits of its branch as its own.
pub fn put_request(tx: &mut Tx<'_>, product: Id, provider: LinkProvider, request: &PullRequest) -> Result<()> {
    let row = RequestRow {
        id: Id::next().into(),
        product_id: product.into(),
        provider: provider.as_str().to_owned(),
        repository: request.repository.clone(),
        number: request.number.clone(),
        head: request.head.clone(),
        base: request.base.clone(),
        opened_at: request.opened_at.map(DbTime),
        merged_at: request.merged_at.map(DbTime),
        merge_sha: request.merge_sha.clone(),
        seen_at: tx.now.into(),
    };
    let own = pull_requests::table
        .filter(pull_requests::product_id.eq(row.product_id))
        .filter(pull_requests::provider.eq(row.provider.clone()))
        .filter(pull_requests::repository.eq(row.repository.clone()))
        .filter(pull_requests::number.eq(row.number.clone()))
        .select(pull_requests::id);
    let known: Option<DbId> = own.first(tx.conn).optional()?;
    match known {
        None => drop(diesel::insert_into(pull_requests::table).values(&row).execute(tx.conn)?),
        Some(id) => {
            let known = pull_requests::table.find(id);
            diesel::update(known).set(pull_requests::seen_at.eq(row.seen_at)).execute(tx.conn)?;
            // CDEvents name no source branch: what another hook said of it stays.
            if !row.head.is_empty() {
                let branches = (pull_requests::head.eq(&row.head), pull_requests::base.eq(&row.base));
                diesel::update(known).set(branches).execute(tx.conn)?;
            }
            if row.opened_at.is_some() {
                let unknown = known.filter(pull_requests::opened_at.is_null());
                diesel::update(unknown).set(pull_requests::opened_at.eq(row.opened_at)).execute(tx.conn)?;
            }
            // A late report of the time before the merge takes nothing back.
            if row.merged_at.is_some() {
                let merged = (pull_requests::merged_at.eq(row.merged_at), pull_requests::merge_sha.eq(&row.merge_sha));
                diesel::update(known).set(merged).execute(tx.conn)?;
            }
        }
    }
    let of_branch = commits::table
        .filter(commits::product_id.eq(row.product_id))
        .filter(commits::provider.eq(&row.provider))
        .filter(commits::repository.eq(&row.repository))
        .filter(commits::branch.eq(&row.head))
        .filter(commits::request.is_null());
    // A request from the main branch itself, as between forks, does not own all of its commits.
    if row.head != row.base && !row.head.is_empty() {
        diesel::update(of_branch).set(commits::request.eq(&row.number)).execute(tx.conn)?;
    }
    Ok(())
}

/// The latest commits of a product that were pushed since then.
pub fn commits_since(conn: &mut Conn, product: Id, since: Time) -> Result<Vec<Commit>> {
    let rows: Vec<CommitRow> = commits::table
        .filter(commits::product_id.eq(DbId(product)))
        .filter(commits::pushed_at.ge(DbTime(since)))
        .order(commits::pushed_at.desc())
        .limit(MOST)
        .load(conn)?;
    let commit = |row: CommitRow| Commit {
        repository: row.repository,
        branch: row.branch,
        sha: row.sha,
        committed_at: row.committed_at.into(),
        pushed_at: row.pushed_at.into(),
        position: row.position,
        author: row.author,
        request: row.request,
    };
    Ok(rows.into_iter().map(commit).collect())
}

/// The latest pull requests of a product that were seen since then.
pub fn requests_since(conn: &mut Conn, product: Id, since: Time) -> Result<Vec<PullRequest>> {
    let rows: Vec<RequestRow> = pull_requests::table
        .filter(pull_requests::product_id.eq(DbId(product)))
        .filter(pull_requests::seen_at.ge(DbTime(since)))
        .order(pull_requests::seen_at.desc())
        .limit(MOST)
        .load(conn)?;
    let request = |row: RequestRow| PullRequest {
        repository: row.repository,
        number: row.number,
        head: row.head,
        base: row.base,
        opened_at: row.opened_at.map(Time::from),
        merged_at: row.merged_at.map(Time::from),
        merge_sha: row.merge_sha,
    };
    Ok(rows.into_iter().map(request).collect())
}

/// Deletes commits and pull requests from before this time, and the oldest commits where there are too many.
pub fn sweep(tx: &mut Tx<'_>, before: Time) -> Result<()> {
    let most: Option<DbTime> = commits::table
        .select(commits::pushed_at)
        .order(commits::pushed_at.desc())
        .offset(MOST * 4)
        .first(tx.conn)
        .optional()?;
    let before = most.map_or(before, |at| before.max(at.into()));
    diesel::delete(commits::table.filter(commits::pushed_at.lt(DbTime(before)))).execute(tx.conn)?;
    diesel::delete(pull_requests::table.filter(pull_requests::seen_at.lt(DbTime(before)))).execute(tx.conn)?;
    Ok(())
}

/// Adds changes that the reporter of a deployment named; those that are known stay as they are.
pub fn add_changes(tx: &mut Tx<'_>, deployment: Id, changes: &[NewChange]) -> Result<()> {
    for change in changes {
        let row = (
            deployment_changes::deployment_id.eq(DbId(deployment)),
            deployment_changes::sha.eq(&change.sha),
            deployment_changes::committed_at.eq(DbTime(change.committed_at)),
        );
        on_each!(tx.conn, c => diesel::insert_into(deployment_changes::table)
            .values(row).on_conflict_do_nothing().execute(c))?;
    }
    Ok(())
}

/// The changes that the reporters of these deployments named.
pub fn named_changes(conn: &mut Conn, deployments: &[Id]) -> Result<HashMap<Id, Vec<Change>>> {
    let mut found: HashMap<Id, Vec<Change>> = HashMap::new();
    for some in deployments.chunks(CHUNK) {
        let rows: Vec<(DbId, String, DbTime)> = deployment_changes::table
            .filter(deployment_changes::deployment_id.eq_any(some.iter().map(|id| DbId(*id))))
            .order((deployment_changes::deployment_id.asc(), deployment_changes::sha.asc()))
            .load(conn)?;
        for (id, name, at) in rows {
            let change = Change {
                name,
                committed_at: at.into(),
                merged_at: None,
                how: ChangeOrigin::Explicit,
                authors: Vec::new(),
            };
            found.entry(id.into()).or_default().push(change);
        }
    }
    Ok(found)
}

/// A commit or pull request that a story of a release is linked to.
pub struct Linked {
    pub release: Id,
    pub kind: LinkKind,
    pub repository: String,
    pub reference: String,
}

/// The commits and pull requests that the stories of these releases are linked to.
pub fn linked(conn: &mut Conn, releases: &[Id]) -> Result<Vec<Linked>> {
    let mut found = Vec::new();
    for some in releases.chunks(CHUNK) {
        let rows: Vec<(DbId, String, String, String)> = release_stories::table
            .inner_join(links::table.on(links::story_id.eq(release_stories::story_id)))
            .filter(release_stories::release_id.eq_any(some.iter().map(|id| DbId(*id))))
            .filter(release_stories::moved_to.is_null())
            .filter(links::kind.eq_any([LinkKind::Commit.as_str(), LinkKind::PullRequest.as_str()]))
            .select((release_stories::release_id, links::kind, links::repository, links::reference))
            .order((release_stories::release_id.asc(), links::id.asc()))
            .load(conn)?;
        for (release, kind, repository, reference) in rows {
            let kind = crate::store::base::types::name(&kind)?;
            found.push(Linked { release: release.into(), kind, repository, reference });
        }
    }
    Ok(found)
}
