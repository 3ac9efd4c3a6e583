//! Reading of GitHub's webhooks.

use super::ledger::{self, RequestFields};
use super::naming::Author;
use super::{ChangeRequest, MARKER, Payload, Receiving, branch, commits, cut, feedback, tags, target};
use crate::domain::integrations::{DeploymentReport, Effect, Landing, Report, Repository, Work};
use crate::domain::releases::DeploymentState;
use crate::domain::stories::{LinkKind, LinkProvider, LinkState};
use crate::error::Result;

const GITHUB: LinkProvider = LinkProvider::Github;
/// Where a pull request has what the ledger keeps.
const REQUEST: RequestFields<'_> = RequestFields {
    opened_at: "/created_at",
    merged_at: "/merged_at",
    head: "/head/ref",
    base: "/base/ref",
    merge_sha: &["/merge_commit_sha"],
};

/// The reports in a payload of this event (`X-GitHub-Event`); `None` where there is nothing to do for it.
///
/// # Errors
/// 422 where a required field is missing or has the wrong type.
pub fn read(event: &str, payload: &Payload<'_>, receiving: &Receiving) -> Result<Option<Vec<Report>>> {
    match event {
        "ping" => Ok(Some(Vec::new())),
        "push" => push(payload, receiving),
        "create" => create(payload),
        "delete" => delete(payload),
        "pull_request" => pull_request(payload, receiving),
        "issues" => issue(payload, receiving),
        "deployment_status" => deployment_status(payload, receiving),
        "release" => release(payload, receiving),
        // A new name is read from every hook: see [`repository`].
        "repository" => {
            let renamed = matches!(payload.text_or_empty("/action"), "renamed" | "transferred");
            Ok(renamed.then(Vec::new))
        }
        _ => Ok(None),
    }
}

/// The repository of a payload.
pub fn repository(event: &str, payload: &Payload<'_>) -> Option<Repository> {
    let id = payload.number("/repository/id").ok()?;
    let name = payload.text("/repository/full_name").ok()?;
    let (owner, own) = name.split_once('/')?;
    let before = match (event, payload.text_or_empty("/action")) {
        ("repository", "renamed") => {
            payload.text("/changes/repository/name/from").ok().map(|before| format!("{owner}/{before}"))
        }
        ("repository", "transferred") => ["user", "organization"].into_iter().find_map(|kind| {
            let before = payload.text(&format!("/changes/owner/from/{kind}/login")).ok()?;
            Some(format!("{before}/{own}"))
        }),
        _ => None,
    };
    Some(Repository { provider: GITHUB, id, name: name.to_owned(), before })
}

/// A branch of the payload's repository.
fn landing(payload: &Payload<'_>, branch: &str) -> Landing {
    let default_branch = payload.text("/repository/default_branch").ok().map(str::to_owned);
    Landing { branch: branch.to_owned(), default_branch }
}

fn push(payload: &Payload<'_>, receiving: &Receiving) -> Result<Option<Vec<Report>>> {
    let repository = payload.object("/repository")?;
    // A tag refers to commits that are known already.
    let Some(name) = payload.text("/ref")?.strip_prefix("refs/heads/") else { return Ok(None) };
    let full_name = repository.text("/full_name")?;
    let deleted = payload.flag("/deleted");
    let mut reports = vec![branch(GITHUB, full_name, name, tree(&repository, name), deleted)];
    if !deleted {
        reports.extend(commits(GITHUB, full_name, &landing(payload, name), payload)?);
        reports.push(ledger::push(GITHUB, full_name, name, payload, receiving)?);
    }
    Ok(Some(reports))
}

fn tree(repository: &Payload<'_>, branch: &str) -> String {
    format!("{}/tree/{branch}", repository.text_or_empty("/html_url"))
}

fn create(payload: &Payload<'_>) -> Result<Option<Vec<Report>>> {
    if payload.text("/ref_type")? != "branch" {
        return Ok(None);
    }
    let (repository, name) = (payload.object("/repository")?, payload.text("/ref")?);
    Ok(Some(vec![branch(GITHUB, repository.text("/full_name")?, name, tree(&repository, name), false)]))
}

fn delete(payload: &Payload<'_>) -> Result<Option<Vec<Report>>> {
    if payload.text("/ref_type")? != "branch" {
        return Ok(None);
    }
    let repository = payload.object("/repository")?;
    Ok(Some(vec![branch(GITHUB, repository.text("/full_name")?, payload.text("/ref")?, String::new(), true)]))
}

fn pull_request(payload: &Payload<'_>, receiving: &Receiving) -> Result<Option<Vec<Report>>> {
    const OF_INTEREST: [&str; 7] =
        ["opened", "reopened", "synchronize", "ready_for_review", "edited", "converted_to_draft", "closed"];
    if !OF_INTEREST.contains(&payload.text("/action")?) {
        return Ok(None);
    }
    let pull = payload.object("/pull_request")?;
    let repository = payload.object("/repository")?;
    let full_name = repository.text("/full_name")?;
    let state = match pull.text("/state")? {
        _ if pull.flag("/merged") => LinkState::Merged,
        "closed" => LinkState::Closed,
        _ if pull.flag("/draft") => LinkState::Draft,
        _ => LinkState::Open,
    };
    let head = pull.text_or_empty("/head/ref");
    let request = ChangeRequest {
        target: target(GITHUB, full_name, LinkKind::PullRequest, &pull.number("/number")?.to_string()),
        url: pull.url("/html_url"),
        state,
        author: Author::of(pull.text_or_empty("/user/login"), pull.text_or_empty("/user/type") == "Bot", head),
        title: pull.text("/title")?,
        body: pull.text_or_empty("/body"),
        head,
        base: landing(payload, pull.text_or_empty("/base/ref")),
        edited: payload.text_or_empty("/action") == "edited",
        merge_commit: pull.text_or_empty("/merge_commit_sha"),
        commits_at: repository.url("/html_url").map(|url| format!("{url}/commit")),
    };
    let kept = ledger::request(&request.target, &pull, &REQUEST, state == LinkState::Merged, receiving);
    Ok(Some(request.reports().into_iter().chain([kept]).collect()))
}

fn issue(payload: &Payload<'_>, receiving: &Receiving) -> Result<Option<Vec<Report>>> {
    const OF_INTEREST: [&str; 8] =
        ["opened", "edited", "closed", "reopened", "labeled", "unlabeled", "deleted", "transferred"];
    let action = payload.text("/action")?;
    if !OF_INTEREST.contains(&action) {
        return Ok(None);
    }
    let issue = payload.object("/issue")?;
    let full_name = payload.text("/repository/full_name")?;
    let number = issue.number("/number")?;
    let state = match (action, issue.text_or_empty("/state")) {
        ("deleted" | "transferred", _) => LinkState::Deleted,
        ("closed", _) => LinkState::Closed,
        (_, "closed") => LinkState::Closed,
        _ => LinkState::Open,
    };
    // The issue may be that of a story; then its state is the state of the link.
    let mut reports = vec![Report::Work(Work {
        target: target(GITHUB, full_name, LinkKind::Issue, &number.to_string()),
        url: issue.url("/html_url"),
        state: Some(state),
        names: Vec::new(),
        edited: false,
        effect: Effect::Nothing,
    })];
    let labels = issue.objects("/labels")?;
    let labelled = labels.iter().any(|label| label.text_or_empty("/name").eq_ignore_ascii_case(&receiving.label));
    let ours = issue.text_or_empty("/body").contains(MARKER);
    if labelled && !ours && state != LinkState::Deleted {
        let id = format!("{full_name}#{number}");
        reports.push(feedback(issue.value().clone(), "github", &id, receiving.product.as_deref())?);
    }
    Ok(Some(reports))
}

fn deployment_status(payload: &Payload<'_>, receiving: &Receiving) -> Result<Option<Vec<Report>>> {
    let (status, deployment) = (payload.object("/deployment_status")?, payload.object("/deployment")?);
    let state = match status.text("/state")? {
        "success" => DeploymentState::Succeeded,
        "failure" | "error" => DeploymentState::Failed,
        _ => return Ok(None),
    };
    let full_name = payload.text("/repository/full_name")?;
    let links = [status.url("/target_url"), status.url("/log_url")];
    Ok(Some(vec![Report::Deployment(DeploymentReport {
        product: receiving.product.clone(),
        tags: vec![tags::read(deployment.text("/ref")?)],
        environment: Some(cut(deployment.text("/environment")?, 100)),
        production: deployment.flag("/production_environment"),
        service: None,
        state,
        revision: Some(cut(deployment.text("/sha")?, 200)),
        url: links.into_iter().flatten().next(),
        external_id: cut(&format!("{full_name}/deployments/{}", deployment.number("/id")?), 300),
        inferred: false,
        at: status.time("/created_at"),
        only_scheduled: false,
    })]))
}

fn release(payload: &Payload<'_>, receiving: &Receiving) -> Result<Option<Vec<Report>>> {
    let action = payload.text("/action")?;
    // `released` is sent for each release that is not a pre-release, also when a pre-release becomes a release.
    if !matches!(action, "published" | "released") {
        return Ok(None);
    }
    let release = payload.object("/release")?;
    if release.flag("/draft") || release.flag("/prerelease") {
        return Ok(None);
    }
    let (full_name, tag) = (payload.text("/repository/full_name")?, release.text("/tag_name")?);
    Ok(Some(vec![Report::Deployment(DeploymentReport {
        product: receiving.product.clone(),
        tags: vec![tags::read(tag)],
        environment: None,
        production: true,
        service: None,
        state: DeploymentState::Succeeded,
        revision: Some(cut(tag, 200)),
        url: release.url("/html_url"),
        external_id: cut(&format!("{full_name}/releases/{}", release.number("/id")?), 300),
        inferred: true,
        // A pre-release keeps the time at which it was published.
        at: if action == "released" { release.time("/updated_at") } else { release.time("/published_at") },
        only_scheduled: false,
    })]))
}
