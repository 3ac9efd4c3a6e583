//! The analysis of a Korean text: the cheapest sequence of the lexicon's words that covers it (Viterbi).

use super::lexicon::{Category, Entry, LEXICON, Lexicon};
use super::tag::Tag;
use crate::engine::text::words::is_hangul;

/// A morpheme of a text. The parts of a contracted form (들어왔 = 들어오 + 았) all have the bytes of the whole form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Morpheme<'t> {
    /// Its first byte in the text.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    pub tag: Tag,
    /// Its dictionary form: the stem of a verb (들어오), else what the text says.
    pub lemma: &'t str,
}

/// The morphemes of a text, without white space. Any text has some; where the lexicon lacks the words, the tags are
/// guesses: see [`Tag::Unknown`].
pub(in crate::engine) fn analyse(text: &str) -> Vec<Morpheme<'_>> {
    let lexicon: &'static Lexicon = &LEXICON;
    let mut lattice = Lattice::of(text, lexicon);
    lattice.build();
    let mut found = Vec::new();
    for node in lattice.best() {
        let (start, end) = (lattice.bytes[node.start as usize], lattice.bytes[node.end as usize]);
        match lexicon.form(node.form) {
            Some((lemma, rest)) => {
                found.push(Morpheme { start, end, tag: rest.first, lemma });
                found.extend(rest.others.iter().map(|(lemma, tag)| Morpheme { start, end, tag: *tag, lemma }));
            }
            None => found.push(Morpheme { start, end, tag: node.tag, lemma: text[start..end].trim_end() }),
        }
    }
    found
}

/// A word at a place of the text, with the cheapest way to it.
#[derive(Clone, Copy)]
struct Node {
    start: u32,
    end: u32,
    right: u16,
    form: u16,
    tag: Tag,
    total: i32,
    /// The number of the node before it.
    before: u32,
    /// The number of another node that ends where it ends.
    also: u32,
}

const NONE: u32 = u32::MAX;

/// What 이, 그 or 저 costs more where the next word follows without white space.
const DEMONSTRATIVE_JOINED: i32 = 6_000;

struct Lattice {
    lexicon: &'static Lexicon,
    units: Vec<u16>,
    categories: Vec<Option<Category>>,
    /// The byte of each character, and of the end.
    bytes: Vec<usize>,
    nodes: Vec<Node>,
    /// The first node that ends before each character.
    ending: Vec<u32>,
    /// The cheapest node before the present place, by left class, as far as it was asked for.
    cheapest: Vec<Option<(i32, u32)>>,
}

impl Lattice {
    fn of(text: &str, lexicon: &'static Lexicon) -> Self {
        let mut bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        bytes.push(text.len());
        let unit = |c: char| u16::try_from(u32::from(c)).unwrap_or(u16::MAX);
        Lattice {
            lexicon,
            units: text.chars().map(unit).collect(),
            categories: text.chars().map(category).collect(),
            ending: vec![NONE; bytes.len()],
            bytes,
            nodes: Vec::new(),
            cheapest: Vec::new(),
        }
    }

    /// Adds the words at each place that the words before it reach.
    fn build(&mut self) {
        let begin = Node { start: 0, end: 0, right: 0, form: 0, tag: Tag::Unknown, total: 0, before: NONE, also: NONE };
        self.nodes.push(begin);
        self.ending[0] = 0;
        for place in 0..self.units.len() {
            if self.ending[place] == NONE {
                continue;
            }
            let spaces = self.categories[place..].iter().take_while(|category| category.is_none()).count();
            let start = place + spaces;
            if start < self.units.len() {
                self.cheapest.clear();
                self.add_words(place, start);
            } else {
                self.ending[self.units.len()] = self.ending[place];
            }
        }
    }

    fn add_words(&mut self, place: usize, start: usize) {
        let lexicon = self.lexicon;
        let apart = start == 0 || start > place;
        let mut words: Vec<(usize, &[Entry])> = Vec::new();
        lexicon.beginnings(&self.units[start..], |length, entries| words.push((length, entries)));
        let known = !words.is_empty();
        for (length, entries) in words {
            entries.iter().for_each(|entry| self.add(place, start, start + length, *entry, apart));
        }
        let Some(category) = self.categories[start] else { return };
        if known && matches!(category, Category::Hangul | Category::Chinese) {
            return;
        }
        let run = self.categories[start..].iter().take_while(|other| **other == Some(category)).count();
        let lengths = if category == Category::Hangul { vec![1, 2, run] } else { vec![run] };
        for (n, length) in lengths.iter().enumerate() {
            if *length <= run && !lengths[..n].contains(length) {
                lexicon.unknown(category).for_each(|entry| self.add(place, start, start + length, entry, apart));
            }
        }
    }

    /// Adds a word after the cheapest of the words that end at `place`.
    fn add(&mut self, place: usize, start: usize, end: usize, entry: Entry, apart: bool) {
        let kind = self.lexicon.kind(entry.kind);
        let (cost, before) = self.cheapest_before(place, kind.left);
        let (start, end) = (start as u32, end as u32);
        let total = cost + i32::from(entry.cost) + if apart { kind.tag.apart() } else { 0 };
        let total = total + if apart && self.is_joined(start, end) { DEMONSTRATIVE_JOINED } else { 0 };
        let also = self.ending[end as usize];
        self.ending[end as usize] = self.nodes.len() as u32;
        self.nodes.push(Node { start, end, right: kind.right, form: entry.form, tag: kind.tag, total, before, also });
    }

    /// Whether a word is 이, 그 or 저 alone and the next follows at once: customers write that apart, but many nouns begin
    /// like this (이체, 그래프, 저장).
    fn is_joined(&self, start: u32, end: u32) -> bool {
        let next = self.categories.get(end as usize);
        let demonstrative = [u32::from('이'), u32::from('그'), u32::from('저')];
        let unit = self.units.get(start as usize).copied().map_or(0, u32::from);
        end - start == 1 && next == Some(&Some(Category::Hangul)) && demonstrative.contains(&unit)
    }

    fn cheapest_before(&mut self, place: usize, left: u16) -> (i32, u32) {
        let class = usize::from(left);
        if let Some(Some(known)) = self.cheapest.get(class) {
            return *known;
        }
        let mut cheapest = (i32::MAX, NONE);
        let mut at = self.ending[place];
        while let Some(node) = self.nodes.get(at as usize) {
            let total = node.total + self.lexicon.cost(node.right, left);
            if total < cheapest.0 {
                cheapest = (total, at);
            }
            at = node.also;
        }
        if self.cheapest.len() <= class {
            self.cheapest.resize(class + 1, None);
        }
        self.cheapest[class] = Some(cheapest);
        cheapest
    }

    /// The nodes of the cheapest way through the text.
    fn best(&mut self) -> Vec<Node> {
        self.cheapest.clear();
        let (_, mut at) = self.cheapest_before(self.units.len(), 0);
        let mut found = Vec::new();
        while let Some(node) = self.nodes.get(at as usize).filter(|node| node.before != NONE) {
            found.push(*node);
            at = node.before;
        }
        found.reverse();
        found
    }
}

/// The category of a character; `None` for white space.
fn category(c: char) -> Option<Category> {
    match c {
        c if c.is_whitespace() || c.is_control() => None,
        '\u{3131}'..='\u{318e}' => Some(Category::Mark),
        c if is_hangul(c) => Some(Category::Hangul),
        c if c.is_numeric() => Some(Category::Digit),
        '\u{2e80}'..='\u{2fdf}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' => Some(Category::Chinese),
        c if c.is_alphabetic() => Some(Category::Latin),
        _ => Some(Category::Mark),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(text: &str) -> String {
        analyse(text).iter().map(|m| format!("{}/{:?}", m.lemma, m.tag)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn particles_and_endings_are_told_from_the_last_syllable_of_a_noun() {
        assert_eq!(told("이체한도"), "이체/Nng 한도/Nng");
        assert_eq!(told("와이파이가 안 돼요"), "와이파이/Nnp 가/Jks 안/Mag 되/Vv 어요/Ec");
        assert_eq!(told("환불이 아직 안 들어왔어요."), "환불/Nng 이/Jks 아직/Mag 안/Mag 들어오/Vv 았/Ep 어요/Ef ./Sf");
        assert_eq!(told("결제를 두번 시도했는데"), "결제/Nng 를/Jko 두/Mm 번/Nnb 시도/Nng 하/Xsv 았/Ep 는데/Ec");
    }

    #[test]
    fn contracted_forms_share_their_bytes() {
        let found = analyse("앱이 꺼졌어요");
        let form: Vec<&Morpheme<'_>> = found.iter().filter(|m| m.start == "앱이 ".len()).collect();
        assert_eq!(form.iter().map(|m| m.lemma).collect::<Vec<_>>(), ["꺼지", "었"]);
        assert!(form.iter().all(|m| m.end == "앱이 꺼졌".len()));
    }

    proptest! {
        #[test]
        fn any_text_is_covered_in_order(text in "\\PC{0,60}|[\\x00-\\x{10ffff}]{0,40}|[가-힣ㄱ-ㅣ a-z0-9.]{0,60}") {
            let found = analyse(&text);
            let mut covered = 0;
            for morpheme in &found {
                prop_assert!(morpheme.start >= covered || morpheme.end == covered, "{found:?}");
                prop_assert!(text[covered.min(morpheme.start)..morpheme.start].chars().all(|c| c.is_whitespace() || c.is_control()));
                covered = morpheme.end;
            }
            prop_assert!(text[covered..].chars().all(|c| c.is_whitespace() || c.is_control()));
        }
    }
}
