//! Words as this stream uses them: a word means what the texts mean that it stands in ("You shall know a word by the
//! company it keeps", Firth 1957; random indexing, Sahlgren 2005), and a text is what its words mean there. Fitted rows
//! know a language; this knows whose names, products and turns of speech go together here.
//!
//! All of it is made anew for a refinement, from the items' hashed words and vectors: nothing of it is stored in the
//! database, and it never ages.

use crate::engine::search::items::{Neighbours, Slot, pack_cosine, unpack_cosine};
use crate::engine::text::meaning::MEANING;
use crate::engine::text::vector::{inverse_length, normalise, pack_all, value};
use crate::engine::text::words::{Script, Word, hash};

/// A word, or the letters of one, hashed. Two words in one cell mean what both mean together.
pub(in crate::engine) type Cell = u16;
const CELLS: usize = 1 << Cell::BITS;

/// So many of a text's cells are kept, the first ones: a long text shall not cost more memory than its vector.
const MOST: usize = 128;

/// How much company counts beside the texts' own cosine when there are many texts; among so many it is half of that, for
/// few texts show little company.
const SHARE: f32 = 0.5;
const HALF_AT: f32 = 500.0;
/// A word seen in few texts says little: it is shrunk towards nothing as if it had stood in so many empty ones.
const WORD_PRIOR: f32 = 15.0;
/// The same for what all texts have in common.
const MEAN_PRIOR: f32 = 50.0;

/// The cells of a text's words, each once. Korean words carry endings, and other scripts have no clear words: of these
/// their letters two by two and three by three.
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
            // The ends are marked, so that a beginning differs from the same letters inside a word.
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

/// The cells of many texts, one after the other.
#[derive(Clone, Default)]
pub(in crate::engine) struct Texts {
    cells: Vec<Cell>,
    /// Where the cells of each text begin and end.
    spans: Vec<(u32, u32)>,
}

impl Texts {
    /// Keeps the cells of a text; other cells of the same slot are forgotten.
    pub fn put(&mut self, slot: Slot, cells: &[Cell]) {
        self.clear(slot);
        let start = self.cells.len() as u32;
        self.cells.extend_from_slice(cells);
        self.spans[slot as usize] = (start, start + cells.len() as u32);
    }

    /// Overwrites the cells of a text.
    pub fn clear(&mut self, slot: Slot) {
        let slot = slot as usize;
        if self.spans.len() <= slot {
            self.spans.resize(slot + 1, (0, 0));
        }
        let (start, end) = std::mem::take(&mut self.spans[slot]);
        self.cells[start as usize..end as usize].fill(0);
    }

    fn of(&self, slot: usize) -> impl Iterator<Item = usize> + '_ {
        let (start, end) = self.spans.get(slot).copied().unwrap_or_default();
        self.cells[start as usize..end as usize].iter().map(|cell| usize::from(*cell))
    }
}

/// What each text means, as the leading part of its packed vector says it; then by the company of its words.
pub(in crate::engine) type Row = [u8; MEANING];

/// Brings the neighbours of each text into the order that its own words and their company give.
pub(in crate::engine) fn weigh(texts: &Texts, mut rows: Vec<Row>, neighbours: &mut [Neighbours]) {
    by_company(texts, &mut rows);
    let share = SHARE * rows.len() as f32 / (rows.len() as f32 + HALF_AT);
    let inverse: Vec<f32> = rows.iter().map(|row| inverse_length(row)).collect();
    for (slot, near) in neighbours.iter_mut().enumerate() {
        let mut weighed = Neighbours::default();
        for (other, cosine) in near.iter() {
            let there = other as usize;
            let company = dot(&rows[slot], &rows[there]) as f32 * inverse[slot] * inverse[there];
            weighed.offer(other, pack_cosine((1.0 - share) * unpack_cosine(cosine) + share * company));
        }
        *near = weighed;
    }
}

/// Replaces what each text means by what its words mean in all texts, less what all have in common.
fn by_company(texts: &Texts, rows: &mut [Row]) {
    let words = Words::of(texts, rows);
    let mut sum = [0.0; MEANING];
    for slot in 0..rows.len() {
        add(&mut sum, &words.mean(texts.of(slot)), 1.0);
    }
    let share = 1.0 / (rows.len() as f32 + MEAN_PRIOR);
    for (slot, row) in rows.iter_mut().enumerate() {
        let mut company = words.mean(texts.of(slot));
        if company.iter().any(|v| *v != 0.0) {
            add(&mut company, &sum, -share);
        }
        *row = pack_all(&company);
    }
}

/// What words mean: the sum of the texts they stand in, and in how many.
struct Words {
    texts: f32,
    counts: Vec<f32>,
    /// Empty where no text has the word.
    sums: Vec<Vec<f32>>,
}

impl Words {
    fn of(texts: &Texts, rows: &[Row]) -> Self {
        let mut words = Words { texts: rows.len() as f32, counts: vec![0.0; CELLS], sums: vec![Vec::new(); CELLS] };
        for (slot, row) in rows.iter().enumerate() {
            let mut meaning = row.map(|byte| f32::from(value(byte)));
            normalise(&mut meaning);
            for cell in texts.of(slot) {
                words.counts[cell] += 1.0;
                words.sums[cell].resize(MEANING, 0.0);
                add(&mut words.sums[cell], &meaning, 1.0);
            }
        }
        words
    }

    /// The mean of these words, rare ones counting more: ln((n+52)/(df+.5)), as in the wording of a vector. Of length 1.
    fn mean(&self, cells: impl Iterator<Item = usize>) -> [f32; MEANING] {
        let mut mean = [0.0; MEANING];
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

fn dot(a: &Row, b: &Row) -> i32 {
    a.iter().zip(b).map(|(x, y)| i32::from(value(*x)) * i32::from(value(*y))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::words::words;

    /// Texts with the direction of what each means.
    fn texts(said: &[(&str, usize)]) -> (Texts, Vec<Row>) {
        let mut texts = Texts::default();
        let mut rows = Vec::new();
        for (slot, (text, direction)) in said.iter().enumerate() {
            texts.put(slot as Slot, &cells(&words(text)));
            let mut meaning = [0.0; MEANING];
            meaning[*direction] = 1.0;
            rows.push(pack_all(&meaning));
        }
        (texts, rows)
    }

    #[test]
    fn a_name_means_what_the_texts_mean_that_it_stands_in() {
        // Nobody knows the words "zorb" and "quex"; here one is spoken of as a drink, the other as a refund.
        let mut said = Vec::new();
        for _ in 0..400 {
            said.extend([("zorb tastes", 0), ("quex money", 1), ("else", 2)]);
        }
        let (first, second, third) = (said.len() as Slot, said.len() as Slot + 1, said.len() as Slot + 2);
        said.extend([("zorb", 3), ("zorb tastes", 3), ("quex", 3)]);
        let (texts, rows) = texts(&said);
        let mut neighbours = vec![Neighbours::default(); said.len()];
        // By its own vector each is as near to the one as to the other.
        neighbours[first as usize].offer(third, pack_cosine(0.5));
        neighbours[first as usize].offer(second, pack_cosine(0.5));
        weigh(&texts, rows, &mut neighbours);
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
            weigh(&texts, rows, &mut neighbours);
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
