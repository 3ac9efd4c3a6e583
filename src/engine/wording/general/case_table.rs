//! The table of matters that come up in products of every trade, each with a title, what must be true in the end, and how
//! customers say it.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::engine::text::likeness::{CASES as MEANINGS, Case as Meanings};
use crate::engine::text::tokens::is_function;
use crate::engine::wording::statements::statement::Statement;
use crate::engine::wording::statements::statement_ko::present;
use crate::engine::wording::statements::statement_words::finite;
use crate::engine::wording::wish::Wish;

/// A matter.
pub(in crate::engine) struct Case {
    pub wish: Wish,
    titles: [&'static str; 2],
    wanted: [&'static str; 2],
    /// The meanings of its titles and of how customers say it.
    pub meanings: &'static Meanings,
}

impl Case {
    /// Its title in one of the two languages.
    pub fn title(&self, korean: bool) -> &'static str {
        self.titles[usize::from(korean)]
    }

    /// What must be true in the end.
    pub fn statement(&self, korean: bool) -> Statement {
        let wanted = self.wanted[usize::from(korean)];
        let Some((subject, rest)) = wanted.split_once(" | ") else {
            return Statement::Know { matter: wanted.to_owned() };
        };
        match (subject, korean) {
            ("can", _) => Statement::Able { verb: rest.to_owned() },
            (_, true) => Statement::Observed {
                subject: subject.to_owned(),
                request: format!("{rest}기를"),
                observed: present(rest, false),
            },
            (_, false) => told_in_english(subject, rest),
        }
    }
}

/// "orders | arrive on time": the subject is always in the plural.
fn told_in_english(subject: &str, rest: &str) -> Statement {
    let (denied, verb) = rest.strip_prefix("not ").map_or((false, rest), |verb| (true, verb));
    let base: Vec<String> = verb.split(' ').map(str::to_owned).collect();
    let request = if denied { format!("not to {verb}") } else { format!("to {verb}") };
    let observed = finite(&base, true, denied);
    match subject {
        "customers" => Statement::Customers { request, observed },
        _ => Statement::Observed { subject: subject.to_owned(), request, observed },
    }
}

/// The matter of a theme, and whether it is clear, so that it may stand in the place of a name that the customers share.
#[derive(Clone, Copy)]
pub(in crate::engine) struct Matter {
    pub case: &'static Case,
    pub clear: bool,
    /// The share of the customers who speak of it.
    pub share: f32,
}

/// All matters.
pub(in crate::engine) struct Cases {
    pub all: Vec<Case>,
    by_title: HashMap<String, usize>,
    /// The content words of the titles.
    words: Vec<[Vec<String>; 2]>,
}

/// The table.
pub(in crate::engine) static CASES: LazyLock<Cases> = LazyLock::new(Cases::all);

impl Cases {
    fn all() -> Self {
        let case = |meanings: &'static Meanings| {
            let columns = &meanings.columns;
            let wish = match columns[0] {
                "fix" => Wish::Fix,
                "build" => Wish::Build,
                _ => Wish::Answer,
            };
            Case { wish, titles: [columns[1], columns[2]], wanted: [columns[3], columns[4]], meanings }
        };
        let all: Vec<Case> = MEANINGS.all.iter().map(case).collect();
        let named = |(at, case): (usize, &Case)| case.titles.map(|title| (title.to_lowercase(), at));
        let by_title = all.iter().enumerate().flat_map(named).collect();
        let words = all.iter().map(|case| case.titles.map(content_words)).collect();
        Cases { all, by_title, words }
    }

    /// Whether a title is a part of a title of the table: "Raise transfer" of "Raise transfer limit".
    pub fn has_longer(&self, title: &str, korean: bool) -> bool {
        let title = content_words(title);
        self.words.iter().any(|words| is_part(&title, &words[usize::from(korean)]))
    }

    /// The matter with this title, in any of the two languages.
    pub fn of_title(&self, title: &str) -> Option<&Case> {
        self.by_title.get(&title.to_lowercase()).map(|at| &self.all[*at])
    }
}

/// Whether a title says less than another one in the same words.
pub(in crate::engine) fn is_part_of(title: &str, whole: &str) -> bool {
    is_part(&content_words(title), &content_words(whole))
}

fn is_part(title: &[String], whole: &[String]) -> bool {
    title.len() < whole.len() && title.iter().all(|word| whole.contains(word))
}

fn content_words(title: &str) -> Vec<String> {
    title.to_lowercase().split(' ').filter(|word| !is_function(word)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::engine::text::likeness::TABLES;
    use crate::engine::text::words::is_korean;

    #[test]
    fn each_matter_has_its_own_title_in_both_languages() {
        let written = |table: &str| table.lines().filter(|line| !line.starts_with('#')).count() - 1;
        let lines: usize = TABLES.map(written).iter().sum();
        assert_eq!(CASES.all.len(), lines, "each line has six columns");
        assert_eq!(CASES.by_title.len(), 2 * lines, "no title twice");
        let mut ends_open = Vec::new();
        for case in &CASES.all {
            assert!(is_korean(case.title(true)) && !is_korean(case.title(false)), "{}", case.title(false));
            for title in case.titles {
                let words: Vec<String> = title.to_lowercase().split(' ').map(str::to_owned).collect();
                assert!((1..=8).contains(&words.len()), "{title}");
                ends_open.extend(words.last().filter(|word| is_function(word)).map(|_| title));
                assert!(!title.chars().any(|c| c.is_ascii_digit()), "{title}");
            }
            assert!(case.meanings.phrases.len() >= 5, "{}", case.title(false));
        }
        assert!(ends_open.is_empty(), "{ends_open:?}");
    }

    /// Verbs are put into the plural.
    #[test]
    fn the_english_subject_of_what_must_be_true_is_in_the_plural() {
        let after = [
            " of ", " for ", " with ", " in ", " that ", " who ", " from ", " to ", " at ", " on ", " made ", " sold ",
        ];
        let is_plural = |subject: &str| {
            let end = after.iter().filter_map(|word| subject.find(word)).min().unwrap_or(subject.len());
            let words: Vec<&str> = subject[..end].split(' ').collect();
            let last = words.last().copied().unwrap_or_default();
            last.ends_with('s') || ["people", "data", "salespeople"].contains(&last) || words.contains(&"and")
        };
        let subjects = CASES.all.iter().filter_map(|case| case.wanted[0].split_once(" | ")).map(|(subject, _)| subject);
        let others = ["can", "family members elsewhere", "faults within the warranty"];
        let wrong: Vec<&str> = subjects.filter(|subject| !others.contains(subject) && !is_plural(subject)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        assert!(!is_plural("overtime") && !is_plural("stock that expires first") && is_plural("people in care"));
    }

    #[test]
    fn each_matter_says_what_must_be_true_without_repeating_the_trouble() {
        let mut seen = HashSet::new();
        for case in &CASES.all {
            for korean in [false, true] {
                let statement = case.statement(korean);
                assert!(matches!(statement, Statement::Know { .. }) == (case.wish == Wish::Answer));
                let (want, then) = (statement.want(korean), statement.then(korean));
                assert!(!want.contains("  ") && !want.contains('|') && !then.contains('|'), "{want}");
                assert_eq!(is_korean(&want), korean, "{want}");
                seen.insert(then);
            }
        }
        assert!(seen.len() > CASES.all.len());
        assert!(
            is_part_of("Raise transfer", "Raise transfer limit") && !is_part_of("Card declined", "Card is declined")
        );
        let then = |title: &str, korean: bool| CASES.of_title(title).map(|case| case.statement(korean).then(korean));
        assert_eq!(then("배송 지연", true), None);
        assert_eq!(then("charged twice", false).as_deref(), Some("customers are charged only once for a purchase"));
        assert_eq!(then("앱 종료 오류", true).as_deref(), Some("앱이 종료되지 않는다"));
        assert_eq!(then("Dark mode", false).as_deref(), Some("customers can use a dark mode"));
    }
}
