//! The issue trackers of GitHub and GitLab: finding, creating, closing and reopening the issue of a story.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Request, Response};
use crate::domain::base::{Id, Time};
use crate::domain::stories::{LinkKind, LinkProvider, LinkState, LinkTarget};
use crate::domain::team::{Tracker, TrackerProvider};

/// Sends a request and waits for the answer.
pub type Send<'a> = &'a dyn Fn(Request) -> Result<Response, String>;

/// Issues a page, the most that either gives.
const PAGE: usize = 100;
/// Pages that are searched for an issue of ours. The newest come first, so it is on the first.
const MOST_PAGES: usize = 20;
/// Clocks differ: an issue is looked for among those made so much earlier too.
const SKEW: i64 = 3_600 * Time::SECOND;

/// How to get in.
#[derive(Clone, Debug)]
pub struct Access {
    /// Where the API is, without a slash at its end.
    pub api: String,
    /// A token that may write issues.
    pub token: String,
}

/// A story's issue as the tracker has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// What it is.
    pub target: LinkTarget,
    /// Its address.
    pub url: String,
    /// Whether it is open.
    pub open: bool,
}

/// Why a tracker did not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The HTTP status; `None` where there was no answer.
    pub status: Option<u16>,
    /// In a sentence, without anything the tracker said.
    pub error: String,
    /// When to try again, where it says so.
    pub after: Option<Duration>,
    /// Whether it may well do it later.
    pub may_pass: bool,
}

/// What marks the issue of a story: it stands in its text, unseen.
pub fn marker(story: Id) -> String {
    format!("{}{story} -->", super::hooks::MARKER)
}

/// One tracker's repository.
pub struct Client<'a> {
    tracker: &'a Tracker,
    access: &'a Access,
    send: Send<'a>,
}

impl<'a> Client<'a> {
    /// Speaks to a tracker through `send`.
    pub fn new(tracker: &'a Tracker, access: &'a Access, send: Send<'a>) -> Self {
        Self { tracker, access, send }
    }

    /// The issue of a story, if one was made at `since` or later: made before a crash, say, and not noted.
    ///
    /// # Errors
    /// Where the tracker can't be asked.
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

    /// A page of issues, newest first. GitHub's search lags behind by minutes, so that its issues are listed; GitLab
    /// searches its database.
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

    /// Creates the issue of a story; `text` holds the story's marker.
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

    /// Writes an issue's title and text anew; what people added below the story's marker, the last line of `text`, stays.
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

    /// Closes or reopens an issue; `done` says whether what it asks for is there.
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

    /// The address of the repository's issues.
    fn issues(&self) -> String {
        match self.tracker.provider {
            TrackerProvider::Github => format!("{}/repos/{}/issues", self.access.api, self.tracker.repository),
            // The path of a project is one segment there.
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
    /// Its state as a link has it.
    pub fn state(&self) -> LinkState {
        if self.open { LinkState::Open } else { LinkState::Closed }
    }
}

/// What an answer that is no success means: who has no token, no right or no repository today may be given it tomorrow.
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
