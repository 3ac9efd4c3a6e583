//! Group commit for single feedback: requests that file one item share a transaction. While one batch is being written,
//! the next one is collected. This makes many small requests on PostgreSQL as cheap as one large one.

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use tokio::sync::oneshot;

use crate::domain::base::Actor;
use crate::domain::feedback::NewFeedback;
use crate::domain::team::access::Scope;
use crate::domain::team::{Caller, FilingRights};
use crate::error::{Code, Error, Result};
use crate::store::health::wanted::Wanted;
use crate::store::{Location, Store, Tx, unavailable};
use crate::usecase::feedback::filing::read_ahead::ReadInput;
use crate::usecase::feedback::filing::{Filed, file_read};

/// Requests that may wait in the queue; further ones are refused with 503.
const QUEUE: usize = 1024;
/// The largest batch.
const BATCH: usize = 128;

/// The longest wait for a batch to fill. Clients send their next request right after an answer, so wait for as many
/// requests as the last batch had: one large batch is cheaper an item than two small ones.
const GATHER: Duration = Duration::from_micros(400);
/// How often the queue's length is checked while waiting.
const LOOK: Duration = Duration::from_micros(50);

struct WaitingRequest {
    actor: Actor,
    rights: FilingRights,
    scope: Scope,
    input: ReadInput,
    wanted: Wanted,
    reply: oneshot::Sender<Result<Filed>>,
}

/// The queue of requests that file one feedback item.
#[derive(Clone)]
pub struct FilingQueue {
    queue: Sender<WaitingRequest>,
    /// The database, for which inputs are read ahead.
    location: Location,
}

impl FilingQueue {
    /// Starts the thread that writes the batches.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(store: Store) -> std::io::Result<Self> {
        let (queue, receiver) = bounded(QUEUE);
        let location = store.location.clone();
        std::thread::Builder::new().name("filing".to_owned()).spawn(move || run(&store, &receiver))?;
        Ok(Self { queue, location })
    }

    /// Files a feedback item and returns after the commit.
    ///
    /// # Errors
    /// Those of filing, and 503 if too many requests are waiting.
    pub async fn file(&self, caller: &Caller, input: NewFeedback) -> Result<Filed> {
        let (actor, rights) = (caller.actor(), caller.access.filing_rights());
        let scope = caller.scope_for("create_feedback");
        let (reply, answer) = oneshot::channel();
        let wanted = Wanted::default();
        let input = ReadInput::of(input, &self.location);
        let waiting = WaitingRequest { actor, rights, scope, input, wanted: wanted.clone(), reply };
        self.queue.try_send(waiting).map_err(|e| match e {
            TrySendError::Full(_) => Error::from(Code::Busy),
            TrySendError::Disconnected(_) => unavailable("the filing thread has stopped"),
        })?;
        wanted.answer(async { answer.await.map_err(|_| unavailable("the filing thread has stopped"))? }).await
    }
}

fn run(store: &Store, receiver: &Receiver<WaitingRequest>) {
    let mut next = receiver.recv().ok();
    let mut expected = 1;
    while let Some(first) = next.take() {
        let mut batch = vec![first];
        let started = Instant::now();
        while receiver.len() + 1 < expected && started.elapsed() < GATHER {
            std::thread::sleep(LOOK);
        }
        while batch.len() < BATCH
            && let Ok(waiting) = receiver.try_recv()
        {
            // The event log names who filed, so a batch has one actor, and the same rights in the same products.
            let of = |one: &WaitingRequest| (one.actor.clone(), one.rights, one.scope.clone());
            if of(&waiting) != of(&batch[0]) {
                next = Some(waiting);
                break;
            }
            batch.push(waiting);
        }
        expected = batch.len();
        batch.retain(|waiting| waiting.wanted.begin());
        if !batch.is_empty() {
            file_all(store, batch);
        }
        next = next.or_else(|| receiver.recv().ok());
    }
}

fn file_all(store: &Store, batch: Vec<WaitingRequest>) {
    store.count_requests(batch.len());
    let (by, rights) = ((batch[0].actor.clone(), batch[0].scope.clone()), batch[0].rights);
    let (inputs, replies): (Vec<ReadInput>, Vec<_>) = batch.into_iter().map(|w| (w.input, w.reply)).unzip();
    let together = {
        let inputs = inputs.clone();
        store.write_briefly(by.clone(), move |tx| file_read(tx, &inputs, rights))
    };
    match together {
        Ok(results) => replies.into_iter().zip(results).for_each(|(reply, result)| drop(reply.send(result))),
        // One item made the whole batch fail: file each alone, so that each gets its own answer.
        Err(e) if inputs.len() > 1 && e.code == Code::Conflict => {
            for (input, reply) in inputs.into_iter().zip(replies) {
                let file_one = move |tx: &mut Tx<'_>| file_read(tx, std::slice::from_ref(&input), rights);
                let alone = store.write_briefly(by.clone(), file_one);
                let result = alone
                    .and_then(|mut results| results.pop().unwrap_or_else(|| Err(Error::internal("nothing was filed"))));
                drop(reply.send(result));
            }
        }
        Err(e) => replies.into_iter().for_each(|reply| drop(reply.send(Err(e.clone())))),
    }
}
