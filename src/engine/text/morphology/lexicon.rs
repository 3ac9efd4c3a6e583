//! The words of the Korean lexicon with their costs, in the form for look-up; the file's format is described in
//! `tools/fit_korean_lexicon.py`.

use std::collections::HashMap;
use std::io::Read;
use std::sync::LazyLock;

use super::tag::{TAGS, Tag};

/// The lexicon of this program. It is read when a Korean text is first analysed.
pub(super) static LEXICON: LazyLock<Lexicon> =
    LazyLock::new(|| read(include_bytes!("lexicon.bin")).unwrap_or_default());

/// The context of a word: the classes by which it follows and precedes others, and its part of speech.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    pub left: u16,
    pub right: u16,
    pub tag: Tag,
}

/// One reading of a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub kind: u16,
    pub cost: i16,
    /// The number of its contracted form, plus one; 0 if it is not contracted.
    pub form: u16,
}

/// The category of a character that begins an unknown word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Category {
    Hangul,
    Latin,
    Digit,
    Chinese,
    Mark,
}

const CATEGORIES: [Category; 5] =
    [Category::Hangul, Category::Latin, Category::Digit, Category::Chinese, Category::Mark];

/// A contracted form: the first morpheme in its dictionary form with its tag, and the others.
#[derive(Clone, Debug)]
pub(super) struct Rest {
    pub first: Tag,
    pub others: Vec<(String, Tag)>,
}

#[derive(Default)]
pub(super) struct Lexicon {
    /// The cost of two neighbours, by the right class of the first and the left class of the second.
    costs: Vec<i16>,
    lefts: usize,
    kinds: Vec<Kind>,
    lemmas: Vec<String>,
    rests: Vec<Rest>,
    forms: Vec<(u16, u16)>,
    unknown: Vec<(Category, Entry)>,
    /// The words in order, as UTF-16, and where each begins; the last begin is the end.
    units: Vec<u16>,
    begins: Vec<u32>,
    entries: Vec<Entry>,
    entries_begin: Vec<u32>,
    /// The words that begin with a unit.
    first: HashMap<u16, (u32, u32)>,
}

impl Lexicon {
    pub fn kind(&self, kind: u16) -> Kind {
        self.kinds.get(usize::from(kind)).copied().unwrap_or(Kind { left: 0, right: 0, tag: Tag::Unknown })
    }

    pub fn cost(&self, right: u16, left: u16) -> i32 {
        self.costs.get(usize::from(right) * self.lefts + usize::from(left)).map_or(0, |cost| i32::from(*cost))
    }

    /// The dictionary form and the parts of a contracted form.
    pub fn form(&self, form: u16) -> Option<(&str, &Rest)> {
        let (lemma, rest) = self.forms.get(usize::from(form).checked_sub(1)?)?;
        Some((self.lemmas.get(usize::from(*lemma))?, self.rests.get(usize::from(*rest))?))
    }

    /// The readings of an unknown word.
    pub fn unknown(&self, category: Category) -> impl Iterator<Item = Entry> + '_ {
        self.unknown.iter().filter(move |(known, _)| *known == category).map(|(_, entry)| *entry)
    }

    /// Calls `found` for each word that these units begin with: how many units it has, and its readings.
    pub fn beginnings<'l>(&'l self, units: &[u16], mut found: impl FnMut(usize, &'l [Entry])) {
        let range = units.first().and_then(|first| self.first.get(first));
        let Some((mut low, mut high)) = range.map(|(low, high)| (*low as usize, *high as usize)) else { return };
        for (depth, unit) in units.iter().enumerate() {
            if depth > 0 {
                let at = |word: usize| self.units[self.begins[word] as usize + depth];
                low = first_where(low, high, |word| at(word) >= *unit);
                high = first_where(low, high, |word| at(word) > *unit);
            }
            if low == high {
                return;
            }
            // In this order a word stands before those that continue it.
            if (self.begins[low + 1] - self.begins[low]) as usize == depth + 1 {
                found(depth + 1, self.entries_of(low));
                low += 1;
            }
        }
    }

    fn entries_of(&self, word: usize) -> &[Entry] {
        &self.entries[self.entries_begin[word] as usize..self.entries_begin[word + 1] as usize]
    }

    /// The readings of exactly this word.
    pub fn readings(&self, word: &str) -> Vec<Entry> {
        let units: Vec<u16> = word.encode_utf16().collect();
        let mut exact = Vec::new();
        self.beginnings(&units, |length, entries| {
            if length == units.len() {
                exact = entries.to_vec();
            }
        });
        exact
    }
}

/// The first of `low..high` for which this holds, if it holds for all after it; else `high`.
fn first_where(low: usize, high: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (low, high);
    while low < high {
        let middle = low.midpoint(high);
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// A cursor over the bytes of the file.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take(&mut self, n: usize) -> Option<&[u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn i16(&mut self) -> Option<i16> {
        Some(i16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn strings(&mut self) -> Option<Vec<String>> {
        let length = self.u32()? as usize;
        let text = std::str::from_utf8(self.take(length)?).ok()?;
        Some(text.lines().map(str::to_owned).collect())
    }
}

fn read(file: &[u8]) -> Option<Lexicon> {
    let mut all = Vec::new();
    flate2::read::ZlibDecoder::new(file.strip_prefix(b"HBK1")?).read_to_end(&mut all).ok()?;
    let mut bytes = Bytes(&all);
    let (rights, lefts) = (usize::from(bytes.u16()?), usize::from(bytes.u16()?));
    let costs = (0..rights * lefts).map(|_| bytes.i16()).collect::<Option<_>>()?;
    let kinds = (0..bytes.u16()?).map(|_| kind(&mut bytes)).collect::<Option<_>>()?;
    let lemmas = bytes.strings()?;
    let rests = bytes.strings()?.iter().map(|rest| rest_of(rest)).collect();
    let forms = (0..bytes.u16()?).map(|_| Some((bytes.u16()?, bytes.u16()?))).collect::<Option<_>>()?;
    let unknown = (0..bytes.u8()?).map(|_| unknown(&mut bytes)).collect::<Option<_>>()?;
    let lexicon = Lexicon { costs, lefts, kinds, lemmas, rests, forms, unknown, ..Lexicon::default() };
    words(&mut bytes, lexicon)
}

fn kind(bytes: &mut Bytes<'_>) -> Option<Kind> {
    let (left, right, tag) = (bytes.u16()?, bytes.u16()?, bytes.u8()?);
    Some(Kind { left, right, tag: TAGS.get(usize::from(tag)).copied().unwrap_or(Tag::Unknown) })
}

fn unknown(bytes: &mut Bytes<'_>) -> Option<(Category, Entry)> {
    let category = *CATEGORIES.get(usize::from(bytes.u8()?))?;
    Some((category, Entry { kind: bytes.u16()?, cost: bytes.i16()?, form: 0 }))
}

/// What follows a lemma, from "VV+았/EP".
fn rest_of(rest: &str) -> Rest {
    let mut parts = rest.split('+');
    let first = Tag::named(parts.next().unwrap_or_default());
    let others = parts.filter_map(|part| part.rsplit_once('/')).map(|(form, tag)| (form.to_owned(), Tag::named(tag)));
    Rest { first, others: others.collect() }
}

/// Reads the words, each of which is given by what it shares with the one before.
fn words(bytes: &mut Bytes<'_>, mut lexicon: Lexicon) -> Option<Lexicon> {
    let mut word: Vec<u16> = Vec::new();
    for number in 0..bytes.u32()? {
        let (shared, further, entries) = (bytes.u8()?, bytes.u8()?, bytes.u8()?);
        word.truncate(usize::from(shared));
        for _ in 0..further {
            word.push(bytes.u16()?);
        }
        lexicon.begins.push(u32::try_from(lexicon.units.len()).ok()?);
        lexicon.entries_begin.push(u32::try_from(lexicon.entries.len()).ok()?);
        lexicon.units.extend_from_slice(&word);
        for _ in 0..entries {
            lexicon.entries.push(Entry { kind: bytes.u16()?, cost: bytes.i16()?, form: bytes.u16()? });
        }
        lexicon.first.entry(*word.first()?).or_insert((number, number)).1 = number + 1;
    }
    lexicon.begins.push(u32::try_from(lexicon.units.len()).ok()?);
    lexicon.entries_begin.push(u32::try_from(lexicon.entries.len()).ok()?);
    Some(lexicon)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_the_program_holds_the_words_of_everyday_life() {
        for word in ["환불", "결제", "와이파이", "이체", "한도", "배송", "쿠폰"] {
            let tags: Vec<Tag> = LEXICON.readings(word).iter().map(|entry| LEXICON.kind(entry.kind).tag).collect();
            assert!(tags.iter().any(|tag| tag.is_noun()), "{word}: {tags:?}");
        }
        assert!(LEXICON.readings("환뷁").is_empty());
    }

    #[test]
    fn a_broken_file_is_no_lexicon() {
        let file = include_bytes!("lexicon.bin");
        assert!(read(b"").is_none() && read(b"HBK1").is_none());
        assert!(read(&file[..file.len() / 2]).is_none());
        assert!(Lexicon::default().readings("환불").is_empty());
    }
}
