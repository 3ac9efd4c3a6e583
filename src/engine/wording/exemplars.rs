//! Exemplars of a theme: its most central items, its cohesion, and the items to quote.

use std::collections::HashSet;

use uuid::Uuid;

use crate::engine::grouping::grouper::Grouper;
use crate::engine::search::copies::Member;
use crate::engine::search::neighbours::Slot;
use crate::engine::text::vector::{DIMENSIONS, Vector, normalise};

/// The most items of a theme that are sampled, evenly over time.
const SAMPLE: usize = 2_000;
/// Quotes are chosen from this share of the items, the most central ones; the others may hardly belong to the theme.
const QUOTABLE: f32 = 0.5;
/// The most items that are compared with each other for quotes.
const QUOTE_SAMPLE: usize = 200;

impl Grouper {
    /// The k most central items of a theme, best first, each with its cosine to the theme's mean vector. The mean is
    /// taken over at most 2,000 items, spread evenly over time.
    pub fn central(&self, theme: Uuid, k: usize) -> Vec<(Uuid, f32)> {
        let by_centrality = self.by_centrality(theme);
        by_centrality.into_iter().take(k).map(|(member, cosine)| (member.id, cosine)).collect()
    }

    /// The cohesion of a theme: the mean cosine of its items to their mean vector, 0 to 1. A theme with one item has 1,
    /// one without items 0.
    pub fn cohesion(&self, theme: Uuid) -> f32 {
        let by_centrality = self.by_centrality(theme);
        if by_centrality.len() == 1 {
            return 1.0;
        }
        let total: f32 = by_centrality.iter().map(|(_, cosine)| cosine).sum();
        (total / by_centrality.len().max(1) as f32).clamp(0.0, 1.0)
    }

    /// Up to k items to quote for a theme: the most central one, then repeatedly the item that is least similar to
    /// those chosen (farthest-first traversal), among the more central half.
    pub fn quotes(&self, theme: Uuid, k: usize) -> Vec<Uuid> {
        // Each text is quoted once, and copies do not take the place of other texts.
        let mut seen = HashSet::new();
        let mut by_centrality = self.by_centrality(theme);
        by_centrality.retain(|(member, _)| seen.insert(member.slot));
        let quotable = ((by_centrality.len() as f32 * QUOTABLE).ceil() as usize).max(k).min(QUOTE_SAMPLE);
        // Each candidate with its cosine to the nearest chosen item.
        let mut candidates: Vec<(Member, f32)> = by_centrality.iter().take(quotable).map(|(m, _)| (*m, -1.0)).collect();
        let mut chosen = Vec::new();
        while chosen.len() < k && !candidates.is_empty() {
            let least = candidates.iter().enumerate().reduce(|a, b| if b.1.1 < a.1.1 { b } else { a });
            let Some((at, _)) = least else { break };
            let (next, _) = candidates.remove(at);
            chosen.push(next.id);
            candidates.iter_mut().for_each(|(other, near)| *near = near.max(self.items.cosine(next.slot, other.slot)));
            candidates.retain(|(_, near)| *near < 0.98);
        }
        chosen
    }

    /// [`Grouper::central`] for some items of one theme.
    pub fn central_of(&self, items: &[Uuid], k: usize) -> Vec<(Uuid, f32)> {
        let copies = &self.items.copies;
        let members: Vec<Member> =
            items.iter().filter_map(|id| copies.present(*id)).map(|number| *copies.member(number)).collect();
        let found = self.ranked(members);
        found.into_iter().take(k).map(|(member, cosine)| (member.id, cosine)).collect()
    }

    /// The similarity of some items to the others of a theme: the cosine of the two mean vectors, each over at most
    /// 2,000 items.
    pub fn likeness(&self, items: &[Uuid], theme: Uuid) -> f32 {
        let own: HashSet<Uuid> = items.iter().copied().collect();
        let Some(number) = self.themes.number(theme) else { return 0.0 };
        let sampled = |all: Vec<Slot>| -> Vec<Slot> {
            let step = all.len().div_ceil(SAMPLE).max(1);
            all.into_iter().step_by(step).collect()
        };
        let others = self.items.members(number).filter(|member| !own.contains(&member.id));
        let others = sampled(others.map(|member| member.slot).collect());
        let mut own: Vec<Slot> = items.iter().filter_map(|id| self.items.slot(*id)).collect();
        own.sort_unstable();
        let (a, b) = (self.mean(&sampled(own)), self.mean(&others));
        a.iter().zip(&b).map(|(x, y)| x * y).sum::<f32>().clamp(0.0, 1.0)
    }

    /// The cosine of two items; 0 where one is not there.
    pub fn similarity(&self, a: Uuid, b: Uuid) -> f32 {
        match (self.items.slot(a), self.items.slot(b)) {
            (Some(a), Some(b)) => self.items.cosine(a, b),
            _ => 0.0,
        }
    }

    /// A sample of the theme's items with their cosines to its mean vector, best first, ties by age.
    fn by_centrality(&self, theme: Uuid) -> Vec<(Member, f32)> {
        let Some(number) = self.themes.number(theme) else { return Vec::new() };
        let step = self.themes.sizes[number as usize].div_ceil(SAMPLE).max(1);
        self.ranked(self.items.members(number).step_by(step).copied().collect())
    }

    fn ranked(&self, members: Vec<Member>) -> Vec<(Member, f32)> {
        let mean = self.mean(&members.iter().map(|member| member.slot).collect::<Vec<_>>());
        let mut found: Vec<(Member, f32)> =
            members.into_iter().map(|member| (member, self.cosine_to(&mean, member.slot))).collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1));
        found
    }

    fn mean(&self, members: &[Slot]) -> Vector {
        let mut mean = [0.0; DIMENSIONS];
        for slot in members {
            let scale = self.items.inverse_length(*slot);
            for (m, v) in mean.iter_mut().zip(self.items.vector(*slot)) {
                *m += v * scale;
            }
        }
        normalise(&mut mean);
        mean
    }

    fn cosine_to(&self, mean: &Vector, slot: Slot) -> f32 {
        let dot: f32 = mean.iter().zip(self.items.vector(slot)).map(|(m, v)| m * v).sum();
        (dot * self.items.inverse_length(slot)).clamp(-1.0, 1.0)
    }
}
