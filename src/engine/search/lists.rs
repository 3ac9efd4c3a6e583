//! The neighbour lists of all texts, and how many of them have each text: so a text is taken out of them without a look at
//! all, however many there are.

use std::ops::Index;
use std::sync::Arc;

use super::blocks::Blocks;
use super::neighbours::{Nearest, Slot};
use super::room::Room;

/// At most this many lists are searched for a text that is taken out, before all are.
const SEARCHED: usize = 4_096;

#[derive(Default)]
pub(in crate::engine) struct Lists<const N: usize> {
    lists: Blocks<Nearest<N>>,
    /// How many lists have the text; the largest number stands for more as well.
    listed: Blocks<u16>,
}

impl<const N: usize> Lists<N> {
    pub fn within(room: Option<Arc<Room>>) -> Self {
        Lists { lists: Blocks::within(room.clone()), listed: Blocks::within(room) }
    }

    pub fn len(&self) -> usize {
        self.lists.len()
    }

    /// Adds empty lists, up to this number.
    pub fn resize(&mut self, len: usize) {
        self.lists.resize(len);
        self.listed.resize(len);
    }

    /// The lists from this one on.
    pub fn iter_from(&self, start: usize) -> impl Iterator<Item = &Nearest<N>> + '_ {
        self.lists.iter_from(start)
    }

    /// Offers a text to a list, unless it has it.
    pub fn offer(&mut self, of: Slot, near: Slot, cosine: u16) {
        if self[of as usize].contains(near) {
            return;
        }
        let dropped = self.lists[of as usize].offer(near, cosine);
        self.count(near, true);
        if let Some(dropped) = dropped {
            self.count(dropped, false);
        }
    }

    /// Empties the list of a text, and takes the text out of all others: first out of those that `first` names, which are its
    /// neighbours, then out of the lists of their neighbours and so on, and where it is still in some, out of all.
    pub fn forget(&mut self, slot: Slot, first: impl Iterator<Item = Slot>) {
        let mut left = self.listed[slot as usize];
        let is_counted = left < u16::MAX;
        let mut queue: Vec<Slot> = first.chain(self[slot as usize].iter().map(|(other, _)| other)).collect();
        let mut met = std::collections::HashSet::from([slot]);
        let mut at = 0;
        while is_counted && left > 0 && at < queue.len() && met.len() < SEARCHED {
            let of = queue[at] as usize;
            at += 1;
            if met.insert(of as Slot) {
                queue.extend(self[of].iter().map(|(other, _)| other));
                left -= u16::from(self.lists[of].forget(slot));
            }
        }
        if left > 0 {
            self.lists.iter_mut().for_each(|list| _ = list.forget(slot));
        }
        for (other, _) in std::mem::take(&mut self.lists[slot as usize]).iter() {
            self.count(other, false);
        }
        self.listed[slot as usize] = 0;
    }

    fn count(&mut self, slot: Slot, more: bool) {
        let count = &mut self.listed[slot as usize];
        *count = match *count {
            u16::MAX => u16::MAX,
            count if more => count + 1,
            count => count.saturating_sub(1),
        };
    }
}

impl<const N: usize> Index<usize> for Lists<N> {
    type Output = Nearest<N>;

    fn index(&self, at: usize) -> &Nearest<N> {
        &self.lists[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_out_of_every_list_and_the_counts_stay_right() {
        let mut lists: Lists<3> = Lists::default();
        let count = 300;
        lists.resize(count);
        let mut state = 9u64;
        let mut number = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for _ in 0..4_000 {
            let (of, near) = (number(count), number(count));
            if of != near {
                lists.offer(of as Slot, near as Slot, 1 + number(60_000) as u16);
            }
            if number(20) == 0 {
                lists.forget(number(count) as Slot, std::iter::empty());
            }
        }
        let have = |lists: &Lists<3>, slot: Slot| (0..count).filter(|of| lists[*of].contains(slot)).count();
        for slot in 0..count as Slot {
            assert_eq!(usize::from(lists.listed[slot as usize]), have(&lists, slot), "{slot}");
        }
        for slot in (0..count as Slot).step_by(7) {
            lists.forget(slot, std::iter::empty());
            assert_eq!((have(&lists, slot), lists[slot as usize].iter().count()), (0, 0), "{slot}");
        }
    }
}
