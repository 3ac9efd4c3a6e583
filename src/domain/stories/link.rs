//! Links from stories to development work: branches, commits, pull requests, issues.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};
use crate::domain::team::TrackerProvider;

crate::domain::names! {
    /// The system that hosts the work.
    pub enum LinkProvider { Github "github", Gitlab "gitlab", Other "other" }
}

crate::domain::names! {
    /// The kind of work; a merge request is a pull request.
    pub enum LinkKind { Branch "branch", Commit "commit", PullRequest "pull_request", Issue "issue" }
}

crate::domain::names! {
    /// The state of the work; `reverted` means merged and then reverted.
    pub enum LinkState {
        Open "open", Draft "draft", Merged "merged", Closed "closed", Deleted "deleted", Reverted "reverted",
    }
}

crate::domain::names! {
    /// Why a story has a link: a person made it, the work names the story, or the work reverts work on the story.
    pub enum LinkReason { Person "person", Named "named", Revert "revert" }
}

impl From<TrackerProvider> for LinkProvider {
    fn from(provider: TrackerProvider) -> Self {
        match provider {
            TrackerProvider::Github => LinkProvider::Github,
            TrackerProvider::Gitlab => LinkProvider::Gitlab,
        }
    }
}

/// The target of a link. A story has at most one link to each target.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LinkTarget {
    pub provider: LinkProvider,
    /// `owner/name`, or the path of the project.
    pub repository: String,
    pub kind: LinkKind,
    /// The branch's name, the commit's hash, or the number.
    pub reference: String,
}

impl LinkTarget {
    /// The longest repository or reference that can be stored, in bytes.
    pub const MAX: usize = 500;

    /// Whether the target can be stored.
    pub fn fits(&self) -> bool {
        let good = |text: &str| (1..=Self::MAX).contains(&text.len());
        good(&self.repository) && good(&self.reference)
    }
}

/// A link of a story.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Link {
    pub id: Id,
    pub story_id: Id,
    pub provider: LinkProvider,
    /// `owner/name`, or the path of the project.
    #[schema(example = "acme/app")]
    pub repository: String,
    pub kind: LinkKind,
    /// The branch's name, the commit's hash, or the number.
    #[schema(example = "42")]
    pub reference: String,
    #[schema(example = "https://github.com/acme/app/pull/42")]
    pub url: Option<String>,
    /// `null` for a commit that was not reverted and reverts nothing.
    pub state: Option<LinkState>,
    /// Why the story has the link. A `named` link is removed when the work no longer names the story.
    pub reason: LinkReason,
    pub created_at: Time,
    pub updated_at: Time,
}

impl Link {
    /// The target of the link.
    pub fn target(&self) -> LinkTarget {
        LinkTarget {
            provider: self.provider,
            repository: self.repository.clone(),
            kind: self.kind,
            reference: self.reference.clone(),
        }
    }
}

/// A link to make by hand. A second request for the same target changes its URL and state.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "provider": "github", "repository": "acme/app", "kind": "pull_request", "reference": "42",
    "url": "https://github.com/acme/app/pull/42", "state": "open"
}))]
pub struct NewLink {
    #[schema(inline)]
    pub provider: LinkProvider,
    /// `owner/name`, or the path of the project.
    #[schema(min_length = 1, max_length = 120, pattern = "\\S")]
    pub repository: String,
    #[schema(inline)]
    pub kind: LinkKind,
    /// The branch's name, the commit's hash, or the number.
    #[schema(min_length = 1, max_length = 120, pattern = "\\S")]
    pub reference: String,
    #[schema(format = "uri", max_length = 2000)]
    pub url: Option<String>,
    pub state: Option<LinkState>,
}

/// The query parameters of the list of a story's links.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LinkQuery {
    #[param(inline)]
    pub kind: Option<LinkKind>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// The issue for a story, requested from its product's tracker.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IssueRequest {
    pub story_id: Id,
    #[schema(inline)]
    pub provider: TrackerProvider,
    #[schema(example = "acme/app")]
    pub repository: String,
    /// The link to the issue, once it exists.
    pub link: Option<Link>,
}
