//! Reports of inbound hooks, independent of the system that sends them.

use serde::Serialize;
use utoipa::ToSchema;

use super::ledger::{PushReport, RequestReport};
use crate::domain::base::{Id, Time};
use crate::domain::feedback::NewFeedback;
use crate::domain::operations::alert::AlertBatch;
use crate::domain::releases::DeploymentState;
use crate::domain::stories::{LinkProvider, LinkState, LinkTarget, StoryNumber};

/// One event in another system.
#[derive(Clone, Debug)]
pub enum Report {
    /// Development work that may name stories.
    Work(Work),
    /// Feedback of a customer.
    Feedback(Box<NewFeedback>),
    /// A deployment.
    Deployment(DeploymentReport),
    /// Commits, for the ledger.
    Pushed(PushReport),
    /// A state of a pull request, for the ledger.
    Request(RequestReport),
    /// An incident of another system.
    Alerts(Box<AlertBatch>),
}

/// A branch, a commit, a pull request or an issue.
#[derive(Clone, Debug)]
pub struct Work {
    /// The branch, commit, pull request or issue.
    pub target: LinkTarget,
    /// Its URL.
    pub url: Option<String>,
    /// Its state.
    pub state: Option<LinkState>,
    /// The stories it names. Stories that are linked already need not be named.
    pub names: Vec<StoryNumber>,
    /// Whether `names` is the result of an edit. A link that was made because of a name is removed when the name is
    /// gone.
    pub edited: bool,
    /// The effect on these stories.
    pub effect: Effect,
}

/// The effect of development work on the stories it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The stories are only linked.
    Nothing,
    /// Work has begun: the stories move to `building`.
    Begins,
    /// The work was merged into this branch: the stories move to `testing` if merges to this branch count as done.
    Merges(Landing),
    /// The work reverts other work. Once it reaches a branch that counts, the stories of the reverted work are no
    /// longer done.
    Reverts {
        /// The branch it was merged into; `None` while it is not merged.
        into: Option<Landing>,
        /// The reverted work. A commit may be given by the beginning of its hash.
        of: Vec<LinkTarget>,
    },
}

/// A branch that work was merged into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landing {
    /// Its name.
    pub branch: String,
    /// The repository's default branch, where it is known.
    pub default_branch: Option<String>,
}

impl Landing {
    /// Usual names of the default branch, for hooks that do not say which one it is.
    const DEFAULTS: [&str; 4] = ["main", "master", "trunk", "develop"];

    /// Whether work merged into this branch is done: the branch matches one of `done`, in which `*` stands for any
    /// text. Without patterns, only the default branch counts.
    pub fn counts(&self, done: &[String]) -> bool {
        match &self.default_branch {
            _ if !done.is_empty() => done.iter().any(|pattern| is_like(&self.branch, pattern)),
            Some(default) => *default == self.branch,
            None => Self::DEFAULTS.contains(&self.branch.as_str()),
        }
    }
}

/// Whether a name matches a pattern in which `*` stands for any text.
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

/// A repository as a hook identifies it: the id stays the same when the repository is renamed or transferred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    pub provider: LinkProvider,
    /// The provider's id.
    pub id: u64,
    /// The present `owner/name`, or the path of the project.
    pub name: String,
    /// The previous name, where the hook reports that the repository was renamed.
    pub before: Option<String>,
}

/// The release that a tag, a branch or a version may name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleaseTag {
    /// The component of the product that the version belongs to (`app@2.1.0`), if one is named.
    pub component: Option<String>,
    /// Possible names of the release in order of likelihood. Names in one group are equally likely.
    pub ranks: Vec<Vec<String>>,
}

impl ReleaseTag {
    /// The text as it was written; empty where no release is named.
    pub fn as_written(&self) -> &str {
        self.ranks.first().and_then(|rank| rank.first()).map_or("", String::as_str)
    }

    /// Whether the text contains a version.
    pub fn is_version(&self) -> bool {
        self.ranks.len() > 1
    }
}

/// A deployment reported by another system.
#[derive(Clone, Debug)]
pub struct DeploymentReport {
    /// Key or id of the product; the default product where absent.
    pub product: Option<String>,
    /// Tags, branches or versions of the release. The first one that names a release is used.
    pub tags: Vec<ReleaseTag>,
    /// The environment; the product's production environment where absent.
    pub environment: Option<String>,
    /// Whether the report says that customers use this environment, whatever its name.
    pub production: bool,
    /// The part of the product.
    pub service: Option<String>,
    /// How it ended.
    pub state: DeploymentState,
    /// The commit, or another identifier of the deployed revision.
    pub revision: Option<String>,
    /// Its URL.
    pub url: Option<String>,
    /// The other system's id. A further report with the same id changes the deployment's state.
    pub external_id: String,
    /// Whether it is inferred from another fact, such as a published release.
    pub inferred: bool,
    /// When it took place; now where absent. A future deployment is `scheduled` until then.
    pub at: Option<Time>,
    /// Whether the report only changes a deployment that is recorded as scheduled.
    pub only_scheduled: bool,
}

crate::domain::names! {
    /// The result of a hook's delivery: it had an effect, it was received before, or there is nothing to do for it.
    pub enum HookOutcome { Handled "handled", Repeated "repeated", Ignored "ignored" }
}

/// The result of a hook's delivery.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HookAnswer {
    #[schema(inline)]
    pub outcome: HookOutcome,
    /// Stories that were linked.
    pub story_ids: Vec<Id>,
    /// Feedback that was created or updated.
    pub feedback_ids: Vec<Id>,
    /// Deployments that were recorded.
    pub deployment_ids: Vec<Id>,
    /// Incidents that were opened or changed.
    pub incident_ids: Vec<Id>,
    /// What was not done and how to correct it, one sentence each: for example, the release has not been shipped.
    #[schema(example = json!(["Release 4.3 is planned: the deployment is recorded, and the release waits for somebody to ship it."]))]
    pub notes: Vec<String>,
}

impl HookAnswer {
    /// An answer without effects.
    pub fn of(outcome: HookOutcome) -> Self {
        Self {
            outcome,
            story_ids: Vec::new(),
            feedback_ids: Vec::new(),
            deployment_ids: Vec::new(),
            incident_ids: Vec::new(),
            notes: Vec::new(),
        }
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
