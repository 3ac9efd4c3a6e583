//! The house rules, kept by a test: import direction, circles, sizes, where SQL may stand, what may panic, names that
//! documents give, settings and migrations that agree.

mod documents;
mod graph;
mod imports;
mod migrations;
mod programs;
mod settings;
mod sizes;
mod source;
mod words;

pub use source::texts;

/// Fails with a list of what is wrong, under the rule that it breaks.
fn report(wrong: &[String], rule: &str) {
    assert!(wrong.is_empty(), "{rule}\n{}", wrong.join("\n"));
}

/// Compares what is there with a list of what is excused, each with a number. The list may only shrink: what is above its
/// number is wrong, and what has fallen below takes its number along.
fn shrinking(found: &[(String, usize)], excused: &[(&str, usize)], rule: &str) {
    let mut wrong = Vec::new();
    for (name, count) in found {
        match excused.iter().find(|(other, _)| other == name) {
            Some((_, most)) if count > most => wrong.push(format!("{name}: {count}, of which {most} are excused")),
            Some((_, most)) if count < most => wrong.push(format!("{name}: lower its number in the list to {count}")),
            Some(_) => {}
            None => wrong.push(format!("{name}: {count}")),
        }
    }
    let gone = excused.iter().filter(|(name, _)| !found.iter().any(|(other, _)| other == name));
    wrong.extend(gone.map(|(name, _)| format!("{name}: take it out of the list, it keeps the rule")));
    report(&wrong, rule);
}
