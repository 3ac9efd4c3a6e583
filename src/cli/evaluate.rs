//! `hearback evaluate`: measures how well the engine groups labelled feedback, to choose settings and to compare
//! versions.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde_json::json;
use uuid::Uuid;

use super::evaluate_postmortems;
use crate::domain::feedback::own_words::own_words;
use crate::engine::measure::metrics::{Scores, score};
use crate::engine::measure::replay::Replay;
use crate::engine::measure::translations::translations;
use crate::engine::{Description, Granularity, Grouper, Settings, Wish, descriptions};
use crate::error::{Code, Error, Result};

/// The label of items without a theme: they are grouped but not scored.
const NOISE: &str = "__noise__";
/// The search is measured on this many of the last texts.
const RECALLED: usize = 1_000;
/// From this size on, a theme is large enough to be read.
const A_THEME: usize = 5;

/// Group a labelled file item by item, as if it arrived over time, and score the themes; needs no database.
#[derive(Args)]
pub struct Evaluate {
    /// Tab-separated file whose header has the columns id, lang, gold_label and text; items with gold_label __noise__
    /// are not scored
    #[arg(required_unless_present_any = ["pairs", "postmortems"])]
    stream: Option<PathBuf>,
    /// File to write with the final theme of each item: lines of id and theme; an item without a theme has a number of its
    /// own
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// File to write with the theme that each item got on arrival
    #[arg(long, value_name = "FILE")]
    arrivals: Option<PathBuf>,
    /// File to write with a line of JSON for each theme: its label, title and draft
    #[arg(long, value_name = "FILE")]
    themes: Option<PathBuf>,
    /// Tab-separated file whose header has the columns en and ko, translations of each other: print how often a text
    /// finds its translation among all texts of both languages, first (P@1) and among the ten nearest (P@10)
    #[arg(long, value_name = "PAIRS")]
    pairs: Option<PathBuf>,
    /// Folder of postmortems in Markdown, with a README.md that lists groups of repeats as {first, second}: print how often
    /// a postmortem finds the earlier ones of its groups, beside TF-IDF
    #[arg(long, value_name = "FOLDER")]
    postmortems: Option<PathBuf>,
    /// Granularity: auto, or from 1 (coarser) to 128 (finer)
    #[arg(long, default_value = "auto", value_parser = granularity)]
    granularity: Granularity,
    /// Correct this fraction of the items as a person would, and score the others before and after
    #[arg(long, value_name = "SHARE", value_parser = share)]
    corrected: Option<f64>,
}

fn granularity(text: &str) -> std::result::Result<Granularity, String> {
    if text == "auto" {
        return Ok(Granularity::Auto);
    }
    let number = text.parse().ok().filter(|g| (1.0..=128.0).contains(g));
    number.map(Granularity::Fixed).ok_or_else(|| "is neither auto nor a number from 1 to 128".to_owned())
}

fn share(text: &str) -> std::result::Result<f64, String> {
    let number = text.parse().ok().filter(|share| *share > 0.0 && *share < 1.0);
    number.ok_or_else(|| "is not a number between 0 and 1".to_owned())
}

/// One line of the stream.
struct Row<'a> {
    id: &'a str,
    /// `None` for noise.
    label: Option<&'a str>,
    text: String,
}

impl Evaluate {
    pub fn run(&self) -> Result<()> {
        if let Some(path) = &self.pairs {
            let text = read(path)?;
            show_pairs(&pairs(&text).map_err(|detail| wrong(path, &detail))?);
        }
        if let Some(folder) = &self.postmortems {
            evaluate_postmortems::run(folder)?;
        }
        self.stream.as_deref().map_or(Ok(()), |stream| self.run_stream(stream))
    }

    fn run_stream(&self, path: &Path) -> Result<()> {
        let stream = read(path)?;
        let rows = rows(&stream).map_err(|detail| wrong(path, &detail))?;
        let mut trial = Replay::new(Settings { granularity: self.granularity });
        let (first, last) = rows.split_at(rows.len() - RECALLED.min(rows.len() / 2));
        let started = Instant::now();
        first.iter().for_each(|row| trial.take(&row.text));
        let until_then = started.elapsed();
        // Before the items are added, because an item in the index knows its neighbours already.
        let recall = trial.grouper().recall(last.iter().map(|row| row.text.as_str()));
        let started = Instant::now();
        last.iter().for_each(|row| trial.take(&row.text));
        trial.end();
        let seconds = (until_then + started.elapsed()).as_secs_f64();

        let themes = trial.themes();
        if let Some(path) = &self.out {
            write(path, &rows, &themes)?;
        }
        if let Some(path) = &self.arrivals {
            write(path, &rows, trial.arrivals())?;
        }
        if let Some(path) = &self.themes {
            write_themes(path, &rows, trial.grouper(), &themes)?;
        }
        show(&scored(&rows, &themes, |_| true));
        println!("themes found\t{}", trial.grouper().theme_sizes().filter(|(_, size)| *size > 1).count());
        show_alone(&rows, &themes);
        println!("moved by warm refinements\t{:.4}", trial.moved_share());
        println!("recall@10 of the search\t{recall:.4}");
        println!("items/s\t{:.0}", rows.len() as f64 / seconds.max(1e-9));
        if let Some(mib) = peak_memory() {
            println!("peak memory\t{mib:.0} MiB");
        }
        self.corrected.into_iter().for_each(|share| correct(&mut trial, &rows, share));
        Ok(())
    }
}

fn correct(trial: &mut Replay, rows: &[Row<'_>], share: f64) {
    let before = trial.themes();
    let labels: Vec<Option<&str>> = rows.iter().map(|row| row.label).collect();
    let corrected = trial.correct(&labels, share);
    let after = trial.themes();
    println!("\nother items before {} corrections", corrected.iter().filter(|c| **c).count());
    show(&scored(rows, &before, |i| !corrected[i]));
    println!("\nother items after the corrections");
    show(&scored(rows, &after, |i| !corrected[i]));
}

fn scored(rows: &[Row<'_>], themes: &[Uuid], counts: impl Fn(usize) -> bool) -> Scores {
    let pairs = rows.iter().zip(themes).enumerate();
    let pairs = pairs.filter(|(i, _)| counts(*i)).filter_map(|(_, (row, theme))| Some((row.label?, *theme)));
    score(&pairs.collect::<Vec<_>>())
}

fn show(scores: &Scores) {
    if scores.items == 0 {
        println!("scored\t0 items: none has a label");
        return;
    }
    println!("NMI\t{:.4}\nARI\t{:.4}\naccuracy\t{:.4}", scores.nmi, scores.ari, scores.accuracy);
    println!("B-cubed F1\t{:.4}", scores.bcubed_f1());
    println!("B-cubed precision\t{:.4}\nB-cubed recall\t{:.4}", scores.bcubed_precision, scores.bcubed_recall);
    println!("scored\t{} items, {} labels in {} themes", scores.items, scores.labels, scores.themes);
}

/// Prints how many labelled items share their theme with no other item, and how much of the noise is in themes of
/// [`A_THEME`] items and more.
fn show_alone(rows: &[Row<'_>], themes: &[Uuid]) {
    let mut sizes: HashMap<Uuid, usize> = HashMap::new();
    themes.iter().for_each(|theme| *sizes.entry(*theme).or_default() += 1);
    let share = |of_noise: bool, counts: fn(usize) -> bool| {
        let mut of: Vec<usize> = Vec::new();
        of.extend(rows.iter().zip(themes).filter(|(row, _)| row.label.is_none() == of_noise).map(|(_, t)| sizes[t]));
        (!of.is_empty()).then(|| of.iter().filter(|size| counts(**size)).count() as f64 / of.len() as f64)
    };
    if let Some(alone) = share(false, |size| size == 1) {
        println!("labelled items not grouped\t{alone:.4}");
    }
    if let Some(grouped) = share(true, |size| size >= A_THEME) {
        println!("noise in themes of {A_THEME} and more\t{grouped:.4}");
    }
}

fn rows(stream: &str) -> std::result::Result<Vec<Row<'_>>, String> {
    let stream = stream.strip_prefix('\u{feff}').unwrap_or(stream);
    let mut lines = stream.lines().enumerate();
    let header: Vec<&str> = lines.next().map(|(_, line)| line.split('\t').collect()).unwrap_or_default();
    let column = |name: &str| {
        let missing = || format!("the header line has no column {name}; it needs id, lang, gold_label, text");
        header.iter().position(|column| column.trim() == name).ok_or_else(missing)
    };
    let (id, label, text) = (column("id")?, column("gold_label")?, column("text")?);
    let mut rows = Vec::new();
    for (n, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let fields: Vec<&str> = line.splitn(header.len(), '\t').collect();
        let field = |at: usize| fields.get(at).copied().ok_or_else(|| format!("line {} has too few columns", n + 1));
        let label = Some(field(label)?).filter(|label| *label != NOISE);
        rows.push(Row { id: field(id)?, label, text: own_words(None, field(text)?) });
    }
    if rows.is_empty() { Err("it has no items".to_owned()) } else { Ok(rows) }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|e| wrong(path, &e))
}

fn wrong(path: &Path, detail: &dyn std::fmt::Display) -> Error {
    Error::new(Code::Invalid, format!("{}: {detail}", path.display()))
}

/// The columns en and ko of a file.
fn pairs(text: &str) -> std::result::Result<Vec<(&str, &str)>, String> {
    let mut lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate();
    let header: Vec<&str> = lines.next().map(|(_, line)| line.split('\t').collect()).unwrap_or_default();
    let column = |name: &str| {
        let missing = || format!("the header line has no column {name}; it needs en, ko");
        header.iter().position(|column| column.trim() == name).ok_or_else(missing)
    };
    let (en, ko) = (column("en")?, column("ko")?);
    let mut pairs = Vec::new();
    for (n, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let fields: Vec<&str> = line.split('\t').collect();
        let field = |at: usize| fields.get(at).copied().ok_or_else(|| format!("line {} has too few columns", n + 1));
        pairs.push((field(en)?, field(ko)?));
    }
    if pairs.is_empty() { Err("it has no pairs".to_owned()) } else { Ok(pairs) }
}

fn show_pairs(pairs: &[(&str, &str)]) {
    println!("pairs\t{}", pairs.len());
    for (way, found) in ["en to ko", "ko to en"].into_iter().zip(translations(pairs)) {
        println!("P@1 {way}\t{:.4}\nP@10 {way}\t{:.4}", found.first, found.in_ten);
    }
}

/// Writes a line of JSON for each theme, the largest first. `theme` is its number in the file of `--out`.
fn write_themes(path: &Path, rows: &[Row<'_>], grouper: &Grouper, themes: &[Uuid]) -> Result<()> {
    let mut numbers = HashMap::new();
    for theme in themes {
        let next = numbers.len() + 1;
        numbers.entry(*theme).or_insert(next);
    }
    let mut text = String::new();
    for theme in descriptions(grouper, |id| rows[Replay::index(id)].text.as_str()) {
        text += &line(numbers.get(&theme.theme).copied(), &theme).to_string();
        text.push('\n');
    }
    fs::write(path, text).map_err(|e| wrong(path, &e))
}

fn line(number: Option<usize>, theme: &Description) -> serde_json::Value {
    let draft = &theme.draft;
    let kind = match draft.wish {
        Wish::Fix => "fix",
        Wish::Build => "build",
        Wish::Answer => "answer",
        Wish::Keep => "keep",
    };
    let criteria: Vec<&str> = draft.acceptance_criteria.iter().map(|criterion| criterion.text.as_str()).collect();
    let facts: Vec<serde_json::Value> = draft
        .facts
        .iter()
        .map(|fact| json!({ "kind": fact.kind.as_str(), "text": fact.text, "customers": fact.customers }))
        .collect();
    json!({
        "theme": number,
        "size": theme.size,
        "label": theme.label,
        "labels": theme.labels(),
        "title": draft.title,
        "role": draft.as_a,
        "want": draft.i_want,
        "so_that": draft.so_that,
        "criteria": criteria,
        "facts": facts,
        "in_scope": draft.in_scope,
        "out_of_scope": draft.out_of_scope,
        "other_title": draft.other_title,
        "keywords": theme.keywords,
        "kind": kind,
    })
}

/// Writes the theme of each item; themes are numbered from 1 in the order of their first items.
fn write(path: &Path, rows: &[Row<'_>], themes: &[Uuid]) -> Result<()> {
    let mut numbers = HashMap::new();
    let mut text = String::from("id\ttheme\n");
    for (row, theme) in rows.iter().zip(themes) {
        let next = numbers.len() + 1;
        let number = *numbers.entry(*theme).or_insert(next);
        text += &format!("{}\t{number}\n", row.id);
    }
    fs::write(path, text).map_err(|e| wrong(path, &e))
}

/// The peak memory of this process in MiB, if the system reports it.
fn peak_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<f64>().ok()? / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_read_by_its_header() {
        let found = rows("id\tlang\tgold_label\ttext\na\ten\tx\thello\tthere\nb\tko\t__noise__\t네\n\n").ok();
        let found: Vec<_> = found.iter().flatten().map(|r| (r.id, r.label, r.text.as_str())).collect();
        assert_eq!(found, [("a", Some("x"), "hello\tthere"), ("b", None, "네")]);
    }

    #[test]
    fn pairs_are_read_by_their_header() {
        assert_eq!(pairs("ko\tid\ten\n안녕\t1\thello\n\n").unwrap(), [("hello", "안녕")]);
        let wrong = |text: &str| pairs(text).err().unwrap_or_default();
        assert!(wrong("en\tfr\n").contains("no column ko"));
        assert!(wrong("en\tko\n").contains("no pairs"));
        assert!(wrong("en\tko\nhello\n").contains("line 2"));
    }

    #[test]
    fn a_line_of_json_describes_each_theme() {
        let text = "card payment declined";
        let rows: Vec<Row<'_>> =
            ["a", "b", "c", "d"].into_iter().map(|id| Row { id, label: None, text: format!("{text} {id}") }).collect();
        let mut trial = Replay::new(Settings::default());
        rows.iter().for_each(|row| trial.take(&row.text));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("themes.jsonl");
        write_themes(&path, &rows, trial.grouper(), &trial.themes()).unwrap();
        let lines: Vec<serde_json::Value> =
            fs::read_to_string(&path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.iter().filter_map(|line| line["size"].as_u64()).sum::<u64>(), 4);
        let keys = [
            "criteria",
            "facts",
            "in_scope",
            "keywords",
            "kind",
            "label",
            "labels",
            "other_title",
            "out_of_scope",
            "role",
            "size",
            "so_that",
            "theme",
            "title",
            "want",
        ];
        for line in &lines {
            let mut found: Vec<&String> = line.as_object().unwrap().keys().collect();
            found.sort();
            assert_eq!(found, keys);
        }
        assert!(lines[0]["label"].as_str().unwrap().to_lowercase().contains("payment"), "{lines:?}");
    }

    #[test]
    fn errors_of_a_file_are_reported() {
        let wrong = |text: &str| rows(text).err().unwrap_or_default();
        assert!(wrong("").contains("no column id"));
        assert!(wrong("id\tlang\ttext\n").contains("gold_label"));
        assert!(wrong("id\tlang\tgold_label\ttext\n").contains("no items"));
        assert!(wrong("id\tlang\tgold_label\ttext\na\ten\n").contains("line 2"));
        assert!(granularity("0").is_err() && granularity("4").is_ok() && share("1.5").is_err());
    }
}
