//! The meaning part of a vector: the sum of one fitted vector per word piece. All languages share one space.
//!
//! `tools/fit_vectors.py` makes and describes the file of vectors, which is part of the program and read in place;
//! `tools/fit_matters.py` moves the vectors such that texts of one matter are near to each other.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::char::decompose_canonical;

use super::words::{is_alphanumeric, is_hangul, is_mark};

/// Dimensions of the meaning part.
pub(in crate::engine) const MEANING: usize = 256;

static FILE: &[u8] = include_bytes!("vectors.bin");

const HEADER: usize = 4 + 3 * 4;
const PIECES: usize = number(8);
const TEXT: usize = HEADER;
const OFFSETS: usize = TEXT + number(12);
const SCALES: usize = OFFSETS + 4 * (PIECES + 1);
const ROWS: usize = SCALES + 4 * PIECES;
const _: () = assert!(number(4) == MEANING && FILE.len() == ROWS + MEANING * PIECES);

/// Longer words are not split into pieces.
const LONGEST_WORD: usize = 100;
/// No piece has more characters.
const LONGEST_PIECE: usize = 24;

/// The u32 at an offset of the file.
const fn number(at: usize) -> usize {
    u32::from_le_bytes([FILE[at], FILE[at + 1], FILE[at + 2], FILE[at + 3]]) as usize
}

/// The index of each word piece's vector.
static ROW_OF: LazyLock<HashMap<&[u8], u32>> = LazyLock::new(|| {
    let end = |piece: usize| TEXT + number(OFFSETS + 4 * piece);
    (0..PIECES).map(|piece| (&FILE[end(piece)..end(piece + 1)], piece as u32)).collect()
});

/// The sum of the vectors of a normalised text's word pieces, as a unit vector; zero where no piece is known.
pub(in crate::engine) fn meaning(normal: &str) -> [f32; MEANING] {
    counted(normal).0
}

/// The same, with the number of the word pieces.
pub(in crate::engine) fn counted(normal: &str) -> ([f32; MEANING], usize) {
    let (mut sum, mut count) = ([0.0; MEANING], 0);
    for_each_row(normal, |row| {
        add(row, &mut sum);
        count += 1;
    });
    let length = sum.iter().map(|v| v * v).sum::<f32>().sqrt();
    if length > 0.0 {
        sum.iter_mut().for_each(|v| *v /= length);
    }
    (sum, count)
}

fn add(row: usize, sum: &mut [f32; MEANING]) {
    let scale = f32::from_bits(number(SCALES + 4 * row) as u32);
    let values = &FILE[ROWS + MEANING * row..][..MEANING];
    for (s, v) in sum.iter_mut().zip(values) {
        *s += f32::from(*v as i8) * scale;
    }
}

/// The letters of a run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Korean,
    Other,
}

/// Calls `row` for each word piece: of runs of Korean letters, of other letters and digits (without accents), and
/// single marks.
fn for_each_row(normal: &str, mut row: impl FnMut(usize)) {
    let mut run: Vec<char> = Vec::new();
    let mut kind = Kind::Other;
    for c in normal.chars() {
        if is_alphanumeric(c) {
            let now = if is_hangul(c) { Kind::Korean } else { Kind::Other };
            if now != kind {
                end_run(&mut run, kind, &mut row);
                kind = now;
            }
            match now {
                Kind::Korean => run.push(c),
                Kind::Other => decompose_canonical(c, |d| run.extend((!is_mark(d)).then_some(d))),
            }
        } else if !is_mark(c) {
            end_run(&mut run, kind, &mut row);
            if !c.is_whitespace() {
                piece("", &[c]).into_iter().for_each(&mut row);
            }
        }
    }
    end_run(&mut run, kind, &mut row);
}

fn end_run(run: &mut Vec<char>, kind: Kind, row: &mut impl FnMut(usize)) {
    word_pieces(run, kind).into_iter().for_each(row);
    run.clear();
}

/// Greedy longest match. A Korean letter that no piece covers is left out, because the letters beside it keep their
/// meaning; another word with such a letter has no pieces.
fn word_pieces(word: &[char], kind: Kind) -> Vec<usize> {
    let (mut found, mut start) = (Vec::new(), 0);
    while start < word.len() && word.len() <= LONGEST_WORD {
        let prefix = if start > 0 { "##" } else { "" };
        let last = word.len().min(start + LONGEST_PIECE);
        let longest = (start + 1..=last).rev().find_map(|end| Some((end, piece(prefix, &word[start..end])?)));
        match (longest, kind) {
            (Some((end, row)), _) => {
                found.push(row);
                start = end;
            }
            (None, Kind::Korean) => start += 1,
            (None, Kind::Other) => return Vec::new(),
        }
    }
    found
}

/// The index of a word piece's vector.
fn piece(prefix: &str, chars: &[char]) -> Option<usize> {
    let mut text = [0; 2 + 4 * LONGEST_PIECE];
    text[..prefix.len()].copy_from_slice(prefix.as_bytes());
    let mut length = prefix.len();
    for c in chars {
        length += c.encode_utf8(text.get_mut(length..length + 4)?).len();
    }
    ROW_OF.get(&text[..length]).map(|row| *row as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::text::words::normalised;
    use proptest::prelude::*;

    /// English and Korean sentences with the same meaning, written for this test.
    const PAIRS: [(&str, &str); 10] = [
        ("a dog runs in the snow", "개가 눈 속에서 달린다"),
        ("the man plays the guitar", "남자가 기타를 친다"),
        ("a woman is cooking in the kitchen", "여자가 부엌에서 요리를 하고 있다"),
        ("the police arrested two people", "경찰이 두 사람을 체포했다"),
        ("children are playing in the park", "아이들이 공원에서 놀고 있다"),
        ("the company's profit rose this year", "회사의 이익이 올해 증가했다"),
        ("people are riding bicycles", "사람들이 자전거를 타고 있다"),
        ("the president made a speech", "대통령이 연설을 했다"),
        ("a cat sleeps on the bed", "고양이가 침대에서 잔다"),
        ("heavy rain caused a flood", "폭우로 홍수가 났다"),
    ];

    fn meant(text: &str) -> [f32; MEANING] {
        meaning(&normalised(text))
    }

    fn cosine(a: &str, b: &str) -> f32 {
        meant(a).iter().zip(meant(b)).map(|(x, y)| x * y).sum()
    }

    #[test]
    fn an_english_and_a_korean_sentence_of_the_same_meaning_are_neighbours() {
        for (english, korean) in PAIRS {
            let nearest = PAIRS.iter().max_by(|a, b| cosine(english, a.1).total_cmp(&cosine(english, b.1)));
            assert_eq!(nearest.map(|pair| pair.1), Some(korean), "nearest to {english:?}");
        }
    }

    #[test]
    fn other_words_for_the_same_are_nearer_than_other_things() {
        assert!(
            cosine("I lost my credit card", "my bank card is missing")
                > cosine("I lost my credit card", "play a song") + 0.2
        );
    }

    #[test]
    fn accents_case_and_width_do_not_matter() {
        assert_eq!(meant("Café ＯＮＥ"), meant("cafe one"));
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(word_pieces(&chars("qqqq漢"), Kind::Other), Vec::<usize>::new());
        assert_eq!(meant("앱ㅱㅱ"), meant("앱"), "an unknown Korean letter is left out");
        assert_eq!(meant(" \u{0}\u{301}"), [0.0; MEANING]);
    }

    proptest! {
        #[test]
        fn any_text_has_a_meaning_of_length_one_or_none(text in "\\PC{0,60}|[\\x00-\\x{10ffff}]{0,60}") {
            let length: f32 = meant(&text).iter().map(|v| v * v).sum();
            prop_assert!(length == 0.0 || (length - 1.0).abs() < 1e-3);
        }
    }
}
