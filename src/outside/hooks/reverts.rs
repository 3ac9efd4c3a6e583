//! Reverts: recognition of work that undoes other work, as written by `git revert`, GitHub, GitLab and people.

use super::naming::{self, Author};
use crate::domain::stories::StoryNumber;

/// The references in a revert to the work that it undoes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revert {
    /// Stories in its title.
    pub names: Vec<StoryNumber>,
    /// Numbers of pull requests of the same repository.
    pub requests: Vec<String>,
    /// Hashes of commits, or their beginnings.
    pub commits: Vec<String>,
}

/// Reads a title and a body, and for a pull request the branch; `None` where it is not a revert. A revert of a revert
/// counts as ordinary work.
pub fn read(title: &str, body: &str, branch: &str) -> Option<Revert> {
    let (takes_back, inner) = unwrap(title);
    let (requests, commits) = reverted(body);
    let by_title = inner.len() < title.trim().len();
    // The body of a reapplied change names the commit that it reverts, which is the revert.
    if by_title && !takes_back || !by_title && requests.is_empty() && commits.is_empty() {
        return None;
    }
    let names = naming::of_request(Author::Person, inner, "", branch);
    Some(Revert { names, requests, commits })
}

/// Whether a title is that of a revert, and the title of the reverted work. `Revert "Revert "x""` is not a revert.
fn unwrap(title: &str) -> (bool, &str) {
    const QUOTES: [char; 4] = ['"', '“', '\'', '‘'];
    let (mut rest, mut takes_back) = (title.trim(), false);
    loop {
        let lower = rest.to_ascii_lowercase();
        let quoted = |word: &str| lower.strip_prefix(word).is_some_and(|rest| rest.trim_start().starts_with(QUOTES));
        if quoted("revert") || quoted("back out") || quoted("backout") {
            takes_back = !takes_back;
        } else if quoted("reapply") || quoted("reland") {
        } else {
            break;
        }
        rest = rest[rest.find(QUOTES).unwrap_or_default()..].trim_start_matches(QUOTES);
    }
    if rest.len() < title.trim().len() {
        return (takes_back, rest);
    }
    match plain(rest) {
        Some(inner) => (true, inner),
        None => (false, rest),
    }
}

/// The title without a plain revert mark: `revert: x`, `revert(scope)!: x`, `Revert HB-1 ...`, `Revert #21`, `Revert
/// 3f2c9ab`, `되돌리기: x`.
fn plain(title: &str) -> Option<&str> {
    const KOREAN: [&str; 5] = ["되돌리기:", "되돌림:", "리버트:", "롤백:", "원복:"];
    if let Some(word) = KOREAN.iter().find(|word| title.starts_with(*word)) {
        return Some(title[word.len()..].trim_start());
    }
    let word = ["reverts", "revert", "back out", "backout"];
    let lower = title.to_ascii_lowercase();
    let word = word.into_iter().find(|word| lower.starts_with(word))?;
    let rest = &title[word.len()..];
    let scoped = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(rest, |(_, rest)| rest);
    if let Some(inner) = scoped.trim_start_matches('!').strip_prefix(':') {
        return Some(inner.trim_start());
    }
    let inner = rest.strip_prefix(' ')?.trim_start();
    let first = inner.split_whitespace().next().unwrap_or_default().trim_end_matches([':', ',', '.']);
    let names =
        first.parse::<StoryNumber>().is_ok() || first.starts_with(['#', '!']) || is_hash(first) || first == "commit";
    names.then_some(inner)
}

/// Whether a word is a commit hash, or its beginning.
pub fn is_hash(word: &str) -> bool {
    (7..=64).contains(&word.len())
        && word.bytes().all(|b| b.is_ascii_hexdigit())
        && word.bytes().any(|b| b.is_ascii_digit())
}

/// The pull requests and commits in lines like `Reverts acme/app#21`, `This reverts commit 3f2c9ab.` and `This reverts
/// merge request !12`.
fn reverted(body: &str) -> (Vec<String>, Vec<String>) {
    let (mut requests, mut commits) = (Vec::new(), Vec::new());
    for line in body.lines().map(str::trim) {
        let lower = line.to_ascii_lowercase();
        let Some(rest) = ["this reverts ", "reverts "].iter().find_map(|start| lower.strip_prefix(start)) else {
            continue;
        };
        for word in rest.split([' ', ',']).map(|word| word.trim_end_matches(['.', ')'])) {
            let number = word.rsplit_once(['#', '!']).map(|(_, number)| number);
            let number = number.filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
            match number {
                Some(number) => requests.push(number.to_owned()),
                None if is_hash(word) => commits.push(word.to_owned()),
                None => {}
            }
        }
    }
    (requests, commits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(title: &str, body: &str) -> Option<Vec<String>> {
        read(title, body, "").map(|revert| revert.names.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn what_takes_back_is_told_from_what_does_not() {
        let one = Some(vec!["HB-1".to_owned()]);
        for title in [
            "Revert \"HB-1: show the refund date\"",
            "Revert “HB-1: show the refund date”",
            "revert: HB-1 show the refund date",
            "revert(refunds)!: HB-1",
            "Revert HB-1: show the refund date",
            "Back out \"HB-1: show the refund date\"",
            "Revert \"Revert \"Revert \"HB-1: show\"\"\"",
            "Revert \"Reapply \"HB-1: show\"\"",
            "되돌리기: HB-1 환불 날짜",
        ] {
            assert_eq!(names(title, ""), one, "{title}");
        }
        for title in [
            "HB-1: revert the layout when offline",
            "Revert to the old layout when offline (HB-1)",
            "Reverting a payment is possible, HB-1",
            "Revert \"Revert \"HB-1: show\"\"",
            "Reapply \"HB-1: show\"",
            "HB-1",
        ] {
            assert_eq!(names(title, ""), None, "{title}");
        }
        assert_eq!(names("Revert \"Revert \"HB-1: show\"\"", "Reverts acme/app#22"), None);
    }

    #[test]
    fn a_body_names_what_is_taken_back() {
        let revert = read("Undo the refunds", "Reverts acme/app#21", "").unwrap();
        assert_eq!((revert.requests, revert.names.len()), (vec!["21".to_owned()], 0));
        let hash = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1";
        let revert =
            read("x", &format!("This reverts commit {hash}, reversing\nchanges made to bbbb111."), "").unwrap();
        assert_eq!(revert.commits, [hash]);
        let revert = read("x", "This reverts merge request !12", "").unwrap();
        assert_eq!(revert.requests, ["12"]);
        assert_eq!(read("x", "It reverts nothing.\nReverts to the old layout", ""), None);
    }
}
