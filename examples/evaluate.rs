//! Groups a stream of labelled texts as a server would, and writes who ended up where.
//!
//! `cargo run --release --example evaluate STREAM.tsv > THEMES.tsv`, where a stream is lines of
//! `id language label text`, tab-separated, with a header. Writes `id theme` lines; figures go to standard error.

use std::time::{Duration, Instant};

use hearback::engine::{Grouper, Kind, Said, Settings, keywords, label};
use uuid::Uuid;

fn main() {
    let Some(path) = std::env::args().nth(1) else { return eprintln!("evaluate STREAM.tsv [items]") };
    let limit = std::env::args().nth(2).and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
    let stream = match std::fs::read_to_string(&path) {
        Ok(stream) => stream,
        Err(error) => return eprintln!("{path}: {error}"),
    };
    let rows: Vec<Vec<&str>> = stream.lines().skip(1).take(limit).map(|line| line.splitn(4, '\t').collect()).collect();
    let rows: Vec<Vec<&str>> = rows.into_iter().filter(|row| row.len() == 4).collect();

    let mut grouper = Grouper::new(Settings::default());
    let mut themes = 0;
    let mut new_theme = || {
        themes += 1;
        Uuid::from_u128(1 << 64 | themes)
    };
    let mut refining = Duration::ZERO;
    let start = Instant::now();
    for (i, row) in rows.iter().enumerate() {
        grouper.assign(Uuid::from_u128(i as u128), row[3], &mut new_theme);
        if let Some(kind) = grouper.refinement_due() {
            let start = Instant::now();
            let refinement = grouper.snapshot().refine(kind, &mut new_theme);
            grouper.apply(&refinement);
            refining += start.elapsed();
        }
    }
    if std::env::args().nth(3).is_none() {
        let refinement = grouper.snapshot().refine(Kind::Warm, &mut new_theme);
        grouper.apply(&refinement);
    }
    eprintln!("{} items in {:.2?}, {refining:.2?} of it refining", rows.len(), start.elapsed());
    show_largest(&grouper, &rows);
    for (i, row) in rows.iter().enumerate() {
        if let Some((theme, _)) = grouper.theme_of(Uuid::from_u128(i as u128)) {
            println!("{}\t{theme}", row[0]);
        }
    }
}

fn show_largest(grouper: &Grouper, rows: &[Vec<&str>]) {
    let mut sizes: Vec<(Uuid, usize)> = grouper.theme_sizes().collect();
    sizes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    for (theme, size) in sizes.iter().take(25) {
        let text = |id: &Uuid| rows[id.as_u128() as usize][3];
        let central = grouper.central(*theme, 50);
        let members: Vec<Said> =
            central.iter().map(|(id, similarity)| Said { id: *id, text: text(id), similarity: *similarity }).collect();
        let texts: Vec<&str> = members.iter().map(|m| m.text).collect();
        let words = keywords(&texts, &grouper.background(), 5);
        eprintln!("{size:6} {:.2} {} {words:?}", grouper.cohesion(*theme), label(&members, &words));
    }
}
