//! Benchmarks of an arrival (its search; the vote costs next to nothing), a look-up and a refinement. Each search is
//! compared with a plain scan of the same number of vectors in the same run: the ratio is valid on other machines, the
//! times are not.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use hearback::engine::{DIMENSIONS, Grouper, Kind, Settings};
use uuid::Uuid;

const ITEMS: usize = 10_000;

/// Small reproducible pseudo-random numbers (xorshift).
fn numbers() -> impl FnMut(usize) -> usize {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as usize % below
    }
}

/// Texts of 4 to 15 artificial words: 400 topics with 8 words each, and 2,000 words that all topics share.
fn texts(count: usize) -> impl Iterator<Item = String> {
    let mut number = numbers();
    let word = |n: usize| {
        let syllables = ["ka", "lo", "mi", "ter", "na", "so", "vel", "ri", "pu", "den", "ga", "shi"];
        [n, n / 12, n / 144].map(|s| syllables[s % 12]).concat() + if n >= 1728 { "ing" } else { "" }
    };
    (0..count).map(move |_| {
        let subject = number(400);
        let of_subject = |n: &mut dyn FnMut(usize) -> usize| word((subject * 8 + n(8)) * 31 % 3456);
        let words: Vec<String> = (0..4 + number(12))
            .map(|i| if i % 2 == 0 { of_subject(&mut number) } else { word(number(45) * number(45)) })
            .collect();
        words.join(" ")
    })
}

fn grouper(items: usize) -> Grouper {
    let mut grouper = Grouper::new(Settings::default());
    for (i, text) in texts(items).enumerate() {
        grouper.assign(Uuid::from_u128(i as u128), &text, || Uuid::from_u128(1 << 64 | i as u128));
    }
    grouper
}

fn benches(c: &mut Criterion) {
    let full = grouper(ITEMS);
    let text = texts(ITEMS + 1).last().unwrap_or_default();

    let mut number = numbers();
    let rows: Vec<i8> = (0..ITEMS * DIMENSIONS).map(|_| number(255) as i8).collect();
    let query: Vec<i8> = rows[..DIMENSIONS].to_vec();
    let plain_dot = |row: &[i8]| row.iter().zip(&query).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum::<i32>();
    c.bench_function("plain scan of 10,000", |b| {
        b.iter(|| black_box(&rows).chunks_exact(DIMENSIONS).map(plain_dot).max());
    });
    c.bench_function("place among none (text to vector)", |b| {
        let empty = Grouper::new(Settings::default());
        b.iter(|| empty.place(black_box(&text)));
    });
    c.bench_function("place among 10,000", |b| b.iter(|| full.place(black_box(&text))));
    c.bench_function("look up among 10,000", |b| b.iter(|| full.look_up(black_box(&text), 10)));
    for (name, kind) in [("warm refinement of 10,000", Kind::Warm), ("cold refinement of 10,000", Kind::Cold)] {
        c.bench_function(name, |b| {
            b.iter_batched(|| full.snapshot(), |graph| graph.refine(kind, Uuid::nil), BatchSize::LargeInput);
        });
    }
}

criterion_group! {
    name = engine;
    config = Criterion::default().sample_size(10).warm_up_time(std::time::Duration::from_millis(300));
    targets = benches
}
criterion_main!(engine);
