//! Live distribution of new events: one reader of the event log, the job `feed`, for all listeners.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast::{Receiver, Sender, channel};

use crate::error::Result;
use crate::store::Store;
use crate::store::base::events::{self, Logged, Position};

/// Batches that a listener may be behind; a slower one reads the log itself.
const BEHIND: usize = 64;
/// Events read at a time.
const BATCH: i64 = 500;

/// Consecutive events of the log.
#[derive(Clone, Debug)]
pub struct EventBatch {
    /// The position before the first event. A listener that has not reached it has missed events.
    pub from: Position,
    /// The events in commit order; may be empty.
    pub events: Vec<Logged>,
}

/// Sends new events to all listeners; clones share the listeners.
#[derive(Clone)]
pub struct Feed(Arc<Mutex<Option<Sender<Arc<EventBatch>>>>>);

impl Default for Feed {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Some(channel(BEHIND).0))))
    }
}

impl Feed {
    /// Listens from now on; `None` after the feed was closed.
    pub fn listen(&self) -> Option<Receiver<Arc<EventBatch>>> {
        self.sender().map(|sender| sender.subscribe())
    }

    /// Disconnects all listeners and accepts no new ones.
    pub fn close(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn sender(&self) -> Option<Sender<Arc<EventBatch>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads on from a position and sends the events to the listeners. Returns the new position, or `None` if nobody
    /// listens.
    pub fn step(&self, store: &Store, place: Option<Position>) -> Result<Option<Position>> {
        let Some(sender) = self.sender().filter(|sender| sender.receiver_count() > 0) else { return Ok(None) };
        let mut from = match place {
            Some(place) => place,
            None => {
                // A new listener may have read less far than this position: an empty batch tells it to read the log.
                let end = store.read_now(events::end)?;
                let _ = sender.send(Arc::new(EventBatch { from: end, events: Vec::new() }));
                end
            }
        };
        loop {
            let events = store.read_now(|conn| events::after(conn, from, BATCH))?;
            let Some(last) = events.last().map(|event| event.position) else { return Ok(Some(from)) };
            let _ = sender.send(Arc::new(EventBatch { from, events }));
            from = last;
        }
    }
}
