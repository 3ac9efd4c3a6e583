//! A draft keeps its subject: its number stands for the feedback that it was drafted from. Where a refinement moves most of
//! that feedback, or most of its theme, elsewhere, the draft goes along; what is left in the theme gets a draft, and a
//! number, of its own. Where all is scattered nothing goes on, and the draft is closed as duplicate of the story that has
//! most of it.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;
use uuid::Uuid;

use super::drafts::{become_duplicate, recompute};
use crate::domain::base::Id;
use crate::domain::stories::Story;
use crate::engine::Move;
use crate::error::Result;
use crate::store::themes::vectors;
use crate::store::{Conn, Tx, stories};

/// So many items are kept of what a story was drafted from, spread evenly over time.
const SAMPLE: usize = 40;

/// Notes what a new story was drafted from; of a story that took new words, what came to its theme since. What a
/// refinement brought is older, and does not count.
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

/// What each of these stories was drafted from; for stories of older versions it is what they cite.
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

/// The themes that a refinement took items from, each with the theme that most of its items are in now: itself, another
/// one, or none where they are scattered.
pub type Parted = BTreeMap<Id, Option<Id>>;

/// What these moves did to the themes; `sizes` are those before.
pub fn parted(sizes: &HashMap<Uuid, usize>, moves: &[Move]) -> Parted {
    let mut gone: BTreeMap<Uuid, BTreeMap<Uuid, usize>> = BTreeMap::new();
    for m in moves {
        *gone.entry(m.from).or_default().entry(m.to).or_default() += 1;
    }
    let most = |(theme, to): (Uuid, BTreeMap<Uuid, usize>)| {
        let size = sizes.get(&theme).copied().unwrap_or_default();
        let stays = 2 * to.values().sum::<usize>() <= size;
        let most =
            if stays { Some(theme) } else { to.into_iter().find(|(_, items)| 2 * items > size).map(|(to, _)| to) };
        (Id(theme), most.map(Id))
    };
    gone.into_iter().map(most).collect()
}

/// Lets the untouched drafts of a product follow their feedback, after a refinement.
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

/// Closes the drafts of a product that stand on no theme any more as duplicates of what has most of their feedback now.
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

/// A draft that has to leave its theme.
struct Leaving {
    story: Story,
    /// The theme that it goes to, where its feedback is not scattered.
    to: Option<Id>,
    /// How much of what it was drafted from is there.
    held: usize,
}

/// Lets these drafts follow their feedback, those that are untouched; answers which of them changed. `parted` is what a
/// refinement did just now.
pub fn follow(tx: &mut Tx<'_>, drafts: Vec<Story>, parted: Option<&Parted>) -> Result<Vec<Id>> {
    let drafts: Vec<Story> = drafts.into_iter().filter(may_follow).collect();
    let mut leaving = leaving(tx.conn, drafts, parted)?;
    // Where two would go to one theme, it is the one with more to say there that stands on it.
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

/// Those of these drafts of whose feedback less than half is still in their theme, and those whose theme was parted. What
/// was erased or dismissed does not count.
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
        // After a refinement: where most of the theme is, and most of what the draft was drafted from.
        let theme = parted.map(|parted| parted.get(&own).copied().unwrap_or(Some(own)));
        if stays * 2 < all || theme.is_some_and(|theme| theme != Some(own)) {
            let most = held.iter().find(|(_, items)| **items * 2 > all).map(|(theme, _)| *theme);
            let to = most.filter(|most| theme.is_none_or(|theme| theme == Some(*most)));
            leaving.push(Leaving { held: to.map_or(0, |to| held[&to]), to, story });
        }
    }
    Ok(leaving)
}

/// Puts a draft on the theme that it goes to. Where another story stands there already it is a duplicate of that; where its
/// feedback is scattered it stands on no theme, with its words as they are.
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
            (0..count).map(move |n| Move { item: Uuid::from_u128(n), from, to }).collect::<Vec<_>>()
        };
        assert_eq!(parted(&sizes, &moves(a, b, 3)), Parted::from([(Id(a), Some(Id(a)))]), "half of it stays");
        assert_eq!(parted(&sizes, &moves(a, b, 4)), Parted::from([(Id(a), Some(Id(b)))]));
        let scattered = [moves(a, b, 3), moves(a, c, 2)].concat();
        assert_eq!(parted(&sizes, &scattered), Parted::from([(Id(a), None)]));
    }
}
