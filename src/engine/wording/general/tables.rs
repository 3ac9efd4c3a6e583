//! The tables of general concepts.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::case_table::CASES;
use super::vocabulary::Vocabulary;

/// What feedback may be about. Columns: the English name, the Korean one.
pub(in crate::engine) static MATTERS: LazyLock<Vocabulary> =
    LazyLock::new(|| Vocabulary::of(include_str!("matters.tsv")));
/// What may be wrong with it. Columns: the English predicate of one thing, that of several, the Korean noun.
pub(in crate::engine) static TROUBLES: LazyLock<Vocabulary> =
    LazyLock::new(|| Vocabulary::of(include_str!("troubles.tsv")));
/// What customers want done with it. Columns: the English title with a gap, the Korean noun.
pub(in crate::engine) static CHANGES: LazyLock<Vocabulary> =
    LazyLock::new(|| Vocabulary::of(include_str!("changes.tsv")));
/// What follows from a trouble, turned into its opposite. Columns: in English, in Korean.
pub(in crate::engine) static CONSEQUENCES: LazyLock<Vocabulary> =
    LazyLock::new(|| Vocabulary::of(include_str!("consequences.tsv")));

/// The consequences whose words count in every clause, also outside a stated consequence.
pub(in crate::engine) static STAKES: LazyLock<Vocabulary> =
    LazyLock::new(|| Vocabulary::marked(include_str!("consequences.tsv")));

/// The general failure, and the troubles that are kinds of it.
pub(in crate::engine) const DOES_NOT_WORK: &str = "does not work";
pub(in crate::engine) const FAILURES: &[&str] = &[DOES_NOT_WORK, "stops", "is missing", "is rejected"];

/// Whether a text mentions a general concept whose name has this word, in lower case.
#[cfg(test)]
pub(in crate::engine) fn says(word: &str, text: &str) -> bool {
    let names = |name: &str| name.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|known| known == word);
    // Each kind of failure is one in general too: what stops does not work.
    let fails = TROUBLES.mentioned(text).iter().any(|concept| FAILURES.contains(&TROUBLES.name(*concept, 0)));
    let general = TROUBLES.concept(DOES_NOT_WORK).into_iter().flat_map(|at| (0..3).map(move |n| TROUBLES.name(at, n)));
    if fails && general.flat_map(|name| name.split(' ')).any(|known| known == word) {
        return true;
    }
    [&MATTERS, &TROUBLES, &CHANGES].into_iter().any(|table| {
        table.mentioned(text).into_iter().any(|concept| (0..5).any(|column| names(table.name(concept, column))))
    })
}

/// Whether a word, in lower case, stands in a name of a general concept, so that it is no customer's own.
pub(in crate::engine) fn is_own(word: &str) -> bool {
    static WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let names = [&MATTERS, &TROUBLES, &CHANGES, &CONSEQUENCES].into_iter().flat_map(|table| table.names());
        let lower: Vec<String> = names.map(|name| name.trim_start_matches(['!', '+']).to_lowercase()).collect();
        let said = CASES.all.iter().flat_map(|case| [false, true].map(|korean| (case, korean)));
        let said = said.flat_map(|(case, korean)| {
            let statement = case.statement(korean);
            [case.title(korean).to_owned(), statement.want(korean), statement.then(korean)]
        });
        let lower: Vec<String> = lower.into_iter().chain(said.map(|text| text.to_lowercase())).collect();
        let words = lower.iter().flat_map(|name| name.split(|c: char| !c.is_alphanumeric()));
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    });
    let korean = |name: &String| name.chars().count() > 1 && !name.is_ascii() && word.starts_with(name.as_str());
    WORDS.contains(word) || (!word.is_ascii() && WORDS.iter().any(korean))
}
