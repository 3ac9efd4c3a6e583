//! Reads the event log for the live feed. Commits of this process wake it; it also checks once a second for events of
//! other instances.

use std::time::Duration;

use crate::error::Result;
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::store::Store;
use crate::store::base::events::Position;
use crate::usecase::integrations::feed::Feed;

/// How long an event of another instance may go unnoticed.
const POLL: Duration = Duration::from_secs(1);
/// How long commits are gathered, so that a busy log is not read event by event.
const GATHER: Duration = Duration::from_millis(20);

/// The job.
pub struct FeedReader {
    store: Store,
    feed: Feed,
    /// How far the log was read; nothing while nobody listens.
    place: Option<Position>,
}

impl FeedReader {
    /// Reads for those who listen to this feed.
    pub fn new(store: Store, feed: Feed) -> Self {
        Self { store, feed, place: None }
    }
}

impl Job for FeedReader {
    fn name(&self) -> &'static str {
        "feed"
    }

    fn wakes(&self) -> Wakes {
        Wakes::OnCommit { at_most: POLL, gather: GATHER }
    }

    fn work(&mut self, _: &dyn Fn() -> bool) -> Result<Step> {
        // After an error the log is read from its end on; listeners notice that they missed something.
        let from = self.place.take();
        self.place = self.feed.step(&self.store, from)?;
        Ok(if self.place.is_some() && self.place != from { Step::Done } else { Step::Idle })
    }
}
