//! What work on another thread gives back. The work itself is a closure without a type of its own, so that the queue, the
//! threads and the channels are compiled once, and not again for each of some hundred closures.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::error::{Error, Result};
use crate::store::health::wanted;
use crate::store::{Tx, unavailable};

/// Work in a transaction; it may run more than once.
pub(in crate::store) type Work = Box<dyn FnMut(&mut Tx<'_>) -> Result<()> + Send>;

/// Reading on another thread.
pub(in crate::store) type Reading = Box<dyn FnOnce() -> Result<()> + Send>;

/// A place for what work gives back. Clones share it.
pub(in crate::store) struct Output<T>(Arc<Mutex<Option<T>>>);

impl<T> Output<T> {
    /// The place, as the caller and as the work see it.
    pub(in crate::store) fn pair() -> (Self, Self) {
        let place = Arc::new(Mutex::new(None));
        (Self(place.clone()), Self(place))
    }

    pub(in crate::store) fn fill(&self, found: T) {
        *self.0.lock().unwrap_or_else(|e| e.into_inner()) = Some(found);
    }

    /// What the work gave, once it has ended well.
    pub(in crate::store) fn take(self) -> Result<T> {
        let found = self.0.lock().unwrap_or_else(|e| e.into_inner()).take();
        found.ok_or_else(|| Error::internal("work without an outcome"))
    }
}

impl<T: Send + 'static> Output<T> {
    /// The place of what a write gives back, and the write that fills it each time it runs.
    pub(in crate::store) fn of_write(mut work: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static) -> (Self, Work) {
        let (output, filled) = Self::pair();
        (output, Box::new(move |tx| work(tx).map(|made| filled.fill(made))))
    }
}

/// The end of a write, which is sent once it is durable.
pub(in crate::store) type Answer = oneshot::Receiver<Result<()>>;

/// A write that was queued. It takes place even if nobody waits for it.
pub struct Writing<T> {
    pub(in crate::store) output: Output<T>,
    pub(in crate::store) answer: Answer,
}

impl<T> Writing<T> {
    /// Waits until the write is durable.
    ///
    /// # Errors
    /// Those of the write, and 503 where the writer stopped.
    pub fn wait(self) -> Result<T> {
        self.answer.blocking_recv().map_err(|_| unavailable("the writer stopped"))??;
        self.output.take()
    }
}

/// Reads on one of the threads that may block, and waits at most `at_most`.
pub(in crate::store) async fn on_thread_of_reads(at_most: Duration, reading: Reading) -> Result<()> {
    let read = tokio::task::spawn_blocking(reading);
    wanted::answer(at_most, async { read.await.map_err(Error::internal)? }).await
}
