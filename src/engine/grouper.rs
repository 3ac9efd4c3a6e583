//! Gives each item a theme on arrival, by the vote of its nearest neighbours, and remembers what people decided.

use std::collections::HashMap;

use uuid::Uuid;

use super::bank::Bank;
use super::embed::{Embedder, Reading, read};
use super::external::Mean;
use super::granularity::CHOOSE_FROM;
use super::items::{Items, NEIGHBOURS, NO_THEME, Neighbours, Slot, ThemeNo, pack_cosine, unpack_cosine};
use super::refine::{Kind, last_cold, last_due};
use super::say::Background;
use super::search::Hit;
use super::vector::{Packed, pack, unpack_bytes};

/// So many nearest items vote on arrival.
const VOTERS: usize = 10;
/// Only neighbours at least this share as near as the nearest vote.
const VOTING_SHARE: f32 = 0.5;
/// Below this cosine to its nearest item a text opens a theme: where it starts, how fast it adapts, and the share of
/// texts that should open one. q += .02 (.05 - [opened]).
const FIRST_BAR: f32 = 0.3;
const BAR_STEP: f32 = 0.02;
const OPENING_SHARE: f32 = 0.05;
/// The id and the cosine of one neighbour, as stored.
const STORED_NEIGHBOUR: usize = 16 + 2;

/// How fine the themes are after a refinement.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Granularity {
    /// The data chooses.
    #[default]
    Auto,
    /// g of Q = sum[w_ij - g k_i k_j / 2m], from 1 (coarser) to 128 (finer).
    Fixed(f32),
}

/// What people can set, a product each.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Settings {
    /// How fine the themes are.
    pub granularity: Granularity,
}

/// An item that was grouped before, as the caller stored it.
pub struct StoredItem<'a> {
    /// The item.
    pub id: Uuid,
    /// Its words, [`read`] again only to be counted.
    pub reading: Reading,
    /// [`Assignment::vector`] as it was given.
    pub vector: &'a [u8],
    /// [`Assignment::neighbours`] as it was given.
    pub neighbours: &'a [u8],
    /// The theme it is in now.
    pub theme: Uuid,
    /// Whether a person put it there.
    pub pinned: bool,
}

/// What became of an arrived item.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// The theme it joined or opened.
    pub theme: Uuid,
    /// Whether it opened the theme.
    pub is_new: bool,
    /// Cosine to the nearest item of the theme, 0 to 1; 1 for the item that opens a theme.
    pub similarity: f32,
    /// Bytes to store and to give back to [`Grouper::restore`].
    pub vector: Vec<u8>,
    /// Bytes to store and to give back to [`Grouper::restore`].
    pub neighbours: Vec<u8>,
}

/// The result of the search for a text's place, made under a shared lock.
pub struct Placement {
    reading: Reading,
    /// What an external embedder said of the text, not centred.
    external: Option<Packed>,
    vector: Packed,
    hits: Vec<Hit>,
    /// How many texts were known when the search was made.
    documents: u32,
}

/// One product's themes. Not synchronised: keep it in a `RwLock`; look-ups take `&self`, so many run at once.
pub struct Grouper {
    pub(super) settings: Settings,
    pub(super) embedder: Embedder,
    /// The mean of what an external embedder said.
    pub(super) external: Mean,
    pub(super) items: Items,
    pub(super) themes: Themes,
    pub(super) bank: Bank,
    /// The g that the data chose last.
    pub(super) chosen: Option<f32>,
    /// q: the nearest item must be at least this near, or a new theme opens.
    bar: f32,
    /// How many items there were when the themes were last refined.
    refined_at: usize,
    /// How many there were when they were refined cold.
    cold_at: usize,
}

/// The themes by number, with their sizes.
#[derive(Default)]
pub(super) struct Themes {
    pub ids: Vec<Uuid>,
    pub muted: Vec<bool>,
    pub sizes: Vec<usize>,
    /// Of all themes together.
    items: usize,
    numbers: HashMap<Uuid, ThemeNo>,
}

impl Themes {
    fn join(&mut self, theme: ThemeNo) {
        self.sizes[theme as usize] += 1;
        self.items += 1;
    }

    fn leave(&mut self, theme: ThemeNo) {
        self.sizes[theme as usize] -= 1;
        self.items -= 1;
    }

    pub fn number(&self, id: Uuid) -> Option<ThemeNo> {
        self.numbers.get(&id).copied()
    }

    pub fn number_or_new(&mut self, id: Uuid) -> ThemeNo {
        let next = self.ids.len() as ThemeNo;
        let number = *self.numbers.entry(id).or_insert(next);
        if number == next {
            self.ids.push(id);
            self.muted.push(false);
            self.sizes.push(0);
        }
        number
    }
}

impl Grouper {
    /// An empty grouper.
    pub fn new(settings: Settings) -> Self {
        Grouper {
            settings,
            embedder: Embedder::new(),
            external: Mean::default(),
            items: Items::default(),
            themes: Themes::default(),
            bank: Bank::default(),
            chosen: None,
            bar: FIRST_BAR,
            refined_at: 0,
            cold_at: 0,
        }
    }

    /// Sets how fine the themes are; the next refinement goes by it.
    pub fn set_granularity(&mut self, granularity: Granularity) {
        self.settings.granularity = granularity;
    }

    /// Puts back an item that was grouped before, at start or because another instance grouped it; no search. Give items
    /// in order of arrival. For a known item only its theme and pin are taken over; for a removed one all but its words,
    /// which still count.
    pub fn restore(&mut self, item: StoredItem<'_>) {
        let known = self.items.slot(item.id);
        if known.is_none_or(|slot| !self.items.is_present(slot)) {
            let slot = self.items.put(item.id, &unpack_bytes(item.vector), &item.reading.cells);
            let neighbours = unpack_neighbours(item.neighbours);
            if known.is_none() {
                self.adapt_bar(neighbours.first().map_or(0.0, |(_, cosine)| unpack_cosine(*cosine)));
                self.embedder.learn(&item.reading);
            }
            let found: Vec<_> =
                neighbours.into_iter().filter_map(|(id, c)| Some((self.present_slot(id)?, c))).collect();
            self.items.link(slot, found.into_iter());
        }
        self.set_theme(item.id, item.theme, item.pinned);
        self.on_schedule();
    }

    /// Whether a refinement was due while items were away is not known: the schedule goes on from here.
    pub(super) fn on_schedule(&mut self) {
        self.refined_at = self.refined_at.max(last_due(self.len()));
        self.cold_at = self.cold_at.max(last_cold(self.len()));
    }

    /// Groups an item that arrives: [`Grouper::place`] and [`Grouper::accept`] in one.
    pub fn assign(&mut self, id: Uuid, text: &str, new_theme: impl FnOnce() -> Uuid) -> Assignment {
        let placement = self.place(text);
        self.accept(id, placement, new_theme)
    }

    /// The expensive half of an arrival: finds the nearest items. Changes nothing.
    pub fn place(&self, text: &str) -> Placement {
        self.place_reading(read(text), None)
    }

    /// The quick half of an arrival: the neighbours vote, and the item is taken in. A placement made before some other
    /// item came in is made again, so that themes depend on nothing but the order of arrival.
    /// `new_theme` gives the id where a theme opens. A known item is grouped anew, because its text changed; a pinned
    /// one keeps its theme.
    pub fn accept(&mut self, id: Uuid, placement: Placement, new_theme: impl FnOnce() -> Uuid) -> Assignment {
        let pinned_to = self.theme_of(id).filter(|(_, pinned)| *pinned).map(|(theme, _)| theme);
        self.remove(id);
        let placement = match placement.documents == self.embedder.documents() {
            true => placement,
            false => self.place_reading(placement.reading, placement.external),
        };
        let neighbours: Vec<(Slot, u16)> = placement
            .hits
            .iter()
            .filter(|hit| self.items.is_present(hit.slot))
            .map(|hit| (hit.slot, pack_cosine(hit.cosine)))
            .filter(|(_, cosine)| *cosine > 0)
            .collect();
        let nearest = neighbours.first().map_or(0.0, |(_, cosine)| unpack_cosine(*cosine));
        let taught = self.taught(&placement.vector, &neighbours);
        let winner = taught.or_else(|| if nearest < self.bar { None } else { self.vote(&neighbours) });
        let (theme, is_new, similarity) = match (pinned_to, winner) {
            (Some(theme), _) => (theme, false, nearest),
            (None, Some((theme, cosine))) => (self.themes.ids[theme as usize], false, cosine),
            (None, None) => (new_theme(), true, 1.0),
        };
        if self.items.slot(id).is_none() {
            self.adapt_bar(nearest);
            self.embedder.learn(&placement.reading);
            self.external.learn(placement.external.as_ref());
        }
        let slot = self.items.put(id, &placement.vector, &placement.reading.cells);
        self.items.link(slot, neighbours.iter().copied());
        self.set_theme(id, theme, pinned_to.is_some());
        Assignment {
            theme,
            is_new,
            similarity,
            vector: placement.vector.to_vec(),
            neighbours: self.pack_neighbours(&neighbours),
        }
    }

    /// Takes an item out, because it was dismissed or erased: nothing finds it, it votes no more, and its vector is
    /// overwritten. Its words stay in the anonymous counts.
    pub fn remove(&mut self, id: Uuid) {
        if let Some(slot) = self.present_slot(id) {
            self.themes.leave(self.items.themes[slot as usize]);
            self.items.clear(slot);
            self.bank.remove(slot);
        }
    }

    /// Puts an item into a theme: a person's act (then it is pinned and the engine never moves it) or a merge.
    pub fn set_theme(&mut self, id: Uuid, theme: Uuid, pinned: bool) {
        let Some(slot) = self.items.slot(id) else { return };
        let number = self.themes.number_or_new(theme);
        let current = &mut self.items.themes[slot as usize];
        if *current != NO_THEME {
            self.themes.leave(*current);
        }
        *current = number;
        self.items.pinned[slot as usize] = pinned;
        if pinned {
            self.bank.add(slot, self.items.row(slot))
        } else {
            self.bank.remove(slot)
        }
        self.themes.join(number);
    }

    /// Leaves a theme out of look-ups, or takes it in again. Its items still vote: what nobody wants to see gathers there.
    pub fn mute(&mut self, theme: Uuid, muted: bool) {
        let number = self.themes.number_or_new(theme);
        self.themes.muted[number as usize] = muted;
    }

    /// The theme of an item and whether a person put it there.
    pub fn theme_of(&self, id: Uuid) -> Option<(Uuid, bool)> {
        let slot = self.present_slot(id)? as usize;
        Some((self.themes.ids[self.items.themes[slot] as usize], self.items.pinned[slot]))
    }

    /// How many items are grouped.
    pub fn len(&self) -> usize {
        self.themes.items
    }

    /// Whether nothing is grouped yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The themes that have items, in order of appearance, with their sizes in items.
    pub fn theme_sizes(&self) -> impl Iterator<Item = (Uuid, usize)> + '_ {
        self.themes.ids.iter().copied().zip(self.themes.sizes.iter().copied()).filter(|(_, size)| *size > 0)
    }

    /// How common each word is in the product's feedback, for [`super::keywords`].
    pub fn background(&self) -> Background<'_> {
        Background::new(&self.embedder)
    }

    /// Whether the themes should be refined now, and how thoroughly.
    pub fn refinement_due(&self) -> Option<Kind> {
        Kind::due(self.refined_at, self.len())
    }

    /// What a refinement should be that someone asks for, or that ends an import: cold, unless hardly anything came
    /// since the last cold one.
    pub fn refinement_on_demand(&self) -> Kind {
        if self.len() < CHOOSE_FROM || self.len() >= self.cold_at + self.cold_at.div_ceil(10) {
            Kind::Cold
        } else {
            Kind::Warm
        }
    }

    pub(super) fn refined(&mut self, kind: Kind, at: usize) {
        self.refined_at = self.refined_at.max(at);
        if kind == Kind::Cold {
            self.cold_at = self.cold_at.max(at);
        }
    }

    fn present_slot(&self, id: Uuid) -> Option<Slot> {
        self.items.slot(id).filter(|slot| self.items.is_present(*slot))
    }

    pub(super) fn place_reading(&self, reading: Reading, external: Option<Packed>) -> Placement {
        let vector = match &external {
            Some(said) => pack(&self.external.centred(said)),
            None => pack(&self.embedder.embed(&reading)),
        };
        let hits = self.items.nearest(&vector, NEIGHBOURS, |_| true);
        Placement { reading, external, vector, hits, documents: self.embedder.documents() }
    }

    /// The theme that people's decisions about like items ask for, and the cosine of the nearest of these.
    fn taught(&self, vector: &Packed, neighbours: &[(Slot, u16)]) -> Option<(ThemeNo, f32)> {
        if self.bank.is_empty() {
            return None;
        }
        let mut own = Neighbours::default();
        neighbours.iter().for_each(|(slot, cosine)| own.offer(*slot, *cosine));
        self.bank.nearest(vector).verdict(&own, &self.items.themes)
    }

    /// The theme with the most votes (cos^4), and its nearest item's cosine. Among equals the nearest one wins.
    fn vote(&self, neighbours: &[(Slot, u16)]) -> Option<(ThemeNo, f32)> {
        let nearest = unpack_cosine(neighbours.first()?.1);
        let mut tally: Vec<(ThemeNo, f32, f32)> = Vec::new(); // theme, its nearest cosine, its votes
        for (slot, cosine) in neighbours.iter().take(VOTERS) {
            let cosine = unpack_cosine(*cosine);
            if cosine < VOTING_SHARE * nearest {
                break;
            }
            let theme = self.items.themes[*slot as usize];
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

    fn pack_neighbours(&self, neighbours: &[(Slot, u16)]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(neighbours.len() * STORED_NEIGHBOUR);
        for (slot, cosine) in neighbours {
            bytes.extend_from_slice(self.items.ids[*slot as usize].as_bytes());
            bytes.extend_from_slice(&cosine.to_le_bytes());
        }
        bytes
    }
}

fn unpack_neighbours(bytes: &[u8]) -> Vec<(Uuid, u16)> {
    let (stored, _) = bytes.as_chunks::<STORED_NEIGHBOUR>();
    stored
        .iter()
        .take(NEIGHBOURS)
        .map(|n| {
            (Uuid::from_u128(u128::from_be_bytes(std::array::from_fn(|i| n[i]))), u16::from_le_bytes([n[16], n[17]]))
        })
        .collect()
}
