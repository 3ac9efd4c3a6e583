//! Proposals of refinements, and themes that refinements leave alone because people have made decisions about them.

use std::collections::{BTreeSet, HashMap};

use diesel::dsl::{count_star, sql};
use diesel::sql_types::Bool;

use crate::domain::base::{Id, Page, Paging, Time};
use crate::domain::feedback::ERASED;
use crate::domain::stories::stage::Stage;
use crate::domain::themes::{
    CorrectionKind, Proposal, ProposalDetail, ProposalKind, ProposalNumbers, ProposalQuery, ProposalState, Proposed,
    ThemeRecord,
};
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::base::conn::{Conn, insert_rows, lock_row};
use crate::store::base::query::*;
use crate::store::base::types::{DbId, DbTime, json, name};
use crate::store::schema::{corrections, feedback, proposal_items, proposals, stories, story_themes};
use crate::store::team::products;

/// The most feedback ids shown with a proposal.
const NAMED: usize = 1_000;
/// The most items read for examples.
const EXAMINED: i64 = 5_000;
/// Kinds of corrections that protect a theme from refinements, unless undone.
const DECISIONS: [&str; 6] = [
    CorrectionKind::Rename.as_str(),
    CorrectionKind::Mute.as_str(),
    CorrectionKind::Unmute.as_str(),
    CorrectionKind::Merge.as_str(),
    CorrectionKind::Split.as_str(),
    CorrectionKind::Move.as_str(),
];

#[derive(Queryable, Insertable)]
#[diesel(table_name = proposals)]
struct Row {
    id: DbId,
    product_id: DbId,
    kind: String,
    state: String,
    theme_id: DbId,
    other_theme_id: Option<DbId>,
    numbers: String,
    refinement_id: DbId,
    correction_id: Option<DbId>,
    reason: Option<String>,
    decided_by: Option<DbId>,
    decided_at: Option<DbTime>,
    created_at: DbTime,
    updated_at: DbTime,
}

#[derive(Insertable)]
#[diesel(table_name = proposal_items)]
struct ProposalItemRow {
    proposal_id: DbId,
    feedback_id: DbId,
}

/// The protected themes of a product. A person has renamed, muted, merged or split them, or moved feedback from or to
/// them (and not undone it), or they have a story that is no longer an untouched draft.
pub fn protected(conn: &mut Conn, product: Id) -> Result<BTreeSet<Id>> {
    let acts: Vec<(Option<DbId>, Option<DbId>)> = corrections::table
        .filter(corrections::product_id.eq(DbId(product)))
        .filter(corrections::undone_at.is_null())
        .filter(corrections::kind.eq_any(DECISIONS))
        .select((corrections::theme_id, corrections::other_theme_id))
        .distinct()
        .load(conn)?;
    // The same condition as `Story::is_untouched`.
    let decided = stories::stage.ne(Stage::Draft.as_str()).or(stories::edited.eq(true)).or(stories::version.gt(1));
    let with_story: Vec<DbId> = story_themes::table
        .inner_join(stories::table)
        .filter(stories::product_id.eq(DbId(product)))
        .filter(decided)
        .select(story_themes::theme_id)
        .load(conn)?;
    let acted_on = acts.into_iter().flat_map(|(one, other)| [one, other]).flatten();
    Ok(acted_on.chain(with_story).map(Id::from).collect())
}

/// The pairs of themes that people said are two: one was split off the other, or a merge of them was undone.
pub fn parted(conn: &mut Conn, product: Id) -> Result<Vec<(Id, Id)>> {
    let split = corrections::kind.eq(CorrectionKind::Split.as_str()).and(corrections::undone_at.is_null());
    let undone = corrections::kind.eq(CorrectionKind::Merge.as_str()).and(corrections::undone_at.is_not_null());
    let acts: Vec<(Option<DbId>, Option<DbId>)> = corrections::table
        .filter(corrections::product_id.eq(DbId(product)))
        .filter(split.or(undone))
        .select((corrections::theme_id, corrections::other_theme_id))
        .distinct()
        .load(conn)?;
    Ok(acts.into_iter().filter_map(|(one, other)| Some((one?.into(), other?.into()))).collect())
}

/// An earlier proposal with its state.
pub struct Earlier {
    pub id: Id,
    pub state: ProposalState,
    pub proposed: Proposed,
}

/// The proposals of a product that are open, or that people decided about.
pub fn earlier(conn: &mut Conn, product: Id) -> Result<Vec<Earlier>> {
    let of_product = proposals::product_id.eq(DbId(product)).and(proposals::state.ne(ProposalState::Outdated.as_str()));
    let rows: Vec<Row> = proposals::table.filter(of_product).order(proposals::id.asc()).load(conn)?;
    let items: Vec<(DbId, DbId)> = proposal_items::table
        .inner_join(proposals::table.on(proposals::id.eq(proposal_items::proposal_id)))
        .filter(of_product)
        .select((proposal_items::proposal_id, proposal_items::feedback_id))
        .order((proposal_items::proposal_id.asc(), proposal_items::feedback_id.asc()))
        .load(conn)?;
    let mut by_proposal: HashMap<DbId, Vec<Id>> = HashMap::new();
    items.into_iter().for_each(|(proposal, item)| by_proposal.entry(proposal).or_default().push(item.into()));
    let earlier = |row: Row| {
        Ok(Earlier {
            id: row.id.into(),
            state: name(&row.state)?,
            proposed: Proposed {
                kind: name(&row.kind)?,
                theme: row.theme_id.into(),
                other: row.other_theme_id.map(Id::from),
                items: by_proposal.remove(&row.id).unwrap_or_default(),
            },
        })
    };
    rows.into_iter().map(earlier).collect()
}

/// Adds an open proposal of a refinement.
pub fn insert(tx: &mut Tx<'_>, product: Id, refinement: Id, new: &Proposed, numbers: &ProposalNumbers) -> Result<Id> {
    let id = Id::next();
    let row = Row {
        id: id.into(),
        product_id: product.into(),
        kind: new.kind.as_str().to_owned(),
        state: ProposalState::Open.as_str().to_owned(),
        theme_id: new.theme.into(),
        other_theme_id: new.other.map(DbId),
        numbers: json(numbers),
        refinement_id: refinement.into(),
        correction_id: None,
        reason: None,
        decided_by: None,
        decided_at: None,
        created_at: DbTime(tx.now),
        updated_at: DbTime(tx.now),
    };
    diesel::insert_into(proposals::table).values(row).execute(tx.conn)?;
    insert_items(tx, id, &new.items)?;
    Ok(id)
}

/// Updates an open proposal with the result of a later refinement.
pub fn renew(tx: &mut Tx<'_>, id: Id, refinement: Id, new: &Proposed, numbers: &ProposalNumbers) -> Result<()> {
    diesel::delete(proposal_items::table.filter(proposal_items::proposal_id.eq(DbId(id)))).execute(tx.conn)?;
    insert_items(tx, id, &new.items)?;
    // The direction of a merge may have changed.
    diesel::update(proposals::table.find(DbId(id)))
        .set((
            proposals::theme_id.eq(DbId(new.theme)),
            proposals::other_theme_id.eq(new.other.map(DbId)),
            proposals::numbers.eq(json(numbers)),
            proposals::refinement_id.eq(DbId(refinement)),
            proposals::updated_at.eq(DbTime(tx.now)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

fn insert_items(tx: &mut Tx<'_>, id: Id, items: &[Id]) -> Result<()> {
    for items in items.chunks(5_000) {
        let row = |item: &Id| ProposalItemRow { proposal_id: id.into(), feedback_id: DbId(*item) };
        let rows: Vec<ProposalItemRow> = items.iter().map(row).collect();
        insert_rows!(tx.conn, proposal_items::table, &rows);
    }
    Ok(())
}

/// Marks a proposal that a later refinement no longer makes.
pub fn set_outdated(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    let outdated = proposals::state.eq(ProposalState::Outdated.as_str());
    diesel::update(proposals::table.find(DbId(id)))
        .set((outdated, proposals::updated_at.eq(DbTime(tx.now))))
        .execute(tx.conn)?;
    Ok(())
}

/// Records a person's decision.
pub fn decide(
    tx: &mut Tx<'_>,
    id: Id,
    state: ProposalState,
    reason: Option<&str>,
    correction: Option<Id>,
) -> Result<()> {
    diesel::update(proposals::table.find(DbId(id)))
        .set((
            proposals::state.eq(state.as_str()),
            proposals::reason.eq(reason),
            proposals::correction_id.eq(correction.map(DbId)),
            proposals::decided_by.eq(tx.actor.id.map(DbId)),
            proposals::decided_at.eq(Some(DbTime(tx.now))),
            proposals::updated_at.eq(DbTime(tx.now)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// A proposal, locked until the commit.
///
/// # Errors
/// 404.
pub fn lock(tx: &mut Tx<'_>, id: Id) -> Result<Proposal> {
    lock_row!(tx, proposals, id);
    get(tx.conn, id)
}

/// A proposal.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: Id) -> Result<Proposal> {
    let row: Option<Row> = proposals::table.find(DbId(id)).first(conn).optional()?;
    let missing = || Error::not_found("proposal");
    show(conn, row.into_iter().collect())?.pop().ok_or_else(missing)
}

/// A proposal with the feedback that would be moved.
///
/// # Errors
/// 404.
pub fn detail(conn: &mut Conn, id: Id) -> Result<ProposalDetail> {
    let proposal = get(conn, id)?;
    let feedback_ids = movable(conn, &proposal, Some(NAMED))?;
    Ok(ProposalDetail { proposal, feedback_ids })
}

/// How many proposals of products that are not archived are in this state.
pub fn count(conn: &mut Conn, state: ProposalState) -> Result<i64> {
    let of_current = sql::<Bool>(&products::archive_condition("proposals", false));
    Ok(proposals::table.filter(proposals::state.eq(state.as_str())).filter(of_current).count().get_result(conn)?)
}

/// The proposals that pass a query, newest first.
///
/// # Errors
/// 422 for a wrong cursor or an unknown product.
pub fn list(conn: &mut Conn, q: &ProposalQuery, paging: &Paging) -> Result<Page<Proposal>> {
    let mut query = proposals::table.into_boxed();
    if let Some(product) = products::named(conn, q.product.as_deref())? {
        query = query.filter(proposals::product_id.eq(DbId(product.id)));
    }
    if let Some(state) = q.state {
        query = query.filter(proposals::state.eq(state.as_str()));
    }
    if let Some(kind) = q.kind {
        query = query.filter(proposals::kind.eq(kind.as_str()));
    }
    if let Some(archived) = q.archived {
        query = query.filter(sql::<Bool>(&products::archive_condition("proposals", archived)));
    }
    if let Some(after) = paging.key::<Id>(0)? {
        query = query.filter(proposals::id.lt(DbId(after)));
    }
    let rows: Vec<Row> = query.order(proposals::id.desc()).limit(paging.limit as i64 + 1).load(conn)?;
    Ok(paging.page(show(conn, rows)?, |p| vec![p.id.to_string()]))
}

/// The feedback that an open proposal would move now: items still in their theme that are neither pinned nor erased;
/// for a merge all of them. At most `limit`, in order of arrival.
pub fn movable(conn: &mut Conn, proposal: &Proposal, limit: Option<usize>) -> Result<Vec<Id>> {
    if proposal.state != ProposalState::Open {
        return Ok(Vec::new());
    }
    let mut query = feedback::table.filter(feedback::theme_id.eq(DbId(proposal.theme_id))).into_boxed();
    if proposal.kind != ProposalKind::Merge {
        let named = proposal_items::table.filter(proposal_items::proposal_id.eq(DbId(proposal.id)));
        query = query
            .filter(feedback::id.eq_any(named.select(proposal_items::feedback_id)))
            .filter(feedback::pinned.eq(false))
            .filter(feedback::text.ne(ERASED));
    }
    if let Some(limit) = limit {
        query = query.limit(limit as i64);
    }
    let found: Vec<DbId> = query.select(feedback::id).order(feedback::id.asc()).load(conn)?;
    Ok(found.into_iter().map(Id::from).collect())
}

/// Some of the feedback that each of these splits and moves would move, in order of arrival; see [`movable`].
pub fn examples(conn: &mut Conn, proposals: &[Id], each: usize) -> Result<HashMap<Id, Vec<Id>>> {
    let found: Vec<(DbId, DbId)> = proposal_items::table
        .inner_join(proposals::table.on(proposals::id.eq(proposal_items::proposal_id)))
        .inner_join(feedback::table.on(feedback::id.eq(proposal_items::feedback_id)))
        .filter(proposals::id.eq_any(proposals.iter().map(|id| DbId(*id))))
        .filter(feedback::theme_id.eq(proposals::theme_id.nullable()))
        .filter(feedback::pinned.eq(false))
        .filter(feedback::text.ne(ERASED))
        .select((proposals::id, feedback::id))
        .order(feedback::id.asc())
        .limit(EXAMINED)
        .load(conn)?;
    let mut by_proposal: HashMap<Id, Vec<Id>> = HashMap::new();
    for (proposal, item) in found {
        let own = by_proposal.entry(proposal.into()).or_default();
        if own.len() < each {
            own.push(item.into());
        }
    }
    Ok(by_proposal)
}

/// The number of feedback that each of these would move; see [`movable`].
fn count_movable(conn: &mut Conn, rows: &[Row]) -> Result<HashMap<DbId, i64>> {
    let open = |row: &&Row| row.state == ProposalState::Open.as_str();
    let (merges, others): (Vec<&Row>, Vec<&Row>) =
        rows.iter().filter(open).partition(|row| row.kind == ProposalKind::Merge.as_str());
    let mut counts: HashMap<DbId, i64> = HashMap::new();
    if !others.is_empty() {
        let found: Vec<(DbId, i64)> = proposal_items::table
            .inner_join(proposals::table.on(proposals::id.eq(proposal_items::proposal_id)))
            .inner_join(feedback::table.on(feedback::id.eq(proposal_items::feedback_id)))
            .filter(proposals::id.eq_any(others.iter().map(|row| row.id)))
            .filter(feedback::theme_id.eq(proposals::theme_id.nullable()))
            .filter(feedback::pinned.eq(false))
            .filter(feedback::text.ne(ERASED))
            .group_by(proposals::id)
            .select((proposals::id, count_star()))
            .load(conn)?;
        counts.extend(found);
    }
    if !merges.is_empty() {
        let found: Vec<(Option<DbId>, i64)> = feedback::table
            .filter(feedback::theme_id.eq_any(merges.iter().map(|row| row.theme_id)))
            .group_by(feedback::theme_id)
            .select((feedback::theme_id, count_star()))
            .load(conn)?;
        let sizes: HashMap<DbId, i64> = found.into_iter().filter_map(|(theme, size)| Some((theme?, size))).collect();
        counts.extend(merges.iter().filter_map(|row| Some((row.id, *sizes.get(&row.theme_id)?))));
    }
    Ok(counts)
}

fn show(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Proposal>> {
    let counts = count_movable(conn, &rows)?;
    let ids: Vec<Id> =
        rows.iter().flat_map(|row| [Some(row.theme_id), row.other_theme_id]).flatten().map(Id::from).collect();
    let themes: HashMap<Id, ThemeRecord> =
        super::rows::rows(conn, &ids)?.into_iter().map(|theme| (theme.id, theme)).collect();
    let proposal = |row: Row| {
        let because: ProposalNumbers = serde_json::from_str(&row.numbers).map_err(Error::internal)?;
        let kind = name(&row.kind)?;
        let theme = |id: DbId| themes.get(&Id::from(id));
        Ok(Proposal {
            why: because.in_words(kind, theme(row.theme_id), row.other_theme_id.and_then(theme)),
            feedback_count: counts.get(&row.id).copied().unwrap_or_default(),
            id: row.id.into(),
            product_id: row.product_id.into(),
            kind,
            state: name(&row.state)?,
            theme_id: row.theme_id.into(),
            other_theme_id: row.other_theme_id.map(Id::from),
            because,
            refinement_id: row.refinement_id.into(),
            correction_id: row.correction_id.map(Id::from),
            reason: row.reason,
            decided_by: row.decided_by.map(Id::from),
            decided_at: row.decided_at.map(Time::from),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    };
    rows.into_iter().map(proposal).collect()
}
