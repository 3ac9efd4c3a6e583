//! The ledger of commits and pull requests: what hooks of GitHub and GitLab report of them, and which of them a deployment
//! carries.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::base::Time;

/// A commit as it was pushed to a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    pub repository: String,
    pub branch: String,
    pub sha: String,
    pub committed_at: Time,
    pub pushed_at: Time,
    /// Its place in the push.
    pub position: i32,
    /// A hash of the author in this repository.
    pub author: Option<String>,
    /// The number of the pull request that it belongs to.
    pub request: Option<String>,
}

/// A pull request of GitHub or a merge request of GitLab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    pub repository: String,
    pub number: String,
    /// The source branch.
    pub head: String,
    /// The target branch.
    pub base: String,
    pub opened_at: Option<Time>,
    pub merged_at: Option<Time>,
    /// The commit that it became on its base.
    pub merge_sha: Option<String>,
}

crate::domain::names! {
    /// How a change is known to be in a deployment: the reporter named it (`explicit`), it was pushed between the revision
    /// deployed before and this one (`pushed`), or a story of the release is linked to it (`story`).
    pub enum ChangeOrigin { Explicit "explicit", Pushed "pushed", Story "story" }
}

/// A change that a deployment carries: a pull request, or a commit without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The hash of the commit, or the pull request as `owner/name#12`.
    pub name: String,
    /// When its first commit was made.
    pub committed_at: Time,
    /// When its pull request was merged.
    pub merged_at: Option<Time>,
    pub how: ChangeOrigin,
    /// Hashes of its authors.
    pub authors: Vec<String>,
}

/// A change that the reporter of a deployment names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChange {
    #[schema(min_length = 1, max_length = 200, pattern = "\\S", example = "9f1b2c4")]
    pub sha: String,
    /// When it was committed.
    pub committed_at: Time,
}

/// The commits and pull requests of a product, to look up what lies between two revisions.
#[derive(Debug, Default)]
pub struct Ledger {
    /// By repository and branch, in the order of the branch.
    branches: BTreeMap<(String, String), Vec<Commit>>,
    requests: BTreeMap<(String, String), PullRequest>,
    /// The pull request of each commit that is known to belong to one.
    request_of: HashMap<(String, String), String>,
    /// What is known of the commits of each pull request.
    own_commits: HashMap<(String, String), OwnCommits>,
}

/// The commits of a pull request.
#[derive(Debug)]
struct OwnCommits {
    first: Time,
    authors: BTreeSet<String>,
}

/// The fewest characters by which a commit may be named.
const SHORT: usize = 7;

impl Ledger {
    /// The ledger of these commits and pull requests.
    pub fn new(mut commits: Vec<Commit>, requests: Vec<PullRequest>) -> Self {
        commits.sort_by(|a, b| (a.pushed_at, a.position, &a.sha).cmp(&(b.pushed_at, b.position, &b.sha)));
        let mut ledger = Self::default();
        for request in requests {
            let number = request.number.clone();
            if let Some(sha) = &request.merge_sha {
                ledger.request_of.insert((request.repository.clone(), sha.clone()), number.clone());
            }
            ledger.requests.insert((request.repository.clone(), number), request);
        }
        for commit in commits {
            if let Some(number) = &commit.request {
                ledger.note_own(number, &commit);
                ledger.request_of.insert((commit.repository.clone(), commit.sha.clone()), number.clone());
            }
            ledger.branches.entry((commit.repository.clone(), commit.branch.clone())).or_default().push(commit);
        }
        ledger
    }

    /// Notes that a commit belongs to a pull request; the one that it became on its base does not.
    fn note_own(&mut self, number: &str, commit: &Commit) {
        let key = (commit.repository.clone(), number.to_owned());
        let merge_sha = self.requests.get(&key).and_then(|request| request.merge_sha.as_deref());
        if merge_sha == Some(commit.sha.as_str()) {
            return;
        }
        let fresh = || OwnCommits { first: commit.committed_at, authors: BTreeSet::new() };
        let own = self.own_commits.entry(key).or_insert_with(fresh);
        own.first = own.first.min(commit.committed_at);
        own.authors.extend(commit.author.clone());
    }

    /// The changes after one revision up to another, on a branch that has both; `None` where no branch has both. Without
    /// commits between them, the list is empty.
    pub fn between(&self, before: &str, revision: &str) -> Option<Vec<Change>> {
        let spans = self.branches.values().filter_map(|branch| {
            let end = branch.iter().rposition(|commit| is_named(&commit.sha, revision))?;
            let start = branch.iter().rposition(|commit| is_named(&commit.sha, before))?;
            // An older revision carries nothing new.
            Some(branch.get(start + 1..=end).unwrap_or_default())
        });
        // A branch that was cut from the main one may have both too, with more commits of its own.
        let span = spans.min_by_key(|span| span.len())?;
        Some(self.changes(span, ChangeOrigin::Pushed))
    }

    /// The commits with these hashes as changes, and the pull requests with these numbers.
    pub fn named(&self, shas: &[String], numbers: &[(String, String)]) -> Vec<Change> {
        let all = self.branches.values().flatten();
        let mut commits: Vec<Commit> = Vec::new();
        for commit in all.filter(|commit| shas.iter().any(|sha| is_named(&commit.sha, sha))) {
            if !commits.iter().any(|known| known.sha == commit.sha) {
                commits.push(commit.clone());
            }
        }
        let mut changes = self.changes(&commits, ChangeOrigin::Story);
        for key in numbers {
            let Some(request) = self.requests.get(key).filter(|request| request.merged_at.is_some()) else { continue };
            let change = self.request_change(request, ChangeOrigin::Story);
            if let Some(change) = change.filter(|change| !changes.iter().any(|known| known.name == change.name)) {
                changes.push(change);
            }
        }
        changes
    }

    /// Commits as changes: those of one pull request are one change.
    fn changes(&self, commits: &[Commit], how: ChangeOrigin) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::new();
        for commit in commits {
            let number = self.request_of.get(&(commit.repository.clone(), commit.sha.clone()));
            let request = number.and_then(|number| self.requests.get(&(commit.repository.clone(), number.clone())));
            let of_request = request.and_then(|request| self.request_change(request, how));
            let change = of_request.unwrap_or_else(|| Change {
                name: commit.sha.clone(),
                committed_at: commit.committed_at,
                merged_at: None,
                how,
                authors: commit.author.iter().cloned().collect(),
            });
            if !changes.iter().any(|known| known.name == change.name) {
                changes.push(change);
            }
        }
        changes
    }

    /// A pull request as a change, from the first of its commits that is known; a request without known commits, as from a
    /// fork, from when it was opened.
    fn request_change(&self, request: &PullRequest, how: ChangeOrigin) -> Option<Change> {
        let own = self.own_commits.get(&(request.repository.clone(), request.number.clone()));
        let first = own.map(|own| own.first);
        let authors = own.map(|own| own.authors.iter().cloned().collect()).unwrap_or_default();
        let committed_at = first.or(request.opened_at)?;
        Some(Change {
            name: format!("{}#{}", request.repository, request.number),
            committed_at,
            merged_at: request.merged_at,
            how,
            authors,
        })
    }
}

/// Whether a text names this commit: its hash, the beginning of it, or a package URL with it as the version.
fn is_named(sha: &str, text: &str) -> bool {
    let version = text.strip_prefix("pkg:").and_then(|package| package.rsplit_once('@')).map(|(_, version)| version);
    let text = version.map_or(text, |version| version.split(['?', '#']).next().unwrap_or(version));
    sha == text || (text.len() >= SHORT && sha.starts_with(text)) || (sha.len() >= SHORT && text.starts_with(sha))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Time {
        Time(hour * 3600 * Time::SECOND)
    }

    fn commit(branch: &str, sha: &str, committed: i64, pushed: i64, request: Option<&str>) -> Commit {
        Commit {
            repository: "acme/app".to_owned(),
            branch: branch.to_owned(),
            sha: sha.to_owned(),
            committed_at: at(committed),
            pushed_at: at(pushed),
            position: 0,
            author: Some(format!("author of {sha}")),
            request: request.map(str::to_owned),
        }
    }

    fn request(number: &str, merge_sha: Option<&str>) -> PullRequest {
        PullRequest {
            repository: "acme/app".to_owned(),
            number: number.to_owned(),
            head: "topic".to_owned(),
            base: "main".to_owned(),
            opened_at: Some(at(5)),
            merged_at: merge_sha.map(|_| at(9)),
            merge_sha: merge_sha.map(str::to_owned),
        }
    }

    fn shown(changes: Option<Vec<Change>>) -> Vec<(String, i64)> {
        let hours = |change: Change| (change.name, change.committed_at.0 / (3600 * Time::SECOND));
        changes.expect("both revisions are known").into_iter().map(hours).collect()
    }

    #[test]
    fn a_squashed_pull_request_is_one_change_from_its_first_commit() {
        let commits = vec![
            commit("main", "aaaaaaa", 1, 1, None),
            commit("topic", "bbbbbbb", 3, 3, Some("7")),
            commit("topic", "ccccccc", 4, 4, Some("7")),
            commit("main", "ddddddd", 9, 9, None),
        ];
        let ledger = Ledger::new(commits, vec![request("7", Some("ddddddd"))]);
        assert_eq!(shown(ledger.between("aaaaaaa", "ddddddd")), [("acme/app#7".to_owned(), 3)]);
    }

    #[test]
    fn a_merged_branch_with_all_its_commits_is_one_change_too() {
        let commits = vec![
            commit("main", "aaaaaaa", 1, 1, None),
            commit("topic", "bbbbbbb", 3, 3, Some("7")),
            commit("main", "bbbbbbb", 3, 9, None),
            commit("main", "ddddddd", 9, 9, None),
        ];
        let ledger = Ledger::new(commits, vec![request("7", Some("ddddddd"))]);
        assert_eq!(shown(ledger.between("aaaaaaa", "ddddddd")), [("acme/app#7".to_owned(), 3)]);
    }

    #[test]
    fn commits_pushed_to_the_trunk_without_a_pull_request_are_changes() {
        let commits = vec![
            commit("main", "aaaaaaa", 1, 1, None),
            commit("main", "bbbbbbb", 2, 2, None),
            commit("main", "ccccccc", 3, 3, None),
        ];
        let ledger = Ledger::new(commits, Vec::new());
        let both = [("bbbbbbb".to_owned(), 2), ("ccccccc".to_owned(), 3)];
        assert_eq!(shown(ledger.between("aaaaaaa", "ccccccc99")), both, "one of the two hashes is cut");
        assert_eq!(ledger.between("aaaaaaa", "eeeeeee"), None, "not pushed");
        assert_eq!(shown(ledger.between("ccccccc", "aaaaaaa")), [], "an older revision");
    }

    #[test]
    fn a_pull_request_of_a_fork_counts_from_when_it_was_opened() {
        let commits = vec![commit("main", "aaaaaaa", 1, 1, None), commit("main", "ddddddd", 9, 9, None)];
        let ledger = Ledger::new(commits, vec![request("8", Some("ddddddd"))]);
        assert_eq!(shown(ledger.between("aaaaaaa", "ddddddd")), [("acme/app#8".to_owned(), 5)]);
    }

    #[test]
    fn a_pull_request_that_was_not_merged_is_in_no_deployment() {
        let commits = vec![
            commit("main", "aaaaaaa", 1, 1, None),
            commit("topic", "bbbbbbb", 3, 3, Some("7")),
            commit("main", "ddddddd", 9, 9, None),
        ];
        let ledger = Ledger::new(commits, vec![request("7", None)]);
        assert_eq!(shown(ledger.between("aaaaaaa", "ddddddd")), [("ddddddd".to_owned(), 9)]);
        assert_eq!(ledger.named(&[], &[("acme/app".to_owned(), "7".to_owned())]), []);
    }
}
