//! `hearback evaluate --postmortems`: how often a new incident finds the earlier postmortems that it repeats.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::engine::measure::documents::{Found, KnownDocument, hybrid, score, tf_idf};
use crate::error::{Code, Error, Result};

/// What is known when an incident opens: the title and this many entries of the timeline.
const FIRST_ENTRIES: usize = 2;

/// A postmortem of the folder.
struct Read {
    name: String,
    passages: Vec<String>,
    query: String,
}

/// Measures a folder of postmortems in Markdown, in the order of their file names, with a `README.md` that lists groups of
/// repeats as `{first, second}`.
///
/// # Errors
/// Where the folder can't be read, or names no repeats.
pub fn run(folder: &Path) -> Result<()> {
    let text = |path: &Path| fs::read_to_string(path).map_err(|e| wrong(path, &e.to_string()));
    let mut paths: Vec<_> = fs::read_dir(folder)
        .map_err(|e| wrong(folder, &e.to_string()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "md") && !path.ends_with("README.md"))
        .collect();
    paths.sort();
    let readme = folder.join("README.md");
    let groups = groups(&text(&readme)?);
    let read: Result<Vec<Read>> = paths.iter().map(|path| Ok(parsed(&name(path), &text(path)?))).collect();
    let documents = known(read?, &groups);
    if documents.iter().all(|document| document.repeats.is_empty()) {
        return Err(wrong(&readme, "lists no groups of repeats, such as {first, second}"));
    }
    println!("search\tqueries\trecall@3\twith a repeat in 3\tMRR");
    show("hybrid", score(&documents, hybrid));
    show("TF-IDF", score(&documents, tf_idf));
    Ok(())
}

fn show(name: &str, found: Found) {
    let Found { queries, recall, hits, reciprocal_rank } = found;
    println!("{name}\t{queries}\t{recall:.3}\t{hits:.3}\t{reciprocal_rank:.3}");
}

fn wrong(path: &Path, detail: &str) -> Error {
    Error::new(Code::Invalid, format!("{}: {detail}", path.display()))
}

fn name(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The groups of a text: what stands between braces, separated by commas.
fn groups(text: &str) -> Vec<Vec<String>> {
    let inner = text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(inner, _)| inner));
    inner.map(|inner| inner.split(',').map(|name| name.trim().to_owned()).collect()).collect()
}

/// A postmortem: `#` before its title, `##` before each section, and the timeline as a table of time and event.
fn parsed(file: &str, text: &str) -> Read {
    let (mut title, mut passages, mut entries) = (String::new(), Vec::new(), Vec::new());
    let (mut section, mut passage) = (String::new(), String::new());
    let mut end = |section: &str, passage: &mut String| {
        let whole = std::mem::take(passage);
        // Figures only.
        if !whole.trim().is_empty() && section != "stats" {
            passages.push(whole);
        }
    };
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("# ").filter(|_| title.is_empty()) {
            title = heading.trim().to_owned();
        } else if let Some(heading) = line.strip_prefix("## ") {
            end(&section, &mut passage);
            section = heading.trim().to_lowercase();
        } else if line.starts_with('|') {
            let event = line.trim_matches('|').split_once('|').map(|(_, event)| event.trim().trim_matches('|').trim());
            if let Some(event) = event.filter(|event| !event.contains("---") && *event != "Event") {
                entries.extend((section == "timeline").then(|| event.to_owned()));
                passage.push_str(&format!("{event}\n"));
            }
        } else {
            passage.push_str(&format!("{line}\n"));
        }
    }
    end(&section, &mut passage);
    passages.insert(0, title.clone());
    let query: Vec<String> = std::iter::once(title).chain(entries.into_iter().take(FIRST_ENTRIES)).collect();
    Read { name: file.to_owned(), passages, query: query.join("\n") }
}

/// The postmortems with the earlier ones of their groups.
fn known(read: Vec<Read>, groups: &[Vec<String>]) -> Vec<KnownDocument> {
    let names: Vec<String> = read.iter().map(|one| one.name.clone()).collect();
    let repeats = |place: usize| -> BTreeSet<usize> {
        let own = groups.iter().filter(|group| names.get(place).is_some_and(|name| group.contains(name)));
        let others = own.flatten().filter_map(|name| names.iter().take(place).position(|earlier| earlier == name));
        others.collect()
    };
    let known = |(place, one): (usize, Read)| KnownDocument {
        passages: one.passages,
        query: one.query,
        repeats: repeats(place),
    };
    read.into_iter().enumerate().map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_postmortem_is_read_with_its_title_its_sections_and_what_was_known_first() {
        let text = "# Login fails\n\n## Summary\n\nIt failed.\n\n## Timeline\n\n| Time | Event |\n| --- | --- |\n\
                    | 10:00 | Alert |\n| 10:01 | Restart |\n| 10:05 | Fixed |\n\n## Stats\n\n- Category: X\n";
        let read = parsed("A-2", text);
        assert_eq!(read.query, "Login fails\nAlert\nRestart");
        assert_eq!(read.passages.len(), 3, "{:?}", read.passages);
        let other = Read { name: "A-1".to_owned(), passages: Vec::new(), query: String::new() };
        let known = known(vec![other, read], &groups("Known: logins {A-1, A-2}; none {B-1}"));
        assert_eq!((known[0].repeats.len(), known[1].repeats.contains(&0)), (0, true));
    }
}
