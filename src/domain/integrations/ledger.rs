//! What hooks report for the ledger of commits and pull requests.

use crate::domain::base::Time;
use crate::domain::stories::LinkProvider;

/// A push to a branch.
#[derive(Clone, Debug)]
pub struct PushReport {
    /// Key or id of the product; the default product where absent.
    pub product: Option<String>,
    pub provider: LinkProvider,
    pub repository: String,
    pub branch: String,
    /// In the order of the branch.
    pub commits: Vec<PushedCommit>,
}

/// A commit of a push.
#[derive(Clone, Debug)]
pub struct PushedCommit {
    pub sha: String,
    pub committed_at: Time,
    /// A hash of the author in this repository.
    pub author: Option<String>,
}

/// A state of a pull request.
#[derive(Clone, Debug)]
pub struct RequestReport {
    /// Key or id of the product; the default product where absent.
    pub product: Option<String>,
    pub provider: LinkProvider,
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
