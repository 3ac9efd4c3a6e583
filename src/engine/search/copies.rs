//! Copies: which items have the same text, and the theme of each item. Items whose texts are equal up to case, spaces
//! and punctuation are copies of one text. The search and the neighbour graph contain each text once, however many
//! items have it: copies cost next to nothing there, cannot displace its real neighbours, and are moved together.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::blocks::{Blocks, Plain};
use super::neighbours::{NO_THEME, Slot, ThemeNo};
use super::room::Room;
use crate::engine::text::words::{Script, Word};

/// The index of an item in the order of arrival.
pub(in crate::engine) type MemberNo = u32;
const NONE: MemberNo = MemberNo::MAX;

/// A hash that equal texts share, see [`key`].
pub(in crate::engine) type Key = u64;

/// An item, with its text and its theme.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Member {
    pub id: Uuid,
    /// Its text; for a removed item, the text that it had.
    pub slot: Slot,
    /// [`NO_THEME`] while it is not grouped.
    pub theme: ThemeNo,
    /// Whether a person assigned it.
    pub pinned: bool,
    is_removed: bool,
    earlier: MemberNo,
    later: MemberNo,
}

/// The number of copies of a text in one theme.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::engine) struct Share {
    pub theme: ThemeNo,
    /// Copies that the engine assigned.
    pub free: u32,
    /// Copies that people assigned.
    pub pinned: u32,
}

/// The list of the copies of one text, oldest first, and the themes that they are in.
#[derive(Clone, Copy, Debug)]
struct CopyList {
    key: Key,
    first: MemberNo,
    last: MemberNo,
    shares: Shares,
}

/// The themes of the copies of one text: nearly always one. The representation is fixed, so that zeros are `None`.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
enum Shares {
    None,
    One(Share),
    /// In [`Copies::in_many`].
    Many,
}

// SAFETY: numbers, and `Shares`, whose variant `None` has the number 0.
unsafe impl Plain for CopyList {}
// SAFETY: numbers, and bools, of which 0 is `false`.
unsafe impl Plain for Member {}

#[derive(Default)]
pub(in crate::engine) struct Copies {
    members: Blocks<Member>,
    numbers: HashMap<Uuid, MemberNo>,
    lists: Blocks<CopyList>,
    /// The themes of the texts whose copies are in several.
    in_many: HashMap<Slot, Vec<Share>>,
    slots: HashMap<Key, Slot>,
}

impl Copies {
    pub fn within(room: Option<Arc<Room>>) -> Self {
        Copies { members: Blocks::within(room.clone()), lists: Blocks::within(room), ..Copies::default() }
    }

    /// All items that were ever added, including removed ones, in order of arrival.
    pub fn members(&self) -> impl Iterator<Item = &Member> + '_ {
        self.members.iter()
    }

    pub fn member(&self, number: MemberNo) -> &Member {
        &self.members[number as usize]
    }

    /// Whether the item was ever added.
    pub fn is_known(&self, id: Uuid) -> bool {
        self.numbers.contains_key(&id)
    }

    /// The item, unless it is removed.
    pub fn present(&self, id: Uuid) -> Option<MemberNo> {
        self.numbers.get(&id).copied().filter(|number| !self.member(*number).is_removed)
    }

    /// The text with this key, if an item has it now.
    pub fn text(&self, key: Key) -> Option<Slot> {
        self.slots.get(&key).copied()
    }

    /// Whether any item has the text.
    pub fn has_items(&self, slot: Slot) -> bool {
        self.lists[slot as usize].first != NONE
    }

    /// The items with the text, oldest first.
    pub fn of(&self, slot: Slot) -> impl Iterator<Item = &Member> + '_ {
        let some = |number: MemberNo| (number != NONE).then(|| self.member(number));
        std::iter::successors(some(self.lists[slot as usize].first), move |member| some(member.later))
    }

    /// The themes that copies of the text are in.
    pub fn shares(&self, slot: Slot) -> &[Share] {
        match &self.lists[slot as usize].shares {
            Shares::None => &[],
            Shares::One(share) => std::slice::from_ref(share),
            Shares::Many => self.in_many.get(&slot).map_or(&[], Vec::as_slice),
        }
    }

    /// The theme of the text: the theme of most copies that the engine assigned, or else of most that people assigned.
    /// Ties go to the older theme.
    pub fn home(&self, slot: Slot) -> Option<ThemeNo> {
        let rank = |share: &&Share| (share.free > 0, share.free, share.pinned, Reverse(share.theme));
        self.shares(slot).iter().max_by_key(rank).map(|share| share.theme)
    }

    /// The theme that people assigned most copies to, if any. Ties go to the older theme.
    pub fn decided(&self, slot: Slot) -> Option<ThemeNo> {
        let placed = self.shares(slot).iter().filter(|share| share.pinned > 0);
        placed.max_by_key(|share| (share.pinned, Reverse(share.theme))).map(|share| share.theme)
    }

    /// A slot for a new text: the item's previous slot if no item uses it, or else a new one.
    pub fn slot_for(&mut self, id: Uuid, key: Key) -> Slot {
        let old = self.numbers.get(&id).map(|number| self.member(*number).slot).filter(|slot| !self.has_items(*slot));
        let slot = old.unwrap_or(self.lists.len() as Slot);
        let list = CopyList { key, first: NONE, last: NONE, shares: Shares::None };
        match old {
            Some(slot) => self.lists[slot as usize] = list,
            None => self.lists.push(list),
        }
        self.slots.insert(key, slot);
        slot
    }

    /// Gives the item this text; it has no theme yet.
    pub fn join(&mut self, id: Uuid, slot: Slot) {
        let number = *self.numbers.entry(id).or_insert(self.members.len() as MemberNo);
        let last = self.lists[slot as usize].last;
        let theme = NO_THEME;
        let member = Member { id, slot, theme, pinned: false, is_removed: false, earlier: last, later: NONE };
        match (number as usize) < self.members.len() {
            true => self.members[number as usize] = member,
            false => self.members.push(member),
        }
        match last {
            NONE => self.lists[slot as usize].first = number,
            last => self.members[last as usize].later = number,
        }
        self.lists[slot as usize].last = number;
    }

    /// Assigns an item to a theme; returns its previous state.
    pub fn place(&mut self, number: MemberNo, theme: ThemeNo, pinned: bool) -> Member {
        let before = *self.member(number);
        self.count(&before, false);
        let member = &mut self.members[number as usize];
        (member.theme, member.pinned) = (theme, pinned);
        let after = *member;
        self.count(&after, true);
        before
    }

    /// Removes an item. Where no other item has its text, the key becomes free.
    pub fn leave(&mut self, number: MemberNo) {
        let before = *self.member(number);
        self.count(&before, false);
        let list = &mut self.lists[before.slot as usize];
        match before.earlier {
            NONE => list.first = before.later,
            earlier => self.members[earlier as usize].later = before.later,
        }
        match before.later {
            NONE => list.last = before.earlier,
            later => self.members[later as usize].earlier = before.earlier,
        }
        if list.first == NONE {
            self.slots.remove(&list.key);
        }
        let member = &mut self.members[number as usize];
        (member.theme, member.pinned, member.is_removed) = (NO_THEME, false, true);
    }

    fn count(&mut self, member: &Member, more: bool) {
        if member.theme == NO_THEME {
            return;
        }
        let mut shares = self.shares(member.slot).to_vec();
        let known = shares.iter().position(|share| share.theme == member.theme);
        let at = known.unwrap_or_else(|| {
            shares.push(Share { theme: member.theme, free: 0, pinned: 0 });
            shares.len() - 1
        });
        let count = if member.pinned { &mut shares[at].pinned } else { &mut shares[at].free };
        *count = if more { *count + 1 } else { count.saturating_sub(1) };
        if shares[at].free + shares[at].pinned == 0 {
            shares.swap_remove(at);
        }
        self.set_shares(member.slot, shares);
    }

    fn set_shares(&mut self, slot: Slot, shares: Vec<Share>) {
        let list = &mut self.lists[slot as usize].shares;
        if matches!(list, Shares::Many) {
            self.in_many.remove(&slot);
        }
        *list = match shares[..] {
            [] => Shares::None,
            [one] => Shares::One(one),
            _ => Shares::Many,
        };
        if shares.len() > 1 {
            self.in_many.insert(slot, shares);
        }
    }
}

/// The hash that equal texts share: of their letters and digits in lower case, without spaces and punctuation, with
/// long numbers masked. A text without letters and digits is represented by its symbols, without repeats.
pub(in crate::engine) fn key(words: &[Word]) -> Key {
    let is_symbolic = words.first().is_some_and(|word| word.script == Script::Symbol);
    let mut chars: Vec<char> = words.iter().flat_map(|word| word.text.chars()).collect();
    if is_symbolic {
        chars.dedup();
        if chars.iter().any(|c| !c.is_ascii_punctuation()) {
            chars.retain(|c| !c.is_ascii_punctuation());
        }
        return crate::engine::text::words::hash(&chars);
    }
    crate::engine::text::words::hash(&folded(&chars))
}

/// A number with at least this many digits is masked, because it says nothing about the subject, as in
/// [`super::words`].
const LONG_NUMBER: usize = 5;

/// Unifies lower-case letters that have the same capital, and masks long numbers, which words show as "#" already.
fn folded(chars: &[char]) -> Vec<char> {
    let is_number = |c: &char| c.is_ascii_digit() || *c == '#';
    let mut folded = Vec::with_capacity(chars.len());
    for run in chars.chunk_by(|a, b| is_number(a) == is_number(b)) {
        if is_number(&run[0]) && (run.len() >= LONG_NUMBER || run.contains(&'#')) {
            folded.push('#');
            continue;
        }
        for c in run {
            match c {
                'ς' => folded.push('σ'),
                'ß' => folded.extend(['s', 's']),
                'ı' => folded.push('i'),
                '\u{307}' => {} // Left over from lowering a capital I with a dot.
                c => folded.push(*c),
            }
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::words::words;

    fn of(text: &str) -> Key {
        key(&words(text))
    }

    #[test]
    fn case_spaces_and_punctuation_make_no_other_text() {
        let alike: [&[&str]; 8] = [
            &["Good app", "good  app!!", "GOOD APP.", " \"good\" app\n", "Ｇｏｏｄ ａｐｐ", "good-app", "good app 👍"],
            &["환불해 주세요", "환불 해주세요!", "환불해주세요…", "\u{1112}\u{116a}\u{11ab}불해 주세요"],
            &["can't log in", "Cant log in", "CAN’T LOG-IN"],
            &["order 1234567", "Order 76-543-21!", "order 12 345"],
            &["STRASSE gesperrt", "Straße gesperrt"],
            &["ΟΔΟΣ", "οδος"],
            &["👍", "👍👍👍", "👍 !"],
            &["", "\u{200d}", " \n"],
        ];
        for texts in alike {
            texts.iter().for_each(|text| assert_eq!(of(text), of(texts[0]), "{text:?} {:?}", texts[0]));
        }
        let keys: std::collections::HashSet<Key> = alike.iter().map(|texts| of(texts[0])).collect();
        assert_eq!(keys.len(), alike.len());
        for (a, b) in [("error 404", "error 500"), ("good", "good app"), (":)", ":("), ("안돼요", "안되나요")] {
            assert_ne!(of(a), of(b), "{a} {b}");
        }
    }

    fn places(copies: &Copies, slot: Slot) -> Vec<(u128, ThemeNo)> {
        copies.of(slot).map(|member| (member.id.as_u128(), member.theme)).collect()
    }

    #[test]
    fn copies_come_and_go_and_the_text_stays_while_one_says_it() {
        let mut copies = Copies::default();
        let id = Uuid::from_u128;
        let slot = copies.slot_for(id(1), 77);
        for n in 1..=4 {
            copies.join(id(n), slot);
            let number = copies.present(id(n)).unwrap();
            copies.place(number, if n == 4 { 8 } else { 3 }, n == 4);
        }
        assert_eq!((copies.home(slot), copies.decided(slot), copies.text(77)), (Some(3), Some(8), Some(slot)));
        for n in [1, 3] {
            copies.leave(copies.present(id(n)).unwrap());
        }
        assert_eq!(places(&copies, slot), [(2, 3), (4, 8)]);
        copies.join(id(3), slot);
        assert_eq!(places(&copies, slot), [(2, 3), (4, 8), (3, NO_THEME)]);
        copies.leave(copies.present(id(2)).unwrap());
        copies.leave(copies.present(id(3)).unwrap());
        assert_eq!((copies.home(slot), copies.shares(slot).len()), (Some(8), 1), "what a person placed is left");
        copies.leave(copies.present(id(4)).unwrap());
        assert_eq!((copies.text(77), copies.has_items(slot), copies.home(slot)), (None, false, None));
        assert!(copies.is_known(id(4)) && copies.present(id(4)).is_none());
        assert_eq!(copies.slot_for(id(4), 78), slot, "an id keeps its slot where it is free");
    }
}
