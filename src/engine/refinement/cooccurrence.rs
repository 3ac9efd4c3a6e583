//! Distributional word vectors from the stream itself: the vector of a word is the mean of the texts it occurs in
//! (Firth 1957; random indexing, Sahlgren 2005), and the vector of a text is the mean of its words. The fitted vectors
//! know a language in general; these vectors know which names, products and expressions occur together in this
//! product's feedback.
//!
//! They are computed anew for each refinement from the items' hashed words and vectors, and never stored.

use std::sync::Arc;

use crate::engine::search::blocks::Blocks;
use crate::engine::search::neighbours::{Neighbours, Slot, pack_cosine, unpack_cosine};
use crate::engine::search::room::Room;
use crate::engine::text::likeness::SENSE;
use crate::engine::text::meaning::MEANING;
use crate::engine::text::vector::{inverse_length, normalise, pack_all, value};
use crate::engine::text::words::{Script, Word, hash};

/// A hashed word, or a hashed n-gram of its letters. Words with the same hash share one vector.
pub(in crate::engine) type Cell = u16;
/// The number of cells.
pub(in crate::engine) const CELLS: usize = 1 << Cell::BITS;

/// The most cells of a text that are kept: the first ones. This bounds the memory per text to the size of its vector.
const MOST: usize = 128;

/// The weight of the co-occurrence cosine against the texts' own cosine, for very many texts. With `HALF_AT` texts it
/// is half of that, because few texts show little co-occurrence.
const SHARE: f32 = 0.5;
const HALF_AT: f32 = 500.0;
/// Shrinkage of the vectors of rare words: as if the word had also occurred in this many empty texts.
const WORD_PRIOR: f32 = 15.0;
/// Shrinkage of the mean of all texts, in the same way.
const MEAN_PRIOR: f32 = 50.0;

/// The cells of a text's words, without repeats. Korean words have endings, and some scripts have no word boundaries;
/// for these the cells are the bigrams and trigrams of letters.
pub(in crate::engine) fn cells(words: &[Word]) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(MOST.min(words.len() * 2));
    for word in words {
        if cells.len() >= MOST {
            break;
        }
        let mut chars: Vec<char> = word.text.chars().collect();
        if matches!(word.script, Script::Spaced | Script::Symbol) {
            cells.push(cell(&chars));
            continue;
        }
        if word.script == Script::Hangul {
            // The ends are marked, so that the beginning of a word differs from the same letters inside a word.
            chars.insert(0, '<');
            chars.push('>');
        }
        [2, 3].iter().for_each(|n| cells.extend(chars.windows(*n).map(cell)));
        if chars.len() == 1 {
            cells.push(cell(&chars));
        }
    }
    cells.truncate(MOST);
    cells.sort_unstable();
    cells.dedup();
    cells
}

fn cell(chars: &[char]) -> Cell {
    (hash(chars) >> 48) as Cell
}

/// The cells of many texts.
#[derive(Default)]
pub(in crate::engine) struct Texts {
    cells: Blocks<Cell>,
    /// Where the cells of each text begin, and how many they are.
    spans: Blocks<(u32, u32)>,
}

impl Texts {
    pub fn within(room: Option<Arc<Room>>) -> Self {
        Texts { cells: Blocks::within(room.clone()), spans: Blocks::within(room) }
    }

    /// Stores the cells of a text. Earlier cells of the same slot are overwritten.
    pub fn put(&mut self, slot: Slot, cells: &[Cell]) {
        self.clear(slot);
        let start = self.cells.push_run(cells) as u32;
        self.spans[slot as usize] = (start, cells.len() as u32);
    }

    /// Overwrites the cells of a text.
    pub fn clear(&mut self, slot: Slot) {
        self.spans.resize(slot as usize + 1);
        let (start, count) = std::mem::take(&mut self.spans[slot as usize]);
        self.cells.run_mut(start as usize, count as usize).fill(0);
    }

    /// The cells of a text.
    pub fn of(&self, slot: usize) -> impl Iterator<Item = usize> + '_ {
        let (start, count) = if slot < self.spans.len() { self.spans[slot] } else { (0, 0) };
        self.cells.run(start as usize, count as usize).iter().map(|cell| usize::from(*cell))
    }

    /// A copy of the texts from `first` on. In it this text has number 0.
    pub fn since(&self, first: Slot) -> Texts {
        let mut later = Texts::default();
        for (slot, (start, count)) in (0..).zip(self.spans.iter_from(first as usize)) {
            later.put(slot, self.cells.run(*start as usize, *count as usize));
        }
        later
    }
}

/// The sense of a text's packed vector: its meaning and its likeness to known matters.
pub(in crate::engine) type Row = [u8; SENSE];

/// How many of its dimensions are used here: the first ones, in which texts differ most.
const SIZE: usize = MEANING / 2;
/// The vector of a text: at first the beginning of its meaning part, then its co-occurrence vector.
type Start = [u8; SIZE];

/// Reorders the neighbours of each text by a weighted mean of the texts' own cosine and the co-occurrence cosine.
pub(in crate::engine) fn weigh(texts: &Texts, rows: &[Row], neighbours: &mut [Neighbours]) {
    let mut rows: Vec<Start> = rows.iter().map(|row| std::array::from_fn(|at| row[at])).collect();
    by_cooccurrence(texts, &mut rows);
    let share = SHARE * rows.len() as f32 / (rows.len() as f32 + HALF_AT);
    let inverse: Vec<f32> = rows.iter().map(|row| inverse_length(row)).collect();
    for (slot, near) in neighbours.iter_mut().enumerate() {
        let mut weighed = Neighbours::default();
        for (other, cosine) in near.iter() {
            let there = other as usize;
            let cooccurrence = dot(&rows[slot], &rows[there]) as f32 * inverse[slot] * inverse[there];
            weighed.offer(other, pack_cosine((1.0 - share) * unpack_cosine(cosine) + share * cooccurrence));
        }
        *near = weighed;
    }
}

/// Replaces the vector of each text by the mean of its words' vectors, minus the mean of all texts.
fn by_cooccurrence(texts: &Texts, rows: &mut [Start]) {
    let words = Words::of(texts, rows);
    let mut sum = [0.0; SIZE];
    for slot in 0..rows.len() {
        add(&mut sum, &words.mean(texts.of(slot)), 1.0);
    }
    let share = 1.0 / (rows.len() as f32 + MEAN_PRIOR);
    for (slot, row) in rows.iter_mut().enumerate() {
        let mut cooccurrence = words.mean(texts.of(slot));
        if cooccurrence.iter().any(|v| *v != 0.0) {
            add(&mut cooccurrence, &sum, -share);
        }
        *row = pack_all(&cooccurrence);
    }
}

/// The vectors of words: the sum of the texts that contain a word, and their number.
struct Words {
    texts: f32,
    counts: Vec<f32>,
    /// Empty where no text has the word.
    sums: Vec<Vec<f32>>,
}

impl Words {
    fn of(texts: &Texts, rows: &[Start]) -> Self {
        let mut words = Words { texts: rows.len() as f32, counts: vec![0.0; CELLS], sums: vec![Vec::new(); CELLS] };
        for (slot, row) in rows.iter().enumerate() {
            let mut meaning = row.map(|byte| f32::from(value(byte)));
            normalise(&mut meaning);
            for cell in texts.of(slot) {
                words.counts[cell] += 1.0;
                words.sums[cell].resize(SIZE, 0.0);
                add(&mut words.sums[cell], &meaning, 1.0);
            }
        }
        words
    }

    /// The mean of these words' vectors as a unit vector, weighted by ln((n+52)/(df+.5)) as in the wording part of a
    /// text's vector.
    fn mean(&self, cells: impl Iterator<Item = usize>) -> [f32; SIZE] {
        let mut mean = [0.0; SIZE];
        for cell in cells {
            let count = self.counts[cell];
            let rarity = ((self.texts + 52.0) / (count + 0.5)).ln();
            add(&mut mean, &self.sums[cell], rarity / (count + WORD_PRIOR));
        }
        normalise(&mut mean);
        mean
    }
}

fn add(sum: &mut [f32], row: &[f32], weight: f32) {
    sum.iter_mut().zip(row).for_each(|(s, v)| *s += v * weight);
}

fn dot(a: &Start, b: &Start) -> i32 {
    a.iter().zip(b).map(|(x, y)| i32::from(value(*x)) * i32::from(value(*y))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::words::words;

    /// Texts, each with the direction of its meaning.
    fn texts(samples: &[(&str, usize)]) -> (Texts, Vec<Row>) {
        let mut texts = Texts::default();
        let mut rows = Vec::new();
        for (slot, (text, direction)) in samples.iter().enumerate() {
            texts.put(slot as Slot, &cells(&words(text)));
            let mut meaning = [0.0; SENSE];
            meaning[*direction] = 1.0;
            rows.push(pack_all(&meaning));
        }
        (texts, rows)
    }

    #[test]
    fn a_name_means_what_the_texts_mean_that_it_stands_in() {
        // "zorb" and "quex" are unknown words. In this stream one occurs with drinks and the other with refunds.
        let mut samples = Vec::new();
        for _ in 0..400 {
            samples.extend([("zorb tastes", 0), ("quex money", 1), ("else", 2)]);
        }
        let (first, second, third) = (samples.len() as Slot, samples.len() as Slot + 1, samples.len() as Slot + 2);
        samples.extend([("zorb", 3), ("zorb tastes", 3), ("quex", 3)]);
        let (texts, rows) = texts(&samples);
        let mut neighbours = vec![Neighbours::default(); samples.len()];
        // By its own vector each text is equally near to both.
        neighbours[first as usize].offer(third, pack_cosine(0.5));
        neighbours[first as usize].offer(second, pack_cosine(0.5));
        weigh(&texts, &rows, &mut neighbours);
        let found: Vec<(Slot, f32)> =
            neighbours[first as usize].iter().map(|(slot, cosine)| (slot, unpack_cosine(cosine))).collect();
        assert_eq!(found[0].0, second, "{found:?}");
        assert!(found[0].1 > 0.58, "{found:?}");
        assert!(found.get(1).is_none_or(|(_, cosine)| *cosine < 0.3), "{found:?}");
    }

    #[test]
    fn the_fewer_texts_the_less_their_company_counts() {
        for (count, cosine) in [(2, 0.798), (500, 0.6), (100_000, 0.402)] {
            let (texts, rows) = texts(&vec![("", 0); count]);
            let mut neighbours = vec![Neighbours::default(); count];
            neighbours[0].offer(1, pack_cosine(0.8));
            weigh(&texts, &rows, &mut neighbours);
            let found: Vec<(Slot, f32)> = neighbours[0].iter().map(|(s, c)| (s, unpack_cosine(c))).collect();
            assert!(found.len() == 1 && (found[0].1 - cosine).abs() < 1e-3, "{count}: {found:?}");
        }
    }

    #[test]
    fn a_cleared_text_has_no_words_and_another_may_take_its_place() {
        let mut texts = Texts::default();
        texts.put(1, &cells(&words("hello there")));
        assert_eq!((texts.of(0).count(), texts.of(1).count()), (0, 2));
        texts.clear(1);
        assert_eq!(texts.of(1).count(), 0);
        assert!(texts.cells.iter().all(|cell| *cell == 0), "nothing of it is left");
        texts.put(1, &cells(&words("환불")));
        assert_eq!(texts.of(1).count(), 5, "<환 환불 불> <환불 환불>");
        assert_eq!(cells(&words("漢")).len(), 1);
    }

    #[test]
    fn a_long_text_takes_no_more_room_than_a_short_one() {
        let korean: String = (0..4_000).filter_map(|n| char::from_u32(0xac00 + n * 2)).collect();
        let english: String = (0..2_000).map(|n| format!("word{n} ")).collect();
        for long in [korean, english] {
            let cells = cells(&words(&long));
            assert!((MOST / 2..=MOST).contains(&cells.len()), "{}", cells.len());
        }
    }
}
