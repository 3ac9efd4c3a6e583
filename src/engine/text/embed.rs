//! Text embedding: a text's meaning, its likeness to known matters, and its wording, each centred, combined into one unit
//! vector.

use super::likeness::{Meaning, SENSE, centred, centred_in, likeness};
use super::meaning::{MEANING, counted};
use super::vector::{DIMENSIONS, Vector, normalise};
use super::words::{Script, Word, is_korean, jamo, normalised, words_of};
use crate::engine::refinement::cooccurrence::{Cell, cells};
use crate::engine::search::copies::{Key, key};

/// The dimensions of the wording part.
const WORDING: usize = DIMENSIONS - SENSE;
/// The number of hash cells in which document frequencies are counted (2 MiB, touched only as words arrive).
const CELLS: usize = 1 << 19;
/// Each feature is added to two dimensions, so that two features rarely collide in both.
const COPIES: u32 = 2;
/// Shrinkage of the mean: as if this many empty texts had come first.
const MEAN_PRIOR: f32 = 50.0;
/// The weight of wording relative to meaning. Wording helps where the meaning vectors lack words, mainly in Korean.
const WORDING_SHARE: f32 = 0.2;
const KOREAN_WORDING_SHARE: f32 = 0.3;
/// The weight of the likeness to known matters in the sense of a very long text, and the number of word pieces at which it is
/// half of that: the fewer words, the better they say alone what the text is about.
const LIKENESS_SHARE: f32 = 0.6;
const LIKENESS_HALF_AT: f32 = 40.0;

/// One feature of a text: its hash, and its weight before document frequencies.
#[derive(Clone, Copy, Debug)]
struct Feature {
    hash: u64,
    weight: f32,
}

/// The analysed text, independent of other texts.
pub struct Reading {
    wording: Vec<Feature>,
    /// Its meaning and its likeness to known matters, each of length 1.
    sense: [f32; SENSE],
    /// The weight of the likeness.
    likeness_share: f32,
    pub(in crate::engine) korean: bool,
    /// The cells of its words, see [`super::cooccurrence`].
    pub(in crate::engine) cells: Vec<Cell>,
    /// The hash that equal texts share, see [`super::copies`].
    pub(in crate::engine) key: Key,
}

/// The statistics of the texts seen so far: document frequencies and the mean vector.
pub(in crate::engine) struct Embedder {
    document_frequency: Vec<u32>,
    documents: u32,
    /// The number of texts and the sum of their senses, of Korean and of other texts.
    senses: [(u32, Vec<f32>); 2],
    /// The sum of the wording parts.
    wordings: Vec<f32>,
}

impl Embedder {
    pub fn new() -> Self {
        let senses = [(0, vec![0.0; SENSE]), (0, vec![0.0; SENSE])];
        Embedder { document_frequency: vec![0; CELLS], documents: 0, senses, wordings: vec![0.0; WORDING] }
    }

    /// How many texts were learnt.
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// The vector by which texts are compared: `[sqrt((1-a)(1-b)) meaning ; sqrt((1-a)b) likeness ; sqrt(a) wording]`. From
    /// the meaning and the likeness the mean of all texts in the language is taken away, because all that is said in one
    /// language has something in common; from the wording the mean of all texts. All zero where the text has no features.
    pub fn embed(&self, reading: &Reading) -> Vector {
        let mut vector = self.raw(reading);
        let (in_language, senses) = &self.senses[usize::from(reading.korean)];
        let wording = if reading.korean { KOREAN_WORDING_SHARE } else { WORDING_SHARE };
        let like = reading.likeness_share;
        let (sense, wording_part) = vector.split_at_mut(SENSE);
        let (meaning_part, likeness_part) = sense.split_at_mut(MEANING);
        let (meanings, likenesses) = senses.split_at(MEANING);
        for (part, sum, count, weight) in [
            (meaning_part, meanings, *in_language, (1.0 - wording) * (1.0 - like)),
            (likeness_part, likenesses, *in_language, (1.0 - wording) * like),
            (wording_part, &self.wordings, self.documents, wording),
        ] {
            if part.iter().any(|v| *v != 0.0) {
                let share = 1.0 / (count as f32 + MEAN_PRIOR);
                part.iter_mut().zip(sum).for_each(|(v, s)| *v -= s * share);
                normalise(part);
                part.iter_mut().for_each(|v| *v *= weight.sqrt());
            }
        }
        normalise(&mut vector);
        vector
    }

    /// The meaning of a text without what all texts of the product in its language have in common.
    pub fn meaning(&self, text: &str) -> Meaning {
        let korean = is_korean(text);
        let (texts, sum) = &self.senses[usize::from(korean)];
        centred_in(&counted(&normalised(text)).0, korean, &sum[..MEANING], *texts as f32)
    }

    /// Adds a text to the statistics. Call it in order of arrival, because the vectors of later texts depend on it.
    pub fn learn(&mut self, reading: &Reading) {
        let raw = self.raw(reading);
        let (sense, wording) = raw.split_at(SENSE);
        let (in_language, senses) = &mut self.senses[usize::from(reading.korean)];
        *in_language = in_language.saturating_add(1);
        senses.iter_mut().zip(sense).for_each(|(s, v)| *s += v);
        self.wordings.iter_mut().zip(wording).for_each(|(s, v)| *s += v);
        for feature in &reading.wording {
            let count = &mut self.document_frequency[cell(feature.hash)];
            *count = count.saturating_add(1);
        }
        self.documents = self.documents.saturating_add(1);
    }

    /// The number of texts with the keyword (hashed, so sometimes slightly too high).
    pub fn frequency(&self, keyword: &str) -> u32 {
        self.document_frequency[cell(hash(Tag::Keyword, keyword.chars()))]
    }

    /// The number of texts with exactly this word (hashed, as [`Embedder::frequency`]).
    pub fn written(&self, word: &str) -> u32 {
        self.document_frequency[cell(hash(Tag::Word, word.chars()))]
    }

    /// All parts, not centred: the sense, and sign-hashed features, each weighted by ln((n+52)/(df+.5)).
    fn raw(&self, reading: &Reading) -> Vector {
        let mut vector = [0.0; DIMENSIONS];
        let (sense, wording) = vector.split_at_mut(SENSE);
        sense.copy_from_slice(&reading.sense);
        for feature in reading.wording.iter().filter(|f| f.weight > 0.0) {
            let df = self.document_frequency[cell(feature.hash)] as f32;
            let value = feature.weight * ((self.documents as f32 + 52.0) / (df + 0.5)).ln();
            for copy in 0..COPIES {
                let bits = feature.hash >> (32 + 16 * copy);
                let sign = if bits & 0x8000 == 0 { value } else { -value };
                wording[(bits as usize & 0x7fff) % WORDING] += sign;
            }
        }
        normalise(wording);
        vector
    }
}

/// The low bits choose the cell, the high bits the dimensions and signs.
fn cell(hash: u64) -> usize {
    hash as usize % CELLS
}

/// The kind of a hashed feature: the word "ab" and the letters "ab" inside a word are different features.
#[derive(Clone, Copy)]
enum Tag {
    Word,
    WordPair,
    Letters,
    Jamo,
    Heads,
    Keyword,
}

/// Analyses a text.
pub fn read(text: &str) -> Reading {
    let normal = normalised(text);
    let words = words_of(&normal);
    let (wording, cells, key) = (features(&words), cells(&words), key(&words));
    let ((meaning, pieces), korean) = (counted(&normal), is_korean(text));
    let mut sense = [0.0; SENSE];
    sense[..MEANING].copy_from_slice(&meaning);
    sense[MEANING..].copy_from_slice(&likeness(&centred(&meaning, korean)));
    let likeness_share = LIKENESS_SHARE * pieces as f32 / (pieces as f32 + LIKENESS_HALF_AT);
    Reading { wording, sense, likeness_share, korean, cells, key }
}

/// All features of a text, without repeats. Keywords have weight 0: they are counted but not compared.
fn features(words: &[Word]) -> Vec<Feature> {
    let mut found = Vec::with_capacity(words.len() * 16);
    for word in words {
        word_features(word, &mut found);
    }
    for pair in words.windows(2) {
        pair_features(&pair[0], &pair[1], &mut found);
    }
    found.extend(
        super::keyword_forms::keyword_forms(words)
            .map(|k| Feature { hash: hash(Tag::Keyword, k.chars()), weight: 0.0 }),
    );
    merge_repeats(found)
}

fn word_features(word: &Word, found: &mut Vec<Feature>) {
    let chars: Vec<char> = word.text.chars().collect();
    let mut add = |tag, chars: &[char], weight| found.push(Feature { hash: hash(tag, chars.iter().copied()), weight });
    match word.script {
        Script::Spaced => {
            add(Tag::Word, &chars, 1.0);
            if chars.len() >= 4 {
                // The ends are marked, so that the beginning of a word differs from the same letters inside a word.
                let marked: Vec<char> = [&['<'], chars.as_slice(), &['>']].concat();
                for n in [3, 4] {
                    marked.windows(n).for_each(|gram| add(Tag::Letters, gram, 0.35));
                }
            }
        }
        Script::Hangul => {
            add(Tag::Word, &chars, 0.7);
            chars.windows(2).for_each(|gram| add(Tag::Letters, gram, 1.0));
            chars.windows(3).for_each(|gram| add(Tag::Letters, gram, 0.7));
            let jamo = jamo(&chars);
            for n in [4, 5] {
                jamo.windows(n).for_each(|gram| add(Tag::Jamo, gram, 0.35));
            }
        }
        Script::Unspaced => {
            chars.windows(1).for_each(|gram| add(Tag::Letters, gram, 0.35));
            chars.windows(2).for_each(|gram| add(Tag::Letters, gram, 1.0));
            chars.windows(3).for_each(|gram| add(Tag::Letters, gram, 0.7));
        }
        Script::Symbol => add(Tag::Word, &chars, 1.0),
    }
}

fn pair_features(left: &Word, right: &Word, found: &mut Vec<Feature>) {
    let join = |a: &str, b: &str| a.chars().chain([' ']).chain(b.chars()).collect::<String>();
    let (tag, pair, weight) = match (left.script, right.script) {
        (Script::Spaced, Script::Spaced) => (Tag::WordPair, join(&left.text, &right.text), 0.5),
        (Script::Hangul, Script::Hangul) => (Tag::Heads, join(head(&left.text), head(&right.text)), 0.3),
        _ => return,
    };
    found.push(Feature { hash: hash(tag, pair.chars()), weight });
}

/// The first two characters, which are mostly the stem of a Korean word.
fn head(word: &str) -> &str {
    word.char_indices().nth(2).map_or(word, |(end, _)| &word[..end])
}

/// Merges repeated features, with weight (1 + ln count).
fn merge_repeats(mut found: Vec<Feature>) -> Vec<Feature> {
    found.sort_unstable_by_key(|f| f.hash);
    let repeated = |same: &[Feature]| match same {
        [one] => *one,
        _ => Feature { hash: same[0].hash, weight: same[0].weight * (1.0 + (same.len() as f32).ln()) },
    };
    found.chunk_by(|a, b| a.hash == b.hash).map(repeated).collect()
}

/// FNV-1a over the characters, followed by a mix (splitmix64) so that every bit depends on all of them.
fn hash(tag: Tag, chars: impl Iterator<Item = char>) -> u64 {
    let mut h = 0xcbf2_9ce4_8422_2325 ^ tag as u64;
    h = h.wrapping_mul(0x0100_0000_01b3);
    for c in chars {
        h = (h ^ c as u64).wrapping_mul(0x0100_0000_01b3);
    }
    h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    h ^ (h >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(embedder: &Embedder, a: &str, b: &str) -> f32 {
        let (a, b) = (embedder.embed(&read(a)), embedder.embed(&read(b)));
        a.iter().zip(b.iter()).map(|(x, y)| x * y).sum()
    }

    #[test]
    fn the_same_request_in_other_words_is_nearer_than_another_request() {
        let e = Embedder::new();
        let same = cosine(&e, "I cannot reset my password", "resetting the password does not work");
        let other = cosine(&e, "I cannot reset my password", "where is my parcel");
        assert!(same > other + 0.1, "{same} {other}");
        let same = cosine(&e, "비밀번호를 재설정할 수 없어요", "비밀번호 재설정이 안돼요");
        let other = cosine(&e, "비밀번호를 재설정할 수 없어요", "배송이 언제 오나요");
        assert!(same > other + 0.2, "{same} {other}");
    }

    #[test]
    fn words_that_everybody_uses_count_less() {
        let mut e = Embedder::new();
        let before = cosine(&e, "please help invoice", "please help parcel");
        for i in 0..50 {
            e.learn(&read(&format!("please help number{i}")));
        }
        assert!(cosine(&e, "please help invoice", "please help parcel") < before);
        assert!(e.frequency("help") >= 50);
    }

    #[test]
    fn a_text_without_features_is_zero_not_nan() {
        let mut e = Embedder::new();
        e.learn(&read("hello"));
        assert!(e.embed(&read(" \u{0} ")).iter().all(|v| *v == 0.0));
    }
}
