//! Inbound hooks: who sent one, and what it reports.
//!
//! A signature is checked over the bytes as they came, in constant time, before anything of them is read. What follows is
//! typed reading of the few fields that matter; a hook of another kind is `None`, nothing to do.

pub mod cdevents;
pub mod github;
pub mod gitlab;
mod payload;
pub mod signature;

use serde_json::{Value, json};

use super::Preset;
use super::record::Record;
use super::repair::lenient;
use super::shape::Shape;
use crate::domain::stage::Stage;
use crate::domain::{LinkKind, LinkProvider, LinkState, LinkTarget, Report, Work};
use crate::error::{Error, Result};

pub use payload::Payload;

/// In the text of an issue that is a story's: by it the story is found again, and it is no customer's words.
pub const MARKER: &str = "<!-- hearback:";

/// What a receiver is set up to do.
#[derive(Clone, Debug)]
pub struct Receiving {
    /// Key or id of the product that feedback and deployments are for; the default product where absent.
    pub product: Option<String>,
    /// The label that makes an issue feedback.
    pub label: String,
}

/// A branch that was pushed or taken away.
fn branch(provider: LinkProvider, repository: &str, name: &str, url: String, deleted: bool) -> Report {
    let reaches = (!deleted).then_some(Stage::Building);
    Report::Work(Work {
        target: target(provider, repository, LinkKind::Branch, name),
        url: (!deleted).then_some(url),
        state: Some(if deleted { LinkState::Deleted } else { LinkState::Open }),
        // Who takes a branch away does nothing for what it names.
        words: if deleted { Vec::new() } else { vec![name.to_owned()] },
        reaches,
    })
}

fn target(provider: LinkProvider, repository: &str, kind: LinkKind, reference: &str) -> LinkTarget {
    LinkTarget { provider, repository: repository.to_owned(), kind, reference: reference.to_owned() }
}

/// A pull request, or a merge request: the same by another name.
struct Request<'a> {
    target: LinkTarget,
    url: Option<String>,
    state: LinkState,
    /// What may name stories.
    words: Vec<String>,
    /// The commit that merged it; empty where it is not merged, or without one.
    merge_commit: &'a str,
    /// The address of commits, without the commit.
    commits_at: Option<String>,
}

impl Request<'_> {
    /// The request itself, and once it is merged the commit that did it: what is deployed names commits.
    fn reports(self) -> Vec<Report> {
        let commit = (self.state == LinkState::Merged && !self.merge_commit.is_empty()).then(|| Work {
            target: target(self.target.provider, &self.target.repository, LinkKind::Commit, self.merge_commit),
            url: self.commits_at.map(|url| format!("{url}/{}", self.merge_commit)),
            state: None,
            words: self.words.clone(),
            reaches: None,
        });
        let reaches = match self.state {
            LinkState::Open => Some(Stage::Building),
            LinkState::Merged => Some(Stage::Testing),
            LinkState::Draft | LinkState::Closed | LinkState::Deleted => None,
        };
        let request = Work { target: self.target, url: self.url, state: Some(self.state), words: self.words, reaches };
        [Some(request), commit].into_iter().flatten().map(Report::Work).collect()
    }
}

/// The commits of a push that is no removal: each names stories by its message.
fn commits(provider: LinkProvider, repository: &str, payload: &Payload<'_>) -> Result<Vec<Report>> {
    let commit = |commit: Payload<'_>| {
        Ok(Report::Work(Work {
            target: target(provider, repository, LinkKind::Commit, commit.text("/id")?),
            url: commit.url("/url"),
            state: None,
            words: vec![commit.text("/message")?.to_owned()],
            reaches: Some(Stage::Building),
        }))
    };
    payload.objects("/commits")?.into_iter().map(commit).collect()
}

/// An issue as feedback, read by the rules that read an export of issues.
fn feedback(issue: Value, origin: &str, external_id: &str, product: Option<&str>) -> Result<Report> {
    let none = Record::new();
    let shaped = Shape::new(Preset::Github, None).row(issue.as_object().unwrap_or(&none));
    let mut said = shaped.ok_or_else(|| Error::field("", "invalid", "is not an issue with words"))?;
    said.insert("origin".to_owned(), json!(origin));
    said.insert("external_id".to_owned(), json!(external_id));
    if let Some(product) = product {
        said.insert("product".to_owned(), json!(product));
    }
    // A side matter of the issue that can't be taken is left out.
    let (said, _) = lenient(said)?;
    Ok(Report::Feedback(Box::new(said)))
}

/// What a release may be called that a tag, a branch or a version stands for, the likeliest first.
fn release_names(reference: &str) -> Vec<String> {
    let plain = reference.trim_start_matches("refs/tags/").trim_start_matches("refs/heads/");
    let last = plain.rsplit('/').next().unwrap_or(plain);
    let mut names = Vec::new();
    for name in [plain, last] {
        let bare = name.strip_prefix(['v', 'V']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        for name in [Some(name), bare].into_iter().flatten() {
            if !name.is_empty() && name.len() <= 400 && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
    names
}

/// A payload without the character that no database keeps.
pub fn without_nul(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains('\0') => Value::String(text.replace('\0', "")),
        Value::Array(items) => items.into_iter().map(without_nul).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, field)| (name, without_nul(field))).collect(),
        other => other,
    }
}

/// Cut to so many characters.
fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_a_release_with_and_without_its_v() {
        assert_eq!(release_names("v1.4.0"), ["v1.4.0", "1.4.0"]);
        assert_eq!(release_names("refs/tags/1.4.0"), ["1.4.0"]);
        assert_eq!(release_names("release/v1.4.0"), ["release/v1.4.0", "v1.4.0", "1.4.0"]);
        assert_eq!(release_names("vanilla"), ["vanilla"]);
        assert_eq!(release_names(""), [""; 0]);
    }
}
