//! Proposals: changes that a refinement would make in protected themes, and merges of themes that seem to say the same, in
//! one language or in two. A person accepts or rejects them.
//!
//! Protected themes are those that people renamed, muted, merged, split or moved feedback from or to, and those whose
//! story is no longer an untouched draft. No refinement takes feedback out of them or puts feedback in. A warm
//! refinement leaves it at that. A cold one proposes the changes instead; earlier proposals that it does not repeat
//! become outdated.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::json;
use uuid::Uuid;

use super::corrections;
use crate::domain::base::Id;
use crate::domain::themes::{
    NearestPair, Proposal, ProposalKind, ProposalNumbers, ProposalState, Proposed, Refinement, Rejection, Split,
};
use crate::engine::{Alike, Grouper, Move};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::themes::proposals;

/// If at least this share of a theme would move to one other theme, a merge is proposed.
const MERGED: f64 = 0.8;

/// Separates the moves of a refinement into those it may make and those that touch a protected theme.
pub fn divide(moves: &[Move], protected: &BTreeSet<Id>) -> (Vec<Move>, Vec<Move>) {
    moves.iter().partition(|m| is_free(m, protected))
}

/// Whether a refinement may make a move: neither theme is protected. Feedback that had no theme may join any, as it might
/// have on arrival.
pub fn is_free(m: &Move, protected: &BTreeSet<Id>) -> bool {
    let is_open = |theme: Option<Uuid>| theme.is_none_or(|theme| !protected.contains(&Id(theme)));
    m.from.is_none() || (is_open(m.from) && is_open(m.to))
}

/// The proposals for moves that were held back, for the themes as they are now; the fewest items first.
pub fn drawn_up(grouper: &Grouper, held_back: &[Move], protected: &BTreeSet<Id>) -> Vec<(Proposed, ProposalNumbers)> {
    let sizes: HashMap<Uuid, usize> = grouper.theme_sizes().collect();
    let size = |theme: Uuid| sizes.get(&theme).copied().unwrap_or_default();
    let mut going: BTreeMap<(Uuid, Uuid), Vec<Uuid>> = BTreeMap::new();
    // Feedback that is near nothing is no reason to change what people decided: see the strays of a theme.
    let both = held_back.iter().filter_map(|m| Some((m.item, m.from?, m.to?)));
    for (item, from, to) in both.filter(|(item, from, _)| grouper.theme_of(*item) == Some((*from, false))) {
        going.entry((from, to)).or_default().push(item);
    }
    let is_merge =
        |from: Uuid, to: Uuid, items: &[Uuid]| size(to) > 0 && items.len() as f64 >= MERGED * size(from) as f64;
    let merged: BTreeSet<Uuid> =
        going.iter().filter(|((from, to), items)| is_merge(*from, *to, items)).map(|((from, _), _)| *from).collect();

    let mut drawn_up = Vec::new();
    for ((from, to), items) in &going {
        let kind = match () {
            () if is_merge(*from, *to, items) => ProposalKind::Merge,
            // The whole theme is merged, so its other moves are included.
            () if merged.contains(from) => continue,
            () if size(*to) > 0 => ProposalKind::Move,
            // Moving all of a theme to a new theme changes nothing.
            () if items.len() == size(*from) => continue,
            () => ProposalKind::Split,
        };
        let similarity = grouper.likeness(items, if kind == ProposalKind::Split { *from } else { *to });
        // In a merge, the protected theme keeps its id.
        let keeps = kind == ProposalKind::Merge && !protected.contains(&Id(*to));
        let (theme, other) = if keeps { (*to, *from) } else { (*from, *to) };
        let mut named: Vec<Id> = items.iter().map(|id| Id(*id)).collect();
        named.sort_unstable();
        let other = (kind != ProposalKind::Split).then_some(other);
        let numbers = ProposalNumbers {
            moving: if kind == ProposalKind::Merge { size(theme) } else { items.len() } as i64,
            theme_size: size(theme) as i64,
            other_theme_size: other.map(|other| size(other) as i64),
            similarity: rounded(similarity),
            alike: None,
            nearest: Vec::new(),
        };
        let items = if kind == ProposalKind::Merge { Vec::new() } else { named };
        drawn_up.push((Proposed { kind, theme: Id(theme), other: other.map(Id), items }, numbers));
    }
    add_alike(&mut drawn_up, grouper, protected);
    // They are shown newest first, so the most important ones are written last.
    drawn_up.sort_by_key(|(_, numbers)| numbers.moving);
    drawn_up
}

/// Adds merges of themes that seem to say the same. Where the refinement would merge them too, that is one proposal.
fn add_alike(drawn_up: &mut Vec<(Proposed, ProposalNumbers)>, grouper: &Grouper, protected: &BTreeSet<Id>) {
    for alike in grouper.alike() {
        let merge = merge_of(grouper, &alike, protected);
        match drawn_up.iter_mut().find(|(earlier, _)| earlier.is_same(&merge.0)) {
            Some((earlier, numbers)) => {
                numbers.alike = merge.1.alike;
                numbers.nearest = merge.1.nearest;
                if earlier.theme != merge.0.theme {
                    numbers.nearest.iter_mut().for_each(NearestPair::turn);
                }
            }
            None => drawn_up.push(merge),
        }
    }
}

/// The merge of two themes that seem to say the same. A protected theme keeps its id, else the larger one.
fn merge_of(grouper: &Grouper, alike: &Alike, protected: &BTreeSet<Id>) -> (Proposed, ProposalNumbers) {
    let is_protected = |theme: Uuid| protected.contains(&Id(theme));
    let turned = is_protected(alike.from) && !is_protected(alike.into);
    let (theme, other) = if turned { (alike.into, alike.from) } else { (alike.from, alike.into) };
    let pair = |(from, into): &(Uuid, Uuid)| {
        let mut pair = NearestPair { feedback_id: Id(*from), other_feedback_id: Id(*into) };
        if turned {
            pair.turn();
        }
        pair
    };
    let size = |theme: Uuid| grouper.theme_sizes().find(|(id, _)| *id == theme).map_or(0, |(_, size)| size) as i64;
    let numbers = ProposalNumbers {
        moving: size(theme),
        theme_size: size(theme),
        other_theme_size: Some(size(other)),
        similarity: rounded(grouper.themes_likeness(theme, other)),
        alike: Some(rounded(alike.degree)),
        nearest: alike.nearest.iter().map(pair).collect(),
    };
    let proposed = Proposed { kind: ProposalKind::Merge, theme: Id(theme), other: Some(Id(other)), items: Vec::new() };
    (proposed, numbers)
}

fn rounded(share: f32) -> f64 {
    (f64::from(share) * 10_000.0).round() / 10_000.0
}

/// Replaces the open proposals by those of a refinement. A repeated proposal keeps its id, one that a person decided
/// about is not made again, and the rest become outdated. Themes that people parted are not proposed for a merge.
pub(in crate::usecase) fn replace(
    tx: &mut Tx<'_>,
    run: &Refinement,
    proposed: &[(Proposed, ProposalNumbers)],
) -> Result<()> {
    let (mut open, decided): (Vec<_>, Vec<_>) = proposals::earlier(tx.conn, run.product_id)?
        .into_iter()
        .partition(|earlier| earlier.state == ProposalState::Open);
    let parted = proposals::parted(tx.conn, run.product_id)?;
    let is_wanted = |new: &Proposed| new.kind != ProposalKind::Merge || !parted.iter().any(|pair| new.is_of(*pair));
    for (new, numbers) in proposed.iter().filter(|(new, _)| is_wanted(new)) {
        if let Some(at) = open.iter().position(|earlier| earlier.proposed.is_same(new)) {
            let same = open.swap_remove(at);
            proposals::renew(tx, same.id, run.id, new, numbers)?;
        } else if !decided.iter().any(|earlier| earlier.proposed.is_same(new)) {
            let id = proposals::insert(tx, run.product_id, run.id, new, numbers)?;
            let data = json!({ "kind": new.kind, "theme": new.theme, "other_theme": new.other });
            tx.event("proposal.opened", id, Some(run.product_id), data);
        }
    }
    for earlier in open {
        proposals::set_outdated(tx, earlier.id)?;
        tx.event("proposal.outdated", earlier.id, Some(run.product_id), json!({ "refinement": run.id }));
    }
    Ok(())
}

/// Accepts a proposal: the change is made as a correction by a person, pinned and undoable.
///
/// # Errors
/// 404, 409 where it is no longer open or no longer applies.
pub fn accept(tx: &mut Tx<'_>, id: Id) -> Result<Proposal> {
    let proposal = open(tx, id)?;
    let correction = carry_out(tx, &proposal).map_err(|e| match e.code {
        Code::NotFound | Code::Invalid | Code::Conflict if !e.transient => {
            let why = e.fields.first().map_or(e.detail.clone(), |field| format!("It {}.", field.detail));
            unfit(&why)
        }
        _ => e,
    })?;
    proposals::decide(tx, id, ProposalState::Accepted, None, correction)?;
    let data = json!({ "kind": proposal.kind, "correction": correction });
    tx.event("proposal.accepted", id, Some(proposal.product_id), data);
    proposals::get(tx.conn, id)
}

fn carry_out(tx: &mut Tx<'_>, proposal: &Proposal) -> Result<Option<Id>> {
    let (theme, items) = (proposal.theme_id, proposals::movable(tx.conn, proposal, None)?);
    if items.is_empty() {
        return Err(unfit("None of its feedback is still there to be moved."));
    }
    let done = match (proposal.kind, proposal.other_theme_id) {
        (ProposalKind::Merge, Some(into)) => corrections::merge(tx, into, None, theme)?,
        (ProposalKind::Move, Some(to)) => corrections::move_items(tx, theme, to, &items)?,
        _ => corrections::split(tx, theme, None, &Split { feedback_ids: items, label: None })?,
    };
    Ok(done.correction_id)
}

fn unfit(why: &str) -> Error {
    Error::new(Code::Conflict, format!("The proposal no longer fits. {why}"))
}

/// Rejects a proposal; it is not made again.
///
/// # Errors
/// 404, 409 where it is no longer open.
pub fn reject(tx: &mut Tx<'_>, id: Id, rejection: &Rejection) -> Result<Proposal> {
    let proposal = open(tx, id)?;
    let reason = rejection.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    proposals::decide(tx, id, ProposalState::Rejected, reason, None)?;
    let data = json!({ "kind": proposal.kind, "has_reason": reason.is_some() });
    tx.event("proposal.rejected", id, Some(proposal.product_id), data);
    proposals::get(tx.conn, id)
}

fn open(tx: &mut Tx<'_>, id: Id) -> Result<Proposal> {
    let proposal = proposals::lock(tx, id)?;
    match proposal.state {
        ProposalState::Open => Ok(proposal),
        state => Err(Error::new(Code::Conflict, format!("It is {state} already."))),
    }
}
