//! Reading of GitLab's webhooks.

use serde_json::{Value, json};

use super::ledger::{self, RequestFields};
use super::naming::Author;
use super::{ChangeRequest, MARKER, Payload, Receiving, branch, commits, cut, feedback, tags, target};
use crate::domain::integrations::{DeploymentReport, Effect, Landing, Report, Repository, Work};
use crate::domain::releases::DeploymentState;
use crate::domain::stories::{LinkKind, LinkProvider, LinkState};
use crate::error::Result;

const GITLAB: LinkProvider = LinkProvider::Gitlab;
/// Where a merge request has what the ledger keeps. Its hook has no time of the merge: it is the last change then.
const REQUEST: RequestFields<'_> = RequestFields {
    opened_at: "/created_at",
    merged_at: "/updated_at",
    head: "/source_branch",
    base: "/target_branch",
    merge_sha: &["/merge_commit_sha", "/squash_commit_sha"],
};

/// The reports in a payload of this event (`X-Gitlab-Event`); `None` where there is nothing to do for it.
///
/// # Errors
/// 422 where a required field is missing or has the wrong type.
pub fn read(event: &str, payload: &Payload<'_>, receiving: &Receiving) -> Result<Option<Vec<Report>>> {
    match event {
        "Push Hook" => push(payload, receiving),
        "Merge Request Hook" => merge_request(payload, receiving),
        "Issue Hook" | "Confidential Issue Hook" => issue(payload, receiving),
        "Deployment Hook" => deployment(payload, receiving),
        "Release Hook" => release(payload, receiving),
        _ => Ok(None),
    }
}

/// The project of a payload. Hooks of every kind contain its present name.
pub fn repository(payload: &Payload<'_>) -> Option<Repository> {
    let name = payload.text("/project/path_with_namespace").ok()?.to_owned();
    Some(Repository { provider: GITLAB, id: payload.number("/project/id").ok()?, name, before: None })
}

/// A branch of the payload's project.
fn landing(payload: &Payload<'_>, branch: &str) -> Landing {
    let default_branch = payload.text("/project/default_branch").ok().map(str::to_owned);
    Landing { branch: branch.to_owned(), default_branch }
}

fn push(payload: &Payload<'_>, receiving: &Receiving) -> Result<Option<Vec<Report>>> {
    let Some(name) = payload.text("/ref")?.strip_prefix("refs/heads/") else { return Ok(None) };
    let project = payload.object("/project")?;
    let path = project.text("/path_with_namespace")?;
    let url = format!("{}/-/tree/{name}", project.text_or_empty("/web_url"));
    // A push without a final commit deletes the branch.
    let deleted = payload.text("/after")?.bytes().all(|digit| digit == b'0');
    let mut reports = vec![branch(GITLAB, path, name, url, deleted)];
    if !deleted {
        reports.extend(commits(GITLAB, path, &landing(payload, name), payload)?);
        reports.push(ledger::push(GITLAB, path, name, payload, receiving)?);
    }
    Ok(Some(reports))
}

fn merge_request(payload: &Payload<'_>, receiving: &Receiving) -> Result<Option<Vec<Report>>> {
    const OF_INTEREST: [&str; 6] = ["", "open", "close", "reopen", "update", "merge"];
    let merge = payload.object("/object_attributes")?;
    let action = merge.text_or_empty("/action");
    if !OF_INTEREST.contains(&action) {
        return Ok(None);
    }
    let project = payload.object("/project")?;
    let path = project.text("/path_with_namespace")?;
    let state = match merge.text("/state")? {
        "merged" => LinkState::Merged,
        "closed" => LinkState::Closed,
        _ if merge.flag("/draft") || merge.flag("/work_in_progress") => LinkState::Draft,
        _ => LinkState::Open,
    };
    let head = merge.text_or_empty("/source_branch");
    // The hook has the name of the acting user. The author of the merge request is known only by number, unless both
    // are the same.
    let acts = merge.number("/author_id").ok() == payload.number("/user/id").ok();
    let login = if acts { payload.text_or_empty("/user/username") } else { "" };
    let request = ChangeRequest {
        target: target(GITLAB, path, LinkKind::PullRequest, &merge.number("/iid")?.to_string()),
        url: merge.url("/url"),
        state,
        author: Author::of(login, false, head),
        title: merge.text("/title")?,
        body: merge.text_or_empty("/description"),
        head,
        base: landing(payload, merge.text_or_empty("/target_branch")),
        edited: action == "update",
        merge_commit: merge.text_or_empty("/merge_commit_sha"),
        commits_at: project.url("/web_url").map(|url| format!("{url}/-/commit")),
    };
    let kept = ledger::request(&request.target, &merge, &REQUEST, state == LinkState::Merged, receiving);
    Ok(Some(request.reports().into_iter().chain([kept]).collect()))
}

fn issue(payload: &Payload<'_>, receiving: &Receiving) -> Result<Option<Vec<Report>>> {
    const OF_INTEREST: [&str; 5] = ["", "open", "close", "reopen", "update"];
    let issue = payload.object("/object_attributes")?;
    if !OF_INTEREST.contains(&issue.text_or_empty("/action")) {
        return Ok(None);
    }
    let path = payload.text("/project/path_with_namespace")?;
    let iid = issue.number("/iid")?;
    let state = if issue.text_or_empty("/state") == "closed" { LinkState::Closed } else { LinkState::Open };
    let mut reports = vec![Report::Work(Work {
        target: target(GITLAB, path, LinkKind::Issue, &iid.to_string()),
        url: issue.url("/url"),
        state: Some(state),
        names: Vec::new(),
        edited: false,
        effect: Effect::Nothing,
    })];
    let labels = payload.objects("/labels")?;
    let labels: Vec<&str> = labels.iter().map(|label| label.text_or_empty("/title")).collect();
    let labelled = labels.iter().any(|label| label.eq_ignore_ascii_case(&receiving.label));
    if labelled && !issue.text_or_empty("/description").contains(MARKER) {
        let issue = as_github(payload, &issue, &labels)?;
        reports.push(feedback(issue, "gitlab", &format!("{path}#{iid}"), receiving.product.as_deref())?);
    }
    Ok(Some(reports))
}

/// The issue with GitHub's field names, so that the rules for exports of issues can read it.
fn as_github(payload: &Payload<'_>, issue: &Payload<'_>, labels: &[&str]) -> Result<Value> {
    // The hook has the name of the acting user. The author of the issue is known only by number, unless both are the
    // same.
    let author = issue.number("/author_id").ok();
    let acts = payload.number("/user/id").ok();
    let login = payload.text_or_empty("/user/username");
    let user = (author.is_some() && author == acts && !login.is_empty()).then(|| json!({ "login": login }));
    Ok(json!({
        "number": issue.number("/iid")?,
        "title": issue.text("/title")?,
        "body": issue.text_or_empty("/description"),
        "html_url": issue.url("/url"),
        "created_at": issue.text_or_empty("/created_at"),
        "state": issue.text_or_empty("/state"),
        "labels": labels.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        "user": user,
    }))
}

fn deployment(payload: &Payload<'_>, receiving: &Receiving) -> Result<Option<Vec<Report>>> {
    let state = match payload.text("/status")? {
        "success" => DeploymentState::Succeeded,
        "failed" => DeploymentState::Failed,
        _ => return Ok(None),
    };
    let path = payload.text("/project/path_with_namespace")?;
    let revision = payload.text_or_empty("/commit_url").rsplit('/').next().filter(|sha| !sha.is_empty());
    let revision = revision.unwrap_or(payload.text_or_empty("/short_sha"));
    Ok(Some(vec![Report::Deployment(DeploymentReport {
        product: receiving.product.clone(),
        tags: vec![tags::read(payload.text_or_empty("/ref"))],
        environment: Some(cut(payload.text("/environment")?, 100)),
        production: payload.text_or_empty("/environment_tier") == "production",
        service: None,
        state,
        revision: (!revision.is_empty()).then(|| cut(revision, 200)),
        url: payload.url("/deployable_url"),
        external_id: cut(&format!("{path}/deployments/{}", payload.number("/deployment_id")?), 300),
        inferred: false,
        at: None,
        only_scheduled: false,
    })]))
}

fn release(payload: &Payload<'_>, receiving: &Receiving) -> Result<Option<Vec<Report>>> {
    let action = payload.text("/action")?;
    if !matches!(action, "create" | "update" | "delete") {
        return Ok(None);
    }
    let (path, tag) = (payload.text("/project/path_with_namespace")?, payload.text("/tag")?);
    Ok(Some(vec![Report::Deployment(DeploymentReport {
        product: receiving.product.clone(),
        tags: vec![tags::read(tag)],
        environment: None,
        production: true,
        service: None,
        // A scheduled release that is deleted will never be deployed.
        state: if action == "delete" { DeploymentState::Failed } else { DeploymentState::Succeeded },
        revision: Some(cut(tag, 200)),
        url: payload.url("/url"),
        external_id: cut(&format!("{path}/releases/{tag}"), 300),
        inferred: true,
        // An upcoming release has its date in the future.
        at: payload.optional_time("/released_at")?,
        // Later changes of a release, such as of its notes, do not undo a deployment.
        only_scheduled: action != "create",
    })]))
}
