//! The nearest neighbours of a text, and the numbers by which texts and themes are known in memory.

use super::blocks::Plain;

/// The index of a text in the order of arrival.
pub(in crate::engine) type Slot = u32;

/// How many nearest neighbours of a text are stored.
pub(in crate::engine) const NEIGHBOURS: usize = 15;
/// How many nearest texts of the other script are stored as well.
pub(in crate::engine) const FOREIGN: usize = 8;

/// The number of a theme inside one grouper.
pub(in crate::engine) type ThemeNo = u32;

/// The theme number of an item that was dismissed or erased.
pub(in crate::engine) const NO_THEME: ThemeNo = u32::MAX;

/// The nearest texts of a text, nearest first. A cosine of 0 marks an unused entry.
#[derive(Clone, Copy)]
pub(in crate::engine) struct Nearest<const N: usize> {
    slots: [Slot; N],
    cosines: [u16; N],
}

/// The neighbours of a text, of its own script where it has one.
pub(in crate::engine) type Neighbours = Nearest<NEIGHBOURS>;
/// The nearest texts of the other script, by the meaning part alone.
pub(in crate::engine) type Foreign = Nearest<FOREIGN>;

// SAFETY: numbers only.
unsafe impl<const N: usize> Plain for Nearest<N> {}

impl<const N: usize> Default for Nearest<N> {
    fn default() -> Self {
        Nearest { slots: [0; N], cosines: [0; N] }
    }
}

impl<const N: usize> Nearest<N> {
    pub fn iter(&self) -> impl Iterator<Item = (Slot, u16)> + '_ {
        self.slots.iter().copied().zip(self.cosines).take_while(|(_, cosine)| *cosine > 0)
    }

    pub fn contains(&self, slot: Slot) -> bool {
        self.iter().any(|(s, _)| s == slot)
    }

    /// Inserts a neighbour in order; the farthest is dropped. Ties go to the earlier one. The neighbour must not be in
    /// the list yet.
    pub fn offer(&mut self, slot: Slot, cosine: u16) {
        let at = self.cosines.partition_point(|c| *c >= cosine);
        if at < N {
            self.slots.copy_within(at..N - 1, at + 1);
            self.cosines.copy_within(at..N - 1, at + 1);
            (self.slots[at], self.cosines[at]) = (slot, cosine);
        }
    }

    /// The mean cosine to the nearest `count`; 0 where there are none.
    pub fn usual(&self, count: usize) -> f32 {
        let (sum, found) =
            self.iter().take(count).fold((0.0, 0.0), |(sum, n), (_, c)| (sum + unpack_cosine(c), n + 1.0));
        sum / f32::max(found, 1.0)
    }

    /// The list as a snapshot of the texts from `first` on numbers them, without the texts before `first`.
    pub fn since(&self, first: Slot) -> Self {
        let mut later = Self::default();
        let kept = self.iter().filter_map(|(slot, cosine)| Some((slot.checked_sub(first)?, cosine)));
        kept.enumerate().for_each(|(at, (slot, cosine))| (later.slots[at], later.cosines[at]) = (slot, cosine));
        later
    }

    pub(in crate::engine) fn forget(&mut self, slot: Slot) {
        let known = self.iter().position(|(s, _)| s == slot);
        if let Some(at) = known {
            self.slots.copy_within(at + 1.., at);
            self.cosines.copy_within(at + 1.., at);
            self.cosines[N - 1] = 0;
        }
    }
}

/// Cosines are stored in units of 1/65,535; values at or below 0 are stored as 0.
pub(in crate::engine) fn pack_cosine(cosine: f32) -> u16 {
    (cosine.clamp(0.0, 1.0) * 65_535.0).round() as u16
}

/// A stored cosine as a number in 0..=1.
pub(in crate::engine) fn unpack_cosine(cosine: u16) -> f32 {
    f32::from(cosine) / 65_535.0
}
