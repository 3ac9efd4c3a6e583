//! What inbound hooks report, whoever sends them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::base::{Id, Time};
use crate::domain::feedback::NewFeedback;
use crate::domain::releases::DeploymentState;
use crate::domain::stories::{LinkProvider, LinkState, LinkTarget, StoryNumber};

/// One thing that happened elsewhere.
#[derive(Clone, Debug)]
pub enum Report {
    /// Work that may name stories.
    Work(Work),
    /// A customer said something.
    Feedback(Box<NewFeedback>),
    /// Something runs somewhere now.
    Deployment(DeploymentReport),
}

/// A branch, a commit, a pull request or an issue.
#[derive(Clone, Debug)]
pub struct Work {
    /// What it is.
    pub target: LinkTarget,
    /// Its address.
    pub url: Option<String>,
    /// How far it is.
    pub state: Option<LinkState>,
    /// The stories it names. Stories that are linked already are known without them.
    pub names: Vec<StoryNumber>,
    /// Whether `names` is what an edit left: a link that a name made goes where the name is gone.
    pub edited: bool,
    /// What it does for these stories.
    pub effect: Effect,
}

/// What a piece of work does for the stories it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is only linked.
    Nothing,
    /// Somebody works on it: `building`.
    Begins,
    /// It was merged into this branch: `testing` where that is one that counts.
    Merges(Landing),
    /// It takes other work back: where it reached a branch that counts, its stories are not done any more.
    Reverts {
        /// The branch it reached; `None` while it reached none.
        into: Option<Landing>,
        /// The work that it takes back. A commit may be named by the beginning of its hash.
        of: Vec<LinkTarget>,
    },
}

/// A branch that work reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landing {
    /// Its name.
    pub branch: String,
    /// The repository's default branch, where that is known.
    pub default_branch: Option<String>,
}

impl Landing {
    /// What a default branch is called where a hook does not say which it is.
    const DEFAULTS: [&str; 4] = ["main", "master", "trunk", "develop"];

    /// Whether what reaches this branch is done: it is one of `done`, where `*` stands for any text, or without those
    /// the default branch.
    pub fn counts(&self, done: &[String]) -> bool {
        match &self.default_branch {
            _ if !done.is_empty() => done.iter().any(|pattern| is_like(&self.branch, pattern)),
            Some(default) => *default == self.branch,
            None => Self::DEFAULTS.contains(&self.branch.as_str()),
        }
    }
}

/// Whether a name is like a pattern in which `*` stands for any text.
fn is_like(name: &str, pattern: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return name == pattern };
    let Some(mut name) = name.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        match name.split_once(part) {
            Some((_, after)) => name = after,
            None => return false,
        }
    }
    name.ends_with(end)
}

/// A repository as a hook names it: its id stays when it is renamed or transferred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    pub provider: LinkProvider,
    /// What the provider knows it by.
    pub id: u64,
    /// `owner/name`, or the path of the project, as it is now.
    pub name: String,
    /// What it was called before, where the hook says that it was renamed.
    pub before: Option<String>,
}

/// What a tag, a branch or a version says of a release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleaseTag {
    /// The part of the product that it is a version of (`app@2.1.0`), if it names one.
    pub component: Option<String>,
    /// What the release may be called, rank by rank, the likeliest first: those of one rank are equally likely.
    pub ranks: Vec<Vec<String>>,
}

impl ReleaseTag {
    /// As it was written; empty where nothing names a release.
    pub fn as_written(&self) -> &str {
        self.ranks.first().and_then(|rank| rank.first()).map_or("", String::as_str)
    }

    /// Whether it has a version in it.
    pub fn is_version(&self) -> bool {
        self.ranks.len() > 1
    }
}

/// A deployment as another system reports it.
#[derive(Clone, Debug)]
pub struct DeploymentReport {
    /// Key or id of the product; the default product where absent.
    pub product: Option<String>,
    /// What it says of the release: a tag, a branch, a version; the first that names one counts.
    pub tags: Vec<ReleaseTag>,
    /// The product's production environment where absent.
    pub environment: Option<String>,
    /// Whether it says itself that customers get it there, whatever the environment is called.
    pub production: bool,
    /// Which part of the product.
    pub service: Option<String>,
    /// How it ended.
    pub state: DeploymentState,
    /// The commit, or whatever else says what runs.
    pub revision: Option<String>,
    /// Its address.
    pub url: Option<String>,
    /// What the other system calls it: the same again changes its state.
    pub external_id: String,
    /// When it was done; now where absent. One that is still to come is `scheduled` until then.
    pub at: Option<Time>,
    /// Whether it only changes what is recorded as scheduled.
    pub only_scheduled: bool,
}

crate::domain::names! {
    /// What became of a hook's delivery: it had its effect, it was there before, or there is nothing here to do for it.
    pub enum HookOutcome { Handled "handled", Repeated "repeated", Ignored "ignored" }
}

/// What became of a hook's delivery.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HookAnswer {
    #[schema(inline)]
    pub outcome: HookOutcome,
    /// Stories it was linked to.
    pub story_ids: Vec<Id>,
    /// Feedback that was filed or updated.
    pub feedback_ids: Vec<Id>,
    /// Deployments that were recorded.
    pub deployment_ids: Vec<Id>,
    /// What was not done, and what to do about it, a sentence each: a release that nobody has shipped, say.
    #[schema(example = json!(["Release 4.3 is planned: the deployment is recorded, and the release waits for somebody to ship it."]))]
    pub notes: Vec<String>,
}

impl HookAnswer {
    /// One without effects.
    pub fn of(outcome: HookOutcome) -> Self {
        Self { outcome, story_ids: Vec::new(), feedback_ids: Vec::new(), deployment_ids: Vec::new(), notes: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_counts_by_the_setting_or_as_the_default() {
        let landing = |branch: &str, default: Option<&str>| Landing {
            branch: branch.to_owned(),
            default_branch: default.map(str::to_owned),
        };
        let done = |patterns: &[&str]| patterns.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert!(landing("main", Some("main")).counts(&[]) && landing("main", None).counts(&[]));
        assert!(!landing("x", None).counts(&[]), "nobody says that it is");
        assert!(!landing("feature/stack", Some("main")).counts(&[]));
        assert!(!landing("main", Some("main")).counts(&done(&["develop", "release/*"])));
        assert!(landing("release/2.1", Some("main")).counts(&done(&["develop", "release/*"])));
        assert!(is_like("a-b-c", "a*c") && is_like("a-b-c", "*b*") && !is_like("a-b", "a*c") && is_like("", "*"));
    }
}
