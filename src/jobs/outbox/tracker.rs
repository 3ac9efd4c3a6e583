//! The tracker channel of the outbox: creates the issues of stories at GitHub and GitLab, and keeps them up to date.

use std::time::Duration;

use super::{AttemptOutcome, Sender};
use crate::domain::base::Actor;
use crate::domain::integrations::{Delivery, NewDelivery};
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{Link, LinkState, Story};
use crate::domain::team::{Tracker, TrackerProvider};
use crate::error::{Code, Error, Result};
use crate::outside::client::{Client, Request};
use crate::outside::trackers;
use crate::outside::trackers::{Access, Failure};
use crate::store::base::events::Logged;
use crate::store::integrations::deliveries;
use crate::store::stories::links as stored_links;
use crate::store::{Store, Tx, stories};
use crate::usecase::integrations::tracker;
use crate::usecase::stories::{issue_text, links, quoting, texts};

/// The channel's name.
const CHANNEL: &str = "tracker";

/// Creates the deliveries of an event to a tracker. Those of one story are sent in order.
pub fn fan_out(tx: &mut Tx<'_>, event: &Logged) -> Result<()> {
    let Some(task) = tracker::task(tx.conn, event)? else { return Ok(()) };
    let delivery = NewDelivery {
        channel: CHANNEL,
        target: task.story,
        subject: task.story,
        event: task.event.to_owned(),
        body: task.body,
    };
    deliveries::enqueue(tx, delivery).map(drop)
}

/// Sends deliveries to trackers.
pub struct Trackers {
    client: Client,
    github: Option<Access>,
    gitlab: Option<Access>,
    /// The public address of this server, if it is set: issues link to their stories.
    public_url: Option<String>,
}

/// Why a call to a tracker failed or was not made.
enum TrackerFailure {
    Tracker(Failure),
    Ours(Error),
}

impl From<Failure> for TrackerFailure {
    fn from(failure: Failure) -> Self {
        Self::Tracker(failure)
    }
}

impl From<Error> for TrackerFailure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl Trackers {
    /// A channel that uses `client`. Deliveries to a tracker without a token wait.
    pub fn new(client: Client, github: Option<Access>, gitlab: Option<Access>) -> Self {
        Self { client, github, gitlab, public_url: None }
    }

    /// Sets the address for links from issues to stories.
    pub fn at(self, public_url: Option<String>) -> Self {
        Self { public_url, ..self }
    }

    fn link(&self, story: &Story) -> Option<String> {
        self.public_url.as_ref().map(|url| format!("{url}/v1/stories/{}", story.id))
    }

    fn access(&self, tracker: &Tracker) -> std::result::Result<&Access, Failure> {
        let (access, setting) = match tracker.provider {
            TrackerProvider::Github => (&self.github, "HEARBACK_GITHUB_TOKEN"),
            TrackerProvider::Gitlab => (&self.gitlab, "HEARBACK_GITLAB_TOKEN"),
        };
        let missing = || Failure { status: None, error: format!("{setting} is not set."), after: None, may_pass: true };
        access.as_ref().ok_or_else(missing)
    }

    /// Updates the issue of a story to the story's current state, not to the state at the time of the event. Doing it
    /// twice has the same result as doing it once.
    fn bring_in_step(&self, store: &Store, delivery: &Delivery) -> std::result::Result<(), TrackerFailure> {
        let Some(tracker) = tracker::tracker_of(&delivery.body) else { return Ok(()) };
        let found = store.read_now(|conn| {
            let link =
                stored_links::issue_of(conn, delivery.target_id, tracker.provider.as_str(), &tracker.repository)?;
            Ok((
                stories::rows::get(conn, delivery.target_id)?,
                link,
                stored_links::first_asked(conn, delivery.target_id)?,
            ))
        });
        let (story, link, asked) = match found {
            // The story was deleted: there is nothing to update.
            Err(e) if e.code == Code::NotFound => return Ok(()),
            found => found?,
        };
        if delivery.event != tracker::SYNC {
            // The texts may be sent only after the check for quotes.
            store.write_now(Actor::AUTOMATION, move |tx| quoting::check_later(tx, story.id))?;
        }
        let marker = trackers::marker(story.id);
        let said = store.read_now(|conn| texts::for_tracker(conn, &story))?;
        let text = issue_text::write(&said, self.link(&story).as_deref(), &marker);
        let send = |request: Request| self.client.send(request);
        let client = trackers::TrackerClient::new(&tracker, self.access(&tracker)?, &send);
        let link = match link {
            Some(link) if delivery.event == tracker::REWORD => return reword(&client, &link, &said.title, &text),
            Some(link) => link,
            None if delivery.event != tracker::CREATE => return Ok(()),
            None => {
                // The issue may exist: an earlier attempt may have created it and crashed before recording it.
                let issue = match client.find(story.id, asked.unwrap_or(delivery.created_at))? {
                    Some(issue) => issue,
                    None => client.create(&said.title, &text)?,
                };
                let state = issue.state();
                store.write_now(Actor::AUTOMATION, move |tx| {
                    links::note_issue(tx, story.id, &issue.target, &issue.url, state)
                })?
            }
        };
        // Read the story again, because the tracker may have been slow.
        let now = store.read_now(|conn| stories::rows::get(conn, delivery.target_id))?;
        self.set_state(store, &client, &link, &now)
    }

    fn set_state(
        &self,
        store: &Store,
        client: &trackers::TrackerClient<'_>,
        link: &Link,
        story: &Story,
    ) -> std::result::Result<(), TrackerFailure> {
        let wanted = tracker::link_state(tracker::is_open(story.stage));
        if link.state == Some(wanted) || link.state == Some(LinkState::Deleted) {
            return Ok(());
        }
        let noted = match client.set_open(&link.reference, wanted == LinkState::Open, story.stage == Stage::Closed) {
            Ok(()) => wanted,
            // Somebody deleted the issue, which counts as closed.
            Err(failure) if failure.status == Some(410) => LinkState::Deleted,
            Err(failure) => return Err(failure.into()),
        };
        let (story, target, url) = (story.id, link.target(), link.url.clone().unwrap_or_default());
        store.write_now(Actor::AUTOMATION, move |tx| links::note_issue(tx, story, &target, &url, noted))?;
        Ok(())
    }
}

/// Removes erased text from an issue. A deleted issue contains nothing.
fn reword(
    client: &trackers::TrackerClient<'_>,
    link: &Link,
    title: &str,
    text: &str,
) -> std::result::Result<(), TrackerFailure> {
    match client.rewrite(&link.reference, title, text) {
        Err(failure) if failure.status == Some(410) => Ok(()),
        done => done.map_err(TrackerFailure::Tracker),
    }
}

impl Sender for Trackers {
    fn channel(&self) -> &'static str {
        CHANNEL
    }

    fn send(&self, store: &Store, delivery: &Delivery) -> AttemptOutcome {
        match self.bring_in_step(store, delivery) {
            Ok(()) => AttemptOutcome::Delivered { status: None },
            Err(TrackerFailure::Tracker(Failure { status, error, after, may_pass: true })) => {
                AttemptOutcome::Retry { status, error, after }
            }
            Err(TrackerFailure::Tracker(Failure { status, error, .. })) => AttemptOutcome::Dead { status, error },
            Err(TrackerFailure::Ours(error)) => AttemptOutcome::Retry {
                status: None,
                error: error.code.title().to_owned(),
                after: error.retry_after.map(|seconds| Duration::from_secs(seconds.into())),
            },
        }
    }
}
