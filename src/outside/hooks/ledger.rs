//! What the payloads of pushes and pull requests say for the ledger. Nothing in it is required: a payload without times
//! still moves stories.

use super::signature::fingerprint;
use super::{Payload, Receiving, cut};
use crate::domain::integrations::Report;
use crate::domain::integrations::ledger::{PushReport, PushedCommit, RequestReport};
use crate::domain::stories::{LinkProvider, LinkTarget};
use crate::error::Result;

/// The commits of a push to a branch.
///
/// # Errors
/// 422 where the commits are not a list of objects.
pub(super) fn push(
    provider: LinkProvider,
    repository: &str,
    branch: &str,
    payload: &Payload<'_>,
    receiving: &Receiving,
) -> Result<Report> {
    let mut commits = Vec::new();
    for commit in payload.objects("/commits")? {
        let Some(committed_at) = commit.optional_time("/timestamp").ok().flatten() else { continue };
        let sha = cut(commit.text_or_empty("/id"), 200);
        if !sha.is_empty() {
            commits.push(PushedCommit { sha, committed_at, author: author(repository, &commit) });
        }
    }
    Ok(Report::Pushed(PushReport {
        product: receiving.product.clone(),
        provider,
        repository: cut(repository, 300),
        branch: cut(branch, 300),
        commits,
    }))
}

/// A hash of the author of a commit, which differs from repository to repository; no name or address is kept.
fn author(repository: &str, commit: &Payload<'_>) -> Option<String> {
    let names = ["/author/email", "/author/username", "/author/name"];
    let name = names.into_iter().map(|name| commit.text_or_empty(name)).find(|name| !name.is_empty())?;
    Some(cut(&fingerprint(format!("{repository} {}", name.to_lowercase()).as_bytes()), 16))
}

/// The names of the fields of a pull request or merge request in its payload.
pub(super) struct RequestFields<'a> {
    pub opened_at: &'a str,
    pub merged_at: &'a str,
    pub head: &'a str,
    pub base: &'a str,
    /// Where the commit is that it became; the first that is there.
    pub merge_sha: &'a [&'a str],
}

/// The state of a pull request.
pub(super) fn request(
    target: &LinkTarget,
    payload: &Payload<'_>,
    fields: &RequestFields<'_>,
    is_merged: bool,
    receiving: &Receiving,
) -> Report {
    let time = |pointer: &str| payload.optional_time(pointer).ok().flatten();
    let merge_sha = fields.merge_sha.iter().map(|pointer| payload.text_or_empty(pointer)).find(|sha| !sha.is_empty());
    Report::Request(RequestReport {
        product: receiving.product.clone(),
        provider: target.provider,
        repository: cut(&target.repository, 300),
        number: cut(&target.reference, 100),
        head: cut(payload.text_or_empty(fields.head), 300),
        base: cut(payload.text_or_empty(fields.base), 300),
        opened_at: time(fields.opened_at),
        merged_at: time(fields.merged_at).filter(|_| is_merged),
        merge_sha: merge_sha.filter(|_| is_merged).map(|sha| cut(sha, 200)),
    })
}
