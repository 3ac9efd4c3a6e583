//! "Has anyone else asked?": the items and themes nearest to a text that is being typed.

use uuid::Uuid;

use super::embed::read;
use super::grouper::Grouper;
use super::items::{NO_THEME, Slot};
use super::search::Hit;
use super::vector::{Packed, pack, unpack_bytes};

/// Themes are found through at least this many nearest items.
const THEME_SAMPLE: usize = 50;

/// As many of the nearest as recall is usually said for.
const RECALLED: usize = 10;

/// An item near to a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// The item.
    pub id: Uuid,
    /// Its theme.
    pub theme: Uuid,
    /// Cosine of its vector with the text's, above 0, at most 1.
    pub similarity: f32,
}

/// What is near to a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LookUp {
    /// The nearest items, best first.
    pub items: Vec<Neighbour>,
    /// The nearest themes, best first, each with the cosine of its nearest item.
    pub themes: Vec<(Uuid, f32)>,
}

impl Grouper {
    /// The k nearest items and the k nearest themes in one search. Removed items and muted themes are absent.
    pub fn look_up(&self, text: &str, k: usize) -> LookUp {
        self.near(&pack(&self.embedder.embed(&read(text))), k)
    }

    /// The same for what an external embedder said of the text, as [`super::fitted`] gave it.
    pub fn look_up_external(&self, said: &[u8], k: usize) -> LookUp {
        self.near(&pack(&self.external.centred(&unpack_bytes(said))), k)
    }

    fn near(&self, query: &Packed, k: usize) -> LookUp {
        let hits = self.hits(query, k.max(THEME_SAMPLE));
        let mut themes: Vec<(Uuid, f32)> = Vec::new();
        for hit in &hits {
            let found = self.neighbour(hit);
            if themes.len() < k && themes.iter().all(|(theme, _)| *theme != found.theme) {
                themes.push((found.theme, found.similarity));
            }
        }
        LookUp { items: hits.iter().take(k).map(|hit| self.neighbour(hit)).collect(), themes }
    }

    /// The k nearest items, best first. Removed items and those of muted themes are absent.
    pub fn nearest(&self, text: &str, k: usize) -> Vec<Neighbour> {
        self.hits(&pack(&self.embedder.embed(&read(text))), k).iter().map(|hit| self.neighbour(hit)).collect()
    }

    /// Recall@10 of the search for texts that are no items: the share of the ten nearest items that it finds, as comparing
    /// all finds them; 1 where nothing is near.
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

    fn hits(&self, query: &Packed, k: usize) -> Vec<Hit> {
        let shown = |slot: Slot| {
            let theme = self.items.themes[slot as usize];
            theme != NO_THEME && !self.themes.muted[theme as usize]
        };
        self.items.nearest(query, k, shown)
    }

    fn neighbour(&self, hit: &Hit) -> Neighbour {
        let slot = hit.slot as usize;
        Neighbour {
            id: self.items.ids[slot],
            theme: self.themes.ids[self.items.themes[slot] as usize],
            similarity: hit.cosine.min(1.0),
        }
    }
}
