//! How like a text is to each of the matters that come up in products of every trade.
//!
//! A long text speaks of many things beside its matter, and the sum of its words' vectors lies between all of them. Which of
//! some hundred known matters it lies nearest to says more: two customers of a gym and of a bank who can't get in are both
//! nearest to the same few matters, in whatever words and language. So the likeness to the known matters is a part of a text's
//! vector beside its own meaning. A text that is about none of them is like each by chance, and loses little.

use std::sync::LazyLock;

use super::meaning::{MEANING, meaning};
use super::words::{hash, is_korean, normalised};

/// A unit vector of the meaning of a text, without what all texts of its language have in common.
pub(in crate::engine) type Meaning = [f32; MEANING];

/// The dimensions into which the likenesses to all matters are put.
pub(in crate::engine) const LIKENESS: usize = 64;
/// The dimensions of what a text says in whatever words: its meaning, and its likeness to known matters. They come first in a
/// vector.
pub(in crate::engine) const SENSE: usize = MEANING + LIKENESS;
/// How many products are summed side by side.
const LANES: usize = 16;
const _: () = assert!(MEANING.is_multiple_of(LANES));
/// The number of matters that count: those that a text is most like. Each counts by how much more the text is like it than like
/// the first matter that does not count.
const COUNTED: usize = 40;

/// The weight of what the table's phrases have in common, as a number of texts of the product.
const TABLE_PRIOR: f32 = 50.0;

/// A line of a table of matters (`cases.tsv`, which says what the columns are, or `trade_cases.tsv`), with its meanings.
pub(in crate::engine) struct Case {
    pub columns: [&'static str; 6],
    /// The meanings of its titles and of how customers say it.
    pub phrases: Vec<Meaning>,
    /// Their mean.
    pub centre: Meaning,
    /// The sign of its likeness in each dimension.
    signs: u64,
}

/// The table, with what is common to the phrases of each language. That is the mean over the matters of every trade alone, so that
/// the vectors of texts do not depend on the matters of single trades, which serve titles.
pub(in crate::engine) struct Cases {
    pub all: Vec<Case>,
    /// How many of them, the first ones, are of every trade.
    general: usize,
    common: [Meaning; 2],
}

/// The matters of every trade, and those of single trades.
pub(in crate::engine) const TABLES: [&str; 2] = [include_str!("cases.tsv"), include_str!("trade_cases.tsv")];

/// The table.
pub(in crate::engine) static CASES: LazyLock<Cases> = LazyLock::new(Cases::read);

impl Cases {
    /// Whether a matter is of every trade, by its place in the table.
    pub fn is_general(&self, at: usize) -> bool {
        at < self.general
    }

    fn read() -> Self {
        let [general, of_trades] = TABLES.map(lines);
        let (general, lines) = (general.len(), [general, of_trades].concat());
        let said = |line: &[&'static str; 6]| -> Vec<(bool, Meaning)> {
            let phrases = [line[1], line[2]].into_iter().chain(line[5].split("; "));
            phrases.map(|phrase| (is_korean(phrase), meaning(&normalised(phrase)))).collect()
        };
        let said: Vec<Vec<(bool, Meaning)>> = lines.iter().map(said).collect();
        let common = [false, true]
            .map(|korean| mean(said[..general].iter().flatten().filter(|(of, _)| *of == korean).map(|(_, v)| v)));
        let centred = |(korean, vector): &(bool, Meaning)| without(vector, &common[usize::from(*korean)]);
        let case = |(columns, said): (&[&'static str; 6], &Vec<(bool, Meaning)>)| {
            let phrases: Vec<Meaning> = said.iter().map(centred).collect();
            let centre = unit(mean(phrases.iter()));
            Case { columns: *columns, phrases, centre, signs: hash(&columns[1].chars().collect::<Vec<_>>()) }
        };
        Cases { all: lines.iter().zip(&said).map(case).collect(), general, common }
    }
}

/// The columns of each line of a table.
pub(in crate::engine) fn lines(table: &'static str) -> Vec<[&'static str; 6]> {
    let lines = table.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines.filter_map(|line| line.split('\t').collect::<Vec<_>>().try_into().ok()).collect()
}

/// The meaning of a customer's text, from the mean of its words' vectors; zero where none is known.
pub(in crate::engine) fn centred(meaning: &Meaning, korean: bool) -> Meaning {
    if meaning.iter().all(|v| *v == 0.0) { *meaning } else { without(meaning, &CASES.common[usize::from(korean)]) }
}

/// The meaning of a customer's text without what the texts of its product have in common; zero where no word is known. `sum` is
/// the sum of the meanings of `texts` texts of the product. What the table's phrases have in common counts as well, because a
/// few texts say little about the product.
pub(in crate::engine) fn centred_in(meaning: &Meaning, korean: bool, sum: &[f32], texts: f32) -> Meaning {
    let table = &CASES.common[usize::from(korean)];
    let common = std::array::from_fn(|at| (sum[at] + TABLE_PRIOR * table[at]) / (texts + TABLE_PRIOR));
    if meaning.iter().all(|v| *v == 0.0) { *meaning } else { without(meaning, &common) }
}

/// The same of a text.
pub(in crate::engine) fn meaning_of(text: &str) -> Meaning {
    centred(&meaning(&normalised(text)), is_korean(text))
}

/// The likenesses of a text to the matters of every trade (those of another trade are like it by chance) as a unit vector: a random projection with signs (Achlioptas 2003) of the likenesses
/// beyond that to the next matter after [`COUNTED`]; zero where the meaning is zero.
pub(in crate::engine) fn likeness(meaning: &Meaning) -> [f32; LIKENESS] {
    let cases = &CASES.all[..CASES.general];
    let like: Vec<f32> = cases.iter().map(|case| cosine(meaning, &case.centre)).collect();
    let mut sorted = like.clone();
    let (_, next, _) = sorted.select_nth_unstable_by(COUNTED, |a, b| b.total_cmp(a));
    let mut sum = [0.0; LIKENESS];
    for (case, like) in cases.iter().zip(&like).filter(|(_, like)| *like > next) {
        for (at, value) in sum.iter_mut().enumerate() {
            *value += if case.signs >> at & 1 == 1 { like - *next } else { *next - like };
        }
    }
    let length = sum.iter().map(|v| v * v).sum::<f32>().sqrt();
    if length > 0.0 { sum.map(|v| v / length) } else { sum }
}

/// The cosine of two meanings. The products are summed in lanes, which the CPU adds at once: a text is compared with hundreds of
/// matters.
pub(in crate::engine) fn cosine(a: &Meaning, b: &Meaning) -> f32 {
    let mut sums = [0.0; LANES];
    for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
    }
    sums.iter().sum()
}

fn mean<'a>(vectors: impl Iterator<Item = &'a Meaning>) -> Meaning {
    let (mut sum, mut count) = ([0.0; MEANING], 0.0_f32);
    for vector in vectors {
        sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
        count += 1.0;
    }
    sum.map(|value| value / count.max(1.0))
}

fn without(vector: &Meaning, common: &Meaning) -> Meaning {
    let mut rest = *vector;
    rest.iter_mut().zip(common).for_each(|(value, common)| *value -= common);
    unit(rest)
}

fn unit(vector: Meaning) -> Meaning {
    let length = cosine(&vector, &vector).sqrt();
    if length > 0.0 { vector.map(|value| value / length) } else { vector }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(a: &str, b: &str) -> f32 {
        let (a, b) = (likeness(&meaning_of(a)), likeness(&meaning_of(b)));
        a.iter().zip(&b).map(|(x, y)| x * y).sum()
    }

    #[test]
    fn texts_about_one_matter_are_like_the_same_known_matters_in_any_words_and_language() {
        let pairs = [
            (
                "Hi all, third time this month that I stand in front of the branch and my card does not let me pay, it just says declined",
                "회원인데 어제 마트에서 카드로 결제하려니까 거절됐다고 나와서 너무 당황했어요. 잔액은 있거든요",
            ),
            (
                "been a customer since 2019. I cancelled in May and you still took the money in June, please give it back",
                "지난달에 해지했는데 이번 달에도 요금이 또 빠져나갔네요 돌려주세요",
            ),
        ];
        let other = "좋은 아침이에요, 화면 글씨가 너무 작아서 부모님이 못 읽으세요";
        for (a, b) in pairs {
            let apart = alike(a, other).max(alike(b, other));
            assert!(alike(a, b) > apart, "{} {apart}", alike(a, b));
        }
    }

    #[test]
    fn a_text_without_known_words_is_like_nothing() {
        assert_eq!(likeness(&meaning_of("")), [0.0; LIKENESS]);
        assert!(CASES.general > 2 * COUNTED && CASES.all.len() > CASES.general);
    }
}
