//! Arrays that grow at their end in blocks: growth never copies them or doubles the memory, and the blocks beyond a limit lie
//! in files, see [`super::room`].

use std::marker::PhantomData;
use std::ops::{Index, IndexMut};
use std::sync::Arc;

use super::room::{Place, Room};

/// About how many bytes a block has.
const BYTES: usize = 1 << 21;
/// About how many bytes the first block of an array has at first. It grows to a whole block, so that many small products take
/// little memory.
const FIRST_BYTES: usize = 1 << 14;

/// A type whose values are plain bytes.
///
/// # Safety
/// All bytes zero must be a value of the type, and it must not have references or a destructor.
pub(in crate::engine) unsafe trait Plain: Copy {}

// SAFETY: numbers, and arrays and pairs of them.
unsafe impl Plain for u16 {}
// SAFETY: as above.
unsafe impl Plain for (u32, u32) {}
// SAFETY: as above.
unsafe impl<const N: usize> Plain for [u8; N] {}

/// An array in blocks.
pub(in crate::engine) struct Blocks<T> {
    blocks: Vec<Place>,
    len: usize,
    room: Option<Arc<Room>>,
    of: PhantomData<T>,
}

impl<T> Default for Blocks<T> {
    fn default() -> Self {
        Blocks { blocks: Vec::new(), len: 0, room: None, of: PhantomData }
    }
}

impl<T: Plain> Blocks<T> {
    /// How many values a block has: a power of two, so that an index is found by shifts.
    pub const BLOCK: usize = 1 << (BYTES / size_of::<T>()).ilog2();

    /// An empty array whose blocks are counted in a room.
    pub fn within(room: Option<Arc<Room>>) -> Self {
        Blocks { room, ..Blocks::default() }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn push(&mut self, value: T) {
        self.resize(self.len + 1);
        let last = self.len - 1;
        self[last] = value;
    }

    /// Adds zeros at the end, up to this length.
    pub fn resize(&mut self, len: usize) {
        if self.blocks.len() < 2 {
            self.grow_first(len.min(Self::BLOCK));
        }
        while self.blocks.len() * Self::BLOCK < len {
            let block = self.place(Self::BLOCK);
            self.blocks.push(block);
        }
        self.len = self.len.max(len);
    }

    /// Makes the first block large enough for `len` values, by doubling it.
    fn grow_first(&mut self, len: usize) {
        let present = self.blocks.first().map_or(0, |first| Self::values(first).len());
        if len <= present {
            return;
        }
        let least = 1 << (FIRST_BYTES / size_of::<T>()).max(1).ilog2();
        let mut larger = self.place(len.next_power_of_two().max(least));
        if let Some(first) = self.blocks.pop() {
            Self::values_mut(&mut larger)[..present].copy_from_slice(Self::values(&first));
        }
        self.blocks.push(larger);
    }

    fn place(&self, count: usize) -> Place {
        let bytes = count * size_of::<T>();
        self.room.as_ref().map_or_else(|| Place::uncounted(bytes), |room| room.take(bytes))
    }

    /// Adds values that lie next to each other, and returns where they begin. At the end of a block some places may stay
    /// unused. There must be no more of them than a block has.
    pub fn push_run(&mut self, values: &[T]) -> usize {
        let left = self.len.next_multiple_of(Self::BLOCK) - self.len;
        let start = if left < values.len() && left > 0 { self.len + left } else { self.len };
        self.resize(start + values.len());
        if !values.is_empty() {
            self.run_mut(start, values.len()).copy_from_slice(values);
        }
        start
    }

    /// `count` values from `start` on, which must lie in one block.
    pub fn run(&self, start: usize, count: usize) -> &[T] {
        debug_assert!(start + count <= self.len);
        if count == 0 {
            return &[];
        }
        &Self::values(&self.blocks[start / Self::BLOCK])[start % Self::BLOCK..][..count]
    }

    /// The same, to be changed.
    pub fn run_mut(&mut self, start: usize, count: usize) -> &mut [T] {
        if count == 0 {
            return &mut [];
        }
        &mut Self::values_mut(&mut self.blocks[start / Self::BLOCK])[start % Self::BLOCK..][..count]
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> + '_ {
        self.blocks.iter().flat_map(Self::values).take(self.len)
    }

    /// The values from this one on.
    pub fn iter_from(&self, start: usize) -> impl Iterator<Item = &T> + '_ {
        let whole = start / Self::BLOCK;
        let values = self.blocks.iter().skip(whole).flat_map(Self::values);
        values.take(self.len.saturating_sub(whole * Self::BLOCK)).skip(start % Self::BLOCK)
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> + '_ {
        self.blocks.iter_mut().flat_map(Self::values_mut).take(self.len)
    }

    fn values(place: &Place) -> &[T] {
        let count = place.map.len() / size_of::<T>();
        // SAFETY: a block begins at a page, so it is aligned, and it holds this many values: zeros, or what was written here.
        unsafe { std::slice::from_raw_parts(place.map.as_ptr().cast::<T>(), count) }
    }

    fn values_mut(place: &mut Place) -> &mut [T] {
        let count = place.map.len() / size_of::<T>();
        // SAFETY: as above; nobody else has the block, because it is borrowed for the change.
        unsafe { std::slice::from_raw_parts_mut(place.map.as_mut_ptr().cast::<T>(), count) }
    }
}

impl<T: Plain> Index<usize> for Blocks<T> {
    type Output = T;

    fn index(&self, at: usize) -> &T {
        debug_assert!(at < self.len);
        &Self::values(&self.blocks[at / Self::BLOCK])[at % Self::BLOCK]
    }
}

impl<T: Plain> IndexMut<usize> for Blocks<T> {
    fn index_mut(&mut self, at: usize) -> &mut T {
        debug_assert!(at < self.len);
        &mut Self::values_mut(&mut self.blocks[at / Self::BLOCK])[at % Self::BLOCK]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Rows = Blocks<[u8; 512]>;

    fn row(n: usize) -> [u8; 512] {
        std::array::from_fn(|at| (n + at) as u8)
    }

    #[test]
    fn values_are_the_same_in_memory_and_in_files() {
        let room = Room::new(3 * BYTES, std::env::temp_dir());
        let mut rows = Rows::within(Some(Arc::clone(&room)));
        let count = 5 * Rows::BLOCK + 7;
        (0..count).for_each(|n| rows.push(row(n)));
        assert_eq!((room.in_memory(), room.in_files()), (3 * BYTES, 3 * BYTES));
        assert!((0..count).all(|n| rows[n] == row(n)) && rows.iter().count() == count);
        for start in [0, 1, Rows::BLOCK, count - 2, count] {
            let rest: Vec<_> = rows.iter_from(start).copied().collect();
            assert!(rest.len() == count - start && rest.first().is_none_or(|first| *first == row(start)), "{start}");
        }
        rows.iter_mut().for_each(|row| row[0] = 1);
        rows[count - 1] = row(2);
        assert!(rows.iter().take(count - 1).all(|row| row[0] == 1) && rows[count - 1] == row(2));
        drop(rows);
        assert_eq!((room.in_memory(), room.in_files()), (0, 0), "what is given back is free");
    }

    #[test]
    fn where_no_file_can_be_made_the_state_stays_in_memory() {
        let room = Room::new(0, "/nowhere/at/all");
        let mut rows = Rows::within(Some(Arc::clone(&room)));
        rows.push(row(1));
        rows.resize(Rows::BLOCK);
        assert_eq!((rows[0], room.in_memory(), room.in_files()), (row(1), BYTES, 0));
    }

    #[test]
    fn a_short_array_is_small_and_keeps_its_values_while_it_grows() {
        let room = Room::new(usize::MAX, "/nowhere/at/all");
        let mut rows = Rows::within(Some(Arc::clone(&room)));
        let mut sizes = Vec::new();
        for n in 0..=Rows::BLOCK {
            rows.push(row(n));
            sizes.push(room.in_memory());
            assert_eq!((rows[0], rows[n], rows.len()), (row(0), row(n), n + 1));
        }
        sizes.dedup();
        let whole: Vec<usize> = (0..8).map(|n| FIRST_BYTES << n).chain([2 * BYTES]).collect();
        assert_eq!(sizes, whole, "it doubles up to a whole block, and then has another one");
        assert!((0..=Rows::BLOCK).all(|n| rows[n] == row(n)));
    }

    #[test]
    fn a_run_lies_in_one_block() {
        let mut cells: Blocks<u16> = Blocks::default();
        let full = Blocks::<u16>::BLOCK;
        cells.resize(full - 2);
        let starts = [cells.push_run(&[1, 2, 3]), cells.push_run(&[]), cells.push_run(&[4])];
        assert_eq!(starts, [full, full + 3, full + 3]);
        assert_eq!((cells.run(full, 4), cells[full - 1], cells.len()), (&[1, 2, 3, 4][..], 0, full + 4));
        cells.run_mut(full, 2).fill(0);
        assert_eq!(cells.run(full, 3), [0, 0, 3]);
    }
}
