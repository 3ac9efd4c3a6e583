//! Client of the issue trackers of GitHub and GitLab: finds, creates, closes and reopens the issue of a story.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Request, Response};
use crate::domain::base::{Id, Time};
use crate::domain::stories::{LinkKind, LinkProvider, LinkState, LinkTarget};
use crate::domain::team::{Tracker, TrackerProvider};

/// A function that sends a request and returns the response.
pub type Send<'a> = &'a dyn Fn(Request) -> Result<Response, String>;

/// Issues per page: the maximum of both APIs.
const PAGE: usize = 100;
/// How many pages are searched for an issue of ours. The newest issues come first, so it is usually on the first page.
const MOST_PAGES: usize = 20;
/// Tolerance for clock differences: issues that are this much older are searched too.
const SKEW: i64 = 3_600 * Time::SECOND;

/// The credentials of a tracker.
#[derive(Clone, Debug)]
pub struct Access {
    /// The URL of the API, without a final slash.
    pub api: String,
    /// A token with the right to write issues.
    pub token: String,
}

/// The issue of a story in the tracker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The target for a link.
    pub target: LinkTarget,
    /// Its URL.
    pub url: String,
    /// Whether it is open.
    pub open: bool,
}

/// Why a request to the tracker failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The HTTP status; `None` where there was no response.
    pub status: Option<u16>,
    /// The error as a sentence, without content of the response.
    pub error: String,
    /// When to try again, if the tracker says so.
    pub after: Option<Duration>,
    /// Whether a later attempt may succeed.
    pub may_pass: bool,
}

/// The invisible mark in the text of a story's issue, by which the issue is found again.
pub fn marker(story: Id) -> String {
    format!("{}{story} -->", super::hooks::MARKER)
}

/// One tracker's repository.
pub struct TrackerClient<'a> {
    tracker: &'a Tracker,
    access: &'a Access,
    send: Send<'a>,
}

impl<'a> TrackerClient<'a> {
    /// A client that sends its requests through `send`.
    pub fn new(tracker: &'a Tracker, access: &'a Access, send: Send<'a>) -> Self {
        Self { tracker, access, send }
    }

    /// The issue of a story, if one was created at `since` or later, for example before a crash that lost its number.
    ///
    /// # Errors
    /// Where the tracker does not answer.
    pub fn find(&self, story: Id, since: Time) -> Result<Option<Issue>, Failure> {
        let marker = marker(story);
        let text = match self.tracker.provider {
            TrackerProvider::Github => "body",
            TrackerProvider::Gitlab => "description",
        };
        for page in 1..=MOST_PAGES {
            let found = self.call("GET", &self.search(story, page), None)?;
            let found = found.as_array().cloned().unwrap_or_default();
            let ours = |issue: &&Value| issue[text].as_str().is_some_and(|text| text.contains(&marker));
            if let Some(issue) = found.iter().find(ours) {
                return self.issue(issue).map(Some);
            }
            let oldest = found.last().and_then(|issue| Time::parse(issue["created_at"].as_str()?));
            if found.len() < PAGE || oldest.is_some_and(|oldest| oldest < since.plus(-SKEW)) {
                break;
            }
        }
        Ok(None)
    }

    /// The URL of one page of issues, newest first. GitHub's search index is delayed by minutes, so its issues are
    /// listed; GitLab searches its database.
    fn search(&self, story: Id, page: usize) -> String {
        match self.tracker.provider {
            TrackerProvider::Github => {
                format!("{}?state=all&sort=created&direction=desc&per_page={PAGE}&page={page}", self.issues())
            }
            TrackerProvider::Gitlab => format!(
                "{}?scope=all&in=description&search={story}&order_by=created_at&sort=desc&per_page={PAGE}&page={page}",
                self.issues()
            ),
        }
    }

    /// Creates the issue of a story; `text` contains the story's mark.
    ///
    /// # Errors
    /// Where the tracker refuses it.
    pub fn create(&self, title: &str, text: &str) -> Result<Issue, Failure> {
        let input = match self.tracker.provider {
            TrackerProvider::Github => json!({ "title": title, "body": text }),
            TrackerProvider::Gitlab => json!({ "title": title, "description": text }),
        };
        let made = self.call("POST", &self.issues(), Some(&input))?;
        self.issue(&made)
    }

    /// Replaces an issue's title and text. What people added below the story's mark, which is the last line of `text`,
    /// stays.
    ///
    /// # Errors
    /// Where the tracker refuses it.
    pub fn rewrite(&self, number: &str, title: &str, text: &str) -> Result<(), Failure> {
        let (method, field) = match self.tracker.provider {
            TrackerProvider::Github => ("PATCH", "body"),
            TrackerProvider::Gitlab => ("PUT", "description"),
        };
        let url = format!("{}/{number}", self.issues());
        let before = self.call("GET", &url, None)?;
        let marker = text.trim_end().lines().last().unwrap_or_default();
        let added = before[field].as_str().and_then(|text| text.split_once(marker)).map_or("", |(_, added)| added);
        let text = format!("{}{added}", text.trim_end());
        self.call(method, &url, Some(&json!({ "title": title, field: text }))).map(drop)
    }

    /// Closes or reopens an issue; `done` says whether the story was completed.
    ///
    /// # Errors
    /// Where the tracker refuses it.
    pub fn set_open(&self, number: &str, open: bool, done: bool) -> Result<(), Failure> {
        let (method, input) = match (self.tracker.provider, open) {
            (TrackerProvider::Github, true) => ("PATCH", json!({ "state": "open", "state_reason": "reopened" })),
            (TrackerProvider::Github, false) => {
                let reason = if done { "completed" } else { "not_planned" };
                ("PATCH", json!({ "state": "closed", "state_reason": reason }))
            }
            (TrackerProvider::Gitlab, true) => ("PUT", json!({ "state_event": "reopen" })),
            (TrackerProvider::Gitlab, false) => ("PUT", json!({ "state_event": "close" })),
        };
        self.call(method, &format!("{}/{number}", self.issues()), Some(&input)).map(drop)
    }

    /// The URL of the repository's issues.
    fn issues(&self) -> String {
        match self.tracker.provider {
            TrackerProvider::Github => format!("{}/repos/{}/issues", self.access.api, self.tracker.repository),
            // GitLab expects the path of a project as one URL segment.
            TrackerProvider::Gitlab => {
                format!("{}/projects/{}/issues", self.access.api, self.tracker.repository.replace('/', "%2F"))
            }
        }
    }

    fn headers(&self) -> Vec<(String, String)> {
        let own = match self.tracker.provider {
            TrackerProvider::Github => vec![
                ("Authorization", format!("Bearer {}", self.access.token)),
                ("Accept", "application/vnd.github+json".to_owned()),
                ("X-GitHub-Api-Version", "2022-11-28".to_owned()),
            ],
            TrackerProvider::Gitlab => vec![("PRIVATE-TOKEN", self.access.token.clone())],
        };
        own.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn call(&self, method: &'static str, url: &str, input: Option<&Value>) -> Result<Value, Failure> {
        let mut headers = self.headers();
        if input.is_some() {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        let body = input.map(Value::to_string).unwrap_or_default().into_bytes();
        let request = Request { method, url: url.to_owned(), headers, body };
        let answer =
            (self.send)(request).map_err(|error| Failure { status: None, error, after: None, may_pass: true })?;
        if !(200..300).contains(&answer.status) {
            return Err(failure(&answer));
        }
        serde_json::from_slice(&answer.body).map_err(|_| Failure {
            status: Some(answer.status),
            error: "The tracker's answer can't be read.".to_owned(),
            after: None,
            may_pass: true,
        })
    }

    fn issue(&self, shown: &Value) -> Result<Issue, Failure> {
        let (number, url, open) = match self.tracker.provider {
            TrackerProvider::Github => ("number", "html_url", "open"),
            TrackerProvider::Gitlab => ("iid", "web_url", "opened"),
        };
        let Some(reference) = shown[number].as_u64() else {
            let error = "The tracker's answer names no issue.".to_owned();
            return Err(Failure { status: None, error, after: None, may_pass: true });
        };
        Ok(Issue {
            target: LinkTarget {
                provider: LinkProvider::from(self.tracker.provider),
                repository: self.tracker.repository.clone(),
                kind: LinkKind::Issue,
                reference: reference.to_string(),
            },
            url: shown[url].as_str().unwrap_or_default().to_owned(),
            open: shown["state"] == open,
        })
    }
}

impl Issue {
    /// The state in the form of a link.
    pub fn state(&self) -> LinkState {
        if self.open { LinkState::Open } else { LinkState::Closed }
    }
}

/// Interprets an unsuccessful response. A missing token, right or repository may be corrected later.
fn failure(answer: &Response) -> Failure {
    let error = match answer.status {
        401 => "The tracker does not know the token.",
        403 | 429 => "The tracker does not allow it now: the token may not, or it asked too often.",
        404 => "The tracker has no such repository or issue, or the token may not see it.",
        410 => "The repository keeps no issues, or the issue is gone.",
        400 | 422 => "The tracker refuses the issue as it is.",
        300..400 => "The tracker has moved: set the address it is at now.",
        _ => "The tracker failed.",
    };
    let may_pass = matches!(answer.status, 401 | 403 | 404 | 408 | 409 | 425 | 429 | 500..);
    Failure { status: Some(answer.status), error: error.to_owned(), after: answer.retry_after(), may_pass }
}
