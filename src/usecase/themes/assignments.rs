//! Assignment of feedback to themes: writes the engine's decisions, each under the lease of its product.

use std::collections::{BTreeSet, HashMap};

use serde_json::json;

use super::proposals;
use super::wording::UNNAMED;
use crate::domain::base::Id;
use crate::domain::team::DEFAULT_PRODUCT;
use crate::domain::themes::{GranularityChoice, ProposalNumbers, Proposed, Refinement};
use crate::engine::{Assignment, Move};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::base::leases::{self, Lease};
use crate::store::team::products;
use crate::store::themes;
use crate::store::themes::assignments::{self, Moved};
use crate::store::themes::rows::NewTheme;
use crate::store::themes::vectors::{self, ItemVector};
use crate::store::themes::{embeddings, proposals as stored_proposals, refinements};
use crate::usecase::stories::draft_subjects::{self, Parted};
use crate::usecase::stories::recurrences::recurred;

/// An item and the theme the engine chose for it.
#[derive(Clone, Debug)]
pub struct Assigned {
    /// The feedback.
    pub id: Id,
    /// Its product.
    pub product: Id,
    /// The engine's decision.
    pub assignment: Assignment,
    /// The item already had a theme and only lacked its vector (it came with an export): the theme stays.
    pub restored: bool,
}

impl Assigned {
    fn theme(&self) -> Option<Id> {
        self.assignment.theme.map(Id)
    }
}

/// Writes the engine's decisions about new items of the product whose lease this is; answers the items that no longer wait (dismissed or erased
/// meanwhile), which the engine must remove.
///
/// # Errors
/// 409 where the lease is lost.
pub fn assign(tx: &mut Tx<'_>, lease: &Lease, embedder: &str, batch: &[Assigned]) -> Result<Vec<Id>> {
    leases::hold(tx, lease)?;
    if embeddings::present(tx.conn)? != embedder {
        return Err(Error::new(Code::Conflict, "The engine compares by another embedder now."));
    }
    let opened = batch.iter().filter(|a| a.assignment.is_new && !a.restored);
    let new: Vec<NewTheme> = opened
        .filter_map(|a| Some(NewTheme { id: a.theme()?, product: a.product, label: UNNAMED.to_owned() }))
        .collect();
    themes::rows::insert(tx, &new)?;
    for theme in &new {
        tx.event("theme.opened", theme.id, Some(theme.product), json!({}));
    }
    let themes_of_batch: Vec<Id> = batch.iter().filter_map(Assigned::theme).collect();
    let merged = merged(tx, &themes_of_batch)?;
    let theme_of = |a: &Assigned| a.theme().map(|theme| merged.get(&theme).copied().unwrap_or(theme));
    let waiting = || batch.iter().filter(|a| !a.restored);
    let joining: Vec<(Id, Id, f64)> =
        waiting().filter_map(|a| Some((a.id, theme_of(a)?, f64::from(a.assignment.similarity)))).collect();
    let alone: Vec<Id> = waiting().filter(|a| a.theme().is_none()).map(|a| a.id).collect();
    let mut placed: BTreeSet<Id> = assignments::place(tx, &joining)?.into_iter().collect();
    placed.extend(assignments::leave_alone(tx, &alone)?);
    let (kept, gone): (Vec<&Assigned>, Vec<&Assigned>) =
        batch.iter().partition(|a| a.restored || placed.contains(&a.id));
    let stored: Vec<ItemVector<'_>> = kept
        .iter()
        .map(|a| ItemVector {
            feedback_id: a.id,
            product_id: a.product,
            vector: &a.assignment.vector,
            neighbours: &a.assignment.neighbours,
        })
        .collect();
    vectors::put(tx, embedder, &stored)?;
    let mut touched = BTreeSet::new();
    let mut new = Vec::new();
    for item in kept {
        let theme = theme_of(item);
        touched.extend(theme);
        match theme.filter(|_| !item.restored) {
            Some(theme) => {
                new.push((item.id, theme));
                tx.event("feedback.grouped", item.id, Some(item.product), json!({ "theme": theme }));
            }
            None if !item.restored => {
                tx.event("feedback.ungrouped", item.id, Some(item.product), json!({ "from": null }))
            }
            None => {}
        }
    }
    new.extend(take_along(tx, batch, theme_of)?);
    themes::rows::mark_stale(tx, &touched.into_iter().collect::<Vec<_>>())?;
    recurred(tx, &new)?;
    Ok(gone.into_iter().map(|a| a.id).collect())
}

/// Puts items that had no theme into the themes that arriving items opened with them; answers them with their themes.
fn take_along(
    tx: &mut Tx<'_>,
    batch: &[Assigned],
    theme_of: impl Fn(&Assigned) -> Option<Id>,
) -> Result<Vec<(Id, Id)>> {
    let taken = batch.iter().filter_map(|a| Some((Id(a.assignment.taken?), theme_of(a)?, a.product)));
    let taken: Vec<(Id, Id, Id)> = taken.collect();
    let moves: Vec<Moved> = taken.iter().map(|(item, theme, _)| (*item, None, Some(*theme))).collect();
    let made = assignments::regroup(tx, &moves)?;
    let mut joined = Vec::new();
    for (item, theme, product) in taken.into_iter().filter(|(item, ..)| made.contains(item)) {
        tx.event("feedback.grouped", item, Some(product), json!({ "from": null, "theme": theme }));
        joined.push((item, theme));
    }
    Ok(joined)
}

/// The themes among these that a person has merged since the engine decided, with the themes they were merged into.
fn merged(tx: &mut Tx<'_>, ids: &[Id]) -> Result<HashMap<Id, Id>> {
    let gone: Vec<Id> = themes::rows::rows(tx.conn, ids)?
        .into_iter()
        .filter(|row| row.merged_into.is_some())
        .map(|row| row.id)
        .collect();
    gone.into_iter().map(|id| Ok((id, themes::rows::resolve(tx.conn, id)?))).collect()
}

/// Writes the moves of a refinement; answers those that were made. Skips items that a person moved or pinned meanwhile,
/// and themes that have become protected meanwhile.
///
/// # Errors
/// 409 where the lease is lost.
pub fn apply_moves(tx: &mut Tx<'_>, lease: &Lease, product: Id, moves: &[Move]) -> Result<Vec<Move>> {
    leases::hold(tx, lease)?;
    let protected = stored_proposals::protected(tx.conn, product)?;
    let (moves, _) = proposals::divide(moves, &protected);
    let targets: BTreeSet<Id> = moves.iter().filter_map(|m| m.to.map(Id)).collect();
    let targets: Vec<Id> = targets.into_iter().collect();
    let known: BTreeSet<Id> = themes::rows::rows(tx.conn, &targets)?.into_iter().map(|row| row.id).collect();
    let new: Vec<NewTheme> = targets
        .iter()
        .filter(|id| !known.contains(id))
        .map(|id| NewTheme { id: *id, product, label: UNNAMED.to_owned() })
        .collect();
    themes::rows::insert(tx, &new)?;
    for theme in &new {
        tx.event("theme.opened", theme.id, Some(product), json!({}));
    }
    let merged = merged(tx, &targets)?;
    let mut touched: BTreeSet<Id> = BTreeSet::new();
    let mut made = Vec::new();
    let resolved = |to: Id| merged.get(&to).copied().unwrap_or(to);
    let wanted: Vec<Moved> =
        moves.iter().map(|m| (Id(m.item), m.from.map(Id), m.to.map(|to| resolved(Id(to))))).collect();
    let moved = assignments::regroup(tx, &wanted)?;
    for (m, (item, from, to)) in moves.iter().zip(wanted) {
        if moved.contains(&item) {
            touched.extend(from.into_iter().chain(to));
            made.push(Move { to: to.map(|to| to.0), ..*m });
            match to {
                Some(to) => tx.event("feedback.grouped", item, Some(product), json!({ "from": from, "theme": to })),
                None => tx.event("feedback.ungrouped", item, Some(product), json!({ "from": from })),
            }
        }
    }
    themes::rows::mark_stale(tx, &touched.into_iter().collect::<Vec<_>>())?;
    recurred(tx, &made.iter().filter_map(|m| Some((Id(m.item), Id(m.to?)))).collect::<Vec<_>>())?;
    Ok(made)
}

/// Switches the engine to another embedder, on all instances and for all products. Items keep their themes; their vectors
/// are computed again, each by the instance that groups its product. `lease` is the lease of the instance itself.
///
/// # Errors
/// 409 where the lease is lost.
pub fn switch(tx: &mut Tx<'_>, lease: &Lease, embedder: &str) -> Result<()> {
    leases::hold(tx, lease)?;
    // No batch whose vectors are of the former embedder is written after this.
    leases::shares::stop_all(tx)?;
    let from = embeddings::present(tx.conn)?;
    embeddings::set_present(tx, embedder)?;
    tx.event("embedder.switched", DEFAULT_PRODUCT, None, json!({ "from": from, "to": embedder }));
    Ok(())
}

/// The result of a refinement.
#[derive(Clone, Debug)]
pub struct Done {
    /// The entry for the log of refinements.
    pub run: Refinement,
    /// The number of refinement requests when it began.
    pub asked: i32,
    /// What happened to the themes that it took items from.
    pub parted: Parted,
    /// The embedder of the vectors.
    pub embedder: String,
    /// The chosen granularity, if it chose one.
    pub choice: Option<GranularityChoice>,
    /// The proposals, the least important first; `None` where this run makes none.
    pub proposals: Option<Vec<(Proposed, ProposalNumbers)>>,
}

/// Records that a refinement is complete: the last of its writes.
///
/// # Errors
/// 409 where the lease is lost.
pub fn refined(tx: &mut Tx<'_>, lease: &Lease, done: &Done) -> Result<()> {
    leases::hold(tx, lease)?;
    let run = Refinement { created_at: tx.now, ..done.run.clone() };
    products::refined(tx, run.product_id, run.items, done.asked)?;
    draft_subjects::keep(tx, run.product_id, &done.parted)?;
    refinements::insert(tx, &run, &done.embedder, done.choice.as_ref())?;
    if let Some(proposed) = &done.proposals {
        proposals::replace(tx, &run, proposed)?;
    }
    let data = json!({ "items": run.items, "moved": run.moved, "refinement": run.id });
    tx.event("product.refined", run.product_id, Some(run.product_id), data);
    Ok(())
}
