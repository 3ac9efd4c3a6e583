//! Inbound webhooks: verification of the sender, and the reports in a payload.
//!
//! The signature is verified over the raw bytes, in constant time, before anything is parsed. Then only the required
//! fields are read, with their types. For hooks of other kinds the result is `None`: nothing to do.

pub mod alertmanager;
pub mod cdevents;
mod denial;
pub mod github;
pub mod gitlab;
pub mod grafana;
mod ledger;
mod markdown;
mod naming;
pub mod pagerduty;
mod payload;
mod reverts;
pub mod sentry;
pub mod signature;
mod tags;

use serde_json::{Value, json};

use super::import::Preset;
use super::import::formats::record::Record;
use super::import::formats::shape::Shape;
use super::import::repair::lenient;
use crate::domain::integrations::{Effect, Landing, Report, Work};
use crate::domain::stories::{LinkKind, LinkProvider, LinkState, LinkTarget};
use crate::error::{Error, Result};

use naming::Author;
pub use payload::Payload;
use reverts::Revert;

/// Marks the text of an issue as that of a story. The mark serves to find the story again, and such an issue is not
/// filed as feedback.
pub const MARKER: &str = "<!-- hearback:";

/// The settings of a receiver.
#[derive(Clone, Debug)]
pub struct Receiving {
    /// Key or id of the product that feedback and deployments are for; the default product where absent.
    pub product: Option<String>,
    /// The label that turns an issue into feedback.
    pub label: String,
}

/// The report for a branch that was pushed or deleted.
fn branch(provider: LinkProvider, repository: &str, name: &str, url: String, deleted: bool) -> Report {
    Report::Work(Work {
        target: target(provider, repository, LinkKind::Branch, name),
        url: (!deleted).then_some(url),
        state: Some(if deleted { LinkState::Deleted } else { LinkState::Open }),
        // Deleting a branch has no effect on the stories that it names.
        names: if deleted || takes_back(name) { Vec::new() } else { naming::of_branch(name) },
        edited: false,
        effect: if deleted || takes_back(name) { Effect::Nothing } else { Effect::Begins },
    })
}

/// Whether a branch has the name that GitHub and GitLab give to the branch of a revert.
fn takes_back(branch: &str) -> bool {
    let named = branch.strip_prefix("revert-").and_then(|rest| rest.split('-').next()).unwrap_or_default();
    !named.is_empty() && named.bytes().all(|b| b.is_ascii_digit()) || reverts::is_hash(named)
}

fn target(provider: LinkProvider, repository: &str, kind: LinkKind, reference: &str) -> LinkTarget {
    LinkTarget { provider, repository: repository.to_owned(), kind, reference: reference.to_owned() }
}

/// A pull request of GitHub, or a merge request of GitLab.
struct ChangeRequest<'a> {
    target: LinkTarget,
    url: Option<String>,
    state: LinkState,
    author: Author,
    title: &'a str,
    body: &'a str,
    /// The source branch.
    head: &'a str,
    /// The target branch.
    base: Landing,
    /// Whether its title or body was edited.
    edited: bool,
    /// The hash of the merge commit; empty where the request is not merged, or was merged without one.
    merge_commit: &'a str,
    /// The URL of commits, without the hash.
    commits_at: Option<String>,
}

impl ChangeRequest<'_> {
    /// The report for the request and, once it is merged, for its merge commit, because deployments name commits.
    fn reports(self) -> Vec<Report> {
        let merged = self.state == LinkState::Merged;
        let revert = reverts::read(self.title, self.body, self.head);
        let names = match &revert {
            Some(revert) => revert.names.clone(),
            None => naming::of_request(self.author, self.title, self.body, self.head),
        };
        let effect = match (revert, self.state) {
            (Some(revert), _) => {
                Effect::Reverts { into: merged.then_some(self.base), of: revert_targets(&self.target, revert) }
            }
            (None, LinkState::Open) => Effect::Begins,
            (None, LinkState::Merged) => Effect::Merges(self.base),
            (None, _) => Effect::Nothing,
        };
        let commit = (merged && !self.merge_commit.is_empty()).then(|| Work {
            target: target(self.target.provider, &self.target.repository, LinkKind::Commit, self.merge_commit),
            url: self.commits_at.map(|url| format!("{url}/{}", self.merge_commit)),
            state: None,
            names: names.clone(),
            edited: self.edited,
            effect: Effect::Nothing,
        });
        let (url, state) = (self.url, Some(self.state));
        let request = Work { target: self.target, url, state, names, edited: self.edited, effect };
        [Some(request), commit].into_iter().flatten().map(Report::Work).collect()
    }
}

/// The work that a revert undoes, in the repository of the revert.
fn revert_targets(at: &LinkTarget, revert: Revert) -> Vec<LinkTarget> {
    let of = |kind| move |reference: String| target(at.provider, &at.repository, kind, &reference);
    let requests = revert.requests.into_iter().map(of(LinkKind::PullRequest));
    requests.chain(revert.commits.into_iter().map(of(LinkKind::Commit))).collect()
}

/// The commits of a push, each with the stories that its message names. A deletion has none.
fn commits(provider: LinkProvider, repository: &str, onto: &Landing, payload: &Payload<'_>) -> Result<Vec<Report>> {
    payload.objects("/commits")?.iter().map(|one| commit(provider, repository, onto, one)).collect()
}

fn commit(provider: LinkProvider, repository: &str, onto: &Landing, commit: &Payload<'_>) -> Result<Report> {
    let (id, message) = (commit.text("/id")?, commit.text("/message")?);
    let target = target(provider, repository, LinkKind::Commit, id);
    let login = [commit.text_or_empty("/author/username"), commit.text_or_empty("/author/name")];
    let login = login.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    let (title, body) = message.split_once('\n').unwrap_or((message, ""));
    let (names, effect) = match reverts::read(title, body, "") {
        Some(revert) => {
            (revert.names.clone(), Effect::Reverts { into: Some(onto.clone()), of: revert_targets(&target, revert) })
        }
        None => (naming::of_message(Author::of(login, false, &onto.branch), message), Effect::Begins),
    };
    Ok(Report::Work(Work { target, url: commit.url("/url"), state: None, names, edited: false, effect }))
}

/// An issue as feedback, read by the rules for exports of issues.
fn feedback(issue: Value, origin: &str, external_id: &str, product: Option<&str>) -> Result<Report> {
    let none = Record::new();
    let shaped = Shape::new(Preset::Github, None).row(issue.as_object().unwrap_or(&none));
    let mut feedback = shaped.ok_or_else(|| Error::field("", "invalid", "is not an issue with words"))?;
    feedback.insert("origin".to_owned(), json!(origin));
    feedback.insert("external_id".to_owned(), json!(external_id));
    if let Some(product) = product {
        feedback.insert("product".to_owned(), json!(product));
    }
    // Minor parts of the issue that are invalid are omitted.
    let (feedback, _) = lenient(feedback)?;
    Ok(Report::Feedback(Box::new(feedback)))
}

/// The payload without NUL characters, which the databases cannot store.
pub fn without_nul(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains('\0') => Value::String(text.replace('\0', "")),
        Value::Array(items) => items.into_iter().map(without_nul).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, field)| (name, without_nul(field))).collect(),
        other => other,
    }
}

/// The text cut to at most this many characters.
fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
