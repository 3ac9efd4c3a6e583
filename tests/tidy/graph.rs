//! Which file names which: the paths of a file, resolved to the files that they mean.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::source::{Source, sources};

/// One file that another one names, and where it does so first.
#[derive(Clone, Copy)]
pub struct Arrow {
    pub from: usize,
    pub to: usize,
    pub line: usize,
}

/// Every file of the crate, and how to find them.
pub struct Graph<'a> {
    pub files: &'a [Source],
    modules: BTreeMap<&'a [String], usize>,
}

/// As deep as one re-export may point to the next.
const MOST_STEPS: usize = 8;

impl<'a> Graph<'a> {
    pub fn of(files: &'a [Source]) -> Self {
        let modules = files.iter().enumerate().filter(|(_, file)| file.path != "src/main.rs");
        Self { files, modules: modules.map(|(n, file)| (&*file.module, n)).collect() }
    }

    /// A file's name inside `src`.
    pub fn name_of(&self, file: usize) -> &str {
        self.files[file].path.trim_start_matches("src/")
    }

    /// The path from the crate's root, where it is one of the crate.
    pub fn absolute(&self, file: &Source, path: &[String]) -> Option<Vec<String>> {
        self.absolute_within(file, path, MOST_STEPS)
    }

    fn absolute_within(&self, file: &Source, path: &[String], steps: usize) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => return Some(rest.to_vec()),
            "self" => return Some([&*file.module, rest].concat()),
            "super" => {
                let ups = path.iter().take_while(|part| *part == "super").count();
                let above = file.module.len().checked_sub(ups)?;
                return Some([&file.module[..above], &path[ups..]].concat());
            }
            _ => {}
        }
        let own = [&*file.module, std::slice::from_ref(first)].concat();
        if self.modules.contains_key(&*own) {
            return Some([own, rest.to_vec()].concat());
        }
        // `use std::fmt` does not come from a `use` of `std`.
        let import = file.imports.iter().find(|import| import.name.as_ref() == Some(first) && import.path != path)?;
        let meant = self.absolute_within(file, &import.path, steps.checked_sub(1)?)?;
        Some([meant, rest.to_vec()].concat())
    }

    /// The file that declares what an absolute path names: through re-exports to where the name really is.
    pub fn file_of(&self, absolute: &[String]) -> Option<usize> {
        self.file_within(absolute, MOST_STEPS)
    }

    fn file_within(&self, absolute: &[String], steps: usize) -> Option<usize> {
        let longest = (1..=absolute.len()).rev().find(|n| self.modules.contains_key(&absolute[..*n]))?;
        let at = self.modules[&absolute[..longest]];
        let (Some(name), Some(steps)) = (absolute.get(longest), steps.checked_sub(1)) else { return Some(at) };
        let file = &self.files[at];
        if file.items.contains(name) {
            return Some(at);
        }
        for import in &file.imports {
            let is_meant = import.name.as_ref() == Some(name);
            if !is_meant && import.name.is_some() {
                continue;
            }
            let Some(mut target) = self.absolute(file, &import.path) else { continue };
            if import.name.is_none() {
                target.push(name.clone());
            }
            let found = self.file_within(&target, steps);
            if let Some(found) = found.filter(|found| is_meant || self.files[*found].items.contains(name)) {
                return Some(found);
            }
        }
        Some(at)
    }

    /// All arrows between files, each once. A module and what is inside it belong together: no arrows between these.
    pub fn arrows(&self) -> Vec<Arrow> {
        let mut arrows: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for (from, file) in self.files.iter().enumerate() {
            let imports = file.imports.iter().map(|import| (&import.path, import.line));
            for (path, line) in imports.chain(file.paths.iter().map(|named| (&named.segments, named.line))) {
                let Some(to) = self.absolute(file, path).and_then(|absolute| self.file_of(&absolute)) else { continue };
                let (ours, theirs) = (&file.module, &self.files[to].module);
                if !ours.starts_with(theirs) && !theirs.starts_with(ours) {
                    let first = arrows.entry((from, to)).or_insert(line);
                    *first = line.min(*first);
                }
            }
        }
        arrows.into_iter().map(|((from, to), line)| Arrow { from, to, line }).collect()
    }
}

/// The graph of all files of `src`.
pub fn graph() -> &'static Graph<'static> {
    static GRAPH: OnceLock<Graph<'static>> = OnceLock::new();
    GRAPH.get_or_init(|| Graph::of(sources()))
}

/// The sets of files that reach each other.
pub fn circles(count: usize, arrows: &[Arrow]) -> Vec<BTreeSet<usize>> {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); count];
    arrows.iter().for_each(|arrow| next[arrow.from].push(arrow.to));
    let reached: Vec<BTreeSet<usize>> = (0..count).map(|start| reached_from(start, &next)).collect();
    let mut found: BTreeSet<BTreeSet<usize>> = BTreeSet::new();
    for file in (0..count).filter(|file| reached[*file].contains(file)) {
        found.insert(reached[file].iter().copied().filter(|other| reached[*other].contains(&file)).collect());
    }
    found.into_iter().collect()
}

/// What arrows lead to from here; the start itself only where one leads back.
fn reached_from(start: usize, next: &[Vec<usize>]) -> BTreeSet<usize> {
    let (mut reached, mut ahead) = (BTreeSet::new(), next[start].clone());
    while let Some(file) = ahead.pop() {
        if reached.insert(file) {
            ahead.extend(&next[file]);
        }
    }
    reached
}
