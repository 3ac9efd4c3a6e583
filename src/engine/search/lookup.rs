//! Look-up of similar feedback: the items and themes nearest to a text that a person types.

use uuid::Uuid;

use super::nearest::Hit;
use super::neighbours::{Slot, ThemeNo};
use super::script::Script;
use crate::engine::grouping::grouper::Grouper;
use crate::engine::text::embed::read;
use crate::engine::text::vector::{Packed, pack, unpack_bytes};
use crate::engine::text::words::is_korean;

/// Themes are found through at least this many nearest items.
const THEME_SAMPLE: usize = 50;

/// The k of recall@k.
const RECALLED: usize = 10;

/// An item near to a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// The item.
    pub id: Uuid,
    /// Its theme, if it has one.
    pub theme: Option<Uuid>,
    /// Cosine of its vector with the text's, above 0, at most 1; for an item in the other script, the cosine of an item
    /// that would be as near in the text's own.
    pub similarity: f32,
}

/// The result of a look-up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LookUp {
    /// The nearest items, best first; of equal texts only the oldest item.
    pub items: Vec<Neighbour>,
    /// The nearest themes, best first, each with the cosine of its nearest item.
    pub themes: Vec<(Uuid, f32)>,
}

impl Grouper {
    /// The k nearest items and the k nearest themes in one search, without removed items and muted themes.
    pub fn look_up(&self, text: &str, k: usize) -> LookUp {
        let reading = read(text);
        self.near(&pack(&self.embedder.embed(&reading)), Script::of(&reading, None), k)
    }

    /// The same for a text with its vector from an external embedder, as returned by [`super::fitted`].
    pub fn look_up_external(&self, text: &str, external: &[u8], k: usize) -> LookUp {
        let centred = self.external.centred(&unpack_bytes(external), is_korean(text));
        self.near(&pack(&centred), Script::default(), k)
    }

    fn near(&self, query: &Packed, script: Script, k: usize) -> LookUp {
        let hits = self.hits(query, script, k.max(THEME_SAMPLE));
        let mut themes: Vec<(Uuid, f32)> = Vec::new();
        for hit in &hits {
            // People may have assigned copies of a text to several themes.
            let shares = self.items.copies.shares(hit.slot).iter().filter(|share| self.is_shown(share.theme));
            for theme in shares.filter_map(|share| self.themes.shown(share.theme)) {
                if themes.len() < k && themes.iter().all(|(known, _)| *known != theme) {
                    themes.push((theme, hit.cosine.min(1.0)));
                }
            }
        }
        LookUp { items: hits.iter().take(k).filter_map(|hit| self.neighbour(hit)).collect(), themes }
    }

    /// The k nearest items, best first; of equal texts only the oldest. Removed items and those of muted themes are
    /// omitted.
    pub fn nearest(&self, text: &str, k: usize) -> Vec<Neighbour> {
        let reading = read(text);
        let hits = self.hits(&pack(&self.embedder.embed(&reading)), Script::of(&reading, None), k);
        hits.iter().take(k).filter_map(|hit| self.neighbour(hit)).collect()
    }

    /// Recall@10 of the search for texts that are not items: the share of the ten nearest items by full comparison that
    /// the search finds; 1 where nothing is near.
    pub fn recall<'a>(&self, texts: impl Iterator<Item = &'a str>) -> f64 {
        let (mut found, mut all) = (0, 0);
        for text in texts {
            let query = pack(&self.embedder.embed(&read(text)));
            let nearest = self.items.nearest_of_all(&query, RECALLED, |_| true);
            let hits = self.items.nearest(&query, RECALLED, |_| true);
            all += nearest.len();
            found += nearest.iter().filter(|hit| hits.contains(hit)).count();
        }
        if all == 0 { 1.0 } else { found as f64 / all as f64 }
    }

    /// The nearest texts of both scripts, best first.
    fn hits(&self, query: &Packed, script: Script, k: usize) -> Vec<Hit> {
        let shown = |slot: Slot| self.items.copies.shares(slot).iter().any(|share| self.is_shown(share.theme));
        let near = self.items.nearest_of_both(query, script, k, shown);
        self.items.both(query, &near, 0.0)
    }

    fn is_shown(&self, theme: ThemeNo) -> bool {
        !self.themes.muted[theme as usize]
    }

    /// The oldest item with the text, of those in themes that are not muted.
    fn neighbour(&self, hit: &Hit) -> Option<Neighbour> {
        let shares = self.items.copies.shares(hit.slot);
        let is_shown = |theme: ThemeNo| shares.iter().any(|share| share.theme == theme) && self.is_shown(theme);
        let member = self.items.copies.of(hit.slot).find(|member| is_shown(member.theme))?;
        let theme = self.themes.shown(member.theme);
        Some(Neighbour { id: member.id, theme, similarity: hit.cosine.min(1.0) })
    }
}
