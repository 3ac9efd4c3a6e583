//! Incremental grouping: each item gets a theme on arrival by the vote of its nearest neighbours, and people's
//! corrections are kept.

use std::sync::Arc;

use uuid::Uuid;

use super::examples::{Example, Examples};
use super::themes::Themes;
use crate::engine::search::across::Near;
use crate::engine::search::items::Items;
use crate::engine::search::nearest::Hit;
use crate::engine::search::neighbours::{
    FOREIGN, NEIGHBOURS, NO_THEME, Neighbours, Slot, ThemeNo, pack_cosine, unpack_cosine,
};
use crate::engine::search::room::Room;
use crate::engine::search::script::Script;
use crate::engine::text::embed::{Embedder, Reading, read};
use crate::engine::text::external::Means;
use crate::engine::text::vector::{Packed, pack};
use crate::engine::wording::keywords::Background;

/// How many nearest items vote on arrival.
const VOTERS: usize = 10;
/// A neighbour votes only if its cosine is at least this share of the nearest one's.
const VOTING_SHARE: f32 = 0.5;
/// A text of the other script votes only if it is at least this near, in parts of what is usual among neighbours.
const VOTING_NEARNESS: f32 = 0.8;
/// The threshold q: a text whose nearest item has a lower cosine opens a theme. q adapts so that a fixed share of texts
/// opens one: q += .02 (.05 - [opened]). The constants are its initial value, the step, and the share.
const FIRST_BAR: f32 = 0.3;
const BAR_STEP: f32 = 0.02;
const OPENING_SHARE: f32 = 0.05;

/// The granularity of themes after a refinement.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Granularity {
    /// Chosen from the data.
    #[default]
    Auto,
    /// g in Q = sum[w_ij - g k_i k_j / 2m], from 1 (coarser) to 128 (finer).
    Fixed(f32),
}

impl Granularity {
    /// From a product's setting; 0 means [`Granularity::Auto`].
    pub fn of(setting: f64) -> Self {
        if setting > 0.0 { Granularity::Fixed(setting as f32) } else { Granularity::Auto }
    }
}

/// The settings of one product.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Settings {
    /// The granularity of themes.
    pub granularity: Granularity,
}

/// Where an arriving item goes.
pub(in crate::engine) struct Arrival {
    /// Its theme; `None` where it is alone.
    pub theme: Option<Uuid>,
    pub is_new: bool,
    /// The item without a theme that it takes along into the new theme.
    pub taken: Option<Uuid>,
}

/// The result of grouping an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// The theme that it joined or opened; `None` where it is near nothing and has no theme yet.
    pub theme: Option<Uuid>,
    /// Whether it opened the theme.
    pub is_new: bool,
    /// The item without a theme that it took along into the theme that it opened.
    pub taken: Option<Uuid>,
    /// Cosine to the nearest item of the theme, 0 to 1; 1 for the item that opens a theme. Where it has no theme, to the
    /// nearest item.
    pub similarity: f32,
    /// Bytes to store and to return to [`Grouper::restore`].
    pub vector: Vec<u8>,
    /// Bytes to store and to return to [`Grouper::restore`].
    pub neighbours: Vec<u8>,
}

/// The nearest neighbours of a text, found under a shared lock.
pub struct Placement {
    reading: Reading,
    /// The vector from an external embedder, not centred.
    external: Option<Packed>,
    /// `None` where the text was known already, so that no search was needed.
    found: Option<Found>,
    /// How many texts were known at the time of the search.
    documents: u32,
}

struct Found {
    vector: Packed,
    near: Near,
}

/// The themes of one product. Not synchronised: keep it in a `RwLock`. Look-ups take `&self`, so several can run at
/// once.
pub struct Grouper {
    pub(in crate::engine) settings: Settings,
    pub(in crate::engine) embedder: Embedder,
    /// The mean of the vectors from the external embedder.
    pub(in crate::engine) external: Means,
    pub(in crate::engine) items: Items,
    pub(in crate::engine) themes: Themes,
    pub(in crate::engine) examples: Examples,
    /// The granularity g that was last chosen from the data.
    pub(in crate::engine) chosen: Option<f32>,
    /// The threshold q: below this cosine to the nearest item a new theme opens.
    bar: f32,
    /// The number of items at the last refinement.
    pub(in crate::engine) refined_at: usize,
    /// The number of items at the last cold refinement.
    pub(in crate::engine) cold_at: usize,
}

impl Grouper {
    /// An empty grouper.
    pub fn new(settings: Settings) -> Self {
        Grouper {
            settings,
            embedder: Embedder::new(),
            external: Means::default(),
            items: Items::default(),
            themes: Themes::default(),
            examples: Examples::default(),
            chosen: None,
            bar: FIRST_BAR,
            refined_at: 0,
            cold_at: 0,
        }
    }

    /// An empty grouper whose large arrays take their memory from the room that all groupers share.
    pub fn within(room: &Arc<Room>) -> Self {
        Grouper { items: Items::within(room), ..Grouper::new(Settings::default()) }
    }

    /// Sets the granularity. It takes effect with the next refinement.
    pub fn set_granularity(&mut self, granularity: Granularity) {
        self.settings.granularity = granularity;
    }

    /// Groups an arriving item: [`Grouper::place`] followed by [`Grouper::accept`].
    pub fn assign(&mut self, id: Uuid, text: &str, new_theme: impl FnOnce() -> Uuid) -> Assignment {
        let placement = self.place(text);
        self.accept(id, placement, new_theme)
    }

    /// The expensive part of an arrival: the search for the nearest items. Changes nothing.
    pub fn place(&self, text: &str) -> Placement {
        self.place_reading(read(text), None)
    }

    /// The cheap part of an arrival: the neighbours vote, and the item is added.
    ///
    /// If another item was added since the search, the search is repeated, so that themes depend only on the order of
    /// arrival. A copy of a known text joins the theme of that text. `new_theme` gives the id of a new theme. A known
    /// item is grouped again, because its text changed; a pinned one keeps its theme.
    pub fn accept(&mut self, id: Uuid, placement: Placement, new_theme: impl FnOnce() -> Uuid) -> Assignment {
        let pinned_to = self.theme_of(id).filter(|(_, pinned)| *pinned).map(|(theme, _)| theme);
        self.remove(id);
        match self.items.copies.text(placement.reading.key) {
            Some(slot) => self.accept_copy(id, slot, pinned_to, new_theme),
            None => self.accept_text(id, placement, pinned_to, new_theme),
        }
    }

    /// No search and no learning: words that were copied a thousand times are no more common in the product's feedback
    /// than words that were written once.
    fn accept_copy(
        &mut self,
        id: Uuid,
        slot: Slot,
        pinned_to: Option<Uuid>,
        new_theme: impl FnOnce() -> Uuid,
    ) -> Assignment {
        let home = self.items.copies.home(slot);
        let Arrival { theme, is_new, taken } = self.arrival(pinned_to, home, new_theme);
        self.items.copies.join(id, slot);
        self.put(id, theme, pinned_to.is_some());
        let neighbours: Vec<(Slot, u16)> =
            self.items.neighbours[slot as usize].iter().chain(self.items.foreign(slot).iter()).collect();
        let vector = self.items.row(slot).to_vec();
        Assignment { theme, is_new, taken, similarity: 1.0, vector, neighbours: self.pack_neighbours(&neighbours) }
    }

    fn accept_text(
        &mut self,
        id: Uuid,
        placement: Placement,
        pinned_to: Option<Uuid>,
        new_theme: impl FnOnce() -> Uuid,
    ) -> Assignment {
        let Placement { reading, external, found, documents } = placement;
        let script = Script::of(&reading, external.as_ref());
        let Found { vector, near } = match found {
            Some(found) if documents == self.embedder.documents() => found,
            _ => self.search(&reading, external.as_ref()),
        };
        let present = |hits: &[Hit]| -> Vec<(Slot, u16)> {
            let present = hits.iter().filter(|hit| self.items.is_present(hit.slot));
            present.map(|hit| (hit.slot, pack_cosine(hit.cosine))).filter(|(_, cosine)| *cosine > 0).collect()
        };
        let (neighbours, mut foreign) = (present(&near.own), present(&near.foreign));
        foreign.truncate(FOREIGN); // As many as are stored: after a restart the lists must be the same.
        let nearest = neighbours.first().map_or(0.0, |(_, cosine)| unpack_cosine(*cosine));
        let voters = present(&self.items.both(&vector, &near, VOTING_NEARNESS));
        let nearest_of_both = voters.first().map_or(0.0, |(_, cosine)| unpack_cosine(*cosine));
        let predicted = self.predicted(&vector, &neighbours);
        let winner = predicted.or_else(|| if nearest_of_both < self.bar { None } else { self.vote(&voters) });
        let Arrival { theme, is_new, taken } = self.arrival(pinned_to, winner.map(|(theme, _)| theme), new_theme);
        let similarity = match winner.filter(|_| pinned_to.is_none()) {
            Some((_, cosine)) => cosine,
            None if is_new => 1.0,
            None => nearest,
        };
        if !self.items.copies.is_known(id) {
            self.learn(&reading, external.as_ref(), nearest);
        }
        let slot = self.items.put(id, reading.key, &vector, &reading.cells, script);
        self.items.link(slot, neighbours.iter().copied());
        self.items.link_foreign(slot, foreign.iter().copied());
        self.put(id, theme, pinned_to.is_some());
        let (vector, neighbours) = (vector.to_vec(), self.pack_neighbours(&[neighbours, foreign].concat()));
        Assignment { theme, is_new, taken, similarity, vector, neighbours }
    }

    /// Counts a text that arrived for the first time, and adapts the threshold to its nearest neighbour's cosine.
    pub(in crate::engine) fn learn(&mut self, reading: &Reading, external: Option<&Packed>, nearest: f32) {
        self.adapt_bar(nearest);
        self.embedder.learn(reading);
        self.external.learn(external, reading.korean);
    }

    /// Removes an item that was dismissed or erased. It is not found any more and no longer votes, and its vector is
    /// overwritten unless another item has the same text. Its words stay in the anonymous counts.
    pub fn remove(&mut self, id: Uuid) {
        let Some(number) = self.items.copies.present(id) else { return };
        let member = *self.items.copies.member(number);
        self.items.copies.leave(number);
        if member.theme != NO_THEME {
            self.themes.leave(member.theme);
        }
        if member.pinned {
            self.examples.remove(Example { slot: member.slot, theme: member.theme });
        }
        if !self.items.is_present(member.slot) {
            self.items.clear(member.slot);
        }
    }

    /// Moves an item to a theme: a person's decision (the item is then pinned, and the engine never moves it) or a
    /// merge.
    pub fn set_theme(&mut self, id: Uuid, theme: Uuid, pinned: bool) {
        if self.holds(id) {
            let theme = self.themes.number_or_new(theme);
            self.move_to(id, theme, pinned);
        }
    }

    pub(in crate::engine) fn move_to(&mut self, id: Uuid, theme: ThemeNo, pinned: bool) {
        let Some(number) = self.items.copies.present(id) else { return };
        let before = self.items.copies.place(number, theme, pinned);
        if before.theme != NO_THEME {
            self.themes.leave(before.theme);
        }
        self.themes.join(theme);
        let slot = before.slot;
        if pinned {
            self.examples.add(Example { slot, theme }, self.items.row(slot));
        }
        if before.pinned {
            self.examples.remove(Example { slot, theme: before.theme });
        }
    }

    /// Excludes a theme from look-ups, or includes it again. Its items still vote, so that unwanted feedback continues
    /// to gather there.
    pub fn mute(&mut self, theme: Uuid, muted: bool) {
        let number = self.themes.number_or_new(theme);
        self.themes.muted[number as usize] = muted;
    }

    /// The theme of an item, if it has one, and whether a person assigned it.
    pub fn theme_of(&self, id: Uuid) -> Option<(Uuid, bool)> {
        let (theme, pinned) = self.place_and_pin(id)?;
        Some((theme?, pinned))
    }

    /// How many items there are, with and without a theme.
    pub fn len(&self) -> usize {
        self.themes.items
    }

    /// Whether nothing is grouped yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The themes that have items, in order of appearance, with their numbers of items.
    pub fn theme_sizes(&self) -> impl Iterator<Item = (Uuid, usize)> + '_ {
        let sizes = (0..).zip(&self.themes.sizes).filter(|(_, size)| **size > 0);
        sizes.filter_map(|(theme, size)| Some((self.themes.shown(theme)?, *size)))
    }

    /// The document frequency of each word in the product's feedback, for [`super::keywords`].
    pub fn background(&self) -> Background<'_> {
        Background::new(&self.embedder)
    }

    pub(in crate::engine) fn place_reading(&self, reading: Reading, external: Option<Packed>) -> Placement {
        let is_known = self.items.copies.text(reading.key).is_some();
        let found = (!is_known).then(|| self.search(&reading, external.as_ref()));
        Placement { reading, external, found, documents: self.embedder.documents() }
    }

    fn search(&self, reading: &Reading, external: Option<&Packed>) -> Found {
        let vector = match external {
            Some(said) => pack(&self.external.centred(said, reading.korean)),
            None => pack(&self.embedder.embed(reading)),
        };
        let near = self.items.nearest_of_both(&vector, Script::of(reading, external), NEIGHBOURS, |_| true);
        Found { near, vector }
    }

    /// The theme predicted from the labelled examples, and the cosine of the nearest of them.
    fn predicted(&self, vector: &Packed, neighbours: &[(Slot, u16)]) -> Option<(ThemeNo, f32)> {
        if self.examples.is_empty() {
            return None;
        }
        let mut own = Neighbours::default();
        neighbours.iter().for_each(|(slot, cosine)| own.offer(*slot, *cosine));
        self.examples.nearest(vector).verdict(&own)
    }

    /// The theme with the most votes (cos^4), and its nearest item's cosine. Ties go to the nearest.
    fn vote(&self, neighbours: &[(Slot, u16)]) -> Option<(ThemeNo, f32)> {
        let nearest = unpack_cosine(neighbours.first()?.1);
        let mut tally: Vec<(ThemeNo, f32, f32)> = Vec::new(); // theme, its nearest cosine, its votes
        for (slot, cosine) in neighbours.iter().take(VOTERS) {
            let cosine = unpack_cosine(*cosine);
            if cosine < VOTING_SHARE * nearest {
                break;
            }
            let Some(theme) = self.items.copies.home(*slot) else { continue };
            match tally.iter_mut().find(|(t, _, _)| *t == theme) {
                Some((_, _, votes)) => *votes += cosine.powi(4),
                None => tally.push((theme, cosine, cosine.powi(4))),
            }
        }
        tally.into_iter().reduce(|a, b| if b.2 > a.2 { b } else { a }).map(|(theme, cosine, _)| (theme, cosine))
    }

    fn adapt_bar(&mut self, nearest: f32) {
        let opened = if nearest < self.bar { 1.0 } else { 0.0 };
        self.bar += BAR_STEP * (OPENING_SHARE - opened);
    }
}
