//! Subjects of drafts: a draft's number stands for the feedback that it was drafted from. Where a refinement moves most
//! of that feedback, or most of its theme, to another theme, the draft moves too, and the rest of the theme gets a new
//! draft with its own number. Where the feedback is scattered, the draft is closed as a duplicate of the story that has
//! most of it.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;
use uuid::Uuid;

use crate::domain::base::Id;
use crate::domain::stories::Story;
use crate::engine::Move;
use crate::error::Result;
use crate::store::themes::vectors;
use crate::store::{Conn, Tx, stories};
use crate::usecase::stories::duplicates::become_duplicate;
use crate::usecase::stories::ranking::recompute;

/// The most items kept per draft, spread evenly over time.
const SAMPLE: usize = 40;

/// Records the items that a new story was drafted from; for a refreshed story, the items added to its theme since.
/// Items that a refinement moved are older and don't count.
pub fn note(tx: &mut Tx<'_>, story: Id, theme: Id) -> Result<()> {
    let known = stories::rows::drafted_from(tx.conn, &[story])?.remove(&story).unwrap_or_default();
    let room = SAMPLE.saturating_sub(known.len());
    if room == 0 {
        return Ok(());
    }
    let newest = known.into_iter().max();
    let members = vectors::members(tx.conn, &[theme])?.into_iter().map(|(item, ..)| item);
    let mut items: Vec<Id> = members.filter(|item| newest.is_none_or(|newest| *item > newest)).collect();
    items.sort_unstable();
    let step = items.len().div_ceil(room).max(1);
    let sample: Vec<Id> = items.into_iter().step_by(step).collect();
    stories::rows::add_drafted_from(tx, story, &sample)
}

/// The items that each of these stories was drafted from; for stories of older versions, the items they cite.
pub fn origins(conn: &mut Conn, drafts: &[Story]) -> Result<HashMap<Id, Vec<Id>>> {
    let ids: Vec<Id> = drafts.iter().map(|story| story.id).collect();
    let mut origins = stories::rows::drafted_from(conn, &ids)?;
    for story in drafts {
        let known = origins.entry(story.id).or_default();
        if known.is_empty() {
            known.extend(story.acceptance_criteria.iter().flat_map(|c| c.feedback_ids.iter().copied()));
        }
    }
    Ok(origins)
}

/// The themes that a refinement took items from, each with the theme that has most of its items now: itself, another
/// one, or `None` where they are scattered.
pub type Parted = BTreeMap<Id, Option<Id>>;

/// The effect of these moves on the themes; `sizes` are the sizes before.
pub fn parted(sizes: &HashMap<Uuid, usize>, moves: &[Move]) -> Parted {
    let mut gone: BTreeMap<Uuid, BTreeMap<Option<Uuid>, usize>> = BTreeMap::new();
    for (from, to) in moves.iter().filter_map(|m| Some((m.from?, m.to))) {
        *gone.entry(from).or_default().entry(to).or_default() += 1;
    }
    let most = |(theme, to): (Uuid, BTreeMap<Option<Uuid>, usize>)| {
        let size = sizes.get(&theme).copied().unwrap_or_default();
        let stays = 2 * to.values().sum::<usize>() <= size;
        let most =
            if stays { Some(theme) } else { to.into_iter().find(|(_, items)| 2 * items > size).and_then(|(to, _)| to) };
        (Id(theme), most.map(Id))
    };
    gone.into_iter().map(most).collect()
}

/// Lets the untouched drafts of a product follow their feedback after a refinement.
pub fn keep(tx: &mut Tx<'_>, product: Id, parted: &Parted) -> Result<()> {
    let themes: Vec<Id> = parted.keys().copied().collect();
    for themes in themes.chunks(500) {
        let drafts: Vec<Id> = stories::rows::of_themes(tx.conn, themes)?.into_values().flatten().collect();
        let drafts = stories::rows::lock(tx, &drafts)?;
        let changed = follow(tx, drafts, Some(parted))?;
        recompute(tx, &changed)?;
    }
    gather(tx, product)
}

/// Closes drafts of a product without a theme as duplicates of the story that has most of their feedback now.
pub fn gather(tx: &mut Tx<'_>, product: Id) -> Result<()> {
    let drafts = stories::rows::homeless(tx.conn, product)?;
    let drafts = stories::rows::get_many(tx.conn, &drafts)?;
    let mut origins = origins(tx.conn, &drafts)?;
    for story in drafts {
        let origin = origins.remove(&story.id).unwrap_or_default();
        if let Some(by) = stories::rows::holding_most(tx.conn, &origin)?.filter(|by| *by != story.id) {
            become_duplicate(tx, story, by)?;
        }
    }
    Ok(())
}

/// A draft that must leave its theme.
struct Leaving {
    story: Story,
    /// The theme it moves to; `None` where its feedback is scattered.
    to: Option<Id>,
    /// The number of its original items there.
    held: usize,
}

/// Moves the untouched drafts among these with their feedback; answers those that changed. `parted` is the effect of a
/// refinement that just ended.
pub fn follow(tx: &mut Tx<'_>, drafts: Vec<Story>, parted: Option<&Parted>) -> Result<Vec<Id>> {
    let drafts: Vec<Story> = drafts.into_iter().filter(may_follow).collect();
    let mut leaving = leaving(tx.conn, drafts, parted)?;
    // If two drafts would move to one theme, the one with more items there gets it.
    leaving.sort_by_key(|draft| (std::cmp::Reverse(draft.held), draft.story.id));
    let changed = leaving.iter().map(|draft| draft.story.id).collect();
    for draft in leaving {
        leave(tx, draft)?;
    }
    Ok(changed)
}

fn may_follow(story: &Story) -> bool {
    story.is_untouched() && story.proposed_duplicate_of.is_none() && story.theme_ids.len() == 1
}

/// The drafts that must leave: less than half of their feedback is still in their theme, or a refinement split the
/// theme. Erased and dismissed feedback does not count.
fn leaving(conn: &mut Conn, drafts: Vec<Story>, parted: Option<&Parted>) -> Result<Vec<Leaving>> {
    let origins = origins(conn, &drafts)?;
    let items: Vec<Id> = origins.values().flatten().copied().collect();
    let places = vectors::places(conn, &items)?;
    let mut leaving = Vec::new();
    for story in drafts {
        let mut held: BTreeMap<Id, usize> = BTreeMap::new();
        for theme in origins.get(&story.id).into_iter().flatten().filter_map(|item| places.get(item)) {
            *held.entry(*theme).or_default() += 1;
        }
        let own = story.theme_ids[0];
        let stays = held.get(&own).copied().unwrap_or_default();
        let all: usize = held.values().sum();
        // After a refinement, a draft moves only to the theme that has both most of its theme and most of its original
        // items.
        let theme = parted.map(|parted| parted.get(&own).copied().unwrap_or(Some(own)));
        // Feedback that has no theme any more has not gone elsewhere: its draft waits for it.
        let is_waiting = all == 0 && theme == Some(None);
        if !is_waiting && (stays * 2 < all || theme.is_some_and(|theme| theme != Some(own))) {
            let most = held.iter().find(|(_, items)| **items * 2 > all).map(|(theme, _)| *theme);
            let to = most.filter(|most| theme.is_none_or(|theme| theme == Some(*most)));
            leaving.push(Leaving { held: to.map_or(0, |to| held[&to]), to, story });
        }
    }
    Ok(leaving)
}

/// Moves a draft to its new theme. Where another story has that theme, the draft becomes a duplicate of it; where its
/// feedback is scattered, it has no theme and keeps its texts.
fn leave(tx: &mut Tx<'_>, draft: Leaving) -> Result<()> {
    let Leaving { mut story, to, .. } = draft;
    if to == story.theme_ids.first().copied() {
        return Ok(());
    }
    stories::rows::unlink(tx, story.id, &story.theme_ids)?;
    story.theme_ids.clear();
    if let Some(theme) = to {
        let there = stories::rows::of_themes(tx.conn, &[theme])?.remove(&theme).unwrap_or_default();
        if let Some(other) = there.first() {
            return become_duplicate(tx, story, *other);
        }
        stories::rows::link(tx, story.id, &[theme])?;
    }
    let (id, product) = (story.id, story.product_id);
    stories::rows::update(tx, &Story { updated_at: tx.now, ..story })?;
    tx.event("story.updated", id, Some(product), json!({ "fields": ["theme_ids"] }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_is_parted_where_most_of_it_goes() {
        let [a, b, c] = [1, 2, 3].map(Uuid::from_u128);
        let sizes = HashMap::from([(a, 6), (b, 6), (c, 4)]);
        let moves = |from: Uuid, to: Uuid, count: u128| {
            let (from, to) = (Some(from), Some(to));
            (0..count).map(move |n| Move { item: Uuid::from_u128(n), from, to }).collect::<Vec<_>>()
        };
        assert_eq!(parted(&sizes, &moves(a, b, 3)), Parted::from([(Id(a), Some(Id(a)))]), "half of it stays");
        assert_eq!(parted(&sizes, &moves(a, b, 4)), Parted::from([(Id(a), Some(Id(b)))]));
        let scattered = [moves(a, b, 3), moves(a, c, 2)].concat();
        assert_eq!(parted(&sizes, &scattered), Parted::from([(Id(a), None)]));
    }
}
